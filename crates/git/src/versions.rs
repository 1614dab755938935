//! Every version that chosen files ever had.

use crate::raw_tree::{Entry, Mode};
use crate::snapshot::{check_depth, join};
use crate::{Error, Repository, Result};
use secpack_pack::{ObjectId, PackPath};
use std::collections::{HashMap, HashSet};

/// More distinct files and folders than any history will ever have.
const MAX_ENTRIES: usize = 1_000_000;

/// One content of one path somewhere in history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobVersion {
    /// The path.
    pub path: PackPath,
    /// The content.
    pub id: ObjectId,
    /// The oldest commit that has this content at this path.
    pub commit: ObjectId,
}

/// A folder as history saw it. Its entries are remembered as raw bytes of kind, id and name, so an
/// entry that any earlier tree had at this place costs one look-up and is not gone into again.
#[derive(Default)]
struct Folder {
    path: String,
    seen: HashSet<Box<[u8]>>,
}

struct Search<'a> {
    repository: &'a Repository,
    wanted: &'a dyn Fn(&PackPath) -> bool,
    folders: Vec<Folder>,
    by_path: HashMap<String, usize>,
    found: Vec<BlobVersion>,
    entries: usize,
    /// The key of the entry at hand, kept for its memory.
    key: Vec<u8>,
}

impl Repository {
    /// Every distinct content of every wanted path over all commits reachable from these, sorted by
    /// path and then oldest first. Links and names that no pack may have
    /// are never wanted.
    ///
    /// # Errors
    /// As [`Repository::mainline`] and [`Repository::snapshot`]; [`Error::TooMany`] beyond a million
    /// distinct entries.
    pub fn blob_versions(
        &self,
        from: &[ObjectId],
        wanted: &dyn Fn(&PackPath) -> bool,
    ) -> Result<Vec<BlobVersion>> {
        let mut search = Search::new(self, wanted);
        let root = search.folder(String::new());
        let mut seen = HashSet::new();
        for commit in self.history(from)?.into_iter().rev() {
            let tree = self.links(commit)?.tree;
            if seen.insert(tree) {
                search.tree(commit, tree, root, 1)?;
            }
        }
        // The sort is stable, so versions of one path stay oldest first.
        search.found.sort_by(|one, two| one.path.cmp(&two.path));
        Ok(search.found)
    }
}

impl<'a> Search<'a> {
    fn new(repository: &'a Repository, wanted: &'a dyn Fn(&PackPath) -> bool) -> Self {
        let (folders, by_path, found, key) = Default::default();
        Self { repository, wanted, folders, by_path, found, entries: 0, key }
    }

    fn tree(&mut self, commit: ObjectId, id: ObjectId, folder: usize, depth: usize) -> Result<()> {
        check_depth(depth)?;
        let tree = self.repository.tree(id)?;
        for entry in tree.entries() {
            if self.is_new(folder, entry)? {
                self.entry(commit, folder, entry, depth)?;
            }
        }
        Ok(())
    }

    fn is_new(&mut self, folder: usize, entry: Entry<'_>) -> Result<bool> {
        self.key.clear();
        self.key.push(kind_byte(entry.mode));
        self.key.extend_from_slice(entry.id.as_bytes());
        self.key.extend_from_slice(entry.name);
        let seen = &mut self.folders[folder].seen;
        if seen.contains(self.key.as_slice()) {
            return Ok(false);
        }
        seen.insert(self.key.as_slice().into());
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(Error::TooMany { what: "versions of files", limit: MAX_ENTRIES });
        }
        Ok(true)
    }

    fn entry(
        &mut self,
        commit: ObjectId,
        folder: usize,
        entry: Entry<'_>,
        depth: usize,
    ) -> Result<()> {
        let Ok(name) = std::str::from_utf8(entry.name) else { return Ok(()) };
        let Ok(path) = join(&self.folders[folder].path, name).parse::<PackPath>() else {
            return Ok(());
        };
        match entry.mode {
            Mode::Folder => {
                let below = self.folder(path.as_str().to_owned());
                self.tree(commit, entry.id, below, depth + 1)?;
            }
            Mode::Regular | Mode::Executable if (self.wanted)(&path) => {
                self.found.push(BlobVersion { path, id: entry.id, commit });
            }
            Mode::Regular | Mode::Executable | Mode::Link | Mode::Gitlink | Mode::Unknown => {}
        }
        Ok(())
    }

    /// The number of the folder of this path.
    fn folder(&mut self, path: String) -> usize {
        let next = self.folders.len();
        let number = *self.by_path.entry(path.clone()).or_insert(next);
        if number == next {
            self.folders.push(Folder { path, ..Folder::default() });
        }
        number
    }
}

