//! What a draft is: a document that nobody signed, here or on any branch. Only drafts are changed.

use crate::session::Session;
use crate::{Fault, fault::lines_not_utf8, output, terminal};
use secpack_pack::plaintext::{DiffLine, Side, diff};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, ObjectId, PackPath, SignatureFile};

/// The signature files of a document in the work tree.
pub fn signatures<'s>(session: &'s Session, document: &Document) -> Vec<&'s SignatureFile> {
    let all = session.pack.signatures.values();
    all.filter(|signature| signature.document == document.path).collect()
}

/// Refuses to change a document that somebody signed, here or on a branch.
///
/// # Errors
/// Names a signature.
pub fn must_be_draft(session: &Session, document: &Document) -> Result<(), Fault> {
    refuse_signed(session, document, Texts::Any)
}

/// Refuses to move a document that somebody signed. A signature on a branch whose text is another
/// one belongs to somebody else's document of the same name.
///
/// # Errors
/// Names a signature.
pub fn must_be_unsigned_text(session: &Session, document: &Document) -> Result<(), Fault> {
    refuse_signed(session, document, Texts::Same)
}

/// Which texts on branches count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    /// Whatever has the document's path.
    Any,
    /// Only the very same text.
    Same,
}

fn refuse_signed(session: &Session, document: &Document, texts: Texts) -> Result<(), Fault> {
    let here = signatures(session, document).first().map(|signature| signature.path.clone());
    let signed = match here {
        Some(path) => Some(path),
        None => on_branches(session, document, texts)?,
    };
    match signed {
        None => Ok(()),
        Some(path) => Err(Fault::refused(format!(
            "{} is signed ({path}), so it was left alone: a changed byte voids every signature",
            document.path
        ))
        .hint(match texts {
            // Readers have it, so they are told.
            Texts::Any if is_published(session, document)? => match command(session, document) {
                "canary" => {
                    format!("secpack canary new --replaces {} --announcements FILE", document.path)
                }
                _ => format!("secpack bulletin revise {} --change TEXT", document.path),
            },
            Texts::Any => format!(
                "secpack {} edit {} --void-signatures",
                command(session, document),
                document.path
            ),
            Texts::Same => terminal::typed().with(&["--void-signatures"]).to_string(),
        })),
    }
}

/// Whether HEAD has this very text, and readers have it.
fn is_published(session: &Session, document: &Document) -> Result<bool, Fault> {
    let here = session.pack.file(&document.path).map(|file| file.id);
    let Some(head) = session.repository.head()? else { return Ok(false) };
    let there = session.repository.blob_at(head, &document.path)?;
    Ok(here.is_some() && there == here && has_published(session, document)?)
}

/// Whether readers have this document with a signature beside it: by what the remotes' published
/// branches had when they were last fetched; without a remote, by HEAD on such a branch. What
/// another member published under the same name is another document, unless HEAD goes on from it.
///
/// # Errors
/// When the repository cannot be read.
pub fn has_published(session: &Session, document: &Document) -> Result<bool, Fault> {
    let (repository, policy) = (&session.repository, &session.pack.policy);
    let Some(head) = repository.head()? else { return Ok(false) };
    let all = repository.branch_list()?.into_iter();
    let theirs = all.filter(|branch| branch.remote.is_some() && policy.is_published(&branch.name));
    let mut tips: Vec<ObjectId> = theirs.map(|branch| branch.tip).collect();
    if tips.is_empty() && repository.head_branch().is_some_and(|own| policy.is_published(&own)) {
        tips.push(head);
    }
    let here = session.pack.file(&document.path).map(|file| file.id);
    let is_beside =
        |path: &PackPath| policy.signature_place(path).is_some_and(|(of, _)| of == document.path);
    for tip in tips {
        let paths = repository.paths(tip)?;
        let there = paths.iter().find(|(path, _)| *path == document.path).map(|(_, id)| *id);
        if there.is_none() || !paths.iter().any(|(path, _)| is_beside(path)) {
            continue;
        }
        if there == here || repository.is_ancestor(tip, head)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A signature over a document of this name on a branch.
///
/// # Errors
/// When a branch cannot be read.
pub fn elsewhere(session: &Session, document: &Document) -> Result<Option<PackPath>, Fault> {
    on_branches(session, document, Texts::Any)
}

/// The command whose drafts these are.
pub fn command(session: &Session, document: &Document) -> &'static str {
    let series = session.pack.policy.find_series(&document.id.series);
    let canary = series.is_some_and(|series| series.kind == SeriesKind::Canary);
    if canary { "canary" } else { "bulletin" }
}

fn on_branches(
    session: &Session,
    document: &Document,
    texts: Texts,
) -> Result<Option<PackPath>, Fault> {
    let here = session.pack.file(&document.path).map(|file| file.id);
    for branch in session.repository.branches()? {
        let there = session.repository.blob_at(branch, &document.path)?;
        if texts == Texts::Same && there != here {
            continue;
        }
        for (path, _) in session.repository.paths(branch)? {
            let place = session.pack.policy.signature_place(&path);
            if place.is_some_and(|(of, _)| of == document.path) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// The text of a document.
///
/// # Errors
/// When it is not UTF-8 or its object is missing.
pub fn text<'d>(session: &Session, document: &'d Document) -> Result<&'d str, Fault> {
    let bytes = document.bytes.as_deref().unwrap_or_default();
    std::str::from_utf8(bytes).map_err(|_| {
        Fault::refused(format!("{} is not UTF-8", document.path))
            .hint(lines_not_utf8(&session.on_disk(&document.path)))
    })
}

/// Prints what changed between two texts.
pub fn show_changes(old: &str, new: &str) {
    for place in diff(old, new) {
        if let Some(first) = place.first() {
            output::line(format!("@@ line {}", first.number));
        }
        place.iter().for_each(|line| output::line(coloured(line)));
    }
}

fn coloured(line: &DiffLine) -> String {
    match line.side {
        Side::Both => line.shown(),
        Side::Old => output::bad(&line.shown()),
        Side::New => output::good(&line.shown()),
    }
}

/// Mends a draft in place and shows what was changed.
///
/// # Errors
/// When somebody signed it, or it cannot be written.
pub fn mend(session: &Session, document: &Document) -> Result<(), Fault> {
    must_be_draft(session, document)?;
    let old = text(session, document)?;
    let rules = session.pack.policy.text_rules_for(&document.id);
    let mended = secpack_pack::plaintext::mend(old, rules);
    let kind = session.pack.policy.find_series(&document.id.series).map(|series| series.kind);
    let new = match kind == Some(SeriesKind::Bulletin) {
        true => secpack_bulletin::number_keys(&mended),
        false => mended,
    };
    if new == old {
        output::note("there is nothing that can be mended without you");
        return Ok(());
    }
    secpack_signing::replace_file(&session.on_disk(&document.path), new.as_bytes())?;
    show_changes(old, &new);
    output::line(format!("mended: {}", document.path));
    Ok(())
}
