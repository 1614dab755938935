//! Does a root certify a certificate?

use crate::keyring::revocation;
use crate::{DatedPolicy, Keyring};
use chrono::{DateTime, Utc};
use openpgp::cert::Cert;
use openpgp::packet::{Signature, UserID};
use openpgp::types::SignatureType;
use secpack_pack::policy::HashUse;
use secpack_pack::{Fingerprint, Reason, Verdict};
use sequoia_openpgp as openpgp;

/// A certification that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certification {
    /// The root that made it.
    pub root: Fingerprint,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// Its hash algorithm.
    pub hash: String,
    /// Whether that hash counts only by a dated rule.
    pub weak_hash: bool,
}

impl Keyring {
    /// The newest certification of `primary` by `root` that counts.
    ///
    /// # Errors
    /// A verdict `uncertified-key` that says what was found instead.
    pub fn certification(
        &self,
        primary: &Fingerprint,
        root: &Fingerprint,
        policy: &DatedPolicy<'_>,
    ) -> Result<Certification, Verdict> {
        let refuse = |text: String| Verdict::new(Reason::UncertifiedKey, text);
        let cert = self
            .certs
            .get(primary)
            .ok_or_else(|| refuse(format!("{primary} is not in the pack")))?;
        let root_cert = self
            .certs
            .get(root)
            .ok_or_else(|| refuse(format!("the root {root} is not in the pack")))?;
        if primary == root {
            let made = crate::time(cert.primary_key().key().creation_time());
            return Ok(Certification {
                root: root.clone(),
                made,
                hash: "self".to_owned(),
                weak_hash: false,
            });
        }
        let mut weak = None;
        let mut best: Option<Certification> = None;
        for user in cert.userids() {
            if user.self_signatures().next().is_none() {
                continue;
            }
            if user.other_revocations().any(|sig| revokes(sig, root_cert, cert, user.userid())) {
                continue;
            }
            for signature in
                user.certifications().filter(|s| certifies(s, root_cert, cert, user.userid()))
            {
                if let Some(fault) = fault(signature, root_cert, policy) {
                    weak = Some(fault);
                    continue;
                }
                let Some(made) = signature.signature_creation_time().map(crate::time) else {
                    continue;
                };
                let hash = crate::dated::hash_name(signature.hash_algo());
                if best.as_ref().is_none_or(|b| b.made < made) {
                    let weak_hash = !crate::dated::is_strong(signature.hash_algo());
                    best = Some(Certification { root: root.clone(), made, hash, weak_hash });
                }
            }
        }
        best.ok_or_else(|| match weak {
            Some(fault) => refuse(format!("{root} certified it, but {fault}")),
            None => refuse(format!("{root} does not certify {primary}")),
        })
    }
}

/// Why a certification that verifies does not count.
fn fault(signature: &Signature, root: &Cert, policy: &DatedPolicy<'_>) -> Option<String> {
    let made = signature.signature_creation_time();
    if let Some(why) = revocation(root.primary_key().self_revocations(), made) {
        return Some(format!("that root is {why}"));
    }
    // Without a self-signature of that time nothing says that the root had expired.
    let valid = made.and_then(|made| root.with_policy(policy, made).ok());
    if valid.is_some_and(|valid| valid.alive().is_err()) {
        return Some("that root had expired then".to_owned());
    }
    if signature.exportable_certification() == Some(false) {
        return Some("only for its own use (not exportable)".to_owned());
    }
    if signature.signature_alive(std::time::SystemTime::from(policy.now()), None).is_err() {
        return Some("that certification has expired or lies in the future".to_owned());
    }
    policy.hash_fault(signature, HashUse::Certifications)
}

fn certifies(signature: &Signature, root: &Cert, cert: &Cert, user: &UserID) -> bool {
    let kind = matches!(
        signature.typ(),
        SignatureType::GenericCertification
            | SignatureType::PersonaCertification
            | SignatureType::CasualCertification
            | SignatureType::PositiveCertification
    );
    let by_root = signature.get_issuers().iter().any(|issuer| issuer.aliases(root.key_handle()));
    kind && by_root
        && signature
            .verify_userid_binding(root.primary_key().key(), cert.primary_key().key(), user)
            .is_ok()
}

fn revokes(signature: &Signature, root: &Cert, cert: &Cert, user: &UserID) -> bool {
    signature.get_issuers().iter().any(|issuer| issuer.aliases(root.key_handle()))
        && signature
            .verify_userid_revocation(root.primary_key().key(), cert.primary_key().key(), user)
            .is_ok()
}
