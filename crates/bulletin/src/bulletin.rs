//! A bulletin as a program sees it: a read-only view over the text of any era.
//!
//! Nothing is required but a line of text: what an era lacks is empty or `None`, and whether it
//! should be there is a question for the linter.

mod identifiers;
mod packages;
mod references;

pub(crate) use identifiers::{Identifier, identifiers};
pub use packages::Package;
pub(crate) use packages::block_heading;
pub use references::Reference;
pub(crate) use references::{Citation, Strength, citations, fixed_references, references};

use crate::Error;
use chrono::NaiveDate;
use secpack_pack::plaintext::{Layout, Line, MAX_BYTES, Section, find_date, lines};
use serde::Serialize;
use std::collections::BTreeSet;

/// What the sections of bulletins are called, across eras.
const CREDITS: &[&str] = &["credits"];
const CHANGELOG: &[&str] = &["changelog", "history"];

/// A title has at most so many lines; a longer paragraph below the date is prose.
const TITLE_LINES: usize = 3;

/// A bulletin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bulletin<'t> {
    /// The first line that is not blank, without indentation.
    pub heading: &'t str,
    /// The last number in the heading.
    pub number: Option<u32>,
    /// The line below the heading, without indentation.
    pub date_line: Option<&'t str>,
    /// The date in that line.
    pub date: Option<NaiveDate>,
    /// The lines of the title, without indentation.
    pub title: Vec<&'t str>,
    /// Sections, with their headings and line ranges.
    pub sections: Vec<Section<'t>>,
    /// Packages per release, in order.
    pub packages: Vec<Package<'t>>,
    /// The numbered list of references.
    pub references: Vec<Reference<'t>>,
    /// Advisory ids outside quotes, each once, in order; for example `XSA-464`.
    pub advisories: Vec<&'t str>,
    /// CVE ids, each once, in order; also those that only a quoted advisory names.
    pub cves: Vec<&'t str>,
    /// The text of the credits.
    pub credits: Option<&'t str>,
    /// The changelog, in order.
    pub changelog: Vec<Change<'t>>,
    #[serde(skip)]
    pub(crate) layout: Layout<'t>,
    /// The line of the date, counted from 1.
    #[serde(skip)]
    pub(crate) date_at: Option<u32>,
}

/// An entry of the changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Change<'t> {
    /// Its date, where it starts with one.
    pub date: Option<NaiveDate>,
    /// Its first line.
    pub text: &'t str,
}

impl<'t> Bulletin<'t> {
    /// Reads a bulletin.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 1 MiB, [`Error::NoHeading`] when there is no
    /// line before the first section.
    pub fn parse(text: &'t str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLarge(text.len()));
        }
        let layout = Layout::of(text);
        let heading = layout.heading().ok_or(Error::NoHeading)?;
        let head: Vec<Line<'t>> =
            lines(layout.head).into_iter().filter(|line| line.number > heading.number).collect();
        let date_line = head.iter().find(|line| !line.is_blank());
        let all = lines(text);
        Ok(Self {
            heading: heading.text,
            number: layout.number(),
            date_line: date_line.map(|line| line.text.trim()),
            date: date_line.and_then(|line| find_date(line.text)),
            date_at: date_line.map(|line| line.number),
            title: title(&head, date_line),
            packages: packages::packages(&all),
            references: references::references(&layout),
            advisories: distinct(all.iter().filter(|line| !line.is_quote()), Identifier::advisory),
            cves: distinct(all.iter(), Identifier::cve),
            credits: layout.section_about(CREDITS).map(|section| section.body.trim()),
            changelog: layout.section_about(CHANGELOG).map(changelog).unwrap_or_default(),
            sections: layout.sections.clone(),
            layout,
        })
    }

    /// The bytes that were read.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.layout.to_text().into_bytes()
    }
}

/// Indented by four columns or more: code or a figure, not prose.
pub(crate) fn is_code(line: &Line<'_>) -> bool {
    line.text.starts_with("    ") || line.text.starts_with('\t')
}

/// The centred paragraphs below the date; where nothing is centred, the first short paragraph.
fn title<'t>(head: &[Line<'t>], date: Option<&Line<'t>>) -> Vec<&'t str> {
    let Some(date) = date else { return Vec::new() };
    let after = head.iter().filter(|line| line.number > date.number);
    let paragraph = after.skip_while(|line| line.is_blank());
    let centred = |line: &&Line<'t>| line.is_blank() || line.text.starts_with(char::is_whitespace);
    let lines = |lines: Vec<&Line<'t>>| -> Vec<&'t str> {
        lines.iter().filter(|line| !line.is_blank()).map(|line| line.text.trim()).collect()
    };
    let title = lines(paragraph.clone().take_while(centred).collect());
    if !title.is_empty() {
        return title;
    }
    let title = lines(paragraph.take_while(|line| !line.is_blank()).collect());
    if title.len() <= TITLE_LINES { title } else { Vec::new() }
}

fn changelog<'t>(section: &Section<'t>) -> Vec<Change<'t>> {
    let entries = lines(section.body).into_iter();
    let entries = entries.filter(|line| !line.is_blank() && !line.text.starts_with(' '));
    entries
        .map(|line| match line.text.split_once(':') {
            Some((date, text)) if find_date(date).is_some() => {
                Change { date: find_date(date), text: text.trim() }
            }
            Some(_) | None => Change { date: None, text: line.text.trim() },
        })
        .collect()
}

fn distinct<'l, 't: 'l>(
    lines: impl Iterator<Item = &'l Line<'t>>,
    wanted: fn(&Identifier<'t>) -> Option<&'t str>,
) -> Vec<&'t str> {
    let mut seen = BTreeSet::new();
    let ids = lines.flat_map(|line| identifiers(line.text));
    ids.filter_map(|id| wanted(&id)).filter(|id| seen.insert(*id)).collect()
}

#[cfg(test)]
mod tests;
