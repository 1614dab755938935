//! Why an event cannot be opened or closed, and what to type.

use secpack_audit::AuditError;
use secpack_pack::policy::SeriesKind;
use secpack_pack::{MemberId, ObjectId, PackPath, escape, shell_word};
use std::path::{Path, PathBuf};

/// A work tree that has the branch of an event.
#[derive(Debug)]
pub struct Tree {
    /// Its top folder.
    pub root: PathBuf,
    /// Files of the remote's branch that lie there with the same bytes, and on no branch here.
    pub same: Vec<PackPath>,
}

/// Why an event cannot be opened, closed or told of. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The policy's patterns need a value that the document does not have.
    #[error("no pattern of [branches] events can name a branch for {0}")]
    NoName(PackPath),
    /// The document's bytes are not there.
    #[error("{0}: its bytes are missing in the repository")]
    NoText(PackPath),
    /// A branch needs a commit to begin at: of the parts of the pack that these are.
    #[error("nothing is committed yet, so no branch can begin")]
    NoCommit(Vec<PackPath>),
    /// The branch had this text before, and has a newer one.
    #[error("{path} is older than the text on {branch}, which replaced it after commit {commit}")]
    Older {
        /// The document.
        path: PackPath,
        /// The branch, with its remote.
        branch: String,
        /// The commit that brought the older text.
        commit: ObjectId,
    },
    /// The remote's branch is ahead of the one here.
    #[error("{remote} has commits on {branch} that are not here")]
    Behind {
        /// The remote.
        remote: String,
        /// The branch.
        branch: String,
        /// Whether it is the branch that is worked on.
        is_checked_out: bool,
    },
    /// Both have commits that the other lacks.
    #[error("{branch} and {remote}/{branch} have different commits")]
    Diverged {
        /// The remote.
        remote: String,
        /// The branch.
        branch: String,
        /// The document.
        path: PackPath,
        /// The work tree that has the branch.
        tree: Option<Box<Tree>>,
        /// Where another work tree can be for a while.
        beside: PathBuf,
    },
    /// Somebody else took the same number.
    #[error("{branch} has another text as {path}: two drafts took one name")]
    Clash {
        /// The document.
        path: PackPath,
        /// The other's branch, with its remote.
        branch: String,
        /// What it is: a bulletin can get another number.
        kind: Option<SeriesKind>,
        /// Whether the text that is here has signatures, on disk or on the branch of this clone.
        is_signed: bool,
    },
    /// There is no such event.
    #[error("no signing event of {0} is open")]
    NotOpen(PackPath),
    /// Somebody has not signed.
    #[error("{document} is not complete: {}", missing(.short_of))]
    NotComplete {
        /// The document.
        document: PackPath,
        /// Who has not signed.
        short_of: Vec<MemberId>,
    },
    /// The branch is worked on, so it cannot go.
    #[error("{branch} is checked out {}, so it cannot be changed", at(place.as_deref()))]
    CheckedOut {
        /// The branch.
        branch: String,
        /// The work tree, where it is not this one.
        place: Option<PathBuf>,
        /// What to check out instead.
        instead: String,
    },
    /// A reason is one line of visible text.
    #[error("a reason is one line of text")]
    BadReason,
    /// The repository could not be judged.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The repository could not be read or written.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
}

fn at(place: Option<&Path>) -> String {
    place.map_or("here".to_owned(), |place| format!("in {}", escape(&place.to_string_lossy())))
}

fn missing(short_of: &[MemberId]) -> String {
    let names: Vec<&str> = short_of.iter().map(MemberId::as_str).collect();
    match names.as_slice() {
        [] => "a signature beside it is not good".to_owned(),
        names => format!("missing {}", names.join(", ")),
    }
}

impl EventError {
    /// A command that helps, where there is one.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            EventError::NoName(_) => "secpack policy show".to_owned(),
            EventError::NoText(_) => "git fsck --full".to_owned(),
            // The draft begins on its branch, not on this one.
            EventError::NoCommit(parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|path| shell_word(path.as_str())).collect();
                format!("git add -- {} && git commit -m \"Begin the pack\"", parts.join(" "))
            }
            EventError::Older { path, branch, .. } => {
                format!("git checkout {} -- {}", shell_word(branch), shell_word(path.as_str()))
            }
            EventError::Behind { remote, branch, is_checked_out: true } => {
                format!("git merge --ff-only {}", shell_word(&format!("{remote}/{branch}")))
            }
            EventError::Behind { remote, branch, is_checked_out: false } => {
                let (remote, branch) = (shell_word(remote), shell_word(branch));
                format!("git fetch {remote} {branch}:{branch}")
            }
            // A merge loses nothing of either; untracked files here are in nobody's way.
            EventError::Diverged { remote, branch, path, tree, beside } => {
                let word = |path: &Path| shell_word(&path.to_string_lossy());
                let theirs = shell_word(&format!("{remote}/{branch}"));
                let merge = |tree: &Path| format!("git -C {} merge --no-edit {theirs}", word(tree));
                match tree {
                    Some(tree) if tree.same.is_empty() => merge(&tree.root),
                    // Git merges nothing over files that it does not track; theirs are the same.
                    Some(tree) => {
                        let files =
                            tree.same.iter().map(|file| word(&tree.root.join(file.as_str())));
                        let files: Vec<String> = files.collect();
                        format!("rm {} && {}", files.join(" "), merge(&tree.root))
                    }
                    None => format!(
                        "git worktree add -q {tree} {} && {} && git worktree remove {tree} && secpack event open {}",
                        shell_word(branch),
                        merge(beside),
                        shell_word(path.as_str()),
                        tree = word(beside)
                    ),
                }
            }
            EventError::Clash { path, kind: Some(SeriesKind::Bulletin), is_signed, .. } => {
                let void = if *is_signed { " --void-signatures" } else { "" };
                format!("secpack bulletin renumber {}{void}", shell_word(path.as_str()))
            }
            EventError::Clash { path, branch, .. } => {
                format!("git show {}", shell_word(&format!("{branch}:{path}")))
            }
            EventError::NotOpen(path) => {
                format!("secpack event open {}", shell_word(path.as_str()))
            }
            EventError::NotComplete { document, .. } => {
                format!("secpack status {}", shell_word(document.as_str()))
            }
            EventError::CheckedOut { place: Some(place), instead, .. } => {
                format!("git -C {} checkout {instead}", shell_word(&place.to_string_lossy()))
            }
            // What was edited here may stand in the way of a branch; it never does without one.
            EventError::CheckedOut { place: None, instead, .. } if instead != "--detach" => {
                format!("git checkout {instead} || git checkout --detach")
            }
            EventError::CheckedOut { place: None, .. } => "git checkout --detach".to_owned(),
            EventError::BadReason => "secpack event close --help".to_owned(),
            EventError::Git(error) => return error.hint(),
            EventError::Audit(_) => return None,
        })
    }
}
