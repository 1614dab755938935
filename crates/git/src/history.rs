//! Commits and how they hang together, from the raw objects alone.
//!
//! libgit2's own walk believes a commit-graph file, which anybody can forge; this one does not.

use crate::raw_commit::{self, CommitSignature, Links, RawCommit};
use crate::{Error, Repository, Result};
use chrono::{DateTime, Utc};
use git2::ObjectType;
use secpack_pack::ObjectId;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::rc::Rc;

/// More commits than any pack will ever have.
const MAX_COMMITS: usize = 1_000_000;

/// A commit. Names and summary are untrusted text; what is not UTF-8 in them is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// The tree it stands for.
    pub tree: ObjectId,
    /// Its parents, first parent first.
    pub parents: Vec<ObjectId>,
    /// When the change was written, as its author says.
    pub author_time: DateTime<Utc>,
    /// When the commit was made, as its committer says.
    pub committer_time: DateTime<Utc>,
    /// Who made the commit, as they say.
    pub committer_name: String,
    /// Their email address.
    pub committer_email: String,
    /// The first line of the message.
    pub summary: String,
    /// Its signature and what that covers.
    pub signature: Option<CommitSignature>,
}

impl Repository {
    /// One commit.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::WrongKind`], [`Error::Damaged`], and [`Error::Malformed`] for a
    /// commit that tools could read differently.
    pub fn commit(&self, id: ObjectId) -> Result<Commit> {
        let raw = self.read_object(id, ObjectType::Commit)?;
        let parsed = raw_commit::parse(&raw).map_err(|source| Error::Malformed { id, source })?;
        Ok(Commit::new(id, parsed))
    }

    /// Every commit reachable from this one, newest first: by time, and never a parent before its
    /// child.
    ///
    /// # Errors
    /// [`Error::Missing`] when history has a hole, [`Error::TooMany`] beyond a million commits.
    pub fn mainline(&self, from: ObjectId) -> Result<Vec<ObjectId>> {
        self.history(&[from])
    }

    /// Whether one commit is reachable from another; a commit is its own ancestor.
    ///
    /// # Errors
    /// As [`Repository::mainline`].
    pub fn is_ancestor(&self, ancestor: ObjectId, descendant: ObjectId) -> Result<bool> {
        let mut seen = HashSet::from([descendant]);
        let mut open = vec![descendant];
        while let Some(id) = open.pop() {
            if id == ancestor {
                return Ok(true);
            }
            open.extend(
                self.links(id)?.parents.iter().copied().filter(|parent| seen.insert(*parent)),
            );
            check_count(seen.len())?;
        }
        Ok(false)
    }

    /// Every commit reachable from any of these, in the order of [`Repository::mainline`].
    pub(crate) fn history(&self, tips: &[ObjectId]) -> Result<Vec<ObjectId>> {
        let mut children = self.count_children(tips)?;
        let mut ordered = Vec::with_capacity(children.len());
        let mut ready = BinaryHeap::new();
        for tip in tips.iter().collect::<HashSet<_>>() {
            if children.get(tip) == Some(&0) {
                ready.push((self.links(*tip)?.seconds, *tip));
            }
        }
        while let Some((_, id)) = ready.pop() {
            ordered.push(id);
            for parent in &self.links(id)?.parents {
                let left = children.get_mut(parent).expect("every reachable commit was counted");
                *left -= 1;
                if *left == 0 {
                    ready.push((self.links(*parent)?.seconds, *parent));
                }
            }
        }
        Ok(ordered)
    }

    /// How many reachable children each reachable commit has.
    fn count_children(&self, tips: &[ObjectId]) -> Result<HashMap<ObjectId, usize>> {
        let mut children: HashMap<ObjectId, usize> = tips.iter().map(|tip| (*tip, 0)).collect();
        let mut open: Vec<ObjectId> = children.keys().copied().collect();
        while let Some(id) = open.pop() {
            for parent in &self.links(id)?.parents {
                let count = children.entry(*parent).or_insert_with(|| {
                    open.push(*parent);
                    0
                });
                *count += 1;
            }
            check_count(children.len())?;
        }
        Ok(children)
    }

