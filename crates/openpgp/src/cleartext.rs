//! The cleartext signature framework (RFC 9580, section 7), strictly: one block, nothing around it.

use secpack_pack::{Reason, Verdict};

/// A clearsigned document taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleartext {
    /// What is hashed: dash-escapes undone, trailing blanks cut, CRLF between lines.
    pub signed: Vec<u8>,
    /// The text as a reader sees it, dash-escapes undone, LF line ends.
    pub text: String,
    /// The armored signature.
    pub signature: Vec<u8>,
}

/// What keeps a text from being clearsigned: the framework would not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotClearsign {
    /// It is not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A line ends in blanks or a carriage return, which such a signature does not cover.
    #[error("line {0} ends in blanks, which a clear signature does not cover")]
    TrailingBlank(usize),
    /// The last line does not end.
    #[error("its last line does not end with a line feed")]
    Unended,
    /// It carries a signature already.
    #[error("it carries a signature already, and a clearsigned text takes one only")]
    Signed,
}

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----\n";
const SIGNATURE: &str = "\n-----BEGIN PGP SIGNATURE-----\n";

/// Takes a clearsigned document apart.
///
/// # Errors
/// A verdict `missing` when it is not clearsigned at all, `malformed` when anything stands around
/// the block, a header is not `Hash:`, or a line is not dash-escaped as it must be.
pub fn split(bytes: &[u8]) -> Result<Cleartext, Verdict> {
    let malformed = |why: &str| Verdict::new(Reason::Malformed, why);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
    if !text.contains(BEGIN) {
        return Err(Verdict::new(Reason::Missing, "it is not clearsigned"));
    }
    let inner = text
        .strip_prefix(BEGIN)
        .ok_or_else(|| malformed("text stands before the clearsigned block"))?;
    let (headers, body) = split_headers(inner).ok_or_else(|| malformed("the header is damaged"))?;
    if !headers.lines().all(is_hash_header) {
        return Err(malformed("a header other than \"Hash:\" stands before the text"));
    }
    let at = body.find(SIGNATURE).ok_or_else(|| malformed("the signature block is missing"))?;
    let (escaped, signature) = (&body[..at], &body[at + 1..]);
    let lines: Vec<&str> = escaped
        .split('\n')
        .map(unescape)
        .collect::<Option<_>>()
        .ok_or_else(|| malformed("a line that starts with a dash is not escaped"))?;
    let trimmed: Vec<&str> = lines.iter().map(|l| l.trim_end_matches([' ', '\t', '\r'])).collect();
    Ok(Cleartext {
        signed: trimmed.join("\r\n").into_bytes(),
        text: lines.join("\n") + "\n",
        signature: signature.as_bytes().to_vec(),
    })
}

/// The bytes that a signature over a plain text covers: CRLF between lines, none after the last.
///
/// # Errors
/// [`CannotClearsign`] for a text that would not come back as it was.
pub fn canonical(text: &[u8]) -> Result<Vec<u8>, CannotClearsign> {
    let text = std::str::from_utf8(text).map_err(|_| CannotClearsign::NotUtf8)?;
    if text.contains(BEGIN) {
        return Err(CannotClearsign::Signed);
    }
    let body = text.strip_suffix('\n').ok_or(CannotClearsign::Unended)?;
    match body.split('\n').position(|line| line.ends_with([' ', '\t', '\r'])) {
        Some(at) => Err(CannotClearsign::TrailingBlank(at + 1)),
        None => Ok(body.replace('\n', "\r\n").into_bytes()),
    }
}

/// The clearsigned document: a text that [`canonical`] took, and its armored SHA-512 signature.
/// [`split`] takes it apart again.
pub fn join(text: &str, signature: &str) -> String {
    let escape = |line: &str| match line.starts_with('-') {
        true => format!("- {line}\n"),
        false => format!("{line}\n"),
    };
    let lines: String = text.lines().map(escape).collect();
    format!("{BEGIN}Hash: SHA512\n\n{lines}{signature}")
}

fn split_headers(inner: &str) -> Option<(&str, &str)> {
    match inner.strip_prefix('\n') {
        Some(body) => Some(("", body)),
        None => inner.split_once("\n\n"),
    }
}

fn is_hash_header(line: &str) -> bool {
    line.strip_prefix("Hash: ").is_some_and(|names| {
        !names.is_empty() && names.chars().all(|c| c.is_ascii_alphanumeric() || ", -".contains(c))
    })
}

/// A line without its dash-escape; `None` when it starts with a dash and has none.
fn unescape(line: &str) -> Option<&str> {
    match line.strip_prefix("- ") {
        Some(plain) => Some(plain),
        None if line.starts_with('-') => None,
        None => Some(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> String {
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{text}\n\
             -----BEGIN PGP SIGNATURE-----\n\nAA==\n-----END PGP SIGNATURE-----\n"
        )
    }

    #[test]
    fn undoes_what_the_framework_does() {
        let parts = split(document("one  \n- --two\n").as_bytes()).expect("well formed");
        assert_eq!(parts.signed, b"one\r\n--two\r\n");
        assert_eq!(parts.text, "one  \n--two\n\n");
        assert!(parts.signature.starts_with(b"-----BEGIN PGP SIGNATURE"));
    }

    #[test]
    fn what_is_joined_comes_apart() {
        let armor = "-----BEGIN PGP SIGNATURE-----\n\nAA==\n-----END PGP SIGNATURE-----\n";
        for text in ["one\n", "\n\n--\n- x\n-----BEGIN PGP SIGNATURE-----\nFrom a\n\n"] {
            let parts = split(join(text, armor).as_bytes()).expect("well formed");
            assert_eq!(parts.text, text);
            assert_eq!(Ok(parts.signed), canonical(text.as_bytes()));
            assert_eq!(parts.signature, armor.as_bytes());
        }
    }

    #[test]
    fn a_text_that_would_not_come_back_is_refused() {
        let refused = |text: &[u8]| canonical(text).expect_err("refused");
        assert_eq!(refused(b"\xff\n"), CannotClearsign::NotUtf8);
        assert_eq!(refused(b"a\nb \n"), CannotClearsign::TrailingBlank(2));
        assert_eq!(refused(b"a\r\n"), CannotClearsign::TrailingBlank(1));
        assert_eq!(refused(b"a"), CannotClearsign::Unended);
        assert_eq!(refused(document("x").as_bytes()), CannotClearsign::Signed);
    }

    #[test]
    fn refuses_text_outside() {
        let reason = |text: &str| split(text.as_bytes()).map_err(|v| v.reason).err();
        let good = document("x");
        assert_eq!(reason(&good), None);
        assert_eq!(reason(&format!("hello\n{good}")), Some(Reason::Malformed));
        assert_eq!(reason(&good.replace("Hash: SHA256", "Comment: x")), Some(Reason::Malformed));
        assert_eq!(reason(&document("-oops")), Some(Reason::Malformed));
        assert_eq!(reason("plain text\n"), Some(Reason::Missing));
    }
}
