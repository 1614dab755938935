//! Images of releases: which digests the pack lists for one, and who signed them.
//!
//! The name of the image picks the document, the policy says whose key must have signed that
//! document, and only then do the digests mean anything. Hashing the image is for the caller.

use crate::single::Own;
use crate::{AnchorReport, AuditError, FileReport, Outcome, PolicyReport, Reading};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, Finding, Level, Reason};
use serde::Serialize;
use std::collections::BTreeMap;

/// The schema of [`ImageReport`].
const SCHEMA: &str = "secpack/verify-iso/1";

/// Why nothing could be found out about an image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// No document of a digest series lists an image of that name.
    #[error("no digest in the pack names {}", secpack_pack::escape(.0))]
    NotListed(String),
    /// The repository could not be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// A digest algorithm, told by the length of its hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Algorithm {
    /// 32 digits; broken, never looked at.
    #[serde(rename = "MD5")]
    Md5,
    /// 40 digits; broken, never looked at.
    #[serde(rename = "SHA1")]
    Sha1,
    /// 64 digits.
    #[serde(rename = "SHA256")]
    Sha256,
    /// 128 digits.
    #[serde(rename = "SHA512")]
    Sha512,
}

impl Algorithm {
    fn of_length(digits: usize) -> Option<Self> {
        match digits {
            32 => Some(Algorithm::Md5),
            40 => Some(Algorithm::Sha1),
            64 => Some(Algorithm::Sha256),
            128 => Some(Algorithm::Sha512),
            _ => None,
        }
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha512 => "SHA512",
        }
    }

    fn counts(self) -> bool {
        match self {
            Algorithm::Md5 | Algorithm::Sha1 => false,
            Algorithm::Sha256 | Algorithm::Sha512 => true,
        }
    }
}

/// One line of a digest document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestLine {
    /// By the length of the hex digits.
    pub algorithm: Algorithm,
    /// Lower-case hex digits.
    pub hex: String,
}

/// The digests of one image as one document lists them.
#[derive(Debug)]
pub struct Listed<'p> {
    document: &'p Document,
    lines: Vec<DigestLine>,
}

/// The digests that were computed over the image: lower-case hex digits by algorithm.
pub type Computed = BTreeMap<Algorithm, String>;

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct ImageReport {
    /// Always `secpack/verify-iso/1`.
    pub schema: &'static str,
    /// The outcome.
    pub result: Outcome,
    /// The name of the image.
    pub image: String,
    /// By which policy.
    pub policy: Option<PolicyReport>,
    /// Under which anchor.
    pub anchor: Option<AnchorReport>,
    /// The digest documents that list it, and their signatures.
    pub documents: Vec<FileReport>,
    /// Digests that were compared and match.
    pub matched: Vec<Algorithm>,
    /// Digests that were compared and differ.
    pub differ: Vec<Algorithm>,
    /// Digests that were ignored because they are broken.
    pub ignored: Vec<Algorithm>,
    /// What is not good.
    pub findings: Vec<Finding>,
}

/// The documents of the pack that list an image of this name.
///
/// # Errors
/// [`ImageError::NotListed`].
pub fn listed<'p>(reading: &'p Reading, image: &str) -> Result<Vec<Listed<'p>>, ImageError> {
    let is_digest = |document: &&Document| {
        let series = reading.pack().policy.find_series(&document.id.series);
        series.is_some_and(|series| series.kind == SeriesKind::Digest)
    };
    let documents = reading.pack().documents.values().filter(is_digest);
    let listed: Vec<Listed<'p>> = documents
        .map(|document| Listed { document, lines: lines(&text(document), image) })
        .filter(|listed| !listed.lines.is_empty())
        .collect();
    if listed.is_empty() { Err(ImageError::NotListed(image.to_owned())) } else { Ok(listed) }
}

