//! What can go wrong here. A variant names the thing; [`Error::hint`] is what a person can type.

use crate::RawError;
use secpack_pack::{ObjectId, escape, shell_word};
use std::path::{Path, PathBuf};

/// A result of this room.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the git room could not find out or could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no repository at this very place.
    #[error("{} is not a git repository", shown(path))]
    NotARepository {
        /// The folder that was named.
        path: PathBuf,
    },
    /// The repository belongs to another user, so its configuration is theirs.
    #[error("{} belongs to another user, whose configuration must not act here", shown(path))]
    ForeignOwner {
        /// The folder that was named.
        path: PathBuf,
    },
    /// The repository has something that makes it show other objects than it holds.
    #[error("{} is refused: {why}", shown(path))]
    Refused {
        /// The file or folder that is in the way.
        path: PathBuf,
        /// What it does.
        why: &'static str,
        /// The command that helps, with `{file}` for the path and `{git}` for git in its repository.
        hint: &'static str,
    },
    /// A change was asked of a repository that was opened for reading.
    #[error("{} was opened for reading only", shown(path))]
    ReadingOnly {
        /// Its git folder.
        path: PathBuf,
    },
    /// A bare repository has no files on disk.
    #[error("{} has no work tree", shown(path))]
    NoWorkTree {
        /// Its git folder.
        path: PathBuf,
    },
    /// A text that should name a commit does not.
    #[error("\"{}\" names no commit of this repository", escape(spec))]
    NoSuchCommit {
        /// The text.
        spec: String,
    },
    /// A text is not usable as a name of this kind.
    #[error("\"{}\" is not a {kind}", escape(name))]
    BadName {
        /// What it should have been.
        kind: &'static str,
        /// The text.
        name: String,
    },
    /// An object is not in the repository.
    #[error("object {id} is missing")]
    Missing {
        /// Its id.
        id: ObjectId,
    },
    /// An object does not have the hash it is stored under, or cannot be unpacked.
    #[error("object {id} is damaged")]
    Damaged {
        /// The id it is stored under.
        id: ObjectId,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// An object is of another kind than its place demands.
    #[error("object {id} is not a {wanted}")]
    WrongKind {
        /// Its id.
        id: ObjectId,
        /// What it should be.
        wanted: &'static str,
    },
    /// A commit or tree is not well-formed.
    #[error("object {id} is malformed")]
    Malformed {
        /// Its id.
        id: ObjectId,
        /// What is wrong.
        source: RawError,
    },
    /// A commit, tree or tag is larger than any honest one.
    #[error("object {id} has {size} bytes; the limit is {limit}")]
    ObjectTooLarge {
        /// Its id.
        id: ObjectId,
        /// Its size in bytes.
        size: u64,
        /// The cap in bytes.
        limit: u64,
    },
    /// More of something than the cap.
    #[error("there are more than {limit} {what}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The cap.
        limit: usize,
    },
    /// A ref that should be new exists and points elsewhere.
    #[error("{name} exists and points to another object, {found}")]
    RefExists {
        /// The whole ref.
        name: String,
        /// Where it points.
        found: ObjectId,
    },
    /// A ref changed since it was read.
    #[error("{name} is no longer where it was when this began")]
    RefMoved {
        /// The whole ref.
        name: String,
    },
    /// A branch that should go is the one that is worked on.
    #[error("{branch} is checked out, so it stays")]
    CheckedOut {
        /// The whole ref.
        branch: String,
    },
    /// A push that would take commits away from a branch.
    #[error("{name} cannot go to {new}: that commit does not descend from {old}")]
    NotFastForward {
        /// The whole ref.
        name: String,
        /// Where the remote has it.
        old: ObjectId,
        /// Where it should go.
        new: ObjectId,
    },
    /// A commit that would change nothing.
    #[error("{branch} has all of this already; there is nothing to commit")]
    NothingToCommit {
        /// The branch.
        branch: String,
    },
    /// A new commit whose bytes are not a commit.
    #[error("the new commit is not well-formed")]
    BadCommit {
        /// What is wrong.
        source: RawError,
    },
    /// A new tag whose bytes are not a tag of that name.
    #[error("the new tag {} is not well-formed", escape(name))]
    BadTag {
        /// Its name.
        name: String,
        /// What is wrong.
        source: RawError,
    },
    /// The configuration does not say who commits.
    #[error("git's configuration has no usable {key}")]
    NoIdentity {
        /// `user.name` or `user.email`.
        key: &'static str,
        /// What is wrong with its value.
        source: crate::IdentityError,
    },
    /// The repository has no remote of that name.
    #[error("there is no remote \"{}\"", escape(name))]
    NoRemote {
        /// The name.
        name: String,
    },
    /// The commit is made; only the index could not be brought in line.
    #[error("commit {commit} is made, but the index could not be brought in line")]
    IndexBehind {
        /// The new commit.
        commit: ObjectId,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// The remote refused refs; nothing was changed there.
    #[error("{} refused the push: {}", escape(remote), lines(&rejected.join("; "), said))]
    PushRejected {
        /// The remote's name.
        remote: String,
        /// Each refused ref with git's reason, escaped.
        rejected: Vec<String>,
        /// What the remote itself says about it, escaped, a line each.
        said: Vec<String>,
    },
    /// The `git` program could not be started.
    #[error("the git program could not be started")]
    NoProgram {
        /// The reason.
        source: std::io::Error,
    },
    /// The `git` program failed.
    #[error("git {command} failed ({status}){}", said(stderr))]
    Program {
        /// Its subcommand.
        command: &'static str,
        /// How it ended.
        status: String,
        /// What it wrote to stderr, cut at 64 KiB.
        stderr: String,
    },
    /// The `git` program answered something else than its manual promises.
    #[error("git {command} gave an answer that makes no sense")]
    Answer {
        /// Its subcommand.
        command: &'static str,
    },
    /// HEAD names neither a branch nor a commit, so stock git sees no repository.
    #[error("{} is damaged, and git sees no repository any more", shown(path))]
    BadHead {
        /// The file.
        path: PathBuf,
        /// The branch that was last checked out, whole.
        branch: Option<String>,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// Something libgit2 reports about a thing.
    #[error("git cannot work with {}", escape(what))]
    Git {
        /// The thing.
        what: String,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// The system does not let us read or secure a file or folder.
    #[error("{} cannot be read or written", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
}

impl Error {
    /// A command that helps, where there is one.
    pub fn hint(&self) -> Option<String> {
        let said = match self {
            Error::Git { source, .. } => source.message(),
            Error::Program { stderr, .. } => stderr,
            _ => "",
        };
        if let Some(look) = forbidden(said) {
            return Some(look);
        }
        match self {
            Error::NotARepository { .. } => Some("git clone URL FOLDER".to_owned()),
            Error::ForeignOwner { path } => Some(format!(
                "git config --global --add safe.directory {}",
                shell_word(&path.to_string_lossy())
            )),
            Error::Refused { path, hint, .. } => {
                let word = |path: &Path| shell_word(&path.to_string_lossy());
                let own = path.ancestors().find(|folder| folder.join("HEAD").is_file());
                let git = format!("git -C {}", word(own.unwrap_or(path)));
                Some(hint.replace("{file}", &word(path)).replace("{git}", &git))
            }
            Error::NoSuchCommit { .. } => Some("git log --oneline --all".to_owned()),
            Error::Missing { .. } | Error::Damaged { .. } | Error::Malformed { .. } => {
                Some("git fsck --full".to_owned())
            }
            Error::RefMoved { .. } | Error::NotFastForward { .. } => Some("git fetch".to_owned()),
            // Typed as it stands it works, and everybody sees what to put there.
            Error::NoIdentity { key: "user.email", .. } => {
                Some("git config user.email you@example.org".to_owned())
            }
            Error::NoIdentity { key, .. } => Some(format!("git config {key} \"Your Name\"")),
            Error::NoRemote { name } => Some(format!("git remote add {} URL", shell_word(name))),
            Error::IndexBehind { .. } => Some("git reset".to_owned()),
            Error::PushRejected { remote, .. } => Some(format!("git fetch {}", shell_word(remote))),
            Error::CheckedOut { .. } => Some("git checkout --detach".to_owned()),
            Error::NoProgram { .. } => Some("apt install git".to_owned()),
            Error::WrongKind { id, .. } | Error::ObjectTooLarge { id, .. } => {
                Some(format!("git cat-file -t {id} && git cat-file -s {id}"))
            }
            Error::TooMany { .. } | Error::BadCommit { .. } => {
                Some("git count-objects -v".to_owned())
            }
            Error::RefExists { name, .. } | Error::BadTag { name, .. } => {
                Some(format!("git show {}", shell_word(name)))
            }
            Error::BadName { name, .. } => {
                Some(format!("git check-ref-format --branch {}", shell_word(name)))
            }
            Error::NoWorkTree { path } => {
                Some(format!("git clone {} PACK", shell_word(&path.to_string_lossy())))
            }
            Error::Io { path, .. } => {
                // What is not there is looked for where it should be.
                let there = path.ancestors().find(|path| path.symlink_metadata().is_ok());
                Some(format!("ls -ld {}", shell_word(&there.unwrap_or(path).to_string_lossy())))
            }
            Error::Program { command: "ls-remote" | "fetch" | "push", .. } => {
                Some("git remote --verbose".to_owned())
            }
            Error::BadHead { path, branch, .. } => {
                let path = shell_word(&path.to_string_lossy());
                Some(match branch {
                    Some(branch) => {
                        format!("echo {} > {path}", shell_word(&format!("ref: {branch}")))
                    }
                    None => format!("cat -v {path}"),
                })
            }
            Error::Git { what, source } if what.starts_with("refs/") => {
                Some(look_at_ref(what, source.message()))
            }
            Error::NothingToCommit { .. }
            | Error::Program { .. }
            | Error::Answer { .. }
            | Error::Git { .. }
            | Error::ReadingOnly { .. } => Some("git status".to_owned()),
        }
    }

    /// Wraps what libgit2 says about `what`.
    pub(crate) fn git(what: impl Into<String>) -> impl FnOnce(git2::Error) -> Self {
        let what = what.into();
        move |source| Error::Git { what, source }
    }

    /// Wraps what the system says about `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Error::Io { path: path.to_owned(), source }
    }
}

/// Shows who may write where git or libgit2 was not permitted to: the nearest folder that is there.
fn forbidden(said: &str) -> Option<String> {
    let line = said.lines().find(|line| line.contains("Permission denied"))?;
    let path = line.split('\'').find(|part| part.starts_with('/')).map(Path::new)?;
    let there = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    Some(format!("ls -ld {}", shell_word(&there.to_string_lossy())))
}

/// What stands in the way of a ref: a lock that libgit2 names, or refs below or above its name.
fn look_at_ref(name: &str, said: &str) -> String {
    let lock = said.split('\'').find(|part| part.ends_with(".lock"));
    if let Some(lock) = lock {
        return format!("ls -l {}", shell_word(lock));
    }
    let first: Vec<&str> = name.splitn(4, '/').take(3).collect();
    format!("git for-each-ref {}", shell_word(&first.join("/")))
}

/// A line, and what a remote says below it.
fn lines(first: &str, said: &[String]) -> String {
    std::iter::once(first).chain(said.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

/// What a program said, each line escaped on a line of its own.
fn said(stderr: &str) -> String {
    let mut lines = stderr.lines().map(|line| escape(line.trim_end())).filter(|l| !l.is_empty());
    match (lines.next(), lines.next()) {
        (None, _) => String::new(),
        (Some(only), None) => format!(": {only}"),
        (Some(first), Some(second)) => {
            let rest: Vec<String> = [first, second].into_iter().chain(lines).collect();
            format!(":\n{}", rest.join("\n"))
        }
    }
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_said_keeps_its_lines_and_nothing_that_a_terminal_obeys() {
        assert_eq!(said(""), "");
        assert_eq!(said("fatal: no\n"), ": fatal: no");
        assert_eq!(said("one\r\n\n\u{1b}[2Jtwo\n"), ":\none\n\\u{1b}[2Jtwo");
    }

    #[test]
    fn hints_are_safe_to_copy() {
        let hint = |name: &str| Error::NoRemote { name: name.to_owned() }.hint();
        let expected = |name: &str| Some(format!("git remote add {name} URL"));
        assert_eq!(hint("origin"), expected("origin"));
        assert_eq!(hint("a;b"), expected("'a;b'"));
        assert_eq!(hint("a'$(b)\n"), expected("'a'\\''$(b)\\u{a}'"));
        assert_eq!(hint("-x"), expected("'-x'"));
    }
}
