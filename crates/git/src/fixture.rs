//! Throw-away repositories for tests, built by stock git in a home of their own, with fixed dates.

#![expect(clippy::disallowed_methods, reason = "test fixtures write files and start stock git")]

use crate::{Identity, Repository};
use chrono::{DateTime, Utc};
use git2::{ObjectType, Oid};
use secpack_pack::ObjectId;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Fixture {
    _home: tempfile::TempDir,
    path: PathBuf,
    seconds: Cell<i64>,
}

impl Fixture {
    /// An empty repository with the branch `main`.
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().canonicalize().expect("it is there").join("pack");
        fs::create_dir(&path).expect("made");
        let fixture = Self { _home: home, path, seconds: Cell::new(1_700_000_000) };
        fixture.git(&["init", "-q", "-b", "main"]);
        fixture
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn open(&self) -> Repository {
        Repository::open(&self.path).expect("opens")
    }

    pub fn open_for_reading(&self) -> Repository {
        Repository::open_for_reading(&self.path).expect("opens")
    }

    /// The identity that stock git uses here.
    pub fn identity(&self) -> Identity {
        Identity::new("Ann Example", "ann@example.org").expect("valid")
    }

    /// The time that stock git uses now.
    pub fn time(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.seconds.get(), 0).expect("in range")
    }

    /// Runs stock git and returns what it says, without the final newline.
    pub fn git(&self, arguments: &[&str]) -> String {
        let answer = String::from_utf8(self.git_bytes(arguments)).expect("UTF-8");
        answer.trim_end_matches('\n').to_owned()
    }

    pub fn git_bytes(&self, arguments: &[&str]) -> Vec<u8> {
        let date = format!("{} +0000", self.seconds.get());
        let home = self.path.parent().expect("it has one");
        let mut git = Command::new("git");
        for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "XDG_CONFIG_HOME"] {
            git.env_remove(variable);
        }
        git.env("HOME", home).env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "Ann Example");
            git.env(format!("GIT_{who}_EMAIL"), "ann@example.org");
            git.env(format!("GIT_{who}_DATE"), &date);
        }
        let output = git.current_dir(&self.path).args(arguments).output().expect("git starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {stderr}");
        output.stdout
    }

    pub fn id(&self, arguments: &[&str]) -> ObjectId {
        self.git(arguments).parse().expect("an id")
    }

    /// Writes a file into the work tree, or into `.git`.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    /// Commits one more file, a minute after the last commit.
    pub fn commit(&self, name: &str, text: &str) -> ObjectId {
        self.seconds.set(self.seconds.get() + 60);
        self.write(name, text.as_bytes());
        self.git(&["add", "-f", name]);
        self.git(&["commit", "-q", "-m", name]);
        self.id(&["rev-parse", "HEAD"])
    }

    pub fn blob(&self, bytes: &[u8]) -> ObjectId {
        self.object(ObjectType::Blob, bytes)
    }

    /// A tree that git itself would not write, from modes, names and ids.
    pub fn tree(&self, entries: &[(&str, &str, ObjectId)]) -> ObjectId {
        let mut entries = entries.to_vec();
        let key = |(mode, name, _): &(&str, &str, _)| {
            if *mode == "40000" { format!("{name}/") } else { (*name).to_owned() }
        };
        entries.sort_by_key(key);
        let raw = entries.iter().flat_map(|(mode, name, id)| {
            [mode.as_bytes(), b" ", name.as_bytes(), b"\0", id.as_bytes()].concat()
        });
        self.object(ObjectType::Tree, &raw.collect::<Vec<u8>>())
    }

    /// A commit without parents of such a tree.
    pub fn commit_tree(&self, entries: &[(&str, &str, ObjectId)]) -> ObjectId {
        self.commit_of(self.tree(entries))
    }

    pub fn commit_of(&self, tree: ObjectId) -> ObjectId {
        let who = "Ann Example <ann@example.org> 1700000000 +0000";
        let raw = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nplanted\n");
        self.object(ObjectType::Commit, raw.as_bytes())
    }

    /// A tag that says it is of a commit, whatever the object is.
    pub fn tag_of(&self, object: ObjectId) -> ObjectId {
        let who = "Ann Example <ann@example.org> 1700000000 +0000";
        let raw = format!("object {object}\ntype commit\ntag t\ntagger {who}\n\nplanted\n");
        self.object(ObjectType::Tag, raw.as_bytes())
    }

    fn object(&self, kind: ObjectType, raw: &[u8]) -> ObjectId {
        let odb = git2::Repository::open(&self.path)
            .and_then(|repository| repository.odb().and_then(|odb| odb.write(kind, raw)));
        let id: Oid = odb.expect("written");
        ObjectId::from_bytes(id.as_bytes().try_into().expect("SHA-1"))
    }

    /// Puts the bytes of one loose object where another is stored.
    pub fn swap_loose(&self, id: ObjectId, other: ObjectId) {
        let bytes = fs::read(self.loose(other)).expect("it is loose");
        self.remove_loose(id);
        fs::write(self.loose(id), bytes).expect("written");
    }

    pub fn remove_loose(&self, id: ObjectId) {
        fs::remove_file(self.loose(id)).expect("it is loose");
    }

    fn loose(&self, id: ObjectId) -> PathBuf {
        let hex = id.to_string();
        self.path.join(".git/objects").join(&hex[..2]).join(&hex[2..])
    }
}
