//! `secpack canary new`: facts out of the pack, the policy and the files that a person names.

use super::freshness::read_evidence;
use super::{count, find, fingerprint, text_before};
use crate::arguments::CanaryNewArgs;
use crate::commands::bulletin::{find_series, new_id, read_text};
use crate::commands::numbers::{hear_of_others, taken_numbers, write_new};
use crate::session::Session;
use crate::{Exit, Fault, fault::OrHint, lint, output, templates, terminal};
use chrono::NaiveDate;
use secpack_audit::text_of;
use secpack_canary::{Canary, Error, Facts, Freshness, Style, Window};
use secpack_pack::policy::{CanaryRules, Series, SeriesKind};
use secpack_pack::{Document, DocumentId, PackPath, shell_word};

pub fn run(session: &Session, arguments: &CanaryNewArgs) -> Result<Exit, Fault> {
    let replaced = replaced(session, arguments)?;
    let name = replaced.map(|document| document.id.series.as_str());
    let name = name.or(arguments.series.as_deref());
    let series = find_series(session, SeriesKind::Canary, name)?;
    let date = arguments.date.unwrap_or_else(|| session.now.date_naive());
    hear_of_others(session, &arguments.others)?;
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
    if let Some(evidence) = &facts.freshness {
        must_be_of_the_day(evidence, facts.date)?;
    }
    let path = write(session, &id, &facts)?;
    if replaced.is_none() {
        warn_after_the_last(session, &id);
    }
    output::note("read it before anybody signs it");
    output::hint(&format!("secpack canary lint {path}"));
    Ok(Exit::Good)
}

/// Readers were told to expect none: who begins a series again should know that it had ended.
fn warn_after_the_last(session: &Session, id: &DocumentId) {
    let policy = &session.pack.policy;
    let all = session.pack.series(&id.series).into_iter().rev();
    let mut earlier = all.filter(|document| document.id.number < id.number);
    let before = earlier.find_map(|document| Some((document, text_of(policy, document)?)));
    let Some((document, text)) = before else { return };
    if Canary::parse(&text).is_ok_and(|canary| canary.last) {
        let label = policy.label_of(&document.id);
        output::warning(&format!(
            "{label} says that no other follows; the announcements must say why this one does"
        ));
    }
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
        next: Window::next(rules, date, planned.as_ref()).or_hint("secpack policy check")?,
        ..Facts::default()
    })
}

/// Renders the facts, places the draft, and says what is left to do in it.
///
/// # Errors
/// When the policy lacks rules, or a value may not enter a draft, or the file stands there.
pub fn write(session: &Session, id: &DocumentId, facts: &Facts) -> Result<PackPath, Fault> {
    let draft = render(session, id, facts)?;
    let path = session.pack.policy.path_of(id);
    let document = path.map(|path| Document { id: id.clone(), path, bytes: None });
    if let (Some(evidence), Some(document)) = (&facts.freshness, &document)
        && !session.on_disk(&document.path).exists()
    {
        keep_evidence(session, document, evidence, Keep::New)?;
    }
    let path = write_new(session, id, &draft)?;
    output::line(format!("drafted: {path}"));
    lint::report_draft(session, id, &path, draft.as_bytes());
    Ok(path)
}

/// The text of a draft.
///
/// # Errors
/// When the policy lacks rules, or a value may not enter a draft.
pub fn render(session: &Session, id: &DocumentId, facts: &Facts) -> Result<String, Fault> {
    let policy = &session.pack.policy;
    let text = policy.text_rules_for(id).ok_or_else(|| missing(id, "text"))?;
    let series = policy.find_series(&id.series).ok_or_else(|| missing(id, "series"))?;
    let template = templates::of(session, series, secpack_canary::TEMPLATE)?;
    let style = Style { pack: policy.name(), text, rules: rules(session, id)? };
    secpack_canary::draft(&template, &style, id, facts).map_err(|error| match error {
        Error::DateForm(_) => Fault::from(error).hint("secpack policy check"),
        error => error.into(),
    })
}

/// Whether evidence may stand where other evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It may not.
    New,
    /// The draft is made anew, and its evidence with it.
    Replace,
}

/// Puts the evidence beside the canary, where everybody who verifies it finds it.
///
/// # Errors
/// When other evidence stands there, or it cannot be written.
pub fn keep_evidence(
    session: &Session,
    document: &Document,
    evidence: &Freshness,
    keep: Keep,
) -> Result<(), Fault> {
    let Some(path) = session.pack.policy.evidence_path(document) else { return Ok(()) };
    let (place, json) = (session.on_disk(&path), evidence.to_json());
    match keep {
        // It belongs to a draft that is not there any more, or the draft could not have been made.
        Keep::New => secpack_signing::write_new(&place, json.as_bytes())
            .or_hint(format!("rm {}", shell_word(&place.display().to_string())))?,
        Keep::Replace => secpack_signing::replace_file(&place, json.as_bytes())?,
    }
    output::note(&format!("  evidence: {path}"));
    Ok(())
}

/// A proof from another day does not show when the canary was made.
///
/// # Errors
/// When it is older than the day before the date of issue, or newer.
pub fn must_be_of_the_day(evidence: &Freshness, date: Option<NaiveDate>) -> Result<(), Fault> {
    let Some(date) = date.filter(|date| !secpack_canary::is_of_the_day(evidence.date, *date))
    else {
        return Ok(());
    };
    let day = evidence.date.date_naive();
    // Fetching again makes a proof of today, which helps only where the canary is not older.
    let of_that_day = dated(day).filter(|_| day > date);
    let (advice, hint) = match of_that_day {
        Some(typed) => {
            (format!("a canary with this proof has {day} for its date of issue:"), typed)
        }
        None => {
            let fetch = "secpack canary freshness fetch --out freshness.json".to_owned();
            ("a new proof is of today:".to_owned(), fetch)
        }
    };
    Err(Fault::refused(format!(
        "the proof of freshness is from {day}, the canary from {date}; nothing was changed"
    ))
    .adding(&advice)
    .hint(hint))
}

/// The same command for that day, where it takes one; a draft that is there is edited.
fn dated(day: NaiveDate) -> Option<String> {
    let (typed, words) = (terminal::typed(), terminal::words());
    let is_typed = |command: &str| words.iter().any(|word| word == command);
    if is_typed("refresh") {
        return Some(typed.instead("refresh", "edit").without("--freshness").to_string());
    }
    is_typed("new").then(|| typed.without("--date").with(&["--date", &day.to_string()]).to_string())
}

fn rules<'s>(session: &'s Session, id: &DocumentId) -> Result<&'s CanaryRules, Fault> {
    session.pack.policy.canary_rules_for(id).ok_or_else(|| missing(id, "canary"))
}

fn missing(id: &DocumentId, what: &str) -> Fault {
    Fault::new(format!("the policy has no [[{what}]] rules for {id}"))
        .adding("docs/pack-format.md shows how to add them")
        .hint("secpack policy show")
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
        return Err(Fault::refused(text).hint(format!("secpack canary edit {}", document.path)));
    }
    Ok(Some(document))
}

fn freshness(arguments: &CanaryNewArgs) -> Result<Option<Freshness>, Fault> {
    arguments.freshness.as_deref().map(read_evidence).transpose()
}
