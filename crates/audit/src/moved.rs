//! Texts that name nothing can be moved: a statement or a list of digests is bound to its path by
//! history alone. A text that was published under another path first, or that a newer one replaced
//! since, is told from one that belongs where it lies.

use crate::AuditError;
use secpack_git::{BlobVersion, Repository};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, Finding, Level, ObjectId, Pack, PackPath, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// Every version of every document, by path, oldest first.
pub(crate) struct Versions {
    by_path: BTreeMap<PackPath, Vec<BlobVersion>>,
}

impl Versions {
    pub(crate) fn read(
        repository: &Repository,
        pack: &Pack,
        tips: &[ObjectId],
    ) -> Result<Self, AuditError> {
        let is_document = |path: &PackPath| pack.policy.identify(path).is_some();
        let mut by_path: BTreeMap<PackPath, Vec<BlobVersion>> = BTreeMap::new();
        for version in repository.blob_versions(tips, &is_document)? {
            by_path.entry(version.path.clone()).or_default().push(version);
        }
        Ok(Self { by_path })
    }

    /// Documents whose text of today is one that another text replaced before.
    pub(crate) fn reverted(&self, pack: &Pack) -> BTreeSet<PackPath> {
        let is_old = |path: &&PackPath| pack.file(path).is_some_and(|f| self.is_old(path, f.id));
        pack.documents.keys().filter(is_old).cloned().collect()
    }

    /// Whether another text replaced this one at its path before.
    pub(crate) fn is_old(&self, path: &PackPath, text: ObjectId) -> bool {
        let versions = self.by_path.get(path).map_or(&[][..], Vec::as_slice);
        let at = versions.iter().position(|version| version.id == text);
        at.is_some_and(|at| at + 1 < versions.len())
    }

    /// Findings about statements and digests whose text was published elsewhere first.
    pub(crate) fn findings(
        &self,
        repository: &Repository,
        pack: &Pack,
    ) -> Result<Vec<Finding>, AuditError> {
        let mut found = Vec::new();
        for document in pack.documents.values() {
            if let Some(file) = pack.file(&document.path) {
                found.extend(self.finding(repository, pack, document, file.id)?);
            }
        }
        Ok(found)
    }

    /// The finding about one statement or list of digests with this text.
    pub(crate) fn finding(
        &self,
        repository: &Repository,
        pack: &Pack,
        document: &Document,
        text: ObjectId,
    ) -> Result<Option<Finding>, AuditError> {
        if !names_nothing(pack, document) {
            return Ok(None);
        }
        let Some(other) = self.elsewhere(repository, &document.path, text)? else {
            return Ok(None);
        };
        let said = format!("the same text was published as {other} before");
        let help = "do not trust it: somebody may have moved it here with its signatures";
        let (code, path) = (Reason::NameMismatch.code(), document.path.as_str());
        let finding = Finding::new(code, Level::Error, path, &[text.as_bytes()], said);
        Ok(Some(finding.with_help(help)))
    }

    /// Another path that had this text before this one did.
    fn elsewhere(
        &self,
        repository: &Repository,
        at: &PackPath,
        text: ObjectId,
    ) -> Result<Option<PackPath>, AuditError> {
        let here = self.first(at, text);
        for path in self.by_path.keys().filter(|path| *path != at) {
            let Some(there) = self.first(path, text) else { continue };
            let later = match here {
                None => true,
                Some(here) if here == there => false,
                Some(here) => repository.is_ancestor(there, here)?,
            };
            if later {
                return Ok(Some(path.clone()));
            }
        }
        Ok(None)
    }

    /// The oldest commit that has this text at this path.
    pub(crate) fn first(&self, path: &PackPath, text: ObjectId) -> Option<ObjectId> {
        let versions = self.by_path.get(path)?;
        versions.iter().find(|version| version.id == text).map(|version| version.commit)
    }
}

/// Whether nothing in the text says which document it is.
pub(crate) fn names_nothing(pack: &Pack, document: &Document) -> bool {
    match pack.policy.find_series(&document.id.series).map(|series| series.kind) {
        Some(SeriesKind::Statement | SeriesKind::Digest) => true,
        Some(SeriesKind::Bulletin | SeriesKind::Canary | SeriesKind::Policy) | None => false,
    }
}
