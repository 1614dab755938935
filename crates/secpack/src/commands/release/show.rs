//! The plan for people, or as JSON.

use crate::arguments::{Global, SignerArgs, With};
use crate::fault::word;
use crate::{Fault, output, terminal};
use secpack_pack::{MemberId, escape, shell_word};
use secpack_release::{Checked, Plan, Planned, Ready, RefChange, Step};

/// Shows a plan.
pub fn plan(global: &Global, plan: &Plan) -> Result<(), Fault> {
    if global.json {
        return output::json(plan);
    }
    checks(&plan.checks);
    for (index, planned) in plan.steps.iter().enumerate() {
        let (mark, notes) = marked(&planned.ready);
        output::line(format!("{:>2}. {mark}  {}", index + 1, words(&planned.step)));
        for note in notes {
            output::line(format!("             {note}"));
        }
    }
    Ok(())
}

/// What is well goes into one line.
fn checks(checks: &[Checked]) {
    let good = checks.iter().filter(|checked| checked.ready == Ready::Done);
    let good: Vec<&str> = good.map(|checked| checked.check.words()).collect();
    if !good.is_empty() {
        output::line(format!("    {}  look at {}", output::good("done   "), good.join(", ")));
    }
    for checked in checks.iter().filter(|checked| checked.ready != Ready::Done) {
        let (mark, notes) = marked(&checked.ready);
        output::line(format!("    {mark}  look at {}", checked.check.words()));
        for note in notes {
            output::line(format!("             {note}"));
        }
    }
}

fn marked(ready: &Ready) -> (String, Vec<String>) {
    match ready {
        Ready::Done => (output::good("done   "), Vec::new()),
        Ready::Ready => ("to do  ".to_owned(), Vec::new()),
        Ready::Waiting { commands, .. } => (output::doubtful("waiting"), commands.clone()),
        Ready::Blocked { reasons, .. } => (output::bad("blocked"), reasons.clone()),
    }
}

fn words(step: &Step) -> String {
    match step {
        Step::Lint { text } => format!("check the text of {}", text.path),
        Step::Collect { path, .. } => format!("have every signature of {path}"),
        Step::Commit { branch, files, message, .. } if files.is_empty() => {
            format!("commit to {branch}: {}", escape(message))
        }
        Step::Commit { branch, files, message, moves } => {
            let from = moves.from.map_or("nothing".to_owned(), |from| from.short(12));
            let message = escape(message);
            let files = match files.len() {
                1 => "1 file".to_owned(),
                several => format!("{several} files"),
            };
            format!("commit {files} to {branch} (on {from}): {message}")
        }
        Step::Tag { member, .. } => format!("tag the commit as {member}"),
        Step::Verify => "verify the commit from disk, in a process of its own".to_owned(),
        Step::Push { remote, branch, moves } => {
            let (branch, remote) = (escape(branch), escape(remote));
            let from = from_where(moves);
            format!(
                "push {branch} and tags to {remote}{from}, all or nothing; this cannot be undone"
            )
        }
        Step::Confirm { remote } => format!("verify a fresh clone of {}", escape(remote)),
        Step::Mirror { remote } => format!("give {} what the first remote has", escape(remote)),
    }
}

fn from_where(moves: &[RefChange]) -> String {
    let from = moves.first().and_then(|change| change.from);
    from.map_or_else(String::new, |from| format!(" (now at {})", from.short(12)))
}

/// What others sign is not waited for before what the remote has is here: it may be all of it.
pub fn first<'p>(plan: &'p Plan, obstacle: &'p Ready, signer: &SignerArgs) -> &'p Ready {
    let is_for_others =
        |members: &[MemberId]| !signer.member.as_ref().is_some_and(|own| members.contains(own));
    let waits = matches!(obstacle, Ready::Waiting { members, .. } if is_for_others(members));
    let mut pushes = plan.steps.iter().filter(|step| matches!(step.step, Step::Push { .. }));
    let blocked = |step: &&Planned| matches!(step.ready, Ready::Blocked { command: Some(_), .. });
    match pushes.find(blocked) {
        Some(push) if waits => &push.ready,
        _ => obstacle,
    }
}

/// What to do about an obstacle.
pub fn hint(obstacle: &Ready, remote: Option<&str>, signer: &SignerArgs) {
    let own = signer.member.as_ref();
    match obstacle {
        Ready::Waiting { members, commands } if own.is_some_and(|own| members.contains(own)) => {
            output::note("you have not signed it yet:");
            let at = members.iter().position(|member| Some(member) == own);
            let command = at.and_then(|at| commands.get(at)).map_or("secpack status", |c| c);
            output::hint(&with_key(command, signer));
        }
        Ready::Waiting { members, .. } => {
            let names: Vec<&str> = members.iter().map(|m| m.as_str()).collect();
            output::note(&format!(
                "waiting for {}; what they send by other ways: secpack collect FROM",
                names.join(" and ")
            ));
            output::hint(&match remote.map(shell_word) {
                Some(remote) => format!("git fetch {remote} && secpack collect {remote}"),
                None => "secpack status".to_owned(),
            });
        }
        Ready::Blocked { command: Some(command), .. } => {
            output::note(&format!("mend what is blocked, then: {}", terminal::typed()));
            output::hint(command);
        }
        Ready::Blocked { command: None, .. } => {
            output::note("mend what is blocked, then:");
            output::hint(&terminal::typed().to_string());
        }
        Ready::Done | Ready::Ready => {}
    }
}

/// The command that signs, with the key that was named for the tag.
fn with_key(command: &str, signer: &SignerArgs) -> String {
    let Some(bare) = command.strip_suffix(" --key FILE") else { return command.to_owned() };
    match (&signer.key, signer.with, &signer.program) {
        (Some(key), _, _) => format!("{bare} --key {}", word(key)),
        (None, Some(With::Agent), _) => format!("{bare} --with agent"),
        (None, Some(With::Request), _) => format!("{bare} --with request"),
        (None, _, Some(program)) => format!("{bare} --program {}", word(program)),
        (None, _, None) => command.to_owned(),
    }
}
