//! The text that people signed last, for whoever is about to sign the one that follows it.

use crate::AuditError;
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{Content, Document, MemberId, ObjectId, Pack, PackPath, SignatureFile};
use secpack_signing::judge_over;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An earlier text of a document with a good signature over it.
#[derive(Debug, Clone)]
pub struct SignedText {
    /// The oldest commit that has this text.
    pub commit: ObjectId,
    /// The text.
    pub bytes: Arc<[u8]>,
    /// Whose good signatures there are.
    pub members: BTreeSet<MemberId>,
}

/// The newest text of this document, other than the one on disk, that somebody's good signature
/// is over; the signature may be of any time.
///
/// # Errors
/// When the history cannot be read.
pub fn last_signed(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    document: &Document,
    tips: &[ObjectId],
) -> Result<Option<SignedText>, AuditError> {
    let place =
        |path: &PackPath| pack.policy.signature_place(path).filter(|(of, _)| of == &document.path);
    let versions =
        repository.blob_versions(tips, &|path| path == &document.path || place(path).is_some())?;
    let mut texts: Vec<(ObjectId, Arc<[u8]>)> = Vec::new();
    let mut signatures: Vec<SignatureFile> = pack.signatures_of(&document.path).cloned().collect();
    for version in versions {
        let Content::Bytes(bytes) = repository.read_blob(version.id)? else { continue };
        match place(&version.path) {
            Some((of, member)) => signatures.push(SignatureFile {
                document: of,
                member,
                path: version.path,
                bytes: Some(bytes),
            }),
            None => texts.push((version.commit, bytes)),
        }
    }
    texts.retain(|(_, text)| Some(text) != document.bytes.as_ref());
    Ok(texts.into_iter().rev().find_map(|(commit, bytes)| {
        let good = signatures.iter().map(|file| judge_over(authority, document, file, &bytes));
        let good = good.filter(|judged| judged.judged.verdict.is_good());
        let members: BTreeSet<MemberId> = good.filter_map(|judged| judged.member).collect();
        (!members.is_empty()).then_some(SignedText { commit, bytes, members })
    }))
}
