//! Running the plan. What can be undone comes first, each effect after its intent is in the
//! journal; the push comes when another process has verified the commit from disk; then a fresh
//! clone is verified, and other remotes catch up.

use crate::abort::clear_made;
use crate::journal::{Intent, Journal, JournalError, Kept};
use crate::lock::{Lock, LockError};
use crate::plan::Request;
use crate::publish::{Mirrored, confirm, mirror, push};
use crate::step::{Input, Plan, Planned, Ready, Step};
use chrono::{DateTime, Utc};
use secpack_audit::AuditError;
use secpack_git::{CommitRequest, PreparedCommit, RefName};
use secpack_openpgp::{Authority, Signer};
use secpack_pack::policy::CommitSignatures;
use secpack_pack::{Content, ObjectId, PackPath, escape};
use std::path::Path;

/// Judges a commit of a repository in a process of its own; returns what is not good.
pub type Verifier<'a> = &'a dyn Fn(&Path, ObjectId) -> std::io::Result<Vec<String>>;

/// What running a plan needs beyond the plan itself.
pub struct Tools<'a> {
    /// Signs the tag; needed only when the plan has one to make.
    pub signer: Option<Signer>,
    /// The time taken for now.
    pub now: DateTime<Utc>,
    /// Verifies from disk.
    pub verify: Verifier<'a>,
    /// An empty folder for a fresh clone.
    pub scratch: &'a Path,
    /// Told one line as each step ends.
    pub tell: &'a dyn Fn(&str),
}

/// What keeps others away and remembers what is under way.
pub struct Guard<'a> {
    /// Held for as long as this runs.
    pub lock: &'a Lock,
    /// The journal that is there, if any.
    pub kept: &'a mut Kept,
    /// The journal to begin with otherwise.
    pub journal: Journal,
}

