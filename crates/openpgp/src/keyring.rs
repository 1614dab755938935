//! Certificates gathered from every version of every key file, merged by fingerprint.
//!
//! A refreshed self-signature replaces its elder in the newest file, and signatures made in between
//! would lose their binding; merging all versions of history keeps both.

use crate::{armor, certs, repair};
use chrono::{DateTime, Utc};
use openpgp::cert::Cert;
use openpgp::packet::Signature;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::types::{ReasonForRevocation, RevocationType, SignatureType};
use openpgp::{KeyHandle, Packet};
use secpack_pack::{Fingerprint, Reason, Verdict};
use sequoia_openpgp as openpgp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Largest key file that is parsed, in bytes. Real ones are below 100 KiB; third-party flooding
/// makes larger ones.
const CAP: usize = 4 * 1024 * 1024;

/// Certificates by primary fingerprint, with an index from issuer hints to keys.
#[derive(Debug, Default)]
pub struct Keyring {
    pub(crate) certs: BTreeMap<Fingerprint, Cert>,
    /// By fingerprint and by key id, in hex.
    index: HashMap<String, Vec<(Fingerprint, openpgp::Fingerprint)>>,
    /// The labels of the files that each certificate was found in.
    sources: BTreeMap<Fingerprint, BTreeSet<String>>,
    problems: Vec<KeyProblem>,
    /// The blocks of certificates none of whose self-signatures sequoia could verify.
    pub(crate) unbound: BTreeMap<Fingerprint, Vec<u8>>,
}

/// A part of a key file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProblem {
    /// The label that the caller gave the file.
    pub source: String,
    /// What is wrong, in one line.
    pub text: String,
    /// Whether something was lost, or is only worth telling.
    pub lost: Lost,
}

/// Whether a problem of a key file lost something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// A block could not be read.
    Block,
    /// Nothing: it was applied, but a plain import would not.
    Nothing,
}

/// What is known of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertInfo {
    /// The primary key.
    pub fingerprint: Fingerprint,
    /// When the primary key was made.
    pub created: DateTime<Utc>,
    /// When it expires, by its newest self-signature, even one that does not count.
    pub expires: Option<DateTime<Utc>>,
    /// Why no self-signature of it counts, if none does: `weak-hash` or `malformed`.
    pub fault: Option<Verdict>,
    /// Whether a revocation of it is known.
    pub revoked: Option<String>,
    /// Escaped user ids.
    pub user_ids: Vec<String>,
}

