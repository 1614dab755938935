//! Bringing the index in line with a commit that was made beside it.

use crate::objects::oid;
use crate::{Error, Repository, Result};
use git2::{IndexEntry, IndexTime};
use secpack_pack::{ObjectId, PackPath};
use std::path::Path;

/// What a commit did to a path: the new blob with its file mode, or `None` for a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub path: PackPath,
    pub new: Option<(ObjectId, u32)>,
}

impl Repository {
    /// Fails when another git holds the index. Asked before a branch moves, because afterwards it
    /// is too late to stop.
    pub(crate) fn check_index_free(&self) -> Result<()> {
        let path = self.git_dir().join("index.lock");
        if path.exists() {
            let why = "another git is changing the index, or was stopped while it did";
            return Err(Error::Refused { path, why, hint: "rm {file}" });
        }
        Ok(())
    }

    /// Whether git leaves a path out of the work tree on purpose, as in a sparse checkout.
    pub fn is_left_out(&self, path: &PackPath) -> bool {
        const SKIP_WORKTREE: u16 = 1 << 14;
        let index = self.inner.index().ok();
        let entry = index.and_then(|index| index.get_path(Path::new(path.as_str()), 0));
        entry.is_some_and(|entry| entry.flags_extended & SKIP_WORKTREE != 0)
    }

    /// Puts exactly these paths into the index, so that `git status` has nothing to say when the
    /// work tree has these bytes. What else is staged stays staged.
    pub(crate) fn stage(&self, changes: &[Change]) -> std::result::Result<(), git2::Error> {
        let mut index = self.inner.index()?;
        index.read(true)?;
        for Change { path, new } in changes {
            match new {
                Some((id, mode)) => index.add(&entry(path, *id, *mode))?,
                None if index.get_path(Path::new(path.as_str()), 0).is_none() => {}
                None => index.remove(Path::new(path.as_str()), 0)?,
            }
        }
        index.write()
    }
}

/// An entry without times and sizes: git looks at the file once and fills them in.
fn entry(path: &PackPath, id: ObjectId, mode: u32) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: oid(id),
        flags: 0,
        flags_extended: 0,
        path: path.as_str().as_bytes().to_vec(),
    }
}
