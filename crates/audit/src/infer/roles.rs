//! Who signed what from when until when, by good signatures alone.

use super::people::{GONE, People, Person};
use super::seen::{Evidence, Seen, SeenTag};
use super::series::{DocumentFound, SeriesFound};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use secpack_pack::{Fingerprint, NumberSet};
use std::collections::{BTreeMap, BTreeSet};

/// What one member signs of one series, or of several without numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoleFound {
    pub member: String,
    pub signs: Vec<String>,
    pub numbers: Option<String>,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    /// How many good signatures it rests on.
    pub seen: usize,
}

/// Who must sign documents of a series without numbers that not everybody signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequireFound {
    pub series: String,
    pub names: Vec<String>,
    pub signers: Vec<String>,
}

/// `1-38,40-41,44-`: runs over the numbers that exist; open when it ends with the newest.
pub(super) fn number_set(chosen: &BTreeSet<u32>, all: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    let mut inside = false;
    for number in all {
        match (chosen.contains(number), inside, runs.last_mut()) {
            (true, true, Some(run)) => run.1 = *number,
            (true, _, _) => runs.push((*number, *number)),
            (false, _, _) => {}
        }
        inside = chosen.contains(number);
    }
    let newest = all.last().copied();
    let one = |(from, until): &(u32, u32)| match (Some(*until) == newest, from == until) {
        (true, _) => format!("{from}-"),
        (false, true) => from.to_string(),
        (false, false) => format!("{from}-{until}"),
    };
    let text = runs.iter().map(one).collect::<Vec<_>>().join(",");
    debug_assert!(text.is_empty() || text.parse::<NumberSet>().is_ok());
    text
}

/// The members with a good signature over a document.
pub(super) fn signers(people: &People, document: &DocumentFound) -> BTreeSet<String> {
    document.signatures.iter().filter_map(|seen| signer(people, seen)).collect()
}

/// The member whose pinned key made it, when the name beside it is theirs too.
fn signer(people: &People, seen: &Seen) -> Option<String> {
    let owner = people.owner(&seen.evidence.as_ref()?.key)?;
    let named = seen.member.as_ref().is_none_or(|name| is_name_of(owner, name.as_str()));
    named.then(|| owner.id.clone())
}

fn is_name_of(person: &Person, name: &str) -> bool {
    person.id == name || person.aliases.contains(name)
}

pub(super) fn find(
    people: &People,
    series: &[SeriesFound],
    by_group: &BTreeMap<String, String>,
    tags: &[SeenTag],
    commits: &[Evidence],
) -> Vec<RoleFound> {
    let tagging = tagging(people, tags, commits);
    let mut found = Vec::new();
    for member in &people.members {
        let theirs = || series.iter().filter(|series| !by_group.contains_key(&series.id));
        for one in theirs().filter(|series| series.is_numbered()) {
            found.extend(numbered(people, member, one));
        }
        let others = theirs().filter(|series| !series.is_numbered());
        let tags = tagging.get(&member.id);
        let stopped = tags.and_then(|role| role.until);
        found.extend(unnumbered(people, member, others, stopped));
        found.extend(tags.cloned());
    }
    found
}

fn role(member: &Person, signs: Vec<String>, seen: usize) -> RoleFound {
    let member = member.id.clone();
    RoleFound { member, signs, numbers: None, from: None, until: None, seen }
}

fn numbered(people: &People, member: &Person, series: &SeriesFound) -> Option<RoleFound> {
    let signed = series.documents.iter().filter(|d| signers(people, d).contains(&member.id));
    let numbers: BTreeSet<u32> = signed.filter_map(|document| document.number).collect();
    let all = series.numbers();
    let text = number_set(&numbers, &all);
    let everything = numbers.len() == all.len();
    (!numbers.is_empty()).then(|| RoleFound {
        numbers: (!everything).then_some(text),
        ..role(member, vec![series.id.clone()], numbers.len())
    })
}

