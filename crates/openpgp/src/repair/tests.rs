use super::*;
use crate::{Algorithm, KeySpec, Purpose, generate};

fn certificate() -> (String, Fingerprint) {
    let spec = KeySpec {
        user_id: "Ann <ann@example.org>".to_owned(),
        purpose: Purpose::Member,
        algorithm: Algorithm::Ed25519,
        created: "2026-01-01T00:00:00Z".parse().expect("a time"),
        expires: None,
    };
    let key = generate(&spec, None).expect("a key");
    (key.certificate, key.fingerprint)
}

/// The data lines of well-formed armor, checksum included.
fn data(armored: &str) -> Vec<&str> {
    armored.lines().filter(|line| !line.is_empty() && !line.starts_with("-----")).collect()
}

fn check(damaged: &str, fingerprint: &Fingerprint, expected: &[Repair]) {
    let repaired = repair(damaged.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{damaged}"));
    assert_eq!(repaired.repairs, expected, "{damaged}");
    assert_eq!(&repaired.fingerprint, fingerprint);
    let again = repair(repaired.armored.as_bytes()).expect("well formed now");
    assert_eq!((again.repairs, again.armored), (Vec::new(), repaired.armored));
}

#[test]
fn each_damage_has_its_name() {
    let (good, fingerprint) = certificate();
    let check = |damaged: String, repairs: &[Repair]| check(&damaged, &fingerprint, repairs);
    let each_line = |prefix: &str| good.lines().map(|l| format!("{prefix}{l}\n")).collect();
    let (begin, end) = (begin(), end());
    let lines = data(&good);
    let (sum, body) = lines.split_last().expect("a checksum");
    check(good.clone(), &[]);
    check(good.replace('\n', "\r\n"), &[]);
    check(good.replace('\n', " \n"), &[]);
    check(good.replacen("\n\n", "\n", 1), &[Repair::MissingBlankLine]);
    check(each_line("> "), &[Repair::Quoted]);
    check(each_line("    "), &[Repair::Indented]);
    check(good.replace('\n', " "), &[Repair::JoinedLines]);
    check(format!("{begin}\n\n{}\n{sum}\n{end}\n", body.join("\n\n")), &[Repair::BlankLines]);
    check(format!("{begin}\n\n{}\n{sum}\n{end}\n", body.concat()), &[Repair::LongLines]);
    check(format!("{begin}\n\n{}{sum}\n{end}\n", body.join("\n")), &[Repair::GluedChecksum]);
    check(good.replace(&format!("{end}\n"), ""), &[Repair::MissingEnd]);
    check(good.replace('=', "&#61;"), &[Repair::Entities]);
    check(good.replace("-----", "\u{2014}\u{2013}"), &[Repair::Dashes]);
    let both = format!("{begin}\nComment: x\n{}{sum}\n{end}\n", body.join("\n"));
    check(both, &[Repair::MissingBlankLine, Repair::GluedChecksum]);
}

#[test]
fn data_is_never_guessed() {
    let (good, _) = certificate();
    let refused = |damaged: String| repair(damaged.as_bytes()).expect_err("refused");
    let lines = data(&good);
    let first = lines[0];
    let swapped = if first.starts_with('x') { "m" } else { "x" };
    assert_eq!(refused(good.replacen(&first[..1], swapped, 1)), RepairError::Checksum);
    assert_eq!(refused(good.replacen(first, &first[1..], 1)), RepairError::Base64);
    let sum = lines.last().expect("a checksum");
    let cut = good.find(sum).expect("the checksum");
    assert_eq!(refused(good[..cut].to_owned()), RepairError::Truncated);
    assert_eq!(refused(format!("{good}{good}")), RepairError::SeveralBlocks);
    assert_eq!(refused("nothing\n".to_owned()), RepairError::NoBlock);
}

#[test]
fn a_damaged_block_in_a_key_file_is_reported() {
    use crate::{Keyring, Lost};
    let (first, fingerprint) = certificate();
    let (second, _) = certificate();
    let check = |damaged: String, is_lost: bool| {
        let file = format!("{first}\n{damaged}");
        let keyring = Keyring::gather([("keys/a.asc", file.as_bytes())]);
        let lost = keyring.problems().iter().any(|p| p.lost == Lost::Block);
        assert_eq!(lost, is_lost, "{:?}\n{damaged}", keyring.problems());
        assert!(keyring.contains(&fingerprint));
    };
    check(second.clone(), false);
    check("a note about the key above\n".to_owned(), false);
    check(second.replacen("\n\n", "\n", 1), true);
    check(second.replacen("-----BEGIN", "----BEGIN", 1), true);
    check(second.replacen("-----BEGIN", "> -----BEGIN", 1), true);
    check(data(&second).join("\n"), true);
    check(second.replace(data(&second)[1], ""), true);
}

fn begin() -> String {
    format!("-----BEGIN {LABEL}-----")
}

fn end() -> String {
    format!("-----END {LABEL}-----")
}
