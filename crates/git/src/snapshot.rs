//! All files of one commit.

use crate::objects::Budget;
use crate::raw_tree::{Entry, Mode};
use crate::twins::Twins;
use crate::{Error, Repository, Result};
use secpack_pack::{Content, File, FileKind, Finding, Level, ObjectId, PackPath, escape};
use std::collections::HashMap;

/// More files and folders than any pack will ever have.
const MAX_ENTRIES: usize = 250_000;
/// Deeper folders than any pack will ever have.
pub(crate) const MAX_DEPTH: usize = 64;

/// All files of a commit, or of the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The commit; `None` for the files on disk.
    pub commit: Option<ObjectId>,
    /// The files, sorted by path.
    pub files: Vec<File>,
    /// Names that no pack may have. Files below such a folder are not listed.
    pub problems: Vec<PathProblem>,
}

/// A name that is harmful on some file system, or that means two files on one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathProblem {
    /// The whole path as it is stored, escaped.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// What a walk finds, in no particular order.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub entries: Vec<(PackPath, FileKind, ObjectId)>,
    pub problems: Vec<PathProblem>,
    /// Everything seen, folders too: a tree of empty folders can be a bomb.
    pub seen: usize,
}

impl Snapshot {
    /// No files at all.
    pub fn empty() -> Self {
        Self { commit: None, files: Vec::new(), problems: Vec::new() }
    }

    /// Whether these are the files on disk.
    pub fn is_work_tree(&self) -> bool {
        self.commit.is_none()
    }

    /// Every harmful name as a finding.
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |problem: &PathProblem| {
            Finding::new("harmful-path", Level::Error, &problem.name, &[], problem.why.clone())
                .with_help("rename or remove it")
        };
        self.problems.iter().map(finding).collect()
    }
}

impl Repository {
    /// Path and blob of every regular file of a commit, sorted by path; nothing is read.
    ///
    /// # Errors
    /// As [`Repository::snapshot`].
    pub fn paths(&self, commit: ObjectId) -> Result<Vec<(PackPath, ObjectId)>> {
        let mut found = self.list(commit)?;
        found.entries.sort_by(|one, two| one.0.cmp(&two.0));
        let regular = found.entries.into_iter().filter(|(_, kind, _)| *kind == FileKind::Regular);
        Ok(regular.map(|(path, _, id)| (path, id)).collect())
    }

    /// All files of a commit with their bytes.
    ///
    /// A blob that is missing or larger than 16 MiB is listed without bytes.
    ///
    /// # Errors
    /// [`Error::Missing`] for a missing commit or folder, [`Error::Malformed`] for a folder that
    /// tools could read differently, [`Error::Damaged`], and [`Error::TooMany`] beyond 250 000
    /// files and folders, 64 levels, or 512 MiB of distinct bytes.
    pub fn snapshot(&self, commit: ObjectId) -> Result<Snapshot> {
        let mut found = self.list(commit)?;
        found.entries.sort_by(|one, two| one.0.cmp(&two.0));
        found.problems.sort();
        let mut files = Vec::with_capacity(found.entries.len());
        let (mut budget, mut read) = (Budget::new(), HashMap::new());
        for (path, kind, id) in found.entries {
            let content = match (kind, read.get(&id)) {
                (FileKind::Gitlink, _) => Content::Absent,
                // Equal files share their bytes.
                (FileKind::Regular | FileKind::Link, Some(content)) => Content::clone(content),
                (FileKind::Regular | FileKind::Link, None) => {
                    let content = self.read_blob(id)?;
                    budget.spend_on(&content)?;
                    read.insert(id, content.clone());
                    content
                }
            };
            files.push(File { path, kind, id, content });
        }
        Ok(Snapshot { commit: Some(commit), files, problems: found.problems })
    }

    /// All files of a commit without their bytes.
    pub(crate) fn list(&self, commit: ObjectId) -> Result<Found> {
        let mut found = Found::default();
        self.walk(self.links(commit)?.tree, "", 1, &mut found)?;
        Ok(found)
    }

