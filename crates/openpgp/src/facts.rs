//! What one key file says of its certificates, for rules that look ahead: strengths, bindings, ends.
//!
//! Only the file itself counts here. What history adds is the keyring's business.

use crate::splice::{self, Class, Component};
use crate::{Keyring, armor, repair};
use chrono::{DateTime, Utc};
use openpgp::Packet;
use openpgp::cert::Cert;
use openpgp::packet::{Key, Signature, key};
use openpgp::parse::Parse;
use openpgp::types::{PublicKeyAlgorithm, SignatureType};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;

/// The shortest RSA key that is not called weak, in bits (NIST SP 800-57 part 1, for use past 2030).
const RSA_BITS: usize = 3072;

/// What a key file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// How many armored blocks; 1 for a binary file.
    pub blocks: usize,
    /// Whether a secret key is in it.
    pub secret: bool,
    /// How many of the blocks are revocations that stand alone.
    pub bare_revocations: usize,
    /// Its certificates.
    pub certificates: Vec<CertFacts>,
}

/// What is known of one certificate from one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertFacts {
    /// Its primary key.
    pub fingerprint: Fingerprint,
    /// Its primary key, then its subkeys that are not revoked.
    pub keys: Vec<KeyFacts>,
    /// Its user ids that are not revoked.
    pub users: Vec<UserFacts>,
}

/// One key of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether it is a subkey.
    pub subkey: bool,
    /// Why its algorithm is weak, if it is.
    pub weak: Option<String>,
    /// The hash of its newest binding, where that is weak.
    pub weak_binding: Option<String>,
    /// A subkey that is to sign, and that never said that it belongs here.
    pub no_back_signature: bool,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
}

/// One user id of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFacts {
    /// Its bytes.
    pub raw: Vec<u8>,
    /// The hash of its newest self-signature, where that is weak.
    pub weak_binding: Option<String>,
}

/// Reads one key file.
pub fn facts(file: &[u8]) -> FileFacts {
    let blocks = armor::blocks(file);
    let keyring = Keyring::gather([("", file)]);
    let certificates = keyring.certs.values().filter_map(|cert| {
        let raw: Vec<Vec<u8>> = blocks.iter().filter_map(|block| repair::data(block)).collect();
        cert_facts(cert, &raw)
    });
    FileFacts {
        blocks: blocks.len(),
        bare_revocations: blocks.iter().filter(|block| is_bare(block)).count(),
        secret: holds_secret(&blocks),
        certificates: certificates.collect(),
    }
}

fn is_bare(block: &[u8]) -> bool {
    crate::keyring::bare_revocations(block).is_some()
}

/// The blocks of a key file but for revocations that stand alone.
pub fn certificate_blocks(file: &[u8]) -> Vec<&[u8]> {
    armor::blocks(file).into_iter().filter(|block| !is_bare(block)).collect()
}

/// Whether a secret key is in a key file.
pub fn holds_secret_key(file: &[u8]) -> bool {
    holds_secret(&armor::blocks(file))
}

/// A block that calls itself public and is larger is not taken apart to look for a secret, in bytes.
const LARGEST_SECRET: usize = 256 * 1024;

fn holds_secret(blocks: &[&[u8]]) -> bool {
    if blocks.iter().any(|block| block.starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK-----")) {
        return true;
    }
    let honest = blocks.iter().filter(|block| block.len() <= LARGEST_SECRET);
    let datas = honest.filter_map(|block| repair::data(block));
    datas.into_iter().any(|data| {
        let certificates = splice::certificates(&data).unwrap_or_default();
        certificates.iter().flatten().any(|component| matches!(component.head.tag, 5 | 7))
    })
}

fn cert_facts(cert: &Cert, raw: &[Vec<u8>]) -> Option<CertFacts> {
    let fingerprint = crate::fingerprint(&cert.fingerprint())?;
    let primary = cert.primary_key();
    let of_users = cert.userids().flat_map(|user| user.self_signatures());
    let bound = newest(of_users.chain(primary.self_signatures()));
    let mut keys = vec![KeyFacts {
        fingerprint: fingerprint.clone(),
        subkey: false,
        weak: weak(primary.key().pk_algo(), primary.key().mpis().bits()),
        weak_binding: None,
        no_back_signature: false,
        expires: bound.and_then(|s| s.key_expiration_time(primary.key())).map(crate::time),
    }];
    for found in cert.keys().subkeys().filter(|key| key.self_revocations().next().is_none()) {
        let bound = newest(found.self_signatures());
        let key = found.key();
        keys.push(KeyFacts {
            fingerprint: crate::fingerprint(&key.fingerprint())?,
            subkey: true,
            weak: weak(key.pk_algo(), key.mpis().bits()),
            weak_binding: bound.and_then(weak_hash),
            no_back_signature: lacks_back_signature(cert, key, raw),
            expires: bound.and_then(|s| s.key_expiration_time(key)).map(crate::time),
        });
    }
    let users = cert.userids().filter(|user| user.self_revocations().next().is_none());
    let users = users.map(|user| UserFacts {
        raw: user.userid().value().to_vec(),
        weak_binding: newest(user.self_signatures()).and_then(weak_hash),
    });
    Some(CertFacts { fingerprint, keys, users: users.collect() })
}

fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.max_by_key(|signature| signature.signature_creation_time())
}

fn weak_hash(signature: &Signature) -> Option<String> {
    let hash = signature.hash_algo();
    (!crate::dated::is_strong(hash)).then(|| crate::dated::hash_name(hash))
}

fn weak(algorithm: PublicKeyAlgorithm, bits: Option<usize>) -> Option<String> {
    #[expect(deprecated, reason = "old keys have old algorithms")]
    match (algorithm, bits) {
        (
            PublicKeyAlgorithm::RSAEncryptSign
            | PublicKeyAlgorithm::RSASign
            | PublicKeyAlgorithm::RSAEncrypt,
            Some(bits),
        ) if bits < RSA_BITS => Some(format!("RSA with {bits} bits")),
        (PublicKeyAlgorithm::DSA, _) => Some("DSA".to_owned()),
        (PublicKeyAlgorithm::ElGamalEncrypt | PublicKeyAlgorithm::ElGamalEncryptSign, _) => {
            Some("ElGamal".to_owned())
        }
        _ => None,
    }
}

/// Sequoia drops a binding without its back signature, so the packets themselves are asked.
fn lacks_back_signature(
    cert: &Cert,
    subkey: &Key<key::PublicParts, key::SubordinateRole>,
    raw: &[Vec<u8>],
) -> bool {
    let components = raw.iter().filter_map(|data| splice::certificates(data)).flatten().flatten();
    let is_it = |component: &Component<'_>| {
        component.head.class() == Some(Class::Subkey)
            && matches!(Packet::from_bytes(component.head.whole),
                Ok(Packet::PublicSubkey(key)) if key.fingerprint() == subkey.fingerprint())
    };
    let mut bindings: Vec<Signature> = components
        .filter(is_it)
        .flat_map(|component| component.rest)
        .filter_map(|raw| match Packet::from_bytes(raw.whole) {
            Ok(Packet::Signature(s)) if s.typ() == SignatureType::SubkeyBinding => Some(s),
            _ => None,
        })
        .collect();
    bindings.sort_by_key(|binding| binding.signature_creation_time());
    let Some(newest) = bindings.last() else { return false };
    let signs = newest.key_flags().is_some_and(|flags| flags.for_signing());
    let primary = cert.primary_key().key();
    let said = |back: &Signature| back.verify_primary_key_binding(primary, subkey).is_ok();
    signs && !newest.embedded_signatures().any(said)
}
