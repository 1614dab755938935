//! Packets added to a certificate inside a key file, everything else left as it is.
//!
//! A library that parses a certificate and writes it again may leave out or move what it does not
//! understand. So nothing is written again here: the packets that are there stay byte by byte, and
//! new ones are put behind the component that they speak of.

use crate::{armor, repair};
use openpgp::cert::Cert;
use openpgp::parse::Parse;
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;

/// A key, user id or attribute with everything that follows it up to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Component<'a> {
    pub head: Raw<'a>,
    pub rest: Vec<Raw<'a>>,
}

/// One packet as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raw<'a> {
    pub tag: u8,
    /// Header and body.
    pub whole: &'a [u8],
    pub body: &'a [u8],
}

/// What a component is (RFC 9580, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Primary,
    User,
    Subkey,
}

impl Raw<'_> {
    /// What it begins, if it begins something. Secret and public keys are of one class.
    pub fn class(&self) -> Option<Class> {
        match self.tag {
            5 | 6 => Some(Class::Primary),
            7 | 14 => Some(Class::Subkey),
            13 | 17 => Some(Class::User),
            _ => None,
        }
    }
}

impl Component<'_> {
    /// Whether both are the same key or user id. A secret key begins with its public half.
    pub fn is(&self, other: &Component<'_>) -> bool {
        let (a, b) = (self.head, other.head);
        a.class() == b.class()
            && match a.class() {
                Some(Class::Primary | Class::Subkey) => {
                    a.body.starts_with(b.body) || b.body.starts_with(a.body)
                }
                Some(Class::User) | None => a.tag == b.tag && a.body == b.body,
            }
    }
}

/// The certificates in some packets, each as its components. `None` when a header is not one that
/// a certificate may have.
pub(crate) fn certificates(bytes: &[u8]) -> Option<Vec<Vec<Component<'_>>>> {
    let mut found: Vec<Vec<Component<'_>>> = Vec::new();
    for head in split(bytes)? {
        match head.class() {
            Some(Class::Primary) => found.push(vec![Component { head, rest: Vec::new() }]),
            Some(Class::User | Class::Subkey) => {
                found.last_mut()?.push(Component { head, rest: Vec::new() });
            }
            None => found.last_mut()?.last_mut()?.rest.push(head),
        }
    }
    Some(found)
}

/// Takes bytes apart (RFC 9580, section 4.2). Keys have no partial or unknown lengths.
fn split(mut bytes: &[u8]) -> Option<Vec<Raw<'_>>> {
    let number = |bytes: &[u8]| bytes.iter().fold(0_usize, |n, b| n << 8 | usize::from(*b));
    let mut found = Vec::new();
    while let Some((&first, rest)) = bytes.split_first() {
        let (tag, header, length) = match (first & 0xc0, first & 3) {
            (0x80, 3) => return None,
            (0x80, width) => {
                let width = 1_usize << width;
                (first >> 2 & 15, width, number(rest.get(..width)?))
            }
            (0xc0, _) => match *rest.first()? {
                short @ 0..=191 => (first & 63, 1, usize::from(short)),
                192..=223 => (first & 63, 2, number(rest.get(..2)?) - 0xc000 + 192),
                255 => (first & 63, 5, number(rest.get(1..5)?)),
                224..=254 => return None,
            },
            _ => return None,
        };
        let end = header.checked_add(length)?;
        let body = rest.get(header..end)?;
        found.push(Raw { tag, whole: &bytes[..=end], body });
        bytes = &rest[end..];
    }
    Some(found)
}

