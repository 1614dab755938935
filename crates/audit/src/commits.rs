//! Signatures inside commits, for packs that sign those: is HEAD signed by somebody who may?

use crate::AuditError;
use crate::report::{CommitReport, rfc3339};
use chrono::{DateTime, Utc};
use secpack_git::Repository;
use secpack_openpgp::{Authority, Judged, Over, SignatureKind, parse};
use secpack_pack::policy::{CommitSignatures, HashUse};
use secpack_pack::{Finding, Level, MemberId, ObjectId, Reason, Verdict};

/// A commit and what its own signature is worth.
#[derive(Debug, Clone)]
pub(crate) struct JudgedCommit {
    pub commit: ObjectId,
    /// The member it counts for when good.
    pub member: Option<MemberId>,
    pub judged: Judged,
}

/// Judges the commit where the policy asks for signed commits.
pub(crate) fn judge(
    repository: &Repository,
    authority: &Authority<'_>,
    commit: Option<ObjectId>,
) -> Result<Option<JudgedCommit>, AuditError> {
    let wanted = match authority.policy.pack().tags().commit_signatures {
        CommitSignatures::None => None,
        CommitSignatures::Required => commit,
    };
    wanted.map(|id| one(repository, authority, id)).transpose()
}

fn one(
    repository: &Repository,
    authority: &Authority<'_>,
    id: ObjectId,
) -> Result<JudgedCommit, AuditError> {
    let nobody = |judged| JudgedCommit { commit: id, member: None, judged };
    let refused = |reason, text: String| nobody(Judged::refused(Verdict::new(reason, text)));
    let commit = match repository.commit(id) {
        Ok(commit) => commit,
        Err(error @ secpack_git::Error::Malformed { .. }) => {
            return Ok(refused(Reason::Malformed, error.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    let Some(signature) = commit.signature else {
        return Ok(refused(Reason::Missing, "the commit is not signed".to_owned()));
    };
    let parsed = match parse(&signature.armor, SignatureKind::Binary) {
        Ok(parsed) => parsed,
        Err(verdict) => return Ok(nobody(Judged::refused(verdict))),
    };
    let over = Over { bytes: &signature.payload, used: HashUse::Tags };
    let judged = secpack_openpgp::judge(authority.keyring, &authority.policy, &parsed, over);
    Ok(match attribute(authority, &judged) {
        Ok(member) => JudgedCommit { commit: id, member: Some(member), judged },
        Err(verdict) => nobody(judged.with(verdict)),
    })
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

pub(crate) fn report(commit: &JudgedCommit) -> CommitReport {
    let judged = &commit.judged;
    CommitReport {
        verdict: judged.verdict.reason,
        detail: judged.verdict.detail.clone(),
        member: commit.member.clone(),
        signer: judged.signer.clone(),
        made: judged.made.map(rfc3339),
        hash: judged.hash.clone(),
    }
}

pub(crate) fn finding(commit: &JudgedCommit) -> Option<Finding> {
    let verdict = &commit.judged.verdict;
    if verdict.is_good() {
        return None;
    }
    let id = commit.commit;
    let text = format!("commit {}: {}", id.short(12), verdict.detail);
    Some(
        Finding::new(verdict.reason.code(), Level::Error, "HEAD", &[id.as_bytes()], text)
            .with_help("a member signs it: git commit --amend --no-edit -S"),
    )
}
