//! The proof of freshness: a date, headlines per source, the hash of a block.
//!
//! Two layouts exist: `Source: NAME (URL)` with headlines below it, and in older canaries the
//! commands that fetched them, `$ program -u URL`.

use chrono::{DateTime, Datelike, Utc};
use secpack_pack::plaintext::{Line, Section, lines};
use serde::Serialize;
use std::ops::Range;

/// The proof of freshness of a canary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proof<'t> {
    /// Its time; RFC 5322 in the text.
    pub date: Option<DateTime<Utc>>,
    /// The line of the time, counted from 1.
    pub date_line: Option<u32>,
    /// Sources that have headlines, in order.
    pub sources: Vec<ProofSource<'t>>,
    /// The block.
    pub block: Option<ProofBlock<'t>>,
}

/// A source and its headlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofSource<'t> {
    /// What it is called; `None` where only the URL stands.
    pub name: Option<&'t str>,
    /// Its URL.
    pub url: Option<&'t str>,
    /// Its headlines.
    pub titles: Vec<&'t str>,
    /// Its line, counted from 1.
    pub line: u32,
}

impl ProofSource<'_> {
    /// The lines of its headlines, counted from 1; the end is exclusive.
    pub fn title_lines(&self) -> Range<u32> {
        let count = u32::try_from(self.titles.len()).unwrap_or(u32::MAX);
        let first = self.line.saturating_add(1);
        first..first.saturating_add(count)
    }
}

/// A block of the Bitcoin chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProofBlock<'t> {
    /// The line that should be its hash.
    pub hash: &'t str,
    /// That line, counted from 1.
    pub line: u32,
}

pub(super) fn proof<'t>(section: &Section<'t>) -> Proof<'t> {
    let mut proof = Proof::default();
    for line in lines(section.body) {
        let number = section.lines.start + line.number - 1;
        if let (None, Some(date)) = (proof.date, time(line.text)) {
            (proof.date, proof.date_line) = (Some(date), Some(number));
        } else if let Some(source) = source(&line, number) {
            proof.sources.push(source);
        } else if is_hash(line.text) && proof.block.is_none() {
            proof.block = Some(ProofBlock { hash: line.text, line: number });
        } else if let (false, Some(source)) = (is_apart(&line), proof.sources.last_mut()) {
            source.titles.push(line.text.trim_end());
        }
    }
    proof.sources.retain(|source| !source.titles.is_empty());
    proof
}

/// Whether a line below a source is read as one of its headlines, wherever it comes from: not as a
/// time, a source, a hash, an underline or a footer.
pub(crate) fn is_headline(line: &str) -> bool {
    let of = |text| Line { number: 1, start: 0, text };
    let apart = is_apart(&of(line)) || line.starts_with("--") || of(line).is_underline();
    !apart && time(line).is_none() && source(&of(line), 1).is_none() && !is_hash(line)
}

/// Blank lines, and what continues a command.
fn is_apart(line: &Line<'_>) -> bool {
    line.is_blank() || line.text.starts_with(char::is_whitespace)
}

/// A year has four digits here: what reckons with the time must not overflow.
fn time(line: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc2822(line.trim()).ok()?.to_utc();
    (time.year() <= 9999).then_some(time)
}

fn source<'t>(line: &Line<'t>, number: u32) -> Option<ProofSource<'t>> {
    let of = |name, url| ProofSource { name, url, titles: Vec::new(), line: number };
    if let Some(command) = line.text.strip_prefix("$ ") {
        return Some(of(None, command.split_whitespace().find(|word| word.contains("://"))));
    }
    let rest = line.text.strip_prefix("Source: ")?.trim_end();
    let with_url = rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    Some(match with_url {
        Some((name, url)) => of(Some(name), Some(url)),
        None => of(Some(rest), None),
    })
}

/// A line of 32 hex digits or more: a block hash, or what is left of one.
fn is_hash(line: &str) -> bool {
    line.len() >= 32 && line.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secpack_pack::plaintext::Layout;

    fn check(body: &str, sources: &[(Option<&str>, Option<&str>, usize)], has_block: bool) {
        let text = format!("Proof of freshness\n-----\n\n{body}");
        let layout = Layout::of(&text);
        let proof = proof(&layout.sections[0]);
        let found: Vec<_> = proof.sources.iter().map(|s| (s.name, s.url, s.titles.len())).collect();
        assert_eq!(found, sources, "{body}");
        assert_eq!(proof.block.is_some(), has_block, "{body}");
        assert_eq!(proof.date.is_some(), body.contains("+0000"), "{body}");
    }

    #[test]
    fn years_have_four_digits() {
        assert!(time("Fri, 31 Dec 9999 23:30:00 +0000").is_some());
        assert_eq!(time("Mon, 31 Dec 262142 23:30:00 +0000"), None);
    }

    #[test]
    fn both_layouts() {
        let hash = "0".repeat(64);
        check(
            &format!(
                "Tue, 03 Dec 2024 00:46:10 +0000\n\nSource: A > B (https://a/)\nOne\nTwo\n\nSource: Chain\n{hash}\n"
            ),
            &[(Some("A > B"), Some("https://a/"), 2)],
            true,
        );
        check(
            &format!(
                "$ date -R\nThu, 05 Mar 2015 13:16:58 +0000\n\n$ feed -u https://a/\nOne\n\n$ curl 'https://b/' |\\\n  python3 -c 1\n{hash}\n"
            ),
            &[(None, Some("https://a/"), 1)],
            true,
        );
        check("", &[], false);
        check("Tue, 04 Dec 2024 00:46:10 -0000 is no Tuesday\nwords\n", &[], false);
    }
}
