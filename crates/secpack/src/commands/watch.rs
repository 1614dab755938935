//! `secpack watch`: what changed since the reader looked last. Facts only; what they mean is for
//! people to say.

use crate::arguments::{Global, WatchArgs};
use crate::commands::explain;
use crate::commands::judge::{What, judge, no_commit, open};
use crate::commands::verify::{place, print_finding};
use crate::memory::Store;
use crate::terminal::{Progress, now, own_clock};
use crate::{Exit, Fault, output, terminal};
use secpack_audit::memory::{Change, changes, standing};
use secpack_audit::{CanaryReport, CanaryState, Depth, MemoryState, Report};
use secpack_git::{Error, Repository};
use secpack_pack::{Content, Finding, ObjectId};
use std::collections::BTreeMap;
use std::path::Path;

/// The remote that is followed.
const REMOTE: &str = "origin";
/// Branches may move anywhere, since the memory judges that; a tag that moves is an error.
const REFSPECS: [&str; 2] = ["+refs/heads/*:refs/remotes/origin/*", "refs/tags/*:refs/tags/*"];

/// The result, `secpack/watch/1`.
#[derive(serde::Serialize)]
struct Watch<'a> {
    schema: &'static str,
    result: &'static str,
    state: MemoryState,
    commit: Option<ObjectId>,
    seen_head: Option<ObjectId>,
    bulletins: usize,
    canaries: &'a [CanaryReport],
    facts: &'a [Change],
    findings: Vec<&'a Finding>,
}

pub fn run(global: &Global, arguments: &WatchArgs) -> Result<Exit, Fault> {
    let path = place(global, arguments.path.as_deref())?;
    let store = Store::open(&arguments.memory, &arguments.anchor)?;
    if arguments.fetch {
        fetch(&path)?;
    }
    let repository = open(&path)?;
    let commit = if arguments.fetch { tracked(&repository)? } else { newest(&repository)? };
    let commit = commit.ok_or_else(|| {
        let has_remote = repository.remotes().is_ok_and(|all| !all.is_empty());
        match has_remote && !arguments.fetch {
            true => Fault::new(format!("{} has no commit yet", path.display()))
                .hint(terminal::typed().with(&["--fetch"]).to_string()),
            false => no_commit(&path),
        }
    })?;
    let anchor = Some(arguments.anchor.clone());
    let what = What { path: &path, commit: Some(commit), anchor, depth: Depth::Now };
    let report = judge(global, &repository, what, Some(&store))?;
    let facts = facts(global, &repository, &store, &report);
    store.remember(&report, own_clock(global.now))?;
    let good = report.is_good() && !is_overdue(&report);
    tell(global, &report, &facts, Exit::good_if(good))
}

