//! What is known of an event: computed from Git, each time.

use super::place::{Place, Refs, branch_of, documents_on};
use super::{EventError, KEPT};
use chrono::{DateTime, Utc};
use secpack_audit::tally_of;
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{Document, File, FileKind, ObjectId, Pack, PackPath, Policy};
use secpack_signing::Tally;
use std::collections::BTreeSet;

/// One event, by the branch that is named after its document.
#[derive(Debug, Clone)]
pub struct Event {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// The document; `None` when the branch holds none of that name.
    pub document: Option<PackPath>,
    /// What is known.
    pub state: State,
}

/// Whether an event is open.
#[derive(Debug, Clone)]
pub enum State {
    /// There never was one.
    Never,
    /// Signatures are gathered.
    Open(Box<Open>),
    /// The newest one has ended.
    Ended(Ended),
}

/// An open event.
#[derive(Debug, Clone)]
pub struct Open {
    /// The commit taken for the newest one.
    pub tip: ObjectId,
    /// The branch as a person names it, with the remote when it is not here.
    pub shown: String,
    /// Whether somebody's branch has commits that the tip lacks.
    pub diverged: bool,
    /// The committer's time of the first commit that is not published.
    pub since: DateTime<Utc>,
    /// Who made that commit, as they say.
    pub by: String,
    /// The text on the branch, as a blob.
    pub text: Option<ObjectId>,
    /// Its signatures on the branch, counted.
    pub tally: Option<Tally>,
}

/// An ended event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The commit that keeps all of it.
    pub commit: ObjectId,
    /// When it ended.
    pub time: DateTime<Utc>,
    /// Why it was given up; `None` when everyone had signed.
    pub abandoned: Option<String>,
}

/// The event of one document.
///
/// # Errors
/// [`EventError`] when the document has no branch or the repository cannot be read.
pub fn state(
    repository: &Repository,
    authority: &Authority<'_>,
    document: &Document,
) -> Result<Event, EventError> {
    let branch = branch_of(authority.policy.pack(), document)?;
    let refs = Refs::read(repository)?;
    let place = refs.place(&branch);
    let path = document.path.clone();
    let state = known(repository, authority, &refs, &place, Some(&path))?;
    Ok(Event { branch, document: Some(path), state })
}

/// Every event, open or ended, sorted by branch.
///
/// # Errors
/// [`EventError`] when the repository cannot be read.
pub fn list(repository: &Repository, authority: &Authority<'_>) -> Result<Vec<Event>, EventError> {
    let policy = authority.policy.pack();
    let refs = Refs::read(repository)?;
    let mut events = Vec::new();
    for branch in refs.names(policy) {
        let place = refs.place(&branch);
        let newest = place.tips(repository)?.first().or(place.kept.last()).copied();
        let Some(newest) = newest else { continue };
        let mut documents = documents_on(repository, policy, &branch, newest)?;
        let path = documents.pop().map(|(path, _)| path);
        let state = known(repository, authority, &refs, &place, path.as_ref())?;
        events.push(Event { branch, document: path, state });
    }
    Ok(events)
}

/// A document as the newest commit of its open event has it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The branch as a person names it, with the remote when it is not here.
    pub shown: String,
    /// The commit.
    pub commit: ObjectId,
    /// The document.
    pub document: Document,
}

/// The documents of all open events, sorted by branch and path.
///
/// # Errors
/// [`EventError`] when the repository cannot be read.
pub fn drafts(repository: &Repository, policy: &Policy) -> Result<Vec<Draft>, EventError> {
    let refs = Refs::read(repository)?;
    let mut drafts = Vec::new();
    for branch in refs.names(policy) {
        let place = refs.place(&branch);
        let Some(tip) = place.tips(repository)?.first().copied() else { continue };
        for (path, _) in documents_on(repository, policy, &branch, tip)? {
            let mut pack = pack_at(repository, policy, tip, &path)?;
            let shown = place.shown(tip);
            let document = pack.documents.remove(&path);
            drafts.extend(document.map(|document| Draft { shown, commit: tip, document }));
        }
    }
    Ok(drafts)
}

