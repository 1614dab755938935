//! Rules about the shape of a document: its heading, its sections, its footer.

use super::common::{TextSubject, is_todo};
use super::rule::{Hit, RuleOf};
use super::{Section, lines};
use crate::Captures;
use chrono::Datelike;
use unicode_width::UnicodeWidthStr;

pub(super) fn rules<'a>() -> Vec<RuleOf<TextSubject<'a>>> {
    vec![
        RuleOf::error(
            "heading",
            "Readers and programs find the number of a document in its heading.",
            heading,
        ),
        RuleOf::error(
            "name-mismatch",
            "A detached signature does not bind the name: number and year must stand in the text.",
            name_mismatch,
        ),
        RuleOf::error(
            "section-missing",
            "A reader looks for what to do under a heading that every document has.",
            section_missing,
        ),
        RuleOf::warning(
            "section-order",
            "Sections stand where a reader expects them.",
            section_order,
        ),
        RuleOf::warning(
            "section-unknown",
            "A misspelt heading hides an optional section.",
            section_unknown,
        ),
        RuleOf::warning("underline", "A wrong underline is a heading edited in haste.", underline),
        RuleOf::warning("footer", "The last lines say who speaks and where to check it.", footer),
    ]
}

fn heading(subject: &TextSubject<'_>) -> Vec<Hit> {
    let Some(pattern) = subject.rules.and_then(|rules| rules.heading.as_ref()) else {
        return Vec::new();
    };
    let expected = pattern.render(&subject.id.values()).unwrap_or_else(|| pattern.to_string());
    let help = format!("write: {expected}");
    match subject.layout.heading() {
        None => vec![Hit::new("the document has no heading").help(help)],
        Some(line) if is_todo(line.text) || pattern.matches(line.text).is_some() => Vec::new(),
        Some(line) => {
            let text = format!("the heading is \"{}\", not of the form \"{pattern}\"", line.text);
            vec![Hit::at(line.number, text).help(help)]
        }
    }
}

/// Only for headings of the right form: any other is reported by `heading`.
fn name_mismatch(subject: &TextSubject<'_>) -> Vec<Hit> {
    let Some(line) = subject.layout.heading() else { return Vec::new() };
    let pattern = subject.rules.and_then(|rules| rules.heading.as_ref());
    let found = match pattern {
        Some(pattern) => pattern.matches(line.text).unwrap_or_default(),
        None => Captures { number: subject.layout.number(), ..Captures::default() },
    };
    let id = subject.id;
    let year = subject.date.and_then(|date| u16::try_from(date.year()).ok());
    let differs = |what: &str, text: Option<u32>, path: Option<u32>| match (text, path) {
        (Some(text), Some(path)) if text != path => {
            Some(format!("the text says {what} {text}, the path says {path}"))
        }
        (Some(_) | None, Some(_) | None) => None,
    };
    let mut hits: Vec<Hit> = [
        differs("number", found.number, id.number),
        differs("year", found.year.map(u32::from), id.year.map(u32::from)),
        differs("quarter", found.quarter.map(u32::from), id.quarter.map(u32::from)),
    ]
    .into_iter()
    .flatten()
    .map(|text| Hit::at(line.number, text).help("correct the heading or the name of the file"))
    .collect();
    let dated = differs("year", year.map(u32::from), id.year.map(u32::from));
    hits.extend(dated.map(|text| Hit::new(text).help("correct the date or the name of the file")));
    hits
}

fn section_missing(subject: &TextSubject<'_>) -> Vec<Hit> {
    let expected = subject.rules.map_or(&[][..], |rules| &rules.sections);
    let has = |title: &str| subject.layout.sections.iter().any(|found| found.title == title);
    let missing = expected.iter().filter(|section| !section.optional && !has(&section.title));
    missing
        .map(|section| Hit::new(format!("the section \"{}\" is missing", section.title)))
        .collect()
}

fn section_order(subject: &TextSubject<'_>) -> Vec<Hit> {
    let expected = subject.rules.map_or(&[][..], |rules| &rules.sections);
    let place = |found: &Section<'_>| expected.iter().position(|known| known.title == found.title);
    let known: Vec<(usize, &Section<'_>)> =
        subject.layout.sections.iter().filter_map(|found| Some((place(found)?, found))).collect();
    let early = known.windows(2).find(|pair| pair[1].0 <= pair[0].0);
    early
        .map(|pair| {
            let (after, section) = (pair[0].1.title, pair[1].1);
            let text = match after == section.title {
                true => format!("the section \"{after}\" stands twice"),
                false => format!("the section \"{}\" stands after \"{after}\"", section.title),
            };
            Hit::at(section.line, text)
        })
        .into_iter()
        .collect()
}

fn section_unknown(subject: &TextSubject<'_>) -> Vec<Hit> {
    let expected = subject.rules.map_or(&[][..], |rules| &rules.sections);
    let known = |found: &&Section<'_>| expected.iter().any(|known| known.title == found.title);
    let found = subject.layout.sections.iter();
    let unknown = found.filter(|found| !expected.is_empty() && !known(found));
    unknown
        .map(|section| {
            Hit::at(section.line, format!("the policy knows no section \"{}\"", section.title))
        })
        .collect()
}

fn underline(subject: &TextSubject<'_>) -> Vec<Hit> {
    let Some(extra) = subject.rules.and_then(|rules| rules.underline_extra) else {
        return Vec::new();
    };
    let wrong = |section: &&Section<'_>| section.underline.width() != section.title.width() + extra;
    let hit = |section: &Section<'_>| {
        let (is, should) = (section.underline.width(), section.title.width() + extra);
        let text = format!("the underline of \"{}\" has {is} marks, not {should}", section.title);
        Hit::at(section.line + 1, text)
    };
    subject.layout.sections.iter().filter(wrong).map(hit).collect()
}

fn footer(subject: &TextSubject<'_>) -> Vec<Hit> {
    let expected = subject.rules.map_or(&[][..], |rules| &rules.footer);
    let text = lines(subject.text.trim_end());
    let start = text.len().saturating_sub(expected.len());
    let same = text[start..]
        .iter()
        .map(|line| line.text.trim_end())
        .eq(expected.iter().map(String::as_str));
    match text.last() {
        Some(last) if !same && !expected.is_empty() => {
            let hit = Hit::at(last.number, "the last lines are not the footer of the policy");
            vec![hit.help(format!("end with: {}", expected.join(" / ")))]
        }
        Some(_) | None => Vec::new(),
    }
}
