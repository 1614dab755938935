//! Making what libgit2 wrote survive a power cut, since by default it does not sync its files.
//!
//! Objects are synced before a ref names them, so a ref never names an object that is not there.

use crate::place::common_dir;
use crate::{Error, RefName, Repository, Result};
use secpack_pack::ObjectId;
use std::fs::File;
use std::path::Path;

impl Repository {
    /// Syncs objects that lie in files of their own; those in a pack are older than this run.
    pub(crate) fn sync_objects(&self, ids: &[ObjectId]) -> Result<()> {
        let objects = common_dir(self.git_dir())?.join("objects");
        for id in ids {
            let hex = id.to_string();
            let (folder, name) = hex.split_at(2);
            sync(&objects.join(folder).join(name))?;
        }
        // A folder for the first two digits may be new itself.
        sync_folder(&objects)
    }

    /// Syncs a ref after it was moved.
    pub(crate) fn sync_ref(&self, name: &str) -> Result<()> {
        sync(&common_dir(self.git_dir())?.join(name))
    }

    /// Makes sure that a commit with all its files, annotated tags and some refs are on disk and
    /// not only on their way there, whoever wrote them and however that ended.
    ///
    /// # Errors
    /// [`Error::Io`] naming what could not be secured.
    pub fn secure(&self, commit: ObjectId, tags: &[ObjectId], refs: &[RefName]) -> Result<()> {
        let mut ids = vec![commit];
        let tree = self.links(commit)?.tree;
        ids.push(tree);
        for (path, blob) in self.paths(commit)? {
            ids.push(blob);
            ids.extend(self.folders_to(tree, &path)?);
        }
        ids.extend(tags);
        ids.sort_unstable();
        ids.dedup();
        self.sync_objects(&ids)?;
        refs.iter().try_for_each(|name| self.sync_ref(name.as_str()))
    }
}

/// Syncs a file and the folder that names it; a file that is not there is none of our concern.
fn sync(path: &Path) -> Result<()> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(path)(error)),
    };
    file.sync_all().map_err(Error::io(path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Only Unix lets a folder be opened and synced.
fn sync_folder(folder: &Path) -> Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io(folder))
}
