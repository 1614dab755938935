//! A release that was interrupted: taking it up again, taking it back, and telling of it.

use super::{Global, Kept, Lock, ReleaseArgs, Repository, Request, clear, faults, locate};
use crate::arguments::{Cli, Command};
use crate::{Exit, Fault, fault::OrHint, output, terminal};
use clap::Parser;
use secpack_pack::{escape, shell_word};
use secpack_release::AbortError;
use std::path::Path;

pub const RESUME: &str = "secpack release --resume";
pub const ABORT: &str = "secpack release --abort";

/// The other way out of it.
const BACK: &str = "it is taken back by: secpack release --abort";

/// The command with which a release was begun.
pub struct Begun {
    pub global: Global,
    pub arguments: ReleaseArgs,
    pub words: Vec<String>,
}

/// The command of the unfinished release, from its journal.
pub fn command(global: &Global) -> Result<Begun, Fault> {
    let (repository, _) = locate(global)?;
    let Some(journal) = Kept::read(&repository)?.journal else {
        return Err(Fault::refused("no release is unfinished here").hint("secpack status"));
    };
    let words = journal.command;
    let parsed = Cli::try_parse_from(std::iter::once("secpack".to_owned()).chain(words.clone()))
        .map_err(|error| Fault::new(format!("the command of the journal is none: {error}")))
        .or_hint(ABORT)?;
    let Command::Release(arguments) = parsed.command else {
        return Err(Fault::new("the command of the journal is no release").hint(ABORT));
    };
    let begun =
        Global { json: global.json, now: global.now.or(parsed.global.now), ..parsed.global };
    check_folder(&journal.folder, begun.pack.as_deref())?;
    Ok(Begun { global: begun, arguments, words })
}

/// Paths in the command are relative to the folder where it was typed.
fn check_folder(folder: &Path, pack: Option<&Path>) -> Result<(), Fault> {
    if terminal::current_folder()? == folder {
        return Ok(());
    }
    let quoted = |path: &Path| shell_word(&path.to_string_lossy());
    let pack = pack.map_or_else(String::new, |pack| format!(" --pack {}", quoted(pack)));
    let shown = escape(&folder.to_string_lossy());
    if !folder.is_dir() {
        let text = format!("the release was begun in {shown}, which is not there any more");
        return Err(Fault::new(text).hint(ABORT));
    }
    Err(Fault::new(format!("the release was begun in {shown}"))
        .hint(format!("cd {} && {RESUME}{pack}", quoted(folder))))
}

/// What the journal says, once what a killed run left in the way is gone. The lock must be held.
pub fn read(repository: &Repository) -> Result<Kept, Fault> {
    let kept = Kept::read(repository)?;
    for path in clear(repository, &kept)? {
        let path = escape(&path.to_string_lossy());
        output::note(&format!("  took away {path}, left by the run that was interrupted"));
    }
    Ok(kept)
}

/// Another release that is not through yet must end first, one way or the other.
pub fn check_same(kept: &mut Kept, request: &Request<'_>) -> Result<(), Fault> {
    let Some(journal) = &kept.journal else { return Ok(()) };
    let is_same = journal.documents.len() == request.documents.len()
        && request.documents.iter().all(|document| journal.documents.contains(&document.path));
    match (is_same, journal.is_pushed()) {
        (true, _) => Ok(()),
        // Only other remotes are behind, and they get everything the next time.
        (false, true) => {
            kept.journal = None;
            Ok(())
        }
        (false, false) => Err(Fault::refused(format!(
            "the release of {} is not finished; it was begun by {}",
            journal.what(),
            journal.who()
        ))
        .adding(BACK)
        .hint(RESUME)),
    }
}

/// Tells of an unfinished release.
pub fn warn(repository: &Repository) -> Result<(), Fault> {
    if let Some(journal) = Kept::read(repository)?.journal {
        let (what, who) = (journal.what(), journal.who());
        output::warning(&format!("the release of {what} is not finished; it was begun by {who}"));
        output::note(BACK);
        output::hint(RESUME);
    }
    Ok(())
}

/// `--abort`.
pub fn abort(global: &Global) -> Result<Exit, Fault> {
    let (repository, _) = locate(global)?;
    let folder = secpack_release::folder(&repository)?;
    let lock = Lock::take(&folder, &terminal::holder()).map_err(faults::lock)?;
    let mut kept = read(&repository)?;
    let aborted = secpack_release::abort(&repository, &mut kept).map_err(refused)?;
    for line in &aborted.told {
        output::note(&format!("  {line}"));
    }
    output::note(match aborted.is_whole {
        true => "the release is taken back; documents and signatures on disk are as they were",
        false => "the release is no longer under way; what was changed since it made it stays",
    });
    drop(lock);
    Ok(Exit::Good)
}

fn refused(error: AbortError) -> Fault {
    match error {
        AbortError::Nothing => Fault::refused(error.to_string()).hint("secpack status"),
        AbortError::OnlyThere(_, commit) => {
            let commit = commit.short(12);
            Fault::refused(error.to_string())
                .adding("a branch of its own keeps that commit:")
                .hint(format!("git branch kept-{commit} {commit} && {ABORT}"))
        }
        AbortError::Published(..) => Fault::refused(error.to_string()).hint(RESUME),
        AbortError::Unknown(_, secpack_git::Error::NoRemote { .. }) => {
            let text = "that remote is put back, or gets its name back, and then:";
            Fault::from(error).adding(&format!("{text} {ABORT}")).hint("git remote --verbose")
        }
        AbortError::Unknown(..) => Fault::from(error).hint(ABORT),
        AbortError::Git(_) | AbortError::Journal(_) => {
            Fault::from(error).adding("the same goes on where this stopped").hint(ABORT)
        }
    }
}