fn unnumbered<'s>(
    people: &People,
    member: &Person,
    series: impl Iterator<Item = &'s SeriesFound>,
    stopped: Option<NaiveDate>,
) -> Option<RoleFound> {
    let mut made: Vec<NaiveDate> = Vec::new();
    let mut signs = Vec::new();
    for one in series {
        let signatures = one.documents.iter().flat_map(|document| &document.signatures);
        let theirs = signatures.filter(|seen| signer(people, seen).as_ref() == Some(&member.id));
        let before = made.len();
        made.extend(theirs.filter_map(|seen| Some(seen.evidence.as_ref()?.made.date_naive())));
        if made.len() > before {
            signs.push(one.id.clone());
        }
    }
    let until = stopped.map(|day| made.iter().copied().fold(day, NaiveDate::max));
    (!signs.is_empty()).then(|| RoleFound { until, ..role(member, signs, made.len()) })
}

/// Roles for tags, with the day of the first where that came late and of the last of who stopped.
fn tagging(people: &People, tags: &[SeenTag], commits: &[Evidence]) -> BTreeMap<String, RoleFound> {
    let evidence = tags.iter().filter_map(|tag| tag.evidence.as_ref()).chain(commits);
    let mut by_member: BTreeMap<&str, Vec<DateTime<Utc>>> = BTreeMap::new();
    for evidence in evidence {
        if let Some(owner) = people.owner(&evidence.key) {
            by_member.entry(&owner.id).or_default().push(evidence.made);
        }
    }
    let all = || by_member.values().flatten();
    let (Some(first), Some(last)) = (all().min().copied(), all().max().copied()) else {
        return BTreeMap::new();
    };
    let long = Duration::days(GONE);
    let role = |(id, made): (&&str, &Vec<DateTime<Utc>>)| {
        let own_first = made.iter().min().filter(|own| **own > first + long);
        let own_last = made.iter().max().filter(|own| **own < last - long);
        let role = RoleFound {
            member: (*id).to_owned(),
            signs: vec!["tag".to_owned()],
            numbers: None,
            from: own_first.map(DateTime::date_naive),
            until: own_last.map(DateTime::date_naive),
            seen: made.len(),
        };
        ((*id).to_owned(), role)
    };
    by_member.iter().map(role).collect()
}

/// Requirements for documents by name, where not everybody with the role signed each.
pub(super) fn requirements(
    people: &People,
    series: &[SeriesFound],
    by_group: &BTreeMap<String, String>,
) -> Vec<RequireFound> {
    let mut found = Vec::new();
    let plain = series.iter().filter(|s| !s.is_numbered() && !by_group.contains_key(&s.id));
    for one in plain {
        let mut by_signers: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
        let all: BTreeSet<String> =
            one.documents.iter().flat_map(|document| signers(people, document)).collect();
        for document in &one.documents {
            let who = signers(people, document);
            if let Some(name) = document.name.clone().filter(|_| who != all && !who.is_empty()) {
                by_signers.entry(who).or_default().push(name);
            }
        }
        found.extend(by_signers.into_iter().map(|(signers, names)| RequireFound {
            series: one.id.clone(),
            names,
            signers: signers.into_iter().collect(),
        }));
    }
    found
}

/// Series that one key group signs: digests, beside which no member's name stands.
pub(super) fn by_group(
    series: &[SeriesFound],
    group_of: &dyn Fn(&Fingerprint) -> Option<String>,
) -> BTreeMap<String, String> {
    use secpack_pack::policy::SeriesKind;
    let digests = series.iter().filter(|series| series.kind == SeriesKind::Digest);
    digests
        .filter_map(|series| {
            let signatures = || series.documents.iter().flat_map(|d| &d.signatures);
            if signatures().any(|seen| seen.member.is_some()) {
                return None;
            }
            let keys = signatures().filter_map(|seen| Some(&seen.evidence.as_ref()?.key));
            let groups: BTreeSet<Option<String>> = keys.map(group_of).collect();
            let mut groups = groups.into_iter();
            match (groups.next(), groups.next()) {
                (Some(Some(group)), None) => Some((series.id.clone(), group)),
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_run_over_the_numbers_that_exist() {
        let check = |chosen: &[u32], all: &[u32], expected: &str| {
            let chosen = chosen.iter().copied().collect();
            assert_eq!(number_set(&chosen, all), expected);
        };
        check(&[1, 2, 3, 5], &[1, 2, 3, 4, 5, 6], "1-3,5");
        check(&[1, 2, 4], &[1, 2, 4, 5], "1-4");
        check(&[4, 5], &[1, 2, 4, 5], "4-");
        check(&[5], &[5], "5-");
        check(&[], &[1], "");
    }
}
