//! Whether a canary is due.

use crate::{Canary, Error, Window};
use chrono::NaiveDate;
use secpack_pack::policy::CanaryRules;
use serde::Serialize;

/// Where the next canary stands. Days are UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Schedule {
    /// Its window has not begun.
    Early {
        /// The window's first day.
        opens: NaiveDate,
    },
    /// It may be published now.
    Open {
        /// The window's last day.
        closes: NaiveDate,
    },
    /// Its window is over and it is not there.
    Overdue {
        /// The window's last day.
        closed: NaiveDate,
        /// Days since then, at least 1.
        days: u32,
    },
    /// The last one said that none follows.
    Ended,
}

/// Where the canary after `last` stands on the day `now`. The window is the one that `last`
/// announces, or the policy's where it announces none; `None` when there is neither. Where `last`
/// says that it is the last one, nothing is ever due again.
///
/// # Errors
/// [`Error::Window`] when the policy's window is not one.
pub fn status(
    rules: &CanaryRules,
    last: &Canary<'_>,
    now: NaiveDate,
) -> Result<Option<Schedule>, Error> {
    if last.last {
        return Ok(Some(Schedule::Ended));
    }
    let scheduled = || match last.date {
        Some(issued) => Window::next(rules, issued, None),
        None => Ok(None),
    };
    let window = match last.window {
        Some(window) => Some(window),
        None => scheduled()?,
    };
    Ok(window.map(|window| at(&window, now)))
}

fn at(window: &Window, now: NaiveDate) -> Schedule {
    let (opens, closes) = (window.from(), window.until());
    if now < opens {
        return Schedule::Early { opens };
    }
    match u32::try_from((now - closes).num_days()) {
        Ok(days @ 1..) => Schedule::Overdue { closed: closes, days },
        Ok(0) | Err(_) => Schedule::Open { closes },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{CANARY, canary_rules, day};

    #[test]
    fn early_open_overdue() {
        let last = Canary::parse(CANARY).expect("a view");
        let check = |now: &str, expected: Schedule| {
            assert_eq!(status(&canary_rules(), &last, day(now)).ok().flatten(), Some(expected));
        };
        check("2024-12-03", Schedule::Early { opens: day("2025-03-01") });
        check("2025-02-28", Schedule::Early { opens: day("2025-03-01") });
        check("2025-03-01", Schedule::Open { closes: day("2025-03-14") });
        check("2025-03-14", Schedule::Open { closes: day("2025-03-14") });
        check("2025-03-15", Schedule::Overdue { closed: day("2025-03-14"), days: 1 });
        check("2025-04-14", Schedule::Overdue { closed: day("2025-03-14"), days: 31 });
    }

    #[test]
    fn after_the_last_one_nothing_is_due() {
        let window = "The next canary is planned for the first fourteen days of March\n   2025.";
        let text = CANARY.replace(window, "This is the last canary.");
        let last = Canary::parse(&text).expect("a view");
        for now in ["2024-12-03", "2025-03-15", "2124-12-03"] {
            let state = status(&canary_rules(), &last, day(now)).ok().flatten();
            assert_eq!(state, Some(Schedule::Ended), "{now}");
        }
    }

    #[test]
    fn without_a_window_the_policy_decides() {
        let text = CANARY.replace("first fourteen days of March\n   2025", "spring");
        let last = Canary::parse(&text).expect("a view");
        let now = day("2025-03-20");
        let overdue = Schedule::Overdue { closed: day("2025-03-14"), days: 6 };
        assert_eq!(status(&canary_rules(), &last, now).ok().flatten(), Some(overdue));
        let mut rules = canary_rules();
        rules.window = None;
        assert_eq!(status(&rules, &last, now).ok(), Some(None));
    }
}
