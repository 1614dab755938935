//! `secpack canary`: draft, check, compare, and when the next one is due.

mod calendar;
mod diff;
mod freshness;
mod new;
mod refresh;
mod schedule;
mod status;

use crate::arguments::{CanaryCommand, Global};
use crate::commands::revise;
use crate::session::Session;
use crate::{Exit, Fault, documents, lint, terminal};
use chrono::NaiveDate;
use secpack_audit::text_of;
use secpack_bulletin::Bulletin;
use secpack_canary::{Canary, Context, Rules};
use secpack_pack::policy::{CanaryRules, SeriesKind};
use secpack_pack::{Document, DocumentId, Finding, Fingerprint, PackPath, SeriesId};
use std::borrow::Cow;

pub fn run(global: &Global, command: &CanaryCommand) -> Result<Exit, Fault> {
    let session = || Session::open(global);
    match command {
        CanaryCommand::New(arguments) => new::run(&session()?, arguments),
        CanaryCommand::Revise(arguments) => {
            let session = session()?;
            let (member, reason) = (&arguments.withdraw_signature, &arguments.reason);
            let document = find(&session, &arguments.document)?;
            revise::take_back(&session, document, member, reason, arguments.yes)
        }
        CanaryCommand::Lint(arguments) => {
            let session = session()?;
            lint::run(global, &session, find(&session, &arguments.document)?, arguments)
        }
        CanaryCommand::Edit(arguments) => {
            let session = session()?;
            let path = find(&session, &arguments.document)?.path.clone();
            lint::edit(global, session, &path, arguments)
        }
        CanaryCommand::Status => status::run(global, &session()?),
        CanaryCommand::Diff(arguments) => diff::run(global, &session()?, arguments),
        CanaryCommand::Freshness(command) => freshness::run(global, command),
        CanaryCommand::Refresh(arguments) => refresh::run(&session()?, arguments),
        CanaryCommand::Calendar(arguments) => calendar::run(&session()?, arguments),
        CanaryCommand::Schedule(command) => schedule::run(global, &session()?, command),
    }
}

pub use status::tally;

/// The canary that a person names.
fn find<'s>(session: &'s Session, name: &str) -> Result<&'s Document, Fault> {
    let document = documents::find(session, name)?;
    let series = session.pack.policy.find_series(&document.id.series);
    if series.is_some_and(|series| series.kind == SeriesKind::Canary) {
        return Ok(document);
    }
    let words = terminal::words();
    let is_bulletin = series.is_some_and(|series| series.kind == SeriesKind::Bulletin);
    let hint = match is_bulletin && words.iter().any(|word| word == "edit" || word == "lint") {
        true => terminal::typed().instead("canary", "bulletin").to_string(),
        false => "secpack canary status".to_owned(),
    };
    Err(Fault::new(format!("{} is no canary", document.path)).hint(hint))
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
        let text = text_of(&session.pack.policy, document)?;
        Bulletin::parse(&text).ok()?.date
    });
    u32::try_from(dates.filter(|date| date.is_none_or(|date| date <= day)).count())
        .unwrap_or(u32::MAX)
}

/// The text of the newest canary of a series with a lower number.
fn text_before(session: &Session, series: &SeriesId, number: Option<u32>) -> Option<String> {
    let all = session.pack.series(series).into_iter().rev();
    let mut earlier = all.filter(|document| document.id.number < number);
    earlier.find_map(|document| text_of(&session.pack.policy, document).map(Cow::into_owned))
}

/// What the rules for canaries find in a text.
pub fn findings(session: &Session, id: &DocumentId, path: &PackPath, bytes: &[u8]) -> Vec<Finding> {
    let policy = &session.pack.policy;
    let canary_rules = policy.canary_rules_for(id);
    let rules = Rules { canary: canary_rules, text: policy.text_rules_for(id) };
    let own = std::str::from_utf8(bytes).ok().and_then(|text| Canary::parse(text).ok());
    let day = own.as_ref().and_then(|canary| canary.date);
    let counted = canary_rules.and_then(|rules| rules.counts.as_ref());
    let before = text_before(session, &id.series, id.number);
    let previous = before.as_ref().and_then(|text| Canary::parse(text).ok());
    let context = Context {
        expected_count: counted.zip(day).map(|(counted, day)| count(session, counted, day)),
        fingerprint: canary_rules.and_then(|rules| fingerprint(session, rules)),
        previous: previous.as_ref(),
        now: session.now.date_naive(),
    };
    secpack_canary::lint(bytes, id, path, rules, context)
}
