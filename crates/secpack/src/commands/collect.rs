//! `secpack collect`: signatures from folders, mails, archives and branches; only good ones are
//! kept.

mod from;
mod tags;

use crate::arguments::{CollectArgs, Global};
use crate::fault::{look_at, look_into, word};
use crate::session::Session;
use crate::{Exit, Fault, output};
use secpack_audit::fits;
use secpack_pack::policy::EVIDENCE;
use secpack_pack::{Finding, PackPath, Reason, Verdict, escape, shell_word};
use secpack_release::event;
use secpack_signing::{Collected, DAMAGED_GZIP, Refused, Request, Taken, replace_file, write_new};
use serde::Serialize;
use std::path::Path;

/// What `--json` prints.
#[derive(Default, Serialize)]
struct Report {
    schema: &'static str,
    result: &'static str,
    taken: Vec<TakenRow>,
    known: Vec<String>,
    refused: Vec<RefusedRow>,
}

#[derive(Serialize)]
struct TakenRow {
    path: String,
    member: Option<String>,
    source: String,
    instead_of: Option<&'static str>,
    new_line_ends: bool,
}

#[derive(Serialize)]
struct RefusedRow {
    source: String,
    path: Option<String>,
    verdict: String,
    detail: String,
}

pub fn run(global: &Global, arguments: &CollectArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let mut found = from::Found::default();
    let mut silent = Vec::new();
    for source in &arguments.from {
        let before = found.parcel.candidates.len();
        from::read(&session, source, &mut found)?;
        let answers = found.parcel.candidates[before..]
            .iter()
            .any(|one| !one.blocks.is_empty() || secpack_tag::is_tag_object(&one.bytes));
        if !answers && Path::new(source).is_file() {
            silent.push(source.clone());
        }
    }
    let (tags, mut candidates): (Vec<_>, Vec<_>) =
        found.parcel.candidates.into_iter().partition(|one| secpack_tag::is_tag_object(&one.bytes));
    candidates.sort_by(|a, b| (&a.name, &a.bytes, &a.source).cmp(&(&b.name, &b.bytes, &b.source)));
    candidates.dedup_by(|a, b| !a.name.is_empty() && (&a.name, &a.bytes) == (&b.name, &b.bytes));
    let pack = &session.pack;
    let results = secpack_release::take_in(&session.repository, &authority, pack, candidates)?;
    let mut report = Report { schema: "secpack/collect/1", ..Report::default() };
    let is_damaged = |(source, verdict): &&(String, Verdict)| {
        verdict.detail == DAMAGED_GZIP && Path::new(source).is_file()
    };
    let damaged = found.parcel.refused.iter().find(is_damaged).map(|(source, _)| source.clone());
    for (source, verdict) in found.parcel.refused {
        refuse(&mut report, &Refused { source, file: None, verdict });
    }
    let mut hint: Option<String> = None;
    for result in results {
        match result {
            Collected::Take(taken) => take(&session, &mut report, &taken)?,
            Collected::Known(path) => report.known.push(path.to_string()),
            Collected::Refused(refused) => {
                hint = hint.or_else(|| on_branch(&session, &refused)).or_else(|| next(&refused));
                refuse(&mut report, &refused);
            }
        }
    }
    for tag in &tags {
        hint = hint.or(tags::take(&session, &authority, &mut report, tag)?);
    }
    for evidence in &found.evidence {
        hint = take_evidence(&session, &mut report, evidence)?.or(hint);
    }
    let empty = silent.first().cloned();
    let alone = report.refused.is_empty();
    refuse_files_without(silent, &mut report);
    let none = empty.filter(|_| alone).map(|file| look_at_none(Path::new(&file)));
    let damaged = damaged.map(|file| format!("gzip -tv {}", word(Path::new(&file))));
    let none = none.or(damaged);
    report.known.sort();
    report.known.dedup();
    report.result = if report.refused.is_empty() { "good" } else { "not-good" };
    let is_good = report.refused.is_empty();
    if global.json {
        output::json(&report)?
    } else {
        print(&report)
    }
    match (is_good, hint) {
        (false, Some(hint)) => output::hint(&hint),
        (false, None) => output::hint(none.as_deref().unwrap_or("secpack explain malformed")),
        (true, _) => {}
    }
    Ok(Exit::good_if(is_good))
}

const BEGIN: &[u8] = b"BEGIN PGP SIGNATURE";

/// What a file is that holds no answer.
fn why_none(bytes: &[u8]) -> &'static str {
    if is_request(bytes) {
        "it is a request that nobody has answered yet"
    } else if PACKED.iter().any(|magic| bytes.starts_with(magic)) {
        "it is packed in a form that is not read here; unpack it first"
    } else if bytes.windows(BEGIN.len()).any(|window| window == BEGIN) {
        "a signature begins in it that is quoted, cut off or changed on its way"
    } else {
        "no signature is in it"
    }
}

fn is_request(bytes: &[u8]) -> bool {
    Request::parse(bytes).is_ok() || secpack_tag::TagRequest::is_one(bytes)
}

