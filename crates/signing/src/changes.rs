//! Several files that change together: all of them, or none.
//!
//! Everything that can fail is done beside the files first. What remains are renames, and when one
//! of them fails the ones before it are undone.

use crate::StoreError;
use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// One change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A file that must not exist yet.
    New(PathBuf, Vec<u8>, Readers),
    /// A file that is there gets other bytes; it keeps its mode.
    Replace(PathBuf, Vec<u8>),
    /// A file goes away.
    Remove(PathBuf),
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Everybody: mode 0644.
    Everybody,
    /// Its owner alone, from the first byte on: mode 0600.
    Owner,
}

/// A change on its way: what is written already, and what undoes it.
enum Staged {
    New(PathBuf, NamedTempFile),
    Replace(PathBuf, NamedTempFile, Vec<u8>),
    Remove(PathBuf, Vec<u8>, Permissions),
}

/// Makes all changes, or none.
///
/// # Errors
/// [`StoreError`]; nothing has changed on disk then.
#[expect(clippy::disallowed_methods, reason = "folders that were made for nothing go away again")]
pub fn make_changes(changes: &[Change]) -> Result<(), StoreError> {
    let mut made_folders = Vec::new();
    let staged: Result<Vec<Staged>, StoreError> =
        changes.iter().map(|change| stage(change, &mut made_folders)).collect();
    let mut done = Vec::new();
    let result = staged.and_then(|staged| {
        staged.into_iter().try_for_each(|one| {
            done.push(place(one)?);
            Ok(())
        })
    });
    if result.is_err() {
        done.into_iter().rev().for_each(|undo: Change| drop(undo_one(&undo)));
        made_folders.iter().rev().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
    result
}

fn stage(change: &Change, made: &mut Vec<PathBuf>) -> Result<Staged, StoreError> {
    match change {
        Change::New(path, bytes, readers) => {
            if path.symlink_metadata().is_ok() {
                return Err(StoreError::Exists(path.clone()));
            }
            let mode = match readers {
                Readers::Everybody => 0o644,
                Readers::Owner => 0o600,
            };
            let beside = beside(path, bytes, Permissions::from_mode(mode), made)?;
            Ok(Staged::New(path.clone(), beside))
        }
        Change::Replace(path, bytes) => {
            let failed = |error| StoreError::Io(path.clone(), error);
            // A link stays one; what it leads to gets the bytes.
            let path = std::fs::canonicalize(path).map_err(failed)?;
            let old = std::fs::read(&path).map_err(failed)?;
            let mode = std::fs::metadata(&path).map_err(failed)?.permissions();
            let beside = beside(&path, bytes, mode, made)?;
            Ok(Staged::Replace(path, beside, old))
        }
        Change::Remove(path) => {
            let failed = |error| StoreError::Io(path.clone(), error);
            let old = std::fs::read(path).map_err(failed)?;
            let mode = std::fs::metadata(path).map_err(failed)?.permissions();
            Ok(Staged::Remove(path.clone(), old, mode))
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(
    path: &Path,
    bytes: &[u8],
    mode: Permissions,
    made: &mut Vec<PathBuf>,
) -> Result<NamedTempFile, StoreError> {
    let failed = |error| StoreError::Io(path.to_owned(), error);
    let folder = folder_of(path);
    make_folders(folder, made).map_err(failed)?;
    let mut file = tempfile::Builder::new()
        .prefix(".secpack-")
        .permissions(mode)
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    Ok(file)
}

#[expect(clippy::disallowed_methods, reason = "folders of files that are about to be written")]
fn make_folders(folder: &Path, made: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent().filter(|p| !p.as_os_str().is_empty()) {
        make_folders(above, made)?;
    }
    std::fs::create_dir(folder)?;
    made.push(folder.to_owned());
    Ok(())
}

/// Makes one change and returns what undoes it.
#[expect(clippy::disallowed_methods, reason = "the one place that removes files of a pack")]
fn place(staged: Staged) -> Result<Change, StoreError> {
    let undo = match staged {
        Staged::New(path, file) => {
            file.persist_noclobber(&path).map_err(|e| refused(&path, e.error))?;
            Change::Remove(path)
        }
        Staged::Replace(path, file, old) => {
            file.persist(&path).map_err(|e| refused(&path, e.error))?;
            Change::Replace(path, old)
        }
        Staged::Remove(path, old, mode) => {
            std::fs::remove_file(&path).map_err(|e| refused(&path, e))?;
            let owner_only = mode.mode() & 0o077 == 0;
            let readers = if owner_only { Readers::Owner } else { Readers::Everybody };
            Change::New(path, old, readers)
        }
    };
    let (Change::New(path, ..) | Change::Replace(path, _) | Change::Remove(path)) = &undo;
    // Best effort on file systems that cannot sync a folder; the file itself is synced.
    let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    Ok(undo)
}

fn undo_one(undo: &Change) -> Result<(), StoreError> {
    stage(undo, &mut Vec::new()).and_then(place).map(drop)
}

fn refused(path: &Path, error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::Exists(path.to_owned()),
        _ => StoreError::Io(path.to_owned(), error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>, u32)> {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        let mut found: Vec<_> = entries
            .map(|entry| {
                let mode = entry.metadata().expect("there").permissions().mode() & 0o777;
                (entry.path(), std::fs::read(entry.path()).unwrap_or_default(), mode)
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn all_or_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let secret = Change::New(at("secret"), b"1".to_vec(), Readers::Owner);
        make_changes(&[secret, Change::New(at("open"), b"2".to_vec(), Readers::Everybody)])
            .expect("made");
        let before = files(folder.path());
        assert_eq!(before.iter().map(|f| f.2).collect::<Vec<_>>(), [0o644, 0o600]);
        // The last change fails when it is staged, or when the first ones were made already.
        for last in [
            Change::New(at("open"), b"x".to_vec(), Readers::Everybody),
            Change::Remove(at("nowhere")),
            Change::New(at("new/a"), b"x".to_vec(), Readers::Everybody),
        ] {
            let changes = [
                Change::Replace(at("secret"), b"9".to_vec()),
                Change::New(at("new/a"), b"3".to_vec(), Readers::Everybody),
                Change::Remove(at("open")),
                last,
            ];
            assert!(make_changes(&changes).is_err());
            assert_eq!(files(folder.path()), before);
        }
        make_changes(&[Change::Replace(at("secret"), b"9".to_vec()), Change::Remove(at("open"))])
            .expect("made");
        assert_eq!(files(folder.path()), [(at("secret"), b"9".to_vec(), 0o600)]);
    }
}
