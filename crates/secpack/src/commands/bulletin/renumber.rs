//! `secpack bulletin renumber`: a draft moves to another number, when two people took the same.

use super::find_series;
use crate::arguments::RenumberArgs;
use crate::commands::numbers::place_at_free;
use crate::commands::revise::{may_void, must_be_bulletin};
use crate::session::Session;
use crate::{Exit, Fault, documents, drafts, output};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, DocumentId, PackPath, shell_word};

pub fn run(session: &Session, arguments: &RenumberArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    must_be_bulletin(session, document)?;
    if arguments.number.number.is_some() && arguments.number.number == document.id.number {
        output::line(format!("{} has that number already", document.path));
        return Ok(Exit::Good);
    }
    if drafts::has_published(session, document)? {
        let path = &document.path;
        return Err(Fault::refused(format!("{path} is published, so its number stays"))
            .hint(format!("secpack bulletin withdraw {path} --reason REASON")));
    }
    match arguments.void.void_signatures {
        true => may_void(session, document, &arguments.void, "Renumber it?")?,
        false => drafts::must_be_unsigned_text(session, document)?,
    }
    let series = find_series(session, SeriesKind::Bulletin, Some(document.id.series.as_str()))?;
    let make = |number: u32| renumbered(session, document, number);
    let placed = place_at_free(session, series, &arguments.number, make)?;
    let signatures = drafts::signatures(session, document);
    for path in signatures.iter().map(|file| &file.path).chain([&document.path]) {
        secpack_signing::remove(&session.on_disk(path))?;
    }
    output::line(format!("renumbered: {} is now {}", document.path, placed.path));
    output::hint(&next(session, document, &placed.path)?);
    Ok(Exit::Good)
}

/// The same document under another number.
fn renumbered(
    session: &Session,
    document: &Document,
    number: u32,
) -> Result<(DocumentId, String), Fault> {
    let lacks = || {
        Fault::refused(format!("{}: its heading does not say its number", document.path))
            .hint(format!("secpack bulletin lint {}", document.path))
    };
    let old = document.id.number.ok_or_else(lacks)?;
    let text = secpack_bulletin::renumber(drafts::text(session, document)?, old, number);
    let id = DocumentId { number: Some(number), ..document.id.clone() };
    Ok((id, text.ok_or_else(lacks)?))
}

/// What is left to do: the event of the old number, if this clone opened one, is not this draft's
/// any more. Where a remote has the branch, it is that of the other draft.
fn next(session: &Session, old: &Document, new: &PackPath) -> Result<String, Fault> {
    let lint = format!("secpack bulletin lint {new}");
    let Some(branch) = session.pack.policy.event_branch(&old.id) else { return Ok(lint) };
    let all = session.repository.branch_list()?;
    let of_that_name = || all.iter().filter(|found| found.name == branch);
    let Some(here) = of_that_name().find(|found| found.remote.is_none()) else { return Ok(lint) };
    let theirs = of_that_name().find(|found| found.remote.is_some()).map(|found| found.tip);
    let name = shell_word(&branch);
    Ok(match theirs {
        Some(tip) if tip == here.tip => lint,
        // What was committed there is kept under a name of its own.
        Some(_) => {
            let kept = shell_word(&format!("kept-{}", branch.replace('/', "-")));
            format!("git branch -m {name} {kept} && secpack event open {new}")
        }
        None => format!(
            "secpack event close {} --abandon \"It has another number now\" && secpack event open {new}",
            old.path
        ),
    })
}
