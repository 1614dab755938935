//! What is a signature at all: exactly one packet, of one type, in one spelling.

use super::{TEXT, check_file, judged, key, now, pair, public, sign, unsigned};
use crate::armor;
use openpgp::cert::Cert;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::packet::signature::subpacket::{NotationDataFlags, Subpacket, SubpacketValue};
use openpgp::serialize::MarshalInto;
use openpgp::types::{HashAlgorithm, SignatureType};
use secpack_pack::Reason;
use sequoia_openpgp as openpgp;

/// A packet in the new format with a length of five octets.
fn raw(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[0xc0 | tag, 0xff], &length[..], body].concat()
}

/// The one packet of a good signature, without its header.
fn body(cert: &Cert) -> Vec<u8> {
    unsigned(now()).sign_message(&mut pair(cert), TEXT).expect("signed").to_vec().expect("bytes")
}

/// The one packet of a good signature as it must be written.
fn canonical(cert: &Cert) -> Vec<u8> {
    let body = body(cert);
    [&[0x88, u8::try_from(body.len()).expect("short")], &body[..]].concat()
}

fn check_bytes(cert: &Cert, packets: &[&[u8]], expected: Reason) {
    check_file(cert, &armor::encode(&packets.concat(), "PGP SIGNATURE"), expected);
}

#[test]
fn anything_beside_one_signature_is_malformed() {
    let (ann, ben) = (key("ann"), key("ben"));
    let (good, bens) = (canonical(&ann), canonical(&ben));
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    let literal = raw(11, &[b"b\0\0\0\0\0", TEXT].concat());
    let id: Vec<u8> = ann.keyid().as_bytes().to_vec();
    let one_pass = raw(4, &[&[3, 0, 10, 22], &id[..], &[1]].concat());
    let marker = raw(10, b"PGP");
    let padding = raw(21, b"0123");
    let user_id = raw(13, b"ann");
    let compressed = raw(8, &[&[0], &good[..]].concat());
    for packets in [
        vec![],
        vec![&good, &good],
        vec![&good, &bens],
        vec![&bens, &good],
        vec![&good, &bad],
        vec![&bad, &good],
        vec![&one_pass, &literal, &good],
        vec![&literal, &good],
        vec![&good, &literal],
        vec![&literal],
        vec![&one_pass],
        vec![&marker],
        vec![&marker, &good],
        vec![&good, &marker],
        vec![&good, &padding],
        vec![&padding, &good],
        vec![&user_id],
        vec![&compressed],
    ] {
        let packets: Vec<&[u8]> = packets.into_iter().map(|packet| &packet[..]).collect();
        check_bytes(&ann, &packets, Reason::Malformed);
    }
    check_bytes(&ann, &[&good], Reason::Good);
}

#[test]
fn one_spelling_of_the_packet() {
    let ann = key("ann");
    let body = body(&ann);
    let length = u8::try_from(body.len()).expect("short");
    let with = |header: &[u8], expected| check_bytes(&ann, &[header, &body], expected);
    with(&[0xc2, length], Reason::Good);
    with(&[0x88, length], Reason::Good);
    with(&[0x89, 0, length], Reason::NotCanonical);
    with(&[0x8a, 0, 0, 0, length], Reason::NotCanonical);
    with(&[0xc2, 0xff, 0, 0, 0, length], Reason::NotCanonical);
    with(&[0x8b], Reason::Malformed);
}

#[test]
fn other_types_are_wrong_type() {
    let ann = key("ann");
    let typed = |typ| SignatureBuilder::new(typ).set_hash_algo(HashAlgorithm::SHA512);
    let text = typed(SignatureType::Text).set_signature_creation_time(now()).expect("a time");
    check_file(&ann, &sign(text, &ann), Reason::WrongType);
    for typ in [SignatureType::Standalone, SignatureType::Timestamp] {
        let builder = typed(typ).set_signature_creation_time(now()).expect("a time");
        let signer = &mut pair(&ann);
        let made = match typ {
            SignatureType::Standalone => builder.sign_standalone(signer),
            _ => builder.sign_timestamp(signer),
        };
        check_file(&ann, &super::armored(&[made.expect("signed").into()]), Reason::WrongType);
    }
    let of_a_user_id = ann.userids().next().expect("one").self_signatures().next().expect("one");
    check_file(&ann, &super::armored(&[of_a_user_id.clone().into()]), Reason::WrongType);
}

