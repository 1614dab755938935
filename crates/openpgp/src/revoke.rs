//! Revocations of whole keys: made by their owner, or taken from a file that was kept apart.

use crate::generate::armored;
use crate::renew::{Addition, serialize};
use crate::unlock;
use crate::{KeyError, Keyring, armor, repair};
use chrono::{DateTime, Utc};
use openpgp::Packet;
use openpgp::cert::{Cert, CertRevocationBuilder};
use openpgp::packet::Signature;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::types::{ReasonForRevocation, RevocationType, SignatureType};
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

/// Why a key is revoked (RFC 9580, section 5.2.3.31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// Somebody else may have it: every signature it ever made is void.
    Compromised,
    /// A new key takes its place: signatures from now on are void.
    Superseded,
    /// It is not used any more: signatures from now on are void.
    Retired,
    /// Nothing is said: every signature it ever made is void.
    Unspecified,
}

impl RevocationReason {
    fn theirs(self) -> ReasonForRevocation {
        match self {
            RevocationReason::Compromised => ReasonForRevocation::KeyCompromised,
            RevocationReason::Superseded => ReasonForRevocation::KeySuperseded,
            RevocationReason::Retired => ReasonForRevocation::KeyRetired,
            RevocationReason::Unspecified => ReasonForRevocation::Unspecified,
        }
    }

    /// Whether it voids what was signed before.
    pub fn voids_the_past(self) -> bool {
        self.theirs().revocation_type() == RevocationType::Hard
    }
}

/// A revocation that was made or read.
pub struct Revocation {
    /// What is added to the certificate.
    pub addition: Addition,
    /// The revocation alone, armored.
    pub armored: String,
    /// Whether it voids what was signed before.
    pub voids_the_past: bool,
}

/// A new revocation.
///
/// # Errors
/// Those of opening a secret key, and whatever `passphrase` returns.
pub fn revoke<E: From<KeyError>>(
    secret: &[u8],
    (reason, text): (RevocationReason, &str),
    made: DateTime<Utc>,
    passphrase: impl FnOnce(&Fingerprint) -> Result<String, E>,
) -> Result<Revocation, E> {
    let mut unlocked = unlock::primary(secret, passphrase)?;
    let signature = CertRevocationBuilder::new()
        .set_reason_for_revocation(reason.theirs(), text.as_bytes())
        .and_then(|b| b.set_signature_creation_time(SystemTime::from(made)))
        .and_then(|b| b.build(&mut unlocked.pair, &unlocked.cert, None))
        .map_err(KeyError::failed)?;
    Ok(revocation_of(&unlocked.cert.strip_secret_key_material(), &signature)?)
}

/// The revocation in a file: standing alone, or inside the certificate that it revokes. The key
/// that made it must be in the keyring.
///
/// # Errors
/// [`KeyError::Certificate`] when there is none, or no known key made it.
pub fn read_revocation(file: &[u8], known: &Keyring) -> Result<Revocation, KeyError> {
    let unusable = |text: &str| KeyError::Certificate(text.to_owned());
    if file.windows(6).any(|w| w == b":-----") {
        return Err(unusable(
            "a colon stands before its BEGIN line, so that nobody uses it by mistake; remove it",
        ));
    }
    let blocks: Vec<Vec<u8>> = armor::blocks(file).into_iter().filter_map(repair::data).collect();
    let found: Vec<Signature> = blocks.iter().flat_map(|block| revocations_in(block)).collect();
    if found.is_empty() {
        return Err(unusable("it holds no revocation of a key"));
    }
    let made_by = |cert: &Cert, signature: &Signature| {
        let key = cert.primary_key().key();
        signature.verify_primary_key_revocation(key, key).is_ok()
    };
    for signature in &found {
        if let Some(cert) = known.certs.values().find(|cert| made_by(cert, signature)) {
            return revocation_of(cert, signature);
        }
    }
    Err(unusable("no key of the pack made the revocation in it"))
}

fn revocations_in(block: &[u8]) -> Vec<Signature> {
    let mut found = Vec::new();
    let Ok(mut next) = PacketParser::from_bytes(block) else { return found };
    while let PacketParserResult::Some(parser) = next {
        let Ok((packet, rest)) = parser.next() else { return found };
        if let Packet::Signature(signature) = packet
            && signature.typ() == SignatureType::KeyRevocation
        {
            found.push(signature);
        }
        next = rest;
    }
    found
}

fn revocation_of(cert: &Cert, signature: &Signature) -> Result<Revocation, KeyError> {
    let primary = Packet::from(cert.primary_key().key().clone());
    let packets = serialize(&[primary, signature.clone().into()])?;
    let reason = signature.reason_for_revocation();
    let reason = reason.map_or(ReasonForRevocation::Unspecified, |(reason, _)| reason);
    Ok(Revocation {
        addition: Addition { fingerprint: unlock::fingerprint_of(cert)?, packets },
        armored: armored(signature)?,
        voids_the_past: reason.revocation_type() == RevocationType::Hard,
    })
}
