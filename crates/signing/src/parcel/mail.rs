//! Mails and mailboxes: transfer encodings undone as MIME says, attachments and texts looked at.

use super::Parcel;
use mail_parser::mailbox::mbox::MessageIterator;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

/// Header fields of which at least one stands in every mail and in no other text's first lines.
const FIELDS: [&str; 5] = ["from", "subject", "mime-version", "received", "message-id"];

/// Whether the bytes begin with a mail's header (RFC 5322): fields up to the first blank line.
pub fn is_mail(bytes: &[u8]) -> bool {
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

/// The parts that sign the mail as a whole (RFC 3156, section 5): the second of each
/// `multipart/signed`. They are over the mail, not over any document.
pub fn own_signatures(message: &Message<'_>) -> Vec<usize> {
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

/// Every mail of a mailbox in the mbox form.
pub(super) fn open_box(source: &str, bytes: &[u8], parcel: &mut Parcel, depth: usize) {
    for (index, message) in MessageIterator::new(bytes).enumerate() {
        let source = format!("{source}, mail {}", index + 1);
        match message {
            Ok(message) => open(&source, message.contents(), parcel, depth),
            Err(_) => return parcel.refuse(source, "the mailbox cannot be read from here on"),
        }
        if parcel.is_full() {
            return;
        }
    }
}

/// Attachments and texts of one mail.
pub(super) fn open(source: &str, bytes: &[u8], parcel: &mut Parcel, depth: usize) {
    match MessageParser::default().parse(bytes) {
        Some(message) => parts(source, &message, parcel, depth),
        None => parcel.refuse(source, "the mail cannot be read"),
    }
}

fn parts(source: &str, message: &Message<'_>, parcel: &mut Parcel, depth: usize) {
    let own = own_signatures(message);
    for (id, part) in message.parts.iter().enumerate() {
        if own.contains(&id) {
            continue;
        }
        let name = part.attachment_name();
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => match name {
                Some(name) => attachment(source, name, text.as_bytes(), parcel, depth),
                None => super::text(source, text, parcel),
            },
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                attachment(source, name.unwrap_or_default(), bytes, parcel, depth);
            }
            PartType::Message(inner) if depth > 0 => parts(source, inner, parcel, depth - 1),
            PartType::Message(_) => parcel.refuse(source, "a mail lies too deep inside others"),
            PartType::Multipart(_) => {}
        }
    }
}

/// What is called a signature is one file; what is not may be an archive, or text around one.
fn attachment(source: &str, name: &str, bytes: &[u8], parcel: &mut Parcel, depth: usize) {
    let name = super::last_part(name);
    let shown = if name.is_empty() { "an attachment" } else { name };
    super::open(&format!("{source}, {shown}"), name, bytes, parcel, depth);
}