#[test]
fn what_is_critical_must_be_understood() {
    let ann = key("ann");
    let notation = |critical| {
        let flags = NotationDataFlags::empty().set_human_readable();
        let builder = unsigned(now()).set_notation("x@example.org", b"1", flags, critical);
        sign(builder.expect("a notation"), &ann)
    };
    check_file(&ann, &notation(false), Reason::Good);
    check_file(&ann, &notation(true), Reason::Malformed);
    let unknown = |critical| {
        let tag = openpgp::packet::signature::subpacket::SubpacketTag::Private(100);
        let value = SubpacketValue::Unknown { tag, body: vec![1] };
        let builder = unsigned(now()).modify_hashed_area(|mut area| {
            area.add(Subpacket::new(value, critical)?)?;
            Ok(area)
        });
        sign(builder.expect("room"), &ann)
    };
    check_file(&ann, &unknown(false), Reason::Good);
    check_file(&ann, &unknown(true), Reason::Malformed);
}

#[test]
fn weak_hashes_are_weak_hash() {
    let ann = super::key_of("ann", openpgp::cert::CipherSuite::RSA2k);
    let hashes = [
        (HashAlgorithm::MD5, "MD5"),
        (HashAlgorithm::SHA1, "SHA1"),
        (HashAlgorithm::RipeMD, "RIPEMD160"),
        (HashAlgorithm::SHA224, "SHA224"),
    ];
    for (hash, name) in hashes.into_iter().filter(|(hash, _)| hash.is_supported()) {
        let file = sign(unsigned(now()).set_hash_algo(hash), &ann);
        check_file(&ann, &file, Reason::WeakHash);
        let rule = |until: &str| {
            let rule = format!(
                "[[hash]]\nalgorithm = \"{name}\"\nuses = [\"documents\"]\nuntil = {until}\n\
                 reason = \"an old one\"\n"
            );
            judged(&ann, &[public(&ann)], &file, &rule)
        };
        // By a rule it counts, marked as weak: a later tag must cover it.
        let ruled = rule("2026-03-04");
        assert!(ruled.verdict.is_good() && ruled.weak_hash, "{name}: {ruled:?}");
        assert_eq!(rule("2026-03-03").verdict.reason, Reason::WeakHash, "{name}");
    }
    for strong in [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512] {
        check_file(&ann, &sign(unsigned(now()).set_hash_algo(strong), &ann), Reason::Good);
    }
}

#[test]
fn armor_around_a_good_signature() {
    let ann = key("ann");
    let file = sign(unsigned(now()), &ann);
    check_file(&ann, &file, Reason::Good);
    let checksum = file.lines().rev().nth(1).expect("a checksum line").to_owned();
    let glued = file.replacen(&format!("\n{checksum}"), &checksum, 1);
    let wrong = file.replacen(&checksum, "=AAAA", 1);
    for (other, expected) in [
        (format!("a note\n{file}"), Reason::NotCanonical),
        (format!(" {file}"), Reason::NotCanonical),
        (format!("\u{feff}{file}"), Reason::NotCanonical),
        (format!("{file}a note\n"), Reason::NotCanonical),
        (format!("{file}\n"), Reason::NotCanonical),
        (format!("{file}{file}"), Reason::NotCanonical),
        (file.replacen("\n\n", "\nComment: hello\n\n", 1), Reason::NotCanonical),
        (file.replacen("\n\n", "\nVersion: GnuPG v3\n\n", 1), Reason::NotCanonical),
        (file.replacen("\n\n", "\nVersion: GnuPG v2\n\n", 1), Reason::Good),
        (file.replace("PGP SIGNATURE", "PGP MESSAGE"), Reason::NotCanonical),
        (file.replace("PGP SIGNATURE", "PGP PUBLIC KEY BLOCK"), Reason::NotCanonical),
        (wrong, Reason::NotCanonical),
        (glued, Reason::NotCanonical),
        (file.replace(&format!("{checksum}\n"), ""), Reason::Good),
        (file.replacen("\n\n", "\n", 1), Reason::NotCanonical),
        (file.replace('\n', "\r\n"), Reason::NotCanonical),
        (file.replacen("=\n", "\n", 1), Reason::Malformed),
        (file.replacen("-----END", "----END", 1), Reason::Malformed),
        (String::new(), Reason::Malformed),
        ("good\n".to_owned(), Reason::Malformed),
    ] {
        if other != file {
            check_file(&ann, &other, expected);
        }
    }
    let huge = format!("{file}{}", "\n".repeat(1 << 20));
    check_file(&ann, &huge, Reason::Malformed);
}
