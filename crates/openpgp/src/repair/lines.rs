//! The lenient reader: from a damaged block to its bytes, noting every step that was needed.

use super::{LABEL, Repair, RepairError};
use crate::armor::crc24_text;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;

/// Longest line of data (RFC 9580, section 6.2).
const WIDTH: usize = 76;

type Noted = BTreeSet<Repair>;

/// The data of the one block in `text`, and what had to be put right.
pub(super) fn read(text: &str) -> Result<(Vec<u8>, Vec<Repair>), RepairError> {
    let mut noted = Noted::new();
    let text = characters(text, &mut noted);
    let body = body(&text, &mut noted)?;
    let lines = body_lines(&body, &mut noted);
    let data = data_lines(&lines, &mut noted);
    let bytes = decode(&data, &mut noted)?;
    Ok((bytes, noted.into_iter().collect()))
}

/// Undoes what changed characters everywhere: entities and dashes.
fn characters(text: &str, noted: &mut Noted) -> String {
    const ENTITIES: [(&str, &str); 6] = [
        ("&#43;", "+"),
        ("&#x2B;", "+"),
        ("&#61;", "="),
        ("&#x3D;", "="),
        ("&#47;", "/"),
        ("&nbsp;", " "),
    ];
    let mut plain = text.to_owned();
    for (entity, character) in ENTITIES {
        if plain.contains(entity) {
            noted.insert(Repair::Entities);
            plain = plain.replace(entity, character);
        }
    }
    if plain.contains(&begin()) {
        return plain;
    }
    let dashed = plain.replace('\u{2014}', "--").replace(['\u{2013}', '\u{2212}'], "-");
    match dashed.find(&format!("BEGIN {LABEL}")) {
        Some(_) if dashed != plain => {
            noted.insert(Repair::Dashes);
            five_dashes(&dashed)
        }
        Some(_) | None => plain,
    }
}

/// However many dashes stand around the two labels, five is what belongs there.
fn five_dashes(text: &str) -> String {
    let fixed = |line: &str| match line.trim_matches(['-', ' ', '\r']) {
        inner if inner == format!("BEGIN {LABEL}") => begin(),
        inner if inner == format!("END {LABEL}") => end(),
        _ => line.to_owned(),
    };
    text.split('\n').map(fixed).collect::<Vec<_>>().join("\n")
}

fn begin() -> String {
    format!("-----BEGIN {LABEL}-----")
}

fn end() -> String {
    format!("-----END {LABEL}-----")
}

/// What stands between the first and the last line, without whatever every line begins with.
fn body(text: &str, noted: &mut Noted) -> Result<String, RepairError> {
    let (begin, end) = (begin(), end());
    let start = text.find(&begin).ok_or(RepairError::NoBlock)?;
    if text[start + begin.len()..].contains(&begin) {
        return Err(RepairError::SeveralBlocks);
    }
    let margin = text[..start].rsplit('\n').next().unwrap_or_default();
    let after = &text[start + begin.len()..];
    let inner = match after.find(&end) {
        Some(stop) => &after[..stop],
        None => {
            noted.insert(Repair::MissingEnd);
            after
        }
    };
    if margin.is_empty() || margin.chars().any(|c| !" \t>|".contains(c)) {
        return Ok(inner.to_owned());
    }
    noted.insert(if margin.contains('>') { Repair::Quoted } else { Repair::Indented });
    let bare = |line: &str| {
        let line = line.strip_prefix(margin).or_else(|| line.strip_prefix(margin.trim_end()));
        line.map(str::to_owned)
    };
    let lines: Vec<String> =
        inner.split('\n').map(|line| bare(line).unwrap_or_else(|| line.to_owned())).collect();
    Ok(lines.join("\n"))
}

/// Lines after the first, without trailing blanks, which every reader ignores.
fn body_lines<'b>(body: &'b str, noted: &mut Noted) -> Vec<&'b str> {
    let mut lines: Vec<&str> = body.split('\n').map(str::trim_end).collect();
    let joined = lines.first().is_some_and(|first| !first.is_empty());
    if joined {
        noted.insert(Repair::JoinedLines);
        return body.split_whitespace().collect();
    }
    lines.remove(0);
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

/// The data without headers.
fn data_lines<'b>(lines: &[&'b str], noted: &mut Noted) -> Vec<&'b str> {
    let headers = lines.iter().take_while(|line| is_header(line)).count();
    let rest = &lines[headers..];
    let separated = rest.first().is_some_and(|line| line.is_empty());
    // Joined lines lost the blank line with all other breaks; that is one damage, not two.
    if !separated && !noted.contains(&Repair::JoinedLines) {
        noted.insert(Repair::MissingBlankLine);
    }
    let data: Vec<&str> = rest.iter().skip(usize::from(separated)).copied().collect();
    if data.iter().any(|line| line.is_empty()) {
        noted.insert(Repair::BlankLines);
    }
    if data.iter().any(|line| line.len() > WIDTH) {
        noted.insert(Repair::LongLines);
    }
    data.into_iter().filter(|line| !line.is_empty()).collect()
}

/// A header line has a word, a colon and a blank, none of which base64 has.
fn is_header(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(key, _)| {
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
}

fn decode(lines: &[&str], noted: &mut Noted) -> Result<Vec<u8>, RepairError> {
    let own_line = lines.last().and_then(|line| line.strip_prefix('=')).filter(|s| s.len() == 4);
    let (base64, checksum) = match own_line {
        Some(sum) => (lines[..lines.len() - 1].concat(), Some(sum.to_owned())),
        None => cut_checksum(&lines.concat(), noted),
    };
    if noted.contains(&Repair::MissingEnd) && checksum.is_none() {
        return Err(RepairError::Truncated);
    }
    let bytes = STANDARD.decode(base64).map_err(|_| RepairError::Base64)?;
    match checksum {
        Some(sum) if sum != crc24_text(&bytes) => Err(RepairError::Checksum),
        Some(_) | None => Ok(bytes),
    }
}

/// A checksum that is glued to the data: `=` and four characters after whole groups of four.
fn cut_checksum(data: &str, noted: &mut Noted) -> (String, Option<String>) {
    let at = data.len().saturating_sub(5);
    let is_glued = data.is_char_boundary(at)
        && data[at..].starts_with('=')
        && at.is_multiple_of(4)
        && at > 0
        && !data[at + 1..].contains('=');
    if !is_glued {
        return (data.to_owned(), None);
    }
    noted.insert(Repair::GluedChecksum);
    (data[..at].to_owned(), Some(data[at + 1..].to_owned()))
}
