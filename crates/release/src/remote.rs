//! What the remote has, and whether a push would be taken there.

use crate::plan::{PlanError, Request};
use crate::step::Ready;
use secpack_openpgp::Authority;
use secpack_pack::{ObjectId, escape, shell_word};

/// Whether the remote has the branch and every good tag of it already, or has moved on.
pub(crate) fn push_ready(
    request: &Request<'_>,
    authority: &Authority<'_>,
    finished: Option<ObjectId>,
) -> Result<Ready, PlanError> {
    let repository = request.repository;
    if !repository.remotes()?.iter().any(|remote| remote == request.remote) {
        let reason = format!(
            "there is no remote \"{}\"; add it: git remote add {} URL",
            escape(request.remote),
            escape(request.remote)
        );
        return Ok(Ready::Blocked { reasons: vec![reason] });
    }
    let branch = repository.head_branch().ok_or(PlanError::NoBranch)?;
    let cloned = repository.remote_head_branch(request.remote)?;
    if let Some(cloned) = cloned.filter(|cloned| *cloned != branch) {
        let reason = format!(
            "you are on {}, but readers of {} clone {}; type: git checkout {} && git merge --ff-only {}",
            escape(&branch),
            escape(request.remote),
            escape(&cloned),
            shell_word(&cloned),
            shell_word(&branch)
        );
        return Ok(Ready::Blocked { reasons: vec![reason] });
    }
    let remote = repository.remote_refs(request.remote)?;
    let theirs =
        remote.iter().find(|(name, _)| *name == format!("refs/heads/{branch}")).map(|(_, id)| *id);
    let ours = repository.head()?;
    if let (Some(theirs), Some(ours)) = (theirs, ours) {
        let known = repository.commit(theirs).is_ok() && repository.is_ancestor(theirs, ours)?;
        if theirs != ours && !known {
            let reason = format!(
                "{} has commits on {branch} that are not here; get them first: git pull --ff-only {} {branch}",
                request.remote, request.remote
            );
            return Ok(Ready::Blocked { reasons: vec![reason] });
        }
    }
    let tag = finished.map(|head| secpack_tag::plan(authority.policy.pack(), request.member, head));
    let there = match tag {
        Some(Ok(tag)) => remote.iter().any(|(name, _)| *name == format!("refs/tags/{}", tag.name)),
        Some(Err(_)) | None => false,
    };
    Ok(if theirs.is_some() && theirs == finished && there { Ready::Done } else { Ready::Ready })
}
