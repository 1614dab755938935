//! Forged signatures and certificates, made in-process: each gives its own reason code, and its
//! benign twin is good.

mod certifications;
mod flips;
mod issuers;
mod packets;
mod properties;
mod revocations;
mod subkeys;
mod times;

use crate::{
    Authority, DatedPolicy, Judged, Keyring, Over, SignatureKind, Trust, armor, judge, parse,
};
use chrono::{DateTime, Utc};
use openpgp::Packet;
use openpgp::cert::{Cert, CertBuilder, CipherSuite};
use openpgp::crypto::KeyPair;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::serialize::MarshalInto;
use openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};
use secpack_pack::policy::{HashUse, Policy};
use secpack_pack::{MemberId, Reason, Verdict};
use sequoia_openpgp as openpgp;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// What is signed in all these tests.
const TEXT: &[u8] = b"What the team says.\n";

/// A day in 2026 at noon, for example `day("02-01")`.
fn day(month_and_day: &str) -> DateTime<Utc> {
    let text = format!("2026-{month_and_day}T12:00:00Z");
    text.parse().expect("a time")
}

fn now() -> DateTime<Utc> {
    day("03-04")
}

/// A key that certifies and signs, made on the first of January.
fn key(name: &str) -> Cert {
    key_of(name, CipherSuite::Cv25519)
}

fn key_of(name: &str, suite: CipherSuite) -> Cert {
    builder(name).set_cipher_suite(suite).generate().expect("a key").0
}

fn builder(name: &str) -> CertBuilder<'_> {
    CertBuilder::new()
        .set_creation_time(SystemTime::from(day("01-01")))
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .add_userid(name)
}

/// The secret half of the primary key.
fn pair(cert: &Cert) -> KeyPair {
    let key = cert.primary_key().key().clone().parts_into_secret().expect("a secret key");
    key.into_keypair().expect("unlocked")
}

/// A signature of the usual form that can still be changed before it is made.
fn unsigned(made: DateTime<Utc>) -> SignatureBuilder {
    SignatureBuilder::new(SignatureType::Binary)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(SystemTime::from(made))
        .expect("a time")
}

/// The armored file of a signature over [`TEXT`] by the primary key.
fn sign(builder: SignatureBuilder, cert: &Cert) -> String {
    sign_with(builder, &mut pair(cert))
}

fn sign_with(builder: SignatureBuilder, pair: &mut KeyPair) -> String {
    armored(&[builder.sign_message(pair, TEXT).expect("signed").into()])
}

fn armored(packets: &[Packet]) -> String {
    let bytes: Vec<u8> =
        packets.iter().flat_map(|packet| packet.to_vec().expect("a packet")).collect();
    armor::encode(&bytes, "PGP SIGNATURE")
}

fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().expect("a certificate")
}

/// A policy in which `ann` has this key; `more` is appended.
fn policy(ann: &Cert, more: &str) -> Policy {
    let text = format!(
        "schema = \"secpack/policy/1\"\nversion = 1\nname = \"Test\"\n\
         [[member]]\nid = \"ann\"\nfingerprints = [\"{}\"]\n\
         [[role]]\nmember = \"ann\"\nsigns = [\"note\"]\n\
         [[series]]\nid = \"note\"\nkind = \"statement\"\npaths = [\"n/{{name}}.txt\"]\n\
         signatures = [\"{{document}}.sig.{{member}}\"]\n{more}",
        ann.fingerprint()
    );
    Policy::parse(&text).expect("a policy")
}

fn judged(ann: &Cert, certificates: &[Vec<u8>], file: &str, more: &str) -> Judged {
    let policy = policy(ann, more);
    let keyring = Keyring::gather(certificates.iter().map(|bytes| ("keys/a.asc", &**bytes)));
    let dated = DatedPolicy::new(&policy, now());
    match parse(file.as_bytes(), SignatureKind::Binary) {
        Err(verdict) => Judged::refused(verdict),
        Ok(parsed) => {
            judge(&keyring, &dated, &parsed, Over { bytes: TEXT, used: HashUse::Documents })
        }
    }
}

/// Judges a file as ann's signature over [`TEXT`], with these certificates in the pack.
#[track_caller]
fn check(ann: &Cert, certificates: &[Vec<u8>], file: &str, expected: Reason) {
    let found = judged(ann, certificates, file, "");
    assert_eq!(found.verdict.reason, expected, "{found:?}");
}

/// The same with only ann's own certificate.
#[track_caller]
fn check_file(ann: &Cert, file: &str, expected: Reason) {
    check(ann, &[public(ann)], file, expected);
}

/// Whose signature it is, under an anchor.
fn attributed(
    ann: &Cert,
    certificates: &[Vec<u8>],
    file: &str,
    anchor: &Cert,
) -> Result<MemberId, Verdict> {
    let policy = policy(ann, "");
    let keyring = Keyring::gather(certificates.iter().map(|bytes| ("keys/a.asc", &**bytes)));
    let trust = Trust::Anchor(crate::fingerprint(&anchor.fingerprint()).expect("a fingerprint"));
    let dated = DatedPolicy::new(&policy, now());
    let authority = Authority::new(&keyring, dated, BTreeMap::new(), &trust);
    let found = judged(ann, certificates, file, "");
    authority.attribute(&found, Some(&"ann".parse().expect("a name")))
}
