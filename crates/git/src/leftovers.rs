//! Lock files that a killed process left behind. While one lies there, nobody can move that ref or
//! change the index, so whoever knows that its own earlier run was killed may take it away.

use crate::place::common_dir;
use crate::{Error, RefName, Repository, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

impl Repository {
    /// Where objects, refs and configuration are: not the git folder in a linked work tree.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn common_dir(&self) -> Result<PathBuf> {
        common_dir(self.git_dir())
    }

    /// Lock files of these refs that exist now.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn ref_locks(&self, refs: &[RefName]) -> Result<Vec<PathBuf>> {
        let common = self.common_dir()?;
        let locks = refs.iter().map(|name| common.join(format!("{}.lock", name.as_str())));
        Ok(locks.filter(|path| path.exists()).collect())
    }

    /// Lock files of the index, of `HEAD` and of the packed refs that exist now.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn shared_locks(&self) -> Result<Vec<PathBuf>> {
        let packed = self.common_dir()?.join("packed-refs.lock");
        let own = ["HEAD.lock", "index.lock"].map(|name| self.git_dir().join(name));
        Ok([packed].into_iter().chain(own).filter(|path| path.exists()).collect())
    }

    /// Takes away those lock files that were made within `span` after `began`, the time at which
    /// a run that was killed since last said what it was about to do. Returns them.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove_leftovers(
        &self,
        locks: Vec<PathBuf>,
        began: SystemTime,
        span: Duration,
    ) -> Result<Vec<PathBuf>> {
        self.writable()?;
        let mut removed = Vec::new();
        for path in locks {
            let made = std::fs::metadata(&path).and_then(|meta| meta.modified());
            let made = made.map_err(Error::io(&path))?;
            // File systems round times, so a lock may look a little older than what preceded it.
            let from = began.checked_sub(Duration::from_secs(1)).unwrap_or(began);
            if made >= from && made <= began + span {
                remove(&path)?;
                removed.push(path);
            }
        }
        Ok(removed)
    }
}

#[expect(clippy::disallowed_methods, reason = "a lock file of a run that is known to be dead")]
fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(Error::io(path))
}
