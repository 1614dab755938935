//! Taking an unfinished release back, and clearing what a killed run left in the way.

use crate::journal::{Intent, Journal, JournalError, Kept};
use secpack_git::{Branch, RefName, Repository, TakenBack, blob_id};
use secpack_pack::{ObjectId, PackPath, escape};
use std::path::PathBuf;
use std::time::Duration;

/// A lock file of git that the killed run made came within this time after its last intent. A git
/// of somebody else that holds one for long, with an editor open for instance, is left alone.
const SPAN: Duration = Duration::from_secs(10);
/// The ref that follows a remote is moved when a push has ended, however long that took.
const SPAN_OF_PUSH: Duration = Duration::from_secs(24 * 60 * 60);

/// Why nothing is taken back.
#[derive(Debug, thiserror::Error)]
pub enum AbortError {
    /// There is nothing to take back.
    #[error("no release is unfinished here")]
    Nothing,
    /// The remote has it.
    #[error("{remote} has {1} already, so the release cannot be taken back", remote = escape(.0))]
    Published(String, String),
    /// Nobody knows whether the remote has it.
    #[error("nobody knows whether {} has it", escape(.0))]
    Unknown(String, #[source] secpack_git::Error),
    /// What the commit has was changed on disk since, and is nowhere else.
    #[error("{0} was changed since commit {commit}, which alone has what was signed", commit = .1.short(12))]
    OnlyThere(PackPath, ObjectId),
    /// The repository could not be read or written.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
    /// The journal could not be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Takes away lock files of git that a killed run of this release left. The release lock must be
/// held, so that run is known to be dead. Returns them.
///
/// # Errors
/// When the repository cannot be read or written.
pub fn clear(repository: &Repository, kept: &Kept) -> Result<Vec<PathBuf>, secpack_git::Error> {
    kept.sweep();
    let (Some(journal), Some(written)) = (&kept.journal, kept.written) else {
        return Ok(Vec::new());
    };
    let mut locks = repository.ref_locks(&journal.refs()?)?;
    locks.extend(repository.shared_locks()?);
    let mut removed = repository.remove_leftovers(locks, written, SPAN)?;
    for remote in &journal.remotes {
        removed.extend(clear_tracking(repository, kept, remote)?);
    }
    Ok(removed)
}

/// Takes away the lock of a ref that was just made here, when a failing disk kept it.
pub(crate) fn clear_made(
    repository: &Repository,
    kept: &Kept,
    made: &RefName,
) -> Result<(), secpack_git::Error> {
    let Some(written) = kept.written else { return Ok(()) };
    let locks = repository.ref_locks(std::slice::from_ref(made))?;
    repository.remove_leftovers(locks, written, SPAN).map(drop)
}

/// Takes away the lock of the ref that follows a remote, when a push that was killed left it.
pub(crate) fn clear_tracking(
    repository: &Repository,
    kept: &Kept,
    remote: &str,
) -> Result<Vec<PathBuf>, secpack_git::Error> {
    let (Some(journal), Some(written)) = (&kept.journal, kept.written) else {
        return Ok(Vec::new());
    };
    let tracking = format!("refs/remotes/{remote}/{}", journal.branch).parse::<RefName>()?;
    let locks = repository.ref_locks(&[tracking])?;
    repository.remove_leftovers(locks, written, SPAN_OF_PUSH)
}

/// Takes back what the release made here and the remote does not have: first the tag, then the
/// commit's place on the branch, then the index. Each only if it is still what the journal says.
/// Documents and signatures on disk stay.
///
/// # Errors
/// [`AbortError`]; then nothing was taken back, or doing it again goes on.
pub fn abort(repository: &Repository, kept: &mut Kept) -> Result<Aborted, AbortError> {
    let journal = kept.journal.clone().ok_or(AbortError::Nothing)?;
    check_unpublished(repository, &journal)?;
    check_kept(repository, &journal)?;
    kept.intend(Intent::Abort)?;
    let mut told = Aborted { told: Vec::new(), is_whole: true };
    for intent in &journal.intents {
        if let Intent::Tag { name, to } = intent {
            let taken = repository.take_back(&RefName::tag(name)?, *to, None)?;
            told.tell(&format!("tag {}", escape(name)), taken);
        }
    }
    let branch = RefName::branch(&journal.branch)?;
    for intent in &journal.intents {
        if let Intent::Commit { to, paths } = intent {
            let taken = repository.take_back(&branch, *to, journal.before)?;
            told.tell(&format!("commit {} on {}", to.short(12), journal.branch), taken);
            if taken != TakenBack::Elsewhere {
                repository.align_index(&branch, journal.before, paths)?;
            }
        }
    }
    kept.close()?;
    Ok(told)
}

/// What became of a release that was taken back.
#[derive(Debug)]
pub struct Aborted {
    /// A line for each thing that it had made.
    pub told: Vec<String>,
    /// Whether all of it is gone; else something was changed since, and left alone.
    pub is_whole: bool,
}

impl Aborted {
    fn tell(&mut self, what: &str, taken: TakenBack) {
        self.is_whole &= taken != TakenBack::Elsewhere;
        self.told.push(match taken {
            TakenBack::Now => format!("{what}: taken back"),
            TakenBack::Before => format!("{what}: was not there"),
            TakenBack::Elsewhere => format!("{what}: changed since, so it was left alone"),
        });
    }
}

/// A commit whose files are on disk no more as it has them goes only when another branch keeps it.
fn check_kept(repository: &Repository, journal: &Journal) -> Result<(), AbortError> {
    let branch = RefName::branch(&journal.branch)?;
    let root = repository.workdir().unwrap_or(repository.git_dir());
    for intent in &journal.intents {
        let Intent::Commit { to, paths } = intent else { continue };
        if repository.ref_at(&branch)? != Some(*to) {
            continue;
        }
        let is_kept = |other: &Branch| {
            let is_other = other.remote.is_some() || other.name != journal.branch;
            is_other && repository.is_ancestor(*to, other.tip).unwrap_or(false)
        };
        if repository.branch_list()?.iter().any(is_kept) {
            continue;
        }
        for path in paths {
            let here = std::fs::read(root.join(path.as_str())).ok();
            let here = here.map(|bytes| blob_id(&bytes)).transpose()?;
            if here != repository.blob_at(*to, path)? {
                return Err(AbortError::OnlyThere(path.clone(), *to));
            }
        }
    }
    Ok(())
}

/// Once a push began, only the remote can tell that it has nothing.
fn check_unpublished(repository: &Repository, journal: &Journal) -> Result<(), AbortError> {
    let remote = journal.remotes.first().cloned().unwrap_or_default();
    for intent in &journal.intents {
        let Intent::Push { refs } = intent else { continue };
        let unknown = |error| AbortError::Unknown(remote.clone(), error);
        let theirs = repository.remote_refs(&remote).map_err(unknown)?;
        if let Some((name, _)) = refs.iter().find(|moved| theirs.contains(moved)) {
            return Err(AbortError::Published(remote, escape(name)));
        }
        for (name, ours) in refs {
            let at = theirs.iter().find(|(n, _)| n == name).map(|(_, id)| *id);
            let Some(at) = at.filter(|_| name.starts_with("refs/heads/")) else { continue };
            if repository.commit(at).is_ok() && repository.is_ancestor(*ours, at)? {
                return Err(AbortError::Published(remote, escape(name)));
            }
        }
    }
    Ok(())
}
