//! Signing together: three members, three clones, one bare upstream.

mod answers;
mod clones;
mod events;
mod hooks;
mod numbers;
mod standing;

use secpack_tests::{Run, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");
const MEMBERS: [&str; 3] = ["ann", "ben", "carol"];

/// A team of three that all sign bulletins, with a bare upstream and a clone for each member.
struct Trio {
    team: Team,
}

impl Trio {
    /// Makes the pack, publishes it, and clones it for each member.
    fn new() -> Self {
        let trio = Self { team: Team::new(PROGRAM) };
        let team = &trio.team;
        let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
        let all = policy.replacen("version = 1", "version = 2", 1).replacen(
            "signs = [\"canary\"]",
            "signs = [\"bulletin\", \"canary\"]",
            1,
        );
        assert!(all.contains("[\"bulletin\", \"canary\"]"), "{policy}");
        team.sandbox.write("pack/secpack.toml", all);
        team.sign("secpack.toml", "ann").ends(0);
        team.sign("secpack.toml", "ben").ends(0);
        team.commit("Carol signs bulletins");
        team.tag("ann");
        team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
        let upstream = team.sandbox.path("upstream.git").display().to_string();
        team.sandbox.git("pack", &["remote", "add", "origin", &upstream]);
        team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
        for member in MEMBERS {
            team.sandbox.git(".", &["clone", "-q", &upstream, member]);
            team.sandbox.git(member, &["config", "user.name", member]);
            let email = format!("{member}@example.org");
            team.sandbox.git(member, &["config", "user.email", &email]);
        }
        trio
    }

    /// Runs the program in a clone at the fixed time.
    fn run(&self, clone: &str, arguments: &[&str]) -> Run {
        let all = [&["--now", secpack_tests::NOW][..], arguments].concat();
        self.team.sandbox.secpack(clone, &all)
    }

    fn git(&self, clone: &str, arguments: &[&str]) -> String {
        self.team.sandbox.git(clone, arguments).stdout.trim().to_owned()
    }

    /// Drafts a complete bulletin in a clone and returns its path.
    fn draft(&self, clone: &str) -> String {
        let path = self.team.draft();
        let bytes = self.team.sandbox.read(&format!("pack/{path}"));
        self.team.sandbox.write(&format!("{clone}/{path}"), bytes);
        std::fs::remove_file(self.team.sandbox.path(&format!("pack/{path}"))).expect("removed");
        path
    }

    /// Signs a document in a member's own clone.
    fn sign(&self, member: &str, path: &str) -> Run {
        let shown = self.run(member, &["sign", path, "--as", member, "--dry-run"]);
        let digest = shown.stdout.get(..64).unwrap_or_default().to_owned();
        let key = self.team.key_of(member);
        self.run(member, &["sign", path, "--as", member, "--key", &key, "--yes", &digest])
    }

    /// Types a line in a clone as a person would; `secpack` is the program under test.
    fn types(&self, clone: &str, line: &str) -> Run {
        let bin = self.team.sandbox.path("bin");
        if !bin.exists() {
            std::fs::create_dir_all(&bin).expect("a folder");
            std::os::unix::fs::symlink(PROGRAM, bin.join("secpack")).expect("a link");
        }
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let shell = std::path::Path::new("sh");
        self.team.sandbox.run(shell, clone, &["-c", line], &[("PATH", &path)])
    }
}

/// The command of the last `hint:` line.
fn hint(run: &Run) -> String {
    let mut hints = run.stderr.lines().filter_map(|line| line.strip_prefix("hint: "));
    hints.next_back().unwrap_or_else(|| panic!("no hint:\n{}", run.stderr)).to_owned()
}
