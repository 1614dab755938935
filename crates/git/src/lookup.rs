//! One path at one commit.

use crate::raw_tree::Mode;
use crate::{Repository, Result};
use secpack_pack::{ObjectId, PackPath};

impl Repository {
    /// The blob that a commit has at a path, as a regular file or a link; `None` when it has no
    /// file there. Trees are kept, so asking for many commits and paths is cheap.
    ///
    /// # Errors
    /// As [`Repository::snapshot`].
    pub fn blob_at(&self, commit: ObjectId, path: &PackPath) -> Result<Option<ObjectId>> {
        Ok(self.entry_at(commit, path)?.and_then(|(mode, id)| match mode {
            Mode::Regular | Mode::Executable | Mode::Link => Some(id),
            Mode::Folder | Mode::Gitlink | Mode::Unknown => None,
        }))
    }

    /// What a commit has at a path.
    pub(crate) fn entry_at(
        &self,
        commit: ObjectId,
        path: &PackPath,
    ) -> Result<Option<(Mode, ObjectId)>> {
        let mut found = (Mode::Folder, self.links(commit)?.tree);
        for part in path.as_str().split('/') {
            if found.0 != Mode::Folder {
                return Ok(None);
            }
            match self.tree(found.1)?.get(part.as_bytes()) {
                Some(entry) => found = (entry.mode, entry.id),
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    /// The folders between a tree and a path below it.
    pub(crate) fn folders_to(&self, tree: ObjectId, path: &PackPath) -> Result<Vec<ObjectId>> {
        let mut folders = vec![tree];
        for part in path.folder().split('/').filter(|part| !part.is_empty()) {
            let last = folders.last().copied().unwrap_or(tree);
            match self.tree(last)?.get(part.as_bytes()) {
                Some(entry) if entry.mode == Mode::Folder => folders.push(entry.id),
                Some(_) | None => break,
            }
        }
        Ok(folders)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn finds_files_and_nothing_else() {
        let fixture = Fixture::new();
        let first = fixture.commit("sub/deep/a.txt", "a\n");
        let second = fixture.commit("sub/deep/a.txt", "b\n");
        let repository = fixture.open();
        let at = |commit, path: &str| {
            repository.blob_at(commit, &path.parse().expect("valid")).expect("whole")
        };
        assert_eq!(
            at(first, "sub/deep/a.txt"),
            Some(fixture.id(&["rev-parse", "HEAD~1:sub/deep/a.txt"]))
        );
        assert_eq!(
            at(second, "sub/deep/a.txt"),
            Some(fixture.id(&["rev-parse", "HEAD:sub/deep/a.txt"]))
        );
        for nothing in
            ["sub", "sub/deep", "sub/deep/b.txt", "sub/deep/a.txt/x", "a.txt", "sub/a.txt"]
        {
            assert_eq!(at(second, nothing), None, "{nothing}");
        }
    }
}
