//! A web page, a Markdown post or a mail that carries a document and its signatures.
//!
//! Such copies are seldom byte for byte. This module finds text and signatures, tries the damages
//! that are known to happen, one by one, and says which it had to undo. Reading is pure; what the
//! recovered bytes are worth is judged as for any single document.

mod armor;
mod damage;
mod html;
mod judge;
mod mail;
mod markdown;
mod others;
mod recover;

pub use damage::Damage;
pub use judge::{Announced, AnnouncementReport, judge};

/// Largest announcement that is looked at, in bytes.
const CAP: usize = 4 * 1024 * 1024;

/// Why nothing could be found out about an announcement.
#[derive(Debug, thiserror::Error)]
pub enum AnnouncementError {
    /// Above 4 MiB.
    #[error("{0} bytes is too large for an announcement")]
    TooLarge(usize),
    /// Neither UTF-8 nor a mail.
    #[error("it is neither UTF-8 text nor a mail")]
    NotText,
    /// No detached signature in it.
    #[error("it holds no detached signature")]
    NoSignature,
    /// No text in it that a document could be.
    #[error("it holds no text that begins with the heading of a document")]
    NoDocument,
    /// The repository could not be read.
    #[error(transparent)]
    Audit(#[from] crate::AuditError),
}

/// What kind of announcement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Markdown or plain text.
    Text,
    /// A web page.
    Html,
    /// A mail with its header.
    Mail,
}

/// How exactly a block's ends are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The block is the document: a code block, a `<pre>`, an attachment.
    Whole,
    /// The document stands somewhere inside running text.
    Within,
}

/// A piece of text in which a document may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where it was found, for people.
    pub place: String,
    /// The text before the first signature in it.
    pub text: String,
    pub shape: Shape,
}

/// An announcement taken apart.
#[derive(Debug, Clone)]
pub struct Announcement {
    pub(crate) format: Format,
    pub(crate) blocks: Vec<Block>,
    /// What stands below the first signature of each block: never the document, but shown.
    pub(crate) after: Vec<Block>,
    /// Armored signatures, each once, in their order.
    pub(crate) signatures: Vec<String>,
    /// What was seen and left aside.
    pub(crate) notes: Vec<String>,
}

/// Finds the texts and signatures in an announcement.
///
/// # Errors
/// [`AnnouncementError`] when it is too large, no text, or holds no signature.
pub fn read(bytes: &[u8]) -> Result<Announcement, AnnouncementError> {
    if bytes.len() > CAP {
        return Err(AnnouncementError::TooLarge(bytes.len()));
    }
    let mut found = Announcement {
        format: Format::Text,
        blocks: Vec::new(),
        after: Vec::new(),
        signatures: Vec::new(),
        notes: Vec::new(),
    };
    if secpack_signing::is_mail(bytes) {
        found.format = Format::Mail;
        mail::read(bytes, &mut found)?;
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| AnnouncementError::NotText)?;
        found.add_text(text);
    }
    if found.signatures.is_empty() {
        return Err(AnnouncementError::NoSignature);
    }
    Ok(found)
}

impl Announcement {
    /// Takes in a text of any kind: HTML or Markdown.
    pub(crate) fn add_text(&mut self, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if html::is_html(text) {
            if self.format == Format::Text {
                self.format = Format::Html;
            }
            for (at, block) in html::blocks(text).into_iter().enumerate() {
                self.add_block(format!("preformatted block {}", at + 1), &block, Shape::Whole);
            }
            self.add_block("the text of the page".to_owned(), &html::text(text), Shape::Within);
            return;
        }
        for (line, block) in markdown::blocks(text) {
            self.add_block(format!("the code block at line {line}"), &block, Shape::Whole);
        }
        self.add_block("the text".to_owned(), text, Shape::Within);
    }

    /// Takes in one block: its signatures, and what stands before them. Running text repeats what
    /// its code blocks hold, so it adds signatures only where those have none.
    pub(crate) fn add_block(&mut self, place: String, text: &str, shape: Shape) {
        let (text, is_clearsigned) = armor::unwrap(text);
        if is_clearsigned {
            self.notes.push(format!("{place} is clearsigned itself; that signature is not judged"));
        }
        let (text, after, signatures) = armor::carve(&text);
        let repeats = shape == Shape::Within && !self.signatures.is_empty();
        for signature in signatures.into_iter().filter(|_| !repeats) {
            if !self.signatures.contains(&signature) {
                self.signatures.push(signature);
            }
        }
        if !after.trim().is_empty() {
            let place = format!("{place}, below a signature");
            self.after.push(Block { place, text: after, shape: Shape::Within });
        }
        if !text.trim().is_empty() {
            self.blocks.push(Block { place, text, shape });
        }
    }
}

#[cfg(test)]
mod tests;
