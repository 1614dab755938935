//! Patterns of paths and tag names, such as `QSBs/qsb-{number:3}-{year}.txt`.
//!
//! One pattern both recognises a name and makes it; whatever it makes, it recognises again.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// Largest number in a name: nine digits.
pub const MAX_NUMBER: u32 = 999_999_999;

/// A parsed pattern.
///
/// Placeholders: `{number:N}` (zero-padded to at least N digits), `{year}` (four digits),
/// `{quarter}` (1 to 4), `{series}` (the id of a series), `{name}` (letters, digits and `. _ + -`), `{member}`, `{document}` (a
/// whole path), `{commit:N}` (N hex digits), `*` (anything but `/`) and `**/` (any folders).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Number(usize),
    Year,
    Quarter,
    Series,
    Name,
    Member,
    Document,
    Commit(usize),
    Star,
    Folders,
}

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\" is not a pattern: {why}", crate::escape(pattern))]
pub struct PatternError {
    pattern: String,
    why: String,
}

/// What a pattern found in a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures {
    /// `{number}`
    pub number: Option<u32>,
    /// `{year}`
    pub year: Option<u16>,
    /// `{quarter}`
    pub quarter: Option<u8>,
    /// `{series}`
    pub series: Option<String>,
    /// `{name}`
    pub name: Option<String>,
    /// `{member}`, as written: an id or an alias.
    pub member: Option<String>,
    /// `{document}`
    pub document: Option<String>,
    /// `{commit}`: lower-case hex digits.
    pub commit: Option<String>,
}

/// What a pattern needs to make a name: the same fields.
pub type Values = Captures;

impl Pattern {
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// What the placeholders stand for in `text`, or `None` when the pattern does not match.
    pub fn matches(&self, text: &str) -> Option<Captures> {
        let mut captures = Captures::default();
        let mut failed = HashSet::new();
        matches_from(&self.parts, text, &mut captures, &mut failed).then_some(captures)
    }

    /// The name for these values, or `None` when one is missing or not recognised in a name, or the
    /// pattern has wildcards.
    pub fn render(&self, values: &Values) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            let piece = match part {
                Part::Literal(literal) => literal.clone(),
                Part::Number(width) => {
                    format!("{:0width$}", values.number.filter(|number| *number <= MAX_NUMBER)?)
                }
                Part::Year => format!("{:04}", values.year?),
                Part::Quarter => values.quarter?.to_string(),
                Part::Series => values.series.clone()?,
                Part::Name => values.name.clone()?,
                Part::Member => values.member.clone()?,
                Part::Document => values.document.clone()?,
                Part::Commit(digits) => values.commit.as_deref()?.get(..*digits)?.to_owned(),
                Part::Star | Part::Folders => return None,
            };
            text.push_str(&piece);
        }
        Some(text)
    }

    /// The folder before the first placeholder; empty when there is none.
    pub fn folder(&self) -> &str {
        let fixed = self.source.find(['{', '*']).unwrap_or(self.source.len());
        self.source[..fixed].rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether `{number}` is one of the placeholders.
    pub fn has_number(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Number(_)))
    }

    /// Whether `{member}` is one of the placeholders.
    pub fn has_member(&self) -> bool {
        self.parts.contains(&Part::Member)
    }

    /// Whether `{series}` is one of the placeholders.
    pub fn has_series(&self) -> bool {
        self.parts.contains(&Part::Series)
    }

    /// How many hex digits of a commit the name holds, if any.
    pub fn commit_digits(&self) -> Option<usize> {
        self.parts.iter().find_map(|part| match part {
            Part::Commit(digits) => Some(*digits),
            Part::Literal(_)
            | Part::Number(_)
            | Part::Year
            | Part::Quarter
            | Part::Series
            | Part::Name
            | Part::Member
            | Part::Document
            | Part::Star
            | Part::Folders => None,
        })
    }
}

/// How many parts and how many bytes were left where nothing matched.
type Failed = HashSet<(usize, usize)>;

/// Depth-first over the parts. A hostile policy may have many wildcards, so what failed once is
/// not tried again.
fn matches_from(parts: &[Part], text: &str, captures: &mut Captures, failed: &mut Failed) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return text.is_empty();
    };
    if let Part::Literal(literal) = part {
        return text
            .strip_prefix(literal.as_str())
            .is_some_and(|tail| matches_from(rest, tail, captures, failed));
    }
    if failed.contains(&(parts.len(), text.len())) {
        return false;
    }
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let lengths: Vec<usize> = ends.collect();
    for end in lengths.into_iter().rev() {
        let (head, tail) = text.split_at(end);
        if part.accepts(head) && matches_from(rest, tail, captures, failed) {
            part.store(head, captures);
            return true;
        }
    }
    failed.insert((parts.len(), text.len()));
    false
}

