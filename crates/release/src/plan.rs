//! The plan: what a release will do, in order, and what it waits for. Whatever can be known to fail
//! is found here, before anything is changed.

use crate::checks::checks;
use crate::precheck::{lacks_identity, left_out, secret_keys};
use crate::remote::{begun_there, mirror_steps, push_steps};
use crate::standing::{Places, Stage, Standing};
use crate::step::{Input, Plan, Planned, Ready, RefChange, Step, Why};
use chrono::{DateTime, Utc};
use secpack_audit::AuditError;
use secpack_git::{RefName, Repository};
use secpack_openpgp::Authority;
use secpack_pack::policy::SeriesKind;
use secpack_pack::{
    Content, Document, Finding, Level, MemberId, ObjectId, Pack, PackPath, escape, shell_word,
};
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
    /// The remotes: the first is the truth, the others follow it.
    pub remotes: &'a [String],
    /// The commit message; names the documents when absent.
    pub message: Option<&'a str>,
    /// The machine's own clock; `None` when the time was given by hand.
    pub clock: Option<DateTime<Utc>>,
    /// Why a document must not be published yet, one line each.
    pub embargoed: Vec<String>,
    /// Why no key of the member signs anything now, where that is so.
    pub keyless: Option<Why>,
}

impl Request<'_> {
    /// The remote that is the truth.
    pub fn remote(&self) -> &str {
        self.remotes.first().map_or("origin", String::as_str)
    }

    /// The message of the commit.
    pub fn message(&self) -> String {
        self.message.map_or_else(|| default_message(self), str::to_owned)
    }
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
        steps.push(collect_step(request, document, &place));
        paths.extend(
            place.uncommitted.iter().filter(|p| !paths.contains(p)).cloned().collect::<Vec<_>>(),
        );
    }
    let committed = paths.is_empty();
    let nobody = lacks_identity(repository)?;
    let ready = commit_ready(request, head, committed, nobody.as_ref())?;
    let made = head.filter(|_| committed);
    steps.push(Planned::new(commit_step(request, &branch, head, &paths), ready));
    let tagged = committed && is_tagged_by(request, authority, head)?;
    let mut ready = tag_ready(request, authority, tagged, nobody.as_ref());
    if let Some(why) = taken_here(request, made.filter(|_| !tagged))? {
        ready = Ready::blocked(vec![why]);
    }
    steps.push(Planned::new(tag_step(request, made), ready));
    steps.push(Planned::new(Step::Verify, Ready::Ready));
    steps.extend(push_steps(request, authority, &paths, (made, head.filter(|_| tagged)))?);
    steps.extend(mirror_steps(request)?);
    Ok(Plan::new(checks(request, &branch)?, steps))
}

/// A file with the digest of the bytes that were judged.
fn input(request: &Request<'_>, path: &PackPath) -> Input {
    let content = request.pack.file(path).map(|file| &file.content);
    let bytes: &[u8] = match content {
        Some(Content::Bytes(bytes)) => bytes,
        Some(_) | None => b"",
    };
    Input { path: path.clone(), sha256: secpack_signing::digest(bytes) }
}

fn commit_step(
    request: &Request<'_>,
    branch: &str,
    head: Option<ObjectId>,
    paths: &[PackPath],
) -> Step {
    let name = Some(format!("refs/heads/{branch}"));
    let to = head.filter(|_| paths.is_empty());
    Step::Commit {
        branch: branch.to_owned(),
        moves: RefChange { name, from: head, to },
        files: paths.iter().map(|path| input(request, path)).collect(),
        message: request.message(),
    }
}

fn tag_step(request: &Request<'_>, made: Option<ObjectId>) -> Step {
    Step::Tag {
        member: request.member.clone(),
        moves: RefChange { name: tag_name(request, made), from: None, to: None },
    }
}

/// The name that the tag gets, once its commit is made.
pub(crate) fn tag_name(request: &Request<'_>, made: Option<ObjectId>) -> Option<String> {
    let plan = secpack_tag::plan(&request.pack.policy, request.member, made?).ok()?;
    Some(format!("refs/tags/{}", plan.name))
}

/// Why the tag cannot be made: one of its name is here, and no good one of that member.
fn taken_here(request: &Request<'_>, made: Option<ObjectId>) -> Result<Option<Why>, PlanError> {
    let Some(name) = tag_name(request, made) else { return Ok(None) };
    let Ok(own) = name.parse::<RefName>() else { return Ok(None) };
    if request.repository.ref_at(&own)?.is_none() {
        return Ok(None);
    }
    let text = format!("there is another {} already; look at it", escape(&name));
    Ok(Some(Why::ending(&text, format!("git show {}", shell_word(&name)))))
}

fn lint_step(request: &Request<'_>, document: &Document) -> Planned {
    let errors = request.findings.iter().filter(|f| {
        f.level == Level::Error
            && f.path == document.path.as_str()
            && request.pack.policy.accepts(&f.id).is_none()
    });
    let canary = request.pack.policy.find_series(&document.id.series);
    let canary = canary.is_some_and(|series| series.kind == SeriesKind::Canary);
    let room = if canary { "canary" } else { "bulletin" };
    let command = format!("secpack {room} lint {}", shell_word(document.path.as_str()));
    let reasons: Vec<Why> = errors
        .map(|f| match f.line {
            Some(line) => format!("line {line}: {} [{}]", f.text, f.rule),
            None => format!("{} [{}]", f.text, f.rule),
        })
        .map(|text| Why::with(text, command.clone()))
        .collect();
    let ready = if reasons.is_empty() { Ready::Done } else { Ready::blocked(reasons) };
    Planned::new(Step::Lint { text: input(request, &document.path) }, ready)
}

fn collect_step(request: &Request<'_>, document: &Document, place: &Standing) -> Planned {
    let path = document.path.clone();
    let ready = match place.stage {
        Stage::Signed | Stage::Committed | Stage::Tagged => Ready::Done,
        Stage::Broken => Ready::blocked(
            place
                .tally
                .broken()
                .map(|s| {
                    let verdict = &s.judged.verdict;
                    let text = format!("{} is {}: {}", s.path, verdict.reason, verdict.detail);
                    Why::with(text, format!("secpack status {}", shell_word(path.as_str())))
                })
                .collect(),
        ),
        Stage::Draft | Stage::Signing if place.tally.short_of.is_empty() => {
            let text = "the policy names nobody who could sign it";
            Ready::blocked(vec![Why::with(text, "secpack policy show")])
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
    let signatures = request.pack.signatures_of(&path);
    let signatures = signatures.map(|file| input(request, &file.path)).collect();
    Planned::new(Step::Collect { path, signatures }, ready)
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
    nobody: Option<&Why>,
) -> Result<Ready, PlanError> {
    let mut reasons = secret_keys(request, head)?;
    reasons.extend(begun_there(request).filter(|_| head.is_none()));
    reasons.extend(left_out(request, head)?);
    reasons.extend(nobody.filter(|_| !committed).cloned());
    Ok(match (reasons.is_empty(), committed) {
        (false, _) => Ready::blocked(reasons),
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
    nobody: Option<&Why>,
) -> Ready {
    let today = authority.policy.now().date_naive();
    let may = request.pack.policy.roster().may_tag(request.member, today);
    if tagged {
        return Ready::Done;
    }
    let role = format!("{} does not make tags (by the policy's roles)", request.member);
    let role = (!may).then(|| Why::with(role, "secpack policy show"));
    let keyless = request.keyless.clone().filter(|_| may);
    let reasons: Vec<Why> = role.into_iter().chain(keyless).chain(nobody.cloned()).collect();
    Ready::unless(reasons)
}
