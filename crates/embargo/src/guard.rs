//! Looking for secrets in a text: one pass over its words, whatever the number of secrets.

use crate::SealedId;
use crate::digests::{DigestList, GuardKey, ReadyList};
use crate::noise::Parted;
use crate::secrets::{Kind, Secrets, marks};
use crate::words::words;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Secrets of so many letters and digits are found in noise too: chance does not make them.
const LONG: usize = 10;

/// Which secret of which sealed draft a text gives away. The secret itself is not in here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Hit {
    /// The sealed draft.
    pub sealed: SealedId,
    /// What of it.
    pub kind: Kind,
}

/// Knows the secrets of drafts, in the clear or as keyed digests.
#[derive(Default)]
pub struct Guard<'a> {
    /// Secrets by their first word.
    by_first: HashMap<u64, Vec<(Vec<u64>, Hit)>>,
    keyed: Vec<ReadyList<'a>>,
}

impl<'a> Guard<'a> {
    /// A guard that knows these secrets in the clear.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s Secrets>) -> Self {
        let mut guard = Self::default();
        for secrets in secrets {
            for secret in &secrets.found {
                let words = marks(&secret.words);
                let Some(first) = words.first().copied() else { continue };
                let hit = Hit { sealed: secrets.id.clone(), kind: secret.kind };
                guard.by_first.entry(first).or_default().push((words, hit));
            }
        }
        guard
    }

    /// The same guard that also knows these digests.
    pub fn with_digests(self, key: &GuardKey, lists: &'a [DigestList]) -> Self {
        let keyed = lists.iter().map(|list| list.ready(key)).collect();
        Self { keyed, ..self }
    }

    /// What a text gives away, each once, sorted.
    pub fn look(&self, text: &str) -> Vec<Hit> {
        self.hits(text, 0).into_iter().collect()
    }

    /// The same for a text in two parts: in noise, only what chance does not make counts.
    pub fn look_in(&self, parted: &Parted) -> Vec<Hit> {
        let mut hits = self.hits(&parted.spoken, 0);
        hits.extend(self.hits(&parted.noise, LONG));
        hits.into_iter().collect()
    }

    /// Hits of at least so many letters and digits.
    fn hits(&self, text: &str, least: usize) -> BTreeSet<Hit> {
        let words = words(text);
        let size = |found: &[String]| found.iter().map(String::len).sum::<usize>();
        let is_long = |found: &[String]| size(found) >= least;
        let marks = marks(&words);
        let clear = self
            .matches(&marks)
            .filter(|(at, (secret, _))| is_long(&words[*at..at + secret.len()]));
        let mut hits: BTreeSet<Hit> = clear.map(|(_, (_, hit))| hit.clone()).collect();
        hits.extend(self.keyed.iter().flat_map(|list| list.look(&words, is_long)));
        hits
    }

    /// The secrets in a text, as numbers.
    pub(crate) fn secrets_in(&self, text: &str) -> HashSet<Vec<u64>> {
        self.matches(&marks(&words(text))).map(|(_, (secret, _))| secret.clone()).collect()
    }

    /// Where a secret begins, and which.
    fn matches<'t>(
        &'t self,
        words: &'t [u64],
    ) -> impl Iterator<Item = (usize, &'t (Vec<u64>, Hit))> {
        (0..words.len()).flat_map(move |at| {
            let rest = &words[at..];
            let begins = self.by_first.get(&words[at]).into_iter().flatten();
            begins.filter(move |(secret, _)| rest.starts_with(secret)).map(move |found| (at, found))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Whoever can send a record can read memory of the whole service at once.\n\
        - parser, version 1.0.7-2\n";

    fn secrets() -> Secrets {
        let mut secrets = Secrets::new("0123456789abcdef".parse().expect("an id"));
        secrets.title("Integer overflow in the example parser");
        secrets.number("SB-002");
        secrets.advisory("EXA-7");
        secrets.text(TEXT);
        secrets
    }

    fn check(text: &str, kinds: &[Kind]) {
        let secrets = secrets();
        let found: Vec<Kind> = Guard::of([&secrets]).look(text).iter().map(|h| h.kind).collect();
        assert_eq!(found, kinds, "{text}");
    }

    #[test]
    fn each_secret_is_found_in_any_form() {
        check("see sb-2", &[Kind::Number]);
        check("refs/heads/SB002_fix", &[Kind::Number]);
        check("an INTEGER overflow\n> in the\n> Example", &[Kind::Title]);
        check("fix for exa7", &[Kind::Advisory]);
        check("can send a\nrecord can\nread memory of the", &[Kind::Text]);
        check("parser, version 1.0.7-2", &[Kind::Text]);
    }

    #[test]
    fn benign_twins_pass() {
        for benign in [
            "SB-001 and SB-0020 are out",
            "an overflow in the parser",
            "EXA-70, XEXA-7 no, version 1.0.7",
            "Whoever can send a record can read",
            "",
        ] {
            let kinds: &[Kind] = &[];
            check(benign, kinds);
        }
    }

    #[test]
    fn in_noise_only_what_is_long_counts() {
        let secrets = secrets();
        let check = |noise: &str, kinds: &[Kind]| {
            let parted = Parted { spoken: String::new(), noise: noise.to_owned() };
            let found = Guard::of([&secrets]).look_in(&parted);
            assert_eq!(found.iter().map(|hit| hit.kind).collect::<Vec<_>>(), kinds, "{noise}");
        };
        check("x/SB2+EXA7/x", &[]);
        check("x+integer/overflow+in/the+example=", &[Kind::Title]);
        let spoken = Parted { spoken: "SB-2".to_owned(), noise: String::new() };
        assert_eq!(Guard::of([&secrets]).look_in(&spoken).len(), 1);
    }

    #[test]
    fn what_is_public_is_no_secret() {
        let mut secrets = secrets();
        secrets.except(&["In EXA-7: whoever can send a record can read memory of something"]);
        let look = |secrets: &Secrets, text: &str| Guard::of([secrets]).look(text).len();
        assert_eq!(look(&secrets, "EXA-7"), 0);
        assert_eq!(look(&secrets, "Whoever can send a record can read memory"), 0);
        assert_eq!(look(&secrets, "can read memory of the whole service at once"), 1);
        secrets.except(&["SB-002"]);
        assert_eq!(look(&secrets, "SB-002"), 1);
        secrets.public("SB-002");
        assert_eq!(look(&secrets, "SB-002"), 0);
    }
}
