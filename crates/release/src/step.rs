//! A plan as data: the same values are printed, written as JSON, and run.

use secpack_pack::{MemberId, PackPath};
use serde::Serialize;

/// One step, as data: the same values are printed and executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum Step {
    /// The text holds no error.
    Lint {
        /// The document.
        path: PackPath,
    },
    /// Everyone who must sign did.
    Collect {
        /// The document.
        path: PackPath,
    },
    /// The files become a commit on the branch.
    Commit {
        /// The branch.
        branch: String,
        /// Files whose bytes HEAD does not have.
        paths: Vec<PackPath>,
        /// The message.
        message: String,
    },
    /// A member signs a tag of that commit.
    Tag {
        /// Who.
        member: MemberId,
    },
    /// The commit is verified from the object database as a reader would.
    Verify,
    /// Branch and tags go to the remote in one atomic push. This cannot be undone.
    Push {
        /// The remote.
        remote: String,
        /// The branch.
        branch: String,
    },
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
    },
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
}

/// The ordered steps of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Planned>,
}

impl Plan {
    /// The first step that keeps the plan from running to its end.
    pub fn obstacle(&self) -> Option<&Planned> {
        self.steps.iter().find(|s| matches!(s.ready, Ready::Waiting { .. } | Ready::Blocked { .. }))
    }

    /// Whether everything but the verification is done already.
    pub fn is_done(&self) -> bool {
        let done = |s: &Planned| s.ready == Ready::Done || s.step == Step::Verify;
        self.steps.iter().all(|s| match s.step {
            Step::Lint { .. } => true,
            Step::Collect { .. }
            | Step::Commit { .. }
            | Step::Tag { .. }
            | Step::Verify
            | Step::Push { .. } => done(s),
        })
    }
}
