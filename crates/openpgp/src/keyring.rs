//! Certificates gathered from every version of every key file, merged by fingerprint.
//!
//! A refreshed self-signature replaces its elder in the newest file, and signatures made in between
//! would lose their binding; merging all versions of history keeps both.

use crate::armor;
use chrono::{DateTime, Utc};
use openpgp::cert::{Cert, CertParser};
use openpgp::packet::Signature;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::types::{ReasonForRevocation, RevocationType, SignatureType};
use openpgp::{KeyHandle, Packet};
use secpack_pack::Fingerprint;
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
    /// When it expires, by its newest self-signature.
    pub expires: Option<DateTime<Utc>>,
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
            for block in read_blocks(source, bytes, &mut keyring.problems) {
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
        let valid = cert.with_policy(policy, std::time::SystemTime::from(policy.now())).ok();
        Some(CertInfo {
            fingerprint: primary.clone(),
            created: crate::time(cert.primary_key().key().creation_time()),
            expires: valid.and_then(|v| v.primary_key().key_expiration_time()).map(crate::time),
            revoked: revocation(cert.primary_key().self_revocations(), None),
            user_ids: cert
                .userids()
                .map(|u| secpack_pack::escape(&String::from_utf8_lossy(u.userid().value())))
                .collect(),
        })
    }

    /// The certificate with this fingerprint, armored, as all of history knows it.
    pub fn export(&self, primary: &Fingerprint) -> Option<String> {
        use openpgp::serialize::MarshalInto;
        let bytes = self.certs.get(primary)?.to_vec().ok()?;
        Some(armor::encode(&bytes, "PGP PUBLIC KEY BLOCK"))
    }

    /// Keys that an issuer hint may mean: (certificate, key).
    pub(crate) fn candidates(&self, hint: &KeyHandle) -> &[(Fingerprint, openpgp::Fingerprint)] {
        self.index.get(&format!("{hint:X}")).map_or(&[], Vec::as_slice)
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
        match CertParser::from_bytes(block) {
            Ok(parser) => {
                for cert in parser {
                    match cert {
                        Ok(cert) => found.extend(self.merge(cert)),
                        Err(error) => self.lose(source, &error),
                    }
                }
            }
            Err(error) => self.lose(source, &error),
        }
        if found.is_empty() && !self.problems.iter().any(|p| p.source == source) {
            self.lose(source, &"it holds no certificate");
        }
        found
    }

    fn lose(&mut self, source: &str, error: &dyn std::fmt::Display) {
        let text = secpack_pack::escape(&format!("a block cannot be read: {error}"));
        self.problems.push(KeyProblem { source: source.to_owned(), text, lost: Lost::Block });
    }

    fn merge(&mut self, cert: Cert) -> Option<Fingerprint> {
        let cert = cert.strip_secret_key_material();
        let primary = crate::fingerprint(&cert.fingerprint())?;
        let merged = match self.certs.remove(&primary) {
            Some(known) => known.clone().merge_public(cert).unwrap_or(known),
            None => cert,
        };
        self.certs.insert(primary.clone(), merged);
        Some(primary)
    }

    /// Applies revocations that stand outside any certificate to the key that made them.
    fn apply_revocations(&mut self, bare: Vec<(String, Signature)>) {
        for (source, revocation) in bare {
            let issuers = revocation.get_issuers();
            let target = self
                .certs
                .iter()
                .find(|(_, cert)| issuers.iter().any(|issuer| issuer.aliases(cert.key_handle())))
                .map(|(primary, _)| primary.clone());
            let Some(primary) = target else {
                self.lose(&source, &"a revocation of a key that is not in the pack");
                continue;
            };
            let Some(cert) = self.certs.remove(&primary) else { continue };
            let kept = cert.clone();
            let merged = cert.insert_packets(vec![revocation]).map_or(kept, |(cert, _)| cert);
            self.certs.insert(primary.clone(), merged);
            let text =
                format!("a revocation of {primary} stands outside its certificate; it was applied");
            let problem = KeyProblem { source, text, lost: Lost::Nothing };
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
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
    armor::blocks(bytes)
}

/// The packets of a block that holds nothing but key revocations.
fn bare_revocations(block: &[u8]) -> Option<Vec<Signature>> {
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

/// The primary fingerprints in a key file, in their order; unreadable blocks are left out.
pub fn fingerprints_in(bytes: &[u8]) -> Vec<Fingerprint> {
    if bytes.len() > CAP {
        return Vec::new();
    }
    let parsers = armor::blocks(bytes).into_iter().filter_map(|b| CertParser::from_bytes(b).ok());
    parsers
        .flat_map(|parser| parser.filter_map(Result::ok))
        .filter_map(|cert| crate::fingerprint(&cert.fingerprint()))
        .collect()
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
