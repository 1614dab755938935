//! Which template a draft is made from: the pack's own wins over ours.
//!
//! Only the pack in which the user works is asked, never another tree. A form is a text and nothing
//! more; a template of the template language is a program, if a harmless one, so it must be what
//! the commit has that the user works on.

use crate::Fault;
use crate::session::Session;
use secpack_pack::plaintext::{MAX_BYTES, is_form};
use secpack_pack::policy::Series;
use secpack_pack::{Content, File, FileKind, PackPath, shell_word};
use std::path::Path;

/// The template of a series: the pack's own, else ours.
///
/// # Errors
/// When the policy names one that is not a text file of the pack, or one that would be executed
/// and was never committed.
pub fn of(session: &Session, series: &Series, ours: &str) -> Result<String, Fault> {
    let Some(path) = &series.template else { return Ok(ours.to_owned()) };
    let file = session.pack.file(path).filter(|file| file.kind == FileKind::Regular);
    let file = file.ok_or_else(|| {
        Fault::new(format!("{path}: the policy names this template, and it is no file of the pack"))
            .hint(format!("git log --oneline --all -- {}", shell_word(path.as_str())))
    })?;
    let text = text(path, file)?;
    if !is_form(text) && !is_committed(session, file)? {
        return Err(Fault::refused(format!(
            "{path}: this template would be executed, and HEAD does not have it like this"
        ))
        .adding("read it, then commit it:")
        .hint(format!("git diff HEAD -- {}", shell_word(path.as_str()))));
    }
    Ok(text.to_owned())
}

fn text<'f>(path: &PackPath, file: &'f File) -> Result<&'f str, Fault> {
    let bytes = match &file.content {
        Content::Bytes(bytes) if bytes.len() <= MAX_BYTES => bytes,
        Content::Bytes(_) | Content::TooLarge(_) => {
            return Err(Fault::at(Path::new(path.as_str()), "a template has at most 1 MiB"));
        }
        Content::Absent => {
            return Err(
                Fault::new(format!("{path}: its object is missing")).hint("git fsck --full")
            );
        }
    };
    std::str::from_utf8(bytes).map_err(|_| Fault::not_utf8(Path::new(path.as_str())))
}

fn is_committed(session: &Session, file: &File) -> Result<bool, Fault> {
    let Some(head) = session.repository.head()? else { return Ok(false) };
    Ok(session.repository.blob_at(head, &file.path)? == Some(file.id))
}
