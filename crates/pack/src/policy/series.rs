//! Which file is which: paths to documents, signatures and keys, and back.

use super::{Form, KeyGroup, Policy, Series, SeriesKind};
use crate::{Captures, Document, DocumentId, MemberId, PackPath, SeriesId, Values};

/// The line that opens a clearsigned document (RFC 9580, section 7).
const CLEARSIGNED: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";

/// What the evidence of freshness beside a canary is called after it.
pub const EVIDENCE: &str = ".freshness.json";

impl Policy {
    /// The series with this name.
    pub fn find_series(&self, id: &SeriesId) -> Option<&Series> {
        self.series().iter().find(|series| &series.id == id)
    }

    /// The document that a path names, if it names one.
    pub fn identify(&self, path: &PackPath) -> Option<DocumentId> {
        let known = self.series().iter().find_map(|series| {
            let found = series.paths.iter().find_map(|pattern| pattern.matches(path.as_str()))?;
            Some(series.document(found))
        })?;
        let taken = self.is_unsigned(path) || self.signature_name(path).is_some();
        (!taken).then_some(known)
    }

    /// The document and member that a signature file's path names. The member's alias is
    /// replaced by the id; a name that no member has is kept as it is.
    pub fn signature_place(&self, path: &PackPath) -> Option<(PackPath, Option<MemberId>)> {
        if self.is_unsigned(path) { None } else { self.signature_name(path) }
    }

    fn signature_name(&self, path: &PackPath) -> Option<(PackPath, Option<MemberId>)> {
        self.series().iter().find_map(|series| {
            series.signatures.iter().find_map(|pattern| {
                let found = pattern.matches(path.as_str())?;
                let document: PackPath = found.document.as_deref()?.parse().ok()?;
                series.paths.iter().find_map(|p| p.matches(document.as_str()))?;
                let member = match &found.member {
                    Some(name) => Some(self.member_named(name)?),
                    None => None,
                };
                Some((document, member))
            })
        })
    }

    /// The document that a signature-like name claims to stand beside, when no series has a
    /// document of that name: most often a mistyped file name.
    pub fn orphan_signature(&self, path: &PackPath) -> Option<PackPath> {
        if !self.is_series_folder(path) || self.is_unsigned(path) || self.identify(path).is_some() {
            return None;
        }
        if self.signature_name(path).is_some() {
            return None;
        }
        let patterns = self.series().iter().flat_map(|series| &series.signatures);
        patterns
            .filter_map(|pattern| pattern.matches(path.as_str())?.document)
            .find_map(|document| document.parse().ok())
    }

    fn member_named(&self, name: &str) -> Option<MemberId> {
        match self.roster().named(name) {
            Some(member) => Some(member.id.clone()),
            None => name.parse().ok(),
        }
    }

    /// The path of a new document, by the first pattern of its series.
    pub fn path_of(&self, id: &DocumentId) -> Option<PackPath> {
        let pattern = self.find_series(&id.series)?.paths.first()?;
        pattern.render(&id.values())?.parse().ok()
    }

    /// The path of a member's new signature beside a document.
    pub fn signature_path(&self, document: &Document, member: &MemberId) -> Option<PackPath> {
        let pattern = self.find_series(&document.id.series)?.signatures.first()?;
        let values = Values {
            document: Some(document.path.as_str().to_owned()),
            member: Some(member.as_str().to_owned()),
            ..Values::default()
        };
        pattern.render(&values)?.parse().ok()
    }

    /// What people call the document, for example `QSB-107`.
    pub fn label_of(&self, id: &DocumentId) -> String {
        self.find_series(&id.series)
            .and_then(|series| series.label.as_ref())
            .and_then(|label| label.render(&id.values()))
            .unwrap_or_else(|| id.to_string())
    }

    /// Whether the document carries its signature inside.
    pub fn is_clearsigned(&self, document: &Document) -> bool {
        let opens = || document.bytes.as_deref().is_some_and(|b| b.starts_with(CLEARSIGNED));
        match self.find_series(&document.id.series).map(|series| series.form) {
            Some(Form::Clearsigned) => true,
            Some(Form::Either) => opens(),
            Some(Form::Detached) | None => false,
        }
    }

    /// Whether this file needs no signature: the policy says so, or it is a canary's evidence.
    pub fn is_unsigned(&self, path: &PackPath) -> bool {
        let listed = self
            .series()
            .iter()
            .flat_map(|series| &series.unsigned)
            .any(|pattern| pattern.matches(path.as_str()).is_some());
        listed || self.evidence_of(path).is_some()
    }

    /// The path of the evidence of freshness beside a canary; `None` for other documents.
    pub fn evidence_path(&self, document: &Document) -> Option<PackPath> {
        let series = self.find_series(&document.id.series)?;
        let path = || format!("{}{EVIDENCE}", document.path).parse().ok();
        if series.kind == SeriesKind::Canary { path() } else { None }
    }

    /// The canary whose evidence of freshness a path names.
    pub fn evidence_of(&self, path: &PackPath) -> Option<PackPath> {
        let canary: PackPath = path.as_str().strip_suffix(EVIDENCE)?.parse().ok()?;
        let series = self.identify(&canary)?.series;
        let is_canary = self.find_series(&series)?.kind == SeriesKind::Canary;
        is_canary.then_some(canary)
    }

    /// Whether the path lies directly in a folder where some series keeps its documents.
    pub fn is_series_folder(&self, path: &PackPath) -> bool {
        self.series()
            .iter()
            .flat_map(|series| &series.paths)
            .any(|pattern| !pattern.folder().is_empty() && pattern.folder() == path.folder())
    }

    /// The group whose globs cover this path.
    pub fn key_group(&self, path: &PackPath) -> Option<&KeyGroup> {
        self.key_groups()
            .iter()
            .find(|group| group.paths.iter().any(|p| p.matches(path.as_str()).is_some()))
    }
}

impl Series {
    fn document(&self, found: Captures) -> DocumentId {
        DocumentId {
            series: self.id.clone(),
            number: found.number,
            year: found.year,
            quarter: found.quarter,
            name: found.name,
        }
    }
}

impl DocumentId {
    /// The values that a path or heading pattern needs.
    pub fn values(&self) -> Values {
        Values {
            number: self.number,
            year: self.year,
            quarter: self.quarter,
            name: self.name.clone(),
            ..Values::default()
        }
    }
}
