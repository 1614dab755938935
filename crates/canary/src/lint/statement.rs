//! Rules about what a canary states.

use super::Subject;
use crate::{Statement, Window, changes};
use chrono::NaiveDate;
use secpack_pack::plaintext::{Hit, RuleOf, is_todo, write_date};

pub(super) fn rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    vec![
        RuleOf::error("date", "A canary without a date of issue proves nothing.", date),
        RuleOf::warning(
            "date-form",
            "A date in another form is one that was typed by hand.",
            date_form,
        ),
        RuleOf::warning("date-future", "A canary is dated on the day it is signed.", date_future),
        RuleOf::error(
            "count",
            "The count of bulletins tells a reader that none was hidden.",
            count,
        ),
        RuleOf::error(
            "fingerprint",
            "A reader compares the stated root with the one they know.",
            fingerprint,
        ),
        RuleOf::error(
            "statements",
            "A statement that is dropped is what a canary is for.",
            statements,
        ),
        RuleOf::warning(
            "statement-changed",
            "Readers are told to be alarmed by changed statements; the announcements must say why.",
            changed,
        ),
        RuleOf::error(
            "statement-unannounced",
            "A changed statement that nothing explains is the alarm that a canary is for.",
            unannounced,
        ),
        RuleOf::error(
            "window",
            "Without a next window nobody can tell when silence is a sign.",
            window,
        ),
        RuleOf::warning(
            "window-schedule",
            "A window off the schedule needs an explanation.",
            scheduled,
        ),
    ]
}

fn line_of(subject: &Subject<'_>, number: usize) -> Option<u32> {
    Some(subject.canary.statements.get(number.checked_sub(1)?)?.line)
}

/// A hit at the first statement that `holds` what is spoken of, else at the document.
fn hit_where(subject: &Subject<'_>, holds: impl Fn(&Statement<'_>) -> bool, text: String) -> Hit {
    match subject.canary.statements.iter().find(|statement| holds(statement)) {
        Some(statement) => Hit::at(statement.line, text),
        None => Hit::new(text),
    }
}

fn date(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.canary.date.is_some() || subject.is_open() {
        return Vec::new();
    }
    vec![Hit::new("no statement holds the date of issue")]
}

fn date_form(subject: &Subject<'_>) -> Vec<Hit> {
    let (Some(date), Some(rules)) = (subject.canary.date, subject.rules) else { return Vec::new() };
    let Some(expected) = write_date(date, &rules.date) else { return Vec::new() };
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if subject.canary.statements.iter().any(|s| words(s.text).contains(&expected)) {
        return Vec::new();
    }
    vec![Hit::new(format!("the date of issue is not written \"{expected}\""))]
}

fn date_future(subject: &Subject<'_>) -> Vec<Hit> {
    let now = subject.context.now;
    let late = subject.canary.date.filter(|date| *date > now);
    late.map(|date| Hit::new(format!("the date of issue {date} is after {now}")))
        .into_iter()
        .collect()
}

fn count(subject: &Subject<'_>) -> Vec<Hit> {
    let asked = subject.rules.is_some_and(|rules| rules.counts.is_some());
    match (subject.canary.count, subject.context.expected_count) {
        (Some(stated), Some(expected)) if stated != expected => {
            let text =
                format!("{stated} bulletins are stated; the pack has {expected} by that date");
            let holds = |s: &Statement<'_>| s.text.to_lowercase().contains("bulletin");
            vec![hit_where(subject, holds, text)]
        }
        (None, Some(_) | None) if asked && !subject.is_open() => {
            vec![Hit::new("no statement counts the bulletins")]
        }
        (Some(_) | None, Some(_) | None) => Vec::new(),
    }
}

fn fingerprint(subject: &Subject<'_>) -> Vec<Hit> {
    let asked = subject.rules.is_some_and(|rules| rules.fingerprint.is_some());
    match (&subject.canary.fingerprint, subject.context.fingerprint) {
        (Some(stated), Some(expected)) if stated != expected => {
            let text = format!("the stated fingerprint {stated} is not the root's, {expected}");
            let holds = |s: &Statement<'_>| s.text.to_lowercase().contains("fingerprint");
            vec![hit_where(subject, holds, text)]
        }
        (None, Some(_) | None) if asked && !subject.is_open() => {
            vec![Hit::new("no statement holds a full fingerprint")]
        }
        (Some(_) | None, Some(_) | None) => Vec::new(),
    }
}

fn statements(subject: &Subject<'_>) -> Vec<Hit> {
    let expected = subject.rules.and_then(|rules| rules.statements);
    let found = subject.canary.statements.len();
    let wrong = expected.filter(|expected| *expected as usize != found);
    wrong
        .map(|expected| Hit::new(format!("{found} statements in a row, not {expected}")))
        .into_iter()
        .collect()
}

fn changed(subject: &Subject<'_>) -> Vec<Hit> {
    if !subject.canary.announces() {
        return Vec::new();
    }
    changes_in(subject).map(|hit| hit.help("the announcements must say why")).collect()
}

/// Changes while nothing is announced at all.
fn unannounced(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.canary.announces() || subject.is_open() {
        return Vec::new();
    }
    let help = "say why under the announcements, or restore the words";
    changes_in(subject).map(|hit| hit.help(help)).collect()
}

fn changes_in(subject: &Subject<'_>) -> impl Iterator<Item = Hit> {
    let found = match subject.context.previous {
        Some(previous) => changes(previous, subject.canary),
        None => Vec::new(),
    };
    found.into_iter().filter(|change| !is_todo(&change.new)).map(|change| {
        let text = format!(
            "statement {} differs from the last canary: \"{}\" became \"{}\"",
            change.number, change.old, change.new
        );
        match line_of(subject, change.number as usize) {
            Some(line) => Hit::at(line, text),
            None => Hit::new(text),
        }
    })
}

/// A window that is over on the day of issue announces nothing.
fn window(subject: &Subject<'_>) -> Vec<Hit> {
    let asked = subject.rules.is_some_and(|rules| rules.window.is_some());
    match (subject.canary.window, subject.canary.date) {
        (Some(window), Some(date)) if window.until() <= date => {
            let text = format!("the next window, {window}, is not after the date of issue {date}");
            vec![hit_where(subject, |s| Window::find(s.text).is_some(), text)]
        }
        (None, Some(_) | None) if asked && !subject.canary.last && !subject.is_open() => {
            vec![Hit::new("no statement says when the next canary comes")]
        }
        (Some(_) | None, Some(_) | None) => Vec::new(),
    }
}

/// Windows that are over already are reported by `window`.
fn scheduled(subject: &Subject<'_>) -> Vec<Hit> {
    let (Some(window), Some(date)) = (subject.canary.window, subject.canary.date) else {
        return Vec::new();
    };
    let Some(expected) = expected_window(subject, date) else { return Vec::new() };
    if (expected.from(), expected.until()) == (window.from(), window.until())
        || window.until() <= date
    {
        return Vec::new();
    }
    let text = format!("the next window is {window}; by the schedule it is {expected}");
    vec![hit_where(subject, |s| Window::find(s.text).is_some(), text)]
}

fn expected_window(subject: &Subject<'_>, date: NaiveDate) -> Option<Window> {
    let planned = subject.context.previous.and_then(|previous| previous.window);
    Window::next(subject.rules?, date, planned.as_ref()).ok().flatten()
}
