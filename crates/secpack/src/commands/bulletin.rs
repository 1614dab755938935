//! `secpack bulletin`: draft, check, show.

mod new;
mod renumber;

use crate::arguments::{BulletinCommand, Global, ShowArgs};
use crate::commands::numbers::free_number;
use crate::commands::revise;
use crate::fault::{OrHint, is_secret};
use crate::session::Session;
use crate::{Exit, Fault, documents, drafts, lint, output, terminal};
use chrono::Datelike;
use secpack_bulletin::Bulletin;
use secpack_pack::policy::{Series, SeriesKind};
use secpack_pack::{DocumentId, shell_word};
use std::path::Path;

pub fn run(global: &Global, command: &BulletinCommand) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    match command {
        BulletinCommand::New(arguments) => new::run(&session, arguments),
        BulletinCommand::Lint(arguments) => {
            let document = documents::find(&session, &arguments.document)?;
            lint::run(global, &session, document, arguments)
        }
        BulletinCommand::Edit(arguments) => {
            let document = documents::find(&session, &arguments.document)?;
            revise::must_be_bulletin(&session, document)?;
            let path = document.path.clone();
            lint::edit(global, session, &path, arguments)
        }
        BulletinCommand::Renumber(arguments) => renumber::run(&session, arguments),
        BulletinCommand::Revise(arguments) => revise::revise(&session, arguments),
        BulletinCommand::Withdraw(arguments) => revise::withdraw(&session, arguments),
        BulletinCommand::Show(arguments) => show(global, &session, arguments),
    }
}

/// The series of a kind: the one named, else the only one.
pub fn find_series<'s>(
    session: &'s Session,
    kind: SeriesKind,
    name: Option<&str>,
) -> Result<&'s Series, Fault> {
    let all: Vec<&Series> =
        session.pack.policy.series().iter().filter(|s| s.kind == kind).collect();
    let named: Vec<&Series> =
        all.iter().filter(|s| name.is_none_or(|name| s.id.as_str() == name)).copied().collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => Err(Fault::new("the policy has no such series").hint("secpack policy show")),
        several => {
            let names: Vec<&str> = several.iter().map(|s| s.id.as_str()).collect();
            Err(Fault::new(format!("the policy has several: {}", names.join(", ")))
                .hint(terminal::typed().with(&["--series", several[0].id.as_str()]).to_string()))
        }
    }
}

/// The id of a new document: the number asked for, or the next one that is not taken.
pub fn new_id(
    series: &Series,
    number: Option<u32>,
    taken: &[u32],
    date: chrono::NaiveDate,
) -> Result<DocumentId, Fault> {
    Ok(id_of(series, free_number(series, number, taken)?, date))
}

/// The id of a document of that number and day.
pub fn id_of(series: &Series, number: u32, date: chrono::NaiveDate) -> DocumentId {
    DocumentId {
        series: series.id.clone(),
        number: Some(number),
        year: u16::try_from(date.year()).ok(),
        quarter: u8::try_from(date.month0() / 3 + 1).ok(),
        name: None,
    }
}

fn show(global: &Global, session: &Session, arguments: &ShowArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    let bulletin = Bulletin::parse(drafts::text(session, document)?)
        .or_hint(format!("secpack bulletin lint {}", shell_word(document.path.as_str())))?;
    if global.json {
        output::json(&bulletin)?;
        return Ok(Exit::Good);
    }
    output::line(format!(
        "{}  {}",
        session.pack.policy.label_of(&document.id),
        secpack_pack::escape(&bulletin.title.join(" "))
    ));
    if let Some(date) = bulletin.date {
        output::line(format!("  date        {date}"));
    }
    list("advisories", bulletin.advisories.iter().copied());
    list("CVEs", bulletin.cves.iter().copied());
    list("sections", bulletin.sections.iter().map(|section| section.title));
    output::line(format!("  packages    {}", bulletin.packages.len()));
    output::line(format!("  references  {}", bulletin.references.len()));
    Ok(Exit::Good)
}

fn list<'a>(name: &str, values: impl Iterator<Item = &'a str>) {
    let values: Vec<String> = values.map(secpack_pack::escape).collect();
    if !values.is_empty() {
        output::line(format!("  {name:<11} {}", values.join(", ")));
    }
}

/// Reads a text file that a person named.
pub fn read_text(path: &Path) -> Result<String, Fault> {
    let bytes = std::fs::read(path).map_err(|e| Fault::at(path, e))?;
    if is_secret(&bytes) {
        return Err(Fault::at(path, "it holds a secret key, which nobody else must read"));
    }
    String::from_utf8(bytes).map_err(|_| Fault::not_utf8(path))
}
