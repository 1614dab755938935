//! Dates as documents write them.

use chrono::NaiveDate;
use std::fmt::Write as _;

/// The forms met in real packs; the first that fits wins.
const FORMS: [&str; 3] = ["%Y-%m-%d", "%B %d, %Y", "%d %B %Y"];

/// The first date in a text: `2024-11-12`, `March 5th, 2015` or `5 March 2015`.
pub fn find_date(text: &str) -> Option<NaiveDate> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let spans = (0..words.len()).flat_map(|at| [(at, 1), (at, 3)]);
    spans
        .filter_map(|(at, count)| words.get(at..at + count))
        .find_map(|words| read(&words.join(" ")))
}

fn read(text: &str) -> Option<NaiveDate> {
    let bare = without_ordinal(text.trim_end_matches(['.', ',', ';', ':', ')']));
    FORMS.iter().find_map(|form| NaiveDate::parse_from_str(&bare, form).ok())
}

/// `5th,` is `5,`: chrono knows no ordinals.
fn without_ordinal(text: &str) -> String {
    let bare = |word: &str| {
        let (stem, comma) = word.strip_suffix(',').map_or((word, ""), |stem| (stem, ","));
        let ordinal = ["st", "nd", "rd", "th"].iter().find_map(|end| stem.strip_suffix(end));
        match ordinal.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())) {
            Some(digits) if !digits.is_empty() => format!("{digits}{comma}"),
            Some(_) | None => word.to_owned(),
        }
    };
    text.split(' ').map(bare).collect::<Vec<_>>().join(" ")
}

/// The date in a `strftime` form; `None` when the form asks for more than a date has.
pub fn write_date(date: NaiveDate, form: &str) -> Option<String> {
    let mut text = String::new();
    write!(text, "{}", date.format(form)).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, month, day)
    }

    #[test]
    fn finds_what_people_write() {
        let check = |text: &str, expected| assert_eq!(find_date(text), expected, "{text}");
        check("2024-11-12", day(2024, 11, 12));
        check("issued on January 5th, 2015.", day(2015, 1, 5));
        check("is December  13, 2016.", day(2016, 12, 13));
        check("on 5 March 2015, at", day(2015, 3, 5));
        check("August 1, 2021", day(2021, 8, 1));
        check("March 2025", None);
        check("version 4.17.5-4", None);
        check("February 30, 2020", None);
    }

    #[test]
    fn a_form_that_asks_for_a_time_is_refused() {
        let date = day(2024, 1, 5).expect("a date");
        assert_eq!(write_date(date, "%d.%m.%Y").as_deref(), Some("05.01.2024"));
        assert_eq!(write_date(date, "%Y-%m-%d %H:%M"), None);
        assert_eq!(write_date(date, "%Q"), None);
    }
}
