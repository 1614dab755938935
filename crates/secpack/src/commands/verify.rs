//! `secpack verify`: one summary that a newcomer understands, then only what is not good.

use crate::arguments::{Global, VerifyArgs};
use crate::commands::files::{self, Chosen};
use crate::commands::judge::{What, judge, open};
use crate::commands::{announcement, explain, history, iso};
use crate::memory::Store;
use crate::{Exit, Fault, output, terminal};
use secpack_audit::{Counts, Depth, MemoryState, Report};
use secpack_git::Repository;
use secpack_pack::{Finding, Level, Reason};
use std::path::{Path, PathBuf};

pub fn run(global: &Global, arguments: &VerifyArgs) -> Result<Exit, Fault> {
    let chosen = files::chosen(&arguments.paths)?;
    let path = match (&arguments.single.announcement, &arguments.single.iso, chosen) {
        (Some(file), _, _) => return announcement::run(global, arguments, file),
        (None, Some(image), Chosen::Pack(pack)) => {
            return iso::run(global, arguments, image, pack);
        }
        (None, None, Chosen::Files(paths)) => return files::run(global, arguments, paths),
        (None, Some(_), Chosen::Files(_)) => {
            return Err(Fault::new("an image is compared with a pack, and no pack is named")
                .hint("secpack verify --iso IMAGE PACK"));
        }
        (None, None, Chosen::Pack(path)) => place(global, path)?,
    };
    let depth = if arguments.history { Depth::History } else { Depth::Now };
    let store = match &arguments.anchor {
        Some(anchor) if !arguments.no_memory => Some(Store::open(&arguments.memory, anchor)?),
        Some(_) | None => None,
    };
    let repository = open(&path)?;
    let commit = arguments.commit.as_deref().map(|rev| repository.resolve(rev)).transpose()?;
    let what = What { path: &path, commit, anchor: arguments.anchor.clone(), depth };
    let report = match &store {
        None => judge(global, &repository, what, None)?,
        Some(store) => recall(global, &repository, what, store)?,
    };
    if global.json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(Exit::good_if(report.is_good()))
}

/// Verifies with the memory at hand. A commit that was named is compared, but not remembered:
/// only HEAD is what the pack says today.
fn recall(
    global: &Global,
    repository: &Repository,
    what: What<'_>,
    store: &Store,
) -> Result<Report, Fault> {
    let named = what.commit.is_some();
    let mut report = judge(global, repository, what, Some(store))?;
    if !named {
        store.remember(&report, terminal::own_clock(global.now))?;
        return Ok(report);
    }
    report.memory.state = match report.memory.state {
        MemoryState::First | MemoryState::Off => MemoryState::Off,
        MemoryState::Advanced | MemoryState::Unchanged => MemoryState::Unchanged,
        MemoryState::Refused => MemoryState::Refused,
    };
    Ok(report)
}

/// The pack to look at: the path, else `--pack`, else the current folder.
pub fn place(global: &Global, path: Option<&Path>) -> Result<PathBuf, Fault> {
    if let Some(path) = path {
        terminal::looks_at(path);
    }
    match path.or(global.pack.as_deref()) {
        Some(path) => Ok(path.to_owned()),
        None => {
            let here = terminal::current_folder()?;
            let around = Repository::discover_for_reading(&here).ok();
            let root = around.and_then(|pack| pack.workdir().map(Path::to_owned));
            Ok(root.unwrap_or(here))
        }
    }
}

/// The report for people.
pub fn print(report: &Report) {
    let commit =
        report.pack.commit.map_or("no commit".to_owned(), |c| format!("commit {}", c.short(12)));
    let files = if report.pack.work_tree { ", files on disk" } else { "" };
    let version = report.policy.version;
    let judged = match report.policy.source.as_str() {
        "memory" => "not judged any further".to_owned(),
        "pack" => format!("judged by its own policy (version {version})"),
        file => format!("judged by {} (version {version})", secpack_pack::escape(file)),
    };
    let name = secpack_pack::escape(&report.policy.name);
    output::line(format!("{name}, {commit}{files}, {judged}"));
    if report.policy.source == "memory" {
        return print_outcome(report);
    }
    row("documents", &report.summary.documents, "complete");
    row("signatures", &report.summary.signatures, "good");
    row("tags", &report.summary.tags, "good");
    row("keys", &report.summary.keys, "good");
    history::print(report);
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
    remembered(report);
    output::line("");
    print_outcome(report);
}

/// What is not good, and the last line.
fn print_outcome(report: &Report) {
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
        output::hint(&explain::more(explain::codes(&report.findings)));
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

/// What the reader's memory says; without an anchor there is none to speak of.
fn remembered(report: &Report) {
    if report.anchor().is_none() {
        return;
    }
    let seen = report.memory.seen_head.map(|head| head.short(12));
    let text = match (report.memory.state, seen) {
        (MemoryState::First, _) => "first look; remembered from now on".to_owned(),
        (MemoryState::Unchanged, Some(seen)) => format!("commit {seen} was seen before"),
        (MemoryState::Advanced, Some(seen)) => format!("moved on from commit {seen}"),
        (MemoryState::Refused, Some(seen)) => format!("refused; stays at commit {seen}"),
        (MemoryState::Refused, None) => "refused; nothing is remembered".to_owned(),
        (MemoryState::Off | MemoryState::Unchanged | MemoryState::Advanced, _) => {
            "off; a rollback would go unnoticed".to_owned()
        }
    };
    output::line(format!("  memory      {text}"));
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
    if let Some(help) = help(finding) {
        output::line(format!("  help: {help}"));
    }
}

/// Codes besides those of verdicts that have a section of their own in docs/verdicts.md.
const DOCUMENTED: [&str; 20] = [
    "anchor",
    "backdated",
    "before-block",
    "block-header",
    "block-old",
    "differs",
    "digest-mismatch",
    "evidence-block",
    "evidence-date",
    "evidence-headlines",
    "evidence-unreadable",
    "feed-digest",
    "harmful-path",
    "no-document",
    "policy-rolled-back",
    "policy-unsigned",
    "policy-version",
    "rolled-back",
    "signed-before-proof",
    "vanished",
];

/// What to do. Where that is no command, it ends in what the documentation says of the code.
fn help(finding: &Finding) -> Option<String> {
    let rule = finding.rule.as_str();
    let has_page = Reason::ALL.iter().any(|r| r.code() == rule) || DOCUMENTED.contains(&rule);
    let page = Some(format!("see docs/verdicts.md#{rule}"))
        .filter(|_| has_page && finding.level == Level::Error);
    let is_command = ["secpack ", "git ", "gpg "].iter().any(|c| finding.help.contains(c));
    match (finding.help.as_str(), page) {
        ("", page) => page,
        (help, Some(page)) if !is_command => Some(format!("{help}; {page}")),
        (help, _) => Some(help.to_owned()),
    }
    .map(|help| match ["secpack ", "git "].iter().any(|program| help.starts_with(program)) {
        true => terminal::here().fit(&help),
        false => help,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_is_linked_has_its_section() {
        let page = include_str!("../../../../docs/verdicts.md");
        for code in DOCUMENTED {
            assert!(page.contains(&format!("\n## {code}\n")), "docs/verdicts.md lacks {code}");
        }
    }
}
