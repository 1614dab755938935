//! The list of references and the citations that lead to it.

use crate::cite::Fixed;
use secpack_pack::plaintext::{Layout, Line, Section, lines};
use serde::Serialize;
use std::collections::BTreeSet;

/// The longest text between brackets that is read as a citation, in bytes.
const LONGEST: usize = 40;
/// How many references one range cites at most.
const RANGE: u32 = 50;

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference<'t> {
    /// Its label.
    pub number: u32,
    /// Its first URL.
    pub url: Option<&'t str>,
    /// Its text, URL included.
    pub text: &'t str,
    /// Its line, counted from 1.
    pub line: u32,
}

/// How sure it is that `[n]` cites something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// In prose, apart from the word before it.
    Sure,
    /// Glued to a word as in `CVE-2024-1234[1]` or `bigval[4]`, or in code: enough to count as a
    /// use, too little to ask for a reference.
    Possible,
}

/// `[n]` in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Citation {
    pub number: u32,
    pub line: u32,
    pub strength: Strength,
}

/// The entries of the last section whose text starts with a label.
pub(crate) fn references<'t>(layout: &Layout<'t>) -> Vec<Reference<'t>> {
    let list = layout.sections.iter().rev().find(|section| is_list(section));
    let Some(section) = list else { return Vec::new() };
    let lines = lines(section.body);
    let starts: Vec<usize> =
        (0..lines.len()).filter(|at| label(lines[*at].text).is_some()).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| entry(section, &lines[*start..end])).collect()
}

/// The references of a template, with their numbers.
pub(crate) fn fixed_references(template: &str) -> Vec<Fixed> {
    let layout = Layout::of(template);
    let fixed = |reference: &Reference<'_>| Fixed {
        number: reference.number as usize,
        url: reference.url.map(str::to_owned),
    };
    references(&layout).iter().map(fixed).collect()
}

fn is_list(section: &Section<'_>) -> bool {
    lines(section.body).iter().find(|l| !l.is_blank()).is_some_and(|l| label(l.text).is_some())
}

fn entry<'t>(section: &Section<'t>, lines: &[Line<'t>]) -> Option<Reference<'t>> {
    let first = lines.first()?;
    let (number, rest) = label(first.text)?;
    let last = lines.iter().enumerate().take_while(|(at, _)| belongs(lines, *at)).last()?.1;
    let start = first.start + (first.text.len() - rest.len());
    let text = section.body[start..(last.start + last.text.len()).max(start)].trim();
    let url = text.split_whitespace().find(|word| word.contains("://"));
    Some(Reference { number, url, text, line: section.lines.start + first.number - 1 })
}

/// Whether an entry goes on at this line: after a blank line only a URL does; anything else is a
/// closing.
fn belongs(lines: &[Line<'_>], at: usize) -> bool {
    let (line, before) = (&lines[at], at.checked_sub(1).map(|at| &lines[at]));
    let apart = !line.is_blank() && before.is_some_and(Line::is_blank);
    !apart || line.text.contains("://")
}

/// `[n]` at the left margin and what follows it.
fn label(line: &str) -> Option<(u32, &str)> {
    let (number, rest) = line.strip_prefix('[')?.split_once(']')?;
    let digits = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    digits.then_some((number.parse().ok()?, rest))
}

/// Every citation outside quotes, labels of the list left out.
pub(crate) fn citations(lines: &[Line<'_>], references: &[Reference<'_>]) -> Vec<Citation> {
    let entries: BTreeSet<u32> = references.iter().map(|reference| reference.line).collect();
    let mut found = Vec::new();
    for line in lines.iter().filter(|line| !line.is_quote()) {
        let start = if entries.contains(&line.number) {
            line.text.find(']').map_or(0, |at| at + 1)
        } else {
            0
        };
        found.extend(in_line(line, start));
    }
    found
}

fn in_line(line: &Line<'_>, start: usize) -> Vec<Citation> {
    let text = &line.text[start..];
    let mut found: Vec<Citation> = Vec::new();
    let mut end_of_last = None;
    for (at, _) in text.match_indices('[') {
        let Some(inner) = inner(&text[at + 1..]) else { continue };
        let before = text[..at].chars().next_back();
        let glued =
            before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '>'));
        let chained =
            end_of_last == Some(at) && found.last().is_some_and(|c| c.strength == Strength::Sure);
        let sure = (!glued || chained) && !super::is_code(line);
        let strength = if sure { Strength::Sure } else { Strength::Possible };
        let numbers = numbers(inner);
        if !numbers.is_empty() {
            end_of_last = Some(at + inner.len() + 2);
        }
        let after =
            numbers.into_iter().map(|number| Citation { number, line: line.number, strength });
        found.extend(after.chain(range_before(text, at, inner, line.number)));
    }
    found
}