fn known(
    repository: &Repository,
    authority: &Authority<'_>,
    refs: &Refs,
    place: &Place,
    path: Option<&PackPath>,
) -> Result<State, EventError> {
    let tips = place.tips(repository)?;
    let Some(tip) = tips.first().copied() else {
        return Ok(last_ended(repository, place)?.map_or(State::Never, State::Ended));
    };
    let (since, by) = beginning(repository, &refs.published(authority.policy.pack()), tip)?;
    let text = match path {
        Some(path) => repository.blob_at(tip, path)?,
        None => None,
    };
    let tally = match path {
        Some(path) => tally_at(repository, authority, tip, path)?,
        None => None,
    };
    let (shown, diverged) = (place.shown(tip), tips.len() > 1);
    Ok(State::Open(Box::new(Open { tip, shown, diverged, since, by, text, tally })))
}

/// The signatures of a document at a commit, counted; `None` when it is not there.
pub(crate) fn tally_at(
    repository: &Repository,
    authority: &Authority<'_>,
    commit: ObjectId,
    path: &PackPath,
) -> Result<Option<Tally>, EventError> {
    let pack = pack_at(repository, authority.policy.pack(), commit, path)?;
    let Some(document) = pack.documents.get(path) else { return Ok(None) };
    Ok(Some(tally_of(repository, authority, &pack, document, &[commit])?))
}

/// One document of a commit with the files beside it, and nothing else.
pub(super) fn pack_at(
    repository: &Repository,
    policy: &Policy,
    commit: ObjectId,
    document: &PackPath,
) -> Result<Pack, EventError> {
    let mut files = Vec::new();
    for (path, id) in repository.paths(commit)? {
        let beside = || policy.signature_place(&path).is_some_and(|(of, _)| &of == document);
        if &path == document || beside() {
            let content = repository.read_blob(id)?;
            files.push(File { path, kind: FileKind::Regular, id, content });
        }
    }
    Ok(Pack::assemble(policy.clone(), files))
}

/// Time and committer of the first commit of the branch that is not published.
fn beginning(
    repository: &Repository,
    published: &[ObjectId],
    tip: ObjectId,
) -> Result<(DateTime<Utc>, String), EventError> {
    let mut known: BTreeSet<ObjectId> = BTreeSet::new();
    for from in published {
        known.extend(repository.mainline(*from)?);
    }
    let mut own = repository.mainline(tip)?.into_iter().filter(|id| !known.contains(id));
    let first = repository.commit(own.next_back().unwrap_or(tip))?;
    Ok((first.committer_time, first.committer_name))
}

pub(super) fn last_ended(
    repository: &Repository,
    place: &Place,
) -> Result<Option<Ended>, EventError> {
    let mut ended = Vec::new();
    for commit in &place.kept {
        let found = repository.commit(*commit)?;
        let abandoned = abandoned(&found.summary).map(str::to_owned);
        ended.push(Ended { commit: *commit, time: found.committer_time, abandoned });
    }
    ended.sort_by_key(|ended| (ended.time, ended.commit));
    Ok(ended.pop())
}

const ABANDONED: &str = "Abandon the signing on ";

/// The first line of the commit that ends an event.
pub(super) fn ending_message(branch: &str, reason: Option<&str>) -> String {
    match reason {
        None => format!("Close the signing on {branch}: complete\n"),
        Some(reason) => format!("{ABANDONED}{branch}: {reason}\n"),
    }
}

/// The reason in such a line. A branch has neither blanks nor colons.
fn abandoned(summary: &str) -> Option<&str> {
    summary.strip_prefix(ABANDONED)?.split_once(": ").map(|(_, reason)| reason)
}

/// The ref that keeps the commits of an event up to this one.
pub(super) fn kept_name(branch: &str, tip: ObjectId) -> String {
    format!("{KEPT}{branch}/{}", tip.short(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_read_back() {
        assert_eq!(abandoned(ending_message("sign/a-1", None).trim_end()), None);
        for reason in ["the fix: was withdrawn", "x"] {
            let message = ending_message("sign/a-1", Some(reason));
            assert_eq!(abandoned(message.trim_end()), Some(reason));
        }
    }
}
