//! The form of tag names: who, some words, and the first digits of the commit.

use super::seen::SeenTag;
use secpack_pack::{MemberId, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

/// A tag's name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TagName {
    /// Such as `{member}_sec_{commit:8}`.
    pub pattern: String,
    /// The name in it.
    pub member: Option<String>,
}

const SEPARATORS: [char; 4] = ['_', '-', '.', '/'];

/// Takes the names of all tags apart; `None` for names that do not end with their commit's digits.
pub(super) fn find(
    tags: Vec<SeenTag>,
    known: &BTreeSet<String>,
) -> Vec<(SeenTag, Option<TagName>)> {
    let digits: Vec<Option<usize>> =
        tags.iter().map(|tag| hex_digits(&tag.name, &tag.commit)).collect();
    let prefixes: BTreeSet<String> = tags
        .iter()
        .zip(&digits)
        .filter_map(|(tag, digits)| Some(prefix(&tag.name, (*digits)?).to_owned()))
        .collect();
    let split = split_prefixes(&prefixes, known);
    tags.into_iter()
        .zip(digits)
        .map(|(tag, digits)| {
            let name = digits.and_then(|digits| {
                let (member, tail) = split.get(prefix(&tag.name, digits))?;
                let who = if member.is_some() { "{member}" } else { "" };
                let pattern = format!("{who}{tail}{{commit:{digits}}}");
                Some(TagName { pattern, member: member.clone() })
            });
            (tag, name)
        })
        .collect()
}

fn prefix(name: &str, digits: usize) -> &str {
    &name[..name.len() - digits]
}

/// How many digits of its commit a name ends with, after a separator.
fn hex_digits(name: &str, commit: &ObjectId) -> Option<usize> {
    let hex = commit.to_string();
    (4..=hex.len()).rev().find(|digits| {
        name.strip_suffix(&hex[..*digits])
            .is_some_and(|before| before.is_empty() || before.ends_with(SEPARATORS))
    })
}

/// Member and literal rest of each prefix.
fn split_prefixes(
    prefixes: &BTreeSet<String>,
    known: &BTreeSet<String>,
) -> BTreeMap<String, (Option<String>, String)> {
    let mut found = BTreeMap::new();
    let mut tails: BTreeSet<String> = BTreeSet::new();
    for prefix in prefixes {
        let names = known.iter().filter(|name| follows(prefix, name).is_some());
        if let Some(name) = names.max_by_key(|name| name.len()) {
            let tail = follows(prefix, name).unwrap_or_default().to_owned();
            tails.insert(tail.clone());
            found.insert(prefix.clone(), (Some(name.clone()), tail));
        }
    }
    if tails.is_empty() {
        tails.extend(shared_tail(prefixes));
    }
    for prefix in prefixes {
        if !found.contains_key(prefix) && !prefix.contains(['{', '*']) {
            found.insert(prefix.clone(), by_tail(prefix, &tails));
        }
    }
    found
}

fn follows<'p>(prefix: &'p str, name: &str) -> Option<&'p str> {
    prefix.strip_prefix(name).filter(|rest| rest.starts_with(SEPARATORS))
}

/// The ending that all prefixes share, from a separator on; that of one alone from its first `_`.
fn shared_tail(prefixes: &BTreeSet<String>) -> Option<String> {
    let first = prefixes.first()?;
    let starts = first.match_indices(SEPARATORS).map(|(at, _)| at).filter(|at| *at > 0);
    let shared = starts.clone().find(|at| prefixes.iter().all(|p| p.ends_with(&first[*at..])));
    let alone = || first.find('_').filter(|at| *at > 0);
    let at = if prefixes.len() == 1 { alone().or(shared) } else { shared };
    at.map(|at| first[at..].to_owned())
}

fn by_tail(prefix: &str, tails: &BTreeSet<String>) -> (Option<String>, String) {
    let member = |tail: &&String| {
        let name = prefix.strip_suffix(tail.as_str())?;
        name.parse::<MemberId>().is_ok().then(|| name.to_owned())
    };
    let longest = tails.iter().filter(|t| member(t).is_some()).max_by_key(|tail| tail.len());
    match longest {
        Some(tail) => (member(&tail), tail.clone()),
        None => (None, prefix.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prefixes: &[&str], known: &[&str], expected: &[(Option<&str>, &str)]) {
        let set = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        let split = split_prefixes(&set(prefixes), &set(known));
        let found: Vec<_> = prefixes.iter().map(|p| &split[*p]).collect();
        let found: Vec<_> = found.iter().map(|(m, t)| (m.as_deref(), t.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_and_words() {
        let ann = (Some("ann"), "_sec_");
        check(&["ann_sec_"], &["ann"], &[ann]);
        check(&["ann_sec_", "a_"], &["ann"], &[ann, (None, "a_")]);
        check(&["ann_", "ann_sec_", "a_"], &["ann"], &[(Some("ann"), "_"), ann, (Some("a"), "_")]);
        check(&["jean-luc_sec_"], &["jean", "jean-luc"], &[(Some("jean-luc"), "_sec_")]);
        check(&["jean-luc_sec_"], &[], &[(Some("jean-luc"), "_sec_")]);
        check(
            &["ann-x-sec-", "ben-sec-"],
            &[],
            &[(Some("ann-x"), "-sec-"), (Some("ben"), "-sec-")],
        );
        check(&["", "Release/"], &[], &[(None, ""), (None, "Release/")]);
    }

    #[test]
    fn digits_of_the_commit() {
        let commit: ObjectId = "0123456789abcdef0123456789abcdef01234567".parse().expect("valid");
        assert_eq!(hex_digits("ann_sec_0123456", &commit), Some(7));
        assert_eq!(hex_digits("ann-0123456789ab", &commit), Some(12));
        assert_eq!(hex_digits("ann_sec_1234567", &commit), None);
        assert_eq!(hex_digits("ann0123456", &commit), None);
    }
}
