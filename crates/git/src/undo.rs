//! Taking back what a release made here and nobody else has: a tag's ref, a commit's place on its
//! branch, the index entries of that commit. Each only if it is still as it was made.

use crate::objects::oid;
use crate::raw_tree::Mode;
use crate::stage::Change;
use crate::{Error, RefName, Repository, Result};
use git2::{ErrorCode, FileMode};
use secpack_pack::{ObjectId, PackPath};

/// What became of a ref that was to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// It is back where it was.
    Now,
    /// It was there already.
    Before,
    /// It is elsewhere by now, so it was left alone.
    Elsewhere,
}

impl Repository {
    /// Where a ref points; `None` when it does not exist.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable ref.
    pub fn ref_at(&self, name: &RefName) -> Result<Option<ObjectId>> {
        self.ref_target(name.as_str())
    }

    /// Takes a ref from `made` back to where it was before, or away when it was not.
    ///
    /// # Errors
    /// [`Error::ReadingOnly`], [`Error::Git`] when the ref cannot be changed.
    pub fn take_back(
        &self,
        name: &RefName,
        made: ObjectId,
        before: Option<ObjectId>,
    ) -> Result<TakenBack> {
        self.writable()?;
        let found = self.ref_target(name.as_str())?;
        if found == before {
            return Ok(TakenBack::Before);
        }
        if found != Some(made) {
            return Ok(TakenBack::Elsewhere);
        }
        let log = "secpack: release taken back";
        let done = match before {
            Some(before) => self
                .inner
                .reference_matching(name.as_str(), oid(before), true, oid(made), log)
                .map(drop),
            // libgit2 compares with what it found before it deletes.
            None => self.inner.find_reference(name.as_str()).and_then(|mut found| found.delete()),
        };
        match done {
            Ok(()) => self.sync_ref(name.as_str()).map(|()| TakenBack::Now),
            Err(error) if error.code() == ErrorCode::Modified => Ok(TakenBack::Elsewhere),
            Err(source) => Err(Error::git(name.as_str())(source)),
        }
    }

    /// Puts these paths into the index as a commit has them, or takes them out where it has none.
    /// Nothing happens when the branch is not checked out or the index is so already.
    ///
    /// # Errors
    /// [`Error::Refused`] while another git holds the index, [`Error::Git`].
    pub fn align_index(
        &self,
        branch: &RefName,
        commit: Option<ObjectId>,
        paths: &[PackPath],
    ) -> Result<()> {
        self.writable()?;
        if !self.is_checked_out(branch) {
            return Ok(());
        }
        let mut changes = Vec::new();
        for path in paths {
            let new = commit.map(|commit| self.entry_at(commit, path)).transpose()?.flatten();
            let new = new.map(|(mode, id)| (id, index_mode(mode)));
            changes.push(Change { path: path.clone(), new });
        }
        changes.retain(|change| !self.is_staged(change));
        if changes.is_empty() {
            return Ok(());
        }
        self.check_index_free()?;
        self.stage(&changes).map_err(Error::git("its index"))
    }

    /// Whether a commit on this branch is what the work tree and the index belong to.
    pub(crate) fn is_checked_out(&self, branch: &RefName) -> bool {
        let head = self.head_branch();
        !self.is_bare() && head.is_some_and(|head| branch.as_str() == format!("refs/heads/{head}"))
    }

    fn is_staged(&self, change: &Change) -> bool {
        let Ok(mut index) = self.inner.index() else { return false };
        let fresh = index.read(true).is_ok();
        let found = index.get_path(std::path::Path::new(change.path.as_str()), 0);
        let found = found.map(|entry| (crate::objects::object_id(entry.id), entry.mode));
        fresh && found == change.new
    }
}

fn index_mode(mode: Mode) -> u32 {
    match mode {
        Mode::Executable => FileMode::BlobExecutable.into(),
        Mode::Link => FileMode::Link.into(),
        Mode::Gitlink => FileMode::Commit.into(),
        Mode::Regular | Mode::Folder | Mode::Unknown => FileMode::Blob.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_ref_goes_back_only_from_where_it_was_made() {
        let fixture = Fixture::new();
        let first = fixture.commit("a.txt", "a\n");
        let second = fixture.commit("a.txt", "b\n");
        let third = fixture.commit("a.txt", "c\n");
        let repository = fixture.open();
        let main = RefName::branch(&repository.head_branch().expect("a branch")).expect("a name");
        let back = |made, before| repository.take_back(&main, made, before).expect("taken back");
        assert_eq!(back(second, Some(first)), TakenBack::Elsewhere);
        assert_eq!(back(third, Some(second)), TakenBack::Now);
        assert_eq!(back(third, Some(second)), TakenBack::Before);
        assert_eq!(repository.ref_at(&main).expect("readable"), Some(second));
        fixture.git(&["tag", "light"]);
        let tag = RefName::tag("light").expect("a name");
        let back = |made| repository.take_back(&tag, made, None).expect("taken back");
        assert_eq!(
            [back(first), back(second), back(second)],
            [TakenBack::Elsewhere, TakenBack::Now, TakenBack::Before]
        );
    }

    #[test]
    fn the_index_follows_a_commit_back_and_forth() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "a\n");
        let before = fixture.open().head().expect("readable");
        let after = fixture.commit("b.txt", "b\n");
        let repository = fixture.open();
        let main = RefName::branch(&repository.head_branch().expect("a branch")).expect("a name");
        let path: PackPath = "b.txt".parse().expect("a path");
        let staged = || fixture.git(&["ls-files"]);
        repository.align_index(&main, before, std::slice::from_ref(&path)).expect("aligned");
        assert_eq!(staged().trim(), "a.txt");
        repository.align_index(&main, Some(after), &[path]).expect("aligned");
        assert_eq!(staged().trim(), "a.txt\nb.txt");
    }
}
