//! `secpack status`: where each document stands, computed from the pack and git, never stored.

use crate::arguments::{Global, StatusArgs};
use crate::session::Session;
use crate::{Exit, Fault, documents, output};
use secpack_audit::rfc3339;
use secpack_pack::{Reason, escape};
use secpack_release::event::State;
use secpack_release::{Asked, Progress, Share, Stage, progress};
use serde::Serialize;

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    documents: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    document: String,
    path: String,
    stage: &'static str,
    here: bool,
    since: Option<String>,
    branch: Option<String>,
    signed: Vec<String>,
    missing: Vec<String>,
    broken: Vec<Broken>,
    members: Vec<Member>,
    next: Vec<String>,
}

#[derive(Serialize)]
struct Broken {
    path: String,
    verdict: &'static str,
    detail: String,
}

#[derive(Serialize)]
struct Member {
    member: String,
    verdict: &'static str,
    detail: String,
    path: Option<String>,
    since: Option<String>,
}

pub fn run(global: &Global, arguments: &StatusArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let one = match &arguments.document {
        Some(name) => Some(documents::find_anywhere(&session, name)?),
        None => None,
    };
    let asked = one.as_ref().map_or(Asked::All, Asked::One);
    let found = progress(&session.repository, &authority, &session.pack, asked)?;
    let rows: Vec<Row> = found.iter().map(|one| row(&session, one)).collect();
    if global.json {
        output::json(&Report { schema: "secpack/status/1", documents: rows })?;
    } else {
        print(&rows, one.is_some());
    }
    Ok(Exit::Good)
}

fn row(session: &Session, one: &Progress) -> Row {
    let tally = &one.standing.tally;
    let broken = tally.broken().map(|signature| Broken {
        path: signature.path.to_string(),
        verdict: signature.judged.verdict.reason.code(),
        detail: signature.judged.verdict.detail.clone(),
    });
    let open = one.event.as_ref().and_then(|event| match &event.state {
        State::Open(open) => Some(open.shown.clone()),
        State::Never | State::Ended(_) => None,
    });
    Row {
        document: session.pack.policy.label_of(&one.document.id),
        path: one.document.path.to_string(),
        stage: one.standing.stage.as_str(),
        here: one.is_here,
        since: one.since.filter(|_| one.standing.stage != Stage::Tagged).map(rfc3339),
        branch: open,
        signed: tally.signed.iter().map(ToString::to_string).collect(),
        missing: tally.short_of.iter().map(ToString::to_string).collect(),
        broken: broken.collect(),
        members: one.members.iter().map(member).collect(),
        next: one.next.clone(),
    }
}

fn member(share: &Share) -> Member {
    Member {
        member: share.member.to_string(),
        verdict: share.verdict.reason.code(),
        detail: share.verdict.detail.clone(),
        path: share.path.as_ref().map(ToString::to_string),
        since: share.since.map(rfc3339),
    }
}

fn print(rows: &[Row], every: bool) {
    let open: Vec<&Row> = rows.iter().filter(|row| every || !row.next.is_empty()).collect();
    for (index, row) in open.iter().enumerate() {
        if index > 0 {
            output::line("");
        }
        document(row);
    }
    let done = rows.len() - open.len();
    if done > 0 || open.is_empty() {
        let documents = if done == 1 { "document is" } else { "documents are" };
        output::line(format!("{done} {documents} complete, committed and tagged"));
    }
}

fn document(row: &Row) {
    let signed = if row.signed.is_empty() { "nobody".to_owned() } else { row.signed.join(", ") };
    let stage =
        if row.next.is_empty() { output::good(row.stage) } else { output::doubtful(row.stage) };
    output::line(format!("{}  {stage}  signed by {signed}", escape(&row.document)));
    output::line(format!(
        "  {}{}",
        row.path,
        if row.here { "" } else { ", not in this work tree" }
    ));
    if let Some(since) = &row.since {
        output::line(format!("  this text: since {since}"));
    }
    if let Some(branch) = &row.branch {
        output::line(format!("  waits on: {}", escape(branch)));
    }
    if !row.missing.is_empty() {
        output::line(format!("  missing: {}", row.missing.join(", ")));
    }
    let name = row.members.iter().map(|member| member.member.len()).max().unwrap_or(0);
    let code = row.members.iter().map(|member| member.verdict.len()).max().unwrap_or(0);
    for member in &row.members {
        share(member, name, code);
    }
    // A file that no member's name stands on has no line above.
    for broken in
        row.broken.iter().filter(|b| !row.members.iter().any(|m| m.path.as_ref() == Some(&b.path)))
    {
        output::line(format!(
            "  {}: {} {}",
            output::bad(broken.verdict),
            broken.path,
            escape(&broken.detail)
        ));
    }
    for next in &row.next {
        output::next(next);
    }
}

/// A line of the table: who, what, since when, why.
fn share(member: &Member, name: usize, code: usize) {
    let padded = format!("{:code$}", member.verdict);
    let is = |reason: Reason| member.verdict == reason.code();
    let shown = if is(Reason::Good) {
        output::good(&padded)
    } else if is(Reason::Missing) {
        output::doubtful(&padded)
    } else {
        output::bad(&padded)
    };
    let word = if is(Reason::Good) { "made" } else { "since" };
    let since = member.since.as_ref().map_or(String::new(), |since| format!("  {word} {since}"));
    let detail = if member.detail.is_empty() || is(Reason::Good) {
        String::new()
    } else {
        format!("  {}", escape(&member.detail))
    };
    output::line(format!("    {:name$}  {shown}{since}{detail}", member.member));
}
