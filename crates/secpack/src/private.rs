//! Folders for secret text: of their owner alone, outside every Git repository, whole or absent.

use crate::{Fault, terminal};
use secpack_git::Repository;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Makes a folder with these files. It must not exist, and no repository may be around it.
///
/// # Errors
/// Names the folder and why; then nothing was written.
pub fn write_folder(folder: &Path, files: &[(&str, &str)]) -> Result<(), Fault> {
    let (parent, place) = outside(folder)?;
    let named = |e: std::io::Error| Fault::at(folder, e);
    let beside = tempfile::Builder::new()
        .prefix(".secpack-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .map_err(named)?;
    for (name, text) in files {
        write_file(&beside.path().join(name), text).map_err(named)?;
    }
    rename(beside.path(), &place).map_err(named)?;
    // The temporary folder has its final name now; there is nothing left to remove.
    let _ = beside.keep();
    let _ = std::fs::File::open(&parent).and_then(|parent| parent.sync_all());
    Ok(())
}

/// The parent folder, and the folder to make, once both are fit.
fn outside(folder: &Path) -> Result<(PathBuf, PathBuf), Fault> {
    let shown = folder.display();
    if folder.symlink_metadata().is_ok() {
        return Err(Fault::refused(format!("{shown} is there already; nothing was written")).hint(
            match folder.file_name() {
                Some(_) if !folder.join("..").join(".git").exists() => {
                    let mut others = (2..).map(|n| format!("{shown}-{n}"));
                    let free = others.find(|other| Path::new(other).symlink_metadata().is_err());
                    elsewhere(&free.unwrap_or_else(|| "DIR".to_owned()))
                }
                _ => at_home(),
            },
        ));
    }
    let name = folder
        .file_name()
        .ok_or_else(|| Fault::new(format!("{shown} names no folder")).hint(elsewhere("draft")))?;
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().map_err(|e| Fault::at(parent, e))?;
    match Repository::discover_for_reading(&parent) {
        Err(secpack_git::Error::NotARepository { .. }) => Ok((parent.clone(), parent.join(name))),
        Ok(_) | Err(_) => Err(Fault::refused(format!(
            "{shown} lies in a Git repository, where plain text would be committed sooner or later"
        ))
        .hint(at_home())),
    }
}

/// The same command with a new folder at home; where a repository is around that as well, such as
/// one of settings, the person knows a better place.
fn at_home() -> String {
    let home = terminal::home_folder().filter(|home| {
        let around = Repository::discover_for_reading(home);
        matches!(around, Err(secpack_git::Error::NotARepository { .. }))
    });
    let numbered = (2..).map(|n| format!("embargo-draft-{n}"));
    let mut names = std::iter::once("embargo-draft".to_owned()).chain(numbered);
    let is_free = |home: &Path, name: &str| home.join(name).symlink_metadata().is_err();
    let name = home.and_then(|home| names.find(|name| is_free(&home, name)));
    let folder = name.map_or("DIR".to_owned(), |name| format!("~/{name}"));
    format!("{} --out {folder}", terminal::typed().without("--out"))
}

/// The same command with another folder.
fn elsewhere(folder: &str) -> String {
    terminal::typed().without("--out").with(&["--out", folder]).to_string()
}

/// Writes a file of its owner alone, which must not exist yet.
///
/// # Errors
/// Names the file.
pub fn write_new(path: &Path, text: &str) -> Result<(), Fault> {
    write_file(path, text).map_err(|e| Fault::at(path, e))
}

#[expect(clippy::disallowed_methods, reason = "the one place that writes secret text")]
fn write_file(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[expect(clippy::disallowed_methods, reason = "a folder appears whole or not at all")]
fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::rename(from, to)
}
