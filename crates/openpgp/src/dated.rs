//! The pack's policy as sequoia asks for it: weak hashes count by the date of the signature, not
//! by today's date.

use chrono::{DateTime, Utc};
use openpgp::cert::amalgamation::key::ValidErasedKeyAmalgamation;
use openpgp::packet::{Signature, key};
use openpgp::policy::{HashAlgoSecurity, StandardPolicy};
use openpgp::types::{AEADAlgorithm, HashAlgorithm, SymmetricAlgorithm};
use secpack_pack::policy::{HashUse, Policy};
use sequoia_openpgp as openpgp;

/// Judges self-signatures and keys inside certificates by the pack's dated rules.
#[derive(Debug)]
pub struct DatedPolicy<'a> {
    pack: &'a Policy,
    standard: StandardPolicy<'a>,
    now: DateTime<Utc>,
}

impl<'a> DatedPolicy<'a> {
    /// For a pack's policy, at a time that the caller takes for now.
    pub fn new(pack: &'a Policy, now: DateTime<Utc>) -> Self {
        let mut standard = StandardPolicy::at(std::time::SystemTime::from(now));
        for weak in
            [HashAlgorithm::MD5, HashAlgorithm::SHA1, HashAlgorithm::RipeMD, HashAlgorithm::SHA224]
        {
            // Our own dated rule decides on these; sequoia keeps judging everything else.
            standard.accept_hash(weak);
        }
        Self { pack, standard, now }
    }

    /// The pack's policy.
    pub fn pack(&self) -> &'a Policy {
        self.pack
    }

    /// The time taken for now.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Why this signature's hash does not count for this use, if it does not.
    pub fn hash_fault(&self, signature: &Signature, used: HashUse) -> Option<String> {
        let algorithm = signature.hash_algo();
        if is_strong(algorithm) {
            return None;
        }
        let made = signature.signature_creation_time().map(crate::time);
        let name = hash_name(algorithm);
        let allowed = made.and_then(|made| self.pack.hash_reason(&name, used, made.date_naive()));
        match allowed {
            Some(_) => None,
            None => Some(format!("{name} does not count for a signature of this date")),
        }
    }

    /// Why a document's or tag's signature is refused for an unknown critical part, if it is.
    pub(crate) fn critical_fault(&self, signature: &Signature) -> Option<String> {
        use openpgp::policy::Policy as _;
        self.standard
            .signature(signature, HashAlgoSecurity::CollisionResistance)
            .err()
            .map(|_| "it has a critical part that is not understood".to_owned())
    }
}

/// Hashes that count without any rule (RFC 9580, section 9.5).
pub(crate) fn is_strong(algorithm: HashAlgorithm) -> bool {
    matches!(
        algorithm,
        HashAlgorithm::SHA256
            | HashAlgorithm::SHA384
            | HashAlgorithm::SHA512
            | HashAlgorithm::SHA3_256
            | HashAlgorithm::SHA3_512
    )
}

/// The name as reports give it, for example `SHA256`.
pub(crate) fn hash_name(algorithm: HashAlgorithm) -> String {
    algorithm.to_string().replace('-', "")
}

impl openpgp::policy::Policy for DatedPolicy<'_> {
    fn signature(&self, sig: &Signature, sec: HashAlgoSecurity) -> openpgp::Result<()> {
        if let Some(fault) = self.hash_fault(sig, HashUse::SelfSignatures) {
            return Err(openpgp::Error::PolicyViolation(fault, None).into());
        }
        self.standard.signature(sig, sec)
    }

    fn key(&self, ka: &ValidErasedKeyAmalgamation<'_, key::PublicParts>) -> openpgp::Result<()> {
        self.standard.key(ka)
    }

    fn symmetric_algorithm(&self, algo: SymmetricAlgorithm) -> openpgp::Result<()> {
        self.standard.symmetric_algorithm(algo)
    }

    fn aead_algorithm(&self, algo: AEADAlgorithm) -> openpgp::Result<()> {
        self.standard.aead_algorithm(algo)
    }

    fn packet(&self, packet: &openpgp::Packet) -> openpgp::Result<()> {
        self.standard.packet(packet)
    }
}
