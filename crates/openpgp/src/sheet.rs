//! A sheet: what travels to a machine without a network to be signed there, as one file. It has a
//! head of fields, words for people, the public key that is asked for, and last the exact bytes.
//!
//! What is asked is the business of whoever writes one. Here is its form, and the signature over
//! it. A sheet has one form only: whoever reads one writes it again and compares.

use crate::{DatedPolicy, Keyring, Order, Over, SignError, SignatureKind, Signer};
use crate::{judge, parse, refuse_fresh};
use secpack_pack::policy::HashUse;
use secpack_pack::{Fingerprint, Policy, Reason, Verdict};
use sha2::{Digest, Sha256, Sha512};
use std::fmt::Write;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----\n";
const TEXT: &str = "\ntext:\n";
/// The policy of a machine that has no pack: no rule excuses anything.
const STRICT: &str =
    "schema = \"secpack/policy/1\"\nversion = 1\nname = \"request\"\nseries = []\n";

/// The parts of a sheet, in the order in which they are written.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// The first line: what kind of request this is, and the version of its form.
    pub head: &'a str,
    /// Names and values, one a line; no value holds a line break.
    pub fields: &'a [(&'a str, &'a str)],
    /// What a person types.
    pub words: &'a str,
    /// The public half of the key, armored.
    pub certificate: &'a str,
    /// The exact bytes to sign.
    pub text: &'a [u8],
}

/// What a sheet says, before it is compared with its one form.
#[derive(Debug, Clone, Copy)]
pub struct Opened<'a> {
    fields: &'a str,
    /// The armored certificate.
    pub certificate: &'a str,
    /// The bytes to sign.
    pub text: &'a [u8],
}

/// Why a sheet was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// The signer's key is another one than the request asks for.
    #[error("the request asks for the key {wanted}, not {found}")]
    OtherKey {
        /// What the request says.
        wanted: Fingerprint,
        /// The signer's.
        found: Fingerprint,
    },
    /// What the signer returned is not good.
    #[error("the new signature is not good ({}): {}", .0.reason, .0.detail)]
    NotGood(Verdict),
}

impl Sheet<'_> {
    /// The one form of it. Size and digests of the bytes follow the fields.
    pub fn write(&self) -> Vec<u8> {
        let mut head = format!("{}\n", self.head);
        let size = self.text.len().to_string();
        let one = hex(&Sha256::digest(self.text));
        let two = hex(&Sha512::digest(self.text));
        let last = [("bytes", &*size), ("sha-256", &*one), ("sha-512", &*two)];
        for (name, value) in self.fields.iter().chain(&last) {
            // Writing to a string cannot fail.
            let _ = writeln!(head, "{name}: {value}");
        }
        let _ = write!(head, "\n{}\n{}{TEXT}", self.words, self.certificate);
        [head.as_bytes(), self.text].concat()
    }
}

impl<'a> Opened<'a> {
    /// Takes a sheet of this kind apart; nothing when it is none.
    pub fn read(bytes: &'a [u8], head: &str) -> Option<Self> {
        let end = find(bytes, END.as_bytes())? + END.len();
        let text = bytes.get(end..)?.strip_prefix(TEXT.as_bytes())?;
        let before = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let fields = before.strip_prefix(head)?.strip_prefix('\n')?;
        let certificate = fields.get(fields.find(BEGIN)?..)?;
        Some(Self { fields, certificate, text })
    }

    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> Option<&'a str> {
        let mut lines = self.fields.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A signature over the bytes of a sheet, judged by the strictest policy and by the certificate
/// that came along. The pack judges it again when it is taken in.
///
/// # Errors
/// [`SheetError`]; nothing is stored here.
pub fn sign_sheet(
    signer: &mut Signer,
    order: &Order<'_>,
    used: HashUse,
    (key, certificate): (&Fingerprint, &str),
) -> Result<Vec<u8>, SheetError> {
    if signer.primary() != key {
        let found = signer.primary().clone();
        return Err(SheetError::OtherKey { wanted: key.clone(), found });
    }
    let armor = signer.sign(order)?;
    let policy = Policy::parse(STRICT)
        .map_err(|error| Verdict::new(Reason::Unreadable, error.to_string()))
        .map_err(SheetError::NotGood)?;
    let parsed = parse(&armor, SignatureKind::Binary).map_err(SheetError::NotGood)?;
    let over = Over { bytes: order.bytes, used };
    let keyring = sheet_keyring(certificate);
    let judged = judge(&keyring, &DatedPolicy::new(&policy, order.made), &parsed, over);
    if !judged.verdict.is_good() {
        return Err(SheetError::NotGood(judged.verdict));
    }
    refuse_fresh(&judged, key).map_err(SheetError::NotGood)?;
    Ok(armor)
}

/// The certificate that came along, alone.
pub fn sheet_keyring(certificate: &str) -> Keyring {
    Keyring::gather([("the request", certificate.as_bytes())])
}

/// A file name as a shell takes it for one word; most need nothing.
pub fn sheet_word(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name.chars().all(plain) && !name.starts_with('-') {
        return name.to_owned();
    }
    format!("./'{}'", name.replace('\'', "'\\''"))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet<'a>(text: &'a [u8], certificate: &'a str) -> Sheet<'a> {
        let fields = &[("pack", "Example"), ("member", "ann")];
        Sheet { head: "secpack test request 1", fields, words: "pack: other", certificate, text }
    }

    #[test]
    fn what_is_written_is_read_and_the_first_field_counts() {
        let certificate = format!("{BEGIN}\n\nAA==\n{END}");
        for text in [&b"one\n"[..], b"", b"\xff\0", TEXT.as_bytes(), END.as_bytes()] {
            let written = sheet(text, &certificate).write();
            let opened = Opened::read(&written, "secpack test request 1").expect("a sheet");
            assert_eq!((opened.text, opened.certificate), (text, &*certificate));
            assert_eq!(opened.field("pack"), Some("Example"));
            assert_eq!(opened.field("bytes"), Some(&*text.len().to_string()));
            assert_eq!(opened.field("nothing"), None);
            assert!(Opened::read(&written, "secpack test request").is_none());
            assert!(Opened::read(&written, "secpack other request 1").is_none());
        }
    }

    #[test]
    fn names_are_one_word_for_a_shell() {
        for (name, wanted) in
            [("a_b-1.txt", "a_b-1.txt"), ("-x", "./'-x'"), ("it's", "./'it'\\''s'")]
        {
            assert_eq!(sheet_word(name), wanted);
        }
    }
}
