//! `secpack canary calendar`: the windows of the next canaries, for a calendar program.

use super::status::newest;
use crate::arguments::CanaryCalendarArgs;
use crate::session::Session;
use crate::{Exit, Fault, output, terminal};
use chrono::{Datelike, NaiveDate};
use secpack_audit::text_of;
use secpack_canary::{Canary, Course, calendar, planned};
use secpack_openpgp::Authority;
use secpack_pack::policy::{Series, SeriesKind};
use secpack_pack::{DocumentId, SeriesId};
use std::path::Path;

pub fn run(session: &Session, arguments: &CanaryCalendarArgs) -> Result<Exit, Fault> {
    let policy = &session.pack.policy;
    let authority = session.authority();
    let mut rows = Vec::new();
    for series in policy.series().iter().filter(|s| s.kind == SeriesKind::Canary) {
        rows.extend(row(session, &authority, series, arguments.count.into())?);
    }
    if rows.iter().all(|course| course.planned.is_empty()) {
        return Err(Fault::refused("no canary is planned").hint("secpack canary status"));
    }
    let roots = policy.roots().iter().map(|root| root.fingerprint.as_str());
    let identity = roots.chain([policy.name()]).collect::<Vec<_>>().join(" ");
    let text = calendar(policy.name(), &identity, &rows);
    match &arguments.out {
        None => output::raw(&text),
        Some(path) => {
            may_be_replaced(path)?;
            secpack_signing::replace_file(path, text.as_bytes())?;
            output::line(format!("written: {}", path.display()));
        }
    }
    Ok(Exit::Good)
}

/// A calendar may be written anew; any other file stays.
fn may_be_replaced(path: &Path) -> Result<(), Fault> {
    match std::fs::read(path) {
        Ok(there) if there.starts_with(b"BEGIN:VCALENDAR") => Ok(()),
        Ok(_) => {
            let shown = path.display();
            let typed = terminal::typed().option("--out", "canaries-new.ics");
            let text = format!("{shown} is there and is no calendar; nothing was changed");
            Err(Fault::refused(text).hint(typed.to_string()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Fault::at(path, error)),
    }
}

/// The newest complete canary of a series, and those planned after it.
fn row<'s>(
    session: &'s Session,
    authority: &Authority<'_>,
    series: &'s Series,
    count: usize,
) -> Result<Option<Course<'s>>, Fault> {
    let policy = &session.pack.policy;
    let (Some(last), _) = newest(session, authority, &series.id)? else { return Ok(None) };
    let rules = policy.canary_rules_for(&last.id);
    let (Some(rules), Some(text)) = (rules, text_of(policy, last)) else { return Ok(None) };
    let view = Canary::parse(&text)?;
    let label = |number, day| policy.label_of(&named(&series.id, number, day));
    let planned = planned(rules, &view, count, label)?;
    let series = series.id.as_str();
    Ok(view.date.map(|issued| Course { series, issued, planned }))
}

/// The canary of that number, if it is issued on that day.
fn named(series: &SeriesId, number: u32, day: NaiveDate) -> DocumentId {
    DocumentId {
        series: series.clone(),
        number: Some(number),
        year: u16::try_from(day.year()).ok(),
        quarter: u8::try_from(day.month0() / 3 + 1).ok(),
        name: None,
    }
}
