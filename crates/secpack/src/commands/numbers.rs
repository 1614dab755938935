//! Numbers of new documents: which are taken, as far as this clone knows, and which is free.

use super::embargo::reserved_numbers;
use crate::arguments::{FetchArgs, NumberArgs};
use crate::fault::look_at;
use crate::session::Session;
use crate::terminal::Progress;
use crate::{Fault, output, terminal};
use chrono::{DateTime, Utc};
use secpack_pack::policy::Series;
use secpack_pack::{DocumentId, MAX_NUMBER, PackPath};

/// How often another number is tried when somebody else took the one that was free.
const TRIES: u32 = 100;
/// After so many days without a fetch, others are likely to have taken numbers.
const OLD_NEWS_DAYS: i64 = 1;

/// Fetches the branches of others where that is asked for, into remote-tracking branches alone.
/// Otherwise says when that is long ago, as far as git keeps it.
///
/// # Errors
/// When the remote cannot be fetched.
pub fn hear_of_others(session: &Session, arguments: &FetchArgs) -> Result<(), Fault> {
    let repository = &session.repository;
    if let Some(remote) = &arguments.fetch {
        let progress = Progress::start();
        progress.stage("fetching");
        repository.fetch(remote, &[&format!("+refs/heads/*:refs/remotes/{remote}/*")])?;
        return Ok(());
    }
    if repository.remotes()?.is_empty() {
        return Ok(());
    }
    let days = last_fetch(session).map_or(0, |then| (session.now - then).num_days());
    if days >= OLD_NEWS_DAYS {
        output::warning(&format!(
            "nothing was fetched for {days} days, so others may have taken the same number; with --fetch their branches count"
        ));
    }
    Ok(())
}

/// When `git fetch` last wrote what it got. A fresh clone does not tell.
fn last_fetch(session: &Session) -> Option<DateTime<Utc>> {
    let file = session.repository.git_dir().join("FETCH_HEAD");
    Some(std::fs::metadata(file).ok()?.modified().ok()?.into())
}

/// The number asked for, or the next one that is not taken.
///
/// # Errors
/// When the one asked for is taken, or no name can have it.
pub fn free_number(series: &Series, wanted: Option<u32>, taken: &[u32]) -> Result<u32, Fault> {
    let number = match wanted {
        Some(number) if taken.contains(&number) => {
            return Err(Fault::refused(format!("number {number} of {} is taken", series.id))
                .adding("without --number it gets the next free one:")
                .hint(terminal::typed().without("--number").to_string()));
        }
        Some(number) => number,
        None => taken.iter().max().map_or(1, |last| last.saturating_add(1)),
    };
    if number <= MAX_NUMBER {
        return Ok(number);
    }
    // Whoever can push a branch can take the last one.
    let text = format!("number {number} of {} is past {MAX_NUMBER}, the last one", series.id);
    let free = (1..).find(|number| !taken.contains(number)).unwrap_or(1).to_string();
    let typed = terminal::typed().without("--number").with(&["--number", &free]);
    Err(Fault::refused(text)
        .adding("who took the last one stands in: git log --all --stat")
        .hint(typed.to_string()))
}

/// The numbers that files of the work tree or any branch have.
///
/// # Errors
/// When a branch cannot be read.
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

/// A document that has its place.
pub struct Placed {
    /// Its id.
    pub id: DocumentId,
    /// Its path.
    pub path: PackPath,
    /// Its text.
    pub text: String,
}

/// Writes a document under the number asked for, or under the first that is free. A file is made,
/// never opened: when somebody else was faster, the next number is tried.
///
/// # Errors
/// When a remote, a branch or a sealed draft cannot be read, no number is free, or the text cannot
/// be made or written.
pub fn place_at_free(
    session: &Session,
    series: &Series,
    arguments: &NumberArgs,
    make: impl Fn(u32) -> Result<(DocumentId, String), Fault>,
) -> Result<Placed, Fault> {
    hear_of_others(session, &arguments.others)?;
    let mut taken = taken_numbers(session, series)?;
    taken.extend(&arguments.taken);
    taken.extend(reserved_numbers(session, &series.id, &arguments.identity)?);
    let wanted = arguments.number;
    for _ in 0..TRIES {
        let number = free_number(series, wanted, &taken)?;
        let (id, text) = make(number)?;
        match write_new(session, &id, &text) {
            Ok(path) => return Ok(Placed { id, path, text }),
            Err(fault) if wanted.is_none() && fault.code() == 1 => taken.push(number),
            Err(fault) => return Err(fault),
        }
    }
    let next = (taken.iter().max().map_or(1, |last| last.saturating_add(1))).to_string();
    Err(Fault::new(format!("no number of {} is free", series.id))
        .hint(terminal::typed().with(&["--number", &next]).to_string()))
}

/// Writes a document where it belongs; nothing that stands there is replaced.
///
/// # Errors
/// When something stands there, or it cannot be written.
pub fn write_new(session: &Session, id: &DocumentId, text: &str) -> Result<PackPath, Fault> {
    let path = session.pack.policy.path_of(id).ok_or_else(|| {
        Fault::new(format!("the policy's first path pattern cannot name {id}"))
            .hint("secpack policy show")
    })?;
    let place = session.on_disk(&path);
    secpack_signing::create(&place, text.as_bytes()).map_err(|error| match error {
        secpack_signing::StoreError::Exists(_) => {
            Fault::refused(format!("{} is there already; nothing was changed", place.display()))
                .hint(match place.is_file() {
                    true => format!("secpack status {path}"),
                    false => look_at(&place),
                })
        }
        secpack_signing::StoreError::Io(..) => Fault::from(error),
    })?;
    Ok(path)
}
