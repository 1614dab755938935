//! What two canaries state differently, apart from the values that change every time.

use crate::{Canary, Statement, Window};
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

/// A value that differs between two canaries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    /// What it is, for example `window`.
    pub what: &'static str,
    /// What it was; `None` when it was not there.
    pub old: Option<String>,
    /// What it is now.
    pub new: Option<String>,
}

/// A section outside of statements, announcements and proof that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionChange {
    /// Its heading.
    pub title: String,
    /// What became of it.
    pub change: Change,
}

/// What became of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Dropped,
    /// Its words differ.
    Reworded,
}

/// Sections that differ every time.
const VARYING: [&str; 3] = ["statement", "announcement", "freshness"];

/// The values that differ, in the order in which a canary states them.
pub fn values(old: &Canary<'_>, new: &Canary<'_>) -> Vec<ValueChange> {
    let rows = [
        ("number", old.number.map(|n| n.to_string()), new.number.map(|n| n.to_string())),
        ("date", old.date.map(|d| d.to_string()), new.date.map(|d| d.to_string())),
        ("bulletins", old.count.map(|n| n.to_string()), new.count.map(|n| n.to_string())),
        (
            "fingerprint",
            old.fingerprint.as_ref().map(ToString::to_string),
            new.fingerprint.as_ref().map(ToString::to_string),
        ),
        ("window", next(old), next(new)),
        ("sources", sources(old), sources(new)),
    ];
    let differing = rows.into_iter().filter(|(_, old, new)| old != new);
    differing.map(|(what, old, new)| ValueChange { what, old, new }).collect()
}

fn next(canary: &Canary<'_>) -> Option<String> {
    let none = || canary.last.then(|| "none, it is the last".to_owned());
    canary.window.map(|window| window.to_string()).or_else(none)
}

fn sources(canary: &Canary<'_>) -> Option<String> {
    let named = canary.proof.sources.iter().filter_map(|source| source.name.or(source.url));
    let names: Vec<&str> = named.collect();
    (!names.is_empty()).then(|| names.join("; "))
}

/// Sections that differ, apart from those that do every time; in the order of the new text.
pub fn sections(old: &Canary<'_>, new: &Canary<'_>) -> Vec<SectionChange> {
    let (before, after) = (steady(old), steady(new));
    let body = |list: &[(String, String)], title: &str| {
        list.iter().find(|(known, _)| known == title).map(|(_, body)| body.clone())
    };
    let of = |title: &str, change| SectionChange { title: title.to_owned(), change };
    let now = after.iter().filter_map(|(title, text)| match body(&before, title) {
        None => Some(of(title, Change::Added)),
        Some(was) if was != *text => Some(of(title, Change::Reworded)),
        Some(_) => None,
    });
    let gone = before.iter().filter(|(title, _)| body(&after, title).is_none());
    now.chain(gone.map(|(title, _)| of(title, Change::Dropped))).collect()
}

/// Headings and words of the sections that should stay as they are.
fn steady(canary: &Canary<'_>) -> Vec<(String, String)> {
    let varies = |title: &str| VARYING.iter().any(|word| title.to_lowercase().contains(word));
    let kept = canary.sections.iter().filter(|section| !varies(section.title));
    kept.map(|s| (s.title.to_owned(), s.body.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect()
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
    let window = Window::locate(text).map(|(_, at)| at).unwrap_or_default();
    let mut words: Vec<String> = Vec::new();
    for (at, word) in text.split_whitespace().enumerate() {
        let word = if window.contains(&at) { "#".to_owned() } else { masked(word) };
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
        check("first fourteen days", "last two weeks", &[]);
        check("fourteen", "some", &[(5, "", "first some days of")]);
    }

    #[test]
    fn values_and_sections() {
        let text = CANARY
            .replace("Canary 007", "Canary 008")
            .replace("are 12", "are 13")
            .replace("first fourteen days of March\n   2025", "last half of May 2025")
            .replace("Notes\n------\n\nThis", "Remarks\n--------\n\nThis");
        let (old, new) =
            (Canary::parse(CANARY).expect("a view"), Canary::parse(&text).expect("a view"));
        let found = values(&old, &new);
        let what: Vec<&str> = found.iter().map(|change| change.what).collect();
        assert_eq!(what, ["number", "bulletins", "window"]);
        assert_eq!(found[2].new.as_deref(), Some("last half of May 2025"));
        let found: Vec<_> = sections(&old, &new).into_iter().map(|s| (s.title, s.change)).collect();
        let expected = [("Remarks", Change::Added), ("Notes", Change::Dropped)];
        assert_eq!(found, expected.map(|(title, change)| (title.to_owned(), change)));
        let other = CANARY.replace("This proves little.", "This proves much.");
        let new = Canary::parse(&other).expect("a view");
        assert_eq!(sections(&old, &new)[0].change, Change::Reworded);
        assert!(sections(&old, &old).is_empty() && values(&old, &old).is_empty());
    }

    #[test]
    fn dropped_and_added_statements() {
        check(
            "5. The next",
            "The next",
            &[
                (4, "", "The next canary is planned for the #"),
                (5, "The next canary is planned for the #", ""),
            ],
        );
    }
}