/// Whether a certificate has this primary key.
pub(crate) fn is_of(certificate: &[Component<'_>], primary: &Fingerprint) -> bool {
    let Some(head) = certificate.first() else { return false };
    let cert = Cert::from_bytes(head.head.whole);
    cert.is_ok_and(|cert| crate::fingerprint(&cert.fingerprint()).as_ref() == Some(primary))
}

/// Adds to one certificate what it lacks. Secret halves are never added.
fn add<'a>(known: &mut Vec<Component<'a>>, news: &[Component<'a>]) {
    for new in news {
        match known.iter_mut().find(|component| component.is(new)) {
            Some(there) => {
                let lacks = |raw: &&Raw<'a>| there.rest.iter().all(|r| r.body != raw.body);
                let missing: Vec<Raw<'a>> = new.rest.iter().filter(lacks).copied().collect();
                there.rest.extend(missing);
            }
            None if matches!(new.head.tag, 5 | 7) => {}
            None => {
                let class = new.head.class();
                let after = known.iter().rposition(|component| component.head.class() <= class);
                known.insert(after.map_or(known.len(), |at| at + 1), new.clone());
            }
        }
    }
}

/// Why nothing was added to a key file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// The certificate is not in the file.
    #[error("it does not hold the certificate {0}")]
    NotThere(Fingerprint),
    /// The file cannot be taken apart safely.
    #[error("it cannot be taken apart: {0}")]
    Form(String),
}

/// The key file with packets added to each copy of one certificate in it. `additions` are binary:
/// the primary key, then components and signatures. Everything else stays as it is, secret halves
/// and text around armor included.
///
/// # Errors
/// [`SpliceError`].
pub fn splice(
    file: &[u8],
    primary: &Fingerprint,
    additions: &[u8],
) -> Result<Vec<u8>, SpliceError> {
    let form = |text: &str| SpliceError::Form(text.to_owned());
    let news = certificates(additions).ok_or_else(|| form("the additions are damaged"))?;
    let mut written = Vec::new();
    let mut seen = false;
    let before = file.len() - armor::blocks(file).iter().map(|b| b.len()).sum::<usize>();
    written.extend_from_slice(&file[..before]);
    for block in armor::blocks(file) {
        if let Some(fault) = repair::armor_fault(block) {
            return Err(SpliceError::Form(fault));
        }
        let data = data(block).ok_or_else(|| form("its armor is damaged"))?;
        // A block that is no certificate, such as a bare revocation, stays.
        let mut all = certificates(&data).unwrap_or_default();
        let theirs = all.iter_mut().filter(|certificate| is_of(certificate, primary));
        let mut changed = false;
        for certificate in theirs {
            seen = true;
            let old = certificate.clone();
            news.iter().for_each(|news| add(certificate, news));
            changed |= *certificate != old;
        }
        if changed {
            written.extend(wrap(block, &join(&all)).ok_or_else(|| form("its armor is unusual"))?);
        } else {
            written.extend_from_slice(block);
        }
    }
    if seen { Ok(written) } else { Err(SpliceError::NotThere(primary.clone())) }
}

/// The labels of armored keys.
const SECRET: &str = "PGP PRIVATE KEY BLOCK";
const PUBLIC: &str = "PGP PUBLIC KEY BLOCK";

/// The packets of a block, of secret keys too.
fn data(block: &[u8]) -> Option<Vec<u8>> {
    if block.starts_with(format!("-----BEGIN {SECRET}-----").as_bytes()) {
        return armor::decode(block, SECRET).ok().map(|(data, _)| data);
    }
    repair::data(block)
}

fn join(certificates: &[Vec<Component<'_>>]) -> Vec<u8> {
    let raws = certificates.iter().flatten().flat_map(|c| std::iter::once(&c.head).chain(&c.rest));
    raws.flat_map(|raw| raw.whole).copied().collect()
}

/// The data in the armor that the block had; the text behind it stays.
fn wrap(block: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    if !block.starts_with(b"-----BEGIN ") {
        return Some(data.to_vec());
    }
    let text = std::str::from_utf8(block).ok()?;
    let label = [SECRET, PUBLIC]
        .into_iter()
        .find(|label| text.starts_with(&format!("-----BEGIN {label}-----")))?;
    let (_, behind) = text.split_once(&format!("-----END {label}-----"))?;
    let armored = armor::encode(data, label);
    Some([armored.trim_end().as_bytes(), behind.as_bytes()].concat())
}

#[cfg(test)]
mod tests;
