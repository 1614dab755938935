//! Secret key files opened for work on certificates: the primary key, unlocked.

use crate::{KeyError, signer};
use openpgp::cert::Cert;
use openpgp::crypto::{KeyPair, Password};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;

/// A primary key that can certify, and the certificate that its file holds.
pub(crate) struct Unlocked {
    pub cert: Cert,
    pub fingerprint: Fingerprint,
    pub pair: KeyPair,
}

/// Opens the primary key of a file. `passphrase` is asked only when it is locked.
pub(crate) fn primary<E: From<KeyError>>(
    bytes: &[u8],
    passphrase: impl FnOnce(&Fingerprint) -> Result<String, E>,
) -> Result<Unlocked, E> {
    let cert = signer::secret_cert(bytes).map_err(KeyError::from)?;
    let fingerprint = fingerprint_of(&cert)?;
    let key = cert.primary_key().key().clone().parts_into_secret();
    let mut key = key.map_err(|_| KeyError::NoPrimarySecret(fingerprint.clone()))?;
    if key.secret().is_encrypted() {
        let password = Password::from(passphrase(&fingerprint)?);
        key = key
            .decrypt_secret(&password)
            .map_err(|_| KeyError::Key(signer::SignError::Passphrase(fingerprint.clone())))?;
    }
    let pair = key.into_keypair().map_err(KeyError::failed)?;
    Ok(Unlocked { cert, fingerprint, pair })
}

/// The fingerprint in our form.
pub(crate) fn fingerprint_of(cert: &Cert) -> Result<Fingerprint, KeyError> {
    crate::fingerprint(&cert.fingerprint())
        .ok_or_else(|| KeyError::Failed("its fingerprint is of an unknown form".to_owned()))
}

/// The only block of a key file, without the text before it.
pub(crate) fn one_block(file: &[u8]) -> Result<&[u8], KeyError> {
    match crate::armor::blocks(file).as_slice() {
        [one] => Ok(one),
        several => Err(KeyError::Certificate(format!("it holds {} armored blocks", several.len()))),
    }
}

/// The only certificate in some bytes, without its secret half.
pub(crate) fn one_cert(bytes: &[u8]) -> Result<Cert, KeyError> {
    let unusable =
        |e: openpgp::anyhow::Error| KeyError::Certificate(secpack_pack::escape(&e.to_string()));
    let mut certs = crate::certs::read(bytes).into_iter();
    match (certs.next(), certs.next()) {
        (Some(Ok(cert)), None) => Ok(cert.strip_secret_key_material()),
        (Some(Ok(_)), Some(_)) => Err(KeyError::Certificate("it holds more than one".to_owned())),
        (Some(Err(e)), _) => Err(unusable(e)),
        (None, _) => Err(KeyError::Certificate("it is empty".to_owned())),
    }
}

/// The fingerprint of the only secret key in a file, locked or not.
///
/// # Errors
/// When it does not hold one secret key.
pub fn secret_fingerprint(bytes: &[u8]) -> Result<Fingerprint, KeyError> {
    fingerprint_of(&signer::secret_cert(bytes)?)
}
