//! Writing files of a pack: beside, synced, renamed, the folder synced. Never half written.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Why a file could not be written. Nothing has changed on disk then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file with other content stands there.
    #[error("{} stands there already with other content", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("{path}: {1}", path = .0.display())]
    Io(PathBuf, #[source] std::io::Error),
}

/// Writes a file that must not exist yet. The same bytes already there are fine.
///
/// # Errors
/// [`StoreError::Exists`] and [`StoreError::Io`].
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    match std::fs::read(path) {
        Ok(there) if there == bytes => Ok(()),
        Ok(_) => Err(StoreError::Exists(path.to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            write(path, bytes, Placing::New)
        }
        Err(error) => Err(StoreError::Io(path.to_owned(), error)),
    }
}

/// Makes a file that must not exist, whatever it holds: of two who try, one succeeds.
///
/// # Errors
/// [`StoreError::Exists`] and [`StoreError::Io`].
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write(path, bytes, Placing::New)
}

/// Takes a file away that a commit still has, or that stands under another name by now.
///
/// # Errors
/// [`StoreError::Io`].
#[expect(
    clippy::disallowed_methods,
    reason = "signatures that were taken back, drafts that moved, said so before"
)]
pub fn remove(path: &Path) -> Result<(), StoreError> {
    std::fs::remove_file(path).map_err(|error| StoreError::Io(path.to_owned(), error))?;
    if let Some(folder) = path.parent() {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Writes a file in one step, whether or not it exists. Who may read the one that is there may read
/// the new one, and nobody else.
///
/// # Errors
/// [`StoreError::Io`].
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write_as(path, bytes, Placing::Replace, mode_of(path).unwrap_or(PLAIN))
}

/// The mode of a regular file that is there, without the bits that make it a program.
fn mode_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let there = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some(there.permissions().mode() & 0o666)
}

/// Writes a program in one step, whether or not it exists: a hook that git shall run.
///
/// # Errors
/// [`StoreError::Io`].
pub fn write_program(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write_as(path, bytes, Placing::Replace, 0o755)
}

/// The mode of a new file.
const PLAIN: u32 = 0o644;

#[derive(Clone, Copy)]
enum Placing {
    New,
    Replace,
}

fn write(path: &Path, bytes: &[u8], placing: Placing) -> Result<(), StoreError> {
    write_as(path, bytes, placing, PLAIN)
}

fn write_as(path: &Path, bytes: &[u8], placing: Placing, mode: u32) -> Result<(), StoreError> {
    let failed = |error| StoreError::Io(path.to_owned(), error);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(folder).map_err(failed)?;
    let mut beside = tempfile::Builder::new()
        .prefix(".secpack-")
        .permissions(permissions(mode))
        .tempfile_in(folder)
        .map_err(failed)?;
    if let Placing::Replace = placing {
        // The mask of the process is for new files.
        beside.as_file().set_permissions(permissions(mode)).map_err(failed)?;
    }
    beside.write_all(bytes).and_then(|()| beside.as_file().sync_all()).map_err(failed)?;
    let placed = match placing {
        Placing::New => beside.persist_noclobber(path),
        Placing::Replace => beside.persist(path),
    };
    placed.map_err(|e| match e.error.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::Exists(path.to_owned()),
        _ => failed(e.error),
    })?;
    // Best effort on file systems that cannot sync a folder; the file itself is synced.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes folders of a pack")]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

fn permissions(mode: u32) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_never_replaces_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b.txt");
        write_new(&path, b"one").expect("written");
        write_new(&path, b"one").expect("the same bytes are fine");
        assert!(matches!(write_new(&path, b"two"), Err(StoreError::Exists(_))));
        assert!(matches!(create(&path, b"one"), Err(StoreError::Exists(_))));
        replace_file(&path, b"two").expect("replaced");
        assert_eq!(std::fs::read(&path).expect("readable"), b"two");
        assert_eq!(std::fs::read_dir(path.parent().expect("parent")).expect("folder").count(), 1);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "somebody else set the mode of a draft")]
    fn who_may_read_a_file_stays() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("b.txt");
        let mode = || std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        for (before, after) in [(0o600, 0o600), (0o644, 0o644), (0o755, 0o644)] {
            write_new(&path, b"one").expect("written");
            std::fs::set_permissions(&path, permissions(before)).expect("a mode");
            replace_file(&path, b"two").expect("replaced");
            assert_eq!(mode(), after);
            remove(&path).expect("removed");
        }
    }
}
