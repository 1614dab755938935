//! What templates see of the facts. Every view carries the line that our own wording makes of it,
//! so that a form and a template say the same.

use crate::cite::Numbered;
use crate::facts::{Advisory, ChangeFact, Facts, PackageFact};
use chrono::NaiveDate;
use secpack_pack::plaintext::{TemplateError, fill, render};
use secpack_pack::policy::TextRules;
use serde::Serialize;

/// Our wording of packages, references, changes and advisories.
const PIECES: &str = include_str!("../../../../templates/bulletin-pieces.txt.j2");

#[derive(Serialize)]
struct Piece<'a, T> {
    piece: &'a str,
    #[serde(flatten)]
    value: T,
}

/// Our words for one value.
fn words(piece: &str, value: impl Serialize) -> Result<String, TemplateError> {
    Ok(render(PIECES, Piece { piece, value }, 0)?.trim_matches('\n').to_owned())
}

/// Our words for something that happened on a day.
pub(crate) fn written(piece: &str, date: NaiveDate, text: &str) -> Result<String, TemplateError> {
    words(piece, &ChangeView { date, text, line: String::new() })
}

/// The first entry of a changelog, for a text that had none.
pub(crate) fn first_change(date: NaiveDate) -> Result<String, TemplateError> {
    written("change", date, &written("first", date, "")?)
}

#[derive(Serialize)]
pub(super) struct AdvisoryView<'a> {
    id: &'a str,
    title: &'a Option<String>,
    cve: &'a [String],
    /// `[@ID]` where the advisory has a URL.
    cite: Option<String>,
    /// Quoted with `| ` at the width of the policy.
    quote: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub paragraph: String,
}

pub(super) fn advisories(
    facts: &Facts,
    width: usize,
) -> Result<Vec<AdvisoryView<'_>>, TemplateError> {
    let view = |advisory| -> Result<AdvisoryView<'_>, TemplateError> {
        let view = AdvisoryView::of(advisory, width);
        Ok(AdvisoryView { paragraph: words("advisory", &view)?, ..view })
    };
    facts.advisories.iter().map(view).collect()
}

impl<'a> AdvisoryView<'a> {
    fn of(advisory: &'a Advisory, width: usize) -> Self {
        Self {
            id: &advisory.id,
            title: &advisory.title,
            cve: &advisory.cve,
            cite: advisory.url.as_ref().map(|_| format!("[@{}]", advisory.id)),
            quote: advisory.text.as_ref().map(|text| quote(text, width)),
            paragraph: String::new(),
        }
    }
}

/// An advisory's text behind `| `, wrapped to `width` columns; its code keeps its indentation.
fn quote(text: &str, width: usize) -> String {
    const PREFIX: &str = "| ";
    let inner = fill(text, width.saturating_sub(PREFIX.len()));
    let quoted = inner.lines().map(|line| format!("{PREFIX}{line}").trim_end().to_owned());
    quoted.collect::<Vec<_>>().join("\n")
}

#[derive(Serialize)]
pub(super) struct PackageBlock<'a> {
    pub release: &'a str,
    place: &'a Option<String>,
    pub items: Vec<ItemView<'a>>,
    pub line: String,
}

#[derive(Serialize)]
pub(super) struct ItemView<'a> {
    #[serde(flatten)]
    fact: &'a PackageFact,
    pub line: String,
}

/// One block per release and place, in the order of the policy's releases, or of `listed` where
/// the policy names none, then of the facts. A release without a package keeps an open block.
pub(super) fn packages<'a>(
    rules: &'a TextRules,
    facts: &'a Facts,
    listed: &'a [String],
) -> Result<Vec<PackageBlock<'a>>, TemplateError> {
    let known = if rules.releases.is_empty() { listed } else { &rules.releases };
    let mut releases: Vec<&str> = Vec::new();
    for release in known.iter().chain(facts.packages.iter().map(|package| &package.release)) {
        if !releases.contains(&release.as_str()) {
            releases.push(release);
        }
    }
    let blocks: Result<Vec<_>, _> = releases.into_iter().map(|r| of_release(r, facts)).collect();
    Ok(blocks?.into_iter().flatten().collect())
}

fn of_release<'a>(
    release: &'a str,
    facts: &'a Facts,
) -> Result<Vec<PackageBlock<'a>>, TemplateError> {
    let packages = facts.packages.iter().filter(|package| package.release == *release);
    let mut places: Vec<&Option<String>> = Vec::new();
    for package in packages.clone() {
        if !places.contains(&&package.place) {
            places.push(&package.place);
        }
    }
    if places.is_empty() {
        places.push(&None);
    }
    let block = |place: &'a Option<String>| {
        let items = packages.clone().filter(|package| package.place == *place);
        let view = |fact| Ok(ItemView { fact, line: words("package", fact)? });
        let items = items.map(view).collect::<Result<Vec<_>, TemplateError>>()?;
        let bare = PackageBlock { release, place, items: Vec::new(), line: String::new() };
        Ok(PackageBlock { line: words("block", &bare)?, items, ..bare })
    };
    places.into_iter().map(block).collect()
}

#[derive(Serialize)]
pub(super) struct ChangeView<'a> {
    date: NaiveDate,
    text: &'a str,
    pub line: String,
}

pub(super) fn changelog(facts: &Facts) -> Result<Vec<ChangeView<'_>>, TemplateError> {
    facts.changelog.iter().map(change).collect()
}

pub(super) fn change(fact: &ChangeFact) -> Result<ChangeView<'_>, TemplateError> {
    let bare = ChangeView { date: fact.date, text: &fact.text, line: String::new() };
    Ok(ChangeView { line: words("change", &bare)?, ..bare })
}

/// The entries of a list of references, in lines. Notes of several lines stand apart.
pub(super) struct ReferenceList {
    pub entries: Vec<String>,
    pub spaced: bool,
}

impl ReferenceList {
    pub fn of(references: &[Numbered], width: usize) -> Result<Self, TemplateError> {
        let entry = |numbered: &Numbered| {
            let text = numbered.text.as_deref().map(|text| hanging(text, numbered.number));
            let line = words("reference", Numbered { text, ..numbered.clone() })?;
            Ok(fill(&line, width).trim_end().to_owned())
        };
        let entries = references.iter().map(entry).collect::<Result<Vec<_>, TemplateError>>()?;
        let spaced = entries.iter().any(|entry| entry.contains('\n'));
        Ok(Self { entries, spaced })
    }

    pub fn text(&self) -> String {
        self.entries.join(if self.spaced { "\n\n" } else { "\n" })
    }
}

/// The lines of a note below each other, behind its label.
fn hanging(text: &str, number: usize) -> String {
    let margin = format!("\n{}", " ".repeat(format!("[{number}] ").len()));
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(&margin)
}
