//! Signers: whatever can turn bytes into one detached signature.

use crate::{armor, signature};
use chrono::{DateTime, Utc};
use openpgp::cert::Cert;
use openpgp::cert::amalgamation::key::PrimaryKey;
use openpgp::crypto::{KeyPair, Password};
use openpgp::packet::key::{SecretParts, UnspecifiedRole};
use openpgp::packet::{Key, signature::SignatureBuilder};
use openpgp::parse::Parse;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::MarshalInto;
use openpgp::types::{HashAlgorithm, SignatureType};
use openpgp::{Packet, cert::CertParser};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

/// Why a signature could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The key file is not one OpenPGP secret key.
    #[error("the key file does not hold one OpenPGP secret key: {0}")]
    NotAKey(String),
    /// No key in it may sign now.
    #[error("{0} has no key that may sign now: {1}")]
    NoSigningKey(Fingerprint, &'static str),
    /// The passphrase does not unlock the key.
    #[error("the passphrase does not unlock {0}")]
    Passphrase(Fingerprint),
    /// The signing operation itself failed.
    #[error("signing with {0} failed: {1}")]
    Failed(Fingerprint, String),
}

/// A signer: today a key file; agents and programs come beside it.
#[derive(Debug)]
pub enum Signer {
    /// An unlocked key out of a file.
    KeyFile(KeyFile),
}

impl Signer {
    /// The certificate of the key that signs.
    pub fn primary(&self) -> &Fingerprint {
        match self {
            Signer::KeyFile(key) => &key.primary,
        }
    }

    /// One armored detached signature over exactly these bytes: v4, binary type, SHA-512, issuer
    /// fingerprint, one packet.
    ///
    /// # Errors
    /// [`SignError::Failed`].
    pub fn sign(&mut self, bytes: &[u8], made: DateTime<Utc>) -> Result<Vec<u8>, SignError> {
        match self {
            Signer::KeyFile(key) => key.sign(bytes, SignatureType::Binary, made),
        }
    }

    /// One armored signature of the text type over a canonical text, for a clearsigned document.
    ///
    /// # Errors
    /// [`SignError::Failed`].
    pub fn sign_text(&mut self, text: &[u8], made: DateTime<Utc>) -> Result<Vec<u8>, SignError> {
        match self {
            Signer::KeyFile(key) => key.sign(text, SignatureType::Text, made),
        }
    }
}

/// One unlocked signing key out of an OpenPGP secret key file.
pub struct KeyFile {
    primary: Fingerprint,
    pair: KeyPair,
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyFile({})", self.primary)
    }
}

impl KeyFile {
    /// Opens a key file. `passphrase` is asked only when the key is locked, with the fingerprint
    /// it is asked for.
    ///
    /// # Errors
    /// Every variant of [`SignError`] but `Failed`, and whatever `passphrase` returns.
    pub fn open<E: From<SignError>>(
        bytes: &[u8],
        now: DateTime<Utc>,
        passphrase: impl FnOnce(&Fingerprint) -> Result<String, E>,
    ) -> Result<Self, E> {
        let cert = secret_cert(bytes)?;
        let primary = crate::fingerprint(&cert.fingerprint()).ok_or_else(|| {
            SignError::NotAKey("its fingerprint is of an unknown form".to_owned())
        })?;
        let key = signing_key(&cert, &primary, now)?;
        let key = if key.secret().is_encrypted() {
            let password = Password::from(passphrase(&primary)?);
            key.decrypt_secret(&password).map_err(|_| SignError::Passphrase(primary.clone()))?
        } else {
            key
        };
        let pair =
            key.into_keypair().map_err(|e| SignError::Failed(primary.clone(), e.to_string()))?;
        Ok(Self { primary, pair })
    }

    fn sign(
        &mut self,
        bytes: &[u8],
        kind: SignatureType,
        made: DateTime<Utc>,
    ) -> Result<Vec<u8>, SignError> {
        let failed = |error: openpgp::anyhow::Error| {
            SignError::Failed(self.primary.clone(), error.to_string())
        };
        let signed = SignatureBuilder::new(kind)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(SystemTime::from(made))
            .and_then(|builder| builder.sign_message(&mut self.pair, bytes))
            .map_err(failed)?;
        let packet = Packet::from(signed).to_vec().map_err(failed)?;
        Ok(armor::encode(&packet, signature::LABEL).into_bytes())
    }
}

/// The one secret key in a file.
pub(crate) fn secret_cert(bytes: &[u8]) -> Result<Cert, SignError> {
    let not_a_key = |error: openpgp::anyhow::Error| SignError::NotAKey(error.to_string());
    let mut certs = CertParser::from_bytes(bytes).map_err(not_a_key)?;
    let cert = certs
        .next()
        .ok_or_else(|| SignError::NotAKey("it is empty".to_owned()))?
        .map_err(not_a_key)?;
    if certs.next().is_some() {
        return Err(SignError::NotAKey("it holds more than one key".to_owned()));
    }
    if !cert.is_tsk() {
        return Err(SignError::NotAKey("it holds only the public half".to_owned()));
    }
    Ok(cert)
}

fn signing_key(
    cert: &Cert,
    primary: &Fingerprint,
    now: DateTime<Utc>,
) -> Result<Key<SecretParts, UnspecifiedRole>, SignError> {
    let at = SystemTime::from(now);
    let standard = StandardPolicy::at(at);
    let none = |why| SignError::NoSigningKey(primary.clone(), why);
    if cert.with_policy(&standard, at).is_err() {
        return Err(none("it has no valid self-signature"));
    }
    let signing = || cert.keys().with_policy(&standard, at).supported().for_signing();
    if signing().revoked(false).next().is_none() {
        return Err(none("none is for signing, or it is revoked"));
    }
    if signing().revoked(false).alive().next().is_none() {
        return Err(none("it has expired"));
    }
    let with_secret = signing().revoked(false).alive().secret();
    // The newest subkey wins over the primary, as in GnuPG.
    let newest = with_secret.max_by_key(|key| (!key.primary(), key.key().creation_time()));
    newest
        .map(|key| key.key().clone())
        .ok_or_else(|| none("the secret half of its signing key is not in the file"))
}
