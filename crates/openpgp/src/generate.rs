//! New keys, each with a revocation that is made while the key is at hand.

use crate::certify::public;
use crate::{KeyError, armor, unlock};
use chrono::{DateTime, Utc};
use openpgp::Profile;
use openpgp::cert::{CertBuilder, CipherSuite};
use openpgp::crypto::Password;
use openpgp::serialize::MarshalInto;
use openpgp::types::KeyFlags;
use openpgp::{Packet, packet::Signature};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;
use std::time::{Duration, SystemTime};

/// What kind of key to make. Both are version 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519; Curve25519 for encryption.
    Ed25519,
    /// RSA with 4096 bits.
    Rsa4096,
}

/// What a key is for, which decides its capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Certifies others and nothing else: it lies offline.
    Master,
    /// A member: the primary key certifies and signs.
    Member,
    /// A member whose primary key can lie offline: it certifies, a subkey signs.
    MemberWithSubkey,
    /// The team's mailbox: signs, and has a subkey to encrypt to.
    TeamMail,
    /// One release: signs, nothing else.
    Release,
}

/// Everything that decides about a new key but its passphrase.
#[derive(Debug, Clone)]
pub struct KeySpec {
    /// The user id, for example `Ann <ann@example.org>`.
    pub user_id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// With which algorithm.
    pub algorithm: Algorithm,
    /// When it begins.
    pub created: DateTime<Utc>,
    /// When it ends, if it does.
    pub expires: Option<DateTime<Utc>>,
}

/// A new key: the armored secret half, the armored certificate, and an armored revocation.
pub struct NewKey {
    /// Its primary fingerprint.
    pub fingerprint: Fingerprint,
    /// Armored secret key.
    pub secret: String,
    /// Armored certificate.
    pub certificate: String,
    /// A revocation without a reason, which voids every signature: for the day on which nobody
    /// can make one any more.
    pub revocation: String,
}

/// Makes a key.
///
/// # Errors
/// [`KeyError::UserId`], [`KeyError::Past`] and [`KeyError::Failed`].
pub fn generate(spec: &KeySpec, passphrase: Option<String>) -> Result<NewKey, KeyError> {
    let user_id = &spec.user_id;
    if user_id.trim().is_empty() || secpack_pack::escape(user_id) != *user_id {
        return Err(KeyError::UserId);
    }
    let (cert, revocation) = builder(spec)?
        .set_password(passphrase.map(Password::from))
        .generate()
        .map_err(KeyError::failed)?;
    let secret = cert.as_tsk().to_vec().map_err(KeyError::failed)?;
    Ok(NewKey {
        fingerprint: unlock::fingerprint_of(&cert)?,
        secret: armor::encode(&secret, "PGP PRIVATE KEY BLOCK"),
        certificate: public(&cert)?,
        revocation: armored(&revocation)?,
    })
}

fn builder(spec: &KeySpec) -> Result<CertBuilder<'static>, KeyError> {
    let suite = match spec.algorithm {
        Algorithm::Ed25519 => CipherSuite::Cv25519,
        Algorithm::Rsa4096 => CipherSuite::RSA4k,
    };
    let builder = CertBuilder::new()
        .set_profile(Profile::RFC4880)
        .map_err(KeyError::failed)?
        .set_cipher_suite(suite)
        .set_creation_time(SystemTime::from(spec.created))
        .set_validity_period(validity(spec)?)
        .add_userid(spec.user_id.as_str());
    let certifies = KeyFlags::empty().set_certification();
    let signs = certifies.clone().set_signing();
    Ok(match spec.purpose {
        Purpose::Master => builder.set_primary_key_flags(certifies),
        Purpose::Member | Purpose::Release => builder.set_primary_key_flags(signs),
        Purpose::MemberWithSubkey => builder.set_primary_key_flags(certifies).add_signing_subkey(),
        Purpose::TeamMail => {
            let encrypts = KeyFlags::empty().set_transport_encryption().set_storage_encryption();
            builder.set_primary_key_flags(signs).add_subkey(encrypts, None, None)
        }
    })
}

fn validity(spec: &KeySpec) -> Result<Option<Duration>, KeyError> {
    let past = |expires: DateTime<Utc>| KeyError::Past(expires.date_naive().to_string());
    let span = |expires: DateTime<Utc>| {
        let span = (expires - spec.created).to_std().map_err(|_| past(expires))?;
        if span.is_zero() { Err(past(expires)) } else { Ok(span) }
    };
    spec.expires.map(span).transpose()
}

/// A revocation as its own file. The label is that of a key, because GnuPG imports no other.
pub(crate) fn armored(revocation: &Signature) -> Result<String, KeyError> {
    let packet = Packet::from(revocation.clone()).to_vec().map_err(KeyError::failed)?;
    Ok(armor::encode(&packet, "PGP PUBLIC KEY BLOCK"))
}
