//! New keys, and certifications by a root.

use crate::{armor, signer};
use chrono::{DateTime, Utc};
use openpgp::Packet;
use openpgp::cert::{Cert, CertBuilder, CertParser, CipherSuite};
use openpgp::crypto::Password;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::parse::Parse;
use openpgp::serialize::MarshalInto;
use openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;
use std::time::{Duration, SystemTime};

/// What kind of key to make. Both are version 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// RSA with 4096 bits.
    Rsa4096,
}

/// A new key: the armored secret half and the armored certificate.
pub struct NewKey {
    /// Its primary fingerprint.
    pub fingerprint: Fingerprint,
    /// Armored secret key.
    pub secret: String,
    /// Armored certificate.
    pub certificate: String,
}

/// Why a key or a certification could not be made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The user id is empty, or holds a line break or a control character.
    #[error("a user id is one line such as \"Ann <ann@example.org>\"")]
    UserId,
    /// The certificate to certify cannot be read, or has no user id with a self-signature.
    #[error("the certificate cannot be certified: {0}")]
    Certificate(String),
    /// The certificate is that of the certifying key.
    #[error("{0} cannot certify itself; give the root's key")]
    Itself(Fingerprint),
    /// The certifying key cannot be used.
    #[error(transparent)]
    Key(#[from] signer::SignError),
    /// The crypto library failed.
    #[error("the key could not be made: {0}")]
    Failed(String),
}

/// Makes a key whose primary key certifies and signs.
///
/// # Errors
/// [`GenerateError::UserId`] and [`GenerateError::Failed`].
pub fn generate(
    user_id: &str,
    algorithm: Algorithm,
    created: DateTime<Utc>,
    valid_for: Option<Duration>,
    passphrase: Option<String>,
) -> Result<NewKey, GenerateError> {
    if user_id.trim().is_empty() || secpack_pack::escape(user_id) != user_id {
        return Err(GenerateError::UserId);
    }
    let suite = match algorithm {
        Algorithm::Ed25519 => CipherSuite::Cv25519,
        Algorithm::Rsa4096 => CipherSuite::RSA4k,
    };
    let (cert, _) = CertBuilder::new()
        .set_cipher_suite(suite)
        .set_creation_time(SystemTime::from(created))
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_validity_period(valid_for)
        .set_password(passphrase.map(Password::from))
        .add_userid(user_id)
        .generate()
        .map_err(|e| GenerateError::Failed(e.to_string()))?;
    let failed = |e: openpgp::anyhow::Error| GenerateError::Failed(e.to_string());
    let secret = cert.as_tsk().to_vec().map_err(failed)?;
    Ok(NewKey {
        fingerprint: crate::fingerprint(&cert.fingerprint()).ok_or_else(|| {
            GenerateError::Failed("its fingerprint is of an unknown form".to_owned())
        })?,
        secret: armor::encode(&secret, "PGP PRIVATE KEY BLOCK"),
        certificate: public(&cert)?,
    })
}

fn public(cert: &Cert) -> Result<String, GenerateError> {
    let bytes = cert.clone().strip_secret_key_material().to_vec();
    let bytes = bytes.map_err(|e| GenerateError::Failed(e.to_string()))?;
    Ok(armor::encode(&bytes, "PGP PUBLIC KEY BLOCK"))
}

/// The certificate with a positive certification of every user id by the root's primary key.
///
/// # Errors
/// [`GenerateError::Certificate`], [`GenerateError::Key`], and whatever `passphrase` returns.
pub fn certify<E: From<GenerateError>>(
    certificate: &[u8],
    root: &[u8],
    made: DateTime<Utc>,
    passphrase: impl FnOnce(&Fingerprint) -> Result<String, E>,
) -> Result<String, E> {
    let cert = one_cert(certificate)?;
    let root = signer::secret_cert(root).map_err(GenerateError::from)?;
    let fingerprint = crate::fingerprint(&root.fingerprint())
        .ok_or_else(|| GenerateError::Failed("its fingerprint is of an unknown form".to_owned()))?;
    if root.fingerprint() == cert.fingerprint() {
        return Err(GenerateError::Itself(fingerprint).into());
    }
    let key = root.primary_key().key().clone().parts_into_secret();
    let mut key = key.map_err(|e| GenerateError::Failed(e.to_string()))?;
    if key.secret().is_encrypted() {
        let password = Password::from(passphrase(&fingerprint)?);
        key = key
            .decrypt_secret(&password)
            .map_err(|_| GenerateError::Key(signer::SignError::Passphrase(fingerprint)))?;
    }
    let mut pair = key.into_keypair().map_err(|e| GenerateError::Failed(e.to_string()))?;
    Ok(certify_with(cert, &mut pair, made)?)
}

fn one_cert(bytes: &[u8]) -> Result<Cert, GenerateError> {
    let mut certs =
        CertParser::from_bytes(bytes).map_err(|e| GenerateError::Certificate(e.to_string()))?;
    match (certs.next(), certs.next()) {
        (Some(Ok(cert)), None) => Ok(cert),
        (Some(Ok(_)), Some(_)) => {
            Err(GenerateError::Certificate("it holds more than one".to_owned()))
        }
        (Some(Err(e)), _) => Err(GenerateError::Certificate(e.to_string())),
        (None, _) => Err(GenerateError::Certificate("it is empty".to_owned())),
    }
}

fn certify_with(
    cert: Cert,
    pair: &mut openpgp::crypto::KeyPair,
    made: DateTime<Utc>,
) -> Result<String, GenerateError> {
    let failed = |e: openpgp::anyhow::Error| GenerateError::Failed(e.to_string());
    let mut packets: Vec<Packet> = Vec::new();
    for user in cert.userids().filter(|user| user.self_signatures().next().is_some()) {
        let builder = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(SystemTime::from(made))
            .map_err(failed)?;
        packets.push(user.userid().clone().into());
        packets.push(user.userid().bind(pair, &cert, builder).map_err(failed)?.into());
    }
    if packets.is_empty() {
        return Err(GenerateError::Certificate("it has no user id of its own".to_owned()));
    }
    let (cert, _) = cert.insert_packets(packets).map_err(failed)?;
    public(&cert)
}
