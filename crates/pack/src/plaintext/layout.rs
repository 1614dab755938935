//! Lines, headings and sections of a plain-text document.
//!
//! A section starts with a heading: a line at the left margin after a blank one, with a line of
//! `-` or `=` below it. The pieces of a [`Layout`] tile the text, so printing them gives the same
//! bytes.

use serde::Serialize;
use std::ops::Range;

/// One line of a text, without its line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'t> {
    /// Counted from 1.
    pub number: u32,
    /// Byte offset in the text.
    pub start: usize,
    /// The line, without its line feed.
    pub text: &'t str,
}

impl<'t> Line<'t> {
    /// Whether it holds nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Text of others, quoted with `| `.
    pub fn is_quote(&self) -> bool {
        self.text.starts_with('|')
    }

    fn is_flush(&self) -> bool {
        self.text.starts_with(|c: char| !c.is_whitespace() && c != '|')
    }

    /// At least three of one of the two characters that underline a heading.
    pub fn is_underline(&self) -> bool {
        let bare = self.text.trim_end();
        let made_of = |mark| bare.bytes().all(|byte| byte == mark);
        bare.len() >= 3 && (made_of(b'-') || made_of(b'='))
    }
}

/// The lines of a text; what follows the last line feed is a line when it is not empty.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for (at, whole) in text.split_inclusive('\n').enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        lines.push(Line { number, start, text: whole.strip_suffix('\n').unwrap_or(whole) });
        start += whole.len();
    }
    lines
}

/// A section: its heading, its underline and what stands below them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section<'t> {
    /// The heading, without trailing blanks.
    pub title: &'t str,
    /// The line of the heading, counted from 1.
    pub line: u32,
    /// The line below the heading, without trailing blanks.
    pub underline: &'t str,
    /// Lines of the body, counted from 1; the end is exclusive.
    pub lines: Range<u32>,
    /// What stands below the underline, blank lines included.
    pub body: &'t str,
    #[serde(skip)]
    whole: &'t str,
}

/// A text cut into its head, its sections and its footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout<'t> {
    /// Everything before the first section.
    pub head: &'t str,
    /// Sections in order.
    pub sections: Vec<Section<'t>>,
    /// From the line `--` on; empty when there is none.
    pub footer: &'t str,
}

impl<'t> Layout<'t> {
    /// Every text has a layout, if only a head.
    pub fn of(text: &'t str) -> Self {
        let lines = lines(text);
        let headings: Vec<usize> = (0..lines.len()).filter(|at| is_heading(&lines, *at)).collect();
        let after = headings.last().map_or(0, |at| at + 2);
        let footer = footer_line(&lines, after).unwrap_or(lines.len());
        let offset = |at: usize| lines.get(at).map_or(text.len(), |line| line.start);
        let ends = headings.iter().skip(1).copied().chain([footer]);
        let sections = headings
            .iter()
            .zip(ends)
            .map(|(at, end)| Section {
                title: lines[*at].text.trim_end(),
                line: lines[*at].number,
                underline: lines[at + 1].text.trim_end(),
                lines: lines[at + 1].number + 1..lines[end - 1].number + 1,
                body: &text[offset(at + 2)..offset(end)],
                whole: &text[offset(*at)..offset(end)],
            })
            .collect();
        let head = &text[..offset(headings.first().copied().unwrap_or(footer))];
        Self { head, sections, footer: &text[offset(footer)..] }
    }

    /// The text again, piece by piece.
    pub fn to_text(&self) -> String {
        let sections = self.sections.iter().map(|section| section.whole);
        std::iter::once(self.head).chain(sections).chain([self.footer]).collect()
    }

    /// The first section whose title holds one of these lower-case words, letter case aside.
    pub fn section_about(&self, words: &[&str]) -> Option<&Section<'t>> {
        let about = |section: &&Section<'t>| {
            let title = section.title.to_lowercase();
            words.iter().any(|word| title.contains(word))
        };
        self.sections.iter().find(about)
    }

    /// The first line that is not blank, without its indentation: the heading of the document.
    pub fn heading(&self) -> Option<Line<'t>> {
        let first = lines(self.head).into_iter().find(|line| !line.is_blank())?;
        Some(Line { text: first.text.trim(), ..first })
    }

    /// The last number in the heading.
    pub fn number(&self) -> Option<u32> {
        let heading = self.heading()?.text;
        let mut runs = heading.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
        runs.next_back()?.parse().ok()
    }
}

fn is_heading(lines: &[Line<'_>], at: usize) -> bool {
    let underlined = lines.get(at + 1).is_some_and(Line::is_underline);
    let apart = at == 0 || lines[at - 1].is_blank();
    underlined && apart && lines[at].is_flush() && !lines[at].is_underline()
}

/// The last line that is `--` alone; before the last section it would be part of the text.
fn footer_line(lines: &[Line<'_>], after: usize) -> Option<usize> {
    let bare = |at: &usize| lines[*at].text.trim_end() == "--";
    (after..lines.len()).rev().find(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\n  ===[ Pack 007 ]===\n\nOne\n----\n\na\n\nTwo\n---\nb\n--\nTeam\n";

    #[test]
    fn cuts_into_pieces_that_tile() {
        let layout = Layout::of(TEXT);
        let sections: Vec<_> =
            layout.sections.iter().map(|s| (s.title, s.line, s.lines.clone(), s.body)).collect();
        assert_eq!(sections, [("One", 4, 6..9, "\na\n\n"), ("Two", 9, 11..12, "b\n")]);
        assert_eq!(layout.footer, "--\nTeam\n");
        assert_eq!(layout.number(), Some(7));
        assert_eq!(layout.to_text(), TEXT);
    }

    #[test]
    fn only_flush_lines_after_a_blank_are_headings() {
        let check = |text: &str, expected: usize| {
            let layout = Layout::of(text);
            assert_eq!(layout.sections.len(), expected, "{text:?}");
            assert_eq!(layout.to_text(), text);
        };
        check("", 0);
        check("A\n---", 1);
        check("A\n--\n", 0);
        check("a\nB\n---\n", 0);
        check("\n| A\n---\n", 0);
        check("\n  A\n---\n", 0);
        check("\n---\n---\n", 0);
        check("\nA\n-=-\n", 0);
        check("\nA\n===\nB\n---\n", 1);
    }
}
