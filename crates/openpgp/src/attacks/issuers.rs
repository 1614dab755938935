//! Who made it is who verifies, never who is named.

use super::{TEXT, armored};
use super::{check, check_file, judged, key, now, pair, public, sign, unsigned};
use openpgp::Packet;
use openpgp::cert::Cert;
use openpgp::packet::Signature;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::packet::signature::subpacket::{Subpacket, SubpacketTag, SubpacketValue};
use secpack_pack::Reason;
use sequoia_openpgp as openpgp;

/// Signs without naming the key anywhere.
fn anonymous(cert: &Cert) -> Signature {
    let mut builder = unsigned(now());
    builder.hashed_area_mut().remove_all(SubpacketTag::Issuer);
    builder.hashed_area_mut().remove_all(SubpacketTag::IssuerFingerprint);
    let mut signature = without_issuer(builder, cert);
    signature.unhashed_area_mut().clear();
    signature
}

/// Sequoia names the issuer by itself unless some issuer is there already, so another key is
/// named in the unhashed area, which can be cleared afterwards.
fn without_issuer(builder: SignatureBuilder, cert: &Cert) -> Signature {
    let issuer = SubpacketValue::Issuer(key("nobody").keyid());
    let builder = builder.modify_unhashed_area(|mut area| {
        area.add(Subpacket::new(issuer, false)?)?;
        Ok(area)
    });
    let builder = builder.expect("an issuer");
    builder.sign_message(&mut pair(cert), TEXT).expect("signed")
}

fn with_unhashed(signature: &Signature, values: &[(SubpacketValue, bool)]) -> String {
    let mut signature = signature.clone();
    for (value, critical) in values {
        let subpacket = Subpacket::new(value.clone(), *critical).expect("a subpacket");
        signature.unhashed_area_mut().add(subpacket).expect("room");
    }
    armored(&[Packet::from(signature)])
}

fn short(cert: &Cert) -> SubpacketValue {
    SubpacketValue::Issuer(cert.keyid())
}

fn long(cert: &Cert) -> SubpacketValue {
    SubpacketValue::IssuerFingerprint(cert.fingerprint())
}

#[test]
fn a_key_id_alone_is_enough() {
    let ann = key("ann");
    let bare = anonymous(&ann);
    check_file(&ann, &with_unhashed(&bare, &[(short(&ann), false)]), Reason::Good);
    check_file(&ann, &with_unhashed(&bare, &[(long(&ann), false)]), Reason::Good);
    check_file(
        &ann,
        &with_unhashed(&bare, &[(short(&ann), false), (long(&ann), false)]),
        Reason::Good,
    );
}

#[test]
fn a_signature_that_names_nobody_is_its_makers() {
    let ann = key("ann");
    let found = judged(&ann, &[public(&ann)], &with_unhashed(&anonymous(&ann), &[]), "");
    assert_eq!(found.verdict.reason, Reason::Good, "{found:?}");
    assert_eq!(found.primary, crate::fingerprint(&ann.fingerprint()));
}

#[test]
fn a_lie_about_the_issuer_is_seen_through() {
    let (ann, ben) = (key("ann"), key("ben"));
    let bare = anonymous(&ann);
    let certificates = [public(&ann), public(&ben)];
    for lie in [
        vec![(short(&ben), false)],
        vec![(long(&ben), false)],
        vec![(short(&ann), false), (long(&ben), false)],
        vec![(short(&key("stranger")), false)],
    ] {
        let found = judged(&ann, &certificates, &with_unhashed(&bare, &lie), "");
        assert_eq!(found.verdict.reason, Reason::NotCanonical, "{lie:?} {found:?}");
        assert_eq!(found.primary, crate::fingerprint(&ann.fingerprint()));
    }
}

#[test]
fn unsigned_extras_are_not_canonical() {
    let ann = key("ann");
    let signed = sign(unsigned(now()), &ann);
    check_file(&ann, &signed, Reason::Good);
    let bare = anonymous(&ann);
    let said = SubpacketValue::PolicyURI(b"https://example.org".to_vec());
    for extras in [
        vec![(short(&ann), false), (said, false)],
        vec![(short(&ann), false), (short(&ann), false)],
        vec![(short(&ann), true)],
        vec![(SubpacketValue::Revocable(true), false)],
    ] {
        check_file(&ann, &with_unhashed(&bare, &extras), Reason::NotCanonical);
    }
}

/// Two keys of which an issuer hint may mean either: the one that verifies made it.
#[test]
fn a_copied_certificate_changes_nothing() {
    let (ann, ben) = (key("ann"), key("ben"));
    let signed = sign(unsigned(now()), &ann);
    check(&ann, &[public(&ben), public(&ann), public(&ann)], &signed, Reason::Good);
    check(&ann, &[public(&ben)], &signed, Reason::UnknownKey);
}
