//! References by key: prose says `[@key]`, the draft says `[n]`, numbered as they are first cited.

use crate::facts::Facts;
use secpack_pack::plaintext::{Line, lines};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The longest key, in bytes.
const KEY: usize = 64;

/// One entry of the list of references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Numbered {
    pub number: usize,
    #[serde(skip)]
    pub key: String,
    pub label: Option<String>,
    /// `None` prints as `TODO`.
    pub url: Option<String>,
    /// A note, instead of label and URL.
    pub text: Option<String>,
}

/// A reference that a template has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub number: usize,
    pub url: Option<String>,
}

/// A key is made of ASCII letters, digits and `. _ -`, at most 64 of them.
pub(crate) fn is_key(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !text.is_empty() && text.len() <= KEY && text.chars().all(word)
}

/// References in the order of their first citation in `text`, then those that it never cites. A
/// key that the facts do not know becomes an entry without a URL, so that nothing is lost. New
/// ones are counted on from those of the template; one that leads where one of those leads has its
/// number.
pub(crate) fn order(text: &str, facts: &Facts, fixed: &[Fixed]) -> Vec<Numbered> {
    let mut keys: Vec<&str> = Vec::new();
    for line in lines(text).iter().filter(|line| !line.is_quote()) {
        keys.extend(self::keys(line.text));
    }
    let advisories = facts.advisories.iter().filter(|advisory| advisory.url.is_some());
    keys.extend(facts.references.iter().map(|reference| reference.key.as_str()));
    keys.extend(advisories.map(|advisory| advisory.id.as_str()));
    let mut seen = BTreeSet::new();
    let distinct = keys.into_iter().filter(|key| seen.insert(*key));
    let mut next = fixed.iter().map(|fixed| fixed.number).max().unwrap_or(0) + 1;
    let mut numbered = |key| {
        let new = entry(key, facts);
        let there = fixed.iter().find(|fixed| new.url.is_some() && fixed.url == new.url);
        let number = there.map_or(next, |fixed| fixed.number);
        next += usize::from(there.is_none());
        Numbered { number, ..new }
    };
    distinct.map(&mut numbered).collect()
}

fn entry(key: &str, facts: &Facts) -> Numbered {
    let known = facts.references.iter().find(|reference| reference.key == key);
    let advisory = facts.advisories.iter().find(|advisory| advisory.id == key);
    let (label, url) = match (known, advisory) {
        (Some(reference), _) => (reference.label.clone(), reference.url.clone()),
        (None, Some(advisory)) => (None, advisory.url.clone()),
        (None, None) => (Some(key.to_owned()), None),
    };
    let text = known.and_then(|reference| reference.text.clone());
    Numbered { number: 0, key: key.to_owned(), label, url, text }
}

/// The text with every `[@key]` outside quotes replaced by its number.
pub(crate) fn number(text: &str, list: &[Numbered]) -> String {
    let list: BTreeMap<&str, usize> =
        list.iter().map(|entry| (entry.key.as_str(), entry.number)).collect();
    let numbered = |line: &Line<'_>| match line.is_quote() {
        true => line.text.to_owned(),
        false => pieces(line.text).map(|piece| piece.numbered(&list)).collect(),
    };
    lines(text).iter().map(|line| numbered(line) + "\n").collect()
}

/// The keys that a line cites, in order.
pub(crate) fn keys(line: &str) -> impl Iterator<Item = &str> {
    pieces(line).filter_map(Piece::key)
}

enum Piece<'t> {
    Text(&'t str),
    Key(&'t str),
}

impl<'t> Piece<'t> {
    fn key(self) -> Option<&'t str> {
        match self {
            Piece::Text(_) => None,
            Piece::Key(key) => Some(key),
        }
    }

    fn numbered(self, list: &BTreeMap<&str, usize>) -> String {
        match self {
            Piece::Text(text) => text.to_owned(),
            Piece::Key(key) => match list.get(key) {
                Some(number) => format!("[{number}]"),
                None => format!("[@{key}]"),
            },
        }
    }
}

/// A line as plain text and keys in turn.
fn pieces(line: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if let Some((key, tail)) = leading_key(rest) {
            rest = tail;
            return Some(Piece::Key(key));
        }
        let end = (1..rest.len())
            .find(|at| rest.is_char_boundary(*at) && leading_key(&rest[*at..]).is_some());
        let (text, tail) = rest.split_at(end.unwrap_or(rest.len()));
        rest = tail;
        (!text.is_empty()).then_some(Piece::Text(text))
    })
}

/// The key that a text begins with, and what follows.
pub(crate) fn leading_key(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("[@")?;
    let end = rest.bytes().take(KEY + 1).position(|byte| byte == b']')?;
    is_key(&rest[..end]).then_some((&rest[..end], &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ReferenceFact;

    fn facts(keys: &[&str]) -> Facts {
        let reference = |key: &&str| ReferenceFact {
            key: (*key).to_owned(),
            url: Some(format!("https://example.org/{key}")),
            ..ReferenceFact::default()
        };
        Facts { references: keys.iter().map(reference).collect(), ..Facts::default() }
    }

    fn check(text: &str, keys: &[&str], expected: &str, list: &[&str]) {
        let numbered = order(text, &facts(keys), &[]);
        assert_eq!(number(text, &numbered), expected);
        assert_eq!(numbered.iter().map(|n| n.key.as_str()).collect::<Vec<_>>(), list);
    }

    #[test]
    fn numbers_follow_the_first_citation() {
        check("é [@b][@a], [@b]\n", &["a", "b", "c"], "é [1][2], [1]\n", &["b", "a", "c"]);
        check("none\n", &[], "none\n", &[]);
    }

    #[test]
    fn references_of_the_template_keep_their_numbers() {
        let fixed = |number, url: &str| Fixed { number, url: Some(url.to_owned()) };
        let fixed = [fixed(1, "https://example.org/a"), fixed(2, "https://example.org/z")];
        let list = order("[@b] [@a] [@c]", &facts(&["a", "b", "c"]), &fixed);
        let numbers: Vec<_> = list.iter().map(|n| (n.key.as_str(), n.number)).collect();
        assert_eq!(numbers, [("b", 3), ("a", 1), ("c", 4)]);
    }

    #[test]
    fn an_unknown_key_gets_a_place_and_no_url() {
        let list = order("[@lost]", &facts(&[]), &[]);
        assert_eq!((list[0].number, list[0].url.clone()), (1, None));
        assert_eq!(list[0].label.as_deref(), Some("lost"));
    }

    #[test]
    fn quotes_and_what_is_no_key_stay() {
        check("| [@a]\n", &["a"], "| [@a]\n", &["a"]);
        check("[@ a] [@] [@a\n", &[], "[@ a] [@] [@a\n", &[]);
    }
}
