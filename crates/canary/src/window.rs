//! When the next canary is due, in the words of real canaries: "the first fourteen days of March
//! 2025", "first two weeks of", "last fourteen days of", "first half of".
//!
//! Days are UTC and inclusive. Whatever is printed here reads back as the same window.

mod span;

pub use span::Span;
pub(crate) use span::words;

use crate::Error;
use chrono::{Datelike, Days, Month, Months, NaiveDate};
use secpack_pack::policy::CanaryRules;
use serde::{Serialize, Serializer};
use span::{Edge, Length};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// How long after a window, in days, a canary still counts as the one planned for it.
const LATE: u64 = 31;

/// A part of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    span: Span,
    first_of_month: NaiveDate,
}

impl Window {
    /// The span in the month of `day`.
    pub fn in_month_of(span: Span, day: NaiveDate) -> Self {
        Self { span, first_of_month: day.with_day(1).expect("every month has a first day") }
    }

    /// Its first day.
    pub fn from(&self) -> NaiveDate {
        let skipped = match self.span.edge {
            Edge::First => 0,
            Edge::Last => self.days_in_month() - self.days(),
        };
        self.first_of_month + Days::new(skipped.into())
    }

    /// Its last day.
    pub fn until(&self) -> NaiveDate {
        self.from() + Days::new(u64::from(self.days()) - 1)
    }

    fn days_in_month(&self) -> u32 {
        u32::from(self.first_of_month.num_days_in_month())
    }

    fn days(&self) -> u32 {
        let days = match (self.span.length, self.span.edge) {
            (Length::Days(days), _) => days,
            (Length::Weeks(weeks), _) => weeks * 7,
            (Length::Half, Edge::First) => 15,
            (Length::Half, Edge::Last) => self.days_in_month() - 15,
        };
        days.min(self.days_in_month())
    }

    /// The first window that a text names.
    pub fn find(text: &str) -> Option<Self> {
        Self::locate(text).map(|(window, _)| window)
    }

    /// The first window that a text names, and which of the words between blanks name it.
    pub(crate) fn locate(text: &str) -> Option<(Self, Range<usize>)> {
        let words = words(text);
        (0..words.len()).find_map(|at| {
            let (window, taken) = window(&words[at..])?;
            Some((window, at..at + taken))
        })
    }

    /// The window after a canary issued on `issued`, by the schedule of the policy; `None` when
    /// the policy has no schedule. `planned` is the window that was announced for this canary: a
    /// canary that is a little early or late does not move the schedule.
    ///
    /// # Errors
    /// [`Error::Window`] when the policy's window is not one.
    pub fn next(
        rules: &CanaryRules,
        issued: NaiveDate,
        planned: Option<&Window>,
    ) -> Result<Option<Self>, Error> {
        let (Some(span), Some(months)) = (&rules.window, rules.every_months) else {
            return Ok(None);
        };
        let span: Span = span.parse()?;
        let month = match planned.filter(|window| window.is_near(issued)) {
            Some(window) => window.first_of_month,
            None => issued,
        };
        let next =
            month.with_day(1).and_then(|first| first.checked_add_months(Months::new(months)));
        Ok(next.map(|month| Self::in_month_of(span, month)))
    }

    fn is_near(&self, day: NaiveDate) -> bool {
        let early = self.from().checked_sub_days(Days::new(LATE)).is_none_or(|from| from <= day);
        early && self.until().checked_add_days(Days::new(LATE)).is_none_or(|until| day <= until)
    }
}

/// A window at the start of `words` and how many of them it takes.
fn window(words: &[String]) -> Option<(Window, usize)> {
    let (span, taken) = span::leading(words)?;
    let [of, month, year, ..] = &words[taken..] else { return None };
    let month: Month =
        month.parse().ok().filter(|_| of == "of" && (month.len() > 3 || month == "may"))?;
    let year = year.parse().ok().filter(|_| year.len() == 4)?;
    let first = NaiveDate::from_ymd_opt(year, month.number_from_month(), 1)?;
    Some((Window { span, first_of_month: first }, taken + 3))
}

impl FromStr for Window {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::find(text).ok_or_else(|| Error::Window(secpack_pack::escape(text)))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.span, self.first_of_month.format("%B %Y"))
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{canary_rules, day};

    fn check(text: &str, from: &str, until: &str, printed: &str) {
        let window = Window::find(text).expect("a window");
        assert_eq!((window.from(), window.until()), (day(from), day(until)), "{text}");
        assert_eq!(window.to_string(), printed);
        assert_eq!(printed.parse::<Window>().expect("its own words"), window);
    }

    #[test]
    fn the_words_of_real_canaries() {
        check(
            "in the first\nfourteen days of March 2025. Special",
            "2025-03-01",
            "2025-03-14",
            "first fourteen days of March 2025",
        );
        check("first week of June 2015", "2015-06-01", "2015-06-07", "first week of June 2015");
        check(
            "first 2 weeks of August 2015",
            "2015-08-01",
            "2015-08-14",
            "first two weeks of August 2015",
        );
        check(
            "First three weeks of January 2020",
            "2020-01-01",
            "2020-01-21",
            "first three weeks of January 2020",
        );
        check(
            "the last fourteen days of May 2023",
            "2023-05-18",
            "2023-05-31",
            "last fourteen days of May 2023",
        );
        check("first half of April 2024", "2024-04-01", "2024-04-15", "first half of April 2024");
        check(
            "second half of February 2024",
            "2024-02-16",
            "2024-02-29",
            "last half of February 2024",
        );
        check("last day of February 2023", "2023-02-28", "2023-02-28", "last day of February 2023");
        check(
            "first thirty-one days of February 2023",
            "2023-02-01",
            "2023-02-28",
            "first thirty-one days of February 2023",
        );
    }

    #[test]
    fn what_is_no_window() {
        for text in [
            "",
            "first",
            "first days of",
            "first five weeks of May 2023",
            "first 32 days of May 2023",
            "first 0 days of May 2023",
            "second week of May 2023",
            "first fourteen days in May 2023",
            "first fourteen days of Maytime 2023",
            "first fourteen days of May 23",
            "two halves of May 2023",
        ] {
            assert_eq!(Window::find(text), None, "{text}");
        }
        assert!("first fourteen days".parse::<Span>().is_ok());
        assert!("first fourteen days of".parse::<Span>().is_err());
    }

    #[test]
    fn the_next_one_follows_the_schedule() {
        let next = |issued: &str, planned: Option<&str>| {
            let planned = planned.map(|text| text.parse::<Window>().expect("a window"));
            let next = Window::next(&canary_rules(), day(issued), planned.as_ref());
            next.expect("a schedule").expect("a window").to_string()
        };
        assert_eq!(next("2024-12-03", None), "first fourteen days of March 2025");
        assert_eq!(next("2024-11-30", None), "first fourteen days of February 2025");
        let planned = Some("first fourteen days of September 2021");
        assert_eq!(next("2021-08-31", planned), "first fourteen days of December 2021");
        assert_eq!(next("2021-10-01", planned), "first fourteen days of December 2021");
        assert_eq!(next("2022-02-01", planned), "first fourteen days of May 2022");
    }

    #[test]
    fn no_schedule_no_window() {
        let mut rules = canary_rules();
        rules.every_months = None;
        assert_eq!(Window::next(&rules, day("2024-12-03"), None).ok(), Some(None));
        rules = canary_rules();
        rules.window = Some("some days".to_owned());
        assert!(Window::next(&rules, day("2024-12-03"), None).is_err());
    }
}
