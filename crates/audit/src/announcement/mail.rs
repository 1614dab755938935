//! Mails: bodies and attachments, transfer encodings undone as MIME says.

use super::{Announcement, AnnouncementError, Shape};
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

/// How deep mails are looked for inside mails.
const DEPTH: usize = 4;

/// Header fields of which at least one stands in every mail and in no other text's first lines.
const FIELDS: [&str; 5] = ["from", "subject", "mime-version", "received", "message-id"];

/// Whether the bytes begin with a mail's header (RFC 5322): fields up to the first blank line.
pub(super) fn is_mail(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(64 * 1024)]);
    let mut lines = head.lines().take_while(|line| !line.is_empty()).peekable();
    if lines.peek().is_some_and(|line| line.starts_with("From ")) {
        lines.next();
    }
    let mut known = false;
    for line in lines {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        let valid = !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic());
        if !valid {
            return false;
        }
        known |= FIELDS.contains(&name.to_ascii_lowercase().as_str());
    }
    known
}

/// Takes in every text and attachment of a mail.
pub(super) fn read(bytes: &[u8], found: &mut Announcement) -> Result<(), AnnouncementError> {
    let message = MessageParser::default().parse(bytes).ok_or(AnnouncementError::NotText)?;
    message_parts(&message, found, 0);
    Ok(())
}

fn message_parts(message: &Message<'_>, found: &mut Announcement, depth: usize) {
    let own = own_signatures(message);
    if !own.is_empty() {
        let note = "the mail has a PGP/MIME signature of its own; that one is not judged";
        found.notes.push(note.to_owned());
    }
    for (id, part) in message.parts.iter().enumerate() {
        if own.contains(&id) {
            continue;
        }
        let name = part.attachment_name().map(secpack_pack::escape);
        match (&part.body, name) {
            (PartType::Text(text), Some(name)) => attachment(found, &name, text),
            (PartType::Text(text) | PartType::Html(text), None) => found.add_text(text),
            (PartType::Html(text), Some(_)) => found.add_text(text),
            (PartType::Binary(bytes) | PartType::InlineBinary(bytes), name) => {
                let name = name.unwrap_or_else(|| "without a name".to_owned());
                if let Ok(text) = std::str::from_utf8(bytes) {
                    attachment(found, &name, text);
                }
            }
            (PartType::Message(inner), _) if depth < DEPTH => {
                message_parts(inner, found, depth + 1);
            }
            (PartType::Message(_) | PartType::Multipart(_), _) => {}
        }
    }
}

fn attachment(found: &mut Announcement, name: &str, text: &str) {
    found.add_block(format!("the attachment {name}"), text, Shape::Whole);
}

/// The parts that sign the mail as a whole (RFC 3156, section 5): the second of each
/// `multipart/signed`. They are over the mail, not over any document.
fn own_signatures(message: &Message<'_>) -> Vec<usize> {
    let signed = message.parts.iter().filter(|part| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("multipart")
                && kind.subtype().is_some_and(|s| s.eq_ignore_ascii_case("signed"))
        })
    });
    signed
        .filter_map(|part| match &part.body {
            PartType::Multipart(ids) => ids.get(1).map(|id| *id as usize),
            PartType::Text(_)
            | PartType::Html(_)
            | PartType::Binary(_)
            | PartType::InlineBinary(_)
            | PartType::Message(_) => None,
        })
        .collect()
}
