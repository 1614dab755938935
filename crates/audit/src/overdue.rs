//! The newest good canary of each series, and whether the next one is due.
//!
//! Whoever holds a pack back shows an old one in which everything is good; only the calendar tells.
//! `verify` warns: an old clone is not wrong because time passed. `watch` fails.

use crate::documents::JudgedDocument;
use crate::report::{CanaryReport, CanaryState};
use chrono::{DateTime, NaiveDate, Utc};
use secpack_canary::{Canary, Schedule, Window, status};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, Finding, Level, Pack, Policy, Reason, SeriesId};

/// The newest complete canary of each series, in the order of the policy.
pub(crate) fn canaries(
    pack: &Pack,
    documents: &[JudgedDocument<'_>],
    now: DateTime<Utc>,
) -> Vec<CanaryReport> {
    let series = pack.policy.series().iter().filter(|series| series.kind == SeriesKind::Canary);
    series
        .filter_map(|series| newest(documents, &series.id))
        .map(|document| report(&pack.policy, document, now.date_naive()))
        .collect()
}

fn newest<'p>(documents: &[JudgedDocument<'p>], series: &SeriesId) -> Option<&'p Document> {
    let complete = documents.iter().filter(|judged| judged.tally.is_met());
    let of_series = complete.map(|judged| judged.document).filter(|d| &d.id.series == series);
    of_series.max_by_key(|document| (document.id.number, &document.path))
}

fn report(policy: &Policy, document: &Document, today: NaiveDate) -> CanaryReport {
    let text = crate::texts::text_of(policy, document).unwrap_or_default();
    let view = Canary::parse(&text).ok();
    let mut report = CanaryReport {
        path: document.path.clone(),
        series: document.id.series.clone(),
        number: document.id.number,
        label: policy.label_of(&document.id),
        date: view.as_ref().and_then(|view| view.date),
        state: CanaryState::Unscheduled,
        due: None,
        days_overdue: None,
    };
    let Some((view, rules)) = view.zip(policy.canary_rules_for(&document.id)) else {
        return report;
    };
    let scheduled = || Window::next(rules, view.date?, None).ok().flatten();
    let window = if view.last { None } else { view.window.or_else(scheduled) };
    report.due = window.map(|window| window.until());
    (report.state, report.days_overdue) = match status(rules, &view, today).ok().flatten() {
        None => (CanaryState::Unscheduled, None),
        Some(Schedule::Ended) => (CanaryState::Ended, None),
        Some(Schedule::Early { .. }) => (CanaryState::Early, None),
        Some(Schedule::Open { .. }) => (CanaryState::Open, None),
        Some(Schedule::Overdue { days, .. }) => (CanaryState::Overdue, Some(days)),
    };
    report
}

/// A warning for each series whose next canary is overdue.
pub(crate) fn findings(pack: &Pack, canaries: &[CanaryReport]) -> Vec<Finding> {
    let overdue = canaries.iter().filter(|canary| canary.state == CanaryState::Overdue);
    overdue
        .map(|canary| {
            let blob = crate::documents::evidence(pack, &canary.path);
            let text = format!(
                "the canary after {} was due by {}, {} days ago; ask the team, assume nothing",
                canary.name(),
                canary.due.map(|due| due.to_string()).unwrap_or_default(),
                canary.days_overdue.unwrap_or_default()
            );
            let path = canary.path.as_str();
            Finding::new(Reason::Overdue.code(), Level::Warning, path, &[&blob], text)
        })
        .collect()
}
