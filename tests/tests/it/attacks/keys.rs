//! Keys that were revoked, and certifications that do not hold.

use super::{gpg_asks, pack_with, released, rules, verdict, write};
use secpack_tests::forge::{Packet, SIGNATURE, USER_ID, armor, dearmor};
use secpack_tests::{Run, Team};

const LABEL: &str = "PGP PUBLIC KEY BLOCK";
const BEN: &str = "keys/members/ben.asc";

/// A revocation of ben's key with gpg's number for the reason, as gpg exports it.
fn revocation(team: &Team, reason: &str) -> String {
    team.sandbox.gpg(".", &["--import", "ben.key"]).ends(0);
    let arguments = ["--armor", "--output", "revocation", "--gen-revoke", "<ben@example.org>"];
    let made = gpg_asks(team, &arguments, &["y", reason, "", "y"]).ends(0);
    let text = String::from_utf8(team.sandbox.read("revocation")).expect("ASCII");
    let plain: Vec<&str> = text.lines().filter(|line| !line.starts_with("Comment")).collect();
    assert!(plain.len() > 4, "{made:?}");
    plain.join("\n") + "\n"
}

fn of_ben(run: &Run, path: &str) -> String {
    verdict(run, &format!("{path}.sig.ben"))
}

#[test]
fn revoked_for_good_even_when_forgotten() {
    let (team, path) = released();
    let plain = super::read(&team, BEN);
    // Without a reason counts as compromised.
    for reason in ["0", "1"] {
        let packets = [dearmor(plain.as_bytes()), dearmor(revocation(&team, reason).as_bytes())];
        let [mut certificate, bare] = packets;
        certificate.splice(1..1, bare);
        write(&team, BEN, armor(&certificate, LABEL));
        assert_eq!(of_ben(&team.verify().ends(1), &path), "revoked");
        write(&team, BEN, &plain);
        assert_eq!(of_ben(&team.verify().ends(0), &path), "good");
    }
    // Published once, taken back later: history remembers.
    write(&team, BEN, format!("{plain}{}", revocation(&team, "1")));
    team.commit("Revoked");
    write(&team, BEN, &plain);
    team.commit("Taken back");
    team.tag("ann");
    assert_eq!(of_ben(&team.verify().ends(1), &path), "revoked");
}

/// The revocation stands in a file of its own, or behind somebody else's certificate, where an
/// import by gpg would not apply it.
#[test]
fn a_bare_revocation_elsewhere() {
    for place in ["keys/members/retired/note.asc", "keys/members/ann.asc", "keys/master/master.asc"]
    {
        let (team, path) = released();
        let there = std::fs::read_to_string(team.sandbox.path(&format!("pack/{place}")));
        write(&team, place, there.unwrap_or_default() + &revocation(&team, "1"));
        let run = team.verify().ends(1);
        assert_eq!(of_ben(&run, &path), "revoked", "{place}");
        assert_eq!(verdict(&run, &format!("{path}.sig.ann")), "good");
    }
}

/// Retired as of nine o'clock: what was signed at ten is void, what was signed before is not.
#[test]
fn retired_keys() {
    let (team, path) = released();
    let before = super::gpg_signs_at(&team, "20260304T080000", "ben", &path, &[]);
    let plain = super::read(&team, BEN);
    write(&team, BEN, plain + &revocation(&team, "3"));
    assert_eq!(of_ben(&team.verify().ends(1), &path), "revoked");
    write(&team, &format!("{path}.sig.ben"), before);
    assert_eq!(of_ben(&team.verify(), &path), "good");
}

fn check(expected: &str, certificate: impl FnOnce(&Team)) {
    let team = pack_with(|team| {
        certificate(team);
        team.sandbox.read("ben-made.asc")
    });
    let run = team.verify();
    assert_eq!(verdict(&run, "secpack.toml.sig.ben"), expected);
    run.ends(i32::from(expected != "good"));
}

