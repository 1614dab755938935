//! The form of a file name: which digits are a number, a year, a quarter.

use secpack_pack::Pattern;
use std::collections::BTreeMap;

/// A piece of a file name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    Text(String),
    /// With its digits as written.
    Number(String),
    Year,
    Quarter,
}

/// The pieces of a name; `None` when it has no number, or has what a pattern cannot say.
pub(super) fn pieces(name: &str) -> Option<Vec<Piece>> {
    if name.contains(['{', '}', '*']) {
        return None;
    }
    let mut found = Vec::new();
    for run in runs(name) {
        let digits = run.starts_with(|c: char| c.is_ascii_digit());
        let has = |wanted: fn(&Piece) -> bool| found.iter().any(wanted);
        let has_number = has(|p| matches!(p, Piece::Number(_)));
        let has_year = has(|p| *p == Piece::Year);
        let after_q = matches!(found.last(), Some(Piece::Text(t)) if t.ends_with(['q', 'Q']));
        found.push(if !digits {
            Piece::Text(run.to_owned())
        } else if after_q && matches!(run, "1" | "2" | "3" | "4") && !has(|p| *p == Piece::Quarter)
        {
            Piece::Quarter
        } else if is_year(run) && !has_year {
            Piece::Year
        } else if !has_number && run.len() <= 9 {
            Piece::Number(run.to_owned())
        } else {
            Piece::Text(run.to_owned())
        });
    }
    found.iter().any(|p| matches!(p, Piece::Number(_))).then_some(found)
}

/// Runs of digits and of anything else.
fn runs(name: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let bytes = name.as_bytes();
    for at in 1..=bytes.len() {
        let ends =
            at == bytes.len() || bytes[at].is_ascii_digit() != bytes[at - 1].is_ascii_digit();
        if ends {
            found.push(&name[start..at]);
            start = at;
        }
    }
    found
}

fn is_year(run: &str) -> bool {
    run.len() == 4 && (run.starts_with("19") || run.starts_with("20"))
}

/// Names of one form, by the pieces with the number left out.
pub(super) fn group<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Vec<&'n str>> {
    let mut groups: BTreeMap<Vec<Piece>, Vec<&str>> = BTreeMap::new();
    for name in names {
        let Some(mut key) = pieces(name) else { continue };
        for piece in &mut key {
            if let Piece::Number(digits) = piece {
                digits.clear();
            }
        }
        groups.entry(key).or_default().push(name);
    }
    groups.into_values().collect()
}

/// The pattern of names of one form, or `None` when no single pattern fits them all.
pub(super) fn pattern(folder: &str, names: &[&str]) -> Option<String> {
    let first = pieces(names.first()?)?;
    let digits = |name: &&str| {
        pieces(name)?.into_iter().find_map(|piece| match piece {
            Piece::Number(digits) => Some(digits.len()),
            Piece::Text(_) | Piece::Year | Piece::Quarter => None,
        })
    };
    let width = names.iter().filter_map(digits).min()?;
    let mut text = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    for piece in first {
        match piece {
            Piece::Text(literal) => text.push_str(&literal),
            Piece::Number(_) => text.push_str(&format!("{{number:{width}}}")),
            Piece::Year => text.push_str("{year}"),
            Piece::Quarter => text.push_str("{quarter}"),
        }
    }
    let parsed: Pattern = text.parse().ok()?;
    let whole = |name: &&str| {
        if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") }
    };
    names.iter().all(|name| parsed.matches(&whole(name)).is_some()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: Option<&str>) {
        assert_eq!(group(names.iter().copied()).len(), 1, "{names:?}");
        assert_eq!(pattern("N", names).as_deref(), expected, "{names:?}");
    }

    #[test]
    fn numbers_years_quarters() {
        check(&["n-001-2019.txt", "n-112-2024.txt"], Some("N/n-{number:3}-{year}.txt"));
        check(&["c-005-2020-q4.txt"], Some("N/c-{number:3}-{year}-q{quarter}.txt"));
        check(&["c-1.txt", "c-12.txt"], Some("N/c-{number:1}.txt"));
        check(&["20190203.txt"], Some("N/{number:8}.txt"));
        check(&["2024-01.txt"], Some("N/{year}-{number:2}.txt"));
        check(&["a-01.txt", "a-1.txt"], None);
    }

    #[test]
    fn names_without_numbers() {
        assert_eq!(pieces("template.txt"), None);
        assert_eq!(pieces("2024.txt"), None);
        assert_eq!(pieces("n-{1}.txt"), None);
        assert_eq!(group(["a-1.txt", "b-2.txt", "x"]).len(), 2);
    }
}
