//! Closing: every commit of the event is kept under a ref of its own before the branch goes.

use super::EventError;
use super::open::refuse_checked_out;
use super::place::{Place, Refs, branch_of};
use super::state::{Ended, ending_message, kept_name, last_ended, tally_at};
use chrono::{DateTime, Utc};
use secpack_git::{Note, RefName, Repository};
use secpack_openpgp::Authority;
use secpack_pack::{Document, MemberId, ObjectId, PackPath};

/// How an event ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending<'a> {
    /// Everyone who must sign did.
    Complete,
    /// It is given up, for this reason.
    Abandoned(&'a str),
}

/// An event that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// How and when it ended.
    pub ended: Ended,
    /// The ref that keeps all of its commits.
    pub kept: String,
    /// Whether this call ended it; an event that has ended is left alone.
    pub is_new: bool,
    /// Remotes that still had the branch when they were last fetched.
    pub remotes: Vec<String>,
}

/// Ends an event. It must be complete on its branch, or with the same text where it is published.
///
/// # Errors
/// [`EventError`]; nothing was changed then.
pub fn close(
    repository: &Repository,
    authority: &Authority<'_>,
    document: &Document,
    ending: Ending<'_>,
    time: DateTime<Utc>,
) -> Result<Closed, EventError> {
    let policy = authority.policy.pack();
    let branch = branch_of(policy, document)?;
    let refs = Refs::read(repository)?;
    let place = refs.place(&branch);
    let tips = place.tips(repository)?;
    let reason = checked_reason(ending)?;
    if tips.is_empty() && place.kept.is_empty() {
        return Err(EventError::NotOpen(document.path.clone()));
    }
    if place.local.is_some() {
        refuse_checked_out(repository, &branch).map_err(|error| named(error, &refs, authority))?;
    }
    let mut kept = place.kept.clone();
    if let Some(first) = tips.first() {
        if reason.is_none() {
            must_be_complete(repository, authority, &refs, &tips, &document.path)?;
        }
        let author = &repository.identity()?;
        let message = &ending_message(&branch, reason);
        let commit = repository.write_note(&Note { parents: &tips, message, author, time })?;
        let name: RefName = kept_name(&branch, *first).parse()?;
        repository.keep(&name, commit)?;
        kept.push(commit);
    }
    if let Some(local) = place.local {
        repository.drop_branch(&branch, local)?;
    }
    finish(repository, Place { kept, ..place }, !tips.is_empty())
}

fn finish(repository: &Repository, place: Place, is_new: bool) -> Result<Closed, EventError> {
    let nothing =
        || EventError::Git(secpack_git::Error::NoSuchCommit { spec: place.branch.clone() });
    let ended = last_ended(repository, &place)?.ok_or_else(nothing)?;
    let refs = Refs::read(repository)?.kept;
    let name = refs.into_iter().find(|(_, commit)| *commit == ended.commit);
    let kept = name.map(|(name, _)| format!("{}{name}", super::KEPT)).unwrap_or_default();
    let remotes = place.remotes.into_iter().map(|(remote, _)| remote).collect();
    Ok(Closed { branch: place.branch, ended, kept, is_new, remotes })
}

fn checked_reason(ending: Ending<'_>) -> Result<Option<&str>, EventError> {
    match ending {
        Ending::Complete => Ok(None),
        Ending::Abandoned(reason) => {
            let reason = reason.trim();
            let is_line = !reason.is_empty() && secpack_pack::escape(reason) == reason;
            if is_line { Ok(Some(reason)) } else { Err(EventError::BadReason) }
        }
    }
}

/// Complete on the newest commit of the branch, or published with that very text.
fn must_be_complete(
    repository: &Repository,
    authority: &Authority<'_>,
    refs: &Refs,
    tips: &[ObjectId],
    path: &PackPath,
) -> Result<(), EventError> {
    let mut texts = Vec::new();
    for tip in tips {
        texts.extend(repository.blob_at(*tip, path)?);
    }
    let mut short_of: Vec<MemberId> = Vec::new();
    let published = refs.published(authority.policy.pack());
    for commit in tips.iter().chain(&published) {
        let has_text = repository.blob_at(*commit, path)?.is_some_and(|text| texts.contains(&text));
        if !has_text {
            continue;
        }
        let Some(tally) = tally_at(repository, authority, *commit, path)? else { continue };
        if tally.is_met() {
            return Ok(());
        }
        if short_of.is_empty() {
            short_of = tally.short_of;
        }
    }
    Err(EventError::NotComplete { document: path.clone(), short_of })
}

/// A published branch that is here is better to go to than no branch at all.
fn named(error: EventError, refs: &Refs, authority: &Authority<'_>) -> EventError {
    let policy = authority.policy.pack();
    let here = refs.branches.iter().filter(|branch| branch.remote.is_none());
    let main = here.map(|branch| &branch.name).find(|name| policy.is_published(name));
    match (error, main) {
        (EventError::CheckedOut { branch, place: None, .. }, Some(main)) => {
            let instead = secpack_pack::shell_word(main);
            EventError::CheckedOut { branch, place: None, instead }
        }
        (error, _) => error,
    }
}
