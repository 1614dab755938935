//! Writing: a new repository, commits without a checkout, tags.
//!
//! A commit is made from its parent's tree and the changed files alone. What lies on disk or in the
//! index is not looked at, so nothing slips in that was not asked for.

use crate::objects::{object_id, oid};
use crate::raw_tree::Mode;
use crate::stage::Change;
use crate::{Error, Identity, RawError, RefName, Repository, Result};
use crate::{ident, raw_commit, raw_tag};
use chrono::{DateTime, Utc};
use git2::build::TreeUpdateBuilder;
use git2::{ErrorCode, FileMode, ObjectType, RepositoryInitOptions};
use secpack_pack::{ObjectId, PackPath};
use std::path::Path;

/// A commit that is going to be made.
#[derive(Debug, Clone)]
pub struct CommitRequest<'a> {
    /// The branch it goes to, without `refs/heads/`.
    pub branch: &'a str,
    /// The commit that branch is at; `None` when it does not exist yet.
    pub parent: Option<ObjectId>,
    /// Files that are new or changed, with their whole bytes.
    pub files: &'a [(PackPath, Vec<u8>)],
    /// Files that go.
    pub removed: &'a [PackPath],
    /// The message; blanks at line ends and surplus blank lines go.
    pub message: &'a str,
    /// Author and committer.
    pub author: &'a Identity,
    /// When, for both.
    pub time: DateTime<Utc>,
}

/// A commit whose content is stored, ready to be signed. No branch knows it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedCommit {
    /// The bytes a signature must cover: the raw unsigned commit.
    pub payload: Vec<u8>,
    branch: RefName,
    parent: Option<ObjectId>,
    changes: Vec<Change>,
    written: Vec<ObjectId>,
}

impl Repository {
    /// Creates a repository with a work tree. No template is copied, so no hooks come along.
    ///
    /// # Errors
    /// [`Error::BadName`] for the branch, [`Error::Git`] when there is a repository already.
    pub fn init(path: &Path, initial_branch: &str) -> Result<Self> {
        let branch = RefName::branch(initial_branch)?;
        let mut options = RepositoryInitOptions::new();
        options.initial_head(branch.as_str()).external_template(false).no_reinit(true).mkpath(true);
        git2::Repository::init_opts(path, &options).map_err(Error::git(path.to_string_lossy()))?;
        Self::open(path)
    }

    /// Who commits here, by `user.name` and `user.email` of git's configuration.
    ///
    /// # Errors
    /// [`Error::NoIdentity`] names the key to set.
    pub fn identity(&self) -> Result<Identity> {
        let config = self.inner.config().map_err(Error::git("its configuration"))?;
        identity_of(&config)
    }

    /// Commits files to a branch and brings the index entries of these paths in line when that
    /// branch is checked out. Files on disk are not touched.
    ///
    /// # Errors
    /// As [`Repository::prepare_commit`] and [`Repository::finish_commit`].
    pub fn commit_files(&self, request: &CommitRequest<'_>) -> Result<ObjectId> {
        self.finish_commit(&self.prepare_commit(request)?, None)
    }

    /// Stores files and folders of a commit and writes its text, for somebody to sign.
    ///
    /// # Errors
    /// [`Error::ReadingOnly`], [`Error::BadName`] for the branch, [`Error::NothingToCommit`], and
    /// [`Error::Git`] when a file would take the place of a folder or a removed one is not there.
    pub fn prepare_commit(&self, request: &CommitRequest<'_>) -> Result<PreparedCommit> {
        self.writable()?;
        let branch = RefName::branch(request.branch)?;
        let before = request.parent.map(|parent| Ok(self.links(parent)?.tree)).transpose()?;
        let changes = self.store_files(request)?;
        let tree = self.store_tree(before, &changes)?;
        if Some(tree) == before {
            return Err(Error::NothingToCommit { branch: branch.to_string() });
        }
        let written = self.written(tree, &changes)?;
        let payload = commit_text(request, tree);
        Ok(PreparedCommit { payload, branch, parent: request.parent, changes, written })
    }

