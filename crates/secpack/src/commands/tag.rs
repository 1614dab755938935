//! `secpack tag`: a signed tag of a commit, named and worded by the policy.

use crate::arguments::{Global, TagArgs};
use crate::session::Session;
use crate::{Exit, Fault, keys, output, terminal};
use secpack_tag::{TagPlan, judge_tag};

pub fn run(global: &Global, arguments: &TagArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let member = keys::member(&arguments.signer)?;
    let commit = session.repository.resolve(&arguments.commit)?;
    let plan = secpack_tag::plan(&session.pack.policy, member, commit)?;
    let existing = session.repository.tags()?.into_iter().find(|tag| tag.name == plan.name);
    if let Some(existing) = existing {
        let verdict = judge_tag(&authority, &existing).judged.verdict;
        if verdict.is_good() {
            output::line(format!("{} is there already and good", plan.name));
            return Ok(Exit::Good);
        }
        return Err(Fault::refused(format!(
            "a tag {} stands there already ({})",
            plan.name, verdict.reason
        ))
        .hint(format!("look at it: git show {}", plan.name)));
    }
    approve(&session, &plan, arguments)?;
    let mut signer = keys::open_signer(&arguments.signer, session.now)?;
    let tagger = session.repository.identity()?;
    let raw = secpack_tag::sign(&authority, &plan, &tagger, &mut signer, session.now).map_err(
        |error| Fault::refused(error.to_string()).hint("secpack policy show tells who tags"),
    )?;
    session.repository.write_tag(&plan.name, &raw)?;
    verify_from_disk(&session, &authority, &plan)?;
    output::line(format!("tagged: {}", plan.name));
    output::hint(&format!("git push origin refs/tags/{}", plan.name));
    Ok(Exit::Good)
}

fn approve(session: &Session, plan: &TagPlan, arguments: &TagArgs) -> Result<(), Fault> {
    let commit = session.repository.commit(plan.commit)?;
    let id = plan.commit.to_string();
    output::note(&format!("{} tags commit {id}", plan.member));
    output::note(&format!("  {}", secpack_pack::escape(&commit.summary)));
    output::note(&format!("  as {}", plan.name));
    let fits = |given: &String| given.len() >= 12 && id.starts_with(given.as_str());
    match &arguments.yes {
        Some(given) if fits(given) => Ok(()),
        Some(_) => {
            Err(Fault::refused("--yes names another commit, or fewer than 12 of its digits")
                .hint(format!("--yes {}", &id[..12])))
        }
        None => {
            if terminal::confirm("Sign this tag?", &format!("add --yes {}", &id[..12]))? {
                Ok(())
            } else {
                Err(Fault::refused("nothing was tagged"))
            }
        }
    }
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
        ))),
        None => Err(Fault::new(format!("{} was written, but is not there", plan.name))),
    }
}
