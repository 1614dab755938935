//! Rules about the date of a bulletin.

use super::Subject;
use chrono::NaiveDate;
use secpack_pack::plaintext::{Hit, RuleOf, is_todo, write_date};

pub(super) fn rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    vec![
        RuleOf::error("date", "Roles, keys and hashes are judged by the date of a bulletin.", form),
        RuleOf::warning(
            "date-future",
            "A date after today is right under an embargo only.",
            future,
        ),
        RuleOf::warning(
            "date-order",
            "A date before that of an earlier bulletin is often left over from a template.",
            order,
        ),
    ]
}

fn form(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(form) = subject.rules.and_then(|rules| rules.date.as_deref()) else {
        return Vec::new();
    };
    let help = format!("write it in the form {form}");
    match (subject.bulletin.date_line, subject.bulletin.date_at) {
        (Some(line), _) if is_todo(line) || is_written_as(line, form) => Vec::new(),
        (Some(line), Some(at)) => vec![Hit::at(at, format!("\"{line}\" is not a date")).help(help)],
        (Some(_) | None, Some(_) | None) => vec![Hit::new("there is no date").help(help)],
    }
}

/// Reading the date and writing it again gives the same characters.
fn is_written_as(text: &str, form: &str) -> bool {
    let date = NaiveDate::parse_from_str(text, form).ok();
    date.and_then(|date| write_date(date, form)).is_some_and(|written| written == text)
}

fn future(subject: &Subject<'_>) -> Vec<Hit> {
    let today = subject.facts.today;
    let late = subject.bulletin.date.filter(|date| *date > today);
    late.map(|date| Hit::new(format!("the date {date} is after {today}"))).into_iter().collect()
}

fn order(subject: &Subject<'_>) -> Vec<Hit> {
    let Some((date, earlier)) = subject.bulletin.date.zip(subject.facts.earlier) else {
        return Vec::new();
    };
    let text = format!("the date {date} is before {earlier}, the date of an earlier bulletin");
    let hit = subject.bulletin.date_at.map_or_else(|| Hit::new(&text), |at| Hit::at(at, &text));
    if date < earlier { vec![hit] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_exact() {
        let check = |text: &str, form: &str, good| {
            assert_eq!(is_written_as(text, form), good, "{text}");
        };
        check("2024-01-05", "%Y-%m-%d", true);
        check("2024-1-5", "%Y-%m-%d", false);
        check("March 08, 2022", "%B %d, %Y", true);
        check("March 8, 2022", "%B %d, %Y", false);
        check("March 8, 2022", "%B %-d, %Y", true);
        check("TODO", "%Y-%m-%d", false);
        check("2024-01-05 10", "%Y-%m-%d %H", false);
    }
}
