//! A small pack right before a release: everybody signed, nothing is committed, and a bare
//! upstream has what came before.

use secpack_tests::{NOW, Run, Team};
use std::path::Path;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// The scene of every test here.
pub struct Stage {
    /// The team with its pack.
    pub team: Team,
    /// The bulletin that is to be released.
    pub path: String,
}

/// What a repository's branch and tags are.
pub type Refs = Vec<String>;

impl Stage {
    /// A pack with one signed bulletin to release.
    pub fn new() -> Self {
        let team = Team::new(PROGRAM);
        let sandbox = &team.sandbox;
        sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "--template=", "upstream.git"]);
        let upstream = sandbox.path("upstream.git").display().to_string();
        sandbox.git("pack", &["remote", "add", "origin", &upstream]);
        sandbox.git("pack", &["push", "-q", "origin", "main", "--tags"]);
        let path = team.draft();
        team.sign(&path, "ann").ends(0);
        team.sign(&path, "ben").ends(0);
        std::fs::create_dir(sandbox.path("bin")).expect("a folder");
        std::os::unix::fs::symlink(PROGRAM, sandbox.path("bin/secpack")).expect("a link");
        Self { team, path }
    }

    /// Keeps pack and upstream as they are now, for [`Stage::restore`].
    pub fn save(&self) {
        self.shell("mkdir ../saved && cp -a ../pack ../upstream.git ../saved/").ends(0);
    }

    /// Pack and upstream as they were saved, at the same places.
    pub fn restore(&self) {
        let again = "cd .. && rm -rf pack upstream.git && cp -a saved/pack saved/upstream.git .";
        self.shell(again).ends(0);
    }

    /// The arguments of the release.
    pub fn arguments(&self) -> Vec<String> {
        let key = self.team.key_of("ann");
        let words = ["release", &self.path, "--as", "ann", "--key", &key, "--anchor"];
        let more = [&self.team.anchor, "--execute", "--now", NOW];
        words.iter().chain(more.iter()).map(|word| (*word).to_owned()).collect()
    }

    /// Releases the bulletin.
    pub fn release(&self) -> Run {
        self.secpack(&self.arguments())
    }

    /// Runs the program in the pack with exactly these arguments.
    pub fn secpack(&self, arguments: &[impl AsRef<str>]) -> Run {
        let words: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        self.team.sandbox.secpack("pack", &words)
    }

    /// Types the hint of a run into a shell.
    pub fn type_hint(&self, run: &Run) -> Run {
        let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: "));
        self.shell(hint.expect("a hint"))
    }

    /// Types a line into a shell in the pack.
    pub fn shell(&self, line: &str) -> Run {
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.team.sandbox.path("bin").display());
        self.team.sandbox.run(Path::new("sh"), "pack", &["-c", line], &[("PATH", &path)])
    }

    /// Writes an executable script.
    pub fn script(&self, inside: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.team.sandbox.write(inside, format!("#!/bin/sh\n{text}\n"));
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.team.sandbox.path(inside), mode).expect("a mode");
    }

    /// All branches and tags of a repository with what they point to.
    pub fn refs(&self, inside: &str) -> Refs {
        let format = "--format=%(refname) %(objectname)";
        let listed =
            self.team.sandbox.git(inside, &["for-each-ref", format, "refs/heads", "refs/tags"]);
        listed.stdout.lines().map(str::to_owned).collect()
    }

    /// What `git status` says of the pack.
    pub fn status(&self) -> String {
        self.team.sandbox.git("pack", &["status", "--porcelain", "-uall"]).stdout
    }

    /// Whether a release is unfinished.
    pub fn is_unfinished(&self) -> bool {
        self.team.sandbox.path("pack/.git/secpack/release.json").exists()
    }

    /// The release is through: the upstream has commit and tag, a fresh clone is good, and nothing
    /// is left over here.
    pub fn assert_released(&self) {
        let sandbox = &self.team.sandbox;
        let head = self.team.head();
        let tag = format!("ann_sec_{}", &head[..8]);
        assert_eq!(sandbox.git("upstream.git", &["rev-parse", "main"]).stdout.trim(), head);
        sandbox.git("upstream.git", &["rev-parse", "--verify", "-q", &format!("refs/tags/{tag}")]);
        sandbox.git(".", &["clone", "-q", "upstream.git", "fresh"]);
        let fresh = ["verify", "fresh", "--anchor", &self.team.anchor, "--no-memory", "--now", NOW];
        sandbox.secpack(".", &fresh).ends(0);
        std::fs::remove_dir_all(sandbox.path("fresh")).expect("removed");
        assert_eq!(self.status(), "");
        assert!(!sandbox.path("pack/.git/secpack").exists(), "something is left over");
    }
}
