//! Where one document stands, from draft to tagged.

use secpack_audit::AuditError;
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{Document, ObjectId, Pack, PackPath};
use secpack_signing::{State, Tally, judge_signature, tally};
use secpack_tag::judge_tag;

/// How far a document has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nobody signed it yet.
    Draft,
    /// Somebody signed, somebody is missing.
    Signing,
    /// Some signature beside it is not good.
    Broken,
    /// Everyone signed; not committed as it is.
    Signed,
    /// Committed as it is; the commit bears no good tag.
    Committed,
    /// Committed, and a good tag covers it.
    Tagged,
}

impl Stage {
    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Draft => "draft",
            Stage::Signing => "signing",
            Stage::Broken => "broken",
            Stage::Signed => "signed",
            Stage::Committed => "committed",
            Stage::Tagged => "tagged",
        }
    }
}

/// A document's stage and what that rests on.
#[derive(Debug, Clone)]
pub struct Standing {
    /// How far it has come.
    pub stage: Stage,
    /// Its signatures, counted.
    pub tally: Tally,
    /// Files of it that HEAD does not have as they are on disk.
    pub uncommitted: Vec<PackPath>,
}

/// Computes where a document stands.
///
/// # Errors
/// When the repository cannot be read.
pub fn standing(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    document: &Document,
    head: Option<ObjectId>,
) -> Result<Standing, AuditError> {
    let judged: Vec<_> = pack
        .signatures_of(&document.path)
        .map(|file| judge_signature(authority, document, file))
        .collect();
    let tally = tally(pack.policy.need(&document.id, None), judged);
    let uncommitted = uncommitted(repository, pack, document, head)?;
    let stage = match tally.state {
        State::Broken => Stage::Broken,
        State::Incomplete if tally.signed.is_empty() => Stage::Draft,
        State::Incomplete => Stage::Signing,
        State::Complete if !uncommitted.is_empty() => Stage::Signed,
        State::Complete if is_tagged(repository, authority, pack, document)? => Stage::Tagged,
        State::Complete => Stage::Committed,
    };
    Ok(Standing { stage, tally, uncommitted })
}

/// The document and its signature files that HEAD lacks or has otherwise.
fn uncommitted(
    repository: &Repository,
    pack: &Pack,
    document: &Document,
    head: Option<ObjectId>,
) -> Result<Vec<PackPath>, AuditError> {
    let mut found = Vec::new();
    let signatures = pack.signatures_of(&document.path).map(|file| &file.path);
    for path in std::iter::once(&document.path).chain(signatures) {
        let on_disk = pack.file(path).map(|file| file.id);
        let committed = match head {
            Some(head) => repository.blob_at(head, path)?,
            None => None,
        };
        if on_disk != committed && !found.contains(path) {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// Whether some good tag is on a commit that has the document and its signatures as they are.
fn is_tagged(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    document: &Document,
) -> Result<bool, AuditError> {
    let mut tags = repository.tags()?;
    // The newest tags cover most; names do not tell which, so those on HEAD come first.
    let head = repository.head()?;
    tags.sort_by_key(|tag| tag.commit() != head);
    for tag in tags {
        let Some(commit) = tag.commit() else { continue };
        if uncommitted(repository, pack, document, Some(commit))?.is_empty()
            && judge_tag(authority, &tag).judged.verdict.is_good()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
