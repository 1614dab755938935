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
mod tests;