/// How files of zip, xz, bzip2, zstd and 7z begin.
const PACKED: [&[u8]; 5] =
    [b"PK\x03\x04", b"\xfd7zXZ\0", b"BZh", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c"];

/// Shows a text; what is none would only fill the terminal. A request is answered.
fn look_at_none(file: &Path) -> String {
    if std::fs::read(file).is_ok_and(|bytes| is_request(&bytes)) {
        return format!("secpack sign request {} --with agent", word(file));
    }
    match std::fs::read_to_string(file) {
        Ok(_) => look_into(file),
        Err(_) => look_at(file),
    }
}

/// Whoever names a file means it; in a folder, files that are no answers are to be expected.
fn refuse_files_without(silent: Vec<String>, report: &mut Report) {
    for source in silent {
        if report.refused.iter().any(|row| row.source.starts_with(&source)) {
            continue;
        }
        let text = std::fs::read(&source).unwrap_or_default();
        let verdict = Verdict::new(Reason::Malformed, why_none(&text));
        refuse(report, &Refused { source, file: None, verdict });
    }
}

/// Collect never offers to replace a good signature, so what stands there is not.
fn take(session: &Session, report: &mut Report, taken: &Taken) -> Result<(), Fault> {
    let place = session.on_disk(&taken.path);
    if taken.instead_of.is_some() {
        replace_file(&place, &taken.bytes)?;
    } else {
        write_new(&place, &taken.bytes)?;
    }
    report.taken.push(TakenRow {
        path: taken.path.to_string(),
        member: taken.judged.member.as_ref().map(ToString::to_string),
        source: taken.source.clone(),
        instead_of: taken.instead_of.as_ref().map(|verdict| verdict.reason.code()),
        new_line_ends: taken.has_new_line_ends,
    });
    Ok(())
}

/// Evidence is kept when it fits the text of its canary; it is not signed. Returns what to type
/// when it does not.
fn take_evidence(
    session: &Session,
    report: &mut Report,
    evidence: &from::Evidence,
) -> Result<Option<String>, Fault> {
    let Some(canary) = session.pack.documents.get(&evidence.canary) else { return Ok(None) };
    // Several branches may bring some; the first that fits is taken.
    if report.taken.iter().any(|row| row.path == evidence.path.as_str()) {
        return Ok(None);
    }
    let source = evidence.source.clone();
    let path = evidence.path.to_string();
    if let Err(finding) = fits(&session.pack, canary, &evidence.path, &evidence.bytes) {
        let Finding { rule: verdict, text: detail, .. } = *finding;
        let hint = format!("secpack explain {verdict}");
        report.refused.push(RefusedRow { source, path: Some(path), verdict, detail });
        return Ok(Some(hint));
    }
    write_new(&session.on_disk(&evidence.path), &evidence.bytes)?;
    report.taken.push(TakenRow {
        path,
        member: None,
        source,
        instead_of: None,
        new_line_ends: false,
    });
    Ok(None)
}

fn refuse(report: &mut Report, refused: &Refused) {
    let path = refused.file.as_ref().filter(|file| file.member.is_some());
    report.refused.push(RefusedRow {
        source: refused.source.clone(),
        path: path.map(|file| file.path.to_string()),
        verdict: refused.verdict.reason.code().to_owned(),
        detail: refused.verdict.detail.clone(),
    });
}

/// Leads to the branch of a signing event, where the text that it may be over lies.
fn on_branch(session: &Session, refused: &Refused) -> Option<String> {
    let policy = &session.pack.policy;
    let drafts = event::drafts(&session.repository, policy).ok()?;
    let draft = drafts.into_iter().find(|draft| {
        let path = &draft.document.path;
        refused.source.contains(path.file_name()) && session.pack.file(path).is_none()
    })?;
    let branch = policy.event_branch(&draft.document.id)?;
    Some(format!("git checkout {}", shell_word(&branch)))
}

/// Where the document stands tells who must sign again; else what the code means.
fn next(refused: &Refused) -> Option<String> {
    let named = refused.file.as_ref().filter(|file| file.member.is_some());
    let document: Option<&PackPath> = named.map(|file| &file.document);
    let Verdict { reason, .. } = &refused.verdict;
    Some(match (reason, document) {
        (Reason::Stale | Reason::Bad, Some(document)) => {
            format!("secpack status {}", shell_word(document.as_str()))
        }
        (reason, _) => format!("secpack explain {reason}"),
    })
}

fn print(report: &Report) {
    for taken in &report.taken {
        let unsigned = if taken.path.ends_with(EVIDENCE) { "evidence" } else { "" };
        let member = taken.member.as_deref().unwrap_or(unsigned);
        let instead = taken.instead_of.map(|code| format!(", instead of one that is {code}"));
        let ends = taken.new_line_ends.then_some(", its line ends were CRLF and are LF now");
        output::line(format!(
            "taken: {} ({member}){}{}",
            taken.path,
            instead.unwrap_or_default(),
            ends.unwrap_or_default()
        ));
    }
    match report.known.as_slice() {
        [] => {}
        [one] => output::line(format!("known: {one}")),
        several => output::line(format!("known: {} signatures that are here", several.len())),
    }
    for refused in &report.refused {
        output::line(format!(
            "not taken: {} ({}) {}",
            escape(&refused.source),
            refused.verdict,
            escape(&refused.detail)
        ));
    }
    if report.taken.is_empty() && report.refused.is_empty() {
        output::note("nothing new was found");
    }
}
