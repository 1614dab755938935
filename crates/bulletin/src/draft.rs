//! Facts and a template make the text of a draft: same input, same bytes.

use crate::cite::{self, Numbered};
use crate::facts::{Advisory, Facts, PackageFact};
use crate::{DATE_FORM, Error, WIDTH};
use secpack_pack::DocumentId;
use secpack_pack::plaintext::{
    SectionView, fill, render, section_views, write_date, write_heading,
};
use secpack_pack::policy::TextRules;
use serde::Serialize;

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
    changelog: Vec<ChangeView<'a>>,
    sections: Vec<SectionView<'a>>,
    footer: &'a [String],
}

#[derive(Serialize)]
struct AdvisoryView<'a> {
    id: &'a str,
    title: &'a Option<String>,
    cve: &'a [String],
    /// `[@ID]` where the advisory has a URL.
    cite: Option<String>,
    /// Quoted with `| ` at the width of the policy.
    quote: Option<String>,
}

#[derive(Serialize)]
struct PackageBlock<'a> {
    release: &'a str,
    place: &'a Option<String>,
    items: Vec<&'a PackageFact>,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    date: String,
    text: &'a str,
}

/// The text of a draft.
///
/// Prose wider than the policy's width is wrapped; quotes, code and URLs stay as they are.
/// References are numbered as they are first cited. Whatever the facts do not say stands as
/// `TODO`, which the linter lists.
///
/// # Errors
/// [`Error::Value`] for a value that may not be shown, [`Error::ReferenceKey`],
/// [`Error::ReferenceTwice`], [`Error::Heading`], [`Error::DateForm`] and [`Error::Template`].
pub fn draft(
    template: &str,
    rules: &TextRules,
    id: &DocumentId,
    facts: &Facts,
) -> Result<String, Error> {
    let facts = facts.checked()?;
    let width = rules.width.unwrap_or(WIDTH);
    // The first pass shows what is cited and in which order, the second one prints the list.
    let cited = render(template, context(rules, id, &facts, &[])?, width)?;
    let references = cite::order(&cited, &facts);
    let text = render(template, context(rules, id, &facts, &references)?, width)?;
    Ok(fill(&cite::number(&text, &references), width))
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
        advisories: advisories(facts, width),
        packages: packages(rules, facts),
        credits: &facts.credits,
        references,
        changelog: changelog(facts),
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

fn advisories(facts: &Facts, width: usize) -> Vec<AdvisoryView<'_>> {
    facts.advisories.iter().map(|advisory| AdvisoryView::of(advisory, width)).collect()
}

impl<'a> AdvisoryView<'a> {
    fn of(advisory: &'a Advisory, width: usize) -> Self {
        Self {
            id: &advisory.id,
            title: &advisory.title,
            cve: &advisory.cve,
            cite: advisory.url.as_ref().map(|_| format!("[@{}]", advisory.id)),
            quote: advisory.text.as_ref().map(|text| quote(text, width)),
        }
    }
}

/// One block per release and place, in the order of the policy's releases, then of the facts. A
/// release of the policy without a package keeps an open block.
fn packages<'a>(rules: &'a TextRules, facts: &'a Facts) -> Vec<PackageBlock<'a>> {
    let mut blocks: Vec<PackageBlock<'a>> = Vec::new();
    for release in rules.releases.iter().chain(facts.packages.iter().map(|p| &p.release)) {
        if blocks.iter().any(|block| block.release == release) {
            continue;
        }
        let of_release = || facts.packages.iter().filter(|package| package.release == *release);
        if of_release().next().is_none() {
            blocks.push(PackageBlock { release, place: &None, items: Vec::new() });
        }
        for package in of_release() {
            let same = |block: &&mut PackageBlock<'a>| {
                block.release == release && *block.place == package.place
            };
            match blocks.iter_mut().find(same) {
                Some(block) => block.items.push(package),
                None => {
                    let (place, items) = (&package.place, vec![package]);
                    blocks.push(PackageBlock { release, place, items });
                }
            }
        }
    }
    blocks
}

fn changelog(facts: &Facts) -> Vec<ChangeView<'_>> {
    let entries = facts.changelog.iter();
    entries.map(|change| ChangeView { date: change.date.to_string(), text: &change.text }).collect()
}

/// An advisory's text behind `| `, wrapped to `width` columns; its code keeps its indentation.
fn quote(text: &str, width: usize) -> String {
    const PREFIX: &str = "| ";
    let inner = fill(text, width.saturating_sub(PREFIX.len()));
    let quoted = inner.lines().map(|line| format!("{PREFIX}{line}").trim_end().to_owned());
    quoted.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
