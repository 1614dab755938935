//! What somebody needs to know who writes the first policy of a pack: which weak self-signatures
//! its keys rest on.

use crate::Keyring;
use chrono::{DateTime, Utc};
use secpack_pack::Fingerprint;

/// A self-signature with a hash that counts only by a dated rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeakSelfSignature {
    /// When it was made.
    pub made: DateTime<Utc>,
    /// Its hash algorithm, for example `SHA1`.
    pub hash: String,
}

impl Keyring {
    /// The weak self-signatures of one certificate, bindings of its subkeys included, oldest first.
    pub fn weak_self_signatures(&self, primary: &Fingerprint) -> Vec<WeakSelfSignature> {
        let Some(cert) = self.certs.get(primary) else { return Vec::new() };
        let users = cert.userids().flat_map(|user| user.self_signatures());
        let subkeys = cert.keys().subkeys().flat_map(|key| key.self_signatures());
        let all = users.chain(subkeys).chain(cert.primary_key().self_signatures());
        let weak = all.filter(|signature| !crate::dated::is_strong(signature.hash_algo()));
        let mut found: Vec<WeakSelfSignature> = weak
            .filter_map(|signature| {
                let made = crate::time(signature.signature_creation_time()?);
                Some(WeakSelfSignature {
                    made,
                    hash: crate::dated::hash_name(signature.hash_algo()),
                })
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }
}
