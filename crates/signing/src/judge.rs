//! One signature file over one document: whose it is, and whether that person may sign this.

use crate::{GuardError, refuse_git_payload};
use secpack_openpgp::{Authority, Judged, Over, Parsed, SignatureKind, cleartext, parse};
use secpack_pack::policy::{HashUse, Need};
use secpack_pack::{Document, MemberId, PackPath, Reason, SignatureFile, Verdict};

/// A signature file and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedSignature {
    /// Where it lies.
    pub path: PackPath,
    /// The member it counts for when good; otherwise the member its name claims.
    pub member: Option<MemberId>,
    /// Verdict and facts.
    pub judged: Judged,
}

/// Judges a signature file over the document as it is.
pub fn judge_signature(
    authority: &Authority<'_>,
    document: &Document,
    file: &SignatureFile,
) -> JudgedSignature {
    match &document.bytes {
        Some(bytes) => judge_over(authority, document, file, bytes),
        None => refused(file, Verdict::new(Reason::Unreadable, "the document's bytes are missing")),
    }
}

/// Judges a signature file over a text, which may be an earlier version of the document.
pub fn judge_over(
    authority: &Authority<'_>,
    document: &Document,
    file: &SignatureFile,
    text: &[u8],
) -> JudgedSignature {
    let Some(armored) = &file.bytes else {
        return refused(
            file,
            Verdict::new(Reason::Unreadable, "its bytes are missing, or it is no regular file"),
        );
    };
    let (parsed, signed) = match parts(document, file, armored, text) {
        Ok(parts) => parts,
        Err(verdict) => return refused(file, verdict),
    };
    if let Err(error @ GuardError::GitPayload(_)) = refuse_git_payload(&signed) {
        return refused(file, Verdict::new(Reason::WrongType, error.to_string()));
    }
    let over = Over { bytes: &signed, used: HashUse::Documents };
    let judged = secpack_openpgp::judge(authority.keyring, &authority.policy, &parsed, over);
    let attributed = attribute(authority, document, file, &judged);
    match attributed {
        Ok(member) => JudgedSignature {
            path: file.path.clone(),
            member: member.or(file.member.clone()),
            judged,
        },
        Err(verdict) => JudgedSignature {
            path: file.path.clone(),
            member: file.member.clone(),
            judged: judged.with(verdict),
        },
    }
}

fn refused(file: &SignatureFile, verdict: Verdict) -> JudgedSignature {
    JudgedSignature {
        path: file.path.clone(),
        member: file.member.clone(),
        judged: Judged::refused(verdict),
    }
}

/// The signature and the bytes it is over: the file itself for clearsigned documents.
fn parts<'t>(
    document: &Document,
    file: &SignatureFile,
    armored: &[u8],
    text: &'t [u8],
) -> Result<(Parsed, std::borrow::Cow<'t, [u8]>), Verdict> {
    if file.path == document.path {
        let inside = cleartext::split(text)?;
        return Ok((parse(&inside.signature, SignatureKind::Text)?, inside.signed.into()));
    }
    Ok((parse(armored, SignatureKind::Binary)?, text.into()))
}

/// The member a good signature counts for; `None` where a key group signs.
fn attribute(
    authority: &Authority<'_>,
    document: &Document,
    file: &SignatureFile,
    judged: &Judged,
) -> Result<Option<MemberId>, Verdict> {
    let policy = authority.policy.pack();
    let day = judged.made.map(|made| made.date_naive());
    if let (Need::Group(group), None) = (policy.need(&document.id, day), &file.member) {
        if !judged.verdict.is_good() {
            return Err(judged.verdict.clone());
        }
        let primary = judged.primary.as_ref();
        return match primary.filter(|primary| authority.is_in_group(primary, &group)) {
            Some(primary) => authority.certified(primary).map(|_| None),
            None => Err(Verdict::new(
                Reason::OutOfRole,
                format!("made by a key outside the group \"{group}\""),
            )),
        };
    }
    let member = authority.attribute(judged, file.member.as_ref())?;
    if policy.roster().may_sign(&member, &document.id, day) {
        return Ok(Some(member));
    }
    Err(Verdict::new(
        Reason::OutOfRole,
        format!("{member} does not sign {} (by the policy's roles)", document.id),
    ))
}