impl Keyring {
    /// Gathers certificates from key files: `(label, bytes)`, each distinct content once.
    pub fn gather<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut keyring = Self::default();
        let mut bare: Vec<(String, Signature)> = Vec::new();
        let mut seen: HashMap<&[u8], Vec<Fingerprint>> = HashMap::new();
        for (source, bytes) in files {
            let mut parts = 0;
            for block in read_blocks(source, bytes, &mut keyring.problems) {
                if let Some(fault) = repair::armor_fault(block) {
                    keyring.lose(source, &format!("its armor is damaged: {fault}"));
                    continue;
                }
                if !seen.contains_key(block) {
                    parts += certs::parts(block);
                }
                if parts > certs::MAX_PARTS_OF_FILE {
                    let most = certs::MAX_PARTS_OF_FILE;
                    keyring
                        .lose(source, &format!("all blocks up to it have more than {most} parts"));
                    break;
                }
                let found = seen
                    .entry(block)
                    .or_insert_with(|| keyring.read_block(source, block, &mut bare));
                for primary in found {
                    let sources = keyring.sources.entry(primary.clone()).or_default();
                    sources.insert(source.to_owned());
                }
            }
        }
        keyring.apply_revocations(bare);
        keyring.build_index();
        keyring
    }

    /// Parts of key files that could not be used, or that need saying.
    pub fn problems(&self) -> &[KeyProblem] {
        &self.problems
    }

    /// Primary fingerprints of every certificate.
    pub fn fingerprints(&self) -> impl Iterator<Item = &Fingerprint> {
        self.certs.keys()
    }

    /// The labels of the files that a certificate was found in.
    pub fn sources(&self, primary: &Fingerprint) -> impl Iterator<Item = &str> {
        self.sources.get(primary).into_iter().flatten().map(String::as_str)
    }

    /// Whether this certificate is here.
    pub fn contains(&self, primary: &Fingerprint) -> bool {
        self.certs.contains_key(primary)
    }

    /// What is known of one certificate.
    pub fn info(&self, primary: &Fingerprint, policy: &crate::DatedPolicy<'_>) -> Option<CertInfo> {
        let cert = self.certs.get(primary)?;
        let now = std::time::SystemTime::from(policy.now());
        let (expires, fault) = match cert.with_policy(policy, now) {
            Ok(valid) => (valid.primary_key().key_expiration_time(), None),
            Err(_) => (expiration(cert), Some(binding_fault(cert, policy))),
        };
        Some(CertInfo {
            fingerprint: primary.clone(),
            created: crate::time(cert.primary_key().key().creation_time()),
            expires: expires.map(crate::time),
            fault,
            revoked: revocation(cert.primary_key().self_revocations(), None),
            user_ids: cert
                .userids()
                .map(|u| secpack_pack::escape(&String::from_utf8_lossy(u.userid().value())))
                .collect(),
        })
    }

    /// Keys that an issuer hint may mean: (certificate, key).
    pub(crate) fn candidates(&self, hint: &KeyHandle) -> &[(Fingerprint, openpgp::Fingerprint)] {
        self.index.get(&format!("{hint:X}")).map_or(&[], Vec::as_slice)
    }

    /// The keys of one certificate: (certificate, key).
    pub(crate) fn keys_of(
        &self,
        primary: &Fingerprint,
    ) -> Vec<(Fingerprint, openpgp::Fingerprint)> {
        let keys = self.certs.get(primary).into_iter().flat_map(Cert::keys);
        keys.map(|key| (primary.clone(), key.key().fingerprint())).collect()
    }

    /// Reads the certificates of one block and returns their primary fingerprints.
    fn read_block(
        &mut self,
        source: &str,
        block: &[u8],
        bare: &mut Vec<(String, Signature)>,
    ) -> Vec<Fingerprint> {
        if let Some(revocations) = bare_revocations(block) {
            bare.extend(revocations.into_iter().map(|sig| (source.to_owned(), sig)));
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut lost = false;
        for cert in certs::read(block) {
            match cert {
                Ok(cert) => found.extend(self.merge(cert)),
                Err(error) => {
                    lost = true;
                    self.lose(source, &error);
                }
            }
        }
        if found.is_empty() && !lost {
            self.lose(source, &"it holds no certificate");
        }
        if let [only] = found.as_slice()
            && self.certs.get(only).is_some_and(|cert| newest_binding(cert).is_none())
        {
            self.unbound.insert(only.clone(), block.to_vec());
        }
        found
    }

    fn lose(&mut self, source: &str, error: &dyn std::fmt::Display) {
        let text = secpack_pack::escape(&format!("a block cannot be read: {error}"));
        let problem = KeyProblem { source: source.to_owned(), text, lost: Lost::Block };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn merge(&mut self, cert: Cert) -> Option<Fingerprint> {
        let cert = certs::pruned(cert.strip_secret_key_material());
        let primary = crate::fingerprint(&cert.fingerprint())?;
        let merged = match self.certs.remove(&primary) {
            Some(known) => certs::pruned(known.clone().merge_public(cert).unwrap_or(known)),
            None => cert,
        };
        self.certs.insert(primary.clone(), merged);
        Some(primary)
    }

    /// Applies revocations that stand outside any certificate to the key that made them.
    fn apply_revocations(&mut self, bare: Vec<(String, Signature)>) {
        for (source, revocation) in bare {
            let issuers = revocation.get_issuers();
            let named = |cert: &Cert| issuers.iter().any(|i| i.aliases(cert.key_handle()));
            let targets: Vec<Fingerprint> = self
                .certs
                .iter()
                .filter(|(_, cert)| named(cert))
                .map(|(primary, _)| primary.clone())
                .collect();
            let applied = targets.iter().find(|primary| self.revoke(primary, &revocation));
            let text = match (targets.is_empty(), applied) {
                (true, _) => {
                    self.lose(&source, &"a revocation of a key that is not in the pack");
                    continue;
                }
                (false, None) => {
                    self.lose(&source, &"a revocation that the key it names did not make");
                    continue;
                }
                (false, Some(primary)) => format!(
                    "a revocation of {primary} stands outside its certificate; it was applied"
                ),
            };
            let problem = KeyProblem { source, text, lost: Lost::Nothing };
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// Adds a revocation to a certificate; whether that key really made it.
    fn revoke(&mut self, primary: &Fingerprint, revocation: &Signature) -> bool {
        let Some(cert) = self.certs.remove(primary) else { return false };
        let merged = cert.clone().insert_packets(vec![revocation.clone()]);
        let merged = merged.map_or(cert, |(merged, _)| merged);
        let is_it = |known: &Signature| known.normalized_eq(revocation);
        let counts = merged.primary_key().self_revocations().any(is_it);
        self.certs.insert(primary.clone(), merged);
        counts
    }

    fn build_index(&mut self) {
        for (primary, cert) in &self.certs {
            for key in cert.keys() {
                let handle = key.key().fingerprint();
                let place = (primary.clone(), handle.clone());
                self.index.entry(handle.to_hex()).or_default().push(place.clone());
                let short = openpgp::KeyID::from(handle).to_hex();
                self.index.entry(short).or_default().push(place);
            }
        }
    }
}

fn read_blocks<'a>(source: &str, bytes: &'a [u8], problems: &mut Vec<KeyProblem>) -> Vec<&'a [u8]> {
    if bytes.len() > CAP {
        let text = format!("{} bytes is too large for a key file", bytes.len());
        problems.push(KeyProblem { source: source.to_owned(), text, lost: Lost::Block });
        return Vec::new();
    }
    if repair::has_stray_armor(bytes) {
        let text = "a block cannot be read: its BEGIN line is damaged".to_owned();
        problems.push(KeyProblem { source: source.to_owned(), text, lost: Lost::Block });
    }
    armor::blocks(bytes)
}

/// The packets of a block that holds nothing but key revocations.
pub(crate) fn bare_revocations(block: &[u8]) -> Option<Vec<Signature>> {
    let mut found = Vec::new();
    let mut next = PacketParser::from_bytes(block).ok()?;
    while let PacketParserResult::Some(parser) = next {
        let (packet, rest) = parser.next().ok()?;
        match packet {
            Packet::Signature(sig) if sig.typ() == SignatureType::KeyRevocation => found.push(sig),
            _ => return None,
        }
        next = rest;
    }
    (!found.is_empty()).then_some(found)
}

/// The primary fingerprints in a key file, in their order; unreadable blocks are left out, and so
/// are those after too many parts.
pub fn fingerprints_in(bytes: &[u8]) -> Vec<Fingerprint> {
    if bytes.len() > CAP {
        return Vec::new();
    }
    let blocks = armor::blocks(bytes).into_iter().filter(|b| repair::armor_fault(b).is_none());
    let mut parts = 0;
    blocks
        .take_while(|block| {
            parts += certs::parts(block);
            parts <= certs::MAX_PARTS_OF_FILE
        })
        .flat_map(certs::read)
        .filter_map(Result::ok)
        .filter_map(|cert| crate::fingerprint(&cert.fingerprint()))
        .collect()
}

/// When a certificate expires by its newest self-signature, whatever that one is worth: a date to
/// show, never a reason to accept anything.
fn expiration(cert: &Cert) -> Option<std::time::SystemTime> {
    newest_binding(cert)?.key_expiration_time(cert.primary_key().key())
}

/// Why a certificate that is bound by nothing is not: its self-signatures are weak, or sequoia and
/// its crypto library found none that verifies.
fn binding_fault(cert: &Cert, policy: &crate::DatedPolicy<'_>) -> Verdict {
    use secpack_pack::policy::HashUse;
    match newest_binding(cert).map(|newest| policy.hash_fault(newest, HashUse::SelfSignatures)) {
        Some(Some(weak)) => Verdict::new(Reason::WeakHash, weak),
        Some(None) => Verdict::new(Reason::Malformed, "none of them is valid by now"),
        None => Verdict::new(Reason::Malformed, "none of them verifies with this crypto library"),
    }
}

pub(crate) fn newest_binding(cert: &Cert) -> Option<&Signature> {
    let of_users = cert.userids().flat_map(|user| user.self_signatures());
    of_users
        .chain(cert.primary_key().self_signatures())
        .max_by_key(|signature| signature.signature_creation_time())
}

/// Whether a key counts as revoked for a signature made at `made` (any time when `None`), and why.
///
/// A hard revocation kills every signature, a soft one those made later; what was revoked once
/// stays revoked, whatever newer self-signature may follow.
pub(crate) fn revocation<'a>(
    revocations: impl Iterator<Item = &'a Signature>,
    made: Option<std::time::SystemTime>,
) -> Option<String> {
    let mut soft = None;
    for signature in revocations {
        let (reason, _) =
            signature.reason_for_revocation().unwrap_or((ReasonForRevocation::Unspecified, b""));
        let since = signature.signature_creation_time();
        let day = since.map(|t| crate::time(t).date_naive().to_string()).unwrap_or_default();
        match reason.revocation_type() {
            RevocationType::Hard => return Some(format!("revoked ({reason}) on {day}")),
            RevocationType::Soft => {
                if made.is_none_or(|made| since.is_none_or(|since| since <= made)) {
                    soft = Some(format!("retired ({reason}) on {day}"));
                }
            }
        }
    }
    soft
}
