//! Signing with an OpenPGP secret key out of a file.

use super::{Order, SignError};
use crate::{SignatureKind, armor, signature};
use chrono::{DateTime, Utc};
use openpgp::cert::Cert;
use openpgp::cert::amalgamation::key::PrimaryKey;
use openpgp::crypto::{self, KeyPair, Password};
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

/// One signing key out of an OpenPGP secret key file, locked or not.
pub struct KeyFile {
    primary: Fingerprint,
    key: State,
}

enum State {
    Locked(Key<SecretParts, UnspecifiedRole>),
    Open(KeyPair),
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyFile({})", self.primary)
    }
}

impl KeyFile {
    /// Opens a key file. A key with a passphrase stays locked until `KeyFile::unlock`.
    ///
    /// # Errors
    /// [`SignError::NotAKey`], [`SignError::NoSigningKey`] and [`SignError::Expired`].
    pub fn open(bytes: &[u8], now: DateTime<Utc>) -> Result<Self, SignError> {
        let cert = secret_cert(bytes)?;
        let primary = crate::fingerprint(&cert.fingerprint()).ok_or_else(|| {
            SignError::NotAKey("its fingerprint is of an unknown form".to_owned())
        })?;
        let key = signing_key(&cert, &primary, now)?;
        let key = match key.secret().is_encrypted() {
            true => State::Locked(key),
            false => State::Open(pair(key, &primary)?),
        };
        Ok(Self { primary, key })
    }

    pub(super) fn primary(&self) -> &Fingerprint {
        &self.primary
    }

    /// Whether it needs its passphrase before it signs.
    pub fn is_locked(&self) -> bool {
        matches!(self.key, State::Locked(_))
    }

    pub(super) fn unlock(&mut self, passphrase: &str) -> Result<(), SignError> {
        if let State::Locked(key) = &self.key {
            let open = key
                .clone()
                .decrypt_secret(&Password::from(passphrase))
                .map_err(|_| SignError::Passphrase(self.primary.clone()))?;
            self.key = State::Open(pair(open, &self.primary)?);
        }
        Ok(())
    }

    pub(super) fn sign(&mut self, order: &Order<'_>) -> Result<Vec<u8>, SignError> {
        match &mut self.key {
            State::Locked(_) => Err(SignError::Locked(self.primary.clone())),
            State::Open(pair) => signed(pair, order)
                .map_err(|e| SignError::Failed(self.primary.clone(), e.to_string())),
        }
    }
}

fn pair(
    key: Key<SecretParts, UnspecifiedRole>,
    primary: &Fingerprint,
) -> Result<KeyPair, SignError> {
    key.into_keypair().map_err(|e| SignError::Failed(primary.clone(), e.to_string()))
}

/// A signature by any key that sequoia can ask: v4, SHA-512, issuer fingerprint, one packet,
/// armored.
pub(super) fn signed(key: &mut dyn crypto::Signer, order: &Order<'_>) -> openpgp::Result<Vec<u8>> {
    let kind = match order.kind {
        SignatureKind::Binary => SignatureType::Binary,
        SignatureKind::Text => SignatureType::Text,
    };
    let signed = SignatureBuilder::new(kind)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(SystemTime::from(order.made))?
        .sign_message(key, order.bytes)?;
    let packet = Packet::from(signed).to_vec()?;
    Ok(armor::encode(&packet, signature::LABEL).into_bytes())
}

/// The one secret key in a file.
pub(crate) fn secret_cert(bytes: &[u8]) -> Result<Cert, SignError> {
    let not_a_key = |error: openpgp::anyhow::Error| SignError::NotAKey(error.to_string());
    let mut certs = CertParser::from_bytes(bytes).map_err(not_a_key)?;
    let cert = certs
        .next()
        .ok_or_else(|| SignError::NotAKey("it is empty".to_owned()))?
        .map_err(not_a_key)?;
    match certs.next() {
        None => {}
        Some(Ok(_)) => return Err(SignError::NotAKey("it holds more than one key".to_owned())),
        Some(Err(error)) => {
            let error = secpack_pack::escape(&error.to_string());
            return Err(SignError::NotAKey(format!("it is damaged or cut off: {error}")));
        }
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
    let made = DateTime::<Utc>::from(cert.primary_key().key().creation_time());
    if made > now {
        return Err(SignError::Ahead(primary.clone(), made, now));
    }
    if cert.with_policy(&standard, at).is_err() {
        return Err(none("it has no valid self-signature"));
    }
    let signing = || cert.keys().with_policy(&standard, at).supported().for_signing();
    if signing().revoked(false).next().is_none() {
        return Err(none("none is for signing, or it is revoked"));
    }
    if signing().revoked(false).alive().next().is_none() {
        return Err(SignError::Expired(primary.clone()));
    }
    let with_secret = signing().revoked(false).alive().secret();
    // The newest subkey wins over the primary, as in GnuPG.
    let newest = with_secret.max_by_key(|key| (!key.primary(), key.key().creation_time()));
    newest
        .map(|key| key.key().clone())
        .ok_or_else(|| none("the secret half of its signing key is not in the file"))
}
