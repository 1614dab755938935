use super::*;
use crate::{Algorithm, KeySpec, Keyring, NewKey, Purpose, RevocationReason, certify, generate};
use crate::{KeyError, revoke};
use chrono::{DateTime, Utc};

fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T00:00:00Z").parse().expect("a time")
}

fn key(name: &str) -> NewKey {
    let spec = KeySpec {
        user_id: format!("{name} <{name}@example.org>"),
        purpose: Purpose::TeamMail,
        algorithm: Algorithm::Ed25519,
        created: at("2026-01-01"),
        expires: None,
    };
    generate(&spec, None).expect("a key")
}

fn retired(key: &NewKey) -> Vec<u8> {
    let reason = (RevocationReason::Retired, "done");
    let made = revoke::<KeyError>(key.secret.as_bytes(), reason, at("2026-02-01"), |_| {
        unreachable!("it has no passphrase")
    });
    made.map(|made| made.addition.packets).unwrap_or_else(|e| panic!("{e}"))
}

/// Every packet of the old file, in its order.
fn packets(file: &[u8]) -> Vec<Vec<u8>> {
    let datas: Vec<Vec<u8>> = armor::blocks(file).into_iter().filter_map(data).collect();
    let split = |data: &Vec<u8>| -> Vec<Vec<u8>> {
        let all = split(data).expect("packets");
        all.iter().map(|raw| raw.whole.to_vec()).collect()
    };
    datas.iter().flat_map(split).collect()
}

fn adds_one(file: &str, key: &NewKey) -> String {
    let additions = retired(key);
    let new = splice(file.as_bytes(), &key.fingerprint, &additions).expect("spliced");
    let (old_packets, new_packets) = (packets(file.as_bytes()), packets(&new));
    assert_eq!(new_packets.len(), old_packets.len() + 1);
    assert!(old_packets.iter().all(|packet| new_packets.contains(packet)));
    let again = splice(&new, &key.fingerprint, &additions).expect("spliced");
    assert_eq!(again, new, "the second time adds nothing");
    String::from_utf8(new).expect("text")
}

#[test]
fn one_packet_is_added_and_none_is_lost() {
    let (ann, ben) = (key("ann"), key("ben"));
    adds_one(&ann.certificate, &ann);
    let both = format!("Two keys.\n{}\nnote\n{}end\n", ben.certificate, ann.certificate);
    let new = adds_one(&both, &ann);
    assert!(new.starts_with(&format!("Two keys.\n{}\nnote\n", ben.certificate)), "{new}");
    assert!(new.ends_with("-----END PGP PUBLIC KEY BLOCK-----\nend\n"), "{new}");
    let keyring = Keyring::gather([("x", new.as_bytes())]);
    assert_eq!(keyring.fingerprints().count(), 2);
}

#[test]
fn a_secret_key_file_keeps_its_secret_half() {
    let ann = key("ann");
    let new = adds_one(&ann.secret, &ann);
    assert!(new.starts_with("-----BEGIN PGP PRIVATE KEY BLOCK-----"));
    let refused = certify::<KeyError>(
        key("ben").certificate.as_bytes(),
        new.as_bytes(),
        at("2026-03-01"),
        |_| unreachable!("it has no passphrase"),
    );
    refused.expect("its secret half works");
}

#[test]
fn another_key_and_a_damaged_file_are_refused() {
    let (ann, ben) = (key("ann"), key("ben"));
    let additions = retired(&ann);
    let other = splice(ben.certificate.as_bytes(), &ann.fingerprint, &additions);
    assert_eq!(other, Err(SpliceError::NotThere(ann.fingerprint.clone())));
    let damaged = ann.certificate.replacen("\n\n", "\n", 1);
    let found = splice(damaged.as_bytes(), &ann.fingerprint, &additions);
    assert!(matches!(found, Err(SpliceError::Form(_))), "{found:?}");
}

#[test]
fn a_secret_half_is_never_added() {
    let ann = key("ann");
    let secret = data(ann.secret.as_bytes()).expect("data");
    let new = splice(ann.certificate.as_bytes(), &ann.fingerprint, &secret).expect("spliced");
    assert_eq!(String::from_utf8_lossy(&new), ann.certificate);
}
