//! Facts and a template make the text of a draft: same input, same bytes.
//!
//! Headlines and announcements come from outside. So the same template is rendered a second time
//! with harmless ones, and both texts must read back with the same structure: a headline that
//! makes a section, a statement or a source of its own is refused.

mod shape;

use crate::{Error, Facts, Style};
use secpack_pack::DocumentId;
use secpack_pack::plaintext::{
    Door, SectionView, fill, render, section_views, write_date, write_heading,
};
use serde::Serialize;

/// The width of a draft when the policy gives none, in columns.
const WIDTH: usize = 72;

/// The form of the time of a proof (RFC 5322, in UTC).
const PROOF_TIME: &str = "%a, %d %b %Y %H:%M:%S +0000";

/// The sections of a draft when the policy names none.
const SECTIONS: [(&str, bool); 4] = [
    ("Statements", false),
    ("Special announcements", false),
    ("Notes", false),
    ("Proof of freshness", false),
];

/// What a template sees. Missing values are `none` and print as `TODO`.
#[derive(Serialize)]
struct Context<'a> {
    heading: String,
    number: Option<u32>,
    year: Option<u16>,
    quarter: Option<u8>,
    pack: String,
    date: Option<String>,
    bulletins: Option<u32>,
    fingerprint: Option<String>,
    window: Option<String>,
    last: bool,
    replaces: Option<String>,
    announcements: &'a Option<String>,
    proof: Option<ProofView<'a>>,
    sections: Vec<SectionView<'a>>,
    footer: &'a [String],
}

#[derive(Serialize)]
struct ProofView<'a> {
    time: String,
    sources: Vec<SourceView<'a>>,
    block: Option<BlockView<'a>>,
}

#[derive(Serialize)]
struct SourceView<'a> {
    name: &'a str,
    url: &'a str,
    titles: &'a [String],
}

#[derive(Serialize)]
struct BlockView<'a> {
    name: &'a str,
    hash: &'a str,
    height: Option<u64>,
}

/// The text of a draft.
///
/// # Errors
/// [`Error::Value`] for an announcement that may not be shown, [`Error::Heading`],
/// [`Error::DateForm`], [`Error::Template`], and [`Error::Structure`] when the text does not read
/// back as it was meant.
pub fn draft(
    template: &str,
    style: &Style<'_>,
    id: &DocumentId,
    facts: &Facts,
) -> Result<String, Error> {
    let facts = facts.checked()?;
    let text = write(template, style, id, &facts)?;
    let twin = write(template, style, id, &shape::harmless(&facts))?;
    shape::same(&text, &twin)?;
    shape::says(&text, &facts, style)?;
    Ok(text)
}

fn write(
    template: &str,
    style: &Style<'_>,
    id: &DocumentId,
    facts: &Facts,
) -> Result<String, Error> {
    let width = style.text.width.unwrap_or(WIDTH);
    let text = render(template, context(style, id, facts)?, width)?;
    Ok(fill(&text, width))
}

fn context<'a>(style: &Style<'a>, id: &DocumentId, facts: &'a Facts) -> Result<Context<'a>, Error> {
    Ok(Context {
        heading: heading(style, id)?,
        number: id.number,
        year: id.year,
        quarter: id.quarter,
        pack: Door::line("name", style.pack)?.unwrap_or_default(),
        date: date(style, facts)?,
        bulletins: facts.bulletins,
        fingerprint: facts.fingerprint.as_ref().map(|fingerprint| fingerprint.spaced()),
        window: facts.next.map(|window| window.to_string()),
        last: facts.last,
        replaces: facts
            .replaces
            .as_deref()
            .map(|l| Door::line("replaces", l))
            .transpose()?
            .flatten(),
        announcements: &facts.announcements,
        proof: proof(facts),
        sections: section_views(style.text, &SECTIONS),
        footer: &style.text.footer,
    })
}

fn heading(style: &Style<'_>, id: &DocumentId) -> Result<String, Error> {
    let pattern = || style.text.heading.as_ref().map(ToString::to_string).unwrap_or_default();
    write_heading(style.text, id)
        .ok_or_else(|| Error::Heading { pattern: pattern(), id: id.to_string() })
}

fn date(style: &Style<'_>, facts: &Facts) -> Result<Option<String>, Error> {
    let form = &style.rules.date;
    let write = |date| write_date(date, form).ok_or_else(|| Error::DateForm(form.clone()));
    facts.date.map(write).transpose()
}

fn proof(facts: &Facts) -> Option<ProofView<'_>> {
    let freshness = facts.freshness.as_ref()?;
    let sources = freshness.sources.iter();
    let block = freshness.block.as_ref();
    Some(ProofView {
        time: freshness.date.format(PROOF_TIME).to_string(),
        sources: sources
            .map(|source| SourceView {
                name: &source.name,
                url: &source.url,
                titles: &source.titles,
            })
            .collect(),
        block: block.map(|block| BlockView {
            name: &block.name,
            hash: &block.hash,
            height: block.height,
        }),
    })
}

#[cfg(test)]
mod tests;