    /// Tree, parents and time of a commit, kept for the next time.
    pub(crate) fn links(&self, id: ObjectId) -> Result<Rc<Links>> {
        if let Some(links) = self.links.borrow().get(&id) {
            return Ok(Rc::clone(links));
        }
        let raw = self.read_object(id, ObjectType::Commit)?;
        let links = raw_commit::links(&raw).map_err(|source| Error::Malformed { id, source })?;
        let links = Rc::new(links);
        self.links.borrow_mut().insert(id, Rc::clone(&links));
        Ok(links)
    }
}

impl Commit {
    fn new(id: ObjectId, raw: RawCommit<'_>) -> Self {
        let message = String::from_utf8_lossy(raw.message);
        Self {
            id,
            tree: raw.tree,
            parents: raw.parents,
            author_time: raw.author.time,
            committer_time: raw.committer.time,
            committer_name: raw.committer.name,
            committer_email: raw.committer.email,
            summary: message.trim_start().lines().next().unwrap_or_default().trim_end().to_owned(),
            signature: raw.signature,
        }
    }
}

fn check_count(count: usize) -> Result<()> {
    if count <= MAX_COMMITS {
        return Ok(());
    }
    Err(Error::TooMany { what: "commits", limit: MAX_COMMITS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    /// Two branches merged: first - (left, right) - merge.
    fn diamond() -> (Fixture, [ObjectId; 4]) {
        let fixture = Fixture::new();
        let first = fixture.commit("a.txt", "a\n");
        let left = fixture.commit("b.txt", "b\n");
        fixture.git(&["checkout", "-q", "-b", "side", &first.to_string()]);
        let right = fixture.commit("c.txt", "c\n");
        fixture.git(&["checkout", "-q", "main"]);
        fixture.git(&["merge", "-q", "--no-ff", "-m", "merge\n\nbody", "side"]);
        let merge = fixture.id(&["rev-parse", "HEAD"]);
        (fixture, [first, left, right, merge])
    }

    #[test]
    fn history_is_as_git_shows_it() {
        let (fixture, [first, left, right, merge]) = diamond();
        let repository = fixture.open();
        let mainline = repository.mainline(merge).expect("whole");
        assert_eq!(mainline, [merge, right, left, first]);
        let stock = fixture.git(&["rev-list", "--date-order", "HEAD"]);
        let ours: Vec<String> = mainline.iter().map(ObjectId::to_string).collect();
        assert_eq!(ours.join("\n"), stock);
        assert_eq!(repository.history(&[left, right, left]).expect("whole"), [right, left, first]);
        assert_eq!(repository.history(&[]).expect("whole"), []);
    }

    #[test]
    fn ancestry() {
        let (fixture, [first, left, right, merge]) = diamond();
        let repository = fixture.open();
        for (ancestor, descendant, expected) in [
            (first, merge, true),
            (left, merge, true),
            (right, merge, true),
            (merge, merge, true),
            (merge, first, false),
            (left, right, false),
        ] {
            assert_eq!(repository.is_ancestor(ancestor, descendant).expect("whole"), expected);
        }
    }

    #[test]
    fn a_commit_is_read_as_it_is() {
        let (fixture, [_, left, right, merge]) = diamond();
        let commit = fixture.open().commit(merge).expect("well-formed");
        assert_eq!(commit.parents, [left, right]);
        assert_eq!(
            (commit.summary.as_str(), commit.committer_name.as_str()),
            ("merge", "Ann Example")
        );
        assert_eq!(commit.signature, None);
        assert_eq!(commit.tree, fixture.id(&["rev-parse", "HEAD^{tree}"]));
    }

    #[test]
    fn a_hole_in_history_is_an_error() {
        let (fixture, [_, left, _, merge]) = diamond();
        fixture.remove_loose(left);
        let found = fixture.open().mainline(merge);
        assert!(matches!(found, Err(Error::Missing { id }) if id == left), "{found:?}");
    }

    #[test]
    fn a_commit_graph_is_not_believed() {
        let (fixture, [.., merge]) = diamond();
        fixture.git(&["commit-graph", "write", "--reachable"]);
        fixture.write(".git/objects/info/commit-graph", b"forged");
        assert_eq!(fixture.open().mainline(merge).expect("whole").len(), 4);
    }
}
