//! Tag objects, byte by byte.
//!
//! Stock tools are lenient here: they show one part of a tag and check another. This parser takes
//! the exact layout that git writes and nothing else, so that what is judged is what is signed.

use crate::ident::{Identity, Stamp};
use chrono::{DateTime, Utc};
use secpack_pack::{ObjectId, escape};

pub use crate::RawError as RawTagError;
/// Who made a tag, and when.
pub use crate::ident::Stamp as Tagger;

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----\n";
/// Line starts that git takes for the beginning of a signature of some other kind.
const OTHERS: [&[u8]; 3] = [
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN SSH SIGNATURE-----",
    b"-----BEGIN SIGNED MESSAGE-----",
];

/// A tag object, borrowed from its raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawTag<'a> {
    /// The object it tags.
    pub object: ObjectId,
    /// What the tagged object is said to be: `commit`, `tree`, `blob` or `tag`.
    pub target_kind: &'a str,
    /// The tag's own name. It is not trusted until it equals the name of its ref.
    pub name: &'a str,
    /// Who made it, and when; very old tags do not say.
    pub tagger: Option<Tagger>,
    /// The message, up to the signature.
    pub message: &'a [u8],
    /// Everything that the signature covers: the whole object up to it.
    pub payload: &'a [u8],
    /// The armored signature, from its `BEGIN` line to its `END` line.
    pub signature: Option<&'a [u8]>,
}

/// Takes a raw tag object apart.
///
/// The signature begins at the last line that starts with `-----BEGIN PGP SIGNATURE-----`, as in
/// git's `parse_signed_buffer`, and its `END` line must be the end of the object.
///
/// # Errors
/// [`RawTagError`] for anything that git would not write.
pub fn parse(raw: &[u8]) -> Result<RawTag<'_>, RawTagError> {
    let (payload, signature) = split_signature(raw)?;
    let mut rest = payload;
    let object = object_id(header(&mut rest, b"object ")?)?;
    let target_kind = kind(header(&mut rest, b"type ")?)?;
    let name = name(header(&mut rest, b"tag ")?)?;
    let tagger = match header(&mut rest, b"tagger ") {
        Ok(line) => Some(Stamp::parse(line)?),
        Err(_) => None,
    };
    let message = match rest.split_first() {
        Some((b'\n', message)) => message,
        Some(_) => return Err(RawTagError::Header),
        None => return Err(RawTagError::Unterminated),
    };
    Ok(RawTag { object, target_kind, name, tagger, message, payload, signature })
}

/// The unsigned tag object of a commit: exactly what `git tag -a` writes for this name, tagger and
/// message at this time in UTC. Sign these bytes and append the armored signature.
///
/// The message gets git's usual clean-up: trailing blanks and surplus blank lines go, one newline
/// ends it. Lines that begin with `#` stay. Control characters in the name are made visible, so it
/// never adds a line; [`parse`] and the name of the ref then decide.
pub fn build(
    target: &ObjectId,
    name: &str,
    tagger: &Identity,
    time: DateTime<Utc>,
    message: &str,
) -> Vec<u8> {
    let header = format!(
        "object {target}\ntype commit\ntag {}\ntagger {} <{}> {} +0000\n",
        escape(name),
        tagger.name(),
        tagger.email(),
        time.timestamp(),
    );
    format!("{header}\n{}", clean_message(message)).into_bytes()
}

/// A message as [`build`] writes it.
pub fn message(text: &str) -> String {
    clean_message(text)
}

/// Git's `stripspace`: no trailing blanks, no blank lines at either end, never two in a row.
pub(crate) fn clean_message(message: &str) -> String {
    let mut clean = String::with_capacity(message.len() + 1);
    let mut gap = false;
    for line in message.lines().map(|line| line.trim_end_matches(is_blank)) {
        if line.is_empty() {
            gap = !clean.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            clean.push('\n');
        }
        clean.push_str(line);
        clean.push('\n');
    }
    clean
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r')
}

fn split_signature(raw: &[u8]) -> Result<(&[u8], Option<&[u8]>), RawTagError> {
    let Some(start) = last_line_with(raw, BEGIN) else {
        let other = OTHERS.iter().any(|begin| last_line_with(raw, begin).is_some());
        return if other { Err(RawTagError::OtherSignature) } else { Ok((raw, None)) };
    };
    let (payload, signature) = raw.split_at(start);
    match find_line(signature, END) {
        None => Err(RawTagError::SignatureEnd),
        Some(end) if end + END.len() < signature.len() => Err(RawTagError::AfterSignature),
        Some(_) => Ok((payload, Some(signature))),
    }
}

/// Where each line begins.
fn line_starts(bytes: &[u8]) -> impl DoubleEndedIterator<Item = usize> + '_ {
    let after = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(after)
}

fn last_line_with(bytes: &[u8], start: &[u8]) -> Option<usize> {
    line_starts(bytes).rev().find(|at| bytes[*at..].starts_with(start))
}

fn find_line(bytes: &[u8], line: &[u8]) -> Option<usize> {
    line_starts(bytes).find(|at| bytes[*at..].starts_with(line))
}

/// Takes one header line off the front when it has this key; `rest` is untouched otherwise.
fn header<'a>(rest: &mut &'a [u8], key: &[u8]) -> Result<&'a [u8], RawTagError> {
    let after = rest.strip_prefix(key).ok_or(RawTagError::Header)?;
    let end = after.iter().position(|byte| *byte == b'\n').ok_or(RawTagError::Unterminated)?;
    let (value, tail) = after.split_at(end);
    if value.contains(&0) {
        return Err(RawTagError::Unterminated);
    }
    *rest = &tail[1..];
    Ok(value)
}

pub(crate) fn object_id(hex: &[u8]) -> Result<ObjectId, RawTagError> {
    let hex = std::str::from_utf8(hex).map_err(|_| RawTagError::Id)?;
    hex.parse().map_err(|_| RawTagError::Id)
}

fn kind(value: &[u8]) -> Result<&str, RawTagError> {
    match std::str::from_utf8(value) {
        Ok(kind @ ("commit" | "tree" | "blob" | "tag")) => Ok(kind),
        Ok(_) | Err(_) => Err(RawTagError::Kind),
    }
}

fn name(value: &[u8]) -> Result<&str, RawTagError> {
    let name = std::str::from_utf8(value).map_err(|_| RawTagError::Name)?;
    let fault = name.is_empty() || name.contains(char::is_control);
    if fault { Err(RawTagError::Name) } else { Ok(name) }
}

#[cfg(test)]
mod tests;