    /// Makes a prepared commit, signed when there is an armored signature of its payload, and moves
    /// its branch, provided that is still where it was.
    ///
    /// # Errors
    /// [`Error::RefMoved`]; [`Error::Refused`] while another git holds the index; in both cases
    /// nothing changed. [`Error::IndexBehind`] when only the last step failed.
    pub fn finish_commit(
        &self,
        prepared: &PreparedCommit,
        armor: Option<&str>,
    ) -> Result<ObjectId> {
        self.writable()?;
        if self.is_checked_out(&prepared.branch) {
            self.check_index_free()?;
        }
        let commit = self.seal_commit(prepared, armor)?;
        self.set_branch(prepared, commit)?;
        Ok(commit)
    }

    /// Stores a prepared commit, signed when there is an armored signature of its payload, and
    /// secures everything of it on disk. No branch knows it yet.
    ///
    /// # Errors
    /// [`Error::BadCommit`], [`Error::Io`] when it cannot be secured.
    pub fn seal_commit(&self, prepared: &PreparedCommit, armor: Option<&str>) -> Result<ObjectId> {
        self.writable()?;
        let commit = self.store_commit(&prepared.payload, armor)?;
        self.sync_objects(&prepared.written)?;
        self.sync_objects(&[commit])?;
        Ok(commit)
    }

    /// Moves the branch of a prepared commit to where it was sealed, provided that the branch is
    /// still where it was, and brings the index in line.
    ///
    /// # Errors
    /// As [`Repository::finish_commit`].
    pub fn set_branch(&self, prepared: &PreparedCommit, commit: ObjectId) -> Result<()> {
        self.writable()?;
        let is_checked_out = self.is_checked_out(&prepared.branch);
        if is_checked_out {
            self.check_index_free()?;
        }
        self.move_branch(prepared, commit)?;
        self.sync_ref(prepared.branch.as_str())?;
        if is_checked_out {
            let staged = self.stage(&prepared.changes);
            staged.map_err(|source| Error::IndexBehind { commit, source })?;
        }
        Ok(())
    }

    /// Stores a raw tag object and secures it on disk. No ref knows it yet.
    ///
    /// # Errors
    /// [`Error::BadTag`] unless the bytes are a tag of this name, [`Error::Missing`] when what it
    /// tags is not there.
    pub fn seal_tag(&self, name: &str, raw: &[u8]) -> Result<ObjectId> {
        self.writable()?;
        self.kind_of(tagged_object(name, raw)?)?;
        let id = self.store(ObjectType::Tag, raw)?;
        self.sync_objects(&[id])?;
        Ok(id)
    }

    /// Stores a raw tag object and creates its ref. When the ref has these very bytes already,
    /// nothing happens.
    ///
    /// # Errors
    /// [`Error::BadTag`] unless the bytes are a tag of this name, [`Error::Missing`] when what it
    /// tags is not there, [`Error::RefExists`] when the ref points elsewhere.
    pub fn write_tag(&self, name: &str, raw: &[u8]) -> Result<ObjectId> {
        let reference = RefName::tag(name)?;
        let id = self.seal_tag(name, raw)?;
        if let Some(found) = self.ref_target(reference.as_str())? {
            return same_or_exists(&reference, found, id);
        }
        let created = self.inner.reference(reference.as_str(), oid(id), false, "secpack: tag");
        match created {
            Ok(_) => self.sync_ref(reference.as_str()).map(|()| id),
            Err(error) if error.code() == ErrorCode::Exists => {
                let found = self.ref_target(reference.as_str())?;
                same_or_exists(&reference, found.unwrap_or(id), id)
            }
            Err(source) => Err(Error::git(reference.as_str())(source)),
        }
    }

    fn store(&self, kind: ObjectType, raw: &[u8]) -> Result<ObjectId> {
        let stored = self.odb()?.write(kind, raw).map_err(Error::git("its object database"))?;
        Ok(object_id(stored))
    }

    fn store_files(&self, request: &CommitRequest<'_>) -> Result<Vec<Change>> {
        let mut changes = Vec::with_capacity(request.files.len() + request.removed.len());
        for (path, bytes) in request.files {
            let mode = request.parent.map_or(Ok(FileMode::Blob), |at| self.mode_for(at, path))?;
            let id = self.store(ObjectType::Blob, bytes)?;
            changes.push(Change { path: path.clone(), new: Some((id, mode.into())) });
        }
        let removed = request.removed.iter().cloned();
        changes.extend(removed.map(|path| Change { path, new: None }));
        Ok(changes)
    }

