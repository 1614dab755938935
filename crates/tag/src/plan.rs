//! Making a signed tag: planned as data first, then signed and judged before anybody stores it.

use crate::{JudgedTag, judge_tag};
use chrono::{DateTime, Utc};
use secpack_git::{Identity, TagObject, TagRef, raw_tag};
use secpack_openpgp::{Authority, Order, SignError, SignatureKind, Signer, refuse_fresh};
use secpack_pack::{MemberId, ObjectId, Policy, Values, Verdict};

/// A tag that is going to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPlan {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// Its message, without the final line break.
    pub message: String,
    /// The commit it is about.
    pub commit: ObjectId,
    /// Who makes it.
    pub member: MemberId,
}

/// Why a tag cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The first tag pattern of the policy has wildcards or asks for what a tag does not have.
    #[error("the policy's first tag pattern cannot name a tag of {0}")]
    Pattern(MemberId),
    /// The policy gives this member no such role.
    #[error("{0} does not make tags (by the policy's roles)")]
    Role(MemberId),
    /// The key belongs to somebody else.
    #[error("the key {0} is not one of {1}'s")]
    NotTheirKey(secpack_pack::Fingerprint, MemberId),
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// What the signer returned is not good.
    #[error("the new {what} is not good ({}): {}", verdict.reason, verdict.detail)]
    NotGood {
        /// A tag, or the signature of a commit.
        what: &'static str,
        /// What it is worth.
        verdict: Verdict,
    },
}

/// Names and words a member's tag of a commit as the policy says.
///
/// # Errors
/// [`PlanError::Pattern`].
pub fn plan(policy: &Policy, member: &MemberId, commit: ObjectId) -> Result<TagPlan, PlanError> {
    let values = Values {
        member: Some(member.as_str().to_owned()),
        commit: Some(commit.to_string()),
        ..Values::default()
    };
    let pattern = policy.tags().patterns.first();
    let name = pattern
        .and_then(|pattern| pattern.render(&values))
        .ok_or_else(|| PlanError::Pattern(member.clone()))?;
    let message = policy.tags().message.replace("{commit}", &commit.to_string());
    Ok(TagPlan { name, message, commit, member: member.clone() })
}

/// Refuses a tag by a member who makes none at that time, before anybody is asked.
///
/// # Errors
/// [`PlanError::Role`].
pub fn may_tag(policy: &Policy, plan: &TagPlan, at: DateTime<Utc>) -> Result<(), PlanError> {
    if policy.roster().may_tag(&plan.member, at.date_naive()) {
        return Ok(());
    }
    Err(PlanError::Role(plan.member.clone()))
}

/// The raw bytes of the signed tag object, judged good as any reader will judge it.
///
/// # Errors
/// [`PlanError`]; nothing is stored here.
pub fn sign(
    authority: &Authority<'_>,
    plan: &TagPlan,
    tagger: &Identity,
    signer: &mut Signer,
    made: DateTime<Utc>,
) -> Result<Vec<u8>, PlanError> {
    let policy = authority.policy.pack();
    may_tag(policy, plan, made)?;
    let roster = policy.roster();
    if roster.owner_of(signer.primary()).map(|owner| &owner.id) != Some(&plan.member) {
        return Err(PlanError::NotTheirKey(signer.primary().clone(), plan.member.clone()));
    }
    let mut raw = raw_tag::build(&plan.commit, &plan.name, tagger, made, &plan.message);
    let purpose = format!("Tag commit {} as {}\n{}", plan.commit, plan.member, plan.name);
    raw.extend(signer.sign(&Order {
        bytes: &raw,
        kind: SignatureKind::Binary,
        made,
        purpose: &purpose,
    })?);
    let judged = judge_new(authority, plan, &raw).judged;
    if !judged.verdict.is_good() {
        return Err(PlanError::NotGood { what: "tag", verdict: judged.verdict });
    }
    refuse_fresh(&judged, signer.primary())
        .map_err(|verdict| PlanError::NotGood { what: "tag", verdict })?;
    Ok(raw)
}

fn judge_new(authority: &Authority<'_>, plan: &TagPlan, raw: &[u8]) -> JudgedTag {
    let tag = TagRef {
        name: plan.name.clone(),
        target: plan.commit,
        object: TagObject::Raw(raw.to_vec()),
    };
    judge_tag(authority, &tag)
}
