//! Every certificate that the pack or its history holds, and the folders they lie in.

use super::files::{Sorted, is_key_file};
use crate::AuditError;
use secpack_git::Repository;
use secpack_openpgp::Keyring;
use secpack_pack::{Content, ObjectId, PackPath};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Certificates and the paths of all files that ever held one.
pub(super) struct Certificates {
    pub keyring: Keyring,
    /// Key files of the snapshot.
    pub now: BTreeSet<PackPath>,
    /// Key files of history that are not there any more.
    pub former: BTreeSet<PackPath>,
}

/// Reads every version of every file of history once, because in an unknown pack only the content
/// tells what a key file is.
pub(super) fn gather(
    repository: &Repository,
    sorted: &Sorted,
    tips: &[ObjectId],
) -> Result<Certificates, AuditError> {
    let mut files: Vec<(String, Arc<[u8]>)> = Vec::new();
    for path in &sorted.keys {
        files.extend(content(sorted, path).map(|bytes| (path.as_str().to_owned(), bytes)));
    }
    let mut former = BTreeSet::new();
    for version in repository.blob_versions(tips, &|path| !sorted.plain.contains(path))? {
        let Content::Bytes(bytes) = repository.read_blob(version.id)? else { continue };
        if !is_key_file(&version.path, &bytes) {
            continue;
        }
        if !sorted.keys.contains(&version.path) {
            former.insert(version.path.clone());
        }
        files.push((version.path.as_str().to_owned(), bytes));
    }
    let keyring = Keyring::gather(files.iter().map(|(path, bytes)| (path.as_str(), &**bytes)));
    Ok(Certificates { keyring, now: sorted.keys.clone(), former })
}

/// The bytes of a key file, one link followed.
fn content(sorted: &Sorted, path: &PackPath) -> Option<Arc<[u8]>> {
    sorted.bytes(path).or_else(|| {
        let Content::Bytes(target) = &sorted.files.get(path)?.content else { return None };
        sorted.bytes(&path.resolve(std::str::from_utf8(target).ok()?).ok()?)
    })
}
