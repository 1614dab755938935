//! The calendar file, read back by a library of other hands.

use super::canary_packs::{ALL, on, published};
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue,
};
use calcard::{Entry, Parser};
use secpack_tests::Team;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// UID, first day, day after the last, and the triggers of the alarms in seconds.
type Event = (String, String, String, Vec<i64>);

fn parsed(text: &str) -> ICalendar {
    let mut parser = Parser::new(text);
    let Entry::ICalendar(calendar) = parser.entry() else {
        panic!("no calendar: {:?}", Parser::new(text).entry())
    };
    assert_eq!(parser.entry(), Entry::Eof);
    // Lines that the parser does not understand would be passed over: there are none.
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("BEGIN:") && !line.starts_with("END:"))
        .count();
    let read: usize = calendar.components.iter().map(|c| c.entries.len()).sum();
    assert_eq!((read, text.matches("BEGIN:").count()), (lines, calendar.components.len()));
    calendar
}

fn events(text: &str) -> Vec<Event> {
    let calendar = parsed(text);
    let all = calendar.components.iter().enumerate();
    all.filter(|(_, c)| c.component_type == ICalendarComponentType::VEvent)
        .map(|(at, event)| {
            let id = u32::try_from(at).expect("few events");
            let alarms = calendar.alarms_for_id(id).map(seconds).collect();
            let day = |property| date(event, &property);
            let uid = event.uid().expect("a UID").to_owned();
            (uid, day(ICalendarProperty::Dtstart), day(ICalendarProperty::Dtend), alarms)
        })
        .collect()
}

fn value<'c>(
    component: &'c ICalendarComponent,
    property: &ICalendarProperty,
) -> &'c ICalendarValue {
    &component.property(property).expect("a property").values[0]
}

fn date(event: &ICalendarComponent, property: &ICalendarProperty) -> String {
    match value(event, property) {
        ICalendarValue::PartialDateTime(date) => {
            assert!(date.hour.is_none(), "days have no hours");
            let parts = (date.year, date.month, date.day);
            let (Some(year), Some(month), Some(day)) = parts else { panic!("{date:?}") };
            format!("{year}-{month:02}-{day:02}")
        }
        other => panic!("{other:?}"),
    }
}

fn seconds(alarm: &ICalendarComponent) -> i64 {
    match value(alarm, &ICalendarProperty::Trigger) {
        ICalendarValue::Duration(duration) => {
            duration.to_time_delta().expect("short").num_seconds()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_year_of_canaries_is_a_calendar() {
    let team = Team::new(PROGRAM);
    let before = team.sandbox.contents(".");
    let none = on(&team, "2026-03-05", &["canary", "calendar"]).ends(1);
    assert!(none.stderr.contains("no canary is planned"), "{}", none.stderr);
    assert_eq!(before, team.sandbox.contents("."));
    published(&team, "2026-03-05", &ALL, &[]);
    let first = on(&team, "2026-03-05", &["canary", "calendar"]).ends(0).stdout;
    let found = events(&first);
    let days: Vec<(&str, &str)> = found.iter().map(|e| (&e.1[..], &e.2[..])).collect();
    assert_eq!(
        days,
        [
            ("2026-06-01", "2026-06-15"),
            ("2026-09-01", "2026-09-15"),
            ("2026-12-01", "2026-12-15"),
            ("2027-03-01", "2027-03-15")
        ]
    );
    assert!(found.iter().all(|event| event.3 == [9 * 3600, -3 * 86400]), "{found:?}");
    // The same bytes on another day, printed or written.
    assert_eq!(on(&team, "2026-05-05", &["canary", "calendar"]).stdout, first);
    on(&team, "2026-03-05", &["canary", "calendar", "--out", "../year.ics"]).ends(0);
    assert_eq!(team.sandbox.read("year.ics"), first.as_bytes());
    // The next canary moves on; those after it stay the same events.
    published(&team, "2026-06-02", &ALL, &[]);
    let second = on(&team, "2026-06-02", &["canary", "calendar", "--count", "3"]).ends(0).stdout;
    assert_eq!(events(&second), found[1..]);
}
