//! `secpack canary status`: for each series the newest complete canary, when the next one is due,
//! and who signed it so far.

use crate::arguments::Global;
use crate::session::Session;
use crate::{Exit, Fault, output};
use chrono::NaiveDate;
use secpack_audit::text_of;
use secpack_canary::{Canary, Schedule, status};
use secpack_openpgp::Authority;
use secpack_pack::policy::{Series, SeriesKind};
use secpack_pack::{Document, MemberId, SeriesId, shell_word};
use secpack_release::event;
use secpack_signing::Tally;
use serde::Serialize;

/// Where one series of canaries stands.
#[derive(Serialize)]
pub struct Row {
    /// Its name in the policy.
    pub series: String,
    /// What people call the newest complete canary.
    pub last: Option<String>,
    /// Its path.
    pub path: Option<String>,
    /// Its date of issue.
    pub date: Option<NaiveDate>,
    /// The number of the one that it replaces.
    pub replaces: Option<u32>,
    /// Where the next one stands; `None` when nothing says when it is due.
    #[serde(flatten)]
    pub schedule: Option<Schedule>,
    /// The next one, which is there and not complete.
    pub next: Option<Next>,
}

/// A canary that waits for signatures.
#[derive(Serialize)]
pub struct Next {
    /// What people call it.
    pub label: String,
    /// Its path.
    pub path: String,
    /// Who signed it.
    pub signed: Vec<MemberId>,
    /// Who must still sign it.
    pub missing: Vec<MemberId>,
}

pub fn run(global: &Global, session: &Session) -> Result<Exit, Fault> {
    let rows = rows(session)?;
    if global.json {
        output::json(&rows)?;
    } else {
        rows.iter().for_each(|row| print(session, row));
        if rows.is_empty() {
            output::line("the policy has no series of canaries");
        }
        if let Some(late) = rows.iter().find(|row| row.is_overdue()) {
            output::hint(&match &late.next {
                Some(next) => format!("secpack status {}", shell_word(&next.path)),
                None => make(session, &late.series),
            });
        }
    }
    Ok(Exit::good_if(!rows.iter().any(Row::is_overdue)))
}

impl Row {
    /// Whether the next one is late.
    pub fn is_overdue(&self) -> bool {
        matches!(self.schedule, Some(Schedule::Overdue { .. }))
    }
}

/// Every series of canaries, in the order of the policy.
///
/// # Errors
/// When the repository cannot be read.
pub fn rows(session: &Session) -> Result<Vec<Row>, Fault> {
    let all = session.pack.policy.series().iter().filter(|s| s.kind == SeriesKind::Canary);
    let authority = session.authority();
    all.map(|series| row(session, &authority, series)).collect()
}

/// The newest complete canary of a series, and the lowest after it, which is not complete.
///
/// # Errors
/// When the repository cannot be read.
pub fn newest<'s>(
    session: &'s Session,
    authority: &Authority<'_>,
    series: &'s SeriesId,
) -> Result<(Option<&'s Document>, Option<Next>), Fault> {
    let mut next = None;
    for document in session.pack.series(series).into_iter().rev() {
        let tally = tally(session, authority, document)?;
        if tally.is_met() {
            return Ok((Some(document), next));
        }
        next = Some(self::next(session, document, tally));
    }
    Ok((None, next))
}

fn row<'s>(
    session: &'s Session,
    authority: &Authority<'_>,
    series: &'s Series,
) -> Result<Row, Fault> {
    let policy = &session.pack.policy;
    let (last, next) = newest(session, authority, &series.id)?;
    let mut row = Row {
        series: series.id.to_string(),
        last: last.map(|document| policy.label_of(&document.id)),
        path: last.map(|document| document.path.to_string()),
        date: None,
        replaces: None,
        schedule: None,
        next,
    };
    let Some(document) = last else { return Ok(row) };
    let Some(text) = text_of(policy, document) else { return Ok(row) };
    let view = Canary::parse(&text)?;
    (row.date, row.replaces) = (view.date, view.replaces);
    row.schedule = schedule_of(session, document)?;
    Ok(row)
}

