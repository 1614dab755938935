//! Certificates written for other programs, as all of history knows them.

use crate::keyring::newest_binding;
use crate::{Keyring, armor, repair};
use openpgp::serialize::MarshalInto;
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;

/// The label of a keyring.
const LABEL: &str = "PGP PUBLIC KEY BLOCK";

impl Keyring {
    /// The certificate with this fingerprint, armored.
    pub fn export(&self, primary: &Fingerprint) -> Option<String> {
        Some(armor::encode(&self.packets(primary)?, LABEL))
    }

    /// Every certificate in one armored keyring.
    pub fn export_all(&self) -> String {
        let all: Vec<Vec<u8>> = self.certs.keys().filter_map(|key| self.packets(key)).collect();
        armor::encode(&all.concat(), LABEL)
    }

    /// Sequoia leaves out or moves a self-signature that it could not verify, and then other
    /// programs see a key without a user id. Such a certificate leaves as it came.
    fn packets(&self, primary: &Fingerprint) -> Option<Vec<u8>> {
        let cert = self.certs.get(primary)?;
        let as_it_came = || repair::data(self.unbound.get(primary)?);
        match newest_binding(cert) {
            Some(_) => None,
            None => as_it_came(),
        }
        .or_else(|| cert.to_vec().ok())
    }
}
