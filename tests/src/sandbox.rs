//! A folder in which programs run with nothing of the user around them.

use crate::hints::Refusal;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A temporary folder and a hermetic environment.
pub struct Sandbox {
    folder: TempDir,
    program: PathBuf,
}

/// What a program said and how it ended.
#[derive(Debug, Clone)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The same run, which must have ended with this code.
    ///
    /// # Panics
    /// Otherwise, with everything it said.
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Its standard output as JSON.
    ///
    /// # Panics
    /// When it is not JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}\n{}", self.stdout))
    }
}

impl Sandbox {
    /// A new folder. `program` is the path of the program under test.
    ///
    /// # Panics
    /// When no folder can be made.
    pub fn new(program: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("sp-").tempdir().expect("a temporary folder");
        std::fs::create_dir_all(folder.path().join("home")).expect("a home");
        Self { folder, program: PathBuf::from(program) }
    }

    /// A path inside the folder.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    /// Runs the program under test in a folder below this one.
    pub fn secpack(&self, inside: &str, arguments: &[&str]) -> Run {
        let program = self.program.clone();
        self.run(&program, inside, arguments, &[])
    }

    /// Runs stock git in a folder below this one; it must succeed.
    pub fn git(&self, inside: &str, arguments: &[&str]) -> Run {
        self.run(Path::new("git"), inside, arguments, &[]).ends(0)
    }

    /// Runs any program with the hermetic environment and some more variables.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn run(
        &self,
        program: &Path,
        inside: &str,
        arguments: &[&str],
        more: &[(&str, &str)],
    ) -> Run {
        let home = self.path("home");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path(inside))
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("GNUPGHOME", self.path("gnupg"))
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Test")
            .env("GIT_AUTHOR_EMAIL", "test@example.org")
            .env("GIT_COMMITTER_NAME", "Test")
            .env("GIT_COMMITTER_EMAIL", "test@example.org")
            .env("GIT_AUTHOR_DATE", crate::NOW)
            .env("GIT_COMMITTER_DATE", crate::NOW)
            .envs(more.iter().copied());
        let output = command.output().unwrap_or_else(|e| panic!("{}: {e}", program.display()));
        let run = Run::of(output);
        if program == self.program && run.code != 0 {
            Refusal { sandbox: self, inside, arguments, more, run: &run }.check();
        }
        run
    }

    /// Types a hint that only looks, with nothing of the sandbox changed by it.
    pub(crate) fn type_look(&self, inside: &str, hint: &str, more: &[(&str, &str)]) -> Run {
        let program = self.program.display().to_string();
        let apart = tempfile::tempdir().expect("a temporary folder");
        let gnupg = apart.path().display().to_string();
        let typed = format!("secpack() {{ \"$PROGRAM\" \"$@\"; }}\n{hint}");
        let own = [("PROGRAM", &*program), ("GNUPGHOME", &*gnupg), ("GIT_OPTIONAL_LOCKS", "0")];
        self.run(Path::new("sh"), inside, &["-c", &typed], &[more, &own].concat())
    }

    /// Runs stock gpg with a throw-away home that is made on first use.
    ///
    /// # Panics
    /// When gpg is absent.
    pub fn gpg(&self, inside: &str, arguments: &[&str]) -> Run {
        use std::os::unix::fs::PermissionsExt;
        let home = self.path("gnupg");
        std::fs::create_dir_all(&home).expect("a folder");
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).expect("a mode");
        let all: Vec<&str> =
            ["--batch", "--quiet", "--no-tty"].iter().chain(arguments).copied().collect();
        self.run(Path::new("gpg"), inside, &all, &[])
    }

    /// Writes a file below the folder.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, inside: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(inside);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a written file");
    }

    /// Reads a file below the folder.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn read(&self, inside: &str) -> Vec<u8> {
        let path = self.path(inside);
        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// Every file below a folder with its bytes, git's own folder included: to show that nothing
    /// changed.
    pub fn contents(&self, inside: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.path(inside)];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() && !path.is_symlink() {
                    open.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap_or_default();
                    found.push((path, bytes));
                }
            }
        }
        found.sort();
        found
    }
}
