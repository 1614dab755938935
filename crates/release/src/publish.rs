//! The one step that cannot be undone: branch and tags go to the remote together. What came of it
//! is asked of the remote itself, whatever the push said; then a stranger's clone is verified, and
//! other remotes catch up.

use crate::abort::clear_tracking;
use crate::journal::Intent;
use crate::plan::Request;
use crate::run::{Run, RunError};
use secpack_git::{Error as GitError, PushRef, RefName, Repository, TagRef};
use secpack_openpgp::Authority;
use secpack_pack::{ObjectId, escape};

/// What became of a remote that follows the first one.
#[derive(Debug)]
pub struct Mirrored {
    /// The remote.
    pub remote: String,
    /// How many refs it got.
    pub refs: usize,
    /// Why it does not have everything.
    pub fault: Option<GitError>,
}

/// One atomic push of the branch and of every good tag on HEAD that the remote lacks. The lock is
/// lent to it: a push that outlives us is not overtaken.
pub(crate) fn push(run: &mut Run<'_>, remote: &str, branch: &str) -> Result<(), RunError> {
    let repository = run.request.repository;
    let updates = updates(run.authority, run.request, remote, branch)?;
    let refs = updates.iter().map(|u| (u.remote.as_str().to_owned(), u.local)).collect();
    run.kept.intend(Intent::Push { refs })?;
    let pushed = run.lock.lent(|| repository.push(remote, &updates))?;
    if pushed.is_err() {
        // It has ended, so a lock that it left behind is nobody's.
        clear_tracking(repository, run.kept, remote)?;
    }
    // A push can be cut off after the remote took it, so only the remote knows.
    let theirs = match (repository.remote_refs(remote), pushed) {
        (Ok(theirs), pushed) => (theirs, pushed.err()),
        (Err(_), Err(error)) => return Err(error.into()),
        (Err(error), Ok(())) => return Err(error.into()),
    };
    came_of_it(repository, remote, &updates, theirs)
}

fn came_of_it(
    repository: &Repository,
    remote: &str,
    updates: &[PushRef],
    (theirs, error): (Vec<(String, ObjectId)>, Option<GitError>),
) -> Result<(), RunError> {
    let at = |name: &str| theirs.iter().find(|(n, _)| n == name).map(|(_, id)| *id);
    let missing: Vec<&PushRef> =
        updates.iter().filter(|u| at(u.remote.as_str()) != Some(u.local)).collect();
    let moved = missing.iter().find(|u| at(u.remote.as_str()) != u.expected);
    match (missing.is_empty(), moved, error) {
        (true, _, _) => Ok(()),
        (false, Some(moved), _) => {
            let who = overtaker(repository, remote, &moved.remote, &theirs);
            Err(RunError::Overtaken(remote.to_owned(), who))
        }
        (false, None, Some(error)) if missing.len() == updates.len() => {
            Err(RunError::NotPushed(remote.to_owned(), error))
        }
        (false, None, None) if missing.len() == updates.len() => {
            Err(RunError::Elsewhere(remote.to_owned()))
        }
        (false, None, _) => {
            let names: Vec<String> = missing.iter().map(|u| u.remote.to_string()).collect();
            let names = format!("{} is missing", names.join(", "));
            Err(RunError::Mixed(remote.to_owned(), names))
        }
    }
}

/// Who moved a ref of the remote, as far as the commit that is fetched for it tells.
fn overtaker(
    repository: &Repository,
    remote: &str,
    moved: &RefName,
    theirs: &[(String, ObjectId)],
) -> String {
    let Some((_, id)) = theirs.iter().find(|(name, _)| name == moved.as_str()) else {
        return format!("{moved} is gone");
    };
    let tracking = moved.as_str().replacen("refs/heads/", &format!("refs/remotes/{remote}/"), 1);
    let refspec = format!("{moved}:{tracking}");
    let fetched = repository.fetch(remote, &[&refspec]);
    let commit = fetched.and_then(|()| repository.commit(*id));
    match commit {
        Ok(commit) => format!(
            "{moved} is at {}, \"{}\" by {}",
            id.short(12),
            escape(&commit.summary),
            escape(&commit.committer_name)
        ),
        Err(_) => format!("{moved} is at {}", id.short(12)),
    }
}

