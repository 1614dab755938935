//! What the canaries of a series say: how many statements, whose count, which fingerprint, when
//! the next one comes.

use super::files::Sorted;
use super::groups::RootFound;
use super::naming::text_of;
use super::roles::number_set;
use super::series::SeriesFound;
use chrono::{Datelike, NaiveDate};
use secpack_canary::Canary;
use secpack_pack::Fingerprint;
use secpack_pack::policy::SeriesKind;
use std::collections::{BTreeMap, BTreeSet};

/// Rules for a range of canaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CanaryFound {
    pub series: String,
    pub numbers: String,
    pub statements: Option<usize>,
    pub counts: Option<String>,
    pub fingerprint: Option<String>,
    pub window: Option<String>,
    pub every_months: Option<u32>,
    pub seen: usize,
}

/// What one canary says.
struct Said {
    number: u32,
    statements: usize,
    count: Option<u32>,
    fingerprint: Option<Fingerprint>,
    /// `first fourteen days`
    span: Option<String>,
    month: Option<NaiveDate>,
}

/// Fingerprints that canaries state, with how many do.
pub(super) fn stated(sorted: &Sorted, series: &[SeriesFound]) -> BTreeMap<Fingerprint, usize> {
    let mut found = BTreeMap::new();
    for said in canaries(series).flat_map(|series| said(sorted, series)) {
        if let Some(fingerprint) = said.fingerprint {
            *found.entry(fingerprint).or_default() += 1;
        }
    }
    found
}

fn canaries(series: &[SeriesFound]) -> impl Iterator<Item = &SeriesFound> {
    series.iter().filter(|series| series.kind == SeriesKind::Canary)
}

pub(super) fn find(
    sorted: &Sorted,
    series: &[SeriesFound],
    roots: &[RootFound],
) -> Vec<CanaryFound> {
    let rules = canaries(series).flat_map(|one| {
        let said = said(sorted, one);
        let counted = counted(series, &said);
        rules(one, &said, counted, roots)
    });
    rules.collect()
}

fn said(sorted: &Sorted, series: &SeriesFound) -> Vec<Said> {
    let read = series.documents.iter().filter_map(|document| {
        let text = text_of(sorted, &document.path)?;
        let view = Canary::parse(&text).ok()?;
        let window = view.window;
        Some(Said {
            number: document.number?,
            statements: view.statements.len(),
            count: view.count,
            fingerprint: view.fingerprint,
            span: window.and_then(|w| Some(w.to_string().rsplit_once(" of ")?.0.to_owned())),
            month: window.and_then(|w| w.from().with_day(1)),
        })
    });
    read.collect()
}

/// The bulletins that the newest canary counts: the only series of them, else the one that has
/// as many.
fn counted(series: &[SeriesFound], said: &[Said]) -> Option<String> {
    let count = said.last()?.count?;
    let bulletins: Vec<&SeriesFound> =
        series.iter().filter(|series| series.kind == SeriesKind::Bulletin).collect();
    let same = bulletins.iter().find(|series| series.numbers().len() == count as usize);
    let only = bulletins.first().filter(|_| bulletins.len() == 1);
    same.or(only).map(|series| series.id.clone())
}

/// One rule for the newest canaries that have the statements and the window of the last one, and
/// one for those before.
fn rules(
    series: &SeriesFound,
    said: &[Said],
    counts: Option<String>,
    roots: &[RootFound],
) -> Vec<CanaryFound> {
    let Some(last) = said.last() else { return Vec::new() };
    let same = |one: &&Said| (one.statements, &one.span) == (last.statements, &last.span);
    let alike = said.iter().rev().take_while(same).count();
    let (older, newer) = said.split_at(said.len() - alike);
    let all = series.numbers();
    let rule = |part: &[Said]| CanaryFound {
        series: series.id.clone(),
        numbers: number_set(&part.iter().map(|one| one.number).collect(), &all),
        statements: None,
        counts: counts.clone().filter(|_| part.iter().all(|one| one.count.is_some())),
        fingerprint: fingerprint(part, roots),
        window: None,
        every_months: None,
        seen: part.len(),
    };
    let mut found = Vec::new();
    if !older.is_empty() {
        found.push(rule(older));
    }
    found.push(CanaryFound {
        statements: (last.statements > 0).then_some(last.statements),
        window: last.span.clone(),
        every_months: every_months(newer),
        ..rule(newer)
    });
    found.retain(|rule| !rule.numbers.is_empty());
    found
}

/// The root that all of these canaries state.
fn fingerprint(part: &[Said], roots: &[RootFound]) -> Option<String> {
    let stated: BTreeSet<Option<&Fingerprint>> =
        part.iter().map(|one| one.fingerprint.as_ref()).collect();
    let only = stated.first().copied().flatten().filter(|_| stated.len() == 1)?;
    roots.iter().find(|root| &root.key == only).map(|root| root.id.clone())
}

/// The commonest number of months between the windows of neighbours; the smaller of two.
fn every_months(said: &[Said]) -> Option<u32> {
    let months: Vec<i32> = said
        .iter()
        .filter_map(|one| one.month)
        .map(|m| m.year() * 12 + m.month0() as i32)
        .collect();
    let mut steps: BTreeMap<u32, usize> = BTreeMap::new();
    for pair in months.windows(2) {
        if let Ok(step @ 1..=24) = u32::try_from(pair[1] - pair[0]) {
            *steps.entry(step).or_default() += 1;
        }
    }
    let most = steps.values().max().copied()?;
    steps.into_iter().find(|(_, count)| *count == most).map(|(step, _)| step)
}
