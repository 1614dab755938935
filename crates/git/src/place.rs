//! Where a repository's git folder and work tree are, found without running or believing anything
//! that it configures.

use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The two folders of a repository, absolute, so that nothing depends on the current folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// `.git`, the bare repository, or the private folder of a linked work tree.
    pub git_dir: PathBuf,
    /// The folder that holds `.git`; `None` for a bare repository.
    pub work_tree: Option<PathBuf>,
}

/// The repository at exactly this folder.
pub(crate) fn at(path: &Path) -> Result<Place> {
    let nothing = || Error::NotARepository { path: path.to_owned() };
    let folder = path.canonicalize().map_err(|_| nothing())?;
    find(&folder)?.ok_or_else(nothing)
}

/// The repository of this folder or of the nearest folder above it.
pub(crate) fn above(path: &Path) -> Result<Place> {
    let start = path.canonicalize().map_err(Error::io(path))?;
    for folder in start.ancestors() {
        if let Some(place) = find(folder)? {
            return Ok(place);
        }
    }
    Err(Error::NotARepository { path: path.to_owned() })
}

/// Where objects, refs and configuration are: elsewhere for a linked work tree, whose git folder
/// has a file `commondir`.
pub(crate) fn common_dir(git_dir: &Path) -> Result<PathBuf> {
    let file = git_dir.join("commondir");
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(git_dir.join(text.trim_end())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(git_dir.to_owned()),
        Err(error) => Err(Error::io(&file)(error)),
    }
}

fn find(path: &Path) -> Result<Option<Place>> {
    let dot_git = path.join(".git");
    let git_dir = match std::fs::metadata(&dot_git) {
        Ok(found) if found.is_dir() => Some(dot_git),
        Ok(_) => pointed_to(path, &dot_git)?,
        Err(_) => None,
    };
    if let Some(git_dir) = git_dir.filter(|git_dir| looks_right(git_dir)) {
        return Ok(Some(Place { git_dir, work_tree: Some(path.to_owned()) }));
    }
    Ok(looks_right(path).then(|| Place { git_dir: path.to_owned(), work_tree: None }))
}

/// A file `.git` says `gitdir: FOLDER`, in linked work trees and submodules.
fn pointed_to(path: &Path, dot_git: &Path) -> Result<Option<PathBuf>> {
    let text = std::fs::read_to_string(dot_git).map_err(Error::io(dot_git))?;
    Ok(text.strip_prefix("gitdir: ").map(|target| path.join(target.trim_end())))
}

fn looks_right(git_dir: &Path) -> bool {
    let common = common_dir(git_dir).unwrap_or_else(|_| git_dir.to_owned());
    git_dir.join("HEAD").is_file()
        && common.join("objects").is_dir()
        && common.join("refs").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn finds_exactly_or_upwards() {
        let fixture = Fixture::new();
        fixture.commit("sub/a.txt", "a\n");
        let (root, sub) = (fixture.path(), fixture.path().join("sub"));
        assert_eq!(at(root).expect("there").work_tree.as_deref(), Some(root));
        assert_eq!(at(&root.join(".git")).expect("as if bare").work_tree, None);
        assert!(matches!(at(&sub), Err(Error::NotARepository { .. })));
        assert_eq!(above(&sub).expect("above").git_dir, root.join(".git"));
        assert!(matches!(at(&root.join("nowhere")), Err(Error::NotARepository { .. })));
    }

    #[test]
    fn follows_a_linked_work_tree() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "a\n");
        fixture.git(&["worktree", "add", "-q", "linked"]);
        let place = at(&fixture.path().join("linked")).expect("there");
        assert!(place.git_dir.ends_with(".git/worktrees/linked"), "{place:?}");
        let common = common_dir(&place.git_dir).expect("readable");
        assert_eq!(common.canonicalize().expect("there"), fixture.path().join(".git"));
    }
}
