//! What the past says of a single document: the history of the pack that it is compared with, and
//! what the reader saw of that pack before. Its signatures cannot say it: they bind no name, and an
//! old text was good once.

use super::Reading;
use crate::AuditError;
use crate::memory::{Memory, ancestry, rolled_back};
use crate::moved::{Versions, names_nothing};
use secpack_git::blob_id;
use secpack_pack::{Document, Finding, Level, ObjectId, Reason};

impl Reading {
    /// Judges by what the reader remembers of this pack as well: nothing is good by a pack that was
    /// rolled back, and the clock is the later of the two.
    ///
    /// # Errors
    /// [`AuditError`] when the repository cannot be read.
    pub fn remembering(mut self, seen: Memory) -> Result<Self, AuditError> {
        self.now = seen.clock(self.now);
        if let Some(repository) = &self.repository {
            self.rolled_back = match self.commit {
                Some(now) => rolled_back(seen.head, now, ancestry(repository, seen.head, now)?),
                None => Some(empty(seen.head)),
            };
        }
        self.seen = Some(seen);
        Ok(self)
    }

    /// Findings about a text that stood elsewhere first, or that a newer one replaced.
    pub(super) fn past(&self, document: &Document) -> Result<Vec<Finding>, AuditError> {
        let (Some(repository), Some(bytes)) = (&self.repository, &document.bytes) else {
            return Ok(Vec::new());
        };
        if !names_nothing(&self.pack, document) && self.seen.is_none() {
            return Ok(Vec::new());
        }
        let text = blob_id(bytes)?;
        let versions = Versions::read(repository, &self.pack, &self.tips)?;
        let moved = versions.finding(repository, &self.pack, document, text)?;
        let replaced = versions.is_old(&document.path, text).then(|| self.replaced(document, text));
        Ok(moved.into_iter().chain(replaced.flatten()).collect())
    }

    /// A team may go back to an older text; a reader who saw the newer one is told.
    fn replaced(&self, document: &Document, text: ObjectId) -> Option<Finding> {
        let seen = *self.seen.as_ref()?.documents.get(&document.path)?;
        if seen == text {
            return None;
        }
        let said = "this text is older than the one you saw in the pack";
        let evidence = [seen.as_bytes().as_slice(), text.as_bytes().as_slice()];
        let code = Reason::RolledBack.code();
        let finding = Finding::new(code, Level::Error, document.path.as_str(), &evidence, said);
        Some(finding.with_help(format!("the text that you saw: git cat-file blob {seen}")))
    }
}

fn empty(seen: ObjectId) -> Finding {
    let said = format!("it has no commit; you saw commit {seen}");
    let code = Reason::RolledBack.code();
    Finding::new(code, Level::Error, "HEAD", &[seen.as_bytes()], said)
}
