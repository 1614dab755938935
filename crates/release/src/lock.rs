//! One release at a time in a repository. The system frees the lock when its holder is gone,
//! however it went, and its file tells who holds it.

use chrono::{DateTime, SecondsFormat, Utc};
use rustix::fs::FlockOperation;
use rustix::io::FdFlags;
use secpack_pack::escape;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAME: &str = "release.lock";
/// How often a lock is looked at whose holder has not yet written who it is, or is just leaving.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(25);

/// Who runs a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// The machine.
    pub host: String,
    /// The account.
    pub user: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.since.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (user, host) = (escape(&self.user), escape(&self.host));
        write!(f, "process {} of {user} on {host}, since {since}", self.pid)
    }
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error("another release is under way here: {}", who(.0.as_ref()))]
    Held(Option<Holder>),
    /// The file cannot be made or locked.
    #[error("{path}: {1}", path = escape(&.0.to_string_lossy()))]
    Io(PathBuf, #[source] std::io::Error),
}

fn who(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "its lock does not say whose it is".to_owned(), Holder::to_string)
}

/// The lock, held until dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// [`LockError::Held`] at once when somebody has it.
    pub fn take(folder: &Path, me: &Holder) -> Result<Self, LockError> {
        let path = folder.join(NAME);
        for _ in 0..TRIES {
            match attempt(folder, &path).map_err(|e| LockError::Io(path.clone(), e))? {
                Attempt::Locked(file) => {
                    let mut lock = Self { file, path };
                    lock.sign(me).map_err(|e| LockError::Io(lock.path.clone(), e))?;
                    return Ok(lock);
                }
                Attempt::Held(Some(holder)) => return Err(LockError::Held(Some(holder))),
                Attempt::Held(None) | Attempt::Gone => std::thread::sleep(PAUSE),
            }
        }
        Err(LockError::Held(None))
    }

    /// Runs something whose child processes hold the lock as well. A push that outlives us keeps
    /// the next release waiting until it has ended one way or the other.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn lent<T>(&self, run: impl FnOnce() -> T) -> Result<T, LockError> {
        let failed = |e: rustix::io::Errno| LockError::Io(self.path.clone(), e.into());
        rustix::io::fcntl_setfd(&self.file, FdFlags::empty()).map_err(failed)?;
        let result = run();
        rustix::io::fcntl_setfd(&self.file, FdFlags::CLOEXEC).map_err(failed)?;
        Ok(result)
    }

    fn sign(&mut self, me: &Holder) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(&serde_json::to_vec(me)?)?;
        self.file.sync_all()
    }
}

impl Drop for Lock {
    /// The file goes while it is still locked; who waits for it notices that it is gone.
    #[expect(clippy::disallowed_methods, reason = "our own lock file, while we hold it")]
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            // Only an empty folder goes.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

enum Attempt {
    Locked(File),
    Held(Option<Holder>),
    /// The file is not the one that is there by now.
    Gone,
}

fn attempt(folder: &Path, path: &Path) -> std::io::Result<Attempt> {
    let file = match open(folder, path) {
        Ok(file) => file,
        // Whoever leaves takes the empty folder away.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Attempt::Gone),
        Err(error) => return Err(error),
    };
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) if is_still_there(&file, path) => Ok(Attempt::Locked(file)),
        Ok(()) => Ok(Attempt::Gone),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let text = std::fs::read(path).unwrap_or_default();
            Ok(Attempt::Held(serde_json::from_slice(&text).ok()))
        }
        Err(error) => Err(error.into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "a lock is a file that is not replaced")]
fn open(folder: &Path, path: &Path) -> std::io::Result<File> {
    std::fs::create_dir_all(folder)?;
    std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn is_still_there(file: &File, path: &Path) -> bool {
    let same = |one: std::fs::Metadata, two: std::fs::Metadata| {
        one.ino() == two.ino() && one.dev() == two.dev()
    };
    file.metadata().is_ok_and(|one| std::fs::metadata(path).is_ok_and(|two| same(one, two)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(pid: u32) -> Holder {
        let (host, user) = ("desk".to_owned(), "ann".to_owned());
        Holder { pid, host, user, since: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn the_second_is_told_who_the_first_is() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("secpack");
        let first = Lock::take(&folder, &holder(1)).expect("free");
        let second = Lock::take(&folder, &holder(2)).expect_err("held");
        let told = "another release is under way here: process 1 of ann on desk, since 1970-01-01T00:00:00Z";
        assert_eq!(second.to_string(), told);
        drop(first);
        assert!(!folder.exists(), "nothing is left");
        drop(Lock::take(&folder, &holder(3)).expect("free again"));
    }

    #[test]
    fn a_lock_file_that_nobody_holds_is_no_lock() {
        let place = tempfile::tempdir().expect("a folder");
        let left = serde_json::to_vec(&holder(1)).expect("JSON");
        #[expect(clippy::disallowed_methods, reason = "a test")]
        std::fs::write(place.path().join(NAME), left).expect("written");
        Lock::take(place.path(), &holder(2)).expect("free");
    }
}
