//! Certificates of the pack as all of its history knows them, and the key groups they lie in.

use crate::AuditError;
use secpack_git::Repository;
use secpack_openpgp::Keyring;
use secpack_pack::{Content, Fingerprint, GroupId, ObjectId, Pack, PackPath, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// How far back certificates are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every version in the history of the commit and of all tags.
    History,
    /// Only the files of the snapshot: for a folder that is no repository yet.
    Snapshot,
}

/// A keyring and which groups each certificate lies in.
#[derive(Debug)]
pub struct Gathered {
    /// Every certificate.
    pub keyring: Keyring,
    /// Key groups by primary fingerprint.
    pub groups: BTreeMap<Fingerprint, BTreeSet<GroupId>>,
}

/// Gathers certificates from the key files of a snapshot and of every commit behind `tips`.
///
/// # Errors
/// [`AuditError::Git`].
pub fn gather(
    repository: &Repository,
    pack: &Pack,
    tips: &[ObjectId],
    scope: Scope,
) -> Result<Gathered, AuditError> {
    let mut files: Vec<(String, std::sync::Arc<[u8]>)> = pack
        .keys
        .values()
        .filter_map(|file| Some((file.path.as_str().to_owned(), file.bytes.clone()?)))
        .collect();
    if scope == Scope::History {
        let is_key = |path: &PackPath| pack.policy.key_group(path).is_some();
        for version in repository.blob_versions(tips, &is_key)? {
            if let Content::Bytes(bytes) = repository.read_blob(version.id)? {
                files.push((version.path.as_str().to_owned(), bytes));
            }
        }
    }
    let keyring = Keyring::gather(files.iter().map(|(path, bytes)| (path.as_str(), &**bytes)));
    let groups = groups(&pack.policy, &keyring);
    Ok(Gathered { keyring, groups })
}

/// The key groups of a policy that each certificate lies in, by the files it was found in.
pub(crate) fn groups(
    policy: &Policy,
    keyring: &Keyring,
) -> BTreeMap<Fingerprint, BTreeSet<GroupId>> {
    let group_of = |source: &str| {
        let path: PackPath = source.parse().ok()?;
        policy.key_group(&path).map(|group| group.group.clone())
    };
    keyring
        .fingerprints()
        .map(|primary| {
            let groups = keyring.sources(primary).filter_map(group_of).collect();
            (primary.clone(), groups)
        })
        .collect()
}
