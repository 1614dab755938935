//! Planned canaries as a calendar file (RFC 5545): one all-day event per window, with two alarms.
//!
//! The same canary keeps its UID, so a program that reads the file again moves the event and makes
//! no second one. Nothing in the file depends on the time at which it was made.

use crate::{Canary, Error, Window};
use chrono::{Days, Duration, NaiveDate, NaiveTime};
use icalendar::{Alarm, Calendar, Component, Event, EventLike, EventStatus, Trigger};
use secpack_pack::policy::CanaryRules;
use sha2::{Digest, Sha256};

/// Hours after midnight at which the first day reminds.
const MORNING: i64 = 9;
/// Days before the end of the window at which the second alarm goes off.
const LATE: i64 = 3;

/// A canary that is to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What people will call it.
    pub label: String,
    /// Its number.
    pub number: u32,
    /// When it is due.
    pub window: Window,
    /// Whether the newest canary announced the window; otherwise the schedule of the policy did.
    pub announced: bool,
}

/// What is planned in one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course<'a> {
    /// The name of the series.
    pub series: &'a str,
    /// The date of issue of the newest canary.
    pub issued: NaiveDate,
    /// What follows it.
    pub planned: Vec<Planned>,
}

/// The next `count` canaries after `last`; none when it is the last one, or nothing says when the
/// next is due. `label` names a canary by its number and first day.
///
/// # Errors
/// [`Error::Window`] when the policy's window is not one.
pub fn planned(
    rules: &CanaryRules,
    last: &Canary<'_>,
    count: usize,
    label: impl Fn(u32, NaiveDate) -> String,
) -> Result<Vec<Planned>, Error> {
    let (Some(number), Some(issued), false) = (last.number, last.date, last.last) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut next = match last.window {
        Some(window) => Some(window),
        None => Window::next(rules, issued, None)?,
    };
    for number in (number + 1..).take(count) {
        let Some(window) = next else { break };
        let announced = found.is_empty() && last.window.is_some();
        found.push(Planned { label: label(number, window.from()), number, window, announced });
        next = Window::next(rules, window.from(), Some(&window))?;
    }
    Ok(found)
}

/// The calendar file. `pack` is the name of the pack, `identity` what tells it from all others,
/// such as the fingerprint of its root.
pub fn calendar(pack: &str, identity: &str, courses: &[Course<'_>]) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//secpack//canary calendar//EN"));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    let name = format!("Canaries of {}", secpack_pack::escape(pack));
    calendar.append_property(("X-WR-CALNAME", name.as_str()));
    for course in courses {
        for canary in &course.planned {
            calendar.push(event(identity, course.series, course.issued, canary));
        }
    }
    calendar.done().to_string()
}

fn event(identity: &str, series: &str, since: NaiveDate, canary: &Planned) -> Event {
    let (from, until) = (canary.window.from(), canary.window.until());
    let label = secpack_pack::escape(&canary.label);
    let status = if canary.announced { EventStatus::Confirmed } else { EventStatus::Tentative };
    let text = format!("{label} is due from {from} to {until}, days in UTC.");
    let late = format!("{label} must be public by {until}.");
    let uid = uid(identity, series, canary.number);
    let stamp = since.and_time(NaiveTime::MIN).and_utc();
    // What has no UID and no time stamp gets random ones and the clock's.
    let alarm = |name: &str, text: &str, trigger: Trigger| {
        Alarm::display(text, trigger).uid(&format!("{name}-{uid}")).timestamp(stamp).done()
    };
    Event::new()
        .uid(&uid)
        .timestamp(stamp)
        .summary(&format!("{label} is due"))
        .description(&text)
        .starts(from)
        // The end of an all-day event is exclusive.
        .ends(until + Days::new(1))
        .status(status)
        .add_property("TRANSP", "TRANSPARENT")
        .alarm(alarm("open", &text, Trigger::after_start(Duration::hours(MORNING))))
        .alarm(alarm("late", &late, Trigger::before_end(Duration::days(LATE))))
        .done()
}

/// Stable, and not that of another pack with the same names.
fn uid(identity: &str, series: &str, number: u32) -> String {
    let digest = Sha256::digest(identity.as_bytes());
    let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{series}-{number:03}-{short}@secpack")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{CANARY, canary_rules, day};

    fn label(number: u32, _: NaiveDate) -> String {
        format!("Canary-{number:03}")
    }

    #[test]
    fn a_year_of_canaries() {
        let last = Canary::parse(CANARY).expect("a view");
        let found = planned(&canary_rules(), &last, 4, label).expect("windows");
        let windows: Vec<String> = found.iter().map(|p| p.window.to_string()).collect();
        let months = ["March 2025", "June 2025", "September 2025", "December 2025"];
        assert_eq!(windows, months.map(|month| format!("first fourteen days of {month}")));
        assert_eq!(found[0].label, "Canary-008");
        assert!(found[0].announced && !found[1].announced);
    }

    #[test]
    fn after_the_last_one_nothing_is_planned() {
        let window = "The next canary is planned for the first fourteen days of March\n   2025.";
        let text = CANARY.replace(window, "This is the last canary.");
        let last = Canary::parse(&text).expect("a view");
        assert_eq!(planned(&canary_rules(), &last, 4, label).ok(), Some(Vec::new()));
    }

    #[test]
    fn the_file_is_the_same_every_time() {
        let last = Canary::parse(CANARY).expect("a view");
        let found = planned(&canary_rules(), &last, 2, label).expect("windows");
        let rows = [Course { series: "canary", issued: day("2024-12-03"), planned: found }];
        let text = calendar("Example, Inc.", "AAAA", &rows);
        assert_eq!(text, calendar("Example, Inc.", "AAAA", &rows));
        assert_ne!(text, calendar("Example, Inc.", "BBBB", &rows));
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        for line in [
            "DTSTAMP:20241203T000000Z",
            "DTSTART;VALUE=DATE:20250301",
            "DTEND;VALUE=DATE:20250315",
            "SUMMARY:Canary-008 is due",
        ] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}: {text}");
        }
    }
}
