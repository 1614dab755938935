//! A signature that does not match its text: does it match an earlier one?

use crate::AuditError;
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{Content, Document, ObjectId, Pack, PackPath, Reason, SignatureFile, Verdict};
use secpack_signing::{JudgedSignature, judge_over};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A text and the commit that first had it.
type Version = (ObjectId, Arc<[u8]>);

/// Earlier texts of documents, by path: the commit that first had each, and its bytes.
#[derive(Debug, Default)]
pub(crate) struct EarlierTexts {
    texts: BTreeMap<PackPath, Vec<Version>>,
}

impl EarlierTexts {
    /// Reads every earlier version of these documents.
    pub(crate) fn read(
        repository: &Repository,
        pack: &Pack,
        tips: &[ObjectId],
        wanted: &BTreeSet<PackPath>,
    ) -> Result<Self, AuditError> {
        let mut texts: BTreeMap<PackPath, Vec<Version>> = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(Self { texts });
        }
        for version in repository.blob_versions(tips, &|path| wanted.contains(path))? {
            let now = pack.file(&version.path).map(|file| file.id);
            if now == Some(version.id) {
                continue;
            }
            if let Content::Bytes(bytes) = repository.read_blob(version.id)? {
                texts.entry(version.path).or_default().push((version.commit, bytes));
            }
        }
        Ok(Self { texts })
    }

    /// The verdict `stale` when an earlier text of the document verifies.
    pub(crate) fn restate(
        &self,
        authority: &Authority<'_>,
        document: &Document,
        file: &SignatureFile,
        judged: JudgedSignature,
    ) -> JudgedSignature {
        if judged.judged.verdict.reason != Reason::Bad {
            return judged;
        }
        let earlier = self.texts.get(&document.path).into_iter().flatten();
        for (commit, text) in earlier {
            let then = judge_over(authority, document, file, text);
            if then.judged.verdict.is_good() {
                let detail =
                    format!("the text changed since; it matches the text of commit {commit}");
                let verdict = Verdict::new(Reason::Stale, detail);
                return JudgedSignature { judged: then.judged.with(verdict), ..then };
            }
        }
        judged
    }
}

/// Why a signature that does not match its text is no good: `stale` with the commit whose text it
/// does match, where history has one. A signature without a member is tried over every document.
///
/// # Errors
/// [`AuditError`] when the repository cannot be read.
pub fn earlier_match(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    tips: &[ObjectId],
    file: &SignatureFile,
) -> Result<Option<Verdict>, AuditError> {
    let is_asked = |document: &&Document| file.member.is_none() || document.path == file.document;
    let documents: Vec<&Document> = pack.documents.values().filter(is_asked).collect();
    let wanted = documents.iter().map(|document| document.path.clone()).collect();
    let earlier = EarlierTexts::read(repository, pack, tips, &wanted)?;
    for document in documents.into_iter().rev() {
        let file = SignatureFile { document: document.path.clone(), ..file.clone() };
        let bad = Verdict::new(Reason::Bad, "it does not match the text");
        let judged = secpack_openpgp::Judged::refused(bad);
        let path = file.path.clone();
        let now = JudgedSignature { path, member: file.member.clone(), judged };
        let then = earlier.restate(authority, document, &file, now);
        if then.judged.verdict.reason == Reason::Stale {
            let who = then.member.map(|member| format!("{member}'s signature over "));
            let what = format!("{}{}", who.unwrap_or_default(), document.path);
            let detail = format!("{what}: {}", then.judged.verdict.detail);
            return Ok(Some(Verdict::new(Reason::Stale, detail)));
        }
    }
    Ok(None)
}
