//! `secpack canary freshness verify`: what a proof of freshness proves, without asking anybody.

use super::{fetch, named_file, read, read_evidence};
use crate::arguments::{FreshnessVerifyArgs, Global};
use crate::commands::canary::{find, status};
use crate::commands::{explain, print_finding};
use crate::session::Session;
use crate::{Exit, Fault, fault::OrHint, output};
use chrono::{DateTime, SecondsFormat, Utc};
use secpack_audit::{depth, earlier_texts, signing_times, text_of};
use secpack_canary::{Canary, Freshness, Material, Proves, SavedFeed, check, proves};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, Finding, Level, escape};
use serde::Serialize;

/// The report, `secpack/freshness-check/1`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    result: &'static str,
    document: String,
    label: String,
    evidence: Option<String>,
    #[serde(flatten)]
    proves: Proves,
    signed: Vec<Signed>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Signed {
    member: String,
    made: String,
}

/// The evidence, where it is, and what is wrong with it.
struct Shown {
    place: Option<String>,
    evidence: Option<Freshness>,
    finding: Option<Finding>,
}

pub fn run(global: &Global, arguments: &FreshnessVerifyArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let document = match &arguments.document {
        Some(name) => find(&session, name)?,
        None => newest(&session)?,
    };
    let kept = kept(&session, document, arguments)?;
    let report = report(&session, document, arguments, &kept)?;
    if global.json {
        output::json(&report)?;
    } else {
        print(&report, kept.evidence.as_ref());
    }
    let label = &report.label;
    match report.result {
        "unproved" => Err(Fault::new(format!("nothing bears out when {label} was completed"))
            .adding(match names_block(document) {
                true => {
                    "with the header of its block, saved from an explorer (/block/HASH/header):"
                }
                false => "it names no block; a draft gets a proof with one, by canary refresh:",
            })
            .hint(by_header(document))),
        "good" => Ok(Exit::Good),
        _ => {
            let lint = format!("secpack canary lint {}", document.path);
            output::hint(&explain::more_or(explain::codes(&report.findings), &lint));
            Ok(Exit::NotGood)
        }
    }
}

fn names_block(document: &Document) -> bool {
    let text = document.bytes.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    Canary::parse(&text).is_ok_and(|canary| canary.proof.block.is_some())
}

/// A text that names no block is borne out by none.
fn by_header(document: &Document) -> String {
    match names_block(document) {
        true => format!("secpack canary freshness verify {} --header FILE", document.path),
        false => "secpack canary freshness fetch --out freshness.json".to_owned(),
    }
}

fn report(
    session: &Session,
    document: &Document,
    arguments: &FreshnessVerifyArgs,
    kept: &Shown,
) -> Result<Report, Fault> {
    let policy = &session.pack.policy;
    let label = policy.label_of(&document.id);
    let text = text_of(policy, document)
        .ok_or_else(|| Fault::inside(&session.on_disk(&document.path), "it is no text"))?;
    let canary = Canary::parse(&text).or_hint(format!("secpack canary lint {}", document.path))?;
    let feeds = feeds(arguments)?;
    let header = arguments.header.as_deref().map(read_header).transpose()?;
    let texts = earlier_texts(&session.pack, document);
    let earlier =
        texts.iter().filter_map(|(label, text)| Some((label.clone(), Canary::parse(text).ok()?)));
    let (earlier, signed) = (earlier.collect::<Vec<_>>(), signed(session, document)?);
    let depth = depth(policy, &document.id);
    let material = Material {
        canary: &canary,
        evidence: kept.evidence.as_ref(),
        header: header.as_ref().map(<[u8; 80]>::as_slice),
        feeds: &feeds,
        earlier: &earlier,
        signed: &signed,
        depth,
    };
    let mut findings = check(text.as_bytes(), &document.path, &material);
    findings.splice(0..0, kept.finding.clone());
    for finding in &mut findings {
        finding.accepted = policy.accepts(&finding.id).is_some();
    }
    let proves = proves(&material);
    let bad = findings.iter().any(|f| f.level == Level::Error && !f.accepted);
    let result = match proves.not_before {
        _ if bad => "not-good",
        Some(_) => "good",
        None => "unproved",
    };
    let signed = signed.into_iter().map(|(member, made)| Signed { member, made: rfc3339(made) });
    Ok(Report {
        schema: "secpack/freshness-check/1",
        result,
        document: document.path.to_string(),
        label,
        evidence: kept.place.clone(),
        proves,
        signed: signed.collect(),
        findings,
    })
}

