//! The files on disk, as they are: no filter, no line-ending conversion, no link followed.
//!
//! Stock git runs the filters that a repository configures when it compares files. Nothing of that
//! happens here: raw bytes are read once, and their blob id is computed from these very bytes.

use crate::objects::{Budget, MAX_OBJECT, object_id};
use crate::snapshot::{Found, check_depth, join};
use crate::twins::Twins;
use crate::{Error, Repository, Result, Snapshot};
use git2::{ObjectType, Oid};
use secpack_pack::{Content, File, FileKind, ObjectId, PackPath};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// What `HEAD` or the index has, by path; such files are never skipped.
type Tracked = BTreeMap<String, (FileKind, ObjectId)>;

struct Walk<'a> {
    repository: &'a Repository,
    root: &'a Path,
    tracked: Tracked,
    found: Found,
    files: Vec<File>,
    budget: Budget,
}

impl Repository {
    /// All files on disk, tracked or not, without what `.gitignore` leaves out. A file that `HEAD`
    /// or the index has is never left out; one that is gone from disk is not listed.
    ///
    /// Ids are blob ids of the raw bytes, so with line-ending conversion configured they may differ
    /// from what git would commit. Folders with a repository of their own count as ordinary ones
    /// with a problem, unless the index has them as submodules, which are not gone into.
    ///
    /// # Errors
    /// [`Error::NoWorkTree`] for a bare repository, [`Error::Io`] naming what cannot be read, and
    /// those of [`Repository::snapshot`].
    pub fn work_tree(&self) -> Result<Snapshot> {
        let no_files = || Error::NoWorkTree { path: self.git_dir().to_owned() };
        let root = self.workdir().ok_or_else(no_files)?;
        let tracked = self.tracked()?;
        let (found, files, budget) = (Found::default(), Vec::new(), Budget::new());
        let mut walk = Walk { repository: self, root, tracked, found, files, budget };
        walk.folder("", 1)?;
        walk.files.sort_by(|one, two| one.path.cmp(&two.path));
        walk.found.problems.sort();
        Ok(Snapshot { commit: None, files: walk.files, problems: walk.found.problems })
    }

    fn tracked(&self) -> Result<Tracked> {
        let mut tracked = Tracked::new();
        if let Some(head) = self.head()? {
            for (path, kind, id) in self.list(head)?.entries {
                tracked.insert(path.as_str().to_owned(), (kind, id));
            }
        }
        for entry in self.inner.index().map_err(Error::git("its index"))?.iter() {
            let kind = if entry.mode == 0o160_000 { FileKind::Gitlink } else { FileKind::Regular };
            if let Ok(path) = String::from_utf8(entry.path) {
                tracked.insert(path, (kind, object_id(entry.id)));
            }
        }
        Ok(tracked)
    }
}

impl Walk<'_> {
    fn folder(&mut self, folder: &str, depth: usize) -> Result<()> {
        check_depth(depth)?;
        let on_disk = self.root.join(folder);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&on_disk).map_err(Error::io(&on_disk))? {
            names.push(entry.map_err(Error::io(&on_disk))?.file_name());
        }
        names.sort();
        let mut twins = Twins::default();
        for name in names.iter().filter(|name| depth > 1 || *name != ".git") {
            self.found.count_one()?;
            let on_disk = on_disk.join(name);
            let meta = std::fs::symlink_metadata(&on_disk).map_err(Error::io(&on_disk))?;
            let shown = name.to_string_lossy();
            // Git ignores every `.git` silently; below the top it would hide what lies around it.
            let is_nested = shown.eq_ignore_ascii_case(".git");
            if !is_nested && self.is_left_out(&join(folder, &shown), meta.is_dir())? {
                continue;
            }
            if let Some(path) = self.found.accept(folder, name.as_encoded_bytes(), &mut twins) {
                self.entry(path, &on_disk, &meta, depth)?;
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        path: PackPath,
        on_disk: &Path,
        meta: &std::fs::Metadata,
        depth: usize,
    ) -> Result<()> {
        if meta.is_dir() {
            return match self.tracked.get(path.as_str()) {
                Some((FileKind::Gitlink, id)) => {
                    let (kind, id, content) = (FileKind::Gitlink, *id, Content::Absent);
                    self.files.push(File { path, kind, id, content });
                    Ok(())
                }
                Some(_) | None => self.folder(path.as_str(), depth + 1),
            };
        }
        let (kind, (id, content)) = if meta.is_symlink() {
            (FileKind::Link, read_link(on_disk)?)
        } else if meta.is_file() {
            (FileKind::Regular, read_file(on_disk, meta)?)
        } else {
            self.found.problem(path.as_str(), "it is neither a file nor a folder nor a link");
            return Ok(());
        };
        self.budget.spend_on(&content)?;
        self.files.push(File { path, kind, id, content });
        Ok(())
    }

    /// Whether git ignores it and neither it nor anything below it is tracked.
    fn is_left_out(&self, path: &str, is_folder: bool) -> Result<bool> {
        if self.tracked.contains_key(path) || is_folder && self.is_tracked_below(path) {
            return Ok(false);
        }
        let asked = if is_folder { format!("{path}/") } else { path.to_owned() };
        let ignored = self.repository.inner.status_should_ignore(Path::new(&asked));
        ignored.map_err(Error::git(path))
    }

    fn is_tracked_below(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        self.tracked
            .range(prefix.clone()..)
            .next()
            .is_some_and(|(path, _)| path.starts_with(&prefix))
    }
}

fn read_link(on_disk: &Path) -> Result<(ObjectId, Content)> {
    let target = std::fs::read_link(on_disk).map_err(Error::io(on_disk))?;
    hashed(target.into_os_string().into_encoded_bytes())
}

/// The bytes of a regular file, read once. Between looking and opening it may have been swapped
/// for a link, so the open file must be the one that was looked at.
fn read_file(on_disk: &Path, meta: &std::fs::Metadata) -> Result<(ObjectId, Content)> {
    let io = || Error::io(on_disk);
    let file = std::fs::File::open(on_disk).map_err(io())?;
    if !is_same_file(meta, &file.metadata().map_err(io())?) {
        return Err(io()(std::io::Error::other("it changed while it was read")));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(MAX_OBJECT)).unwrap_or(0));
    file.take(MAX_OBJECT + 1).read_to_end(&mut bytes).map_err(io())?;
    if bytes.len() as u64 <= MAX_OBJECT {
        return hashed(bytes);
    }
    let id = Oid::hash_file(ObjectType::Blob, on_disk);
    let id = id.map_err(Error::git(on_disk.to_string_lossy()))?;
    Ok((object_id(id), Content::TooLarge(meta.len())))
}

fn hashed(bytes: Vec<u8>) -> Result<(ObjectId, Content)> {
    Ok((blob_id(&bytes)?, Content::Bytes(bytes.into())))
}

/// The id that a file with these bytes has as a blob; nothing is written.
///
/// # Errors
/// [`Error::Git`], when libgit2 cannot hash them.
pub fn blob_id(bytes: &[u8]) -> Result<ObjectId> {
    let id = Oid::hash_object(ObjectType::Blob, bytes).map_err(Error::git("a blob"))?;
    Ok(object_id(id))
}

#[cfg(unix)]
fn is_same_file(one: &std::fs::Metadata, two: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (two.dev(), two.ino())
}

#[cfg(not(unix))]
fn is_same_file(one: &std::fs::Metadata, two: &std::fs::Metadata) -> bool {
    one.is_file() == two.is_file()
}

#[cfg(test)]
mod tests;
