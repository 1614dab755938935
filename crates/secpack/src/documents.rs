//! Which document a person means on the command line.

use crate::fault::look_at;
use crate::session::Session;
use crate::{Fault, terminal};
use secpack_git::Repository;
use secpack_pack::{Document, PackPath, shell_word};
use secpack_release::event;
use std::path::{Component, Path};

/// The document that `name` means: a path in the pack or on disk, a bare file name, a label such
/// as `SB-001`, or `bulletin-1`.
///
/// # Errors
/// When nothing or more than one thing fits; names what there is.
pub fn find<'s>(session: &'s Session, name: &str) -> Result<&'s Document, Fault> {
    if let Some(path) = as_pack_path(session, name)
        && let Some(document) = session.pack.documents.get(&path)
    {
        return Ok(document);
    }
    let fits = |document: &&Document| is_called(session, document, name);
    let found: Vec<&Document> = session.pack.documents.values().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let fault = format!("{} is no document of this pack", secpack_pack::escape(name));
            Err(Fault::new(fault).hint(match gone(session, name) {
                Some(path) => back_on_disk(&session.repository, &path),
                None => elsewhere(session),
            }))
        }
        several => {
            let paths: Vec<&str> = several.iter().map(|d| d.path.as_str()).collect();
            Err(Fault::new(format!(
                "{} may mean {}",
                secpack_pack::escape(name),
                paths.join(" or ")
            ))
            .hint(terminal::typed().instead(name, paths[0]).to_string()))
        }
    }
}

/// Shows what there is, with what others have put on branches by now.
fn elsewhere(session: &Session) -> String {
    let remotes = session.repository.remotes().unwrap_or_default();
    match remotes.iter().find(|name| *name == "origin").or(remotes.first()) {
        Some(remote) => format!("git fetch {} && secpack status", shell_word(remote)),
        None => "secpack status".to_owned(),
    }
}

/// What puts a file of HEAD on disk again. A folder in its place, or a file in the place of the
/// folder, is somebody's work.
pub fn back_on_disk(repository: &Repository, path: &PackPath) -> String {
    let root = repository.workdir().unwrap_or(repository.git_dir());
    let place = root.join(path.as_str());
    let above = place.ancestors().skip(1).take_while(|above| *above != root);
    if let Some(file) = above.into_iter().find(|above| above.is_file()) {
        return look_at(file);
    }
    if place.is_dir() {
        return look_at(&place);
    }
    match repository.is_left_out(path) {
        true => "git sparse-checkout disable".to_owned(),
        false => format!("git checkout HEAD -- {}", shell_word(path.as_str())),
    }
}

/// A document of HEAD that is not on disk any more.
fn gone(session: &Session, name: &str) -> Option<PackPath> {
    let head = session.repository.head().ok().flatten()?;
    let paths = session.repository.paths(head).ok()?;
    paths.into_iter().map(|(path, _)| path).find(|path| {
        let id = session.pack.policy.identify(path);
        let is_gone = !session.pack.documents.contains_key(path);
        id.is_some_and(|id| {
            let document = Document { id, path: path.clone(), bytes: None };
            is_gone && (path.as_str() == name || is_called(session, &document, name))
        })
    })
}

/// The document that `name` means, on disk or else on the branch of its signing event.
///
/// # Errors
/// As [`find`].
pub fn find_anywhere(session: &Session, name: &str) -> Result<Document, Fault> {
    let here = find(session, name);
    if here.is_ok() {
        return here.cloned();
    }
    let drafts = event::drafts(&session.repository, &session.pack.policy)?;
    let mut found = drafts
        .into_iter()
        .map(|draft| draft.document)
        .filter(|document| document.path.as_str() == name || is_called(session, document, name));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) | (Some(_), Some(_)) => here.cloned(),
    }
}

/// Whether a document has this file name or label, or is `bulletin-1`.
fn is_called(session: &Session, document: &Document, name: &str) -> bool {
    let id = &document.id;
    let number = id.number.map(|n| [format!("{}-{n}", id.series), format!("{}-{n:03}", id.series)]);
    document.path.file_name() == name
        || session.pack.policy.label_of(id).eq_ignore_ascii_case(name)
        || number.is_some_and(|names| names.iter().any(|n| n.eq_ignore_ascii_case(name)))
}

/// A path as typed, relative to the current folder or to the pack, as a path inside the pack.
pub fn as_pack_path(session: &Session, name: &str) -> Option<PackPath> {
    let root = session.root().canonicalize().ok()?;
    let inside = |path: &Path| {
        let full = path.canonicalize().ok()?;
        let relative = full.strip_prefix(&root).ok()?;
        let parts: Vec<&str> = relative
            .components()
            .filter_map(|part| match part {
                Component::Normal(part) => part.to_str(),
                Component::Prefix(_)
                | Component::RootDir
                | Component::CurDir
                | Component::ParentDir => None,
            })
            .collect();
        parts.join("/").parse::<PackPath>().ok()
    };
    // A symbolic link resolves to its target above; the pack's own entry is what counts.
    name.parse::<PackPath>()
        .ok()
        .filter(|path| session.pack.file(path).is_some())
        .or_else(|| inside(Path::new(name)))
}