/// Fetches into the remote-tracking branches alone: neither HEAD nor any file moves.
fn fetch(path: &Path) -> Result<(), Fault> {
    let repository = Repository::open(path)?;
    let progress = Progress::start();
    progress.stage("fetching from origin");
    match repository.fetch(REMOTE, &REFSPECS) {
        Ok(()) => Ok(()),
        Err(error @ Error::Program { .. }) => match moved_tag(&repository)? {
            Some(name) => Err(moved(&name)),
            None => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// A tag that the remote has elsewhere than this repository. git refuses it without a word.
fn moved_tag(repository: &Repository) -> Result<Option<String>, Fault> {
    let here: BTreeMap<String, ObjectId> =
        repository.tags()?.into_iter().map(|tag| (tag.name, tag.target)).collect();
    let there = repository.remote_refs(REMOTE).unwrap_or_default();
    let moved = there.into_iter().find_map(|(name, target)| {
        let name = name.strip_prefix("refs/tags/")?;
        here.get(name).is_some_and(|known| *known != target).then(|| name.to_owned())
    });
    Ok(moved)
}

fn moved(name: &str) -> Fault {
    let name = secpack_pack::escape(name);
    Fault::refused(format!("{REMOTE} moved the tag {name}, which you have already"))
        .adding("a tag never moves; compare what it has with what another clone has:")
        .hint(format!("git ls-remote --tags {REMOTE}"))
}

/// The remote-tracking head: what `origin/HEAD` names, else the branch that HEAD is on.
fn tracked(repository: &Repository) -> Result<Option<ObjectId>, Fault> {
    let branch = repository.head_branch().unwrap_or_default();
    for name in ["HEAD", &branch, "main", "master"] {
        match repository.resolve(&format!("refs/remotes/{REMOTE}/{name}")) {
            Ok(commit) => return Ok(Some(commit)),
            Err(Error::NoSuchCommit { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// What is there: HEAD, or the remote-tracking head where that is ahead of it.
fn newest(repository: &Repository) -> Result<Option<ObjectId>, Fault> {
    match (repository.head()?, tracked(repository)?) {
        (Some(head), Some(tracked)) if repository.is_ancestor(head, tracked)? => Ok(Some(tracked)),
        (Some(head), _) => Ok(Some(head)),
        (None, tracked) => Ok(tracked),
    }
}

fn is_overdue(report: &Report) -> bool {
    report.canaries.iter().any(|canary| canary.state == CanaryState::Overdue)
}

fn facts(global: &Global, repository: &Repository, store: &Store, report: &Report) -> Vec<Change> {
    let Some(present) = &report.present else { return Vec::new() };
    let read = |id: ObjectId| match repository.read_blob(id).ok()? {
        Content::Bytes(bytes) => Some(bytes),
        Content::Absent | Content::TooLarge(_) => None,
    };
    let now = store.seen().map_or(now(global.now), |seen| seen.clock(now(global.now)));
    let changed = store.seen().map(|seen| changes(seen, present, &read)).unwrap_or_default();
    changed.into_iter().chain(standing(present, &report.canaries, now)).collect()
}

fn tell(global: &Global, report: &Report, facts: &[Change], exit: Exit) -> Result<Exit, Fault> {
    let findings: Vec<&Finding> = report.errors().collect();
    let bulletins = report.present.as_ref().map_or(0, |present| present.bulletins());
    if global.json {
        output::json(&Watch {
            schema: "secpack/watch/1",
            result: if exit == Exit::Good { "good" } else { "not-good" },
            state: report.memory.state,
            commit: report.pack.commit,
            seen_head: report.memory.seen_head,
            bulletins,
            canaries: &report.canaries,
            facts,
            findings,
        })?;
        return Ok(exit);
    }
    output::line(headline(report, bulletins));
    facts.iter().for_each(|fact| output::line(&fact.text));
    findings.iter().copied().for_each(print_finding);
    if exit == Exit::NotGood {
        // Being overdue is no finding.
        let codes = explain::codes(findings).into_iter().chain(["overdue"]);
        output::hint(&explain::more(codes));
    }
    Ok(exit)
}

/// Everything in one line; where nothing changed and nothing is due, the only one.
fn headline(report: &Report, bulletins: usize) -> String {
    let commit = report.pack.commit.map(|commit| commit.short(12)).unwrap_or_default();
    let seen = report.memory.seen_head.map(|seen| seen.short(12)).unwrap_or_default();
    let state = match report.memory.state {
        MemoryState::First => format!("first look: {commit}"),
        MemoryState::Advanced => format!("changed: {commit}, was {seen}"),
        MemoryState::Unchanged => format!("unchanged: {commit}"),
        MemoryState::Refused if seen.is_empty() => format!("{}: {commit}", output::bad("refused")),
        MemoryState::Refused => {
            format!("{}: {commit}, stays at {seen}", output::bad("refused"))
        }
        MemoryState::Off => commit,
    };
    if report.present.is_none() {
        return state;
    }
    let canaries = report.canaries.iter().map(|canary| {
        let due = canary.due.map(|due| format!(", next due by {due}")).unwrap_or_default();
        format!(", newest canary {}{due}", canary.name())
    });
    let noun = if bulletins == 1 { "bulletin" } else { "bulletins" };
    format!("{state}, {bulletins} {noun}{}", canaries.collect::<String>())
}
