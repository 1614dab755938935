//! `secpack verify`: one summary that a newcomer understands, then only what is not good.

use crate::arguments::{Global, VerifyArgs};
use crate::session::load_policy;
use crate::terminal::Progress;
use crate::{Exit, Fault, output, terminal};
use secpack_audit::{Counts, Depth, Report, Request, verify};
use secpack_git::Repository;
use secpack_pack::{Finding, Fingerprint, Level};
use std::path::{Path, PathBuf};

pub fn run(global: &Global, arguments: &VerifyArgs) -> Result<Exit, Fault> {
    let path = place(global, arguments.path.as_deref())?;
    let depth = if arguments.history { Depth::History } else { Depth::Now };
    let report =
        report(global, &path, arguments.commit.as_deref(), arguments.anchor.clone(), depth)?;
    if global.json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(Exit::good_if(report.is_good()))
}

/// The pack to look at: the path, else `--pack`, else the current folder.
pub fn place(global: &Global, path: Option<&Path>) -> Result<PathBuf, Fault> {
    match path.or(global.pack.as_deref()) {
        Some(path) => Ok(path.to_owned()),
        None => terminal::current_folder(),
    }
}

/// Verifies the pack at `path`.
pub fn report(
    global: &Global,
    path: &Path,
    commit: Option<&str>,
    anchor: Option<Fingerprint>,
    depth: Depth,
) -> Result<Report, Fault> {
    let repository = Repository::open_for_reading(path).map_err(|error| {
        Fault::from(error).hint("name a clone or a bare repository: secpack verify PATH")
    })?;
    let snapshot = match (commit, repository.workdir()) {
        (Some(rev), _) => repository.snapshot(repository.resolve(rev)?)?,
        (None, Some(_)) => repository.work_tree()?,
        (None, None) => {
            let head = repository
                .head()?
                .ok_or_else(|| Fault::new(format!("{} has no commit yet", path.display())))?;
            repository.snapshot(head)?
        }
    };
    let (policy, policy_source) = load_policy(global.policy.as_deref(), &snapshot, path)?;
    let progress = Progress::start();
    let report = verify(Request {
        repository: &repository,
        snapshot,
        path: path.display().to_string(),
        policy,
        policy_source,
        anchor,
        now: terminal::now(global.now),
        depth,
        progress: &|stage| progress.stage(stage),
    })?;
    Ok(report)
}

/// The report for people.
pub fn print(report: &Report) {
    let commit =
        report.pack.commit.map_or("no commit".to_owned(), |c| format!("commit {}", c.short(12)));
    let files = if report.pack.work_tree { ", files on disk" } else { "" };
    let source = if report.policy.source == "pack" {
        "its own policy".to_owned()
    } else {
        secpack_pack::escape(&report.policy.source)
    };
    output::line(format!(
        "{}, {commit}{files}, judged by {source} (version {})",
        secpack_pack::escape(&report.policy.name),
        report.policy.version
    ));
    output::line("");
    row("documents", &report.summary.documents, "complete");
    row("signatures", &report.summary.signatures, "good");
    row("tags", &report.summary.tags, "good");
    row("keys", &report.summary.keys, "good");
    if let Some(history) = &report.summary.history {
        output::line(format!(
            "  history     {} commits, {} distinct pairs; at {} commits some signature does not match its text",
            history.commits, history.pairs, history.stale_commits
        ));
    }
    anchor(report);
    let tagged: Vec<&str> = report.head.tagged_by.iter().map(|m| m.as_str()).collect();
    let tagged = if tagged.is_empty() { "nobody".to_owned() } else { tagged.join(", ") };
    output::line(format!("  HEAD        tagged by {tagged}"));
    let accepted = report.summary.findings.get("accepted").copied().unwrap_or(0);
    if accepted > 0 {
        output::line(format!(
            "  accepted    {accepted} old findings, each with its reason in the policy"
        ));
    }
    output::line("");
    for finding in report.findings.iter().filter(|f| !f.accepted) {
        print_finding(finding);
    }
    let errors = report.summary.findings.get("error").copied().unwrap_or(0);
    if report.is_good() {
        output::line(format!(
            "{}: everything that the policy asks for is there",
            output::good("good")
        ));
    } else {
        let noun = if errors == 1 { "finding" } else { "findings" };
        output::line(format!(
            "{}: {errors} {noun} that the policy does not accept",
            output::bad("not good")
        ));
    }
}

fn anchor(report: &Report) {
    match report.anchor() {
        None => output::line(format!(
            "  anchor      {}; bring the master fingerprint from elsewhere: --anchor FINGERPRINT",
            output::doubtful("none given")
        )),
        Some(anchor) => match &anchor.root {
            Some(root) => {
                output::line(format!("  anchor      {} is the root \"{root}\"", anchor.fingerprint))
            }
            None => output::line(format!(
                "  anchor      {} {}",
                anchor.fingerprint,
                output::bad("is no root of this pack")
            )),
        },
    }
}

/// Counts on one line, the good ones first.
fn row(name: &str, counts: &Counts, first: &str) {
    let good = counts.get(first).copied().unwrap_or(0);
    let rest = counts.iter().filter(|(word, n)| **word != first && **n > 0);
    let parts: Vec<String> = std::iter::once(format!("{good} {first}"))
        .chain(rest.map(|(word, n)| format!("{n} {word}")))
        .collect();
    output::line(format!("  {name:<11} {}", parts.join(", ")));
}

/// One finding: where, what, and what to do.
pub fn print_finding(finding: &Finding) {
    let level = match finding.level {
        Level::Error => output::bad("error"),
        Level::Warning => output::doubtful("warning"),
    };
    let place = match (&finding.path, finding.line) {
        (path, Some(line)) => format!("{}:{line}: ", secpack_pack::escape(path)),
        (path, None) if path.is_empty() => String::new(),
        (path, None) => format!("{}: ", secpack_pack::escape(path)),
    };
    output::line(format!("{level}[{}] {place}{}", finding.rule, finding.text));
    if !finding.help.is_empty() {
        output::line(format!("  hint: {}", finding.help));
    }
}