/// The canary with the highest number, of all series.
fn newest(session: &Session) -> Result<&Document, Fault> {
    let policy = &session.pack.policy;
    let series = policy.series().iter().filter(|s| s.kind == SeriesKind::Canary);
    let last = series.filter_map(|s| session.pack.series(&s.id).into_iter().next_back());
    let all: Vec<&Document> = last.collect();
    match all.as_slice() {
        [one] => Ok(one),
        [] => Err(Fault::new("there is no canary yet").hint("secpack canary new")),
        several => {
            let paths: Vec<&str> = several.iter().map(|d| d.path.as_str()).collect();
            let fault = format!("the pack has several series of canaries: {}", paths.join(", "));
            Err(Fault::new(fault).hint(format!("secpack canary freshness verify {}", paths[0])))
        }
    }
}

/// The evidence that a person names, else the file beside the canary. What is there and is no
/// evidence is found out, not an error.
fn kept(
    session: &Session,
    document: &Document,
    arguments: &FreshnessVerifyArgs,
) -> Result<Shown, Fault> {
    if let Some(path) = &arguments.evidence {
        let place = Some(path.display().to_string());
        return Ok(Shown { place, evidence: Some(read_evidence(path)?), finding: None });
    }
    let kept = secpack_audit::kept(&session.pack, document);
    let place = kept.path.map(|path| path.to_string());
    Ok(Shown { place, evidence: kept.evidence, finding: kept.finding })
}

fn feeds(arguments: &FreshnessVerifyArgs) -> Result<Vec<SavedFeed>, Fault> {
    let read = |feed: &String| {
        let (name, bytes) = named_file(feed)?;
        Ok(SavedFeed { name, bytes })
    };
    arguments.feed.iter().map(read).collect()
}

fn read_header(path: &std::path::Path) -> Result<[u8; 80], Fault> {
    secpack_canary::read_header(&read(path)?)
        .ok_or_else(|| Fault::inside(path, "it is no header of 80 bytes or 160 hex digits"))
}

/// Who signed it with a good signature, and when.
fn signed(session: &Session, document: &Document) -> Result<Vec<(String, DateTime<Utc>)>, Fault> {
    let tally = status::tally(session, &session.authority(), document)?;
    Ok(signing_times(&tally))
}

fn print(report: &Report, evidence: Option<&Freshness>) {
    report.findings.iter().filter(|finding| !finding.accepted).for_each(print_finding);
    let label = escape(&report.label);
    match (report.result, report.proves.not_before) {
        ("good", Some(time)) => output::line(format!(
            "{}: {label} was not completed before {}",
            output::good("good"),
            rfc3339(time)
        )),
        ("not-good", _) => output::line(format!(
            "{}: the proof of freshness of {label} is not to be relied on",
            output::bad("not good")
        )),
        _ => output::line(format!("{}: {label}", output::doubtful("unproved"))),
    }
    if let Some(block) = &report.proves.block {
        let height = block.height.map(|height| format!(" (height {height})")).unwrap_or_default();
        output::line(format!("  block      {}{height}", block.hash));
        output::line(format!(
            "             its header bears it out; a forged one costs about 2^{} hashes",
            block.work
        ));
    }
    if let (Some(place), Some(evidence)) = (&report.evidence, evidence) {
        output::line(format!("  evidence   {}: {}", escape(place), fetch::summary(evidence)));
    }
    for signed in &report.signed {
        output::line(format!("  signed     {} at {}", signed.member, signed.made));
    }
    for limit in &report.proves.limits {
        output::line(format!("  not shown  {limit}"));
    }
    for unchecked in &report.proves.unchecked {
        output::line(format!("  unchecked  {}", escape(unchecked)));
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    /// What the check finds has a section, as `explain` prints it; what the rules for texts find
    /// as well stands in their table.
    #[test]
    fn every_rule_is_explained() {
        let page = include_str!("../../../../../../docs/verdicts.md");
        for rule in secpack_canary::check_rules() {
            let section = format!("\n## {}\n", rule.name);
            let row = format!("\n| `{}` |", rule.name);
            assert!(page.contains(&section) || page.contains(&row), "{} is missing", rule.name);
        }
    }
}
