//! `secpack canary`: draft, check, and when the next one is due.

use crate::arguments::{CanaryCommand, CanaryNewArgs, Global};
use crate::commands::bulletin::{find_series, new_id, place_draft, read_text};
use crate::session::Session;
use crate::{Exit, Fault, documents, lint, output};
use chrono::NaiveDate;
use secpack_bulletin::Bulletin;
use secpack_canary::{Canary, Context, Facts, Freshness, Rules, Schedule, Style, Window, status};
use secpack_pack::policy::{CanaryRules, Series, SeriesKind};
use secpack_pack::{Document, DocumentId, Finding, Fingerprint, PackPath, SeriesId};

pub fn run(global: &Global, command: &CanaryCommand) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    match command {
        CanaryCommand::New(arguments) => new(&session, arguments),
        CanaryCommand::Lint(arguments) => {
            let document = documents::find(&session, &arguments.document)?;
            lint::report(global, &session, document)
        }
        CanaryCommand::Status => due(global, &session),
    }
}

fn new(session: &Session, arguments: &CanaryNewArgs) -> Result<Exit, Fault> {
    let policy = &session.pack.policy;
    let series = find_series(session, SeriesKind::Canary, arguments.series.as_deref())?;
    let date = arguments.date.unwrap_or_else(|| session.now.date_naive());
    let id = new_id(session, series, arguments.number, date)?;
    let missing = |what: &str| {
        Fault::new(format!("the policy has no [[{what}]] rules for {id}"))
            .hint("docs/pack-format.md shows how to add them")
    };
    let text = policy.text_rules_for(&id).ok_or_else(|| missing("text"))?;
    let rules = policy.canary_rules_for(&id).ok_or_else(|| missing("canary"))?;
    let announced = texts(session, &series.id).last().and_then(|(_, text)| window_in(text));
    let facts = Facts {
        date: Some(date),
        bulletins: rules.counts.as_ref().map(|counted| count(session, counted, date)),
        fingerprint: fingerprint(session, rules).cloned(),
        next: Window::next(rules, date, announced.as_ref())?,
        announcements: arguments.announcements.as_deref().map(read_text).transpose()?,
        freshness: freshness(arguments)?,
    };
    let style = Style { pack: policy.name(), text, rules };
    let draft = secpack_canary::draft(secpack_canary::TEMPLATE, &style, &id, &facts)?;
    let path = place_draft(session, &id, &draft)?;
    lint::report_draft(session, &id, &path, draft.as_bytes());
    output::hint(&format!("read it, then: secpack canary lint {path}"));
    Ok(Exit::Good)
}

fn freshness(arguments: &CanaryNewArgs) -> Result<Option<Freshness>, Fault> {
    let Some(path) = &arguments.freshness else { return Ok(None) };
    let read = Freshness::from_json(&read_text(path)?);
    Ok(Some(read.map_err(|error| Fault::new(format!("{}: {error}", path.display())))?))
}

fn window_in(text: &str) -> Option<Window> {
    Canary::parse(text).ok()?.window
}

fn fingerprint<'s>(session: &'s Session, rules: &CanaryRules) -> Option<&'s Fingerprint> {
    let root = rules.fingerprint.as_ref()?;
    let roots = session.pack.policy.roots();
    roots.iter().find(|known| &known.id == root).map(|known| &known.fingerprint)
}

/// How many documents of a series there are with a date up to that day, drafts for it included: a
/// bulletin and a canary may well be published together. One whose date cannot be read is counted.
fn count(session: &Session, counted: &SeriesId, day: NaiveDate) -> u32 {
    let dates = session.pack.series(counted).into_iter().map(|document| {
        let text = std::str::from_utf8(document.bytes.as_deref()?).ok()?;
        Bulletin::parse(text).ok()?.date
    });
    u32::try_from(dates.filter(|date| date.is_none_or(|date| date <= day)).count())
        .unwrap_or(u32::MAX)
}

/// The documents of a series with their texts, in the order of their numbers.
fn texts(session: &Session, series: &SeriesId) -> Vec<(DocumentId, String)> {
    let text = |document: &Document| {
        let text = std::str::from_utf8(document.bytes.as_deref()?).ok()?;
        Some((document.id.clone(), text.to_owned()))
    };
    session.pack.series(series).into_iter().filter_map(text).collect()
}

/// What the rules for canaries find in a text.
pub fn findings(session: &Session, id: &DocumentId, path: &PackPath, bytes: &[u8]) -> Vec<Finding> {
    let policy = &session.pack.policy;
    let canary_rules = policy.canary_rules_for(id);
    let rules = Rules { canary: canary_rules, text: policy.text_rules_for(id) };
    let own = std::str::from_utf8(bytes).ok().and_then(|text| Canary::parse(text).ok());
    let day = own.as_ref().and_then(|canary| canary.date);
    let counted = canary_rules.and_then(|rules| rules.counts.as_ref());
    let earlier = texts(session, &id.series);
    let before = earlier.iter().rev().find(|(other, _)| other.number < id.number);
    let previous = before.and_then(|(_, text)| Canary::parse(text).ok());
    let context = Context {
        expected_count: counted.zip(day).map(|(counted, day)| count(session, counted, day)),
        fingerprint: canary_rules.and_then(|rules| fingerprint(session, rules)),
        previous: previous.as_ref(),
        now: session.now.date_naive(),
    };
    secpack_canary::lint(bytes, id, path, rules, context)
}

#[derive(serde::Serialize)]
struct Due {
    series: String,
    last: String,
    #[serde(flatten)]
    schedule: Option<Schedule>,
}

/// When the next canary of every series is due.
fn due(global: &Global, session: &Session) -> Result<Exit, Fault> {
    let all = session.pack.policy.series().iter().filter(|s| s.kind == SeriesKind::Canary);
    let mut rows = Vec::new();
    for series in all {
        rows.extend(due_in(session, series)?);
    }
    let overdue = |row: &Due| matches!(row.schedule, Some(Schedule::Overdue { .. }));
    let late = rows.iter().any(overdue);
    if global.json {
        output::json(&rows)?;
    } else {
        rows.iter().for_each(|row| output::line(sentence(row)));
        if rows.is_empty() {
            output::line("there is no canary yet: secpack canary new");
        }
    }
    Ok(Exit::good_if(!late))
}

fn due_in(session: &Session, series: &Series) -> Result<Option<Due>, Fault> {
    let all = texts(session, &series.id);
    let Some((id, text)) = all.last() else { return Ok(None) };
    let last = Canary::parse(text)?;
    let schedule = match session.pack.policy.canary_rules_for(id) {
        Some(rules) => status(rules, &last, session.now.date_naive())?,
        None => None,
    };
    Ok(Some(Due {
        series: series.id.to_string(),
        last: session.pack.policy.label_of(id),
        schedule,
    }))
}

fn sentence(row: &Due) -> String {
    let next = match row.schedule {
        None => "the next one has no date".to_owned(),
        Some(Schedule::Early { opens }) => format!("the next one is due from {opens}"),
        Some(Schedule::Open { closes }) => {
            format!(
                "{} until {closes}: secpack canary new",
                output::doubtful("the next one is due")
            )
        }
        Some(Schedule::Overdue { closed, days }) => {
            format!("{} for {days} days, since {closed}", output::bad("overdue"))
        }
    };
    format!("{}: the last one is {}; {next}", row.series, row.last)
}
