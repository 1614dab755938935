//! Branches by name: where each is, and putting one away so that nothing on it is lost.

use crate::objects::{object_id, oid};
use crate::{Error, Identity, RefName, Repository, Result, raw_tag};
use chrono::{DateTime, Utc};
use git2::{ErrorCode, ObjectType};
use secpack_pack::ObjectId;
use std::path::{Path, PathBuf};

/// More branches and kept commits than any pack will ever have.
const MAX_REFS: usize = 100_000;

/// A branch, of this repository or as it was when it was last fetched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Branch {
    /// Its name, without `refs/heads/`: untrusted text.
    pub name: String,
    /// The remote it was fetched from; `None` for one of this repository.
    pub remote: Option<String>,
    /// The commit it is at.
    pub tip: ObjectId,
}

/// A commit that says something and changes no file.
#[derive(Debug, Clone)]
pub struct Note<'a> {
    /// Its parents; the files are those of the first one.
    pub parents: &'a [ObjectId],
    /// The message.
    pub message: &'a str,
    /// Author and committer.
    pub author: &'a Identity,
    /// When, for both.
    pub time: DateTime<Utc>,
}

impl Repository {
    /// Every branch, of this repository and of its remotes, sorted by name. What is no branch of a
    /// commit is left out.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable ref, [`Error::TooMany`].
    pub fn branch_list(&self) -> Result<Vec<Branch>> {
        let remotes = self.remotes()?;
        let mut found = Vec::new();
        for (name, tip) in self.commits_below("refs/heads/")? {
            found.push(Branch { name, remote: None, tip });
        }
        for (name, tip) in self.commits_below("refs/remotes/")? {
            let of = |remote: &&String| name.starts_with(&format!("{remote}/"));
            let Some(remote) = remotes.iter().filter(of).max_by_key(|r| r.len()) else { continue };
            let name = name[remote.len() + 1..].to_owned();
            if name != "HEAD" {
                found.push(Branch { name, remote: Some(remote.clone()), tip });
            }
        }
        found.sort();
        Ok(found)
    }

    /// Refs below a folder such as `refs/heads/` that stand for commits: the rest of the name, and
    /// the commit.
    ///
    /// # Errors
    /// As [`Repository::branch_list`].
    pub fn commits_below(&self, folder: &str) -> Result<Vec<(String, ObjectId)>> {
        let pattern = format!("{folder}*");
        let unreadable = || Error::git(folder);
        let mut found = Vec::new();
        for reference in self.inner.references_glob(&pattern).map_err(unreadable())? {
            let reference = reference.map_err(unreadable())?;
            let (Ok(name), Ok(commit)) = (reference.name(), reference.peel(ObjectType::Commit))
            else {
                continue;
            };
            if let Some(name) = name.strip_prefix(folder) {
                found.push((name.to_owned(), object_id(commit.id())));
            }
            if found.len() > MAX_REFS {
                return Err(Error::TooMany { what: "refs", limit: MAX_REFS });
            }
        }
        found.sort();
        Ok(found)
    }

    /// Makes a commit that changes nothing. No branch knows it yet.
    ///
    /// # Errors
    /// [`Error::ReadingOnly`], [`Error::Missing`] for a parent that is not there.
    pub fn write_note(&self, note: &Note<'_>) -> Result<ObjectId> {
        self.writable()?;
        let first = note.parents.first().ok_or(Error::NoSuchCommit { spec: String::new() })?;
        let tree = self.links(*first)?.tree;
        let mut text = format!("tree {tree}\n");
        for parent in note.parents {
            self.links(*parent)?;
            text.push_str(&format!("parent {parent}\n"));
        }
        let (name, email) = (note.author.name(), note.author.email());
        let who = format!("{name} <{email}> {} +0000", note.time.timestamp());
        let message = raw_tag::clean_message(note.message);
        text.push_str(&format!("author {who}\ncommitter {who}\n\n{message}"));
        let commit = self.store_commit(text.as_bytes(), None)?;
        self.sync_objects(&[commit])?;
        Ok(commit)
    }

    /// Makes a ref for a commit, so that it is kept. The very same ref there already is fine.
    ///
    /// # Errors
    /// [`Error::ReadingOnly`], [`Error::RefExists`] when it points elsewhere.
    pub fn keep(&self, name: &RefName, commit: ObjectId) -> Result<()> {
        self.writable()?;
        self.links(commit)?;
        if let Some(found) = self.ref_target(name.as_str())? {
            return same(name, found, commit);
        }
        match self.inner.reference(name.as_str(), oid(commit), false, "secpack: keep") {
            Ok(_) => self.sync_ref(name.as_str()),
            Err(error) if error.code() == ErrorCode::Exists => {
                let found = self.ref_target(name.as_str())?.unwrap_or(commit);
                same(name, found, commit)
            }
            Err(source) => Err(Error::git(name.as_str())(source)),
        }
    }

