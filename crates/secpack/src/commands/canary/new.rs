//! `secpack canary new`: facts out of the pack, the policy and the files that a person names.

use super::{count, find, fingerprint, text_before};
use crate::arguments::CanaryNewArgs;
use crate::commands::bulletin::{find_series, new_id, place_draft, read_text, taken_numbers};
use crate::session::Session;
use crate::{Exit, Fault, lint, output, templates};
use chrono::NaiveDate;
use secpack_canary::{Canary, Facts, Freshness, Style, Window};
use secpack_pack::policy::{CanaryRules, Series, SeriesKind};
use secpack_pack::{Document, DocumentId, PackPath};

pub fn run(session: &Session, arguments: &CanaryNewArgs) -> Result<Exit, Fault> {
    let replaced = replaced(session, arguments)?;
    let name = replaced.map(|document| document.id.series.as_str());
    let name = name.or(arguments.series.as_deref());
    let series = find_series(session, SeriesKind::Canary, name)?;
    let date = arguments.date.unwrap_or_else(|| session.now.date_naive());
    let id = new_id(series, arguments.number, &taken_numbers(session, series)?, date)?;
    let facts = Facts {
        announcements: arguments.announcements.as_deref().map(read_text).transpose()?,
        footnotes: arguments.footnotes.as_deref().map(read_text).transpose()?,
        freshness: freshness(arguments)?,
        replaces: replaced.map(|document| session.pack.policy.label_of(&document.id)),
        last: arguments.last,
        ..facts(session, series, &id, date, replaced)?
    };
    let facts = if facts.last { Facts { next: None, ..facts } } else { facts };
    let path = write(session, &id, &facts)?;
    output::hint(&format!("read it, then: secpack canary lint {path}"));
    Ok(Exit::Good)
}

/// What the pack and the policy say about a canary of that day.
///
/// # Errors
/// When the policy has no rules for it.
pub fn facts(
    session: &Session,
    series: &Series,
    id: &DocumentId,
    date: NaiveDate,
    replaced: Option<&Document>,
) -> Result<Facts, Fault> {
    let rules = rules(session, id)?;
    // What is issued anew keeps the place in the schedule of the one that it replaces.
    let place = replaced.map_or(id.number, |document| document.id.number);
    let before = text_before(session, &series.id, place);
    let planned = before.and_then(|text| Canary::parse(&text).ok()?.window);
    Ok(Facts {
        date: Some(date),
        bulletins: rules.counts.as_ref().map(|counted| count(session, counted, date)),
        fingerprint: fingerprint(session, rules).cloned(),
        next: Window::next(rules, date, planned.as_ref())?,
        ..Facts::default()
    })
}

/// Renders the facts, places the draft, and says what is left to do in it.
///
/// # Errors
/// When the policy lacks rules, or a value may not enter a draft, or the file stands there.
pub fn write(session: &Session, id: &DocumentId, facts: &Facts) -> Result<PackPath, Fault> {
    let policy = &session.pack.policy;
    let text = policy.text_rules_for(id).ok_or_else(|| missing(id, "text"))?;
    let series = policy.find_series(&id.series).ok_or_else(|| missing(id, "series"))?;
    let template = templates::of(session, series, secpack_canary::TEMPLATE)?;
    let style = Style { pack: policy.name(), text, rules: rules(session, id)? };
    let draft = secpack_canary::draft(&template, &style, id, facts)?;
    let path = place_draft(session, id, &draft)?;
    lint::report_draft(session, id, &path, draft.as_bytes());
    Ok(path)
}

fn rules<'s>(session: &'s Session, id: &DocumentId) -> Result<&'s CanaryRules, Fault> {
    session.pack.policy.canary_rules_for(id).ok_or_else(|| missing(id, "canary"))
}

fn missing(id: &DocumentId, what: &str) -> Fault {
    Fault::new(format!("the policy has no [[{what}]] rules for {id}"))
        .hint("docs/pack-format.md shows how to add them")
}

/// The published canary that is issued anew. What nobody signed is a draft, and is edited.
fn replaced<'s>(
    session: &'s Session,
    arguments: &CanaryNewArgs,
) -> Result<Option<&'s Document>, Fault> {
    let Some(name) = &arguments.replaces else { return Ok(None) };
    let document = find(session, name)?;
    let signed = super::status::tally(session, &session.authority(), document)?;
    if signed.signed.is_empty() {
        let text = format!("{}: nobody signed it, so there is nothing to replace", document.path);
        return Err(Fault::refused(text)
            .hint(format!("edit it, then: secpack canary lint {}", document.path)));
    }
    Ok(Some(document))
}

fn freshness(arguments: &CanaryNewArgs) -> Result<Option<Freshness>, Fault> {
    let Some(path) = &arguments.freshness else { return Ok(None) };
    let read = Freshness::from_json(&read_text(path)?);
    Ok(Some(read.map_err(|error| Fault::new(format!("{}: {error}", path.display())))?))
}