/// Why a release stopped. What was done before stays done and is found done the next time.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Some step waits or is blocked.
    #[error("the plan cannot run to its end")]
    NotReady,
    /// A tag or commit is to be signed and no key was given.
    #[error("a tag or commit is to be signed, and no key is named")]
    NoSigner,
    /// A file changed on disk after it was judged.
    #[error("{0} changed on disk while the release ran")]
    Moved(PackPath),
    /// The new commit does not verify; nothing was pushed.
    #[error("the commit does not verify, so nothing was pushed:\n{}", .0.join("\n"))]
    NotGood(Vec<String>),
    /// The process that verifies could not do so.
    #[error("nobody could verify the commit")]
    Unverified(#[source] std::io::Error),
    /// The remote has it, but a fresh clone is not good.
    #[error("{remote} has it, but a fresh clone does not verify:\n{}", .1.join("\n"), remote = escape(.0))]
    CloneNotGood(String, Vec<String>),
    /// Somebody else published meanwhile; nothing of this release is there.
    #[error("{remote} was pushed to meanwhile, so nothing of this release is there: {1}", remote = escape(.0))]
    Overtaken(String, String),
    /// The push failed; the remote has nothing of it.
    #[error("{remote} took nothing: {1}", remote = escape(.0))]
    NotPushed(String, #[source] secpack_git::Error),
    /// The remote does not have what the push said it took.
    #[error("{remote} does not have all of it: {1}", remote = escape(.0))]
    Mixed(String, String),
    /// The push was taken, and the remote has nothing of it.
    #[error("the push was taken, but {remote} has nothing of it: pushes go to another place than is read from", remote = escape(.0))]
    Elsewhere(String),
    /// The repository could not be read or written.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
    /// The repository could not be judged.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The tag could not be made.
    #[error(transparent)]
    Tag(#[from] secpack_tag::PlanError),
    /// The journal could not be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The lock could not be lent.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// Runs every step of a plan that has no obstacle. Returns what became of the other remotes; the
/// journal is closed when all of them have everything.
///
/// # Errors
/// [`RunError`].
pub fn execute(
    authority: &Authority<'_>,
    request: &Request<'_>,
    plan: &Plan,
    tools: Tools<'_>,
    guard: Guard<'_>,
) -> Result<Vec<Mirrored>, RunError> {
    if plan.obstacle().is_some() {
        return Err(RunError::NotReady);
    }
    let Guard { lock, kept, journal } = guard;
    kept.begin(of_request(journal, request)?)?;
    let mut run = Run { authority, request, tools, lock, kept };
    let mut mirrored = Vec::new();
    for planned in &plan.steps {
        mirrored.extend(run.step(planned)?);
    }
    if mirrored.iter().all(|mirror| mirror.fault.is_none()) {
        run.kept.close()?;
    }
    Ok(mirrored)
}

fn of_request(mut journal: Journal, request: &Request<'_>) -> Result<Journal, RunError> {
    journal.documents = request.documents.iter().map(|document| document.path.clone()).collect();
    journal.remotes = request.remotes.to_vec();
    journal.branch = request.repository.head_branch().ok_or(RunError::NotReady)?;
    journal.before = request.repository.head()?;
    Ok(journal)
}

/// What every step needs.
pub(crate) struct Run<'a> {
    pub(crate) authority: &'a Authority<'a>,
    pub(crate) request: &'a Request<'a>,
    pub(crate) tools: Tools<'a>,
    pub(crate) lock: &'a Lock,
    pub(crate) kept: &'a mut Kept,
}

impl Run<'_> {
    fn step(&mut self, planned: &Planned) -> Result<Option<Mirrored>, RunError> {
        let is_to_do = planned.ready == Ready::Ready;
        match &planned.step {
            Step::Lint { .. } | Step::Collect { .. } => {}
            Step::Commit { branch, files, message, .. } if is_to_do => {
                let commit = self.commit(branch, files, message)?;
                (self.tools.tell)(&format!("committed {} on {branch}", commit.short(12)));
            }
            Step::Commit { branch, .. } => self.align(branch)?,
            Step::Tag { .. } if is_to_do => {
                let name = self.tag()?;
                (self.tools.tell)(&format!("tagged {name}"));
            }
            Step::Tag { .. } => {}
            Step::Verify => {
                self.verify()?;
                (self.tools.tell)("verified the commit from the object database");
            }
            Step::Push { remote, branch, .. } => {
                if is_to_do {
                    push(self, remote, branch)?;
                    let told = format!("pushed {branch} and its tags to {remote} in one step");
                    (self.tools.tell)(&told);
                }
                self.kept.intend(Intent::Pushed)?;
            }
            Step::Confirm { remote } => {
                confirm(self, remote)?;
                (self.tools.tell)(&format!("verified a fresh clone of {remote}"));
            }
            Step::Mirror { remote } => return Ok(Some(mirror(self, remote))),
        }
        Ok(None)
    }

    /// The commit is stored and secured before the journal names it, and the journal names it
    /// before the branch goes there.
    fn commit(
        &mut self,
        branch: &str,
        files: &[Input],
        message: &str,
    ) -> Result<ObjectId, RunError> {
        let repository = self.request.repository;
        let paths: Vec<PackPath> = files.iter().map(|file| file.path.clone()).collect();
        let prepared = prepare(self.request, branch, &paths, message, self.tools.now)?;
        let armor = self.commit_signature(&prepared)?;
        let to = repository.seal_commit(&prepared, armor.as_deref())?;
        self.kept.intend(Intent::Commit { to, paths })?;
        repository.set_branch(&prepared, to)?;
        Ok(to)
    }

    /// Signed where the policy asks for signed commits.
    fn commit_signature(&mut self, prepared: &PreparedCommit) -> Result<Option<String>, RunError> {
        match self.request.pack.policy.tags().commit_signatures {
            CommitSignatures::None => Ok(None),
            CommitSignatures::Required => {
                let signer = self.tools.signer.as_mut().ok_or(RunError::NoSigner)?;
                let (payload, member) = (&prepared.payload, self.request.member);
                let now = self.tools.now;
                let armor = secpack_tag::sign_commit(self.authority, member, payload, signer, now)?;
                Ok(Some(String::from_utf8_lossy(&armor).into_owned()))
            }
        }
    }

    /// A run that was killed between branch and index left the index behind.
    fn align(&mut self, branch: &str) -> Result<(), RunError> {
        let Some(journal) = &self.kept.journal else { return Ok(()) };
        let repository = self.request.repository;
        let head = repository.head()?;
        for intent in &journal.intents {
            if let Intent::Commit { to, paths } = intent
                && head == Some(*to)
            {
                repository.align_index(&RefName::branch(branch)?, head, paths)?;
            }
        }
        Ok(())
    }

    fn tag(&mut self) -> Result<String, RunError> {
        let (authority, request) = (self.authority, self.request);
        let repository = request.repository;
        let head = repository.head()?.ok_or(RunError::NotReady)?;
        let plan = secpack_tag::plan(authority.policy.pack(), request.member, head)?;
        let signer = self.tools.signer.as_mut().ok_or(RunError::NoSigner)?;
        let identity = repository.identity()?;
        let raw = secpack_tag::sign(authority, &plan, &identity, signer, self.tools.now)?;
        let to = repository.seal_tag(&plan.name, &raw)?;
        self.kept.intend(Intent::Tag { name: plan.name.clone(), to })?;
        repository.write_tag(&plan.name, &raw)?;
        clear_made(repository, self.kept, &RefName::tag(&plan.name)?)?;
        Ok(plan.name)
    }

    /// Secures everything on disk, then has it judged by a process that shares nothing with us.
    fn verify(&self) -> Result<(), RunError> {
        let repository = self.request.repository;
        let head = repository.head()?.ok_or(RunError::NotReady)?;
        let tags: Vec<_> =
            repository.tags()?.into_iter().filter(|tag| tag.commit() == Some(head)).collect();
        let mut refs = vec![RefName::branch(&repository.head_branch().unwrap_or_default())?];
        for tag in &tags {
            refs.push(RefName::tag(&tag.name)?);
        }
        let ids: Vec<ObjectId> = tags.iter().map(|tag| tag.target).collect();
        repository.secure(head, &ids, &refs)?;
        let folder = repository.workdir().unwrap_or(repository.git_dir());
        let faults = (self.tools.verify)(folder, head).map_err(RunError::Unverified)?;
        if faults.is_empty() { Ok(()) } else { Err(RunError::NotGood(faults)) }
    }
}

/// Commits exactly the bytes that were judged, after comparing them with the disk once more.
fn prepare(
    request: &Request<'_>,
    branch: &str,
    paths: &[PackPath],
    message: &str,
    now: DateTime<Utc>,
) -> Result<PreparedCommit, RunError> {
    let repository = request.repository;
    let on_disk = repository.work_tree()?;
    let mut files = Vec::new();
    for path in paths {
        let judged = request.pack.file(path).ok_or_else(|| RunError::Moved(path.clone()))?;
        let now = on_disk.files.iter().find(|file| &file.path == path);
        let Content::Bytes(bytes) = &judged.content else {
            return Err(RunError::Moved(path.clone()));
        };
        if now.map(|file| file.id) != Some(judged.id) {
            return Err(RunError::Moved(path.clone()));
        }
        files.push((path.clone(), bytes.to_vec()));
    }
    Ok(repository.prepare_commit(&CommitRequest {
        branch,
        parent: repository.head()?,
        files: &files,
        removed: &[],
        message,
        author: &repository.identity()?,
        time: now,
    })?)
}
