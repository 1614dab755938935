//! Every single bit of a signature file, flipped: none may still count.

use super::{TEXT, key_of, now, policy, public, sign, unsigned};
use crate::{DatedPolicy, Keyring, Over, SignatureKind, judge, parse};
use openpgp::cert::CipherSuite;
use rayon::prelude::*;
use secpack_pack::policy::HashUse;
use sequoia_openpgp as openpgp;

fn check(suite: CipherSuite) {
    let ann = key_of("ann", suite);
    let file = sign(unsigned(now()), &ann).into_bytes();
    let (policy, certificate) = (policy(&ann, ""), public(&ann));
    let keyring = Keyring::gather([("keys/ann.asc", &*certificate)]);
    let is_good = |file: &[u8]| {
        let dated = DatedPolicy::new(&policy, now());
        let over = Over { bytes: TEXT, used: HashUse::Documents };
        let parsed = parse(file, SignatureKind::Binary);
        parsed.is_ok_and(|parsed| judge(&keyring, &dated, &parsed, over).verdict.is_good())
    };
    assert!(is_good(&file));
    let accepted: Vec<usize> = (0..file.len() * 8)
        .into_par_iter()
        .filter(|bit| {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            is_good(&flipped)
        })
        .collect();
    assert!(accepted.is_empty(), "{} bits: {accepted:?}", accepted.len());
}

#[test]
fn of_an_ed25519_signature() {
    check(CipherSuite::Cv25519);
}

#[test]
fn of_an_rsa_signature() {
    check(CipherSuite::RSA2k);
}

/// The bits inside the armor: flipped before the armor is written, so that the checksum fits.
#[test]
fn of_the_packet_itself() {
    for suite in [CipherSuite::Cv25519, CipherSuite::RSA2k] {
        let ann = key_of("ann", suite);
        let file = sign(unsigned(now()), &ann);
        let (bytes, _) = crate::armor::decode(file.as_bytes(), "PGP SIGNATURE").expect("armor");
        let certificates = [public(&ann)];
        let accepted: Vec<usize> = (0..bytes.len() * 8)
            .into_par_iter()
            .filter(|bit| {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let file = crate::armor::encode(&flipped, "PGP SIGNATURE");
                super::judged(&ann, &certificates, &file, "").verdict.is_good()
            })
            .collect();
        assert!(accepted.is_empty(), "{} bits: {accepted:?}", accepted.len());
    }
}
