//! What two canaries state differently, apart from the values that change every time.

use crate::{Canary, Statement};
use chrono::Month;
use serde::Serialize;

/// A statement that was dropped, added or reworded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementChange {
    /// Its number.
    pub number: u32,
    /// The words that were there; empty when the statement is new. Numbers, months and the
    /// fingerprint stand as `#`.
    pub old: String,
    /// The words that are there now; empty when it was dropped.
    pub new: String,
}

/// Statements whose words differ between two canaries, in order. Dates, counts and windows are
/// expected to change and are not compared; nor is the fingerprint, which the linter compares
/// with the root.
pub fn changes(old: &Canary<'_>, new: &Canary<'_>) -> Vec<StatementChange> {
    let count = old.statements.len().max(new.statements.len());
    (0..count)
        .filter_map(|at| {
            let (before, after) = (words(old.statements.get(at)), words(new.statements.get(at)));
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let (old, new) = differing(&before, &after)?;
            Some(StatementChange { number, old, new })
        })
        .collect()
}

fn words(statement: Option<&Statement<'_>>) -> Vec<String> {
    let text = statement.map_or("", |statement| statement.text);
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace().map(masked) {
        // A date of two words and one of three are one value.
        if word != "#" || words.last().is_none_or(|last| last != "#") {
            words.push(word);
        }
    }
    words
}

fn masked(word: &str) -> String {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    let group = bare.len() == 4 && bare.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    let month = bare.len() >= 3
        && bare.parse::<Month>().is_ok()
        && bare.starts_with(|c: char| c.is_uppercase());
    let value = bare.contains(|c: char| c.is_ascii_digit()) || group || month;
    if value { "#".to_owned() } else { word.to_owned() }
}

/// What is left of both once the same words at the start and at the end are gone.
fn differing(old: &[String], new: &[String]) -> Option<(String, String)> {
    if old == new {
        return None;
    }
    let same = |pairs: &mut dyn Iterator<Item = (&String, &String)>| {
        pairs.take_while(|(a, b)| a == b).count()
    };
    let start = same(&mut old.iter().zip(new));
    let (old, new) = (&old[start..], &new[start..]);
    let end = same(&mut old.iter().rev().zip(new.iter().rev()));
    let middle = |words: &[String]| words[..words.len() - end].join(" ");
    Some((middle(old), middle(new)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::CANARY;

    fn check(old: &str, new: &str, expected: &[(u32, &str, &str)]) {
        let text = CANARY.replacen(old, new, 1);
        assert!(CANARY.contains(old), "{old}");
        let (before, after) =
            (Canary::parse(CANARY).expect("a view"), Canary::parse(&text).expect("a view"));
        let found = changes(&before, &after);
        let found: Vec<_> =
            found.iter().map(|c| (c.number, c.old.as_str(), c.new.as_str())).collect();
        assert_eq!(found, expected, "{old:?} -> {new:?}");
    }

    #[test]
    fn words_count_and_values_do_not() {
        check("December 03, 2024", "January 5th, 2025", &[]);
        check("are 12", "are 13", &[]);
        check("March\n   2025", "May 2025", &[]);
        check("no order", "no court order", &[(4, "", "court")]);
        check("may not speak of", "may speak of", &[(4, "not", "")]);
        check("fourteen", "twenty-eight", &[(5, "fourteen", "twenty-eight")]);
    }

    #[test]
    fn dropped_and_added_statements() {
        check(
            "5. The next",
            "The next",
            &[
                (4, "", "The next canary is planned for the first fourteen days of #"),
                (5, "The next canary is planned for the first fourteen days of #", ""),
            ],
        );
    }
}
