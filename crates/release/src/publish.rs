//! The one step that cannot be undone: branch and tags go to the remote together.

use crate::plan::Request;
use crate::run::RunError;
use secpack_git::{PushRef, RefName, Repository};
use secpack_openpgp::Authority;
use secpack_pack::ObjectId;

/// One atomic push of the branch and of every good tag on HEAD that the remote lacks.
pub(crate) fn push(
    authority: &Authority<'_>,
    request: &Request<'_>,
    remote: &str,
    branch: &str,
) -> Result<(), RunError> {
    let repository = request.repository;
    let head = repository.head()?.ok_or(RunError::NotReady)?;
    let theirs = repository.remote_refs(remote)?;
    let theirs_at = |name: &str| theirs.iter().find(|(n, _)| n == name).map(|(_, id)| *id);
    let branch = RefName::branch(branch)?;
    let expected = theirs_at(branch.as_str());
    let mut updates = vec![PushRef { local: head, remote: branch, expected }];
    updates.extend(new_tags(repository, authority, head, &theirs_at)?);
    repository.push(remote, &updates)?;
    Ok(())
}

fn new_tags(
    repository: &Repository,
    authority: &Authority<'_>,
    head: ObjectId,
    theirs_at: &dyn Fn(&str) -> Option<ObjectId>,
) -> Result<Vec<PushRef>, RunError> {
    let tags = repository.tags()?;
    let on_head = tags.iter().filter(|tag| tag.commit() == Some(head));
    let good =
        on_head.filter(|tag| secpack_tag::judge_tag(authority, tag).judged.verdict.is_good());
    let mut updates = Vec::new();
    for tag in good {
        let remote = RefName::tag(&tag.name)?;
        if theirs_at(remote.as_str()).is_none() {
            updates.push(PushRef { local: tag.target, remote, expected: None });
        }
    }
    Ok(updates)
}
