//! Each rule of `secpack keys lint`: a pack without any finding, and one change that gives one.

use super::{Gpg, PROGRAM, at, key_of};
use secpack_tests::Team;
use secpack_tests::forge::{self, Packet};

const DAY: &str = "2026-03-04";
const BEN: &str = "pack/keys/members/ben.asc";

/// The rules that find something, with levels, at a day.
fn found(team: &Team, day: &str) -> Vec<(String, String)> {
    let run = at(team, day, &["keys", "lint", "--json"]);
    let json = run.json();
    let findings = json.as_array().expect("findings").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let found: Vec<_> = findings.map(|f| (text(&f["rule"]), text(&f["level"]))).collect();
    let errors = found.iter().any(|(_, level)| level == "error");
    assert_eq!(run.code, i32::from(errors), "{found:?}");
    found
}

/// Nothing is found before the change, and this alone after it.
fn pair(rule: &str, level: &str, change: impl FnOnce(&Team)) {
    let team = Team::new(PROGRAM);
    assert_eq!(found(&team, DAY), []);
    change(&team);
    assert_eq!(found(&team, DAY), [(rule.to_owned(), level.to_owned())]);
}

/// Alters ben's certificate packet by packet.
fn alter(team: &Team, change: impl FnOnce(&mut Vec<Packet>)) {
    let mut packets = forge::dearmor(&team.sandbox.read(BEN));
    change(&mut packets);
    team.sandbox.write(BEN, forge::armor(&packets, "PGP PUBLIC KEY BLOCK"));
}

/// Gives ben another key, made by gpg or by us, certified and in force from the start.
fn with_key(team: &Team, certificate: &str) {
    let certify = [
        "keys",
        "certify",
        certificate,
        "--key",
        "master.key",
        "--out",
        "new-ben.asc",
        "--now",
        "2026-03-03T00:00:00Z",
    ];
    team.sandbox.secpack(".", &certify).ends(0);
    team.sandbox.write(BEN, team.sandbox.read("new-ben.asc"));
    let old = key_of(team, "ben");
    let shown = Gpg::new(&team.sandbox, "gpg-look", DAY);
    shown.run(&["--import", "new-ben.asc"]).ends(0);
    let list = shown.run(&["--with-colons", "--list-keys"]).ends(0).stdout;
    let new = list.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).expect("a key");
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    team.sandbox.write("pack/secpack.toml", policy.replace(&old, new.trim_end_matches(':')));
    // History is that of another key; what it lost is no matter here.
    team.sandbox.git("pack", &["add", "-A"]);
    team.sandbox.git("pack", &["commit", "-q", "--amend", "-m", "Begin"]);
}

/// A key by gpg, with this algorithm and these options.
fn by_gpg(team: &Team, user: &str, algorithm: &str, more: &[&str]) {
    let gpg = Gpg::new(&team.sandbox, "gpg-new", "2026-03-01");
    let make = [more, &["--quick-gen-key", user, algorithm, "sign", "2y"]].concat();
    gpg.run(&make).ends(0);
    let export = gpg.run(&["--armor", "--export"]).ends(0).stdout;
    team.sandbox.write("by-gpg.asc", export);
    with_key(team, "by-gpg.asc");
}

#[test]
fn no_certificate() {
    pair("no-certificate", "error", |team| team.sandbox.write(BEN, "garbage\n"));
}

#[test]
fn secret_key() {
    pair("secret-key", "error", |team| {
        let certified = forge::dearmor(&team.sandbox.read(BEN));
        let mut secret = certified.clone();
        let key = team.sandbox.read("ben.key");
        let text = String::from_utf8(key).expect("armor");
        secret[0] = forge::dearmor(text.as_bytes())[0].clone();
        team.sandbox.write(BEN, forge::armor(&secret, "PGP PRIVATE KEY BLOCK"));
    });
}

#[test]
fn several_blocks() {
    pair("several-blocks", "warning", |team| {
        let both = [team.sandbox.read(BEN), team.sandbox.read("ann-certified.asc")].concat();
        team.sandbox.write(BEN, both);
    });
}

#[test]
fn lost_certification() {
    pair("lost-certification", "warning", |team| {
        team.sandbox.write(BEN, team.sandbox.read("ben.asc"));
    });
}

