//! `secpack canary schedule run`: what a timer starts. It opens the signing event of a canary that
//! is due, once, and says who must type what. It never signs, and no file on disk changes.

use super::super::freshness::read_evidence;
use super::super::new;
use super::super::status::{newest, schedule_of};
use crate::arguments::{Global, ScheduleRunArgs};
use crate::commands::bulletin::new_id;
use crate::commands::event;
use crate::commands::numbers::taken_numbers;
use crate::session::Session;
use crate::{Exit, Fault, lint, output};
use secpack_canary::{Facts, Freshness, Schedule};
use secpack_openpgp::Authority;
use secpack_pack::policy::{Series, SeriesKind};
use secpack_pack::{Document, DocumentId, MemberId, escape, shell_word};
use secpack_release::event::{Offer, State, drafts, open, state};
use serde::Serialize;
use std::sync::Arc;

/// Schema of the JSON.
const SCHEMA: &str = "secpack/canary-schedule/1";

/// What `--fetch` fetches, into remote-tracking branches alone.
const REMOTE: &str = "origin";
const BRANCHES: &str = "+refs/heads/*:refs/remotes/origin/*";

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    due: Vec<Row>,
}

/// A canary that is due.
#[derive(Serialize)]
struct Row {
    series: String,
    #[serde(flatten)]
    schedule: Schedule,
    label: String,
    path: String,
    /// The branch of its signing event; `None` while a draft lies on disk without one.
    branch: Option<String>,
    /// Whether this run opened the event.
    opened: bool,
    /// Why the last event was given up, when it was.
    abandoned: Option<String>,
    signed: Vec<MemberId>,
    missing: Vec<MemberId>,
    /// What is left to do in the text.
    left: Vec<String>,
    /// What to type.
    next: Vec<String>,
}

pub fn run(global: &Global, session: &Session, arguments: &ScheduleRunArgs) -> Result<Exit, Fault> {
    if arguments.fetch {
        session.repository.fetch(REMOTE, &[BRANCHES])?;
    }
    let authority = session.authority();
    let all = session.pack.policy.series().iter().filter(|s| s.kind == SeriesKind::Canary);
    let mut due = Vec::new();
    for series in all {
        due.extend(look_after(session, &authority, series, arguments)?);
    }
    let mut late = due.iter().filter(|row| matches!(row.schedule, Schedule::Overdue { .. }));
    let next = late.next().map(|row| row.next.first().cloned());
    if global.json {
        output::json(&Report { schema: SCHEMA, due })?;
    } else {
        due.iter().for_each(print);
        if let Some(next) = &next {
            output::hint(next.as_deref().unwrap_or("secpack canary status"));
        }
    }
    Ok(Exit::good_if(next.is_none()))
}

/// Does what is due in one series; `None` when nothing is. The first canary of a series is begun by
/// people.
fn look_after(
    session: &Session,
    authority: &Authority<'_>,
    series: &Series,
    arguments: &ScheduleRunArgs,
) -> Result<Option<Row>, Fault> {
    let (Some(last), on_disk) = newest(session, authority, &series.id)? else { return Ok(None) };
    let schedule = match schedule_of(session, last)? {
        Some(due @ (Schedule::Open { .. } | Schedule::Overdue { .. })) => due,
        Some(Schedule::Early { .. } | Schedule::Ended) | None => return Ok(None),
    };
    let row = |document: &Document| Row {
        series: series.id.to_string(),
        schedule,
        label: session.pack.policy.label_of(&document.id),
        path: document.path.to_string(),
        branch: None,
        opened: false,
        abandoned: None,
        signed: Vec::new(),
        missing: Vec::new(),
        left: lint::errors(session, document),
        next: Vec::new(),
    };
    let waiting = drafts(&session.repository, &session.pack.policy).map_err(event::fault)?;
    let is_next = |d: &Document| d.id.series == series.id && d.id.number > last.id.number;
    if let Some(draft) = waiting.into_iter().find(|draft| is_next(&draft.document)) {
        return told(session, authority, row(&draft.document), &draft.document).map(Some);
    }
    if let Some(next) = on_disk {
        let document = crate::documents::find(session, &next.path)?;
        let command = format!("secpack event open {}", shell_word(&next.path));
        let (signed, missing) = (next.signed, next.missing);
        return Ok(Some(Row { signed, missing, next: vec![command], ..row(document) }));
    }
    if let Some((branch, id)) = elsewhere(session, last)? {
        let label = session.pack.policy.label_of(&id);
        let next = vec![format!("git merge --ff-only {}", shell_word(&branch))];
        return Ok(Some(Row { label, branch: Some(branch), next, ..row(last) }));
    }
    let (document, freshness) = draft(session, series, arguments)?;
    let row = row(&document);
    if let State::Ended(ended) =
        state(&session.repository, authority, &document).map_err(event::fault)?.state
    {
        return Ok(Some(after(row, ended.abandoned)));
    }
    let evidence = freshness.map(|freshness| freshness.to_json().into_bytes());
    let offer = Offer { document: &document, evidence: evidence.as_deref() };
    open(&session.repository, authority, &session.pack, offer, session.now)
        .map_err(event::fault)?;
    told(session, authority, Row { opened: true, ..row }, &document).map(Some)
}

