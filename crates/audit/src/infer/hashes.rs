//! Which weak hashes a pack rests on, for what, and until when.

use super::lenient::Leniency;
use super::seen::{Evidence, Eyes};
use chrono::{DateTime, NaiveDate, Utc};
use rayon::prelude::*;
use secpack_pack::Fingerprint;
use std::collections::{BTreeMap, BTreeSet};

/// A dated rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HashFound {
    pub algorithm: String,
    pub uses: &'static str,
    pub until: NaiveDate,
    /// How many signatures need it; none known for certificates.
    pub seen: Option<usize>,
}

/// Rules for the signatures themselves.
pub(super) fn of_signatures<'e>(
    uses: &'static str,
    evidence: impl Iterator<Item = &'e Evidence>,
) -> Vec<HashFound> {
    let mut found: BTreeMap<&str, (DateTime<Utc>, usize)> = BTreeMap::new();
    for evidence in evidence {
        let Some(hash) = &evidence.hash else { continue };
        let entry = found.entry(hash).or_insert((evidence.made, 0));
        *entry = (entry.0.max(evidence.made), entry.1 + 1);
    }
    let rule = |(hash, (last, count)): (&str, (DateTime<Utc>, usize))| HashFound {
        algorithm: hash.to_owned(),
        uses,
        until: last.date_naive(),
        seen: Some(count),
    };
    found.into_iter().map(rule).collect()
}

/// Rules for certifications by roots.
pub(super) fn of_certifications(weak: BTreeMap<String, DateTime<Utc>>) -> Vec<HashFound> {
    let rule = |(algorithm, last): (String, DateTime<Utc>)| HashFound {
        algorithm,
        uses: "certifications",
        until: last.date_naive(),
        seen: None,
    };
    weak.into_iter().map(rule).collect()
}

/// Rules for self-signatures: the earliest day up to which weak ones must count so that every
/// signature is as good as when all of them do.
pub(super) fn of_self_signatures(eyes: &Eyes<'_>, all: &[&Evidence]) -> Vec<HashFound> {
    let needing = not_good(eyes, Leniency::STRONG, all);
    let keys: BTreeSet<&Fingerprint> = needing.iter().map(|evidence| &evidence.key).collect();
    let weak: Vec<_> = keys.iter().flat_map(|key| eyes.keyring.weak_self_signatures(key)).collect();
    let days: BTreeSet<NaiveDate> = weak.iter().map(|weak| weak.made.date_naive()).collect();
    let days: Vec<NaiveDate> = days.into_iter().collect();
    let enough = |day: &NaiveDate| {
        let leniency = Leniency { certificates: *day, ..Leniency::ALL };
        not_good(eyes, leniency, &needing).is_empty()
    };
    let at = days.partition_point(|day| !enough(day));
    let Some(until) = days.get(at).copied().filter(|_| !needing.is_empty()) else {
        return Vec::new();
    };
    let hashes: BTreeSet<&str> = weak.iter().map(|weak| weak.hash.as_str()).collect();
    let rule = |hash: &str| HashFound {
        algorithm: hash.to_owned(),
        uses: "self-signatures",
        until,
        seen: Some(needing.len()),
    };
    hashes.into_iter().map(rule).collect()
}

/// How many signatures count only because a self-signature was refreshed since.
pub(super) fn refreshed(eyes: &Eyes<'_>, all: &[&Evidence]) -> usize {
    not_good(eyes, Leniency { refreshed: "refuse", ..Leniency::ALL }, all).len()
}

fn not_good<'e>(eyes: &Eyes<'_>, leniency: Leniency, all: &[&'e Evidence]) -> Vec<&'e Evidence> {
    let policy = leniency.policy();
    let is_good = |evidence: &&&Evidence| {
        evidence.sample.judge(eyes.keyring, &policy, eyes.now).verdict.is_good()
    };
    all.par_iter().filter(|evidence| !is_good(evidence)).copied().collect()
}
