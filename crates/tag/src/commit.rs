//! Signatures inside commits, for packs that ask for them: what one is worth, and making one that
//! is judged before anybody stores it.

use crate::PlanError;
use chrono::{DateTime, Utc};
use secpack_openpgp::{Authority, Judged, Order, Over, SignatureKind, Signer, parse};
use secpack_pack::policy::HashUse;
use secpack_pack::{MemberId, Reason, Verdict};

/// Judges the signature of a commit over the bytes that it covers. With it comes the member whom
/// it counts for when good.
pub fn judge_commit(
    authority: &Authority<'_>,
    payload: &[u8],
    armor: &[u8],
) -> (Option<MemberId>, Judged) {
    let parsed = match parse(armor, SignatureKind::Binary) {
        Ok(parsed) => parsed,
        Err(verdict) => return (None, Judged::refused(verdict)),
    };
    let over = Over { bytes: payload, used: HashUse::Tags };
    let judged = secpack_openpgp::judge(authority.keyring, &authority.policy, &parsed, over);
    match attribute(authority, &judged) {
        Ok(member) => (Some(member), judged),
        Err(verdict) => (None, judged.with(verdict)),
    }
}

/// The member with the role `tag` who made it. Nothing later covers the newest commit, so a weak
/// hash does not count here whatever the dated rules say.
fn attribute(authority: &Authority<'_>, judged: &Judged) -> Result<MemberId, Verdict> {
    let member = authority.attribute(judged, None)?;
    if judged.weak_hash {
        return Err(Verdict::new(Reason::WeakHash, "no later signature covers this commit"));
    }
    let roster = authority.policy.pack().roster();
    let may = |made: DateTime<Utc>| roster.may_tag(&member, made.date_naive());
    if judged.made.is_some_and(may) {
        return Ok(member);
    }
    let text = format!("{member} did not sign commits at that date (by the policy's roles)");
    Err(Verdict::new(Reason::OutOfRole, text))
}

/// A member's armored signature over the text of a commit, judged good as any reader will judge it.
///
/// # Errors
/// [`PlanError`]; nothing is stored here.
pub fn sign_commit(
    authority: &Authority<'_>,
    member: &MemberId,
    payload: &[u8],
    signer: &mut Signer,
    made: DateTime<Utc>,
) -> Result<Vec<u8>, PlanError> {
    let purpose = format!("Sign a commit as {member}");
    let order = Order { bytes: payload, kind: SignatureKind::Binary, made, purpose: &purpose };
    let armor = signer.sign(&order)?;
    let (maker, judged) = judge_commit(authority, payload, &armor);
    let not_good = |verdict| PlanError::NotGood { what: "signature of the commit", verdict };
    if !judged.verdict.is_good() {
        return Err(not_good(judged.verdict));
    }
    secpack_openpgp::refuse_fresh(&judged, signer.primary()).map_err(not_good)?;
    if maker.as_ref() != Some(member) {
        return Err(PlanError::NotTheirKey(signer.primary().clone(), member.clone()));
    }
    Ok(armor)
}