/// Has gpg certify ben's key with the master key.
fn gpg_certifies(team: &Team, user: &str, options: &[&str], command: &str) {
    for key in ["master.key", "ben.asc"] {
        team.sandbox.gpg(".", &["--import", key]).ends(0);
    }
    let fingerprint = super::fingerprint(team, "ben");
    let fixed = ["--faked-system-time", super::EARLIER, "--yes", "--local-user", user];
    let all = [&fixed[..], options, &[command, &fingerprint]].concat();
    team.sandbox.gpg(".", &all).ends(0);
    let options = ["--armor", "--export-options", "export-local-sigs", "--export", &fingerprint];
    let exported = team.sandbox.gpg(".", &options).ends(0);
    team.sandbox.write("ben-made.asc", exported.stdout);
}

#[test]
fn certified_by_the_master() {
    check("good", |team| gpg_certifies(team, "<master@example.org>", &[], "--quick-sign-key"));
}

#[test]
fn certified_by_nobody() {
    check("uncertified-key", |team| {
        team.sandbox.write("ben-made.asc", team.sandbox.read("ben.asc"));
    });
}

#[test]
fn certified_for_himself_only() {
    check("uncertified-key", |team| {
        gpg_certifies(team, "<master@example.org>", &[], "--quick-lsign-key");
    });
}

#[test]
fn certified_by_another_member() {
    check("uncertified-key", |team| {
        team.sandbox.gpg(".", &["--import", "ann.key"]).ends(0);
        gpg_certifies(team, "<ann@example.org>", &[], "--quick-sign-key");
    });
}

/// A key with the master's very name certifies him, and lies in the pack as well.
#[test]
fn certified_by_a_look_alike() {
    check("uncertified-key", |team| {
        let user = "master <master@example.org>";
        let generate = [
            "keys",
            "generate",
            user,
            "--secret",
            "false.key",
            "--certificate",
            "false.asc",
            "--no-passphrase",
            "--now",
            "2026-01-01T00:00:00Z",
        ];
        team.sandbox.secpack(".", &generate).ends(0);
        let certify = ["keys", "certify", "ben.asc", "--key", "false.key", "--out", "ben-made.asc"];
        team.sandbox.secpack(".", &certify).ends(0);
        write(team, "keys/master/second.asc", team.sandbox.read("false.asc"));
    });
}

/// The certification of one user id behind another one, and behind another key.
#[test]
fn a_certification_that_was_moved() {
    check("uncertified-key", |team| {
        let mut packets = dearmor(&team.sandbox.read("ben-certified.asc"));
        let user = packets.iter().position(|p| p.tag == USER_ID).expect("a user id");
        packets[user] = Packet::new(USER_ID, *b"master <master@example.org>");
        team.sandbox.write("ben-made.asc", armor(&packets, LABEL));
    });
    check("uncertified-key", |team| {
        let anns = dearmor(&team.sandbox.read("ann-certified.asc"));
        let plain = dearmor(&team.sandbox.read("ann.asc"));
        let added = anns.into_iter().filter(|p| p.tag == SIGNATURE && !plain.contains(p));
        let mut bens = dearmor(&team.sandbox.read("ben.asc"));
        let user = bens.iter().position(|p| p.tag == USER_ID).expect("a user id");
        bens.splice(user + 2..user + 2, added);
        team.sandbox.write("ben-made.asc", armor(&bens, LABEL));
    });
}

#[test]
fn a_damaged_certificate_is_named_and_stops_nobody_else() {
    let (team, path) = released();
    let plain = super::read(&team, "keys/members/carol.asc");
    let damaged = plain.replacen("\n\n", "\n\nAAAA", 1);
    write(&team, "keys/members/carol.asc", damaged);
    let run = team.verify().ends(1);
    assert!(rules(&run).iter().all(|rule| rule == "malformed"), "{:?}", rules(&run));
    assert_eq!(of_ben(&run, &path), "good");
    write(&team, "keys/members/carol.asc", plain);
    team.verify().ends(0);
}
