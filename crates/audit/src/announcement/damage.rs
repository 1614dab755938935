//! The damages that are known to happen to a text on its way, and how each is undone.

use super::html;
use serde::Serialize;
use std::fmt;

/// One thing that was undone to get the signed bytes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "damage", content = "count")]
pub enum Damage {
    /// Quoted-printable text that nobody decoded.
    QuotedPrintable,
    /// Line ends of two characters.
    CrLf,
    /// HTML entities for characters.
    Entities,
    /// Blanks that do not break.
    NonBreakingSpaces,
    /// Lines that begin with `>`.
    Quoting,
    /// Lines that begin with `- ` before a dash.
    DashEscaping,
    /// Every line indented by so many columns.
    Indentation(usize),
    /// What a mailing list added below.
    ListFooter,
    /// Blanks at line ends that are gone.
    TrailingBlanks,
    /// So many line breaks more at the start.
    NewlinesMoreAtStart(usize),
    /// So many line breaks fewer at the start.
    NewlinesFewerAtStart(usize),
    /// So many line breaks more at the end.
    NewlinesMoreAtEnd(usize),
    /// So many line breaks fewer at the end.
    NewlinesFewerAtEnd(usize),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let newlines = |count: &usize| match count {
            1 => "one newline".to_owned(),
            several => format!("{several} newlines"),
        };
        match self {
            Damage::QuotedPrintable => f.write_str("quoted-printable"),
            Damage::CrLf => f.write_str("CRLF line ends"),
            Damage::Entities => f.write_str("HTML entities"),
            Damage::NonBreakingSpaces => f.write_str("non-breaking spaces"),
            Damage::Quoting => f.write_str("quoting"),
            Damage::DashEscaping => f.write_str("dash-escaping"),
            Damage::Indentation(columns) => write!(f, "indentation by {columns} columns"),
            Damage::ListFooter => f.write_str("a list footer"),
            Damage::TrailingBlanks => f.write_str("stripped trailing blanks"),
            Damage::NewlinesMoreAtStart(n) => write!(f, "{} more at the start", newlines(n)),
            Damage::NewlinesFewerAtStart(n) => write!(f, "{} less at the start", newlines(n)),
            Damage::NewlinesMoreAtEnd(n) => write!(f, "{} more", newlines(n)),
            Damage::NewlinesFewerAtEnd(n) => write!(f, "{} less", newlines(n)),
        }
    }
}

/// How one damage is undone; `None` where the text does not show it.
type Undo = fn(&str) -> Option<(String, Damage)>;

/// In the order in which damages are undone: the newest layer first.
pub(super) const UNDO: [Undo; 8] = [
    quoted_printable,
    crlf,
    entities,
    non_breaking,
    quoting,
    dash_escaping,
    indentation,
    list_footer,
];

/// Where [`list_footer`] stands in [`UNDO`]: the last, and the only one that cuts text.
pub(super) const FOOTER: usize = UNDO.len() - 1;

fn changed(before: &str, after: String, damage: Damage) -> Option<(String, Damage)> {
    (before != after).then_some((after, damage))
}

/// RFC 2045, section 6.7. A text that only looks so is left alone by whatever verifies.
fn quoted_printable(text: &str) -> Option<(String, Damage)> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let code = code.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        (rest, _) = match (first, tail, code) {
            (b'=', [b'\n', after @ ..], _) | (b'=', [b'\r', b'\n', after @ ..], _) => (after, ()),
            (b'=', [_, _, after @ ..], Some(code)) => (after, bytes.push(code)),
            (byte, after, _) => (after, bytes.push(*byte)),
        };
    }
    changed(text, String::from_utf8(bytes).ok()?, Damage::QuotedPrintable)
}

fn crlf(text: &str) -> Option<(String, Damage)> {
    changed(text, text.replace("\r\n", "\n"), Damage::CrLf)
}

fn entities(text: &str) -> Option<(String, Damage)> {
    changed(text, html::decode(text), Damage::Entities)
}

fn non_breaking(text: &str) -> Option<(String, Damage)> {
    changed(text, text.replace('\u{a0}', " "), Damage::NonBreakingSpaces)
}

/// Every line that is not blank is quoted, or none is.
fn quoting(text: &str) -> Option<(String, Damage)> {
    let quoted = |line: &str| line.starts_with('>') || line.trim().is_empty();
    if !text.lines().all(quoted) || !text.contains('>') {
        return None;
    }
    let bare = |line: &str| {
        let line = line.strip_prefix('>').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line).to_owned()
    };
    changed(text, by_line(text, bare), Damage::Quoting)
}

/// RFC 9580, section 7.2.
fn dash_escaping(text: &str) -> Option<(String, Damage)> {
    let bare = |line: &str| match line.strip_prefix("- ") {
        Some(inner) if inner.starts_with('-') || inner.starts_with("From ") => inner.to_owned(),
        Some(_) | None => line.to_owned(),
    };
    changed(text, by_line(text, bare), Damage::DashEscaping)
}

/// Markdown sets code by indenting it; pages copied from a terminal are indented too.
fn indentation(text: &str) -> Option<(String, Damage)> {
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let depth = filled.map(|line| line.len() - line.trim_start_matches(' ').len()).min()?;
    if depth == 0 {
        return None;
    }
    let bare = |line: &str| line.get(depth..).unwrap_or_default().to_owned();
    changed(text, by_line(text, bare), Damage::Indentation(depth))
}

/// Everything from the last line of underscores, or from the last `-- `.
fn list_footer(text: &str) -> Option<(String, Damage)> {
    let is_rule = |line: &str| {
        let line = line.trim_end_matches(['\r', '\n']);
        line == "-- " || (line.len() >= 20 && line.bytes().all(|b| b == b'_'))
    };
    let mut at = 0;
    let mut cut = None;
    for line in text.split_inclusive('\n') {
        if is_rule(line) {
            cut = Some(at);
        }
        at += line.len();
    }
    changed(text, text[..cut?].to_owned(), Damage::ListFooter)
}

fn by_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split('\n').map(change).collect::<Vec<_>>().join("\n")
}
