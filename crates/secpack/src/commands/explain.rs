//! `secpack explain`: why a verdict is what it is, and what to do.

mod words;

use crate::arguments::{ExplainArgs, Global};
use crate::commands::judge::{What, judge, open};
use crate::commands::verify;
use crate::session::load_policy;
use crate::{Exit, Fault, output};
use secpack_audit::{Depth, Report};
use secpack_git::{Repository, Snapshot};
use secpack_pack::{Finding, Fingerprint, Level, MemberId, Policy, Reason, escape};
use std::path::Path;

pub fn run(global: &Global, arguments: &ExplainArgs) -> Result<Exit, Fault> {
    if let Some(reason) = Reason::ALL.into_iter().find(|r| r.code() == arguments.id) {
        explain(reason);
        return Ok(Exit::Good);
    }
    if let Some(section) = words::section(&arguments.id) {
        output::line(section);
        return Ok(Exit::Good);
    }
    let path = verify::place(global, arguments.path.as_deref())?;
    let repository = open(&path)?;
    let what = What { path: &path, commit: None, anchor: None, depth: Depth::Now };
    let report = judge(global, &repository, what, None)?;
    let policy = policy(global, &repository, &path)?;
    let findings: Vec<&Finding> =
        report.findings.iter().filter(|f| f.id.starts_with(&arguments.id)).collect();
    for finding in &findings {
        print_finding(&report, &policy, finding);
    }
    let places = places(&report);
    let places: Vec<&Place> = places.iter().filter(|p| p.is_named(&arguments.id)).collect();
    if findings.is_empty() {
        places.iter().for_each(|place| print_place(&report, place));
    }
    if findings.is_empty() && places.is_empty() {
        let shown = escape(&arguments.id);
        return Err(Fault::refused(format!("nothing here is called {shown}"))
            .adding(
                "it takes the id of a finding, a signature file, a tag or a reason; all of them:",
            )
            .hint("secpack verify --json"));
    }
    Ok(Exit::Good)
}

/// What tells more about the first of these codes that has more to be told.
pub fn more<'c>(codes: impl IntoIterator<Item = &'c str>) -> String {
    more_or(codes, "secpack explain --help")
}

/// The same with another command where there is none.
pub fn more_or<'c>(codes: impl IntoIterator<Item = &'c str>, other: &str) -> String {
    let is_known = |code: &&str| {
        Reason::ALL.into_iter().any(|reason| reason.code() == *code)
            || words::section(code).is_some()
    };
    match codes.into_iter().find(is_known) {
        Some(code) => format!("secpack explain {code}"),
        None => other.to_owned(),
    }
}

/// The codes of findings that nobody accepted, errors first.
pub fn codes<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<&'f str> {
    let mut open: Vec<&Finding> = findings.into_iter().filter(|f| !f.accepted).collect();
    open.sort_by_key(|finding| finding.level != Level::Error);
    open.into_iter().map(|finding| finding.rule.as_str()).collect()
}

/// The policy once more, for the reasons of what it accepts.
fn policy(global: &Global, repository: &Repository, path: &Path) -> Result<Policy, Fault> {
    let snapshot = match (&global.policy, repository.workdir(), repository.head()?) {
        (Some(_), _, _) | (None, None, None) => Snapshot::empty(),
        (None, Some(_), _) => repository.work_tree()?,
        (None, None, Some(head)) => repository.snapshot(head)?,
    };
    Ok(load_policy(global.policy.as_deref(), &snapshot, path)?.0)
}

/// A signature file or a tag of the report.
struct Place<'r> {
    name: &'r str,
    verdict: Reason,
    detail: &'r str,
    member: Option<&'r MemberId>,
    signer: Option<&'r Fingerprint>,
    made: Option<&'r str>,
    hash: Option<&'r str>,
    commit: Option<String>,
}

impl Place<'_> {
    fn is_named(&self, name: &str) -> bool {
        self.name == name || self.name.strip_prefix("refs/tags/") == Some(name)
    }
}

fn places(report: &Report) -> Vec<Place<'_>> {
    let signatures = report.documents.iter().flat_map(|document| &document.signatures);
    let signatures = signatures.map(|s| Place {
        name: s.path.as_str(),
        verdict: s.verdict,
        detail: &s.detail,
        member: s.member.as_ref(),
        signer: s.signer.as_ref(),
        made: s.made.as_deref(),
        hash: s.hash.as_deref(),
        commit: None,
    });
    let tags = report.tags.iter().map(|t| Place {
        name: &t.name,
        verdict: t.verdict,
        detail: &t.detail,
        member: t.member.as_ref(),
        signer: t.signer.as_ref(),
        made: t.made.as_deref(),
        hash: t.hash.as_deref(),
        commit: t.commit.map(|commit| commit.to_string()),
    });
    signatures.chain(tags).collect()
}

fn print_finding(report: &Report, policy: &Policy, finding: &Finding) {
    verify::print_finding(finding);
    output::line(format!("  id: {}", escape(&finding.id)));
    match policy.accepts(&finding.id).filter(|_| finding.accepted) {
        Some(reason) => output::line(format!("  accepted by the policy: {}", escape(reason))),
        None => output::line("  accepted by the policy: no"),
    }
    let places = places(report);
    if let Some(place) = places.iter().find(|place| place.name == finding.path) {
        facts(report, place);
    }
    if let Some(reason) = Reason::ALL.into_iter().find(|r| r.code() == finding.rule) {
        explain(reason);
    }
}

fn print_place(report: &Report, place: &Place<'_>) {
    let detail = if place.detail.is_empty() { "" } else { ": " };
    output::line(format!("{}: {}{detail}{}", escape(place.name), place.verdict, place.detail));
    facts(report, place);
    explain(place.verdict);
}

/// Whose key, in which file of the pack, when, over what, and what gpg would say.
fn facts(report: &Report, place: &Place<'_>) {
    if let Some(member) = place.member {
        output::line(format!("  member: {member}"));
    }
    if let Some(signer) = place.signer {
        output::line(format!("  made by: {}", signer.spaced()));
        output::line(format!("  its key: {}", key_file(report, signer)));
    }
    let (made, hash) = (place.made.unwrap_or("unknown"), place.hash.unwrap_or("unknown"));
    output::line(format!("  made on: {made}, hash {hash}"));
    if let Some(commit) = &place.commit {
        output::line(format!("  commit: {commit}"));
    }
    output::line(format!("  gpg would say: {}", words::gpg(place.verdict)));
}

/// The key file that holds a certificate now, or that only history has it.
fn key_file(report: &Report, signer: &Fingerprint) -> String {
    let now = report.keys.iter().find(|key| &key.fingerprint == signer);
    match now {
        Some(key) => {
            let root = key.certified_by.as_ref().map(|root| format!(", certified by {root}"));
            format!("{} ({}{})", key.path, key.verdict, root.unwrap_or_default())
        }
        None => "a subkey, or a certificate that only the history of the pack has".to_owned(),
    }
}

fn explain(reason: Reason) {
    let (meaning, action) = words::words(reason);
    output::line(format!("{}: {meaning}", reason.code()));
    output::line(format!("  what to do: {action}"));
    output::line(format!("  more: docs/verdicts.md#{}", reason.code()));
}
