//! What to type when a release stops.

use super::Request;
use crate::Fault;
use secpack_git::Error as GitError;
use secpack_release::{LockError, RunError};

const AGAIN: &str = "what was done is kept; go on: secpack release --resume, or take it back: secpack release --abort";

/// A release that stopped.
pub fn run(request: &Request<'_>, error: RunError) -> Fault {
    match &error {
        RunError::NotGood(_) => Fault::refused(error.to_string())
            .hint("secpack verify --commit HEAD; take it back: secpack release --abort"),
        RunError::Moved(_) => Fault::refused(error.to_string()).hint("run the command again"),
        RunError::NotReady | RunError::NoSigner => {
            Fault::new(error.to_string()).hint("add --key FILE")
        }
        RunError::CloneNotGood(..) => {
            Fault::refused(error.to_string()).hint("secpack release --resume looks again")
        }
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
            fault.hint(AGAIN)
        }
        RunError::Unverified(source) => Fault::new(format!("{error}: {source}")).hint(AGAIN),
        RunError::Tag(plan) => crate::commands::tag::refusal(plan).hint(AGAIN),
        RunError::Mixed(..)
        | RunError::Git(_)
        | RunError::Audit(_)
        | RunError::Journal(_)
        | RunError::Lock(_) => Fault::from(error).hint(AGAIN),
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
        LockError::Held(_) => Fault::refused(error.to_string())
            .hint("wait until it has ended, then run the command again"),
        LockError::Io(..) => Fault::from(error).hint("df -h . && ls -ld .git"),
    }
}