    /// The work tree that has a branch checked out: this one, the main one, or a linked one.
    ///
    /// # Errors
    /// When the repository does not say which work trees it has.
    pub fn checked_out_at(&self, branch: &str) -> Result<Option<PathBuf>> {
        if self.head_branch().as_deref() == Some(branch) {
            return Ok(Some(self.workdir().unwrap_or(self.git_dir()).to_owned()));
        }
        let common = self.common_dir()?;
        let common = common.canonicalize().map_err(Error::io(&common))?;
        let linked = match std::fs::read_dir(common.join("worktrees")) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(_) => Vec::new(),
        };
        let head = format!("ref: refs/heads/{branch}");
        let has_it = |folder: &Path| {
            let text = std::fs::read_to_string(folder.join("HEAD"));
            text.is_ok_and(|text| text.trim_end() == head)
        };
        // A linked work tree says where its `.git` is; one that is gone holds nothing.
        let place = |folder: &Path| {
            let file = std::fs::read_to_string(folder.join("gitdir")).ok()?;
            Path::new(file.trim_end()).parent().filter(|tree| tree.is_dir()).map(Path::to_owned)
        };
        let main = common.parent().filter(|_| common.ends_with(".git") && has_it(&common));
        let mut trees = linked.iter().filter(|folder| has_it(folder));
        Ok(main.map(Path::to_owned).or_else(|| trees.find_map(|folder| place(folder))))
    }

    /// Removes a branch of this repository that is still where it was seen. The caller has made
    /// sure that its commits are kept elsewhere. One that is gone is fine.
    ///
    /// # Errors
    /// [`Error::ReadingOnly`], [`Error::BadName`], [`Error::CheckedOut`], [`Error::RefMoved`].
    pub fn drop_branch(&self, branch: &str, seen: ObjectId) -> Result<()> {
        self.writable()?;
        let name = RefName::branch(branch)?;
        let found = match self.inner.find_reference(name.as_str()) {
            Ok(found) => found,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(()),
            Err(source) => return Err(Error::git(name.as_str())(source)),
        };
        let moved = || Error::RefMoved { name: name.to_string() };
        if found.target().map(object_id) != Some(seen) {
            return Err(moved());
        }
        let mut branch = git2::Branch::wrap(found);
        if branch.is_head() {
            return Err(Error::CheckedOut { branch: name.to_string() });
        }
        // It refuses what a linked work tree has checked out, and what moved since it was looked up.
        branch.delete().map_err(|error| match error.code() {
            ErrorCode::Modified => moved(),
            _ => Error::git(name.as_str())(error),
        })
    }
}

fn same(name: &RefName, found: ObjectId, wanted: ObjectId) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::RefExists { name: name.to_string(), found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn branches_are_listed_with_their_remotes() {
        let fixture = Fixture::new();
        let first = fixture.commit("a.txt", "a\n");
        fixture.git(&["branch", "sign/one"]);
        fixture.git(&["remote", "add", "up", "nowhere"]);
        fixture.git(&["remote", "add", "up/stream", "nowhere"]);
        fixture.git(&["update-ref", "refs/remotes/up/sign/one", &first.to_string()]);
        fixture.git(&["update-ref", "refs/remotes/up/stream/sign/one", &first.to_string()]);
        fixture.git(&["symbolic-ref", "refs/remotes/up/HEAD", "refs/remotes/up/sign/one"]);
        fixture.git(&["update-ref", "refs/remotes/lost/x", &first.to_string()]);
        let branches = fixture.open().branch_list().expect("readable");
        let shown: Vec<_> =
            branches.iter().map(|b| (b.name.as_str(), b.remote.as_deref(), b.tip)).collect();
        let expected = [
            ("main", None, first),
            ("sign/one", None, first),
            ("sign/one", Some("up"), first),
            ("sign/one", Some("up/stream"), first),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_note_keeps_what_a_dropped_branch_had() {
        let fixture = Fixture::new();
        let first = fixture.commit("a.txt", "a\n");
        fixture.git(&["checkout", "-q", "-b", "side"]);
        let second = fixture.commit("b.txt", "b\n");
        let repository = fixture.open();
        let (author, time) = (fixture.identity(), fixture.time());
        let note = Note { parents: &[second, first], message: "Why\n", author: &author, time };
        let commit = repository.write_note(&note).expect("written");
        let name: RefName = "refs/secpack/x".parse().expect("a name");
        repository.keep(&name, commit).expect("kept");
        repository.keep(&name, commit).expect("kept already");
        let other = repository.keep(&name, first);
        assert!(matches!(other, Err(Error::RefExists { .. })), "{other:?}");
        let held = repository.drop_branch("side", second);
        assert!(matches!(held, Err(Error::CheckedOut { .. })), "{held:?}");
        fixture.git(&["checkout", "-q", "main"]);
        let linked = tempfile::tempdir().expect("a folder");
        let tree = linked.path().canonicalize().expect("a folder").join("tree");
        fixture.git(&["worktree", "add", "-q", &tree.display().to_string(), "side"]);
        assert_eq!(repository.checked_out_at("side").expect("readable"), Some(tree.clone()));
        let there = Repository::open(&tree).expect("a work tree");
        let own = |branch| there.checked_out_at(branch).expect("readable");
        assert_eq!(own("side"), Some(tree.clone()));
        assert_eq!(own("main").as_deref(), repository.workdir());
        assert_eq!(own("none"), None);
        fixture.git(&["worktree", "remove", &tree.display().to_string()]);
        assert_eq!(repository.checked_out_at("side").expect("readable"), None);
        let moved = repository.drop_branch("side", first);
        assert!(matches!(moved, Err(Error::RefMoved { .. })), "{moved:?}");
        repository.drop_branch("side", second).expect("dropped");
        repository.drop_branch("side", second).expect("gone already");
        assert_eq!(fixture.git(&["branch", "--format=%(refname)"]), "refs/heads/main");
        assert_eq!(repository.commits_below("refs/secpack/").expect("ok"), [("x".into(), commit)]);
        assert_eq!(fixture.git(&["show", "--format=%s", "-s", "refs/secpack/x"]), "Why");
        fixture.git(&["fsck", "--strict", "--no-dangling"]);
    }
}
