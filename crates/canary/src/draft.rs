//! Facts and a template make the text of a draft: same input, same bytes.
//!
//! Headlines and announcements come from outside. So the same template is rendered a second time
//! with harmless ones, and both texts must read back with the same structure: a headline that
//! makes a section, a statement or a source of its own is refused.

mod form;
mod shape;

use crate::{Error, Facts, Style};
use secpack_pack::DocumentId;
use secpack_pack::plaintext::{
    Door, SectionView, fill, is_form, render, section_views, write_date, write_heading,
};
use serde::Serialize;

/// Our wording of a proof of freshness, and of what a canary replaces.
const PIECES: &str = include_str!("../../../templates/canary-pieces.txt.j2");

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
    /// What it replaces in our words, and the announcements.
    announced: Option<String>,
    footnotes: &'a Option<String>,
    proof: Option<ProofView<'a>>,
    sections: Vec<SectionView<'a>>,
    footer: &'a [String],
}

#[derive(Serialize)]
struct ProofView<'a> {
    time: String,
    sources: Vec<SourceView<'a>>,
    block: Option<BlockView<'a>>,
    /// Sources that a person read instead of a program.
    brought: Vec<&'a str>,
    /// Sources of the policy that are not there.
    missing: Vec<&'a str>,
    /// All of it in our words.
    text: String,
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
    if is_form(template) {
        return form::draft(template, &context(style, id, facts)?, width);
    }
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
        replaces: replaces(facts)?,
        announcements: &facts.announcements,
        announced: announced(facts)?,
        footnotes: &facts.footnotes,
        proof: proof(style, facts)?,
        sections: section_views(style.text, &SECTIONS),
        footer: &style.text.footer,
    })
}

fn replaces(facts: &Facts) -> Result<Option<String>, Error> {
    let line = |label: &String| Door::line("replaces", label);
    Ok(facts.replaces.as_ref().map(line).transpose()?.flatten())
}

fn announced(facts: &Facts) -> Result<Option<String>, Error> {
    let replaces = replaces(facts)?.map(|label| words("replaces", label)).transpose()?;
    let all: Vec<String> = replaces.into_iter().chain(facts.announcements.clone()).collect();
    Ok((!all.is_empty()).then(|| all.join("\n\n")))
}

/// Our words for one value.
fn words(piece: &str, value: impl Serialize) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Piece<'a, T> {
        piece: &'a str,
        value: T,
    }
    Ok(render(PIECES, Piece { piece, value }, 0)?.trim_matches('\n').to_owned())
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

fn proof<'a>(style: &Style<'a>, facts: &'a Facts) -> Result<Option<ProofView<'a>>, Error> {
    let Some(freshness) = facts.freshness.as_ref() else { return Ok(None) };
    let sources = freshness.sources.iter();
    let block = freshness.block.as_ref();
    let is_there = |name: &str| {
        freshness.sources.iter().any(|s| s.name == name) || block.is_some_and(|b| b.name == name)
    };
    let view = ProofView {
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
        brought: freshness.brought(),
        missing: style.rules.sources.iter().map(|s| s.name()).filter(|s| !is_there(s)).collect(),
        text: String::new(),
    };
    let text = words("proof", &view)?;
    Ok(Some(ProofView { text, ..view }))
}

#[cfg(test)]
mod tests;