/// What stands before the next `]`, when that is not far.
fn inner(text: &str) -> Option<&str> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b']')?;
    Some(&text[..end])
}

/// `1`, `1,2`, `1-3`; anything else cites nothing.
fn numbers(inner: &str) -> Vec<u32> {
    let number = |text: &str| {
        let bare = text.trim();
        let short = (1..=3).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
        if short { bare.parse::<u32>().ok() } else { None }
    };
    let part = |part: &str| match part.split_once('-') {
        Some((from, until)) => {
            let (from, until) = (number(from)?, number(until)?);
            Some((from, until.min(from + RANGE)))
        }
        None => number(part).map(|n| (n, n)),
    };
    let parts: Option<Vec<(u32, u32)>> = inner.split(',').map(part).collect();
    parts.unwrap_or_default().into_iter().flat_map(|(from, until)| from..=until).collect()
}

/// What `[1]-[3]` cites between its ends, once the second bracket at `at` is read.
fn range_before(text: &str, at: usize, inner: &str, line: u32) -> Vec<Citation> {
    let from = text[..at].strip_suffix("]-").and_then(|t| t.rsplit_once('[')).map(|(_, n)| n);
    let (Some(from), Ok(until)) = (from.and_then(|n| n.parse::<u32>().ok()), inner.parse::<u32>())
    else {
        return Vec::new();
    };
    let between = from.saturating_add(1)..until.min(from.saturating_add(RANGE));
    between.map(|number| Citation { number, line, strength: Strength::Sure }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_span_lines() {
        let text = "Notes\n-----\n\n[1] https://example.org/a\n[2] Words,\nhttps://example.org/b\n\n[10] Note\n     more\n\nThanks,\nme\n";
        let found = references(&Layout::of(text));
        let found: Vec<_> = found.iter().map(|r| (r.number, r.url, r.text, r.line)).collect();
        assert_eq!(
            found,
            [
                (1, Some("https://example.org/a"), "https://example.org/a", 4),
                (2, Some("https://example.org/b"), "Words,\nhttps://example.org/b", 5),
                (10, None, "Note\n     more", 8),
            ]
        );
    }

    fn check(line: &str, sure: &[u32], possible: &[u32]) {
        let found = citations(&lines(line), &[]);
        let of = |strength| -> Vec<u32> {
            found.iter().filter(|c| c.strength == strength).map(|c| c.number).collect()
        };
        assert_eq!(
            (of(Strength::Sure), of(Strength::Possible)),
            (sure.to_vec(), possible.to_vec()),
            "{line}"
        );
    }

    #[test]
    fn citations_of_all_kinds() {
        check("as said [1] and (see [2]).", &[1, 2], &[]);
        check("[1][2] [3, 4] [5-7]", &[1, 2, 3, 4, 5, 6, 7], &[]);
        check("described in [1]-[4]", &[1, 4, 2, 3], &[]);
        check("CVE-2024-1234[1]", &[], &[1]);
        check("bigval[4] a[1][2]", &[], &[4, 1, 2]);
        check("    code [1]", &[], &[1]);
        check("| quoted [1]", &[], &[]);
        check("[*] [a] [1234] [] [", &[], &[]);
    }
}
