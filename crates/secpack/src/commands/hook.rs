//! `secpack hook`: what Git hooks and CI refuse, and putting them in place.

mod install;

use crate::arguments::{Global, Hook, HookCommand, HookRunArgs, SentryArgs};
use crate::commands::embargo::{self, Watch};
use crate::session::{POLICY_FILE, Session, policy_of};
use crate::{Exit, Fault, output, terminal};
use secpack_git::Repository;
use secpack_pack::{Finding, Policy, escape};
use secpack_release::gate::{GateError, judge_push, judge_staged, parse_lines};
use serde::Serialize;
use std::io::Read;
use std::path::Path;

/// More refs than anybody pushes at once, in bytes.
const MAX_LINES: u64 = 1024 * 1024;

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    result: &'static str,
    findings: Vec<Finding>,
}

pub fn run(global: &Global, command: &HookCommand) -> Result<Exit, Fault> {
    match command {
        HookCommand::Install(arguments) => install::run(global, arguments),
        HookCommand::Run(arguments) => judge(global, arguments),
    }
}

/// The repository is opened for reading: nothing that it configures is run.
fn judge(global: &Global, arguments: &HookRunArgs) -> Result<Exit, Fault> {
    let start = match &global.pack {
        Some(path) => path.clone(),
        None => terminal::current_folder()?,
    };
    let repository = Repository::discover_for_reading(&start)?;
    let (policy, now) = (brought(global)?, terminal::now(global.now));
    let mut found = match arguments.hook {
        Hook::PreCommit => {
            let index = terminal::index_file();
            judge_staged(&repository, policy, index.as_deref(), now)
                .map_err(|error| fault(arguments.hook, error))?
        }
        Hook::PrePush => {
            let mut text = String::new();
            std::io::stdin().lock().take(MAX_LINES).read_to_string(&mut text)?;
            let lines = parse_lines(&text).map_err(|error| fault(arguments.hook, error))?;
            let remote = arguments.given.first().map_or("origin", String::as_str);
            judge_push(&repository, policy.as_ref(), remote, &lines, now)
                .map_err(|error| fault(arguments.hook, error))?
        }
    };
    found.extend(embargoed(global, &repository, &arguments.sentry)?);
    report(global, arguments.hook, found)
}

/// What is under embargo must be nowhere in a repository that somebody pushes from: what is in no
/// branch today is in one tomorrow. Without sealed drafts nothing is looked for.
fn embargoed(
    global: &Global,
    repository: &Repository,
    sentry: &SentryArgs,
) -> Result<Vec<Finding>, Fault> {
    let has_policy = |root: &Path| global.policy.is_some() || root.join(POLICY_FILE).is_file();
    if !repository.workdir().is_some_and(has_policy) {
        return Ok(Vec::new());
    }
    let searched = match embargo::watch(&Session::open(global)?, sentry, &[])? {
        Watch::Saw(searched) => searched,
        Watch::Blind => {
            return Err(Fault::refused(embargo::BLIND).hint("secpack hook install --identity FILE"));
        }
    };
    match searched.unseen.first() {
        Some(id) => Err(Fault::refused(format!("object {id} cannot be looked into"))
            .hint(format!("git cat-file -s {id}"))),
        None => Ok(searched.findings),
    }
}

fn report(global: &Global, hook: Hook, findings: Vec<Finding>) -> Result<Exit, Fault> {
    let is_good = findings.is_empty();
    let what = match hook {
        Hook::PreCommit => "commit",
        Hook::PrePush => "push",
    };
    if global.json {
        let result = if is_good { "good" } else { "not-good" };
        output::json(&Report { schema: "secpack/hook/1", result, findings })?;
        return Ok(Exit::good_if(is_good));
    }
    if !is_good {
        output::note(&format!("secpack: the {what} is refused; no reader would find it good"));
    }
    // Everything goes to stderr: standard output of a hook belongs to git.
    for (at, finding) in findings.iter().enumerate() {
        let text = escape(&finding.text);
        output::warning(&format!("{}: {text} [{}]", finding.path, finding.rule));
        // Where the same is to be done about all of them, it is said once.
        let said_again = findings.get(at + 1).is_some_and(|next| next.help == finding.help);
        if !finding.help.is_empty() && !said_again {
            output::hint(&finding.help);
        }
    }
    Ok(Exit::good_if(is_good))
}

fn brought(global: &Global) -> Result<Option<Policy>, Fault> {
    let Some(path) = &global.policy else { return Ok(None) };
    policy_of(path).map(Some)
}

fn fault(hook: Hook, error: GateError) -> Fault {
    match error {
        GateError::Policy(_) => {
            let at = if hook == Hook::PreCommit { "" } else { "HEAD" };
            Fault::new(error.to_string()).hint(format!("git show {at}:{POLICY_FILE} | cat -n"))
        }
        GateError::Line => Fault::new(error.to_string()).hint("man githooks"),
        GateError::Git(error) => Fault::from(error),
        GateError::Audit(error) => Fault::from(error),
    }
}
