//! Once revoked, always revoked, wherever the revocation stands.

use super::{builder, check, check_file, day, key, now, pair, public, sign, sign_with, unsigned};
use crate::{Keyring, armor};
use openpgp::Packet;
use openpgp::cert::SubkeyRevocationBuilder;
use openpgp::cert::{Cert, CertRevocationBuilder};
use openpgp::packet::Signature;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::serialize::MarshalInto;
use openpgp::types::{KeyFlags, ReasonForRevocation};
use secpack_pack::Reason;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

fn revocation(cert: &Cert, reason: ReasonForRevocation, on: &str) -> Signature {
    CertRevocationBuilder::new()
        .set_reason_for_revocation(reason, b"")
        .and_then(|b| b.set_signature_creation_time(SystemTime::from(day(on))))
        .and_then(|b| b.build(&mut pair(cert), cert, None))
        .expect("a revocation")
}

fn with(cert: &Cert, packet: Signature) -> Cert {
    cert.clone().insert_packets(packet).expect("inserted").0
}

#[test]
fn hard_kills_all_and_soft_later_ones() {
    let ann = key("ann");
    let before = sign(unsigned(day("01-20")), &ann);
    let after = sign(unsigned(now()), &ann);
    for hard in [ReasonForRevocation::KeyCompromised, ReasonForRevocation::Unspecified] {
        let revoked = with(&ann, revocation(&ann, hard, "02-01"));
        check_file(&revoked, &before, Reason::Revoked);
        check_file(&revoked, &after, Reason::Revoked);
    }
    for soft in [ReasonForRevocation::KeyRetired, ReasonForRevocation::KeySuperseded] {
        let revoked = with(&ann, revocation(&ann, soft, "02-01"));
        check_file(&revoked, &before, Reason::Good);
        check_file(&revoked, &after, Reason::Revoked);
    }
    check_file(&ann, &after, Reason::Good);
}

#[test]
fn a_newer_self_signature_takes_nothing_back() {
    let ann = key("ann");
    let soft = revocation(&ann, ReasonForRevocation::KeyRetired, "02-01");
    let user = ann.userids().next().expect("one");
    let template = user.self_signatures().next().expect("one").clone();
    let again = SignatureBuilder::from(template)
        .set_signature_creation_time(SystemTime::from(day("03-01")))
        .and_then(|builder| user.userid().bind(&mut pair(&ann), &ann, builder))
        .expect("bound");
    let revoked = with(&with(&ann, soft), again);
    check_file(&revoked, &sign(unsigned(now()), &ann), Reason::Revoked);
}

/// The revoked certificate was replaced by its unrevoked self: history remembers.
#[test]
fn an_older_version_of_the_key_file_counts() {
    let ann = key("ann");
    let revoked = with(&ann, revocation(&ann, ReasonForRevocation::KeyCompromised, "02-01"));
    let file = sign(unsigned(day("01-20")), &ann);
    check(&ann, &[public(&ann), public(&revoked)], &file, Reason::Revoked);
    check(&ann, &[public(&revoked), public(&ann)], &file, Reason::Revoked);
}

#[test]
fn a_bare_revocation_elsewhere_counts() {
    let ann = key("ann");
    let file = sign(unsigned(now()), &ann);
    let bare = |cert: &Cert| {
        let packet = Packet::from(revocation(cert, ReasonForRevocation::KeyCompromised, "02-01"));
        armor::encode(&packet.to_vec().expect("bytes"), "PGP PUBLIC KEY BLOCK").into_bytes()
    };
    check(&ann, &[public(&ann), bare(&ann)], &file, Reason::Revoked);
    check(&ann, &[bare(&ann), public(&ann)], &file, Reason::Revoked);
    check(&ann, &[public(&ann), bare(&key("ben"))], &file, Reason::Good);
}

/// Ben cannot revoke ann's key, whatever issuer his revocation names.
#[test]
fn a_forged_revocation_does_not_count() {
    let (ann, ben) = (key("ann"), key("ben"));
    let file = sign(unsigned(now()), &ann);
    let mut forged = revocation(&ben, ReasonForRevocation::KeyCompromised, "02-01");
    let named = openpgp::packet::signature::subpacket::SubpacketValue::Issuer(ann.keyid());
    let named = openpgp::packet::signature::subpacket::Subpacket::new(named, false);
    forged.unhashed_area_mut().add(named.expect("a subpacket")).expect("room");
    let bytes = Packet::from(forged).to_vec().expect("bytes");
    let bare = armor::encode(&bytes, "PGP PUBLIC KEY BLOCK").into_bytes();
    let keyring = Keyring::gather([("a", &*public(&ann)), ("b", &bare)]);
    let texts: Vec<&str> = keyring.problems().iter().map(|problem| problem.text.as_str()).collect();
    assert!(texts.len() == 1 && texts[0].contains("did not make"), "{texts:?}");
    check(&ann, &[public(&ann), bare], &file, Reason::Good);
}

#[test]
fn a_revoked_subkey() {
    let ann = builder("ann").add_subkey(KeyFlags::empty().set_signing(), None, None);
    let ann = ann.generate().expect("a key").0;
    let subkey = ann.keys().subkeys().next().expect("one");
    let secret = subkey.key().clone().parts_into_secret().expect("secret");
    let mut signer = secret.into_keypair().expect("unlocked");
    let file = sign_with(unsigned(now()), &mut signer);
    check_file(&ann, &file, Reason::Good);
    let revocation = SubkeyRevocationBuilder::new()
        .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"")
        .and_then(|b| b.build(&mut pair(&ann), &ann, subkey.key(), None))
        .expect("a revocation");
    let packets: Vec<Packet> = vec![
        subkey.key().clone().parts_into_public().role_into_subordinate().into(),
        revocation.into(),
    ];
    let revoked = ann.clone().insert_packets(packets).expect("inserted").0;
    check_file(&revoked, &file, Reason::Revoked);
    check_file(&revoked, &sign(unsigned(now()), &ann), Reason::Good);
}
