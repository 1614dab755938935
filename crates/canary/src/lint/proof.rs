//! Rules about the proof of freshness.

use super::Subject;
use crate::Proof;
use crate::freshness::is_block_hash;
use chrono::Days;
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

/// The proof may be from the day before: the date of issue is local, the proof is UTC.
fn proof_date(subject: &Subject<'_>) -> Vec<Hit> {
    let proof = &subject.canary.proof;
    let asked = subject.rules.is_some_and(|rules| !rules.sources.is_empty());
    match (proof.date, subject.canary.date) {
        (Some(time), Some(issued)) => {
            let day = time.date_naive();
            let early = issued.checked_sub_days(Days::new(1)).is_some_and(|first| day < first);
            let off = early || day > issued;
            let text = format!("the proof is from {day}, the canary from {issued}");
            let hit = || Hit::at(proof.date_line.unwrap_or(1), &text).help("fetch a new proof");
            off.then(hit).into_iter().collect()
        }
        (None, Some(_) | None) if asked && !subject.is_open() => {
            vec![Hit::new("the proof of freshness has no time that can be read (RFC 5322)")]
        }
        (Some(_) | None, Some(_) | None) => Vec::new(),
    }
}

fn repeated(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(previous) = subject.context.previous else { return Vec::new() };
    let (old, new) = (&previous.proof, &subject.canary.proof);
    let mut hits = Vec::new();
    if new.date.is_some() && new.date == old.date {
        hits.push(Hit::at(new.date_line.unwrap_or(1), "the time is the last canary's"));
    }
    if let (Some(block), Some(before)) = (new.block, old.block)
        && block.hash == before.hash
    {
        hits.push(Hit::at(block.line, "the block is the last canary's"));
    }
    let before: BTreeSet<&[&str]> = old.sources.iter().map(|source| &source.titles[..]).collect();
    let same = new.sources.iter().filter(|source| before.contains(&source.titles[..]));
    hits.extend(same.map(|source| Hit::at(source.line, "the headlines are the last canary's")));
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
        FreshnessSource::Feed { name, url, titles } => {
            let found = proof.sources.iter().find(|found| found.url == Some(url));
            let count = found.map_or(0, |found| found.titles.len());
            let text = format!("{count} headlines of {name}, not {titles}");
            let hit = || found.map_or_else(|| Hit::new(&text), |found| Hit::at(found.line, &text));
            (count != *titles as usize).then(hit)
        }
    }
}
