//! Where a certificate lies in the pack, and where a secret key must not lie.

use crate::arguments::Global;
use crate::session::{POLICY_FILE, Session};
use crate::{Fault, terminal};
use secpack_openpgp::{Keyring, NewsKind, fingerprints_in, news, splice};
use secpack_pack::{Content, Fingerprint, PackPath, RootId};
use secpack_signing::Change;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A copy of a certificate in the pack.
pub struct Copy {
    /// Its name in the pack; of a link the link's.
    pub path: PackPath,
    /// The file itself, links followed.
    pub file: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Every file of the pack that holds a certificate, each once.
///
/// # Errors
/// When there is none.
pub fn copies(session: &Session, primary: &Fingerprint) -> Result<Vec<Copy>, Fault> {
    let mut found: BTreeMap<PathBuf, Copy> = BTreeMap::new();
    for key in session.pack.keys.values() {
        let Some(bytes) = &key.bytes else { continue };
        if !fingerprints_in(bytes).contains(primary) {
            continue;
        }
        let place = session.on_disk(&key.path);
        let file = std::fs::canonicalize(&place).map_err(|e| Fault::at(&place, e))?;
        let copy = Copy { path: key.path.clone(), file: file.clone(), bytes: bytes.to_vec() };
        found.entry(file).or_insert(copy);
    }
    if found.is_empty() {
        return Err(Fault::refused(format!("no key file of the pack holds {primary} now"))
            .hint(missing(session, primary)));
    }
    Ok(found.into_values().collect())
}

/// Where a key file went, or who the keys of the pack are.
fn missing(session: &Session, primary: &Fingerprint) -> String {
    let repository = &session.repository;
    let head = repository.head().ok().flatten();
    let paths = head.and_then(|head| repository.paths(head).ok()).unwrap_or_default();
    let keys = paths.into_iter().filter(|(path, _)| session.pack.policy.key_group(path).is_some());
    let had = keys.into_iter().find(|(_, id)| match repository.read_blob(*id) {
        Ok(Content::Bytes(bytes)) => fingerprints_in(&bytes).contains(primary),
        Ok(Content::Absent | Content::TooLarge(_)) | Err(_) => false,
    });
    match had {
        Some((path, _)) => crate::documents::back_on_disk(repository, &path),
        None => "secpack keys list".to_owned(),
    }
}

/// The changes that put packets into every copy of a certificate; none where nothing is new.
///
/// # Errors
/// Names the file that cannot be taken apart.
pub fn into_copies(
    copies: &[Copy],
    primary: &Fingerprint,
    packets: &[u8],
) -> Result<Vec<Change>, Fault> {
    let mut changes = Vec::new();
    for copy in copies {
        let new = splice(&copy.bytes, primary, packets).map_err(|error| {
            Fault::refused(format!("{}: {error}", copy.path))
                .hint(format!("secpack keys repair {}", super::word(&copy.file)))
        })?;
        if new != copy.bytes {
            changes.push(Change::Replace(copy.file.clone(), new));
        }
    }
    Ok(changes)
}

/// What a file that somebody brings has and no copy lacks, provided that it is all of one kind.
///
/// # Errors
/// When it has something else too: then nothing of it is taken.
pub fn only(
    copies: &[Copy],
    theirs: (&Path, &[u8]),
    (kind, words): (&NewsKind, &str),
    primary: &Fingerprint,
    root: Option<(&Keyring, &Fingerprint)>,
) -> Result<Vec<u8>, Fault> {
    let (shown, bytes) = theirs;
    let mut packets = Vec::new();
    for copy in copies {
        let found = news(&copy.bytes, bytes, primary, root).map_err(|e| super::about(shown, &e))?;
        if let Some(other) = found.iter().find(|news| &news.kind != kind) {
            let what = match &other.kind {
                NewsKind::Other(what) => what.as_str(),
                NewsKind::Certification => "a certification",
                NewsKind::SelfSignature => "a self-signature",
                NewsKind::Revocation => "a revocation",
            };
            let text = format!("{}: it brings {what}, not only {words}", shown.display());
            return Err(Fault::refused(text)
                .adding("nothing was taken; ask for a copy without it")
                .hint(format!("gpg --list-packets {}", super::word(shown))));
        }
        packets.extend(found.into_iter().flat_map(|news| news.packets));
    }
    Ok(packets)
}

/// The root that must certify the keys in a file: the one that was named, or the group's, or the
/// only one there is.
///
/// # Errors
/// When it cannot be told.
pub fn root_for(
    session: &Session,
    named: Option<&RootId>,
    path: Option<&PackPath>,
) -> Result<(RootId, Fingerprint), Fault> {
    let policy = &session.pack.policy;
    let by_group = path.and_then(|path| policy.key_group(path)?.certified_by.as_ref());
    let only = match policy.roots() {
        [one] => Some(&one.id),
        _ => None,
    };
    let wanted = named.or(by_group).or(only).ok_or_else(|| {
        Fault::new("the policy has several roots; which one is said with --root ID")
            .hint("secpack policy show")
    })?;
    let root = policy.roots().iter().find(|root| &root.id == wanted).ok_or_else(|| {
        let ids: Vec<&str> = policy.roots().iter().map(|root| root.id.as_str()).collect();
        let ids = ids.join(", ");
        Fault::new(format!("the policy has no root \"{wanted}\"; --root takes one of: {ids}"))
            .hint("secpack policy show")
    })?;
    Ok((root.id.clone(), root.fingerprint.clone()))
}

/// Refuses to write a secret into a pack: it would be committed one day.
///
/// # Errors
/// Names the pack.
pub fn outside_packs(global: &Global, path: &Path) -> Result<(), Fault> {
    if path.is_dir() {
        let word = path.display().to_string();
        let inside = path.join("FILE").display().to_string();
        return Err(Fault::new(format!("{word} is a folder; a file is wanted"))
            .hint(terminal::typed().instead(&word, &inside).to_string()));
    }
    let here = terminal::current_folder()?;
    let folder = here.join(path);
    let folder = folder.parent().unwrap_or(&here);
    // What does not exist yet is made by nobody here; the part that exists decides.
    let folder = folder.ancestors().find_map(|f| std::fs::canonicalize(f).ok()).unwrap_or_default();
    let named = global.pack.as_ref().and_then(|pack| std::fs::canonicalize(pack).ok());
    let is_pack = |f: &&Path| f.join(POLICY_FILE).exists() || named.as_deref() == Some(*f);
    match folder.ancestors().find(is_pack) {
        None => Ok(()),
        Some(pack) => Err(Fault::refused(format!(
            "{} lies in the pack {}; a secret must never be in a pack",
            path.display(),
            pack.display()
        ))
        .hint(elsewhere(path, pack))),
    }
}

/// The same command with the file beside the pack, in no repository.
fn elsewhere(path: &Path, pack: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    let folder = secpack_release::outside_repositories(pack);
    let beside = folder.map_or(PathBuf::from("FILE"), |folder| folder.join(name));
    let word = path.display().to_string();
    terminal::typed().instead(&word, &beside.display().to_string()).to_string()
}
