//! The plan: what a release will do, in order, and what it waits for. Whatever can be known to fail
//! is found here, before anything is changed.

use crate::precheck::{lacks_identity, left_out};
use crate::remote::push_ready;
use crate::standing::{Places, Stage, Standing};
use crate::step::{Plan, Planned, Ready, Step};
use secpack_audit::AuditError;
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{Document, Finding, Level, MemberId, ObjectId, Pack, PackPath};
use secpack_tag::judge_tag;

/// What is to be released.
pub struct Request<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The files on disk.
    pub pack: &'a Pack,
    /// The documents.
    pub documents: Vec<&'a Document>,
    /// Lint findings of each document.
    pub findings: Vec<Finding>,
    /// Who tags.
    pub member: &'a MemberId,
    /// The remote.
    pub remote: &'a str,
    /// The commit message; names the documents when absent.
    pub message: Option<&'a str>,
}

/// Why no plan can be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The repository could not be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
    /// HEAD is not on a branch.
    #[error("HEAD is on no branch, so there is nothing to commit to")]
    NoBranch,
}

/// Makes the plan. Nothing is changed.
///
/// # Errors
/// [`PlanError`].
pub fn plan(authority: &Authority<'_>, request: &Request<'_>) -> Result<Plan, PlanError> {
    let repository = request.repository;
    let branch = repository.head_branch().ok_or(PlanError::NoBranch)?;
    let head = repository.head()?;
    let places = Places::new(repository, authority, request.pack)?;
    let mut steps = Vec::new();
    let mut paths: Vec<PackPath> = Vec::new();
    for document in &request.documents {
        let place = places.of(document)?;
        steps.push(lint_step(request, document));
        steps.push(collect_step(document, &place));
        paths.extend(
            place.uncommitted.iter().filter(|p| !paths.contains(p)).cloned().collect::<Vec<_>>(),
        );
    }
    let committed = paths.is_empty();
    let message = request.message.map_or_else(|| default_message(request), str::to_owned);
    let nobody = lacks_identity(repository)?;
    steps.push(Planned {
        step: Step::Commit { branch: branch.clone(), paths, message },
        ready: commit_ready(request, head, committed, nobody.as_deref())?,
    });
    let tagged = committed && is_tagged_by(request, authority, head)?;
    steps.push(Planned {
        step: Step::Tag { member: request.member.clone() },
        ready: tag_ready(request, authority, tagged, nobody.as_deref()),
    });
    steps.push(Planned { step: Step::Verify, ready: Ready::Ready });
    let push = Step::Push { remote: request.remote.to_owned(), branch };
    let ready = push_ready(request, authority, head.filter(|_| tagged))?;
    steps.push(Planned { step: push, ready });
    Ok(Plan { steps })
}

fn lint_step(request: &Request<'_>, document: &Document) -> Planned {
    let errors = request.findings.iter().filter(|f| {
        f.level == Level::Error
            && f.path == document.path.as_str()
            && request.pack.policy.accepts(&f.id).is_none()
    });
    let reasons: Vec<String> = errors
        .map(|f| match f.line {
            Some(line) => format!("line {line}: {} [{}]", f.text, f.rule),
            None => format!("{} [{}]", f.text, f.rule),
        })
        .collect();
    let ready = if reasons.is_empty() { Ready::Done } else { Ready::Blocked { reasons } };
    Planned { step: Step::Lint { path: document.path.clone() }, ready }
}

fn collect_step(document: &Document, place: &Standing) -> Planned {
    let path = document.path.clone();
    let ready = match place.stage {
        Stage::Signed | Stage::Committed | Stage::Tagged => Ready::Done,
        Stage::Broken => Ready::Blocked {
            reasons: place
                .tally
                .broken()
                .map(|s| {
                    format!(
                        "{} is {}: {}",
                        s.path, s.judged.verdict.reason, s.judged.verdict.detail
                    )
                })
                .collect(),
        },
        Stage::Draft | Stage::Signing if place.tally.short_of.is_empty() => {
            Ready::Blocked { reasons: vec!["the policy names nobody who could sign it".to_owned()] }
        }
        Stage::Draft | Stage::Signing => Ready::Waiting {
            members: place.tally.short_of.clone(),
            commands: place
                .tally
                .short_of
                .iter()
                .map(|member| format!("secpack sign {path} --as {member} --key FILE"))
                .collect(),
        },
    };
    Planned { step: Step::Collect { path }, ready }
}

fn default_message(request: &Request<'_>) -> String {
    let labels: Vec<String> =
        request.documents.iter().map(|d| request.pack.policy.label_of(&d.id)).collect();
    labels.join(", ")
}

/// A reader judges the commit by the policy and keys in it, so these must be there before.
fn commit_ready(
    request: &Request<'_>,
    head: Option<ObjectId>,
    committed: bool,
    nobody: Option<&str>,
) -> Result<Ready, PlanError> {
    let mut reasons: Vec<String> = left_out(request, head)?.into_iter().collect();
    reasons.extend(nobody.filter(|_| !committed).map(str::to_owned));
    Ok(match (reasons.is_empty(), committed) {
        (false, _) => Ready::Blocked { reasons },
        (true, true) => Ready::Done,
        (true, false) => Ready::Ready,
    })
}

fn is_tagged_by(
    request: &Request<'_>,
    authority: &Authority<'_>,
    head: Option<ObjectId>,
) -> Result<bool, PlanError> {
    let Some(head) = head else { return Ok(false) };
    let tags = request.repository.tags()?;
    Ok(tags.iter().filter(|tag| tag.commit() == Some(head)).any(|tag| {
        let judged = judge_tag(authority, tag);
        judged.judged.verdict.is_good() && judged.member.as_ref() == Some(request.member)
    }))
}

fn tag_ready(
    request: &Request<'_>,
    authority: &Authority<'_>,
    tagged: bool,
    nobody: Option<&str>,
) -> Ready {
    let today = authority.policy.now().date_naive();
    let may = request.pack.policy.roster().may_tag(request.member, today);
    if tagged {
        return Ready::Done;
    }
    let role = format!("{} does not make tags (by the policy's roles)", request.member);
    let role = (!may).then_some(role);
    let reasons: Vec<String> = role.into_iter().chain(nobody.map(str::to_owned)).collect();
    if reasons.is_empty() { Ready::Ready } else { Ready::Blocked { reasons } }
}
