//! What can go wrong in a subcommand, what is said about it, and which exit code it means.
//!
//! Exit 1 is for "we found out, and it is not good"; exit 2 is for "we could not find out".
//! Every failure ends with one hint that a person can type.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// What a subcommand returns.
pub type Outcome = Result<(), Failure>;

/// Why a subcommand did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The command line makes no sense; the second field is what to type for help.
    Usage(String, &'static str),
    /// The machine lacks tools; `install` is the command that installs them, if one is known.
    Missing { names: Vec<&'static str>, install: Option<String> },
    /// A program could not be started at all.
    Start { program: String, source: io::Error },
    /// A program ran and did not end with 0, and nothing can be concluded from that.
    Ended { command: String, status: ExitStatus },
    /// A step of `ci` or `bless` found something.
    Step { command: String, status: ExitStatus, hint: String },
    /// The pack as others see it did not verify after a release.
    Clone { url: String, repeat: String },
    /// A program that played in a story did not end with 0; `said` is all that it wrote.
    Refused { command: String, folder: PathBuf, status: ExitStatus, said: String },
    /// Every program of a story ended with 0, and still something is not as it must be.
    Unexpected { what: String, hint: String },
    /// Why a story did not come to its end, and where everything of it is.
    Story { reason: Box<Failure>, folder: PathBuf },
    /// A file or folder could not be read or written.
    File { path: PathBuf, source: io::Error },
    /// Something that must be there is not.
    Absent { what: String, hint: String },
}

impl Failure {
    /// A command line that makes no sense; `help` is what follows `cargo xtask` to read more.
    pub fn usage(problem: impl Into<String>, help: &'static str) -> Self {
        Self::Usage(problem.into(), help)
    }

    /// For `map_err` on file operations: keeps the path beside the system's error.
    pub fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }

    /// 1 when we found out and it is not good, 2 when we could not find out.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Step { .. }
            | Self::Clone { .. }
            | Self::Refused { .. }
            | Self::Unexpected { .. }
            | Self::Story { .. } => 1,
            Self::Usage(..)
            | Self::Missing { .. }
            | Self::Start { .. }
            | Self::Ended { .. }
            | Self::File { .. }
            | Self::Absent { .. } => 2,
        }
    }

    /// What a person can type next.
    pub fn hint(&self) -> String {
        match self {
            Self::Usage(_, help) => format!("cargo xtask {help}"),
            Self::Missing { install: Some(command), .. } => command.clone(),
            Self::Missing { install: None, .. } => "cargo xtask setup --help".to_owned(),
            Self::Start { .. } => "cargo xtask setup".to_owned(),
            Self::Ended { command, .. } => command.clone(),
            Self::Step { hint, .. } | Self::Absent { hint, .. } | Self::Unexpected { hint, .. } => {
                hint.clone()
            }
            Self::Clone { repeat, .. } => repeat.clone(),
            Self::Refused { command, folder, .. } => {
                format!("cd {} && {command}", folder.display())
            }
            Self::Story { reason, .. } => reason.hint(),
            Self::File { path, .. } => {
                let folder = path.parent().unwrap_or(path);
                format!("ls -ld {} {}", folder.display(), path.display())
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(problem, _) => write!(f, "{problem}"),
            Self::Missing { names, install: Some(_) } => {
                write!(f, "this machine lacks: {}", names.join(", "))
            }
            Self::Missing { names, install: None } => {
                let names = names.join(", ");
                write!(f, "this machine lacks: {names} (neither apt-get nor dnf is here to ask)")
            }
            Self::Start { program, source } => write!(f, "cannot start `{program}`: {source}"),
            Self::Ended { command, status } | Self::Step { command, status, .. } => {
                write!(f, "`{command}` failed: {}", ending(*status))
            }
            Self::Clone { url, .. } => {
                write!(f, "released, but a fresh clone of {url} does not verify")
            }
            Self::Refused { command, folder, status, said } => {
                let folder = folder.display();
                write!(f, "`{command}` in {folder} failed: {}\n{said}", ending(*status))
            }
            Self::Story { reason, folder } => {
                write!(f, "{reason}\nall of it is kept in {}", folder.display())
            }
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Absent { what, .. } | Self::Unexpected { what, .. } => write!(f, "{what}"),
        }
    }
}

/// How a process ended, in words; without a code it was a signal.
fn ending(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn check(failure: Failure, code: u8, text: &str, hint: &str) {
        assert_eq!(failure.exit_code(), code);
        assert_eq!(failure.to_string(), text);
        assert_eq!(failure.hint(), hint);
    }

    #[test]
    fn each_failure_says_what_and_what_next() {
        let status = ExitStatus::from_raw(101 << 8);
        let command = "cargo test".to_owned();
        check(
            Failure::Step { command, status, hint: "cargo test".to_owned() },
            1,
            "`cargo test` failed: exit code 101",
            "cargo test",
        );
        check(Failure::usage("bad", "ci --help"), 2, "bad", "cargo xtask ci --help");
        check(
            Failure::Missing { names: vec!["git", "gpg"], install: Some("get them".to_owned()) },
            2,
            "this machine lacks: git, gpg",
            "get them",
        );
    }

    #[test]
    fn a_story_that_fails_says_what_was_tried_and_where_it_is() {
        let refused = Failure::Refused {
            command: "secpack tag".to_owned(),
            folder: PathBuf::from("/story/ann"),
            status: ExitStatus::from_raw(2 << 8),
            said: "error: no key is named".to_owned(),
        };
        check(
            Failure::Story { reason: Box::new(refused), folder: PathBuf::from("/story") },
            1,
            "`secpack tag` in /story/ann failed: exit code 2\nerror: no key is named\n\
             all of it is kept in /story",
            "cd /story/ann && secpack tag",
        );
    }
}
