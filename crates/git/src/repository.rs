//! A repository: opening it, and what its names stand for.

use crate::objects::{KeptTrees, object_id};
use crate::place::{self, Place};
use crate::raw_commit::Links;
use crate::{Error, Result, refuse};
use git2::{ErrorCode, ObjectType};
use secpack_pack::ObjectId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Tags of tags beyond this depth are not followed.
const MAX_TAG_DEPTH: usize = 8;

/// An open repository. What was read of commits and trees is kept, so ask one value many times.
pub struct Repository {
    pub(crate) inner: git2::Repository,
    pub(crate) place: Place,
    pub(crate) access: Access,
    pub(crate) trees: RefCell<KeptTrees>,
    pub(crate) links: RefCell<HashMap<ObjectId, Rc<Links>>>,
}

/// What may be done with an open repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reading, writing, fetching and pushing.
    Full,
    /// Reading alone.
    Reading,
}

impl Repository {
    /// Opens the work tree or bare repository at exactly this folder, for reading and writing.
    ///
    /// # Errors
    /// [`Error::NotARepository`], [`Error::ForeignOwner`], and [`Error::Refused`] for grafts,
    /// shallow and partial clones, alternates, SHA-256 and a work tree configured to be
    /// elsewhere.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_full(place::at(path)?)
    }

    /// Opens the repository that this folder lies in, for reading and writing.
    ///
    /// # Errors
    /// As [`Repository::open`].
    pub fn discover(path: &Path) -> Result<Self> {
        Self::open_full(place::above(path)?)
    }

    /// Opens the work tree or bare repository at exactly this folder for reading, whoever owns it.
    ///
    /// Git does not work in another user's repository because that user's configuration could
    /// start programs. Reading here starts nothing and believes nothing but object hashes, so the
    /// owner does not matter: `verify` can judge a pack on a read-only mount or in a root shell.
    /// Everything that writes or starts `git` fails with [`Error::ReadingOnly`].
    ///
    /// # Errors
    /// As [`Repository::open`], without [`Error::ForeignOwner`].
    pub fn open_for_reading(path: &Path) -> Result<Self> {
        Self::open_reading(place::at(path)?)
    }

    /// Opens the repository that this folder lies in for reading, whoever owns it; see
    /// [`Repository::open_for_reading`].
    ///
    /// # Errors
    /// As [`Repository::open_for_reading`].
    pub fn discover_for_reading(path: &Path) -> Result<Self> {
        Self::open_reading(place::above(path)?)
    }

    fn open_full(place: Place) -> Result<Self> {
        refuse::check(&place.git_dir)?;
        let at = place.work_tree.as_ref().unwrap_or(&place.git_dir);
        let inner = git2::Repository::open(at).map_err(|source| unopened(at, source))?;
        check_work_tree(&place, &inner)?;
        Ok(Self::new(inner, place, Access::Full))
    }

    /// `open_bare` is the one way into libgit2 that does not look at the owner.
    fn open_reading(place: Place) -> Result<Self> {
        refuse::check(&place.git_dir)?;
        let unopened = |source| unopened(&place.git_dir, source);
        let inner = git2::Repository::open_bare(&place.git_dir).map_err(unopened)?;
        if let Some(work_tree) = &place.work_tree {
            // In memory only: libgit2 needs it to read the .gitignore files.
            inner.set_workdir(work_tree, false).map_err(Error::git("its work tree"))?;
        }
        Ok(Self::new(inner, place, Access::Reading))
    }

    pub(crate) fn new(inner: git2::Repository, place: Place, access: Access) -> Self {
        // On is libgit2's default; whoever else uses it in this process must not have turned it off.
        git2::opts::strict_hash_verification(true);
        Self { inner, place, access, trees: RefCell::default(), links: RefCell::default() }
    }

    /// Fails unless the repository was opened for writing.
    pub(crate) fn writable(&self) -> Result<()> {
        match self.access {
            Access::Full => Ok(()),
            Access::Reading => Err(Error::ReadingOnly { path: self.place.git_dir.clone() }),
        }
    }

    /// The folder with the files; `None` for a bare repository.
    pub fn workdir(&self) -> Option<&Path> {
        self.place.work_tree.as_deref()
    }

    /// The folder with git's own files.
    pub fn git_dir(&self) -> &Path {
        &self.place.git_dir
    }

    /// Whether there are no files on disk.
    pub fn is_bare(&self) -> bool {
        self.place.work_tree.is_none()
    }

    /// The commit that `HEAD` stands for; `None` before the first commit.
    ///
    /// In a bare repository whose `HEAD` names a branch that does not exist, `main` and then
    /// `master` are taken: servers create `HEAD` before they know the branch.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable ref, [`Error::Missing`] for a commit that is not there.
    pub fn head(&self) -> Result<Option<ObjectId>> {
        let fallback: &[&str] =
            if self.is_bare() { &["refs/heads/main", "refs/heads/master"] } else { &[] };
        for name in std::iter::once(&"HEAD").chain(fallback) {
            if let Some(found) = self.ref_target(name)? {
                return self.peel(found).map(Some);
            }
        }
        Ok(None)
    }

    /// The branch that `HEAD` names, without `refs/heads/`, whether or not it has a commit; `None`
    /// when `HEAD` names a commit.
    pub fn head_branch(&self) -> Option<String> {
        let head = self.inner.find_reference("HEAD").ok()?;
        let target = head.symbolic_target().ok()??;
        target.strip_prefix("refs/heads/").filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// The commit that a text such as `HEAD~2`, a branch, a tag or the start of an id names.
    ///
    /// # Errors
    /// [`Error::NoSuchCommit`], also for a text that could be taken for an option.
    pub fn resolve(&self, spec: &str) -> Result<ObjectId> {
        let nothing = || Error::NoSuchCommit { spec: spec.to_owned() };
        if spec.is_empty() || spec.starts_with('-') || spec.contains(char::is_control) {
            return Err(nothing());
        }
        let found = self.inner.revparse_single(spec).map_err(|_| nothing())?;
        self.peel(object_id(found.id())).map_err(|error| match error {
            Error::WrongKind { .. } => nothing(),
            other => other,
        })
    }

    /// Where a ref points, symbolic ones followed; `None` when it does not exist.
    pub(crate) fn ref_target(&self, name: &str) -> Result<Option<ObjectId>> {
        match self.inner.refname_to_id(name) {
            Ok(id) => Ok(Some(object_id(id))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(source) if name == "HEAD" => Err(self.bad_head(source)),
            Err(source) => Err(Error::git(name)(source)),
        }
    }

    /// The branch that the log of HEAD names last is the one that the files on disk are of.
    fn bad_head(&self, source: git2::Error) -> Error {
        let log = std::fs::read_to_string(self.git_dir().join("logs/HEAD")).unwrap_or_default();
        let moved = log.lines().rev().find_map(|line| {
            let (_, moved) = line.split_once("\tcheckout: moving from ")?;
            moved.rsplit_once(" to ").map(|(_, to)| format!("refs/heads/{to}"))
        });
        let usual = ["refs/heads/main", "refs/heads/master"].map(str::to_owned);
        let is_there = |name: &String| matches!(self.ref_target(name), Ok(Some(_)));
        let branch = match moved {
            Some(moved) => Some(moved).filter(is_there),
            // A linked work tree has another branch than the usual one.
            None if self.git_dir().join("commondir").exists() => None,
            None => usual.into_iter().find(is_there),
        };
        Error::BadHead { path: self.git_dir().join("HEAD"), branch, source }
    }

    /// The commit itself, or the one that a tag of it stands for.
    fn peel(&self, id: ObjectId) -> Result<ObjectId> {
        let mut current = id;
        for _ in 0..MAX_TAG_DEPTH {
            match self.kind_of(current)? {
                ObjectType::Commit => return Ok(current),
                ObjectType::Tag => current = self.tag_target(current)?,
                ObjectType::Tree | ObjectType::Blob | ObjectType::Any => break,
            }
        }
        Err(Error::WrongKind { id, wanted: "commit" })
    }

    fn tag_target(&self, id: ObjectId) -> Result<ObjectId> {
        let raw = self.read_object(id, ObjectType::Tag)?;
        let malformed = |source| Error::Malformed { id, source };
        Ok(crate::raw_tag::parse(&raw).map_err(malformed)?.object)
    }
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, access, .. } = self;
        f.debug_struct("Repository").field("place", place).field("access", access).finish()
    }
}

fn unopened(path: &Path, source: git2::Error) -> Error {
    match source.code() {
        ErrorCode::Owner => Error::ForeignOwner { path: path.to_owned() },
        ErrorCode::NotFound => Error::NotARepository { path: path.to_owned() },
        _ => Error::git(path.to_string_lossy())(source),
    }
}

/// `core.worktree` and `core.bare` can make git look at other files than the person who named this
/// folder does.
fn check_work_tree(place: &Place, inner: &git2::Repository) -> Result<()> {
    let real = |path: &Path| path.canonicalize().map_err(Error::io(path));
    let configured: Option<PathBuf> = inner.workdir().map(real).transpose()?;
    let found = place.work_tree.as_deref().map(real).transpose()?;
    if place.work_tree.is_none() || configured == found {
        return Ok(());
    }
    Err(Error::Refused {
        path: place.git_dir.join("config"),
        why: "it says that the work tree is elsewhere",
        hint: "{git} config --unset-all core.worktree; {git} config core.bare false",
    })
}

#[cfg(test)]
mod tests;
