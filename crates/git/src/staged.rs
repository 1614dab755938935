//! What the next commit will have, as the index says, and which commits a push brings.

use crate::objects::object_id;
use crate::{Error, Repository, Result};
use secpack_pack::{ObjectId, PackPath};
use std::collections::HashSet;
use std::path::Path;

/// The stage of an index entry that is not in conflict lies in these bits (gitformat-index).
const STAGE_BITS: u16 = 0x3000;

impl Repository {
    /// Path and blob of every regular file in the index, sorted by path; nothing is read. While git
    /// makes a commit of some files only, it names another index than the usual one.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable index.
    pub fn staged(&self, index: Option<&Path>) -> Result<Vec<(PackPath, ObjectId)>> {
        let unreadable = || Error::git("its index");
        let index = match index {
            Some(path) => git2::Index::open(path).map_err(unreadable())?,
            None => self.inner.index().map_err(unreadable())?,
        };
        let mut found = Vec::new();
        for entry in index.iter().filter(|entry| entry.flags & STAGE_BITS == 0) {
            let path = String::from_utf8(entry.path).ok().and_then(|path| path.parse().ok());
            let is_regular = matches!(entry.mode, 0o100_644 | 0o100_755);
            if let Some(path) = path.filter(|_| is_regular) {
                found.push((path, object_id(entry.id)));
            }
        }
        found.sort();
        Ok(found)
    }

    /// A commit and its first parents, newest first, down to the first one of `known` or to the
    /// beginning; and that known one, if there is one.
    ///
    /// # Errors
    /// As [`Repository::mainline`].
    pub fn first_parents(
        &self,
        from: ObjectId,
        known: &[ObjectId],
    ) -> Result<(Vec<ObjectId>, Option<ObjectId>)> {
        let known: HashSet<ObjectId> = self.history(known)?.into_iter().collect();
        let (mut chain, mut next) = (Vec::new(), Some(from));
        while let Some(commit) = next {
            if known.contains(&commit) {
                return Ok((chain, Some(commit)));
            }
            chain.push(commit);
            next = self.links(commit)?.parents.first().copied();
        }
        Ok((chain, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn the_index_is_what_counts() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "a\n");
        fixture.write("a.txt", b"staged\n");
        fixture.git(&["add", "a.txt"]);
        fixture.write("a.txt", b"on disk\n");
        let repository = fixture.open_for_reading();
        let staged = repository.staged(None).expect("readable");
        let id = fixture.id(&["rev-parse", ":a.txt"]);
        assert_eq!(staged, [("a.txt".parse().expect("a path"), id)]);
        let same = fixture.path().join(".git/index");
        assert_eq!(repository.staged(Some(&same)).expect("readable"), staged);
    }

    #[test]
    fn first_parents_leave_merged_branches_out() {
        let fixture = Fixture::new();
        let first = fixture.commit("a.txt", "a\n");
        fixture.git(&["checkout", "-q", "-b", "side"]);
        fixture.commit("b.txt", "b\n");
        fixture.git(&["checkout", "-q", "main"]);
        fixture.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
        let merge = fixture.id(&["rev-parse", "HEAD"]);
        let repository = fixture.open_for_reading();
        let chain = |known: &[ObjectId]| repository.first_parents(merge, known).expect("whole");
        assert_eq!(chain(&[first]), (vec![merge], Some(first)));
        assert_eq!(chain(&[]), (vec![merge, first], None));
        assert_eq!(chain(&[merge]), (vec![], Some(merge)));
    }
}
