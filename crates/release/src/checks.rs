//! What must hold before the first effect, all of it looked at together, so that a release does not
//! find out half-way what it could have known. Looking changes nothing.

use crate::plan::{PlanError, Request};
use crate::step::Ready;
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
        (Check::Embargo, request.embargoed.clone()),
    ];
    Ok(outcomes.into_iter().map(|(check, reasons)| checked(check, reasons)).collect())
}

fn checked(check: Check, reasons: Vec<String>) -> Checked {
    let ready = if reasons.is_empty() { Ready::Done } else { Ready::Blocked { reasons } };
    Checked { check, ready }
}

/// The folders that a release writes to.
fn places(repository: &Repository) -> Result<Vec<PathBuf>, PlanError> {
    let common = repository.common_dir()?;
    let below = ["objects", "refs/heads", "refs/tags"].map(|name| common.join(name));
    let own = [repository.git_dir().to_owned(), common];
    Ok(own.into_iter().chain(below).filter(|place| place.exists()).collect())
}

/// A clock that is behind makes signatures that were made before their own commit.
fn clock(repository: &Repository, clock: Option<DateTime<Utc>>) -> Result<Vec<String>, PlanError> {
    let (Some(now), Some(head)) = (clock, repository.head()?) else { return Ok(Vec::new()) };
    let newest = repository.commit(head)?.committer_time;
    if now >= newest {
        return Ok(Vec::new());
    }
    let (now, newest) = (now.format("%F %T"), newest.format("%F %T"));
    Ok(vec![format!(
        "the clock says {now} UTC, and the newest commit was made at {newest} UTC; look at it: timedatectl"
    )])
}

fn space(places: &[PathBuf]) -> Vec<String> {
    let mut reasons = Vec::new();
    for place in places {
        // A file system that does not tell is not held against the release.
        let Ok(found) = rustix::fs::statvfs(place) else { continue };
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        if free < SPACE {
            let path = shown(place);
            reasons.push(format!(
                "{path} has {free} bytes left, and {SPACE} are wanted; look for what takes them: df -h {}",
                shell_word(&place.to_string_lossy())
            ));
            break;
        }
    }
    reasons
}

fn access(places: &[PathBuf]) -> Vec<String> {
    let wanted = Access::WRITE_OK | Access::EXEC_OK;
    let denied = places.iter().filter_map(|place| {
        let why = rustix::fs::access(place, wanted).err()?;
        let word = shell_word(&place.to_string_lossy());
        Some(format!("{} cannot be written to ({why}); look at it: ls -ld {word}", shown(place)))
    });
    denied.collect()
}

fn locks(repository: &Repository, branch: &str) -> Result<Vec<String>, PlanError> {
    let mut there = repository.ref_locks(&[RefName::branch(branch)?])?;
    there.extend(repository.shared_locks()?);
    let told = there.iter().map(|path| {
        format!(
            "another git is at work, or was stopped while it was; if none is: rm {}",
            shell_word(&path.to_string_lossy())
        )
    });
    Ok(told.collect())
}

/// Git passes over a hook that is not executable and hardly says so.
fn hooks(repository: &Repository) -> Result<Vec<String>, PlanError> {
    let hook = repository.hooks_folder()?.join("pre-push");
    if !hook.is_file() || rustix::fs::access(&hook, Access::EXEC_OK).is_ok() {
        return Ok(Vec::new());
    }
    let word = shell_word(&hook.to_string_lossy());
    Ok(vec![format!("{} would not run: it is not executable; type: chmod +x {word}", shown(&hook))])
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}
