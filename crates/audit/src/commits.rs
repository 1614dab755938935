//! Signatures inside commits, for packs that sign those: is HEAD signed by somebody who may?

use crate::AuditError;
use crate::report::{CommitReport, rfc3339};
use secpack_git::Repository;
use secpack_openpgp::{Authority, Judged};
use secpack_pack::policy::CommitSignatures;
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
    let (member, judged) =
        secpack_tag::judge_commit(authority, &signature.payload, &signature.armor);
    Ok(JudgedCommit { commit: id, member, judged })
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
