//! A later end for a key: new self-signatures beside the old ones, which history still needs.

use crate::keyring::{newest_binding, revocation};
use crate::unlock::{self, Unlocked};
use crate::{KeyError, Keyring};
use chrono::{DateTime, Utc};
use openpgp::Packet;
use openpgp::cert::Cert;
use openpgp::packet::Signature;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::serialize::MarshalInto;
use openpgp::types::HashAlgorithm;
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

/// New packets for a certificate.
pub struct Addition {
    /// Whose.
    pub fingerprint: Fingerprint,
    /// The packets, for [`splice`](crate::splice).
    pub packets: Vec<u8>,
}

/// From when to when.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    /// When the new self-signatures are made.
    pub made: DateTime<Utc>,
    /// When the key ends; `None` for never.
    pub until: Option<DateTime<Utc>>,
}

/// New self-signatures of the primary key, its user ids and its subkeys, as the newest ones are but
/// with another end. What was revoked is left out. `known` is the certificate as history knows it.
///
/// # Errors
/// [`KeyError::NotLater`], [`KeyError::Past`], [`KeyError::Clock`], [`KeyError::Revoked`], those of
/// opening a secret key, and whatever `passphrase` returns.
pub fn extend<E: From<KeyError>>(
    secret: &[u8],
    known: &Keyring,
    term: Term,
    passphrase: impl FnOnce(&Fingerprint) -> Result<String, E>,
) -> Result<Addition, E> {
    let locked = crate::signer::secret_cert(secret).map_err(KeyError::from)?;
    let cert = together(locked, known)?;
    may_extend(&cert, term)?;
    let mut unlocked = unlock::primary(secret, passphrase)?;
    let packets = renewed(&cert, &mut unlocked, term)?;
    Ok(Addition { fingerprint: unlocked.fingerprint, packets })
}

/// The certificate in the secret key file with what the pack knows of it.
fn together(locked: Cert, known: &Keyring) -> Result<Cert, KeyError> {
    let fingerprint = unlock::fingerprint_of(&locked)?;
    let locked = locked.strip_secret_key_material();
    match known.certs.get(&fingerprint) {
        Some(known) => locked.merge_public(known.clone()).map_err(KeyError::failed),
        None => Ok(locked),
    }
}

fn may_extend(cert: &Cert, term: Term) -> Result<(), KeyError> {
    let fingerprint = unlock::fingerprint_of(cert)?;
    if let Some(why) = revocation(cert.primary_key().self_revocations(), None) {
        return Err(KeyError::Revoked(fingerprint, why));
    }
    if let Some(until) = term.until.filter(|until| *until <= term.made) {
        return Err(KeyError::Past(until.date_naive().to_string()));
    }
    let Some(newest) = newest_binding(cert) else {
        return Err(KeyError::Certificate("it has no self-signature".to_owned()));
    };
    let dated = newest.signature_creation_time().map(crate::time);
    if let Some(dated) = dated.filter(|dated| *dated >= term.made) {
        return Err(KeyError::Clock(fingerprint, dated.to_rfc3339()));
    }
    let ends = newest.key_expiration_time(cert.primary_key().key()).map(crate::time);
    match (ends, term.until) {
        (None, Some(_)) => Err(KeyError::NotLater(fingerprint, "it never ends".to_owned())),
        (Some(ends), Some(until)) if until <= ends => {
            Err(KeyError::NotLater(fingerprint, format!("until {}", ends.date_naive())))
        }
        (Some(_), _) => Ok(()),
        (None, None) => Err(KeyError::NotLater(fingerprint, "it never ends".to_owned())),
    }
}

fn renewed(cert: &Cert, unlocked: &mut Unlocked, term: Term) -> Result<Vec<u8>, KeyError> {
    let primary = cert.primary_key().key();
    let pair = &mut unlocked.pair;
    let mut packets: Vec<Packet> = vec![primary.clone().into()];
    if let Some(old) = newest(cert.primary_key().self_signatures()) {
        let builder = renew(old, primary.creation_time(), term)?;
        packets.push(builder.sign_direct_key(pair, primary).map_err(KeyError::failed)?.into());
    }
    for user in cert.userids().filter(|user| user.self_revocations().next().is_none()) {
        let Some(old) = newest(user.self_signatures()) else { continue };
        let builder = renew(old, primary.creation_time(), term)?;
        let new = builder.sign_userid_binding(pair, primary, user.userid());
        packets.push(user.userid().clone().into());
        packets.push(new.map_err(KeyError::failed)?.into());
    }
    for subkey in cert.keys().subkeys().filter(|key| key.self_revocations().next().is_none()) {
        let Some(old) = newest(subkey.self_signatures()) else { continue };
        let builder = renew(old, subkey.key().creation_time(), term)?;
        let new = builder.sign_subkey_binding(pair, primary, subkey.key());
        packets.push(subkey.key().clone().into());
        packets.push(new.map_err(KeyError::failed)?.into());
    }
    serialize(&packets)
}

/// Packets as bytes, in their order.
pub(crate) fn serialize(packets: &[Packet]) -> Result<Vec<u8>, KeyError> {
    let all: Result<Vec<Vec<u8>>, _> = packets.iter().map(MarshalInto::to_vec).collect();
    Ok(all.map_err(KeyError::failed)?.concat())
}

fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.max_by_key(|signature| signature.signature_creation_time())
}

/// The old self-signature with a new date and a new end. A key's end is counted from its own
/// beginning (RFC 9580, section 5.2.3.13).
fn renew(old: &Signature, begins: SystemTime, term: Term) -> Result<SignatureBuilder, KeyError> {
    let span = term.until.map(|until| SystemTime::from(until).duration_since(begins));
    let span = span.transpose().map_err(|e| KeyError::Failed(e.to_string()))?;
    SignatureBuilder::from(old.clone())
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(SystemTime::from(term.made))
        .and_then(|builder| builder.set_key_validity_period(span))
        .map_err(KeyError::failed)
}