    fn walk(&self, tree: ObjectId, folder: &str, depth: usize, found: &mut Found) -> Result<()> {
        check_depth(depth)?;
        let tree = self.tree(tree)?;
        let mut twins = Twins::default();
        for entry in tree.entries() {
            found.count_one()?;
            let Some(path) = found.accept(folder, entry.name, &mut twins) else { continue };
            match file_kind(entry) {
                Some(kind) => found.entries.push((path, kind, entry.id)),
                None if entry.mode == Mode::Folder => {
                    self.walk(entry.id, path.as_str(), depth + 1, found)?;
                }
                None => found.problem(path.as_str(), "git does not write such a file mode"),
            }
        }
        Ok(())
    }
}

impl Found {
    /// The path of a name in a folder; `None`, and a problem, when no pack may have it. Of twins
    /// both stay listed, so that each is still judged.
    pub fn accept(&mut self, folder: &str, name: &[u8], twins: &mut Twins) -> Option<PackPath> {
        let Ok(name) = std::str::from_utf8(name) else {
            let shown = join(folder, &String::from_utf8_lossy(name));
            self.problem(&shown, "the name is not UTF-8");
            return None;
        };
        let whole = join(folder, name);
        if let Some(earlier) = twins.meet(name) {
            let why = format!("some file systems take it for {}", escape(earlier));
            self.problem(&whole, why);
        }
        whole
            .parse()
            .map_err(|why: secpack_pack::PathError| self.problem(&whole, why.to_string()))
            .ok()
    }

    pub fn problem(&mut self, name: &str, why: impl Into<String>) {
        self.problems.push(PathProblem { name: escape(name), why: why.into() });
    }

    pub fn count_one(&mut self) -> Result<()> {
        self.seen += 1;
        if self.seen <= MAX_ENTRIES {
            return Ok(());
        }
        Err(Error::TooMany { what: "files and folders", limit: MAX_ENTRIES })
    }
}

pub(crate) fn check_depth(depth: usize) -> Result<()> {
    if depth <= MAX_DEPTH {
        return Ok(());
    }
    Err(Error::TooMany { what: "levels of folders", limit: MAX_DEPTH })
}

pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { [folder, name].join("/") }
}

