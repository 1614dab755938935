//! A weak hash counts by a dated rule only while a later tag with a strong hash covers the same
//! bytes: then nobody can exchange the text for a colliding one today.

use crate::AuditError;
use crate::documents::JudgedDocument;
use chrono::{DateTime, Utc};
use secpack_git::Repository;
use secpack_pack::{ObjectId, Pack, PackPath, Reason, Verdict};
use secpack_tag::JudgedTag;

/// Good tags with strong hashes, newest first.
pub(crate) struct Cover {
    tags: Vec<(DateTime<Utc>, ObjectId)>,
}

impl Cover {
    pub(crate) fn new(tags: &[JudgedTag]) -> Self {
        let strong = tags.iter().filter(|t| t.judged.verdict.is_good() && !t.judged.weak_hash);
        let mut tags: Vec<_> = strong.filter_map(|t| Some((t.judged.made?, t.commit?))).collect();
        tags.sort();
        tags.reverse();
        Self { tags }
    }

    /// Whether a tag made after `since` is on a commit that has this very blob at this path.
    pub(crate) fn covers_blob(
        &self,
        repository: &Repository,
        path: &PackPath,
        blob: ObjectId,
        since: DateTime<Utc>,
    ) -> Result<bool, AuditError> {
        for (_, commit) in self.tags.iter().take_while(|(made, _)| *made >= since) {
            if repository.blob_at(*commit, path)? == Some(blob) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a tag made after `since` is on a commit that has `commit` in its history.
    fn covers_commit(
        &self,
        repository: &Repository,
        commit: ObjectId,
        since: DateTime<Utc>,
    ) -> Result<bool, AuditError> {
        for (_, tip) in self.tags.iter().take_while(|(made, _)| *made >= since) {
            if *tip == commit || repository.is_ancestor(commit, *tip)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Turns good signatures with weak, uncovered hashes into `weak-hash`.
pub(crate) fn documents(
    repository: &Repository,
    pack: &Pack,
    cover: &Cover,
    documents: &mut [JudgedDocument<'_>],
) -> Result<(), AuditError> {
    for judged in documents.iter_mut() {
        let path = &judged.document.path;
        let Some(file) = pack.file(path) else { continue };
        let mut signatures = std::mem::take(&mut judged.tally.signatures);
        for signature in &mut signatures {
            let facts = &mut signature.judged;
            let Some(made) = facts.made.filter(|_| facts.weak_hash && facts.verdict.is_good())
            else {
                continue;
            };
            if !cover.covers_blob(repository, path, file.id, made)? {
                facts.verdict = uncovered(facts.hash.as_deref());
            }
        }
        let need = judged.tally.need.clone();
        judged.tally = secpack_signing::tally(need, signatures);
    }
    Ok(())
}

/// The same for tags: a later strong tag must have the tagged commit in its history.
pub(crate) fn tags(
    repository: &Repository,
    cover: &Cover,
    tags: &mut [JudgedTag],
) -> Result<(), AuditError> {
    for tag in tags.iter_mut() {
        let facts = &mut tag.judged;
        let Some(made) = facts.made.filter(|_| facts.weak_hash && facts.verdict.is_good()) else {
            continue;
        };
        let Some(commit) = tag.commit else { continue };
        if !cover.covers_commit(repository, commit, made)? {
            facts.verdict = uncovered(facts.hash.as_deref());
        }
    }
    Ok(())
}

pub(crate) fn uncovered(hash: Option<&str>) -> Verdict {
    let hash = hash.unwrap_or("its hash");
    Verdict::new(
        Reason::WeakHash,
        format!(
            "{hash} counts only where a later tag with a strong hash covers the same bytes, and none does"
        ),
    )
}
