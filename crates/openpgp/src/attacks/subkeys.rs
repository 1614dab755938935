//! Which key of a certificate may sign, and keys that stand in two certificates.

use super::{builder, check, check_file, day, key, key_of, now, pair, public, sign};
use super::{judged, sign_with, unsigned};
use openpgp::Packet;
use openpgp::cert::{Cert, CipherSuite};
use openpgp::crypto::KeyPair;
use openpgp::packet::Key;
use openpgp::packet::key::{PublicParts, SubordinateRole};
use openpgp::packet::signature::SignatureBuilder;
use openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};
use secpack_pack::Reason;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

fn with_subkey(flags: KeyFlags) -> Cert {
    builder("ann").add_subkey(flags, None, None).generate().expect("a key").0
}

fn subkey(cert: &Cert) -> KeyPair {
    let key = cert.keys().subkeys().next().expect("one").key().clone();
    key.parts_into_secret().expect("secret").into_keypair().expect("unlocked")
}

fn as_subkey(pair: &KeyPair) -> Key<PublicParts, SubordinateRole> {
    pair.public().clone().role_into_subordinate()
}

/// How the key that is taken in answers.
enum Back<'a> {
    None,
    By(&'a mut KeyPair),
}

/// `cert` takes in a key as its own subkey with these flags.
fn adopt(cert: &Cert, adopted: &KeyPair, flags: KeyFlags, back: Back<'_>, on: &str) -> Cert {
    let key = as_subkey(adopted);
    let time = SystemTime::from(day(on));
    let mut builder = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(time)
        .and_then(|b| b.set_key_flags(flags))
        .expect("flags");
    if let Back::By(signer) = back {
        let embedded = SignatureBuilder::new(SignatureType::PrimaryKeyBinding)
            .set_signature_creation_time(time)
            .and_then(|b| b.sign_primary_key_binding(signer, cert.primary_key().key(), &key))
            .expect("a back-signature");
        builder = builder.set_embedded_signature(embedded).expect("embedded");
    }
    let binding = key.bind(&mut pair(cert), cert, builder).expect("bound");
    let packets: Vec<Packet> = vec![key.into(), binding.into()];
    cert.clone().insert_packets(packets).expect("inserted").0
}

fn signing() -> KeyFlags {
    KeyFlags::empty().set_signing()
}

fn encryption() -> KeyFlags {
    KeyFlags::empty().set_storage_encryption().set_transport_encryption()
}

#[test]
fn only_keys_for_signing_sign() {
    let ann = with_subkey(signing());
    check_file(&ann, &sign_with(unsigned(now()), &mut subkey(&ann)), Reason::Good);
    let authentication = with_subkey(KeyFlags::empty().set_authentication());
    let file = sign_with(unsigned(now()), &mut subkey(&authentication));
    check_file(&authentication, &file, Reason::WrongType);
    let certifying = builder("ann").set_primary_key_flags(KeyFlags::empty().set_certification());
    let certifying = certifying.generate().expect("a key").0;
    check_file(&certifying, &sign(unsigned(now()), &certifying), Reason::WrongType);
    let encrypting = key_of("spare", CipherSuite::RSA2k);
    let ann = adopt(&key("ann"), &pair(&encrypting), encryption(), Back::None, "02-01");
    let file = sign_with(unsigned(now()), &mut pair(&encrypting));
    check_file(&ann, &file, Reason::WrongType);
}

#[test]
fn a_signing_subkey_must_answer() {
    let (ann, spare) = (key("ann"), key("spare"));
    let file = sign_with(unsigned(now()), &mut pair(&spare));
    let answered = adopt(&ann, &pair(&spare), signing(), Back::By(&mut pair(&spare)), "02-01");
    check_file(&answered, &file, Reason::Good);
    let silent = adopt(&ann, &pair(&spare), signing(), Back::None, "02-01");
    let forged = adopt(&ann, &pair(&spare), signing(), Back::By(&mut pair(&ann)), "02-01");
    for cert in [silent, forged] {
        let found = judged(&cert, &[public(&cert)], &file, "");
        assert!(!found.verdict.is_good(), "{found:?}");
    }
}

/// Eve puts ann's key into her own certificate: ann's signatures stay hers and good.
#[test]
fn an_adopted_key_stays_its_owners() {
    for _ in 0..8 {
        let (ann, eve) = (key("ann"), key("eve"));
        let file = sign(unsigned(now()), &ann);
        for (flags, back) in [
            (signing(), Back::None),
            (encryption(), Back::None),
            (signing(), Back::By(&mut pair(&eve))),
        ] {
            let thief = adopt(&eve, &pair(&ann), flags, back, "02-01");
            for certificates in [[public(&ann), public(&thief)], [public(&thief), public(&ann)]] {
                let found = judged(&ann, &certificates, &file, "");
                assert_eq!(found.verdict.reason, Reason::Good, "{found:?}");
                assert_eq!(found.primary, crate::fingerprint(&ann.fingerprint()));
            }
            let found = judged(&eve, &[public(&thief)], &file, "");
            assert!(!found.verdict.is_good(), "{found:?}");
        }
    }
}

#[test]
fn a_damaged_certificate_beside_a_good_one() {
    let (ann, ben) = (key("ann"), key("ben"));
    let mut damaged = public(&ben);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    let file = sign(unsigned(now()), &ann);
    check(&ann, &[damaged.clone(), public(&ann)], &file, Reason::Good);
    check(&ann, &[public(&ann), damaged], &file, Reason::Good);
}
