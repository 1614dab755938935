//! What to type when a release stops.

use super::Request;
use crate::commands::tag;
use crate::{Fault, signers, terminal};
use secpack_git::Error as GitError;
use secpack_release::{LockError, RunError};

use super::unfinished::{ABORT, RESUME};

/// What the journal keeps, and the other way out of it.
const KEPT: &str = "what was done is kept, and taken back by: secpack release --abort";

/// The same for a push that somebody's rule refused.
const WAITS: &str = "what was done is kept; once it is let through: secpack release --resume";

/// What a remote that dropped a part of it leaves.
const PARTLY_OUT: &str = "what is out stays; taking up the release again adds the rest";

/// A release that stopped.
pub fn run(request: &Request<'_>, error: RunError) -> Fault {
    match &error {
        RunError::NotGood(_) => {
            Fault::refused(error.to_string()).adding(KEPT).hint("secpack verify --commit HEAD")
        }
        RunError::Moved(_) | RunError::NotReady => {
            Fault::refused(error.to_string()).hint(terminal::typed().to_string())
        }
        RunError::NoSigner => Fault::new(error.to_string()).hint(signers::by_agent()),
        RunError::CloneNotGood(..) => Fault::refused(error.to_string()).hint(RESUME),
        RunError::Overtaken(remote, _) => {
            Fault::refused(error.to_string()).hint(after_others(request, remote))
        }
        RunError::NotPushed(_, source) => {
            let fault = match is_refusal(source) {
                true => Fault::refused(error.to_string()),
                false => return Fault::new(error.to_string()).adding(KEPT).hint(RESUME),
            };
            // Until something else changes, the same push is refused again.
            fault.adding(WAITS).hint(ABORT)
        }
        RunError::Unverified(source) => {
            Fault::new(format!("{error}: {source}")).adding(KEPT).hint(RESUME)
        }
        RunError::Tag(plan) => tag::refusal_in_release(plan, RESUME).adding(KEPT),
        RunError::Mixed(..) => Fault::from(error).adding(PARTLY_OUT).hint(RESUME),
        RunError::Git(_) | RunError::Audit(_) | RunError::Journal(_) | RunError::Lock(_) => {
            Fault::from(error).adding(KEPT).hint(RESUME)
        }
    }
}

/// Whether a rule of the remote or the team's own hook said no. Git says `fatal:` where a remote is
/// not to be reached.
fn is_refusal(error: &GitError) -> bool {
    match error {
        GitError::PushRejected { .. } => true,
        GitError::Program { stderr, .. } => !stderr.lines().any(|line| line.starts_with("fatal:")),
        _ => false,
    }
}

/// Somebody else was first. When they published the same documents, theirs are taken as they are;
/// else ours are taken back, and released again on top of theirs.
fn after_others(request: &Request<'_>, remote: &str) -> String {
    let branch = request.repository.head_branch().unwrap_or_default();
    let theirs = format!("{remote}/{branch}");
    let has = |commit| {
        request.documents.iter().any(|document| {
            request.repository.blob_at(commit, &document.path).is_ok_and(|blob| blob.is_some())
        })
    };
    if request.repository.resolve(&theirs).is_ok_and(has) {
        return format!("git reset --keep {theirs} && secpack release --abort");
    }
    format!("secpack release --abort && git pull --ff-only {remote} {branch}")
}

/// A lock that is not to be had.
pub fn lock(error: LockError) -> Fault {
    match error {
        LockError::Held(ref holder) => {
            let fault = Fault::refused(error.to_string());
            let fault = fault.adding(&format!("when it has ended: {}", terminal::typed()));
            // A push may outlive the process that began it.
            let runs = holder.as_ref().filter(|holder| terminal::runs_here(holder));
            fault.hint(match runs {
                Some(holder) => format!("ps -f -p {}", holder.pid),
                None => terminal::typed().to_string(),
            })
        }
        LockError::Io(..) => Fault::from(error).hint("df -h . && ls -ld .git"),
    }
}