/// What the signature is over: the text inside, for a clearsigned document.
fn text(document: &Document) -> String {
    let bytes = document.bytes.as_deref().unwrap_or_default();
    match secpack_openpgp::cleartext::split(bytes) {
        Ok(inside) => inside.text,
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// `HEX *NAME` and `HEX  NAME` of coreutils, `ALGORITHM (NAME) = HEX` of BSD.
fn lines(text: &str, image: &str) -> Vec<DigestLine> {
    let of_line = |line: &str| {
        let (hex, name) = match line.split_once(") = ") {
            Some((head, hex)) => (hex, head.split_once(" (")?.1),
            None => {
                let (hex, name) = line.split_once(' ')?;
                (hex, name.strip_prefix(['*', ' '])?)
            }
        };
        let hex = hex.trim().to_ascii_lowercase();
        let valid = name.trim_end() == image && hex.chars().all(|c| c.is_ascii_hexdigit());
        let algorithm = Algorithm::of_length(hex.len()).filter(|_| valid)?;
        Some(DigestLine { algorithm, hex })
    };
    text.lines().filter_map(of_line).collect()
}

impl Reading {
    /// Judges the documents that list an image, and compares.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn judge_image(
        &self,
        image: &str,
        listed: &[Listed<'_>],
        computed: &Computed,
    ) -> Result<ImageReport, ImageError> {
        let authority = self.authority();
        let mut documents = Vec::new();
        for listed in listed {
            let document = listed.document;
            let files: Vec<_> = self.pack().signatures_of(&document.path).cloned().collect();
            let path = document.path.as_str();
            documents.push(self.judge_document(
                &authority,
                &Own { document, files: &files, evidence: None },
                path,
            )?);
        }
        let all = || listed.iter().flat_map(|listed| &listed.lines);
        let names = |wanted: &dyn Fn(&DigestLine) -> bool| -> Vec<Algorithm> {
            let mut names: Vec<_> = all().filter(|l| wanted(l)).map(|l| l.algorithm).collect();
            names.sort();
            names.dedup();
            names
        };
        let equal = |line: &DigestLine| computed.get(&line.algorithm) == Some(&line.hex);
        let differ = names(&|line| line.algorithm.counts() && !equal(line));
        let ignored = names(&|line| !line.algorithm.counts());
        let mut matched = names(&|line| line.algorithm.counts() && equal(line));
        matched.retain(|algorithm| !differ.contains(algorithm));
        let mut findings = self.findings(&authority)?;
        findings.extend(documents.iter().filter_map(unsigned));
        findings.extend(differ.iter().map(|algorithm| mismatch(image, *algorithm)));
        if matched.is_empty() && differ.is_empty() {
            findings.push(only_weak(image));
        }
        let single = self.report(documents, findings);
        let fails = |f: &Finding| f.level == Level::Error && !f.accepted;
        let good = single.is_good() && !single.findings.iter().any(fails);
        Ok(ImageReport {
            schema: SCHEMA,
            result: if good { Outcome::Good } else { Outcome::NotGood },
            image: image.to_owned(),
            policy: single.policy,
            anchor: single.anchor,
            documents: single.files,
            matched,
            differ,
            ignored,
            findings: single.findings,
        })
    }
}

impl ImageReport {
    /// Whether the image is what a good signature says.
    pub fn is_good(&self) -> bool {
        self.result == Outcome::Good
    }
}

/// The policy may accept a document that nobody signed; an image it lists is vouched for by nobody.
fn unsigned(report: &FileReport) -> Option<Finding> {
    let path = report.path.as_ref()?;
    report.signatures.is_empty().then(|| {
        let text = "nobody signed the document that lists this image";
        Finding::new(Reason::Missing.code(), Level::Error, path.as_str(), &[], text)
    })
}

fn mismatch(image: &str, algorithm: Algorithm) -> Finding {
    let text = format!("its {} is not the one that the pack lists", algorithm.name());
    Finding::new("digest-mismatch", Level::Error, image, &[algorithm.name().as_bytes()], text)
        .with_help("do not use this image; download it again from another place and compare")
}

fn only_weak(image: &str) -> Finding {
    let text = "the pack lists neither SHA-256 nor SHA-512 for it";
    Finding::new(Reason::WeakHash.code(), Level::Error, image, &[], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(Algorithm, char)>) {
        let found = lines(line, "a.iso");
        let found = found.first().map(|l| (l.algorithm, l.hex.chars().next().expect("a digit")));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn lines_name_the_image_exactly() {
        let (md5, sha256) = ("0".repeat(32), "a".repeat(64));
        check(&format!("{md5} *a.iso"), Some((Algorithm::Md5, '0')));
        check(&format!("{sha256}  a.iso"), Some((Algorithm::Sha256, 'a')));
        check(&format!("{} *a.iso", sha256.to_uppercase()), Some((Algorithm::Sha256, 'a')));
        check(&format!("SHA256 (a.iso) = {sha256}"), Some((Algorithm::Sha256, 'a')));
        check(&format!("{sha256} *b/a.iso"), None);
        check(&format!("{sha256} *a.iso.torrent"), None);
        check(&format!("{} *a.iso", &sha256[1..]), None);
        check(&format!("{} *a.iso", "g".repeat(64)), None);
    }
}
