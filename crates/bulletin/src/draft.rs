//! Facts and a template make the text of a draft: same input, same bytes.
//!
//! A template is one of two things: a text in the pack's own style with `TODO` where a value goes
//! ([`form`]), or one of the template language. Values of others are put in once, and a second
//! draft with harmless ones must read back with the same structure.

mod form;
mod shape;
mod views;

use crate::cite::{self, Numbered};
use crate::facts::Facts;
use crate::{DATE_FORM, Error, WIDTH};
use secpack_pack::DocumentId;
use secpack_pack::plaintext::{
    SectionView, fill, is_form, render, section_views, write_date, write_heading,
};
use secpack_pack::policy::TextRules;
use serde::Serialize;
use views::{
    AdvisoryView, ChangeView, PackageBlock, ReferenceList, advisories, changelog, packages,
};
pub(crate) use views::{first_change, written};

/// The sections of a draft when the policy names none, and whether each is optional.
const SECTIONS: [(&str, bool); 9] = [
    ("Changelog", true),
    ("User action", false),
    ("Summary", false),
    ("Impact", false),
    ("Affected systems", false),
    ("Discussion", true),
    ("Patching", false),
    ("Credits", false),
    ("References", false),
];

/// What a template sees. Missing values are `none` and print as `TODO`.
#[derive(Serialize)]
struct Context<'a> {
    heading: String,
    number: Option<u32>,
    year: Option<u16>,
    date: Option<String>,
    title: &'a Option<String>,
    user_action: &'a Option<String>,
    summary: &'a Option<String>,
    impact: &'a Option<String>,
    affected: &'a Option<String>,
    discussion: &'a Option<String>,
    patching: &'a Option<String>,
    advisories: Vec<AdvisoryView<'a>>,
    packages: Vec<PackageBlock<'a>>,
    credits: &'a [String],
    references: &'a [Numbered],
    reference_list: String,
    changelog: Vec<ChangeView<'a>>,
    sections: Vec<SectionView<'a>>,
    footer: &'a [String],
}

/// The text of a draft.
///
/// Prose wider than the policy's width is wrapped; quotes, code and URLs stay as they are.
/// References are numbered as they are first cited. Whatever the facts do not say stands as
/// `TODO`, which the linter lists.
///
/// # Errors
/// [`Error::Value`] for a value that may not be shown, [`Error::ReferenceKey`],
/// [`Error::ReferenceTwice`], [`Error::Heading`], [`Error::DateForm`], [`Error::NoSuggestion`],
/// [`Error::Structure`] and [`Error::Template`].
pub fn draft(
    template: &str,
    rules: &TextRules,
    id: &DocumentId,
    facts: &Facts,
) -> Result<String, Error> {
    let facts = facts.checked()?;
    let text = write(template, rules, id, &facts)?;
    shape::same(&text, &write(template, rules, id, &shape::harmless(&facts))?)?;
    Ok(text)
}

fn write(
    template: &str,
    rules: &TextRules,
    id: &DocumentId,
    facts: &Facts,
) -> Result<String, Error> {
    if is_form(template) {
        return form::draft(template, rules, id, facts);
    }
    if let Some(start) = facts.keep.iter().chain(&facts.drop).next() {
        let start = secpack_pack::escape(start);
        return Err(Error::NoSuggestion { start, all: "none".to_owned() });
    }
    let width = rules.width.unwrap_or(WIDTH);
    // The first pass shows what is cited and in which order, the second one prints the list.
    let cited = render(template, context(rules, id, facts, &[])?, width)?;
    let references = cite::order(&cited, facts, &[]);
    let text = render(template, context(rules, id, facts, &references)?, width)?;
    Ok(fill(&cite::number(&text, &references), width))
}

/// The titles of the policy, or ours, in their order.
pub(crate) fn order(rules: Option<&TextRules>) -> Vec<&str> {
    match rules.filter(|rules| !rules.sections.is_empty()) {
        None => SECTIONS.iter().map(|(title, _)| *title).collect(),
        Some(rules) => rules.sections.iter().map(|section| section.title.as_str()).collect(),
    }
}

/// What the policy calls the section about this word.
pub(crate) fn order_name<'a>(order: &[&'a str], word: &str) -> &'a str {
    let ours = SECTIONS.iter().map(|(title, _)| *title);
    let mut all = order.iter().copied().chain(ours);
    all.find(|title| title.to_lowercase().contains(word)).unwrap_or("Changelog")
}

fn context<'a>(
    rules: &'a TextRules,
    id: &DocumentId,
    facts: &'a Facts,
    references: &'a [Numbered],
) -> Result<Context<'a>, Error> {
    let width = rules.width.unwrap_or(WIDTH);
    Ok(Context {
        heading: heading(rules, id)?,
        number: id.number,
        year: id.year,
        date: date(rules, facts)?,
        title: &facts.title,
        user_action: &facts.user_action,
        summary: &facts.summary,
        impact: &facts.impact,
        affected: &facts.affected,
        discussion: &facts.discussion,
        patching: &facts.patching,
        advisories: advisories(facts, width)?,
        packages: packages(rules, facts, &[])?,
        credits: &facts.credits,
        references,
        reference_list: ReferenceList::of(references, width)?.text(),
        changelog: changelog(facts)?,
        sections: section_views(rules, &SECTIONS),
        footer: &rules.footer,
    })
}

fn heading(rules: &TextRules, id: &DocumentId) -> Result<String, Error> {
    let pattern = || rules.heading.as_ref().map(ToString::to_string).unwrap_or_default();
    write_heading(rules, id)
        .ok_or_else(|| Error::Heading { pattern: pattern(), id: id.to_string() })
}

fn date(rules: &TextRules, facts: &Facts) -> Result<Option<String>, Error> {
    let form = rules.date.as_deref().unwrap_or(DATE_FORM);
    let write = |date| write_date(date, form).ok_or_else(|| Error::DateForm(form.to_owned()));
    facts.date.map(write).transpose()
}

#[cfg(test)]
mod tests;
