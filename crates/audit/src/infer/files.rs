//! Which file of a snapshot is what, by what is in it: a pack that nobody knows yet has no names
//! to go by.

use secpack_openpgp::fingerprints_in;
use secpack_pack::{Content, File, FileKind, MemberId, PackPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const KEY: &[u8] = b"-----BEGIN PGP PUBLIC KEY BLOCK-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const CLEARSIGNED: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";

/// Parts of a file name that say "signature" and are no member's name.
const ENDINGS: [&str; 6] = ["sig", "sign", "signature", "asc", "gpg", "pgp"];

/// A file that is a signature beside another file.
#[derive(Debug, Clone)]
pub(super) struct Detached {
    pub path: PackPath,
    pub document: PackPath,
    /// Such as `{document}.sig.{member}`; `None` when the name follows no form.
    pub pattern: Option<String>,
    pub member: Option<MemberId>,
}

/// The files of a snapshot, sorted by content.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub files: BTreeMap<PackPath, File>,
    pub keys: BTreeSet<PackPath>,
    pub detached: Vec<Detached>,
    /// Whole files in the cleartext signature framework.
    pub clearsigned: BTreeSet<PackPath>,
    /// Files with such a block inside other text: nobody can say what of them is signed.
    pub partly: BTreeSet<PackPath>,
    /// Everything else that is a regular file.
    pub plain: BTreeSet<PackPath>,
    /// Signature files without a document.
    pub orphans: BTreeSet<PackPath>,
}

impl Sorted {
    pub fn new(files: &[File]) -> Self {
        let files = files.iter().map(|file| (file.path.clone(), file.clone())).collect();
        let mut sorted = Self { files, ..Self::default() };
        let mut signatures = Vec::new();
        for (path, file) in sorted.files.clone() {
            match kind_of(&sorted, &file) {
                Kind::Key => sorted.keys.insert(path),
                Kind::Clearsigned => sorted.clearsigned.insert(path),
                Kind::Partly => sorted.partly.insert(path),
                Kind::Plain => sorted.plain.insert(path),
                Kind::Signature => {
                    signatures.push(path);
                    false
                }
                Kind::Other => false,
            };
        }
        for path in signatures {
            match detached(&sorted, &path) {
                Some(found) => sorted.detached.push(found),
                None => drop(sorted.orphans.insert(path)),
            }
        }
        sorted
    }

    /// The bytes of a regular file.
    pub fn bytes(&self, path: &PackPath) -> Option<Arc<[u8]>> {
        let file = self.files.get(path)?;
        match (&file.kind, &file.content) {
            (FileKind::Regular, Content::Bytes(bytes)) => Some(Arc::clone(bytes)),
            (FileKind::Regular | FileKind::Link | FileKind::Gitlink, _) => None,
        }
    }

    /// Whether it may be a document: readable text or data that is neither key nor signature.
    fn is_content(&self, path: &PackPath) -> bool {
        [&self.plain, &self.clearsigned, &self.partly, &self.keys].iter().any(|s| s.contains(path))
    }
}

enum Kind {
    Key,
    Signature,
    Clearsigned,
    Partly,
    Plain,
    Other,
}

fn kind_of(sorted: &Sorted, file: &File) -> Kind {
    match file.kind {
        FileKind::Gitlink => Kind::Other,
        FileKind::Link => {
            let target = linked(sorted, file);
            if target.is_some_and(|bytes| is_key_file(&file.path, &bytes)) {
                Kind::Key
            } else {
                Kind::Other
            }
        }
        FileKind::Regular => match &file.content {
            Content::Bytes(bytes) => kind_of_bytes(&file.path, bytes),
            Content::Absent | Content::TooLarge(_) => Kind::Plain,
        },
    }
}

fn linked(sorted: &Sorted, file: &File) -> Option<Arc<[u8]>> {
    let Content::Bytes(target) = &file.content else { return None };
    sorted.bytes(&file.path.resolve(std::str::from_utf8(target).ok()?).ok()?)
}

fn kind_of_bytes(path: &PackPath, bytes: &[u8]) -> Kind {
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(bytes.len());
    if bytes.starts_with(CLEARSIGNED) {
        Kind::Clearsigned
    } else if bytes[start..].starts_with(SIGNATURE) {
        Kind::Signature
    } else if has_line(bytes, CLEARSIGNED) {
        Kind::Partly
    } else if is_key_file(path, bytes) {
        Kind::Key
    } else {
        Kind::Plain
    }
}

/// Whether a file holds certificates, armored or with a name that says so.
pub(super) fn is_key_file(path: &PackPath, bytes: &[u8]) -> bool {
    let ending = path.file_name().rsplit('.').next().unwrap_or_default();
    let binary = matches!(ending, "gpg" | "pgp" | "key" | "pub" | "kbx");
    has_line(bytes, KEY) || (binary && !fingerprints_in(bytes).is_empty())
}

fn has_line(bytes: &[u8], line: &[u8]) -> bool {
    bytes.split(|b| *b == b'\n').any(|l| l.starts_with(line))
}

/// The longest name that this one continues is the document.
fn detached(sorted: &Sorted, path: &PackPath) -> Option<Detached> {
    let name = path.as_str();
    let dots = name.rmatch_indices('.').map(|(at, _)| at);
    let cut = dots.take_while(|at| !name[*at..].contains('/')).find(|at| {
        name[..*at].parse().is_ok_and(|document: PackPath| sorted.is_content(&document))
    })?;
    let document = name[..cut].parse().ok()?;
    let (pattern, member) = match form(&name[cut..]) {
        Some((pattern, member)) => (Some(pattern), member),
        None => (None, None),
    };
    Some(Detached { path: path.clone(), document, pattern, member })
}

/// The pattern of a suffix such as `.sig.ann`, and the member in it.
fn form(suffix: &str) -> Option<(String, Option<MemberId>)> {
    let mut pattern = "{document}".to_owned();
    let mut member = None;
    for part in suffix.split('.').skip(1) {
        pattern.push('.');
        if ENDINGS.contains(&part) {
            pattern.push_str(part);
        } else {
            pattern.push_str("{member}");
            if member.replace(part.parse().ok()?).is_some() {
                return None;
            }
        }
    }
    Some((pattern, member))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes() {
        let form = |suffix| form(suffix).map(|(p, m)| (p, m.map(|m: MemberId| m.to_string())));
        let named = |pattern: &str, name: &str| Some((pattern.into(), Some(name.into())));
        assert_eq!(form(".sig.ann"), named("{document}.sig.{member}", "ann"));
        assert_eq!(form(".asc.jean-luc"), named("{document}.asc.{member}", "jean-luc"));
        assert_eq!(form(".ann.asc"), named("{document}.{member}.asc", "ann"));
        assert_eq!(form(".asc"), Some(("{document}.asc".into(), None)));
        assert_eq!(form(".sig.ann.old"), None);
        assert_eq!(form(".sig.Ann Smith"), None);
    }
}
