//! Certifications by a root.

use crate::renew::serialize;
use crate::unlock::{self, one_cert};
use crate::{KeyError, armor, signer, splice};
use chrono::{DateTime, Utc};
use openpgp::Packet;
use openpgp::cert::Cert;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::parse::Parse;
use openpgp::serialize::MarshalInto;
use openpgp::types::{HashAlgorithm, SignatureType};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

/// The certificate with a positive certification of every user id by the root's primary key. A
/// user id that its owner took back is left out.
///
/// # Errors
/// [`KeyError::Certificate`], [`KeyError::Key`], and whatever `passphrase` returns.
pub fn certify<E: From<KeyError>>(
    certificate: &[u8],
    root: &[u8],
    made: DateTime<Utc>,
    passphrase: impl FnOnce(&Fingerprint) -> Result<String, E>,
) -> Result<String, E> {
    let certificate = unlock::one_block(certificate)?;
    let cert = one_cert(certificate)?;
    let itself = signer::secret_cert(root).map_err(KeyError::from)?;
    if itself.fingerprint() == cert.fingerprint() {
        return Err(KeyError::Itself(unlock::fingerprint_of(&cert)?).into());
    }
    if cert.primary_key().self_revocations().next().is_some() {
        let fingerprint = unlock::fingerprint_of(&cert)?;
        return Err(KeyError::Revoked(fingerprint, "revoked".to_owned()).into());
    }
    let mut root = unlock::primary(root, passphrase)?;
    let additions = certifications(&cert, &mut root.pair, made)?;
    let fingerprint = unlock::fingerprint_of(&cert)?;
    let certified = splice(certificate, &fingerprint, &additions)
        .map_err(|e| KeyError::Certificate(e.to_string()))?;
    match String::from_utf8(certified) {
        Ok(armored) if armored.starts_with("-----BEGIN ") => Ok(armored),
        Ok(_) | Err(_) => Ok(public(&with(cert, &additions)?)?),
    }
}

/// A binary certificate becomes an armored one.
fn with(cert: Cert, additions: &[u8]) -> Result<Cert, KeyError> {
    let more = Cert::from_bytes(additions).map_err(KeyError::failed)?;
    cert.merge_public(more).map_err(KeyError::failed)
}

fn certifications(
    cert: &Cert,
    pair: &mut openpgp::crypto::KeyPair,
    made: DateTime<Utc>,
) -> Result<Vec<u8>, KeyError> {
    let mut packets: Vec<Packet> = vec![cert.primary_key().key().clone().into()];
    let bound = cert.userids().filter(|user| user.self_signatures().next().is_some());
    for user in bound.filter(|user| user.self_revocations().next().is_none()) {
        let builder = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(SystemTime::from(made))
            .map_err(KeyError::failed)?;
        packets.push(user.userid().clone().into());
        packets.push(user.userid().bind(pair, cert, builder).map_err(KeyError::failed)?.into());
    }
    if packets.len() == 1 {
        return Err(KeyError::Certificate("it has no user id of its own".to_owned()));
    }
    serialize(&packets)
}

/// The certificate in a secret key file, armored.
///
/// # Errors
/// When it does not hold one secret key.
pub fn certificate_of(secret: &[u8]) -> Result<String, KeyError> {
    public(&signer::secret_cert(secret)?)
}

/// The armored certificate without its secret half.
pub(crate) fn public(cert: &Cert) -> Result<String, KeyError> {
    let bytes = cert.clone().strip_secret_key_material().to_vec().map_err(KeyError::failed)?;
    Ok(armor::encode(&bytes, "PGP PUBLIC KEY BLOCK"))
}
