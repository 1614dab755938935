//! `secpack release`: the plan first; with `--execute` the same plan is run.

use crate::arguments::{Global, ReleaseArgs};
use crate::session::Session;
use crate::{Exit, Fault, documents, keys, lint, output};
use secpack_audit::PolicySource;
use secpack_pack::{Document, Fingerprint, Pack, Reason};
use secpack_release::{
    Plan, Planned, Ready, Request, RunError, Stage, Standing, Step, Tools, execute, plan,
};

pub fn run(global: &Global, arguments: &ReleaseArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let member = keys::member(&arguments.signer)?;
    if let Some(anchor) = &arguments.anchor {
        check_anchor(&session, anchor)?;
    }
    let mut chosen: Vec<&Document> = Vec::new();
    let mut findings = Vec::new();
    for name in &arguments.documents {
        let document = documents::find(&session, name)?;
        findings.extend(lint::findings(&session, document));
        chosen.push(document);
    }
    let request = Request {
        repository: &session.repository,
        pack: &session.pack,
        documents: chosen,
        findings,
        member,
        remote: &arguments.remote,
        message: arguments.message.as_deref(),
    };
    let planned = plan(&authority, &request)?;
    if global.json {
        output::json(&planned)?;
    } else {
        print(&planned);
    }
    if planned.is_done() {
        output::note("everything is done already");
        return Ok(Exit::Good);
    }
    if let Some(obstacle) = planned.obstacle() {
        hint_for(obstacle);
        return Ok(Exit::NotGood);
    }
    if !arguments.execute {
        output::hint("add --execute to do it");
        return Ok(Exit::Good);
    }
    let tags =
        planned.steps.iter().any(|s| matches!(s.step, Step::Tag { .. }) && s.ready == Ready::Ready);
    let signer =
        if tags { Some(keys::open_signer_of(&session, &arguments.signer, member)?) } else { None };
    let policy_source = match &global.policy {
        Some(path) => PolicySource::File(path.display().to_string()),
        None => PolicySource::Pack,
    };
    let tools = Tools {
        signer,
        now: session.now,
        policy_source,
        anchor: arguments.anchor.clone(),
        tell: &|text| output::note(&format!("  {text}")),
    };
    execute(&authority, &request, &planned, tools).map_err(fault)?;
    output::note("released; every reader can check it: secpack verify CLONE --anchor FINGERPRINT");
    Ok(Exit::Good)
}

/// The verification before the push would fail for a wrong anchor, but only after the commit.
fn check_anchor(session: &Session, anchor: &Fingerprint) -> Result<(), Fault> {
    let roots = session.pack.policy.roots();
    if !roots.iter().any(|root| &root.fingerprint == anchor) {
        let known: Vec<&str> = roots.iter().map(|root| root.fingerprint.as_str()).collect();
        return Err(Fault::refused(format!("the anchor {anchor} is not a root of this pack"))
            .hint(format!("compare it with a copy from elsewhere; roots: {}", known.join(", "))));
    }
    if !session.gathered.keyring.contains(anchor) {
        return Err(Fault::refused(format!("the certificate of the anchor {anchor} is not here"))
            .hint("git status tells whether a file in keys is missing"));
    }
    Ok(())
}

fn fault(error: RunError) -> Fault {
    match error {
        RunError::NotGood(_) => {
            Fault::refused(error.to_string()).hint("secpack verify --commit HEAD")
        }
        RunError::Moved(_) => Fault::refused(error.to_string()).hint("run the command again"),
        RunError::NotReady | RunError::NoSigner => {
            Fault::new(error.to_string()).hint("add --key FILE")
        }
        RunError::Git(_) | RunError::Audit(_) | RunError::Tag(_) | RunError::Sign(_) => {
            Fault::from(error).hint("what was done is kept; run the command again to go on")
        }
    }
}

fn print(plan: &Plan) {
    for (index, planned) in plan.steps.iter().enumerate() {
        let (mark, notes) = match &planned.ready {
            Ready::Done => (output::good("done   "), Vec::new()),
            Ready::Ready => ("to do  ".to_owned(), Vec::new()),
            Ready::Waiting { commands, .. } => (output::doubtful("waiting"), commands.clone()),
            Ready::Blocked { reasons } => (output::bad("blocked"), reasons.clone()),
        };
        output::line(format!("{:>2}. {mark}  {}", index + 1, words(&planned.step)));
        for note in notes {
            output::line(format!("             {note}"));
        }
    }
}

fn words(step: &Step) -> String {
    match step {
        Step::Lint { path } => format!("check the text of {path}"),
        Step::Collect { path } => format!("have every signature of {path}"),
        Step::Commit { branch, paths, message } if paths.is_empty() => {
            format!("commit to {branch}: {}", secpack_pack::escape(message))
        }
        Step::Commit { branch, paths, message } => {
            format!("commit {} files to {branch}: {}", paths.len(), secpack_pack::escape(message))
        }
        Step::Tag { member } => format!("tag the commit as {member}"),
        Step::Verify => "verify the commit as a reader will".to_owned(),
        Step::Push { remote, branch } => {
            format!(
                "push {branch} and tags to {}, all or nothing; this cannot be undone",
                secpack_pack::escape(remote)
            )
        }
    }
}

fn hint_for(obstacle: &Planned) {
    match &obstacle.ready {
        Ready::Waiting { members, .. } => {
            let names: Vec<&str> = members.iter().map(|m| m.as_str()).collect();
            output::hint(&format!(
                "waiting for {}; take in what they send: secpack collect FROM",
                names.join(" and ")
            ));
        }
        Ready::Blocked { .. } => output::hint("mend what is blocked, then run the command again"),
        Ready::Done | Ready::Ready => {}
    }
}

/// What to type next for a document where it stands.
pub fn next_commands(pack: &Pack, document: &Document, place: &Standing) -> Vec<String> {
    let path = &document.path;
    match place.stage {
        Stage::Tagged => Vec::new(),
        Stage::Draft | Stage::Signing => place
            .tally
            .short_of
            .iter()
            .map(|member| format!("secpack sign {path} --as {member} --key FILE"))
            .collect(),
        Stage::Broken
            if place.tally.broken().all(|s| {
                pack.policy.accepted().iter().any(|a| {
                    let start = format!("{}:{}:", s.judged.verdict.reason, s.path);
                    a.ids.iter().any(|id| id.starts_with(&start))
                })
            }) =>
        {
            Vec::new()
        }
        Stage::Broken => place
            .tally
            .broken()
            .map(|s| match (s.judged.verdict.reason, &s.member) {
                (Reason::Stale | Reason::Bad, Some(member)) => {
                    format!("secpack sign {path} --as {member} --key FILE")
                }
                (reason, _) => format!("secpack explain {reason}"),
            })
            .collect(),
        Stage::Signed | Stage::Committed => {
            vec![format!("secpack release {path} --as MEMBER --key FILE --execute")]
        }
    }
}
