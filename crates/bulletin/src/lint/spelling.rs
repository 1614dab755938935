//! An optional pass over the words of a text: whatever the pack's own list does not know.

use super::Subject;
use crate::bulletin::is_code;
use secpack_pack::plaintext::{Hit, RuleOf};
use std::collections::BTreeSet;

/// Shorter words are not looked up.
const SHORTEST: usize = 3;

pub(super) fn rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    vec![RuleOf::warning(
        "spelling",
        "A word that the pack's list does not know is a slip, or belongs on the list.",
        unknown_words,
    )]
}

/// The words of a list, one or more per line; what follows `#` is a remark.
pub fn words(list: &str) -> BTreeSet<String> {
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).map(str::to_lowercase).collect()
}

/// Each unknown word once, where it first stands.
fn unknown_words(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(known) = subject.facts.words else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let prose = subject.lines.iter().filter(|line| !line.is_quote());
    // A title is indented like code, and is prose all the same.
    let first = subject.bulletin.sections.first().map_or(u32::MAX, |section| section.line);
    let lines = prose.filter(|line| line.number < first || !is_code(line));
    let mut hits = Vec::new();
    for line in lines {
        for word in line.text.split_whitespace().flat_map(plain_words) {
            let lower = word.to_lowercase();
            if !known.contains(&lower) && seen.insert(lower) {
                hits.push(Hit::at(line.number, format!("\"{word}\" is not in the list of words")));
            }
        }
    }
    hits
}

/// The words in a piece of running text; names of files, identifiers, versions, addresses and
/// abbreviations are none.
fn plain_words(piece: &str) -> Vec<&str> {
    let bare = piece.trim_matches(|c: char| !c.is_alphanumeric());
    let bare = ["'s", "\u{2019}s"].iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare);
    let is_word = |part: &&str| {
        part.chars().count() >= SHORTEST
            && part.chars().all(char::is_alphabetic)
            && part.chars().skip(1).all(char::is_lowercase)
    };
    let parts: Vec<&str> = bare.split(['-', '\'', '\u{2019}']).collect();
    let words = parts.iter().all(|part| part.chars().all(char::is_alphabetic));
    parts.into_iter().filter(|_| words).filter(is_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_looked_up() {
        let check =
            |piece: &str, expected: &[&str]| assert_eq!(plain_words(piece), expected, "{piece}");
        check("\"Memory,\"", &["Memory"]);
        check("user's", &["user"]);
        check("well-known", &["well", "known"]);
        check("is", &[]);
        for none in
            ["libxl_create", "CPU", "4.17.5-4", "https://a.b/memory", "a.out", "XSA-464", "`rm`s"]
        {
            check(none, &[]);
        }
        assert_eq!(
            words("One two # three\nFOUR\n").into_iter().collect::<Vec<_>>(),
            ["four", "one", "two"]
        );
    }
}
