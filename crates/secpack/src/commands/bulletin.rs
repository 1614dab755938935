//! `secpack bulletin`: draft, check, show.

mod new;

use crate::arguments::{BulletinCommand, Global, ShowArgs};
use crate::commands::revise;
use crate::session::Session;
use crate::{Exit, Fault, documents, drafts, lint, output};
use chrono::Datelike;
use secpack_bulletin::Bulletin;
use secpack_pack::policy::{Series, SeriesKind};
use secpack_pack::{DocumentId, PackPath};
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
        [] => {
            Err(Fault::new("the policy has no such series").hint("secpack policy show lists them"))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|s| s.id.as_str()).collect();
            Err(Fault::new(format!("the policy has several: {}", names.join(", ")))
                .hint("add --series NAME"))
        }
    }
}

/// The number asked for, or the next one that is not taken.
pub fn new_id(
    series: &Series,
    number: Option<u32>,
    taken: &[u32],
    date: chrono::NaiveDate,
) -> Result<DocumentId, Fault> {
    let number = match number {
        Some(number) if taken.contains(&number) => {
            return Err(Fault::refused(format!("number {number} of {} is taken", series.id))
                .hint("leave --number away to get the next free one"));
        }
        Some(number) => number,
        None => taken.iter().max().map_or(1, |last| last + 1),
    };
    Ok(DocumentId {
        series: series.id.clone(),
        number: Some(number),
        year: u16::try_from(date.year()).ok(),
        quarter: u8::try_from(date.month0() / 3 + 1).ok(),
        name: None,
    })
}

/// The numbers that files of the work tree or any branch have.
pub fn taken_numbers(session: &Session, series: &Series) -> Result<Vec<u32>, Fault> {
    let on_disk = session.pack.series(&series.id).into_iter().filter_map(|d| d.id.number);
    let mut taken: Vec<u32> = on_disk.collect();
    for branch in session.repository.branches()? {
        let paths = session.repository.paths(branch)?;
        let ids = paths.iter().filter_map(|(path, _)| session.pack.policy.identify(path));
        taken.extend(ids.filter(|id| id.series == series.id).filter_map(|id| id.number));
    }
    Ok(taken)
}

/// Writes a draft where its document belongs; nothing that stands there is replaced.
pub fn place_draft(session: &Session, id: &DocumentId, text: &str) -> Result<PackPath, Fault> {
    let path =
        session.pack.policy.path_of(id).ok_or_else(|| {
            Fault::new(format!("the policy's first path pattern cannot name {id}"))
        })?;
    let place = session.on_disk(&path);
    secpack_signing::create(&place, text.as_bytes()).map_err(|error| match error {
        secpack_signing::StoreError::Exists(_) => {
            Fault::refused(format!("{} is there already; nothing was changed", place.display()))
                .hint(format!("secpack status {path}"))
        }
        secpack_signing::StoreError::Io(..) => Fault::from(error),
    })?;
    output::line(format!("drafted: {path}"));
    Ok(path)
}

fn show(global: &Global, session: &Session, arguments: &ShowArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    let bulletin = Bulletin::parse(drafts::text(document)?)?;
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
    std::fs::read_to_string(path).map_err(|e| Fault::new(format!("{}: {e}", path.display())))
}