fn file_kind(entry: Entry<'_>) -> Option<FileKind> {
    match entry.mode {
        Mode::Regular | Mode::Executable => Some(FileKind::Regular),
        Mode::Link => Some(FileKind::Link),
        Mode::Gitlink => Some(FileKind::Gitlink),
        Mode::Folder | Mode::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn names(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn files_come_sorted_with_their_exact_bytes() {
        let fixture = Fixture::new();
        fixture.write("a-b.txt", b"one\r\n\r\n");
        fixture.write("a/x.txt", b"");
        fixture.write("run.sh", b"#!\n");
        fixture.git(&["add", "."]);
        fixture.git(&["update-index", "--chmod=+x", "run.sh"]);
        let commit = fixture.commit("a/y.txt", "y\n");
        let snapshot = fixture.open().snapshot(commit).expect("whole");
        assert_eq!(snapshot.commit, Some(commit));
        assert_eq!(names(&snapshot), ["a-b.txt", "a/x.txt", "a/y.txt", "run.sh"]);
        assert_eq!(snapshot.files[0].content, Content::Bytes((*b"one\r\n\r\n").into()));
        assert_eq!(snapshot.files[0].id, fixture.id(&["rev-parse", "HEAD:a-b.txt"]));
        assert_eq!(snapshot.problems, []);
    }

    #[test]
    fn links_and_gitlinks_are_not_followed() {
        let fixture = Fixture::new();
        let blob = fixture.blob(b"../../etc/passwd");
        let first = fixture.commit("a.txt", "a\n");
        let commit = fixture.commit_tree(&[("120000", "link", blob), ("160000", "module", first)]);
        let snapshot = fixture.open().snapshot(commit).expect("whole");
        let kinds: Vec<_> =
            snapshot.files.iter().map(|file| (file.path.as_str(), file.kind)).collect();
        assert_eq!(kinds, [("link", FileKind::Link), ("module", FileKind::Gitlink)]);
        assert_eq!(snapshot.files[0].content, Content::Bytes((*b"../../etc/passwd").into()));
        assert_eq!(snapshot.files[1].content, Content::Absent);
    }

    #[test]
    fn a_missing_blob_is_absent_and_a_missing_folder_an_error() {
        let fixture = Fixture::new();
        let commit = fixture.commit("sub/a.txt", "a\n");
        fixture.remove_loose(fixture.id(&["rev-parse", "HEAD:sub/a.txt"]));
        let snapshot = fixture.open().snapshot(commit).expect("no error");
        assert_eq!(snapshot.files[0].content, Content::Absent);
        let folder = fixture.id(&["rev-parse", "HEAD:sub"]);
        fixture.remove_loose(folder);
        let found = fixture.open().snapshot(commit);
        assert!(matches!(found, Err(Error::Missing { id }) if id == folder), "{found:?}");
    }

    #[test]
    fn names_no_pack_may_have_are_problems() {
        let fixture = Fixture::new();
        let blob = fixture.blob(b"x");
        let check = |entries: &[(&str, &str, ObjectId)], listed: usize, problems: usize| {
            let commit = fixture.commit_tree(entries);
            let snapshot = fixture.open().snapshot(commit).expect("no error");
            let found = (snapshot.files.len(), snapshot.problems.len());
            assert_eq!(found, (listed, problems), "{entries:?} {:?}", snapshot.problems);
        };
        let folder = fixture.tree(&[("100644", "config", blob)]);
        check(&[("100644", "a", blob), ("100644", "b", blob)], 2, 0);
        check(&[("40000", ".GIT", folder)], 0, 1);
        check(&[("40000", ".git", folder)], 0, 1);
        check(&[("40000", "..", folder)], 0, 1);
        check(&[("100644", "git~1", blob)], 0, 1);
        check(&[("100644", "a\\b", blob)], 0, 1);
        check(&[("100644", "a\u{1b}[2J", blob)], 0, 1);
        check(&[("100644", "README", blob), ("100644", "readme", blob)], 2, 1);
        check(&[("100644", "e\u{301}", blob), ("100644", "\u{e9}", blob)], 2, 1);
        check(&[("40000", "A", folder), ("40000", "a", folder)], 2, 1);
        check(&[("100600", "a", blob)], 0, 1);
        let doubled = fixture.commit_tree(&[("100644", "a", blob), ("40000", "a", folder)]);
        let found = fixture.open().snapshot(doubled);
        assert!(matches!(found, Err(Error::Malformed { .. })), "{found:?}");
    }

    #[test]
    fn equal_files_share_their_bytes() {
        let fixture = Fixture::new();
        let blob = fixture.blob(b"x");
        let commit = fixture.commit_tree(&[("100644", "a", blob), ("100644", "b", blob)]);
        let snapshot = fixture.open().snapshot(commit).expect("whole");
        let [Content::Bytes(one), Content::Bytes(two)] =
            [&snapshot.files[0].content, &snapshot.files[1].content]
        else {
            panic!("{snapshot:?}");
        };
        assert!(std::sync::Arc::ptr_eq(one, two));
    }

    #[test]
    fn bombs_are_capped() {
        let fixture = Fixture::new();
        let blob = fixture.blob(b"x");
        let mut wide = fixture.tree(&[]);
        for _ in 0..10 {
            let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
            let entries: Vec<_> = names.iter().map(|name| ("40000", name.as_str(), wide)).collect();
            wide = fixture.tree(&entries);
        }
        let commit = fixture.commit_of(wide);
        let found = fixture.open().snapshot(commit);
        assert!(
            matches!(found, Err(Error::TooMany { what: "files and folders", .. })),
            "{found:?}"
        );
        let mut deep = fixture.tree(&[("100644", "a", blob)]);
        for _ in 0..70 {
            deep = fixture.tree(&[("40000", "a", deep)]);
        }
        let found = fixture.open().snapshot(fixture.commit_of(deep));
        assert!(
            matches!(found, Err(Error::TooMany { what: "levels of folders", .. })),
            "{found:?}"
        );
    }
}