/// A branch that has a later canary of the series, which this clone lacks.
fn elsewhere(session: &Session, last: &Document) -> Result<Option<(String, DocumentId)>, Fault> {
    let policy = &session.pack.policy;
    for branch in session.repository.branch_list()? {
        let paths = session.repository.paths(branch.tip)?;
        let ids = paths.iter().filter_map(|(path, _)| policy.identify(path));
        let later = |id: &DocumentId| id.series == last.id.series && id.number > last.id.number;
        if let Some(id) = ids.into_iter().find(later) {
            let remote = branch.remote.map(|remote| remote + "/").unwrap_or_default();
            return Ok(Some((remote + &branch.name, id)));
        }
    }
    Ok(None)
}

/// The draft as the pack and the policy give it today, and its evidence; not on disk.
fn draft(
    session: &Session,
    series: &Series,
    arguments: &ScheduleRunArgs,
) -> Result<(Document, Option<Freshness>), Fault> {
    let today = session.now.date_naive();
    let id = new_id(series, None, &taken_numbers(session, series)?, today)?;
    let freshness = arguments.freshness.as_deref().map(read_evidence).transpose()?;
    if let Some(evidence) = &freshness {
        new::must_be_of_the_day(evidence, Some(today))?;
    }
    let facts = Facts { freshness, ..new::facts(session, series, &id, today, None)? };
    let text = new::render(session, &id, &facts)?;
    let unnamed = || {
        Fault::new(format!("the policy's first path pattern cannot name {id}"))
            .hint("secpack policy show")
    };
    let path = session.pack.policy.path_of(&id).ok_or_else(unnamed)?;
    Ok((Document { id, path, bytes: Some(Arc::from(text.into_bytes())) }, facts.freshness))
}

/// Who signed on the branch, and what everybody else types.
fn told(
    session: &Session,
    authority: &Authority<'_>,
    row: Row,
    document: &Document,
) -> Result<Row, Fault> {
    let found = state(&session.repository, authority, document).map_err(event::fault)?;
    let tally = match found.state {
        State::Open(open) => open.tally,
        State::Never | State::Ended(_) => None,
    };
    let (signed, missing) = match tally {
        Some(tally) => (tally.signed.into_iter().collect(), tally.short_of),
        None => (Vec::new(), Vec::new()),
    };
    let (branch, path) = (shell_word(&found.branch), shell_word(document.path.as_str()));
    // Git does not go to a branch over files that it does not track; they are worked on here.
    let lies_here = session.pack.documents.contains_key(&document.path);
    let checkout = if lies_here { String::new() } else { format!("git checkout {branch} && ") };
    let next = if !row.left.is_empty() {
        vec![format!("{checkout}secpack canary edit {path}")]
    } else if missing.is_empty() {
        let release = format!("secpack release {path} --as MEMBER --key FILE --execute");
        vec![format!("git merge {branch}"), release]
    } else {
        let sign = |member| format!("{checkout}secpack sign {path} --as {member} --key FILE");
        missing.iter().map(sign).collect()
    };
    Ok(Row { branch: Some(found.branch), signed, missing, next, ..row })
}

/// An event that the team ended is not opened again by a timer.
fn after(row: Row, abandoned: Option<String>) -> Row {
    let next = match &abandoned {
        Some(_) => format!("secpack canary new --series {}", row.series),
        None => "git fetch && git merge --ff-only".to_owned(),
    };
    Row { abandoned, next: vec![next], left: Vec::new(), ..row }
}

fn print(row: &Row) {
    let when = match row.schedule {
        Schedule::Overdue { closed, .. } => {
            format!("{} since {closed}", output::bad("is overdue"))
        }
        Schedule::Open { closes } => format!("is due until {closes}"),
        Schedule::Early { .. } | Schedule::Ended => String::new(),
    };
    output::line(format!("{}: {} {when}", row.series, row.label));
    match (&row.branch, row.opened, &row.abandoned) {
        (_, _, Some(reason)) => {
            output::line(format!("  its signing was given up: {}", escape(reason)));
        }
        (Some(branch), true, None) => output::line(format!("  opened: {}", escape(branch))),
        (Some(branch), false, None) => output::line(format!("  open: {}", escape(branch))),
        (None, _, None) => output::line(format!("  {}", escape(&row.path))),
    }
    let names =
        |members: &[MemberId]| members.iter().map(MemberId::as_str).collect::<Vec<_>>().join(", ");
    if !row.signed.is_empty() {
        output::line(format!("  signed by {}", names(&row.signed)));
    }
    if !row.missing.is_empty() {
        output::line(format!("  missing: {}", names(&row.missing)));
    }
    row.left.iter().for_each(|left| output::line(format!("  {left}")));
    row.next.iter().for_each(|next| output::next(next));
}
