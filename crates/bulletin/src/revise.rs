//! A published text gets a new version: what changed stands in its changelog.

use crate::draft::{first_change, order, order_name, written};
use crate::{Bulletin, ChangeFact, Error, WIDTH};
use chrono::NaiveDate;
use secpack_pack::plaintext::{Door, Form};
use secpack_pack::policy::TextRules;

/// The text with one more entry in its changelog. A text without a changelog gets one, which
/// begins with its own date.
///
/// # Errors
/// [`Error::Value`] when the entry is not one visible line, and as [`Bulletin::parse`].
pub fn revise(text: &str, rules: Option<&TextRules>, change: &ChangeFact) -> Result<String, Error> {
    let entry = entry(change)?;
    let first = Bulletin::parse(text)?.date;
    let order = order(rules);
    let mut form = Form::parse(text);
    let title = order_name(&order, "changelog");
    let section = form.section_or_new(title, &order);
    match section.paragraphs().last().map(|range| range.end) {
        Some(end) if !section.is_open() => section.replace(end..end, &entry),
        Some(_) | None => {
            let first = first.map(first_change).transpose()?;
            let entries: Vec<String> = first.into_iter().chain([entry]).collect();
            section.overwrite(&entries.join("\n"));
        }
    }
    Ok(form.to_text())
}

/// The text of a bulletin that no longer stands: it says so below its title, and why in its
/// changelog. Nothing is taken out.
///
/// # Errors
/// As [`revise`], and [`Error::Withdrawn`] when it says so already.
pub fn withdraw(
    text: &str,
    rules: Option<&TextRules>,
    date: NaiveDate,
    reason: &str,
) -> Result<String, Error> {
    let says = written("withdrawn", date, "")?;
    let bare = says.replace(&date.to_string(), "");
    let head = Bulletin::parse(text)?.title.concat();
    if head.contains(bare.trim()) {
        return Err(Error::Withdrawn);
    }
    let reason = Door::line("reason", reason)?.unwrap_or_default();
    let change = ChangeFact { date, text: written("withdrawal", date, &reason)? };
    let revised = revise(text, rules, &change)?;
    let mut form = Form::parse(&revised);
    form.add_centred(&says, rules.and_then(|rules| rules.width).unwrap_or(WIDTH));
    Ok(form.to_text())
}

fn entry(change: &ChangeFact) -> Result<String, Error> {
    let text = Door::line("change", &change.text)?.unwrap_or_default();
    Ok(written("change", change.date, &text)?)
}
