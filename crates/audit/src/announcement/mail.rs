//! Mails: bodies and attachments, transfer encodings undone as MIME says.

use super::{Announcement, AnnouncementError, Shape};
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use secpack_signing::own_signatures;

/// How deep mails are looked for inside mails.
const DEPTH: usize = 4;

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
