//! Running the plan. Everything that can be undone comes first; the push comes last, right after
//! the commit was verified from the object database.

use crate::plan::Request;
use crate::publish::push;
use crate::step::{Plan, Ready, Step};
use chrono::{DateTime, Utc};
use secpack_audit::{AuditError, Depth, PolicySource, Report, verify};
use secpack_git::{CommitRequest, PreparedCommit};
use secpack_openpgp::{Authority, SignError, Signer};
use secpack_pack::policy::CommitSignatures;
use secpack_pack::{Content, Finding, Fingerprint, Level, ObjectId, PackPath};

/// What running a plan needs beyond the plan itself.
pub struct Tools<'a> {
    /// Signs the tag; needed only when the plan has one to make.
    pub signer: Option<Signer>,
    /// The time taken for now.
    pub now: DateTime<Utc>,
    /// Where the policy comes from.
    pub policy_source: PolicySource,
    /// What the verification before the push is anchored in.
    pub anchor: Option<Fingerprint>,
    /// Told one line as each step ends.
    pub tell: &'a dyn Fn(&str),
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
    /// The commit could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A file changed on disk after it was judged.
    #[error("{0} changed on disk while the release ran")]
    Moved(PackPath),
    /// The new commit does not verify; nothing was pushed.
    #[error("the commit does not verify, so nothing was pushed:\n{}", list(.0))]
    NotGood(Vec<Finding>),
    /// The repository could not be read or written.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
    /// The repository could not be judged.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The tag could not be made.
    #[error(transparent)]
    Tag(#[from] secpack_tag::PlanError),
}

fn list(findings: &[Finding]) -> String {
    let lines: Vec<String> =
        findings.iter().map(|f| format!("{}: {} [{}]", f.path, f.text, f.rule)).collect();
    lines.join("\n")
}

/// Runs every step of a plan that has no obstacle.
///
/// # Errors
/// [`RunError`].
pub fn execute(
    authority: &Authority<'_>,
    request: &Request<'_>,
    plan: &Plan,
    tools: Tools<'_>,
) -> Result<Report, RunError> {
    if plan.obstacle().is_some() {
        return Err(RunError::NotReady);
    }
    let mut signer = tools.signer;
    let mut report = None;
    for planned in &plan.steps {
        match &planned.step {
            Step::Lint { .. } | Step::Collect { .. } => {}
            Step::Commit { branch, paths, message } => {
                if planned.ready == Ready::Ready {
                    let prepared = prepare(request, branch, paths, message, tools.now)?;
                    let commit = finish(request, &prepared, signer.as_mut(), tools.now)?;
                    (tools.tell)(&format!("committed {} on {branch}", commit.short(12)));
                }
            }
            Step::Tag { .. } => {
                if planned.ready == Ready::Ready {
                    let signer = signer.as_mut().ok_or(RunError::NoSigner)?;
                    let name = tag(authority, request, signer, tools.now)?;
                    (tools.tell)(&format!("tagged {name}"));
                }
            }
            Step::Verify => {
                report =
                    Some(verified(request, &tools.policy_source, tools.anchor.clone(), tools.now)?);
                (tools.tell)("verified the commit from the object database");
            }
            Step::Push { remote, branch } => {
                if planned.ready == Ready::Ready {
                    push(authority, request, remote, branch)?;
                    (tools.tell)(&format!("pushed {branch} and its tags to {remote} in one step"));
                }
            }
        }
    }
    report.ok_or(RunError::NotReady)
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

/// Signed where the policy asks for signed commits.
fn finish(
    request: &Request<'_>,
    prepared: &PreparedCommit,
    signer: Option<&mut Signer>,
    now: DateTime<Utc>,
) -> Result<ObjectId, RunError> {
    let armor = match request.pack.policy.tags().commit_signatures {
        CommitSignatures::None => None,
        CommitSignatures::Required => {
            Some(signer.ok_or(RunError::NoSigner)?.sign(&prepared.payload, now)?)
        }
    };
    let armor = armor.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(request.repository.finish_commit(prepared, armor.as_deref())?)
}

fn tag(
    authority: &Authority<'_>,
    request: &Request<'_>,
    signer: &mut Signer,
    now: DateTime<Utc>,
) -> Result<String, RunError> {
    let repository = request.repository;
    let head = repository.head()?.ok_or(RunError::NotReady)?;
    let plan = secpack_tag::plan(authority.policy.pack(), request.member, head)?;
    let raw = secpack_tag::sign(authority, &plan, &repository.identity()?, signer, now)?;
    repository.write_tag(&plan.name, &raw)?;
    Ok(plan.name)
}

/// Judges HEAD as a reader of a fresh clone would: objects only, nothing from the work tree.
fn verified(
    request: &Request<'_>,
    policy_source: &PolicySource,
    anchor: Option<Fingerprint>,
    now: DateTime<Utc>,
) -> Result<Report, RunError> {
    let repository = request.repository;
    let head = repository.head()?.ok_or(RunError::NotReady)?;
    let report = verify(secpack_audit::Request {
        repository,
        snapshot: repository.snapshot(head)?,
        path: repository.git_dir().display().to_string(),
        policy: request.pack.policy.clone(),
        policy_source: policy_source.clone(),
        anchor,
        now,
        depth: Depth::Now,
        progress: &|_| {},
    })?;
    if report.is_good() {
        return Ok(report);
    }
    let failing = report.findings.iter().filter(|f| f.level == Level::Error && !f.accepted);
    Err(RunError::NotGood(failing.cloned().collect()))
}