impl Part {
    fn accepts(&self, text: &str) -> bool {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let word = |extra: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
        };
        match self {
            Part::Literal(literal) => text == literal,
            Part::Number(width) => {
                let padded =
                    text.len() == *width || (text.len() > *width && !text.starts_with('0'));
                digits && !text.is_empty() && padded && text.len() <= 9
            }
            Part::Year => digits && text.len() == 4,
            Part::Quarter => matches!(text, "1" | "2" | "3" | "4"),
            Part::Name => word("._+-"),
            Part::Member | Part::Series => {
                word("_-") && !text.bytes().any(|b| b.is_ascii_uppercase())
            }
            Part::Document => !text.is_empty(),
            Part::Commit(count) => {
                text.len() == *count && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            }
            Part::Star => !text.contains('/'),
            Part::Folders => text.is_empty() || text.ends_with('/'),
        }
    }

    fn store(&self, text: &str, captures: &mut Captures) {
        match self {
            Part::Number(_) => captures.number = text.parse().ok(),
            Part::Year => captures.year = text.parse().ok(),
            Part::Quarter => captures.quarter = text.parse().ok(),
            Part::Series => captures.series = Some(text.to_owned()),
            Part::Name => captures.name = Some(text.to_owned()),
            Part::Member => captures.member = Some(text.to_owned()),
            Part::Document => captures.document = Some(text.to_owned()),
            Part::Commit(_) => captures.commit = Some(text.to_owned()),
            Part::Literal(_) | Part::Star | Part::Folders => {}
        }
    }

    fn named(placeholder: &str) -> Result<Part, String> {
        let (word, width) = match placeholder.split_once(':') {
            Some((word, width)) => (word, width.parse::<usize>().ok()),
            None => (placeholder, None),
        };
        match (word, width) {
            ("number", width) => match width.unwrap_or(1) {
                width @ 1..=9 => Ok(Part::Number(width)),
                _ => Err("{number:N} takes a width of 1 to 9".to_owned()),
            },
            ("commit", Some(digits @ 7..=40)) => Ok(Part::Commit(digits)),
            ("commit", _) => Err("{commit:N} takes 7 to 40 digits".to_owned()),
            ("year", None) => Ok(Part::Year),
            ("quarter", None) => Ok(Part::Quarter),
            ("series", None) => Ok(Part::Series),
            ("name", None) => Ok(Part::Name),
            ("member", None) => Ok(Part::Member),
            ("document", None) => Ok(Part::Document),
            _ => Err(format!("unknown placeholder {{{}}}", crate::escape(placeholder))),
        }
    }
}

fn parse(source: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = source;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('{') {
            let (placeholder, tail) = tail.split_once('}').ok_or("a { is not closed")?;
            parts.push(Part::named(placeholder)?);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("**/") {
            parts.push(Part::Folders);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('*') {
            parts.push(Part::Star);
            rest = tail;
        } else {
            let end = rest.find(['{', '*']).unwrap_or(rest.len());
            parts.push(Part::Literal(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    if parts.is_empty() { Err("it is empty".to_owned()) } else { Ok(parts) }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(source: &str) -> Result<Self, PatternError> {
        let parts =
            parse(source).map_err(|why| PatternError { pattern: source.to_owned(), why })?;
        Ok(Self { source: source.to_owned(), parts })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.source)
    }
}

impl<'de> serde::Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().expect("valid pattern")
    }

    #[test]
    fn recognises_and_makes_the_same_names() {
        let p = pattern("N/n-{number:3}-{year}.txt");
        let found = p.matches("N/n-007-2024.txt").expect("matches");
        assert_eq!((found.number, found.year), (Some(7), Some(2024)));
        assert_eq!(p.render(&found).as_deref(), Some("N/n-007-2024.txt"));
        assert_eq!(p.folder(), "N");
        for other in
            ["N/n-7-2024.txt", "N/n-0007-2024.txt", "N/n-007-24.txt", "N/n-007-2024.txt.txt"]
        {
            assert_eq!(p.matches(other), None, "{other}");
        }
        assert!(p.matches("N/n-1000-2024.txt").is_some());
        let last = Values { number: Some(MAX_NUMBER), ..found };
        assert!(p.matches(&p.render(&last).expect("a name")).is_some());
        assert_eq!(p.render(&Values { number: Some(MAX_NUMBER + 1), ..last }), None);
    }

    #[test]
    fn signature_and_tag_patterns() {
        let found =
            pattern("{document}.sig.{member}").matches("a/b.txt.sig.jean-luc").expect("matches");
        assert_eq!(found.document.as_deref(), Some("a/b.txt"));
        assert_eq!(found.member.as_deref(), Some("jean-luc"));
        let tag = pattern("{member}_sec_{commit:8}");
        let found = tag.matches("ann_sec_0123abcd").expect("matches");
        assert_eq!(found.commit.as_deref(), Some("0123abcd"));
        assert_eq!(tag.matches("ann_sec_0123ABCD"), None);
        assert_eq!(tag.commit_digits(), Some(8));
    }

    #[test]
    fn globs() {
        let p = pattern("keys/**/*.asc");
        assert!(p.matches("keys/a.asc").is_some());
        assert!(p.matches("keys/a/b/c.asc").is_some());
        assert!(p.matches("other/a.asc").is_none());
        assert!(pattern("keys/*.asc").matches("keys/a/b.asc").is_none());
    }

    #[test]
    fn many_wildcards_end_soon() {
        let p = pattern(&format!("{}b", "*a{name}".repeat(10)));
        assert!(p.matches(&"a".repeat(100)).is_none());
        assert!(p.matches(&format!("{}b", "a".repeat(100))).is_some());
    }

    #[test]
    fn says_what_is_wrong() {
        for bad in ["", "{", "{numbr}", "{commit:3}", "{number:0}", "{year:4}"] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad}");
        }
    }
}
