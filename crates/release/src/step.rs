//! A plan as data: the same values are printed, written as JSON, and run.

use crate::checks::Checked;
use secpack_pack::{MemberId, ObjectId, PackPath, shell_word};
use serde::Serialize;

/// What `--json` calls the form of a plan.
const SCHEMA: &str = "secpack/release-plan/1";

/// A file that a step reads, with the SHA-256 of the bytes that were judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// The file.
    pub path: PackPath,
    /// Lower-case hex digits.
    pub sha256: String,
}

/// A ref that a step moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefChange {
    /// The whole name; absent for a tag whose name follows from a commit that is not made yet.
    pub name: Option<String>,
    /// Where it is; absent when it does not exist.
    pub from: Option<ObjectId>,
    /// Where it goes; absent when that object is not made yet.
    pub to: Option<ObjectId>,
}

/// One step, as data: the same values are printed and executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum Step {
    /// The text holds no error.
    Lint {
        /// The document.
        #[serde(flatten)]
        text: Input,
    },
    /// Everyone who must sign did.
    Collect {
        /// The document.
        path: PackPath,
        /// The signatures that are there.
        signatures: Vec<Input>,
    },
    /// The files become a commit on the branch.
    Commit {
        /// The branch.
        branch: String,
        /// Where the branch is and goes.
        moves: RefChange,
        /// Files whose bytes HEAD does not have.
        files: Vec<Input>,
        /// The message.
        message: String,
    },
    /// A member signs a tag of that commit.
    Tag {
        /// Who.
        member: MemberId,
        /// The new ref.
        moves: RefChange,
    },
    /// The commit is verified from disk by another process that knows nothing of this one.
    Verify,
    /// Branch and tags go to the remote in one atomic push.
    Push {
        /// The remote.
        remote: String,
        /// The branch.
        branch: String,
        /// Every ref that moves there.
        moves: Vec<RefChange>,
    },
    /// A fresh clone of the remote is verified in the same way.
    Confirm {
        /// The remote.
        remote: String,
    },
    /// Another remote gets what the first one has.
    Mirror {
        /// The remote.
        remote: String,
    },
}

/// Whether and how a step can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// It changes nothing.
    Unneeded,
    /// `secpack release --abort` takes it back.
    Abort,
    /// Never: others may have seen it.
    Never,
}

impl Step {
    /// Whether and how it can be taken back.
    pub fn undo(&self) -> Undo {
        match self {
            Step::Lint { .. } | Step::Collect { .. } | Step::Verify | Step::Confirm { .. } => {
                Undo::Unneeded
            }
            Step::Commit { .. } | Step::Tag { .. } => Undo::Abort,
            Step::Push { .. } | Step::Mirror { .. } => Undo::Never,
        }
    }
}

/// Whether a step can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Ready {
    /// It is done already.
    Done,
    /// It will be done.
    Ready,
    /// Somebody else must do something first.
    Waiting {
        /// Who.
        members: Vec<MemberId>,
        /// What each must type.
        commands: Vec<String>,
    },
    /// It cannot be done as things are.
    Blocked {
        /// Why, one line each.
        reasons: Vec<String>,
        /// What to type about the first of them, where something is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
}

/// Why something cannot be done, and what to type about it.
#[derive(Debug, Clone)]
pub struct Why {
    text: String,
    command: Option<String>,
}

impl Why {
    /// A reason about which nothing particular is to be typed.
    pub(crate) fn alone(text: impl Into<String>) -> Self {
        Self { text: text.into(), command: None }
    }

    /// A reason, and beside it what to type.
    pub fn with(text: impl Into<String>, command: impl Into<String>) -> Self {
        Self { text: text.into(), command: Some(command.into()) }
    }

    /// A reason that ends in what to type.
    pub(crate) fn ending(text: &str, command: String) -> Self {
        Self { text: format!("{text}: {command}"), command: Some(command) }
    }
}

/// The commit of these files by stock git; none for no file.
pub fn commit_by_git<'p>(
    files: impl IntoIterator<Item = &'p PackPath>,
    message: &str,
) -> Option<String> {
    let words: Vec<String> = files.into_iter().map(|path| shell_word(path.as_str())).collect();
    let (files, message) = (words.join(" "), shell_word(message));
    let commit = || format!("git add -- {files} && git commit -m {message} -- {files}");
    (!words.is_empty()).then(commit)
}

impl Ready {
    /// Ready, unless there is a reason against it.
    pub(crate) fn unless(reasons: Vec<Why>) -> Self {
        if reasons.is_empty() { Ready::Ready } else { Ready::blocked(reasons) }
    }

    /// Blocked for these reasons.
    pub(crate) fn blocked(reasons: Vec<Why>) -> Self {
        let command = reasons.iter().find_map(|why| why.command.clone());
        Ready::Blocked { reasons: reasons.into_iter().map(|why| why.text).collect(), command }
    }

    fn is_obstacle(&self) -> bool {
        matches!(self, Ready::Waiting { .. } | Ready::Blocked { .. })
    }
}

/// A step and whether it can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// The step.
    #[serde(flatten)]
    pub step: Step,
    /// Whether it can run.
    #[serde(flatten)]
    pub ready: Ready,
    /// Whether and how it can be taken back.
    pub undo: Undo,
}

impl Planned {
    pub(crate) fn new(step: Step, ready: Ready) -> Self {
        Self { undo: step.undo(), step, ready }
    }
}

/// The ordered steps of a release, and what was looked at before the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    schema: &'static str,
    /// What must hold before anything is changed.
    pub checks: Vec<Checked>,
    /// The steps.
    pub steps: Vec<Planned>,
}

impl Plan {
    pub(crate) fn new(checks: Vec<Checked>, steps: Vec<Planned>) -> Self {
        Self { schema: SCHEMA, checks, steps }
    }

    /// What keeps the plan from running to its end, the first of it.
    pub fn obstacle(&self) -> Option<&Ready> {
        let checks = self.checks.iter().map(|checked| &checked.ready);
        checks.chain(self.steps.iter().map(|step| &step.ready)).find(|ready| ready.is_obstacle())
    }

    /// Whether everything that changes anything is done already.
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(|planned| match planned.step {
            Step::Lint { .. } | Step::Verify | Step::Confirm { .. } => true,
            Step::Collect { .. }
            | Step::Commit { .. }
            | Step::Tag { .. }
            | Step::Push { .. }
            | Step::Mirror { .. } => planned.ready == Ready::Done,
        })
    }
}
