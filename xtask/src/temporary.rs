//! A folder that is gone when its owner is.

#![expect(clippy::disallowed_methods, reason = "makes and removes its own folder, nothing else")]

use crate::failure::Failure;
use crate::workspace;
use std::path::{Path, PathBuf};

/// A new, private folder; removed with everything in it when dropped.
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes the folder. Creation fails on a name that exists, so nobody can prepare it for us.
    pub fn new(purpose: &str) -> Result<Self, Failure> {
        Self::inside(&workspace::temporary_folder(), purpose)
    }

    /// The same with a path that stays short whatever the environment says: a home of gpg has
    /// sockets in it, and their paths may have some hundred bytes only.
    pub fn short(purpose: &str) -> Result<Self, Failure> {
        Self::inside(Path::new("/tmp"), purpose)
    }

    fn inside(folder: &Path, purpose: &str) -> Result<Self, Failure> {
        use std::os::unix::fs::DirBuilderExt;
        let name = format!("xtask-{purpose}-{}", std::process::id());
        let path = folder.join(name);
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(Failure::file(&path))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Leaves it where it is and says where that is.
    pub fn keep(mut self) -> PathBuf {
        std::mem::take(&mut self.0)
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if self.0.as_os_str().is_empty() {
            // It was kept, and its path went to whoever keeps it.
            return;
        }
        // A leftover in the folder for temporary files is no reason to fail a finished release.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