#[test]
fn weak_key() {
    pair("weak-key", "warning", |team| by_gpg(team, "ben <ben@example.org>", "rsa2048", &[]));
    let team = Team::new(PROGRAM);
    by_gpg(&team, "ben <ben@example.org>", "dsa2048", &[]);
    assert_eq!(found(&team, DAY), [("weak-key".to_owned(), "warning".to_owned())]);
    let team = Team::new(PROGRAM);
    by_gpg(&team, "ben <ben@example.org>", "rsa3072", &[]);
    assert_eq!(found(&team, DAY), []);
}

#[test]
fn weak_self_signature() {
    pair("weak-self-signature", "warning", |team| {
        by_gpg(team, "ben <ben@example.org>", "rsa3072", &["--cert-digest-algo", "SHA1"]);
    });
}

#[test]
fn weak_certification() {
    // The master key must be one that gpg lets certify over SHA-1, and the policy must allow it.
    let team = Team::new(PROGRAM);
    let gpg = Gpg::new(&team.sandbox, "gpg-master", "2026-03-01");
    gpg.run(&["--quick-gen-key", "Old master", "rsa3072", "cert", "never"]).ends(0);
    let list = gpg.run(&["--with-colons", "--list-keys"]).ends(0).stdout;
    let master = list.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).expect("a key");
    let master = master.trim_end_matches(':');
    for member in ["ann", "ben", "carol"] {
        gpg.run(&["--import", &format!("{member}.asc")]).ends(0);
    }
    let certify = |member: &str, day: &str, digest: &str| {
        let gpg = Gpg::new(&team.sandbox, "gpg-master", day);
        let fingerprint = key_of(&team, member);
        let sign = [
            "--allow-weak-key-signatures",
            "--cert-digest-algo",
            digest,
            "--local-user",
            master,
            "--quick-sign-key",
        ];
        gpg.run(&[&sign[..], &[&fingerprint]].concat()).ends(0);
        let export = gpg.run(&["--armor", "--export", &fingerprint]).ends(0).stdout;
        team.sandbox.write(&format!("pack/keys/members/{member}.asc"), export);
    };
    for member in ["ann", "ben", "carol"] {
        certify(member, "2026-03-02", "SHA512");
    }
    let export = gpg.run(&["--armor", "--export", master]).ends(0).stdout;
    team.sandbox.write("pack/keys/master/master.asc", export);
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let policy = policy.replace(&team.anchor, master)
        + "\n[[hash]]\nalgorithm = \"SHA1\"\nuses = [\"certifications\"]\nuntil = 2026-12-31\n\
           reason = \"an old machine\"\n";
    team.sandbox.write("pack/secpack.toml", policy);
    assert_eq!(found(&team, DAY), []);
    let gpg = Gpg::new(&team.sandbox, "gpg-master", "2026-03-03");
    let ben = key_of(&team, "ben");
    let fresh = ["--delete-keys", &ben];
    gpg.run(&fresh).ends(0);
    gpg.run(&["--import", "ben.asc"]).ends(0);
    certify("ben", "2026-03-03", "SHA1");
    assert_eq!(found(&team, DAY), [("weak-certification".to_owned(), "warning".to_owned())]);
}

#[test]
fn no_back_signature() {
    let team = Team::new(PROGRAM);
    let make = [
        "keys",
        "generate",
        "ben <ben@example.org>",
        "--secret",
        "sub.key",
        "--certificate",
        "sub.asc",
        "--signing-subkey",
        "--no-passphrase",
        "--now",
        "2026-03-01T00:00:00Z",
    ];
    team.sandbox.secpack(".", &make).ends(0);
    with_key(&team, "sub.asc");
    assert_eq!(found(&team, DAY), []);
    alter(&team, |packets| {
        // Type 32, here critical (0xa0), is the embedded signature; a private type says nothing.
        let binding = packets.last_mut().expect("a binding");
        let at = binding.body.windows(2).position(|w| w == [0xa0, 4]).expect("a back signature");
        binding.body[at] = 100;
    });
    assert_eq!(found(&team, DAY), [("no-back-signature".to_owned(), "error".to_owned())]);
}

#[test]
fn user_id() {
    for odd in
        ["ben\u{202e}neb <ben@example.org>", &format!("{} <ben@example.org>", "b".repeat(200))]
    {
        pair("user-id", "warning", |team| by_gpg(team, odd, "ed25519", &[]));
    }
    // What is no UTF-8 cannot be typed into gpg: a certificate with one more user id, signed by
    // nobody, has the same bytes to look at.
    pair("user-id", "warning", |team| {
        alter(team, |packets| {
            packets.push(Packet::new(forge::USER_ID, b"ben \xff\xfe".to_vec()));
        });
    });
}

