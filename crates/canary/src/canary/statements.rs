//! The numbered statements and what they hold.

use secpack_pack::Fingerprint;
use secpack_pack::plaintext::{Layout, Line, Section, lines};
use serde::Serialize;

/// A numbered statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Statement<'t> {
    /// Its number.
    pub number: u32,
    /// Its text without the number, line breaks included.
    pub text: &'t str,
    /// Its line, counted from 1.
    pub line: u32,
}

/// The list in the first section that has one.
pub(super) fn statements<'t>(layout: &Layout<'t>) -> Vec<Statement<'t>> {
    let lists = layout.sections.iter().map(in_section);
    lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default()
}

fn in_section<'t>(section: &Section<'t>) -> Vec<Statement<'t>> {
    let lines = lines(section.body);
    let mut starts: Vec<(usize, u32)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        // The next number only: a year at the start of a line is no statement.
        let next = starts.last().map_or(1, |(_, number)| number + 1);
        if label(line).is_some_and(|number| number == next) {
            starts.push((at, next));
        }
    }
    let ends = starts.iter().skip(1).map(|(at, _)| lines[*at].start).chain([section.body.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|((at, number), end)| {
            let whole = &section.body[lines[*at].start..end];
            let text = whole.split_once(". ").map_or("", |(_, text)| text).trim();
            let line = section.lines.start + lines[*at].number - 1;
            Statement { number: *number, text, line }
        })
        .collect()
}

fn label(line: &Line<'_>) -> Option<u32> {
    line.text.split_once(". ")?.0.parse().ok()
}

/// The first whole number in the statement that speaks of bulletins.
pub(super) fn count(statement: &Statement<'_>) -> Option<u32> {
    let speaks = statement.text.to_lowercase().contains("bulletin");
    let digits = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let words = statement.text.split_whitespace().map(|word| word.trim_end_matches(['.', ',']));
    let number = words.into_iter().find(digits);
    number.filter(|_| speaks)?.parse().ok()
}

/// The first run of hex groups that makes a full fingerprint.
pub(super) fn fingerprint(statement: &Statement<'_>) -> Option<Fingerprint> {
    let words: Vec<&str> = statement.text.split_whitespace().collect();
    let is_hex = |word: &&&str| word.len() >= 4 && word.bytes().all(|b| b.is_ascii_hexdigit());
    (0..words.len()).find_map(|at| {
        let run: String = words[at..].iter().take_while(is_hex).copied().collect();
        run.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_count_from_one() {
        let text =
            "A\n---\nwords\n\nB\n---\n1. one\n2024. no\n2. two\n   more\n\n4. no\n3. three\n";
        let layout = Layout::of(text);
        let found = statements(&layout);
        let found: Vec<_> = found.iter().map(|s| (s.number, s.text, s.line)).collect();
        assert_eq!(
            found,
            [(1, "one\n2024. no", 7), (2, "two\n   more\n\n4. no", 9), (3, "three", 13)]
        );
    }

    #[test]
    fn counts_and_fingerprints() {
        let of = |text| Statement { number: 1, text, line: 1 };
        assert_eq!(count(&of("There have been 106 bulletins,\nincluding #13.")), Some(106));
        assert_eq!(count(&of("Bulletins so far: 106.")), Some(106));
        assert_eq!(count(&of("There have been 106 meetings.")), None);
        assert_eq!(count(&of("No bulletin on 12.3.")), None);
        let spaced = "is:\n\n 0011 2233 4455 6677 8899  AABB CCDD EEFF 0011 2233\n";
        assert!(fingerprint(&of(spaced)).is_some());
        assert!(fingerprint(&of("beef 0011 2233")).is_none());
    }
}
