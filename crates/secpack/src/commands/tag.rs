//! `secpack tag`: a signed tag of a commit, named and worded by the policy.

use super::requests;
use crate::arguments::{Global, TagArgs, With};
use crate::session::Session;
use crate::signers::{self, Approval};
use crate::{Exit, Fault, output, terminal};
use secpack_openpgp::Signer;
use secpack_pack::Reason;
use secpack_tag::{PlanError, TagPlan, judge_tag};

/// How much of a commit's id stands for the whole.
const SHORTEST: usize = 12;

/// It shows who tags, and how.
const POLICY: &str = "secpack policy show";

pub fn run(global: &Global, arguments: &TagArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let member = signers::member(&session, &arguments.signer)?;
    let commit = session.repository.resolve(&arguments.commit)?;
    let plan =
        secpack_tag::plan(&session.pack.policy, member, commit).map_err(|error| refusal(&error))?;
    let existing = session.repository.tags()?.into_iter().find(|tag| tag.name == plan.name);
    if let Some(existing) = existing {
        let verdict = judge_tag(&authority, &existing).judged.verdict;
        if verdict.is_good() {
            output::line(format!("{} is there already and good", plan.name));
            return Ok(Exit::Good);
        }
        let fault = format!("a tag {} stands there already ({})", plan.name, verdict.reason);
        // One that was good in its time is not taken away.
        return Err(Fault::refused(fault).hint(match verdict.reason {
            Reason::Missing | Reason::Bad | Reason::Malformed | Reason::WrongMember => {
                format!("git tag -d {} && {}", plan.name, terminal::typed())
            }
            reason => format!("secpack explain {reason}"),
        }));
    }
    secpack_tag::may_tag(&session.pack.policy, &plan, session.now)
        .map_err(|error| refusal(&error))?;
    show(&session, &plan)?;
    let tagger = session.repository.identity()?;
    if arguments.signer.with == Some(With::Request) {
        return requests::write_tag(&session, &plan, &tagger, &arguments.signer);
    }
    let mut signer = signers::open(&session, &arguments.signer, member)?;
    approve(&plan, arguments, &mut signer)?;
    let raw = secpack_tag::sign(&authority, &plan, &tagger, &mut signer, session.now)
        .map_err(|error| refusal(&error))?;
    session.repository.write_tag(&plan.name, &raw)?;
    verify_from_disk(&session, &authority, &plan)?;
    output::line(format!("tagged: {}", plan.name));
    output::hint(&format!("git push origin refs/tags/{}", plan.name));
    Ok(Exit::Good)
}

fn show(session: &Session, plan: &TagPlan) -> Result<(), Fault> {
    let commit = session.repository.commit(plan.commit)?;
    output::note(&format!("{} tags commit {}", plan.member, plan.commit));
    output::note(&format!("  {}", secpack_pack::escape(&commit.summary)));
    output::note(&format!("  as {}", plan.name));
    Ok(())
}

fn approve(plan: &TagPlan, arguments: &TagArgs, signer: &mut Signer) -> Result<(), Fault> {
    let id = plan.commit.to_string();
    let typed = terminal::typed().without("--yes").with(&["--yes", &id[..SHORTEST]]);
    let approval = match &arguments.yes {
        None => Approval::Wanted,
        Some(given) if given.len() >= SHORTEST && id.starts_with(given.as_str()) => Approval::Given,
        Some(_) => {
            return Err(Fault::refused(
                "--yes names another commit, or fewer than 12 of its digits",
            )
            .hint(typed.to_string()));
        }
    };
    signers::approve(signer, &arguments.signer, approval, "Sign this tag?", &typed.to_string())
}

/// What the signer could not do is not found out; what came back and is not good is refused.
pub fn refusal(error: &PlanError) -> Fault {
    let fault = match error {
        PlanError::Signer(_) => Fault::new(error.to_string()),
        PlanError::NotGood { .. }
        | PlanError::Pattern(_)
        | PlanError::Role(_)
        | PlanError::NotTheirKey(_, _) => Fault::refused(error.to_string()),
    };
    fault.hint(helps(error).unwrap_or_else(|| POLICY.to_owned()))
}

/// What helps, where something particular does.
fn helps(error: &PlanError) -> Option<String> {
    match error {
        PlanError::Signer(cause) => signers::failed(cause),
        PlanError::NotGood { verdict, .. } => Some(format!("secpack explain {}", verdict.reason)),
        PlanError::Pattern(_) | PlanError::Role(_) | PlanError::NotTheirKey(_, _) => {
            Some(POLICY.to_owned())
        }
    }
}

/// The same in the middle of a release, which can be taken up again.
pub fn refusal_in_release(error: &PlanError, resume: &str) -> Fault {
    refusal(error).hint(helps(error).unwrap_or_else(|| resume.to_owned()))
}

fn verify_from_disk(
    session: &Session,
    authority: &secpack_openpgp::Authority<'_>,
    plan: &TagPlan,
) -> Result<(), Fault> {
    let tags = session.repository.tags()?;
    let stored = tags.iter().find(|tag| tag.name == plan.name);
    let verdict = stored.map(|tag| judge_tag(authority, tag).judged.verdict);
    match verdict {
        Some(verdict) if verdict.is_good() => Ok(()),
        Some(verdict) => Err(Fault::refused(format!(
            "{} was written, but is {}: {}",
            plan.name, verdict.reason, verdict.detail
        ))
        .hint(format!("secpack explain {}", verdict.reason))),
        None => Err(Fault::new(format!("{} was written, but is not there", plan.name))
            .hint("git fsck --full")),
    }
}
