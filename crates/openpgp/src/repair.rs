//! Keys whose armor was damaged on its way, and the named repairs that make them readable again.
//!
//! Programs differ in which damage they silently forgive, so none is forgiven silently here. A
//! repair puts back what the form of armor requires (RFC 9580, section 6.2) and never guesses
//! data: the base64 text must decode, and a checksum that is there must match.

mod lines;

use crate::{armor, certs};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;
use std::fmt;

/// Largest file that is looked at, in bytes.
const CAP: usize = 4 * 1024 * 1024;

/// The label of an armored certificate.
const LABEL: &str = "PGP PUBLIC KEY BLOCK";

/// One thing that was put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// HTML entities stood for characters.
    Entities,
    /// Typographic dashes stood in the first and last line.
    Dashes,
    /// Lines began with `>`.
    Quoted,
    /// Lines were indented.
    Indented,
    /// Line breaks had become blanks.
    JoinedLines,
    /// No blank line stood between headers and data.
    MissingBlankLine,
    /// Blank lines stood inside the data.
    BlankLines,
    /// Data lines were longer than 76 columns.
    LongLines,
    /// The checksum stood at the end of the last data line.
    GluedChecksum,
    /// The last line was missing.
    MissingEnd,
}

impl Repair {
    /// The stable name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Repair::Entities => "entities",
            Repair::Dashes => "dashes",
            Repair::Quoted => "quoted",
            Repair::Indented => "indented",
            Repair::JoinedLines => "joined-lines",
            Repair::MissingBlankLine => "missing-blank-line",
            Repair::BlankLines => "blank-lines",
            Repair::LongLines => "long-lines",
            Repair::GluedChecksum => "glued-checksum",
            Repair::MissingEnd => "missing-end",
        }
    }

    /// What was wrong, in one line for people.
    pub fn explanation(self) -> &'static str {
        match self {
            Repair::Entities => "HTML entities stand for some characters",
            Repair::Dashes => "the BEGIN and END lines have typographic dashes",
            Repair::Quoted => "its lines are quoted with \">\"",
            Repair::Indented => "its lines are indented",
            Repair::JoinedLines => "its line breaks have become blanks",
            Repair::MissingBlankLine => "no blank line stands between its headers and its data",
            Repair::BlankLines => "blank lines stand inside its data",
            Repair::LongLines => "its data lines are longer than 76 columns",
            Repair::GluedChecksum => "its checksum stands at the end of the last data line",
            Repair::MissingEnd => "its END line is missing",
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A key file read with whatever repairs it needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// What was put right, in a fixed order; empty when nothing was damaged.
    pub repairs: Vec<Repair>,
    /// The same data in well-formed armor.
    pub armored: String,
    /// The primary key inside.
    pub fingerprint: Fingerprint,
}

/// Why a key file cannot be repaired.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RepairError {
    /// Above 4 MiB.
    #[error("{0} bytes is too large for a key file")]
    TooLarge(usize),
    /// Not text.
    #[error("it is not text; only armor can be repaired")]
    NotText,
    /// No certificate begins anywhere.
    #[error("it holds no \"BEGIN {LABEL}\"")]
    NoBlock,
    /// More than one begins.
    #[error("it holds more than one block; cut it into one file each")]
    SeveralBlocks,
    /// The end is missing and so is the checksum: nothing says that the data is whole.
    #[error("its end is missing, checksum included, so nothing says that it is whole")]
    Truncated,
    /// Characters were lost or changed.
    #[error("its base64 text is damaged; that is not repaired, because it would be a guess")]
    Base64,
    /// The data is not what was armored.
    #[error("its checksum does not match; that is not repaired, because it would be a guess")]
    Checksum,
    /// Well-formed armor around something else.
    #[error("it holds no certificate that can be read: {0}")]
    NoCertificate(String),
    /// More than one certificate.
    #[error("it holds {0} certificates; one is expected")]
    SeveralCertificates(usize),
}

/// Reads one armored certificate, damaged or not.
///
/// # Errors
/// [`RepairError`] when the data itself is damaged or is not one certificate.
pub fn repair(bytes: &[u8]) -> Result<Repaired, RepairError> {
    if bytes.len() > CAP {
        return Err(RepairError::TooLarge(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| RepairError::NotText)?;
    let (data, repairs) = lines::read(text)?;
    let fingerprint = only_certificate(&data)?;
    Ok(Repaired { repairs, armored: armor::encode(&data, LABEL), fingerprint })
}

/// What is damaged about the armor of a block of a key file; `None` when it is well formed or is
/// no armored certificate at all.
pub(crate) fn armor_fault(block: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(block).ok()?;
    match lines::read(text) {
        Ok((_, repairs)) if repairs.is_empty() => None,
        Ok((_, repairs)) => {
            let names: Vec<String> =
                repairs.iter().map(|r| format!("{} ({r})", r.explanation())).collect();
            Some(names.join(", "))
        }
        Err(RepairError::NoBlock | RepairError::SeveralBlocks) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// The packets of a block of a key file, armored or binary.
pub(crate) fn data(block: &[u8]) -> Option<Vec<u8>> {
    match std::str::from_utf8(block).map(lines::read) {
        Ok(Ok((data, _))) => Some(data),
        Ok(Err(_)) => None,
        Err(_) => Some(block.to_vec()),
    }
}

/// Whether armor stands outside every block that a reader finds, for example because its first
/// line is damaged: readers skip it as if it were a note.
pub(crate) fn has_stray_armor(file: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(file) else { return false };
    if !text.contains("-----BEGIN PGP ") {
        return false;
    }
    let mut inside = false;
    text.lines().map(str::trim).any(|line| match line {
        _ if line.starts_with("-----BEGIN PGP ") => {
            inside = true;
            false
        }
        _ if inside => {
            inside = !line.ends_with("-----") || !line.contains("-----END PGP ");
            false
        }
        _ => line.contains(LABEL) || is_data(line),
    })
}

/// A whole line of base64, and not a fingerprint or digest that a note may give.
fn is_data(line: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    line.len() >= 60 && line.chars().all(is_base64) && !line.chars().all(|c| c.is_ascii_hexdigit())
}

fn only_certificate(data: &[u8]) -> Result<Fingerprint, RepairError> {
    let unreadable = |error: openpgp::anyhow::Error| {
        RepairError::NoCertificate(secpack_pack::escape(&error.to_string()))
    };
    let certs: Vec<_> =
        certs::read(data).into_iter().collect::<Result<_, _>>().map_err(unreadable)?;
    match certs.as_slice() {
        [one] => crate::fingerprint(&one.fingerprint())
            .ok_or_else(|| RepairError::NoCertificate("its fingerprint is not known".to_owned())),
        [] => Err(RepairError::NoCertificate("it is empty".to_owned())),
        several => Err(RepairError::SeveralCertificates(several.len())),
    }
}

#[cfg(test)]
mod tests;
