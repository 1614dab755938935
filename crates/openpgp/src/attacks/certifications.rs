//! Only the pinned root certifies, openly, with a strong hash, this very key.

use super::{attributed, builder, day, key, key_of, now, pair, public, sign, unsigned};
use openpgp::Packet;
use openpgp::cert::{Cert, CertRevocationBuilder, CipherSuite};
use openpgp::packet::UserID;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::types::{HashAlgorithm, ReasonForRevocation, SignatureType};
use secpack_pack::Reason;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

fn certification() -> SignatureBuilder {
    SignatureBuilder::new(SignatureType::PositiveCertification)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(SystemTime::from(day("01-10")))
        .expect("a time")
}

/// `cert` with a certification of its first user id by `root`.
fn certified(cert: &Cert, root: &Cert, builder: SignatureBuilder) -> Cert {
    let user = cert.userids().next().expect("one").userid().clone();
    let signature = user.bind(&mut pair(root), cert, builder).expect("certified");
    let packets: Vec<Packet> = vec![user.into(), signature.into()];
    cert.clone().insert_packets(packets).expect("inserted").0
}

#[track_caller]
fn check(ann: &Cert, root: &Cert, more: &[&Cert], expected: Result<(), Reason>) {
    let file = sign(unsigned(now()), ann);
    let mut certificates = vec![public(ann), public(root)];
    certificates.extend(more.iter().map(|cert| public(cert)));
    let found = attributed(ann, &certificates, &file, root);
    let found = found.map(|_| ()).map_err(|verdict| (verdict.reason, verdict.detail));
    assert_eq!(found.clone().map_err(|(reason, _)| reason), expected, "{found:?}");
}

const UNCERTIFIED: Result<(), Reason> = Err(Reason::UncertifiedKey);

#[test]
fn the_root_must_certify() {
    let (ann, root) = (key("ann"), key_of("root", CipherSuite::RSA2k));
    check(&certified(&ann, &root, certification()), &root, &[], Ok(()));
    check(&ann, &root, &[], UNCERTIFIED);
    let sha1 = certification().set_hash_algo(HashAlgorithm::SHA1);
    check(&certified(&ann, &root, sha1), &root, &[], UNCERTIFIED);
    let local = certification().set_exportable_certification(false).expect("set");
    check(&certified(&ann, &root, local), &root, &[], UNCERTIFIED);
    let ended = std::time::Duration::from_secs(86_400);
    let ended = certification().set_signature_validity_period(ended).expect("set");
    check(&certified(&ann, &root, ended), &root, &[], UNCERTIFIED);
}

#[test]
fn a_root_of_the_same_name_is_another() {
    let (ann, root, other) = (key("ann"), key("root"), key("root"));
    check(&certified(&ann, &other, certification()), &root, &[&other], UNCERTIFIED);
}

/// A certification of one user id says nothing of another, nor of another key.
#[test]
fn it_cannot_be_moved() {
    let (ann, root, ben) = (key("ann"), key("root"), key("ben"));
    let anns = certified(&ann, &root, certification());
    let moved = anns.userids().next().expect("one").certifications().next().expect("one").clone();
    let bens: Vec<Packet> = vec![UserID::from("ben").into(), moved.into()];
    let bens = ben.clone().insert_packets(bens).expect("inserted").0;
    check(&bens, &root, &[&anns], UNCERTIFIED);
    // A user id that ann never took on: only the certifier says it is hers.
    let stranger = UserID::from("ann of elsewhere");
    let signature = stranger.bind(&mut pair(&root), &ann, certification()).expect("certified");
    let packets: Vec<Packet> = vec![stranger.into(), signature.into()];
    let ann = ann.insert_packets(packets).expect("inserted").0;
    check(&ann, &root, &[], UNCERTIFIED);
}

#[test]
fn a_certification_taken_back() {
    let (ann, root) = (key("ann"), key("root"));
    let anns = certified(&ann, &root, certification());
    let taken = SignatureBuilder::new(SignatureType::CertificationRevocation)
        .set_signature_creation_time(SystemTime::from(day("02-01")))
        .and_then(|b| b.set_reason_for_revocation(ReasonForRevocation::Unspecified, b""))
        .expect("a time");
    check(&certified(&anns, &root, taken), &root, &[], UNCERTIFIED);
}

/// A root whose key leaked certifies nothing, not even what it certified before; a retired one
/// nothing from then on.
#[test]
fn a_revoked_root() {
    let (ann, root) = (key("ann"), key("root"));
    let anns = certified(&ann, &root, certification());
    let revoked = |reason, on: &str| {
        let packet = CertRevocationBuilder::new()
            .set_reason_for_revocation(reason, b"")
            .and_then(|b| b.set_signature_creation_time(SystemTime::from(day(on))))
            .and_then(|b| b.build(&mut pair(&root), &root, None))
            .expect("a revocation");
        root.clone().insert_packets(packet).expect("inserted").0
    };
    check(&anns, &revoked(ReasonForRevocation::KeyCompromised, "02-01"), &[], UNCERTIFIED);
    check(&anns, &revoked(ReasonForRevocation::KeyRetired, "01-05"), &[], UNCERTIFIED);
    check(&anns, &revoked(ReasonForRevocation::KeyRetired, "02-01"), &[], Ok(()));
}

#[test]
fn a_certification_by_an_expired_root() {
    let week = std::time::Duration::from_secs(7 * 86_400);
    let root = builder("root").set_validity_period(week).generate().expect("a key").0;
    let ann = key("ann");
    let early = certification().set_signature_creation_time(SystemTime::from(day("01-05")));
    check(&certified(&ann, &root, early.expect("a time")), &root, &[], Ok(()));
    check(&certified(&ann, &root, certification()), &root, &[], UNCERTIFIED);
}
