//! What must hold before the first effect, all of it looked at together, so that a release does not
//! find out half-way what it could have known. Looking changes nothing.

use crate::plan::{PlanError, Request};
use crate::step::{Ready, Why};
use chrono::{DateTime, Utc};
use rustix::fs::Access;
use secpack_git::{RefName, Repository};
use secpack_pack::{escape, shell_word};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Less free space than this is too little for a commit, a tag, a pack to send and a clone.
const SPACE: u64 = 32 * 1024 * 1024;

/// One thing that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The clock is not behind the newest commit.
    Clock,
    /// There is room on the disk.
    Space,
    /// Git's folders can be written to.
    Access,
    /// No other git holds the refs or the index.
    Locks,
    /// A hook that is meant to run before the push will run.
    Hooks,
    /// No document is held back until a later day.
    Embargo,
}

impl Check {
    /// What it is about, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Check::Clock => "the clock",
            Check::Space => "room on the disk",
            Check::Access => "write access",
            Check::Locks => "locks of git",
            Check::Hooks => "hooks",
            Check::Embargo => "embargoes",
        }
    }
}

/// A check and what came out: done, or blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The check.
    pub check: Check,
    /// What came out.
    #[serde(flatten)]
    pub ready: Ready,
}

/// Looks at everything.
pub(crate) fn checks(request: &Request<'_>, branch: &str) -> Result<Vec<Checked>, PlanError> {
    let repository = request.repository;
    let places = places(repository)?;
    let outcomes = [
        (Check::Clock, clock(repository, request.clock)?),
        (Check::Space, space(&places)),
        (Check::Access, access(&places)),
        (Check::Locks, locks(repository, branch)?),
        (Check::Hooks, hooks(repository)?),
        (Check::Embargo, request.embargoed.iter().map(Why::alone).collect()),
    ];
    Ok(outcomes.into_iter().map(|(check, reasons)| checked(check, reasons)).collect())
}

fn checked(check: Check, reasons: Vec<Why>) -> Checked {
    let ready = if reasons.is_empty() { Ready::Done } else { Ready::blocked(reasons) };
    Checked { check, ready }
}

/// The folders that a release writes to.
fn places(repository: &Repository) -> Result<Vec<PathBuf>, PlanError> {
    let common = repository.common_dir()?;
    let below = ["objects", "refs/heads", "refs/tags", "secpack"].map(|name| common.join(name));
    let own = [repository.git_dir().to_owned(), common];
    Ok(own.into_iter().chain(below).filter(|place| place.exists()).collect())
}

/// A clock that is behind makes signatures that were made before their own commit.
fn clock(repository: &Repository, clock: Option<DateTime<Utc>>) -> Result<Vec<Why>, PlanError> {
    let (Some(now), Some(head)) = (clock, repository.head()?) else { return Ok(Vec::new()) };
    let newest = repository.commit(head)?.committer_time;
    if now >= newest {
        return Ok(Vec::new());
    }
    let (now, newest) = (now.format("%F %T"), newest.format("%F %T"));
    let text = format!(
        "the clock says {now} UTC, and the newest commit was made at {newest} UTC; look at it"
    );
    Ok(vec![Why::ending(&text, "date --utc".to_owned())])
}

fn space(places: &[PathBuf]) -> Vec<Why> {
    let mut reasons = Vec::new();
    for place in places {
        // A file system that does not tell is not held against the release.
        let Ok(found) = rustix::fs::statvfs(place) else { continue };
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        if free < SPACE {
            let path = shown(place);
            let text = format!(
                "{path} has {free} bytes left, and {SPACE} are wanted; look for what takes them"
            );
            let word = shell_word(&place.to_string_lossy());
            reasons.push(Why::ending(&text, format!("df -h {word}")));
            break;
        }
    }
    reasons
}

fn access(places: &[PathBuf]) -> Vec<Why> {
    let wanted = Access::WRITE_OK | Access::EXEC_OK;
    let denied = places.iter().filter_map(|place| {
        let why = match place.is_dir() {
            true => rustix::fs::access(place, wanted).err()?.to_string(),
            false => "it is no folder".to_owned(),
        };
        let word = shell_word(&place.to_string_lossy());
        let text = format!("{} cannot be written to ({why}); look at it", shown(place));
        Some(Why::ending(&text, format!("ls -ld {word}")))
    });
    denied.collect()
}

fn locks(repository: &Repository, branch: &str) -> Result<Vec<Why>, PlanError> {
    let mut there = repository.ref_locks(&[RefName::branch(branch)?])?;
    there.extend(repository.shared_locks()?);
    if repository.git_dir().join("MERGE_HEAD").exists() {
        let text = "a merge is under way here, which must end first; how it stands";
        return Ok(vec![Why::ending(text, "git status".to_owned())]);
    }
    let told = there.iter().map(|path| {
        let text = "another git is at work, or was stopped while it was; if none is";
        Why::ending(text, format!("rm {}", shell_word(&path.to_string_lossy())))
    });
    Ok(told.collect())
}

/// Git passes over a hook that is not executable and hardly says so.
fn hooks(repository: &Repository) -> Result<Vec<Why>, PlanError> {
    let hook = repository.hooks_folder()?.join("pre-push");
    if !hook.is_file() || rustix::fs::access(&hook, Access::EXEC_OK).is_ok() {
        return Ok(Vec::new());
    }
    let word = shell_word(&hook.to_string_lossy());
    let text = format!("{} would not run: it is not executable; type", shown(&hook));
    Ok(vec![Why::ending(&text, format!("chmod +x {word}"))])
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}
