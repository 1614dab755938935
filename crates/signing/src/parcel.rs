//! Taking answers out of what they come in: files, mails, mailboxes, archives.
//!
//! A name found inside is a claim about whose signature it is, never a path: where a signature is
//! stored follows from the pack's own documents. Sizes are capped before anything is read.

mod archive;
mod mail;

pub use archive::DAMAGED_GZIP;
pub use mail::{is_mail, own_signatures};

use crate::Candidate;
use secpack_pack::{Reason, Verdict};
use std::sync::Arc;

/// Largest file that is taken apart, in bytes.
pub const MAX_PARCEL: u64 = 16 * 1024 * 1024;
/// Largest file that is looked at as a signature, in bytes; real ones are below 1 KiB.
pub const MAX_SIGNATURE: usize = 64 * 1024;
/// How deep archives and mails are looked for inside each other.
const DEPTH: usize = 3;
/// More answers than any team gives.
const MAX_ANSWERS: usize = 10_000;

const BEGIN: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";
const CLEARSIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";

/// What was found inside.
#[derive(Debug, Default)]
pub struct Parcel {
    /// What may be signatures.
    pub candidates: Vec<Candidate>,
    /// What was not looked at: where it is, and why.
    pub refused: Vec<(String, Verdict)>,
}

impl Parcel {
    fn refuse(&mut self, source: impl Into<String>, why: &str) {
        self.refused.push((source.into(), Verdict::new(Reason::Malformed, why)));
    }

    fn is_full(&self) -> bool {
        self.candidates.len() + self.refused.len() >= MAX_ANSWERS
    }
}

/// Looks into a file: an archive (`tar`, plain or with gzip), a mailbox, a mail, or itself a
/// signature. `source` is for messages; `name` is what the file is called.
pub fn unpack(source: &str, name: &str, bytes: &[u8], parcel: &mut Parcel) {
    open(source, name, bytes, parcel, DEPTH);
}

fn open(source: &str, name: &str, bytes: &[u8], parcel: &mut Parcel, depth: usize) {
    if parcel.is_full() {
        return;
    }
    let is_box = is_mail(bytes) && bytes.starts_with(b"From ");
    let is_nested = archive::is_archive(bytes) || is_mail(bytes);
    if is_nested && depth == 0 {
        return parcel.refuse(source, "it lies too deep inside other files");
    }
    if archive::is_archive(bytes) {
        archive::open(source, name, bytes, parcel, depth - 1);
    } else if is_box {
        mail::open_box(source, bytes, parcel, depth - 1);
    } else if is_mail(bytes) {
        mail::open(source, bytes, parcel, depth - 1);
    } else {
        file(source, name, bytes, parcel);
    }
}

/// A file that may be a signature by its name, or hold some in its text.
fn file(source: &str, name: &str, bytes: &[u8], parcel: &mut Parcel) {
    if bytes.len() > MAX_SIGNATURE {
        return;
    }
    let blocks = std::str::from_utf8(bytes).map(blocks).unwrap_or_default();
    let (source, bytes) = (source.to_owned(), Arc::from(bytes));
    parcel.candidates.push(Candidate { source, name: name.to_owned(), bytes, blocks });
}

/// Signatures in a running text. Line ends are those of the way the text came, so they are made
/// LF again; a signature that closes a clearsigned message is over that message.
fn text(source: &str, text: &str, parcel: &mut Parcel) {
    for (index, block) in blocks(text).into_iter().enumerate() {
        let source = format!("{source}, signature {}", index + 1);
        let (name, bytes) = (String::new(), Arc::clone(&block));
        parcel.candidates.push(Candidate { source, name, bytes, blocks: vec![block] });
    }
}

/// Every armored signature of a text, alone and with LF line ends.
fn blocks(text: &str) -> Vec<Arc<[u8]>> {
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    let mut is_clearsigned = false;
    for line in text.lines().map(str::trim_end) {
        match line {
            CLEARSIGNED => is_clearsigned = true,
            BEGIN => open = Some(String::new()),
            _ => {}
        }
        if let Some(block) = &mut open {
            block.push_str(line);
            block.push('\n');
        }
        if line == END {
            let block = open.take().filter(|block| block.len() <= MAX_SIGNATURE);
            found.extend(block.filter(|_| !is_clearsigned).map(|b| Arc::from(b.into_bytes())));
            is_clearsigned = false;
        }
    }
    found
}

/// The last part of a name from outside, whatever its separators.
fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests;