    /// A changed file stays executable; a link becomes a regular file.
    fn mode_for(&self, parent: ObjectId, path: &PackPath) -> Result<FileMode> {
        let was = self.entry_at(parent, path)?;
        let executable = was.is_some_and(|(mode, _)| mode == Mode::Executable);
        Ok(if executable { FileMode::BlobExecutable } else { FileMode::Blob })
    }

    fn store_tree(&self, before: Option<ObjectId>, changes: &[Change]) -> Result<ObjectId> {
        let fault = || Error::git("the new tree");
        let before = match before {
            Some(tree) => oid(tree),
            None => oid(self.store(ObjectType::Tree, b"")?),
        };
        let before = self.inner.find_tree(before).map_err(fault())?;
        let mut update = TreeUpdateBuilder::new();
        for change in changes {
            match change.new {
                Some((id, mode)) if mode == u32::from(FileMode::BlobExecutable) => {
                    update.upsert(change.path.as_str(), oid(id), FileMode::BlobExecutable)
                }
                Some((id, _)) => update.upsert(change.path.as_str(), oid(id), FileMode::Blob),
                None => update.remove(change.path.as_str()),
            };
        }
        update.create_updated(&self.inner, &before).map(object_id).map_err(fault())
    }

    /// Every blob and folder that this commit may have written.
    fn written(&self, tree: ObjectId, changes: &[Change]) -> Result<Vec<ObjectId>> {
        let mut written = vec![tree];
        for change in changes {
            written.extend(change.new.map(|(id, _)| id));
            written.extend(self.folders_to(tree, &change.path)?);
        }
        written.sort_unstable();
        written.dedup();
        Ok(written)
    }

    pub(crate) fn store_commit(&self, payload: &[u8], armor: Option<&str>) -> Result<ObjectId> {
        let bad = |source| Error::BadCommit { source };
        let raw = match armor {
            None => payload.to_vec(),
            Some(armor) => raw_commit::with_signature(payload, armor).map_err(bad)?,
        };
        raw_commit::parse(&raw).map_err(bad)?;
        self.store(ObjectType::Commit, &raw)
    }

    fn move_branch(&self, prepared: &PreparedCommit, commit: ObjectId) -> Result<()> {
        let (name, log) = (prepared.branch.as_str(), "secpack: commit");
        let moved = match prepared.parent {
            None => self.inner.reference(name, oid(commit), false, log),
            Some(parent) => {
                self.inner.reference_matching(name, oid(commit), true, oid(parent), log)
            }
        };
        match moved {
            Ok(_) => Ok(()),
            Err(error) if is_moved(&error) => Err(Error::RefMoved { name: name.to_owned() }),
            Err(source) => Err(Error::git(name)(source)),
        }
    }
}

fn is_moved(error: &git2::Error) -> bool {
    matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound)
}

fn same_or_exists(reference: &RefName, found: ObjectId, id: ObjectId) -> Result<ObjectId> {
    if found == id {
        return Ok(id);
    }
    Err(Error::RefExists { name: reference.to_string(), found })
}

/// The object a raw tag is about, once its name is the one of its ref.
fn tagged_object(name: &str, raw: &[u8]) -> Result<ObjectId> {
    let bad = |source| Error::BadTag { name: name.to_owned(), source };
    let tag = raw_tag::parse(raw).map_err(bad)?;
    if tag.name == name { Ok(tag.object) } else { Err(bad(RawError::OtherName)) }
}

fn commit_text(request: &CommitRequest<'_>, tree: ObjectId) -> Vec<u8> {
    let parent = request.parent.map(|parent| format!("parent {parent}\n")).unwrap_or_default();
    let (name, email) = (request.author.name(), request.author.email());
    let who = format!("{name} <{email}> {} +0000", request.time.timestamp());
    let message = raw_tag::clean_message(request.message);
    format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{message}").into_bytes()
}

fn identity_of(config: &git2::Config) -> Result<Identity> {
    let part = |key: &'static str| {
        let value = config.get_string(key).unwrap_or_default();
        ident::part(&value).map_err(|source| Error::NoIdentity { key, source })
    };
    let (name, email) = (part("user.name")?, part("user.email")?);
    Identity::new(&name, &email).map_err(|source| Error::NoIdentity { key: "user.name", source })
}

#[cfg(test)]
mod tests;