#[test]
fn user_id_taken() {
    pair("user-id-taken", "warning", |team| {
        super::certified_key(&team.sandbox, "eve", "Ben <BEN@example.org>", "2026-03-01");
        team.sandbox.write("pack/keys/members/eve.asc", team.sandbox.read("eve-certified.asc"));
    });
}

#[test]
fn key_ends() {
    let team = Team::new(PROGRAM);
    for member in ["ann", "carol"] {
        let key = team.key_of(member);
        at(&team, DAY, &["keys", "extend", "--key", &key, "--expires", "5y"]).ends(0);
    }
    let master = [
        "keys",
        "extend",
        "--key",
        "master.key",
        "--expires",
        "never",
        "--out",
        "m.asc",
        "--now",
        "2026-03-01T00:00:00Z",
    ];
    team.sandbox.secpack(".", &master).ends(0);
    let from = team.sandbox.path("m.asc").display().to_string();
    at(&team, DAY, &["keys", "extend", "--from", &from]).ends(0);
    // Ben's ends on 2028-01-01.
    assert_eq!(found(&team, "2027-11-01"), []);
    let one = [("key-ends".to_owned(), "warning".to_owned())];
    assert_eq!(found(&team, "2027-11-03"), one);
    let wide = at(&team, "2027-11-01", &["keys", "lint", "--days", "90"]).ends(0);
    assert!(wide.stdout.contains("[key-ends]"), "{}", wide.stdout);
    let one = [("key-unusable".to_owned(), "error".to_owned())];
    assert_eq!(found(&team, "2028-01-02"), one);
    let help = wide.stdout.lines().find_map(|l| l.trim().strip_prefix("help: ")).expect("help");
    let key = team.key_of("ben");
    super::type_hint(&team, "2027-11-03", help, &key).ends(0);
    assert_eq!(found(&team, "2027-11-03"), []);
}

#[test]
fn key_unusable() {
    pair("key-unusable", "error", |team| {
        let (key, yes) = (team.key_of("ben"), key_of(team, "ben"));
        let revoke = ["keys", "revoke", "--key", &key, "--reason", "superseded", "--yes", &yes];
        at(team, DAY, &revoke).ends(0);
    });
    // Of a member who has left nothing is asked.
    let team = Team::new(PROGRAM);
    let (key, yes) = (team.key_of("ben"), key_of(&team, "ben"));
    at(&team, "2026-02-01", &["keys", "retire", "ben"]).ends(0);
    let revoke = ["keys", "revoke", "--key", &key, "--reason", "retired", "--yes", &yes];
    at(&team, "2026-02-02", &revoke).ends(0);
    assert_eq!(found(&team, DAY), []);
}

#[test]
fn bare_revocation() {
    let team = Team::new(PROGRAM);
    at(&team, "2026-02-01", &["keys", "retire", "ben"]).ends(0);
    assert_eq!(found(&team, DAY), []);
    let moved = "pack/keys/members/retired/ben.asc";
    let both = [team.sandbox.read(moved), team.sandbox.read("ben.revocation.asc")].concat();
    team.sandbox.write(moved, both);
    assert_eq!(found(&team, DAY), [("bare-revocation".to_owned(), "warning".to_owned())]);
}

#[test]
fn every_rule_is_documented_and_accepted_by_id() {
    let team = Team::new(PROGRAM);
    for rule in secpack_audit::key_rules() {
        let run = team.run(&["explain", rule]).ends(0);
        assert!(run.stdout.len() > 100, "{}", run.stdout);
    }
    team.sandbox.write(BEN, team.sandbox.read("ben.asc"));
    let json = team.run(&["keys", "lint", "--json"]).ends(0).json();
    let id = json[0]["id"].as_str().expect("an id");
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let accepted = format!("{policy}\n[[accepted]]\nids = [\"{id}\"]\nreason = \"known\"\n");
    team.sandbox.write("pack/secpack.toml", accepted);
    let run = team.run(&["keys", "lint"]).ends(0);
    assert!(run.stdout.starts_with("good: nothing is wrong"), "{}", run.stdout);
}
