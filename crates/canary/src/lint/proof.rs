//! Rules about the proof of freshness.

use super::Subject;
use crate::freshness::is_block_hash;
use crate::{Canary, Proof};
use chrono::{DateTime, Days, NaiveDate, Utc};
use secpack_pack::plaintext::{Hit, RuleOf};
use secpack_pack::policy::FreshnessSource;
use std::collections::BTreeSet;

pub(super) fn rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    vec![
        RuleOf::error(
            "block-hash",
            "A hash that is cut short or mistyped proves nothing.",
            block_hash,
        ),
        RuleOf::error(
            "proof-date",
            "A proof from another day does not show when the canary was made.",
            proof_date,
        ),
        RuleOf::error(
            "proof-repeated",
            "A proof copied from the last canary proves nothing.",
            repeated,
        ),
        RuleOf::warning("proof-sources", "Fewer sources than usual need an explanation.", sources),
    ]
}

/// Real hashes start with zeros: their block met a target.
fn block_hash(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(block) = subject.canary.proof.block else { return Vec::new() };
    if is_block_hash(block.hash) && block.hash.starts_with("00000000") {
        return Vec::new();
    }
    vec![Hit::at(block.line, format!("\"{}\" is not the hash of a block", block.hash))]
}

fn proof_date(subject: &Subject<'_>) -> Vec<Hit> {
    let proof = &subject.canary.proof;
    let asked = subject.rules.is_some_and(|rules| !rules.sources.is_empty());
    if proof.date.is_none() && subject.canary.date.is_some() && asked && !subject.is_open() {
        return vec![Hit::new("the proof of freshness has no time that can be read (RFC 5322)")];
    }
    other_day(subject.canary)
}

/// The proof may be from the day before: the date of issue is local, the proof is UTC.
pub(crate) fn other_day(canary: &Canary<'_>) -> Vec<Hit> {
    let (Some(time), Some(issued)) = (canary.proof.date, canary.date) else { return Vec::new() };
    let text = format!("the proof is from {}, the canary from {issued}", time.date_naive());
    let hit = Hit::at(canary.proof.date_line.unwrap_or(1), &text).help("fetch a new proof");
    if is_of_the_day(time, issued) { Vec::new() } else { vec![hit] }
}

/// Whether a proof of that time may stand in a canary of that day.
pub fn is_of_the_day(time: DateTime<Utc>, issued: NaiveDate) -> bool {
    let day = time.date_naive();
    let early = issued.checked_sub_days(Days::new(1)).is_some_and(|first| day < first);
    !early && day <= issued
}

fn repeated(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(previous) = subject.context.previous else { return Vec::new() };
    repeats(&subject.canary.proof, &previous.proof, "the last canary")
}

/// What a proof has in common with that of another canary, which is called `whose`.
pub(crate) fn repeats(new: &Proof<'_>, old: &Proof<'_>, whose: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    if new.date.is_some() && new.date == old.date {
        let line = new.date_line.unwrap_or(1);
        hits.push(Hit::at(line, format!("the time is that of {whose}")));
    }
    if let (Some(block), Some(before)) = (new.block, old.block)
        && block.hash == before.hash
    {
        hits.push(Hit::at(block.line, format!("the block is that of {whose}")));
    }
    let before: BTreeSet<&[&str]> = old.sources.iter().map(|source| &source.titles[..]).collect();
    let same = new.sources.iter().filter(|source| before.contains(&source.titles[..]));
    hits.extend(same.map(|s| Hit::at(s.line, format!("the headlines are those of {whose}"))));
    hits
}

/// Every source of the policy, by URL, with as many headlines as it asks for.
fn sources(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.is_open() {
        return Vec::new();
    }
    let proof = &subject.canary.proof;
    let expected = subject.rules.map_or(&[][..], |rules| &rules.sources);
    expected.iter().filter_map(|source| missing(proof, source)).collect()
}

fn missing(proof: &Proof<'_>, source: &FreshnessSource) -> Option<Hit> {
    match source {
        FreshnessSource::Bitcoin { name, .. } => {
            proof.block.is_none().then(|| Hit::new(format!("there is no block of {name}")))
        }
        FreshnessSource::Feed { name, url, titles, .. } => {
            let found = proof.sources.iter().find(|found| found.url == Some(url));
            let count = found.map_or(0, |found| found.titles.len());
            let text = format!("{count} headlines of {name}, not {titles}");
            let hit = || found.map_or_else(|| Hit::new(&text), |found| Hit::at(found.line, &text));
            (count != *titles as usize).then(hit)
        }
    }
}
