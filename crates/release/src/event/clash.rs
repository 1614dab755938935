//! Two drafts under one number: two clones that had not heard of each other each took the next.

use super::EventError;
use super::place::Place;
use secpack_bulletin::Bulletin;
use secpack_git::Repository;
use secpack_pack::{Content, Document, ObjectId, Pack, PackPath, Policy};
use std::collections::BTreeSet;

/// Refuses to put a document onto the branch of another one.
///
/// With a branch here: the two branches never had a text in common. Without one: nothing of that
/// name is committed here, and the title is another one, or the text of what has no title. A person
/// who means to change that draft makes the branch from the remote's first.
pub(super) fn refuse(
    repository: &Repository,
    pack: &Pack,
    document: &Document,
    place: &Place,
    tips: &[ObjectId],
) -> Result<(), EventError> {
    let path = &document.path;
    let theirs = place.remotes.iter().filter(|(_, tip)| place.local != Some(*tip));
    for (remote, tip) in theirs.filter(|(_, tip)| tips.contains(tip)) {
        let is_other = match place.local {
            Some(local) => tips.contains(&local) && are_apart(repository, path, local, *tip)?,
            None => {
                !is_committed(repository, path)? && is_titled_otherwise(repository, document, *tip)?
            }
        };
        if is_other {
            let kind = pack.policy.find_series(&document.id.series).map(|series| series.kind);
            let branch = format!("{remote}/{}", place.branch);
            let mut files = pack.signatures_of(path).filter(|file| file.path != *path);
            let is_signed = files.next().is_some()
                || is_signed_on_branch(repository, &pack.policy, path, place)?;
            let path = path.clone();
            return Err(EventError::Clash { path, branch, kind, is_signed });
        }
    }
    Ok(())
}

/// Whether signatures lie on the branch of this clone.
fn is_signed_on_branch(
    repository: &Repository,
    policy: &Policy,
    path: &PackPath,
    place: &Place,
) -> Result<bool, EventError> {
    let Some(tip) = place.local else { return Ok(false) };
    let is_over = |file: &PackPath| policy.signature_place(file).is_some_and(|(of, _)| of == *path);
    Ok(repository.paths(tip)?.iter().any(|(file, _)| is_over(file)))
}

/// Whether both have the document, and never had one text of it in common.
fn are_apart(
    repository: &Repository,
    path: &PackPath,
    ours: ObjectId,
    theirs: ObjectId,
) -> Result<bool, EventError> {
    let texts = |tip: ObjectId| -> Result<BTreeSet<ObjectId>, EventError> {
        let versions = repository.blob_versions(&[tip], &|found| found == path)?;
        Ok(versions.into_iter().map(|version| version.id).collect())
    };
    let (ours, theirs) = (texts(ours)?, texts(theirs)?);
    Ok(!ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs))
}

fn is_committed(repository: &Repository, path: &PackPath) -> Result<bool, EventError> {
    match repository.head()? {
        Some(head) => Ok(repository.blob_at(head, path)?.is_some()),
        None => Ok(false),
    }
}

fn is_titled_otherwise(
    repository: &Repository,
    document: &Document,
    theirs: ObjectId,
) -> Result<bool, EventError> {
    let Some(blob) = repository.blob_at(theirs, &document.path)? else { return Ok(false) };
    let Content::Bytes(there) = repository.read_blob(blob)? else { return Ok(false) };
    let here = document.bytes.as_deref().unwrap_or_default();
    Ok(match title(here).zip(title(&there)) {
        Some((here, there)) => here != there,
        // Canaries and statements have no title: two texts are two drafts.
        None => *here != *there,
    })
}

fn title(bytes: &[u8]) -> Option<String> {
    let bulletin = Bulletin::parse(std::str::from_utf8(bytes).ok()?).ok()?;
    let title = bulletin.title.join(" ");
    (!title.is_empty()).then_some(title)
}
