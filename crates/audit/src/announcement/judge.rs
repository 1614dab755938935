//! What an announcement is worth: the recovered bytes judged like any single document.

use super::others::another;
use super::recover::{Questions, Recovered, bare, forms, guesses, recover};
use super::{Announcement, AnnouncementError, Damage, Format};
use crate::single::{Own, bare_detached, bare_finding, bare_report};
use crate::{FileReport, Outcome, Reading, SingleReport};
use secpack_openpgp::Authority;
use secpack_pack::{Document, DocumentId, Finding, Level, PackPath, SeriesId, SignatureFile};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The schema of [`AnnouncementReport`].
const SCHEMA: &str = "secpack/verify-announcement/1";

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct AnnouncementReport {
    /// Always `secpack/verify-announcement/1`.
    pub schema: &'static str,
    /// The outcome.
    pub result: Outcome,
    /// What was found in it.
    pub announced: Announced,
    /// The recovered document and its signatures; everything else as for single files.
    #[serde(flatten)]
    pub judged: Judged,
}

/// What was found in an announcement.
#[derive(Debug, Clone, Serialize)]
pub struct Announced {
    /// What kind of announcement it is.
    pub format: Format,
    /// The first line of the document.
    pub heading: String,
    /// Where the text was found.
    pub place: String,
    /// What was undone; empty when the bytes are exact.
    pub undone: Vec<Damage>,
    /// Whether the pack has exactly this text; `None` when it has no such document.
    pub equals_pack: Option<bool>,
    /// What was seen and left aside.
    pub notes: Vec<String>,
}

/// The single document inside.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// By which policy; `None` when nothing says who may sign.
    pub policy: Option<crate::PolicyReport>,
    /// Under which anchor.
    pub anchor: Option<crate::AnchorReport>,
    /// The document.
    pub document: FileReport,
    /// What is wrong with the anchor or the policy.
    pub findings: Vec<secpack_pack::Finding>,
}

impl AnnouncementReport {
    /// Whether everything is good.
    pub fn is_good(&self) -> bool {
        self.result == Outcome::Good
    }

    /// What was undone, in words: `exact`, or each damage.
    pub fn undone(&self) -> String {
        let words: Vec<String> = self.announced.undone.iter().map(ToString::to_string).collect();
        if words.is_empty() { "exact".to_owned() } else { words.join(", ") }
    }
}

/// Recovers the document from an announcement and judges it.
///
/// # Errors
/// [`AnnouncementError::NoDocument`], and when the repository cannot be read.
pub fn judge(
    reading: &Reading,
    found: &Announcement,
    name: &str,
) -> Result<AnnouncementReport, AnnouncementError> {
    let authority = reading.authority();
    let (recovered, document) = if reading.has_policy() {
        by_heading(reading, &authority, found)?
    } else {
        (by_signatures(&authority, found).ok_or(AnnouncementError::NoDocument)?, None)
    };
    let file = match &document {
        Some(document) => {
            let files = signature_files(found, &document.path);
            let mut file = reading.judge_document(
                &authority,
                &Own { document, files: &files, evidence: None },
                name,
            )?;
            file.findings.extend(other_text(reading, found, document));
            file
        }
        None => judge_bare(&authority, found, &recovered, name),
    };
    let single = reading.report(vec![file], reading.findings(&authority)?);
    Ok(report(reading, found, recovered, document.as_ref(), single))
}

fn report(
    reading: &Reading,
    found: &Announcement,
    recovered: Recovered,
    document: Option<&Document>,
    single: SingleReport,
) -> AnnouncementReport {
    let known = document.and_then(|d| reading.pack().documents.get(&d.path));
    let text = String::from_utf8_lossy(&recovered.bytes).into_owned();
    let heading = text.lines().map(bare).find(|line| !line.is_empty()).unwrap_or_default();
    let announced = Announced {
        format: found.format,
        heading: heading.to_owned(),
        equals_pack: known.map(|known| known.bytes.as_deref() == Some(&recovered.bytes)),
        place: recovered.place,
        undone: recovered.undone,
        notes: found.notes.clone(),
    };
    let SingleReport { result, policy, anchor, mut files, findings, .. } = single;
    let document = files.pop().expect("one file was judged");
    let judged = Judged { policy, anchor, document, findings };
    AnnouncementReport { schema: SCHEMA, result, announced, judged }
}

/// Which of the signatures verify over some bytes, each text asked about once.
fn counter<'a>(
    authority: &'a Authority<'_>,
    found: &'a Announcement,
) -> impl Fn(&[u8]) -> usize + 'a {
    let asked: RefCell<BTreeMap<Vec<u8>, usize>> = RefCell::default();
    move |bytes| {
        if let Some(known) = asked.borrow().get(bytes) {
            return *known;
        }
        let verifies = |armored: &&String| {
            bare_detached(authority, armored.as_bytes(), bytes).signer.is_some()
        };
        let count = found.signatures.iter().filter(verifies).count();
        asked.borrow_mut().insert(bytes.to_vec(), count);
        count
    }
}