/// A changed executable bit makes no new version.
fn kind_byte(mode: Mode) -> u8 {
    match mode {
        Mode::Folder => b'd',
        Mode::Regular | Mode::Executable => b'f',
        Mode::Link | Mode::Gitlink | Mode::Unknown => b'-',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn check(fixture: &Fixture, from: &[ObjectId], expected: &[(&str, &str, ObjectId)]) {
        let wanted = |path: &PackPath| path.as_str().starts_with("keys/");
        let found = fixture.open().blob_versions(from, &wanted).expect("whole");
        let id = |content: &str| fixture.blob(content.as_bytes());
        let found: Vec<_> = found.iter().map(|v| (v.path.as_str(), v.id, v.commit)).collect();
        let expected: Vec<_> =
            expected.iter().map(|(p, text, commit)| (*p, id(text), *commit)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_version_once_with_its_oldest_commit() {
        let fixture = Fixture::new();
        let first = fixture.commit("keys/a.asc", "one\n");
        fixture.commit("other.txt", "x\n");
        let third = fixture.commit("keys/a.asc", "two\n");
        let fourth = fixture.commit("keys/deep/b.asc", "one\n");
        let back = fixture.commit("keys/a.asc", "one\n");
        fixture.git(&["update-index", "--chmod=+x", "keys/a.asc"]);
        let last = fixture.commit("other.txt", "y\n");
        let all = [
            ("keys/a.asc", "one\n", first),
            ("keys/a.asc", "two\n", third),
            ("keys/deep/b.asc", "one\n", fourth),
        ];
        check(&fixture, &[last], &all);
        check(&fixture, &[last, back, first], &all);
        check(&fixture, &[third], &all[..2]);
        check(&fixture, &[], &[]);
    }

    #[test]
    fn a_subtree_at_two_places_counts_at_both() {
        let fixture = Fixture::new();
        let blob = fixture.blob(b"k\n");
        let folder = fixture.tree(&[("100644", "a.asc", blob)]);
        let keys = fixture.tree(&[("40000", "old", folder), ("40000", "team", folder)]);
        let commit = fixture.commit_tree(&[("40000", "keys", keys), ("40000", "x", keys)]);
        let expected = [("keys/old/a.asc", "k\n", commit), ("keys/team/a.asc", "k\n", commit)];
        check(&fixture, &[commit], &expected);
    }

    #[test]
    fn side_branches_are_searched_too() {
        let fixture = Fixture::new();
        let first = fixture.commit("keys/a.asc", "one\n");
        fixture.git(&["checkout", "-q", "-b", "side"]);
        let side = fixture.commit("keys/a.asc", "draft\n");
        fixture.git(&["checkout", "-q", "main"]);
        let main = fixture.commit("keys/b.asc", "b\n");
        let one = ("keys/a.asc", "one\n", first);
        check(&fixture, &[main], &[one, ("keys/b.asc", "b\n", main)]);
        let draft = ("keys/a.asc", "draft\n", side);
        check(&fixture, &[main, side], &[one, draft, ("keys/b.asc", "b\n", main)]);
    }
}