/// Where the canary after this one stands today; `None` when nothing says when it is due.
///
/// # Errors
/// When the text is no canary, or the policy's window is none.
pub fn schedule_of(session: &Session, last: &Document) -> Result<Option<Schedule>, Fault> {
    let policy = &session.pack.policy;
    let (Some(text), Some(rules)) = (text_of(policy, last), policy.canary_rules_for(&last.id))
    else {
        return Ok(None);
    };
    Ok(status(rules, &Canary::parse(&text)?, session.now.date_naive())?)
}

fn next(session: &Session, document: &Document, tally: Tally) -> Next {
    Next {
        label: session.pack.policy.label_of(&document.id),
        path: document.path.to_string(),
        signed: tally.signed.into_iter().collect(),
        missing: tally.short_of,
    }
}

/// The signatures of a document, counted as `verify` counts them.
///
/// # Errors
/// When the repository cannot be read.
pub fn tally(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
) -> Result<Tally, Fault> {
    let repository = &session.repository;
    let tips = secpack_audit::tips(repository.head()?, &repository.tags()?);
    Ok(secpack_audit::tally_of(repository, authority, &session.pack, document, &tips)?)
}

fn print(session: &Session, row: &Row) {
    let series = &row.series;
    let make = make(session, series);
    output::line(match &row.last {
        None => format!("{series}: no canary is complete yet"),
        Some(last) => format!("{series}: {}; {}", said_of(row, last), sentence(row.schedule)),
    });
    match (&row.next, row.schedule) {
        (Some(next), _) => {
            let names = |members: &[MemberId]| match members {
                [] => "nobody".to_owned(),
                members => members.iter().map(MemberId::as_str).collect::<Vec<_>>().join(", "),
            };
            output::line(format!(
                "  {}  signed by {}, missing: {}",
                next.label,
                names(&next.signed),
                names(&next.missing)
            ));
            for member in &next.missing {
                let path = &next.path;
                output::next(&format!("secpack sign {path} --as {member} --key FILE"));
            }
        }
        (None, Some(Schedule::Open { .. } | Schedule::Overdue { .. })) => {
            output::next(&make);
        }
        (None, None) if row.last.is_none() => output::next(&make),
        (None, Some(Schedule::Early { .. } | Schedule::Ended) | None) => {}
    }
}

/// What leads to the next canary of a series: one that waits on a branch is not made twice.
fn make(session: &Session, series: &str) -> String {
    let newest = session.pack.documents.values().filter(|d| d.id.series.as_str() == series);
    let newest = newest.filter_map(|document| document.id.number).max();
    let drafts = event::drafts(&session.repository, &session.pack.policy).unwrap_or_default();
    let next = drafts.into_iter().find(|draft| {
        draft.document.id.series.as_str() == series && draft.document.id.number > newest
    });
    match next.and_then(|draft| session.pack.policy.event_branch(&draft.document.id)) {
        Some(branch) => format!("git checkout {}", shell_word(&branch)),
        None => new(session, series),
    }
}

fn new(session: &Session, series: &str) -> String {
    let several = session.pack.policy.series().iter().filter(|s| s.kind == SeriesKind::Canary);
    let option = if several.count() > 1 { format!(" --series {series}") } else { String::new() };
    format!("secpack canary new{option}")
}

fn said_of(row: &Row, last: &str) -> String {
    let date = row.date.map(|date| format!(" of {date}")).unwrap_or_default();
    let replaces = row.replaces.map(|n| format!(", which replaces {n:03}")).unwrap_or_default();
    format!("the last one is {last}{date}{replaces}")
}

fn sentence(schedule: Option<Schedule>) -> String {
    match schedule {
        None => "nothing says when the next one is due".to_owned(),
        Some(Schedule::Ended) => "it says that no other follows".to_owned(),
        Some(Schedule::Early { opens }) => format!("the next one is due from {opens}"),
        Some(Schedule::Open { closes }) => {
            format!("{} until {closes}", output::doubtful("the next one is due"))
        }
        Some(Schedule::Overdue { closed, days }) => {
            let unit = if days == 1 { "day" } else { "days" };
            format!("{} for {days} {unit}, since {closed}", output::bad("overdue"))
        }
    }
}