/// The document whose heading, by the policy, stands in the announcement.
fn by_heading(
    reading: &Reading,
    authority: &Authority<'_>,
    found: &Announcement,
) -> Result<(Recovered, Option<Document>), AnnouncementError> {
    let lines = found.blocks.iter().flat_map(|block| block.text.lines());
    let claim = lines.flat_map(forms).find_map(|line| Some((reading.claim(&line)?, line)));
    let ((series, number), heading) = claim.ok_or(AnnouncementError::NoDocument)?;
    let known = reading
        .pack()
        .documents
        .values()
        .find(|d| d.id.series == series && d.id.number == Some(number));
    let is_heading = |line: &str| forms(line).contains(&heading);
    let ask = Questions {
        is_heading: &is_heading,
        verified: &counter(authority, found),
        known: known.and_then(|document| document.bytes.as_deref()),
    };
    let recovered = recover(found, &ask).ok_or(AnnouncementError::NoDocument)?;
    let (id, path) = match known {
        Some(document) => (document.id.clone(), document.path.clone()),
        None => reading.place(series, number, &recovered.bytes),
    };
    let bytes = Some(recovered.bytes.as_slice().into());
    Ok((recovered, Some(Document { id, path, bytes })))
}

/// Without a policy no heading is known: whatever the signatures verify is the document.
fn by_signatures(authority: &Authority<'_>, found: &Announcement) -> Option<Recovered> {
    let verified = counter(authority, found);
    let ask = Questions { is_heading: &|_| true, verified: &verified, known: None };
    let tried = guesses(found).into_iter().filter_map(|guess| recover(&guess, &ask));
    // The first of the best: later ones are wilder guesses.
    tried.reduce(|best, next| if next.verified > best.verified { next } else { best })
}

fn signature_files(found: &Announcement, document: &PackPath) -> Vec<SignatureFile> {
    let numbered = found.signatures.iter().enumerate();
    numbered
        .filter_map(|(at, armored)| {
            let path = format!("{document}.signature-{}", at + 1).parse().ok()?;
            let bytes = Some(armored.as_bytes().into());
            Some(SignatureFile { document: document.clone(), member: None, path, bytes })
        })
        .collect()
}

fn judge_bare(
    authority: &Authority<'_>,
    found: &Announcement,
    recovered: &Recovered,
    name: &str,
) -> FileReport {
    let numbered = found.signatures.iter().enumerate();
    let judge = |(at, armored): (usize, &String)| {
        let path: PackPath = format!("signature-{}", at + 1).parse().expect("a plain name");
        bare_report(path, bare_detached(authority, armored.as_bytes(), &recovered.bytes))
    };
    let signatures: Vec<_> = numbered.map(judge).collect();
    let findings = signatures.iter().filter_map(bare_finding).collect();
    FileReport { signatures, findings, ..FileReport::bare(name) }
}

/// A reader may have read the other text, so nothing accepts this finding away.
fn other_text(reading: &Reading, found: &Announcement, document: &Document) -> Option<Finding> {
    let bytes = document.bytes.as_deref().unwrap_or_default();
    let place = another(found, bytes, &|line| reading.claim(line).is_some())?;
    let text = format!("the page shows another text with the heading of a document: {place}");
    let subject = document.path.as_str();
    let help = "the signatures are not over that text; read the pack's own";
    Some(Finding::new("differs", Level::Error, subject, &[bytes], text).with_help(help))
}

impl Reading {
    /// The document that a line is the heading of, by the text rules of the policy.
    fn claim(&self, line: &str) -> Option<(SeriesId, u32)> {
        self.pack().policy.text_rules().iter().find_map(|rules| {
            let number = rules.heading.as_ref()?.matches(line)?.number?;
            let covered = rules.numbers.as_ref().is_none_or(|set| set.contains(number));
            covered.then(|| (rules.series.clone(), number))
        })
    }

    /// Where a document lies that the pack does not have: by the date it states.
    fn place(&self, series: SeriesId, number: u32, bytes: &[u8]) -> (DocumentId, PackPath) {
        let mut id =
            DocumentId { series, number: Some(number), year: None, quarter: None, name: None };
        let nowhere: PackPath = "announced".parse().expect("a plain name");
        let document =
            Document { id: id.clone(), path: nowhere.clone(), bytes: Some(bytes.into()) };
        let policy = &self.pack().policy;
        if let Some(date) = crate::texts::date_of(policy, &document) {
            use chrono::Datelike;
            id.year = u16::try_from(date.year()).ok();
            id.quarter = u8::try_from((date.month0() / 3) + 1).ok();
        }
        let path = policy.path_of(&id).unwrap_or(nowhere);
        (id, path)
    }
}
