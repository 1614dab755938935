//! Where one document stands, from draft to tagged.

use secpack_audit::{AuditError, tally_of};
use secpack_git::{Repository, TagRef};
use secpack_openpgp::Authority;
use secpack_pack::{Document, ObjectId, Pack, PackPath, Policy, Reason};
use secpack_signing::{State, Tally};
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

/// What all documents of a pack are placed with, read once.
pub struct Places<'a> {
    repository: &'a Repository,
    authority: &'a Authority<'a>,
    pack: &'a Pack,
    head: Option<ObjectId>,
    tags: Vec<TagRef>,
    tips: Vec<ObjectId>,
}

impl<'a> Places<'a> {
    /// Reads tags and HEAD.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn new(
        repository: &'a Repository,
        authority: &'a Authority<'a>,
        pack: &'a Pack,
    ) -> Result<Self, AuditError> {
        let head = repository.head()?;
        let mut tags = repository.tags()?;
        let mut tips = secpack_audit::tips(head, &tags);
        // A text that was signed on the branch of its signing event may be on no other.
        tips.extend(repository.branches()?);
        // Tags on HEAD cover most documents, so they are tried first.
        tags.sort_by_key(|tag| tag.commit() != head);
        Ok(Self { repository, authority, pack, head, tags, tips })
    }

    /// Computes where a document stands.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn of(&self, document: &Document) -> Result<Standing, AuditError> {
        let tally = tally_of(self.repository, self.authority, self.pack, document, &self.tips)?;
        let uncommitted = self.uncommitted(document, self.head)?;
        let stage = match tally.state {
            State::Broken => Stage::Broken,
            State::Incomplete if tally.signed.is_empty() => Stage::Draft,
            State::Incomplete => Stage::Signing,
            State::Complete if !uncommitted.is_empty() => Stage::Signed,
            State::Complete if self.is_tagged(document)? => Stage::Tagged,
            State::Complete => Stage::Committed,
        };
        Ok(Standing { stage, tally, uncommitted })
    }

    /// The document, its signature files and its evidence of freshness, as far as a commit lacks
    /// them or has them otherwise.
    fn uncommitted(
        &self,
        document: &Document,
        commit: Option<ObjectId>,
    ) -> Result<Vec<PackPath>, AuditError> {
        let mut found = Vec::new();
        let signatures = self.pack.signatures_of(&document.path).map(|file| &file.path);
        let evidence = self.pack.policy.evidence_path(document);
        let evidence = evidence.iter().filter(|path| self.pack.file(path).is_some());
        for path in std::iter::once(&document.path).chain(signatures).chain(evidence) {
            let on_disk = self.pack.file(path).map(|file| file.id);
            let committed = match commit {
                Some(commit) => self.repository.blob_at(commit, path)?,
                None => None,
            };
            if on_disk != committed && !found.contains(path) {
                found.push(path.clone());
            }
        }
        Ok(found)
    }

    /// Whether some good tag is on a commit that has the document and its signatures as they are.
    fn is_tagged(&self, document: &Document) -> Result<bool, AuditError> {
        for tag in &self.tags {
            let Some(commit) = tag.commit() else { continue };
            if self.uncommitted(document, Some(commit))?.is_empty()
                && judge_tag(self.authority, tag).judged.verdict.is_good()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What to type next for a document where it stands.
pub(crate) fn next_commands(policy: &Policy, document: &Document, place: &Standing) -> Vec<String> {
    let path = &document.path;
    match place.stage {
        Stage::Tagged => Vec::new(),
        Stage::Draft | Stage::Signing => place
            .tally
            .short_of
            .iter()
            .map(|member| format!("secpack sign {path} --as {member} --key FILE"))
            .collect(),
        Stage::Broken
            if place.tally.broken().all(|s| {
                policy.accepted().iter().any(|a| {
                    let start = format!("{}:{}:", s.judged.verdict.reason, s.path);
                    a.ids.iter().any(|id| id.starts_with(&start))
                })
            }) =>
        {
            Vec::new()
        }
        Stage::Broken => place
            .tally
            .broken()
            .map(|s| match (s.judged.verdict.reason, &s.member) {
                (Reason::Stale | Reason::Bad, Some(member)) => {
                    format!("secpack sign {path} --as {member} --key FILE")
                }
                (reason, _) => format!("secpack explain {reason}"),
            })
            .collect(),
        Stage::Signed | Stage::Committed => {
            vec![format!("secpack release {path} --as MEMBER --key FILE --execute")]
        }
    }
}
