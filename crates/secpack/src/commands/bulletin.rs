//! `secpack bulletin`: draft, check, show.

use crate::arguments::{BulletinCommand, BulletinNewArgs, Global, LintArgs};
use crate::session::Session;
use crate::{Exit, Fault, documents, lint, output, templates};
use chrono::Datelike;
use secpack_bulletin::{Bulletin, Facts};
use secpack_pack::policy::{Series, SeriesKind};
use secpack_pack::{DocumentId, PackPath};
use std::path::Path;

pub fn run(global: &Global, command: &BulletinCommand) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    match command {
        BulletinCommand::New(arguments) => new(&session, arguments),
        BulletinCommand::Lint(arguments) => check(global, &session, arguments),
        BulletinCommand::Show(arguments) => show(global, &session, arguments),
    }
}

fn new(session: &Session, arguments: &BulletinNewArgs) -> Result<Exit, Fault> {
    let series = find_series(session, SeriesKind::Bulletin, arguments.series.as_deref())?;
    let facts = facts(arguments)?;
    let date = arguments.date.or(facts.date).unwrap_or_else(|| session.now.date_naive());
    let facts = Facts { date: Some(date), title: arguments.title.clone().or(facts.title), ..facts };
    let id = new_id(session, series, arguments.number, date)?;
    let rules = session.pack.policy.text_rules_for(&id).ok_or_else(|| {
        Fault::new(format!("the policy has no [[text]] rules for {id}"))
            .hint("docs/pack-format.md shows how to add them")
    })?;
    let template = templates::of(session, series, secpack_bulletin::TEMPLATE)?;
    let text = secpack_bulletin::draft(&template, rules, &id, &facts)?;
    let path = place_draft(session, &id, &text)?;
    lint::report_draft(session, &id, &path, text.as_bytes());
    output::hint(&format!("edit it, then: secpack bulletin lint {path}"));
    Ok(Exit::Good)
}

fn facts(arguments: &BulletinNewArgs) -> Result<Facts, Fault> {
    let Some(path) = &arguments.facts else { return Ok(Facts::default()) };
    let text = read_text(path)?;
    toml::from_str(&text).map_err(|error| {
        Fault::new(format!("{} is not a facts file:\n{error}", path.display()))
            .hint("docs/guides/drafter.md lists what it may say")
    })
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

/// The number asked for, or the next one that neither the files nor any branch has.
pub fn new_id(
    session: &Session,
    series: &Series,
    number: Option<u32>,
    date: chrono::NaiveDate,
) -> Result<DocumentId, Fault> {
    let taken = taken_numbers(session, series)?;
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

fn taken_numbers(session: &Session, series: &Series) -> Result<Vec<u32>, Fault> {
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
    if place.exists() {
        return Err(Fault::refused(format!(
            "{} is there already; nothing was changed",
            place.display()
        ))
        .hint(format!("secpack status {path}")));
    }
    secpack_signing::write_new(&place, text.as_bytes())?;
    output::line(format!("drafted: {path}"));
    Ok(path)
}

fn check(global: &Global, session: &Session, arguments: &LintArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    lint::report(global, session, document)
}

fn show(global: &Global, session: &Session, arguments: &LintArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    let bytes = document.bytes.as_deref().unwrap_or_default();
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Fault::refused(format!("{} is not UTF-8", document.path)))?;
    let bulletin = Bulletin::parse(text)?;
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
