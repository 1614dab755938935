//! What to type when a release stops.

use super::Request;
use crate::commands::tag;
use crate::fault::word;
use crate::{Fault, signers, terminal};
use secpack_git::Error as GitError;
use secpack_pack::shell_word;
use secpack_release::{Kept, LockError, RunError};
use std::io::ErrorKind;

use super::unfinished::{ABORT, RESUME};

/// What the journal keeps, and the other way out of it.
const KEPT: &str = "what was done is kept, and taken back by: secpack release --abort";

/// The same for a push that somebody's rule refused.
const WAITS: &str = "what was done is kept; once it is let through: secpack release --resume";

/// The same for what another release does not mend.
const WHEN_MENDED: &str = "what was done is kept; once that is mended: secpack release --resume";

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
        RunError::CloneNotGood(remote, _) => {
            let branch = request.repository.head_branch().unwrap_or_default();
            let (remote, branch) = (shell_word(remote), shell_word(&branch));
            let fault = Fault::refused(error.to_string()).adding(WHEN_MENDED);
            fault.hint(format!("git ls-remote {remote} HEAD {branch}"))
        }
        RunError::Overtaken(..) => {
            Fault::refused(error.to_string()).adding(KEPT).hint(after_others(request))
        }
        RunError::NotPushed(_, source) if is_stale(source) => {
            let text = "it may be that pushes go to another place than that is read from";
            Fault::refused(error.to_string())
                .adding(text)
                .adding(WAITS)
                .hint("git remote --verbose")
        }
        RunError::Git(GitError::RefExists { .. }) => Fault::from(error).adding(WHEN_MENDED),
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
        RunError::Elsewhere(_) => {
            Fault::from(error).adding(WHEN_MENDED).hint("git remote --verbose")
        }
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

/// Somebody else was first: ours is taken back, and released again on top of theirs.
fn after_others(request: &Request) -> String {
    let journal = Kept::read(request.repository).ok().and_then(|kept| kept.journal);
    let before = journal.and_then(|journal| journal.before);
    secpack_release::after_others(request, before)
        .unwrap_or_else(|_| format!("git ls-remote {}", shell_word(request.remote())))
}

/// Where a look at the remote tells more than the same push again.
fn is_stale(error: &GitError) -> bool {
    matches!(error, GitError::PushRejected { rejected, .. }
        if rejected.iter().any(|line| line.contains("(stale info)") || line.contains("[stale info]")))
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
        LockError::Io(ref path, ref why) if why.kind() == ErrorKind::StorageFull => {
            let text = format!("df -h {}", word(path.parent().unwrap_or(path)));
            Fault::from(error).hint(text)
        }
        LockError::Io(ref path, _) => {
            let there = path.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok());
            let text = format!("ls -ld {}", word(there.unwrap_or(path)));
            Fault::from(error).hint(text)
        }
    }
}