fn updates(
    authority: &Authority<'_>,
    request: &Request<'_>,
    remote: &str,
    branch: &str,
) -> Result<Vec<PushRef>, RunError> {
    let repository = request.repository;
    let head = repository.head()?.ok_or(RunError::NotReady)?;
    let theirs = repository.remote_refs(remote)?;
    let theirs_at = |name: &str| theirs.iter().find(|(n, _)| n == name).map(|(_, id)| *id);
    let branch = RefName::branch(branch)?;
    let expected = theirs_at(branch.as_str());
    let mut updates = vec![PushRef { local: head, remote: branch, expected }];
    for tag in good_tags(repository, authority, head)? {
        let name = RefName::tag(&tag.name)?;
        match theirs_at(name.as_str()) {
            None => updates.push(PushRef { local: tag.target, remote: name, expected: None }),
            Some(theirs) if theirs == tag.target => {}
            Some(theirs) => {
                let what = format!("{name} is at {} there", theirs.short(12));
                return Err(RunError::Overtaken(remote.to_owned(), what));
            }
        }
    }
    Ok(updates)
}

/// The good tags of a commit.
pub(crate) fn good_tags(
    repository: &Repository,
    authority: &Authority<'_>,
    commit: ObjectId,
) -> Result<Vec<TagRef>, GitError> {
    let mut tags = repository.tags()?;
    tags.retain(|tag| {
        tag.commit() == Some(commit)
            && secpack_tag::judge_tag(authority, tag).judged.verdict.is_good()
    });
    Ok(tags)
}

/// What a stranger gets is complete and good.
pub(crate) fn confirm(run: &Run<'_>, remote: &str) -> Result<(), RunError> {
    let repository = run.request.repository;
    let head = repository.head()?.ok_or(RunError::NotReady)?;
    let folder = run.tools.scratch.join("clone.git");
    repository.clone_remote(remote, &folder)?;
    let clone = Repository::open(&folder)?;
    let lacks = |what: String| RunError::CloneNotGood(remote.to_owned(), vec![what]);
    let theirs = clone.head()?.ok_or_else(|| lacks("it is empty".to_owned()))?;
    let has = clone.commit(head).is_ok() && clone.is_ancestor(head, theirs)?;
    if !has {
        return Err(lacks(format!("its HEAD does not have commit {}", head.short(12))));
    }
    let names: Vec<String> = clone.tags()?.into_iter().map(|tag| tag.name).collect();
    for tag in good_tags(repository, run.authority, head)? {
        if !names.contains(&tag.name) {
            return Err(lacks(format!("it has no tag {}", escape(&tag.name))));
        }
    }
    let faults = (run.tools.verify)(&folder, head).map_err(RunError::Unverified)?;
    if faults.is_empty() {
        return Ok(());
    }
    Err(RunError::CloneNotGood(remote.to_owned(), faults))
}

/// Gives another remote what the first one has of this branch and of tags.
pub(crate) fn mirror(run: &Run<'_>, remote: &str) -> Mirrored {
    let outcome = catch_up(run, remote);
    let (refs, fault) = match outcome {
        Ok(refs) => (refs, None),
        Err(fault) => (0, Some(fault)),
    };
    Mirrored { remote: remote.to_owned(), refs, fault }
}

fn catch_up(run: &Run<'_>, remote: &str) -> Result<usize, GitError> {
    let repository = run.request.repository;
    let lagging = lagging(repository, run.request.remote(), remote)?;
    let count = lagging.len();
    repository.push(remote, &lagging)?;
    Ok(count)
}

/// What the first remote has of this branch and of tags, both as here, and another one lacks.
pub(crate) fn lagging(
    repository: &Repository,
    first: &str,
    other: &str,
) -> Result<Vec<PushRef>, GitError> {
    let branch = repository.head_branch().unwrap_or_default();
    let branch = RefName::branch(&branch)?;
    let (truth, theirs) = (repository.remote_refs(first)?, repository.remote_refs(other)?);
    let mut lagging = Vec::new();
    for (name, id) in truth {
        if name != branch.as_str() && !name.starts_with("refs/tags/") {
            continue;
        }
        // A name that is none, or an object that is not here, is not ours to pass on.
        let Ok(remote) = name.parse::<RefName>() else { continue };
        if repository.ref_at(&remote)? != Some(id) {
            continue;
        }
        let expected = theirs.iter().find(|(n, _)| *n == name).map(|(_, id)| *id);
        let is_tag_elsewhere = expected.is_some() && !remote.is_branch();
        if expected != Some(id) && !is_tag_elsewhere {
            lagging.push(PushRef { local: id, remote, expected });
        }
    }
    Ok(lagging)
}
