//! One member signs one document. The bytes shown, hashed, signed and stored are one buffer.

use crate::{GuardError, JudgedSignature, judge_signature, refuse_git_payload};
use chrono::{DateTime, Utc};
use secpack_openpgp::{
    Authority, Order, SignError, SignatureKind, Signer, cleartext, refuse_fresh,
};
use secpack_pack::{Document, MemberId, PackPath, SignatureFile, Verdict};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A new signature that was judged good before anybody stored it.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Where it belongs; the document's own path in a clearsigned series.
    pub path: PackPath,
    /// Its armored bytes; the whole document with its signature in a clearsigned series.
    pub bytes: Vec<u8>,
}

/// Why a member cannot sign a document.
#[derive(Debug, thiserror::Error)]
pub enum SignRefusal {
    /// The document's bytes are not there.
    #[error("{0}: its bytes are missing in the repository")]
    Missing(PackPath),
    /// Its text must never be signed.
    #[error("{0}: {1}")]
    Guard(PackPath, GuardError),
    /// The policy gives this member no such role.
    #[error("{member} does not sign {document} (by the policy's roles)")]
    Role {
        /// Who wanted to sign.
        member: MemberId,
        /// The document, as people call it.
        document: String,
    },
    /// The key belongs to somebody else.
    #[error("the key {key} is not one of {member}'s")]
    NotTheirKey {
        /// Its primary fingerprint.
        key: secpack_pack::Fingerprint,
        /// Who wanted to sign.
        member: MemberId,
    },
    /// The series has no pattern for a signature file.
    #[error("the policy names no signature file for {0}")]
    NoPlace(PackPath),
    /// The series is clearsigned, and this text cannot be.
    #[error("{0} cannot be clearsigned: {1}")]
    Cleartext(PackPath, cleartext::CannotClearsign),
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// What the signer returned is not good.
    #[error("the new signature is not good ({}): {}", .0.reason, .0.detail)]
    NotGood(Verdict),
}

/// SHA-256 of the exact bytes, in lower-case hex: what two people compare aloud.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest as two people read it to each other: two lines of eight groups of four.
pub fn spoken(digest: &str) -> [String; 2] {
    let groups: Vec<&str> = (0..digest.len()).step_by(4).map(|at| &digest[at..at + 4]).collect();
    let (first, second) = groups.split_at(groups.len() / 2);
    [first.join(" "), second.join(" ")]
}

/// Makes a member's signature over a document and judges it as any reader will.
///
/// # Errors
/// [`SignRefusal`]; nothing is stored here.
pub fn sign(
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
    signer: &mut Signer,
    made: DateTime<Utc>,
) -> Result<Signed, SignRefusal> {
    let bytes =
        document.bytes.as_ref().ok_or_else(|| SignRefusal::Missing(document.path.clone()))?;
    refuse_git_payload(bytes).map_err(|e| SignRefusal::Guard(document.path.clone(), e))?;
    let policy = authority.policy.pack();
    if !policy.roster().may_sign(member, &document.id, Some(made.date_naive())) {
        return Err(SignRefusal::Role {
            member: member.clone(),
            document: policy.label_of(&document.id),
        });
    }
    if policy.roster().owner_of(signer.primary()).map(|owner| &owner.id) != Some(member) {
        return Err(SignRefusal::NotTheirKey {
            key: signer.primary().clone(),
            member: member.clone(),
        });
    }
    let [one, two] = spoken(&digest(bytes));
    let label = policy.label_of(&document.id);
    let purpose = format!("Sign {label} as {member}\nsha-256 {one}\n{two}");
    let order = Order { bytes, kind: SignatureKind::Binary, made, purpose: &purpose };
    let (signed, document) = if policy.is_clearsigned(document) {
        clearsign(document, signer, &order)?
    } else {
        let path = policy
            .signature_path(document, member)
            .ok_or_else(|| SignRefusal::NoPlace(document.path.clone()))?;
        (Signed { path, bytes: signer.sign(&order)? }, document.clone())
    };
    let judged = judge_new(authority, &document, member, &signed.path, &signed.bytes).judged;
    if !judged.verdict.is_good() {
        return Err(SignRefusal::NotGood(judged.verdict));
    }
    refuse_fresh(&judged, signer.primary()).map_err(SignRefusal::NotGood)?;
    Ok(signed)
}

/// Text and signature in one file, and the document that it is then.
fn clearsign(
    document: &Document,
    signer: &mut Signer,
    order: &Order<'_>,
) -> Result<(Signed, Document), SignRefusal> {
    let text = order.bytes;
    let canonical = cleartext::canonical(text)
        .map_err(|why| SignRefusal::Cleartext(document.path.clone(), why))?;
    let text_order = Order { bytes: &canonical, kind: SignatureKind::Text, ..*order };
    let signature = signer.sign(&text_order)?;
    let (text, signature) = (String::from_utf8_lossy(text), String::from_utf8_lossy(&signature));
    let bytes = cleartext::join(&text, &signature).into_bytes();
    let whole = Document { bytes: Some(Arc::from(bytes.as_slice())), ..document.clone() };
    Ok((Signed { path: document.path.clone(), bytes }, whole))
}

fn judge_new(
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
    path: &PackPath,
    signature: &[u8],
) -> JudgedSignature {
    let file = SignatureFile {
        document: document.path.clone(),
        member: Some(member.clone()),
        path: path.clone(),
        bytes: Some(Arc::from(signature)),
    };
    judge_signature(authority, document, &file)
}
