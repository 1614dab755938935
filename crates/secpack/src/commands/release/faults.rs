//! What to type when a release stops.

use super::Request;
use crate::commands::tag;
use crate::{Fault, signers, terminal};
use secpack_git::Error as GitError;
use secpack_release::{LockError, RunError};

use super::unfinished::RESUME;

/// What the journal keeps, and the other way out of it.
const KEPT: &str = "what was done is kept, and taken back by: secpack release --abort";

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
            let code = matches!(source, GitError::PushRejected { .. });
            let fault = if code {
                Fault::refused(error.to_string())
            } else {
                Fault::new(error.to_string())
            };
            fault.adding(KEPT).hint(RESUME)
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
        LockError::Held(_) => Fault::refused(format!("{error}; when it has ended"))
            .hint(terminal::typed().to_string()),
        LockError::Io(..) => Fault::from(error).hint("df -h . && ls -ld .git"),
    }
}
