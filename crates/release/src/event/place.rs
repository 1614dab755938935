//! Where an event's branch lies: here, on remotes as last fetched, and what is kept of it.

use super::{EventError, KEPT};
use secpack_git::{Branch, RefName, Repository};
use secpack_pack::{Document, DocumentId, ObjectId, PackPath, Policy};
use std::collections::BTreeSet;

/// The branches of one name, and the ended events of that name.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// Where it is in this repository.
    pub local: Option<ObjectId>,
    /// Where each remote had it when it was last fetched.
    pub remotes: Vec<(String, ObjectId)>,
    /// Last commits of ended events of this name.
    pub kept: Vec<ObjectId>,
}

/// All branches and kept commits, read once.
pub(super) struct Refs {
    pub branches: Vec<Branch>,
    pub kept: Vec<(String, ObjectId)>,
}

impl Refs {
    pub(super) fn read(repository: &Repository) -> Result<Self, EventError> {
        Ok(Self { branches: repository.branch_list()?, kept: repository.commits_below(KEPT)? })
    }

    pub(super) fn place(&self, branch: &str) -> Place {
        let mut place = Place { branch: branch.to_owned(), ..Place::default() };
        for found in self.branches.iter().filter(|found| found.name == branch) {
            match &found.remote {
                None => place.local = Some(found.tip),
                Some(remote) => place.remotes.push((remote.clone(), found.tip)),
            }
        }
        let of = self.kept.iter().filter(|(name, _)| branch_of_kept(name) == Some(branch));
        place.kept = of.map(|(_, commit)| *commit).collect();
        place
    }

    /// Names of branches that are or were events.
    pub(super) fn names(&self, policy: &Policy) -> BTreeSet<String> {
        let open = self.branches.iter().map(|branch| branch.name.as_str());
        let ended = self.kept.iter().filter_map(|(name, _)| branch_of_kept(name));
        open.chain(ended).filter(|n| policy.is_event_branch(n)).map(str::to_owned).collect()
    }

    /// The commits that published branches are at.
    pub(super) fn published(&self, policy: &Policy) -> Vec<ObjectId> {
        let published = self.branches.iter().filter(|branch| policy.is_published(&branch.name));
        published.map(|branch| branch.tip).collect()
    }
}

impl Place {
    /// Commits of the branch that nothing kept has: the open event. The newest come first, none
    /// of them in the history of another, the one of this repository before those of remotes.
    pub(super) fn tips(&self, repository: &Repository) -> Result<Vec<ObjectId>, EventError> {
        let all = self.local.iter().chain(self.remotes.iter().map(|(_, tip)| tip));
        let mut open: Vec<ObjectId> = Vec::new();
        for tip in all {
            if !open.contains(tip) && !self.is_kept(repository, *tip)? {
                open.push(*tip);
            }
        }
        let mut newest = Vec::new();
        for tip in &open {
            let mut is_old = false;
            for other in open.iter().filter(|other| *other != tip) {
                is_old |= repository.is_ancestor(*tip, *other)?;
            }
            if !is_old {
                newest.push(*tip);
            }
        }
        Ok(newest)
    }

    /// Whether an ended event has this commit.
    pub(super) fn is_kept(
        &self,
        repository: &Repository,
        commit: ObjectId,
    ) -> Result<bool, EventError> {
        for kept in &self.kept {
            if repository.is_ancestor(commit, *kept)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The branch as a person names it: here, else on the first remote that has this commit.
    pub(super) fn shown(&self, tip: ObjectId) -> String {
        let remote = self.remotes.iter().find(|(_, theirs)| *theirs == tip);
        match (self.local == Some(tip), remote) {
            (false, Some((remote, _))) => format!("{remote}/{}", self.branch),
            (true, _) | (false, None) => self.branch.clone(),
        }
    }
}

/// The branch of a document, as a name that git takes.
pub(super) fn branch_of(policy: &Policy, document: &Document) -> Result<String, EventError> {
    let nothing = || EventError::NoName(document.path.clone());
    let branch = policy.event_branch(&document.id).ok_or_else(nothing)?;
    RefName::branch(&branch)?;
    Ok(branch)
}

/// The documents of a commit whose branch has this name.
pub(super) fn documents_on(
    repository: &Repository,
    policy: &Policy,
    branch: &str,
    commit: ObjectId,
) -> Result<Vec<(PackPath, DocumentId)>, EventError> {
    let paths = repository.paths(commit)?.into_iter();
    let known = paths.filter_map(|(path, _)| policy.identify(&path).map(|id| (path, id)));
    Ok(known.filter(|(_, id)| policy.event_branch(id).as_deref() == Some(branch)).collect())
}

/// `sign/note-001/0123456789ab` was the branch `sign/note-001`.
fn branch_of_kept(name: &str) -> Option<&str> {
    name.rsplit_once('/').map(|(branch, _)| branch)
}
