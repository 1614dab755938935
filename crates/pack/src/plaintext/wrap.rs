//! Wraps prose that is too wide. A paragraph that fits stays as it was written; quotes, code,
//! headings and lines marked [`VERBATIM`] are never touched; a word, so a URL, is never broken.

use super::render::VERBATIM;
use super::{Line, lines};
use unicode_width::UnicodeWidthStr;

/// Lines that belong together and the prefixes of their first and further lines.
struct Block<'t> {
    lines: Vec<Line<'t>>,
    marker: &'t str,
    kind: Kind,
}

#[derive(PartialEq, Eq)]
enum Kind {
    Prose,
    AsWritten,
}

/// The text with every too wide paragraph and list item filled to `width` columns. Trailing
/// blanks go, as do blank lines at both ends; the last line ends with a line feed.
pub fn fill(text: &str, width: usize) -> String {
    let lines = lines(text);
    let mut filled: Vec<String> = Vec::new();
    for paragraph in lines.split(Line::is_blank) {
        for block in blocks(paragraph) {
            filled.extend(block.fill(width));
        }
        filled.push(String::new());
    }
    format!("{}\n", filled.join("\n").trim_matches('\n'))
}

/// Each line of the text, wrapped to leave a margin, in the middle of `width` columns.
pub fn center(text: &str, width: usize) -> String {
    center_under(text, width, width)
}

/// The same around a column; `axis` is twice that column.
pub fn center_under(text: &str, axis: usize, width: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let centred = greedy(&words, "", "", width.saturating_sub(4)).into_iter().map(|line| {
        let left = axis.saturating_sub(line.width()) / 2;
        format!("{}{line}", " ".repeat(left))
    });
    centred.collect::<Vec<_>>().join("\n")
}

/// Cuts a paragraph into list items and the prose around them.
fn blocks<'t>(paragraph: &[Line<'t>]) -> Vec<Block<'t>> {
    let mut blocks: Vec<Block<'t>> = Vec::new();
    if is_fixed(paragraph) {
        return vec![Block { lines: paragraph.to_vec(), marker: "", kind: Kind::AsWritten }];
    }
    for line in paragraph {
        let marker = list_marker(line.text);
        match blocks.last_mut().filter(|block| marker.is_none() && block.continues_with(line)) {
            Some(block) => block.lines.push(*line),
            None => blocks.push(Block::starting_with(*line, marker)),
        }
    }
    blocks
}

/// A heading with its underline, or lines that a value asked to keep.
fn is_fixed(paragraph: &[Line<'_>]) -> bool {
    let underlined = paragraph.get(1).is_some_and(Line::is_underline);
    underlined || paragraph.iter().any(|line| line.text.contains(VERBATIM))
}

fn indent(line: &Line<'_>) -> usize {
    line.text.len() - line.text.trim_start().len()
}

/// `- `, `* `, `1. ` or `[1] ` with the blanks before and after it.
fn list_marker(line: &str) -> Option<&str> {
    let bare = line.trim_start();
    let word = bare.split(' ').next()?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let numbered = word.strip_suffix('.').is_some_and(digits)
        || word.strip_prefix('[').and_then(|w| w.strip_suffix(']')).is_some_and(digits);
    let rest = bare[word.len()..].trim_start();
    let indent = line.len() - bare.len();
    let is_marker = (matches!(word, "-" | "*") || numbered) && !rest.is_empty() && indent < 4;
    is_marker.then(|| &line[..line.len() - rest.len()])
}

impl<'t> Block<'t> {
    fn starting_with(line: Line<'t>, marker: Option<&'t str>) -> Self {
        let outside = line.is_quote() || (marker.is_none() && indent(&line) > 0);
        let kind = if outside { Kind::AsWritten } else { Kind::Prose };
        Self { lines: vec![line], marker: marker.unwrap_or(""), kind }
    }

    /// Prose goes on at the margin of its first word.
    fn continues_with(&self, line: &Line<'_>) -> bool {
        match self.kind {
            Kind::AsWritten => false,
            Kind::Prose => !line.is_quote() && indent(line) == self.marker.len(),
        }
    }

    fn fill(&self, width: usize) -> Vec<String> {
        let too_wide = self.lines.iter().any(|line| line.text.trim_end().width() > width);
        if self.kind == Kind::AsWritten || !too_wide {
            let plain = |line: &Line<'_>| line.text.trim_end().replace(VERBATIM, "");
            return self.lines.iter().map(plain).collect();
        }
        let prose = self.lines.iter().map(|line| &line.text[self.marker.len()..]);
        let words: Vec<&str> = prose.flat_map(str::split_whitespace).collect();
        let indent = " ".repeat(self.marker.width());
        greedy(&words, self.marker, &indent, width)
    }
}

/// As many words on each line as fit. A word that would read as structure at the start of a
/// line stays on the line before.
fn greedy(words: &[&str], first: &str, rest: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut line, mut columns) = (first.to_owned(), first.width());
    let mut empty = true;
    for word in words {
        let fits = columns + 1 + word.width() <= width;
        if !empty && !fits && !reads_as_structure(word) {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
            (columns, empty) = (rest.width(), true);
        }
        if !empty {
            line.push(' ');
            columns += 1;
        }
        line.push_str(word);
        columns += word.width();
        empty = false;
    }
    lines.push(line);
    lines
}

/// `-`, `|`, `3.`, `-----`: a list marker, a quote, an underline or a footer.
fn reads_as_structure(word: &str) -> bool {
    let marks = word.bytes().all(|byte| matches!(byte, b'-' | b'=' | b'*' | b'|'));
    let number = word.strip_suffix('.').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    marks || number || word.starts_with('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let filled = fill(text, 20);
        assert_eq!(filled, expected);
        assert_eq!(fill(&filled, 20), filled, "filling twice changes nothing");
    }

    #[test]
    fn only_wide_prose_is_filled() {
        check("a b\nc\n", "a b\nc\n");
        check("one two three four five\nsix", "one two three four\nfive six\n");
        check(
            "see https://example.org/very/long/path now",
            "see\nhttps://example.org/very/long/path\nnow\n",
        );
    }

    #[test]
    fn quotes_code_and_headings_stay() {
        for text in [
            "| quoted words that are far too wide\n",
            "    code words that are far too wide\n",
            "A heading that is far too wide\n-------------------------------\n",
            "Words:\n  - one\n  - two\n",
        ] {
            check(text, text);
        }
        let marked = "Source\n\u{1}kept however wide it may be\n";
        assert_eq!(fill(marked, 20), "Source\nkept however wide it may be\n");
    }

    #[test]
    fn list_items_hang() {
        check("- one two three four five", "- one two three four\n  five\n");
        check("1. one two three four\n   five six", "1. one two three\n   four five six\n");
        check(
            "  For A, in B:\n  - name, version 1.2.3-4",
            "  For A, in B:\n  - name, version\n    1.2.3-4\n",
        );
        check("[1] https://example.org/a/b/c", "[1] https://example.org/a/b/c\n");
    }

    #[test]
    fn filling_makes_no_structure() {
        check("one two three four -- five", "one two three four --\nfive\n");
        check("one two three four | five", "one two three four |\nfive\n");
        check("twenty characters aa ----", "twenty characters aa ----\n");
    }

    #[test]
    fn centres() {
        assert_eq!(center("ab", 10), "    ab");
        assert_eq!(center("one two three", 12), "  one two\n   three");
    }
}
