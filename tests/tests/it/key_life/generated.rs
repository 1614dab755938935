//! New keys of every kind and both algorithms: what stock gpg makes of them, and we of its work.

use super::{Gpg, PROGRAM, at, refuses, verdict};
use secpack_tests::{Sandbox, Team};
use std::os::unix::fs::PermissionsExt;

const DAY: &str = "2026-03-04";

fn generate(sandbox: &Sandbox, name: &str, more: &[&str]) -> String {
    let (secret, certificate) = (format!("{name}.key"), format!("{name}.asc"));
    let own = [
        "keys",
        "generate",
        "Test <test@example.org>",
        "--secret",
        &secret,
        "--certificate",
        &certificate,
        "--no-passphrase",
        "--now",
        "2026-01-01T00:00:00Z",
    ];
    sandbox.secpack(".", &[&own[..], more].concat()).ends(0).stdout.trim().to_owned()
}

/// Capabilities as gpg lists them, per key: primary first. Lower case is the key's own.
fn capabilities(gpg: &Gpg<'_>, key: &str) -> Vec<(String, String, String)> {
    let run = gpg.run(&["--with-colons", "--list-keys", key]).ends(0);
    let lines = run.stdout.lines().filter(|l| l.starts_with("pub:") || l.starts_with("sub:"));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let own: String = fields[11].chars().filter(char::is_ascii_lowercase).collect();
            (own, fields[3].to_owned(), fields[6].to_owned())
        })
        .collect()
}

#[test]
fn each_kind_has_its_capabilities_and_its_end() {
    let sandbox = Sandbox::new(PROGRAM);
    // 2028-01-01 and 2031-01-01 at midnight, and the end of 2026-12-31.
    let (two, five, day) = ("1830297600", "1924992000", "1798761599");
    let cases: [(&str, &[&str], &[&str], &str); 6] = [
        ("master", &["--kind", "master"], &["c"], ""),
        ("member", &[], &["sc"], two),
        ("subkey", &["--signing-subkey"], &["c", "s"], two),
        ("mail", &["--kind", "team-mail"], &["sc", "e"], two),
        ("release", &["--kind", "release"], &["sc"], five),
        ("day", &["--expires", "2026-12-31"], &["sc"], day),
    ];
    let gpg = Gpg::new(&sandbox, "gpg", DAY);
    for (name, more, expected, end) in cases {
        let key = generate(&sandbox, name, more);
        assert_eq!(key.len(), 40, "version 4");
        gpg.run(&["--import", &format!("{name}.asc")]).ends(0);
        let found = capabilities(&gpg, &key);
        let own: Vec<&str> = found.iter().map(|(own, _, _)| own.as_str()).collect();
        assert_eq!(own, expected, "{name}");
        assert!(found.iter().all(|(_, _, ends)| ends == end), "{name}: {found:?}");
        for (file, mode) in [("key", 0o600), ("revocation.asc", 0o600), ("asc", 0o644)] {
            let path = sandbox.path(&format!("{name}.{file}"));
            let found = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}", path.display());
        }
    }
}

#[test]
fn others_encrypt_to_the_key_of_the_mailbox() {
    let sandbox = Sandbox::new(PROGRAM);
    let key = generate(&sandbox, "mail", &["--kind", "team-mail"]);
    let sender = Gpg::new(&sandbox, "sender", DAY);
    sender.run(&["--import", "mail.asc"]).ends(0);
    sandbox.write("report.txt", "It overflows.\n");
    sender
        .run(&[
            "--trust-model",
            "always",
            "--recipient",
            &key,
            "--output",
            "r.gpg",
            "--encrypt",
            "report.txt",
        ])
        .ends(0);
    let team = Gpg::new(&sandbox, "team", DAY);
    team.run(&["--import", "mail.key"]).ends(0);
    assert_eq!(team.run(&["--decrypt", "r.gpg"]).ends(0).stdout, "It overflows.\n");
}

/// Makes ann's key of this kind; both ways: our signature by gpg, gpg's by us.
fn both_ways(more: &[&str], bits: &str) {
    let team = Team::new(PROGRAM);
    let key = generate(&team.sandbox, "new", more);
    let certify =
        ["keys", "certify", "new.asc", "--key", "master.key", "--out", "new-certified.asc"];
    let certify = [&certify[..], &["--now", "2026-01-02T00:00:00Z"]].concat();
    team.sandbox.secpack(".", &certify).ends(0);
    let certificate = team.sandbox.path("new-certified.asc").display().to_string();
    at(&team, DAY, &["keys", "rotate", "ann", &certificate]).ends(0);
    let path = team.draft();
    super::sign_at(&team, DAY, &path, "ann", "new.key").ends(0);
    let gpg = Gpg::new(&team.sandbox, "gpg", DAY);
    gpg.run(&["--import", "new.key"]).ends(0);
    assert_eq!(capabilities(&gpg, &key)[0].1, bits);
    let (text, ours) = (format!("pack/{path}"), format!("pack/{path}.sig.ann"));
    let run = gpg.run(&["--status-fd", "1", "--verify", &ours, &text]).ends(0);
    assert!(run.stdout.contains("VALIDSIG") && run.stdout.contains(&key), "{}", run.stdout);
    std::fs::remove_file(team.sandbox.path(&ours)).expect("removed");
    gpg.run(&["--armor", "--local-user", &key, "--output", &ours, "--detach-sign", &text]).ends(0);
    assert_eq!(verdict(&team, DAY, &format!("{path}.sig.ann")), "good");
}

#[test]
fn ed25519_signs_and_verifies_with_stock_gpg_both_ways() {
    both_ways(&[], "22");
}

#[test]
fn a_signing_subkey_signs_and_verifies_with_stock_gpg_both_ways() {
    both_ways(&["--signing-subkey"], "22");
}

#[test]
fn rsa_signs_and_verifies_with_stock_gpg_both_ways() {
    both_ways(&["--algorithm", "rsa4096"], "1");
}

#[test]
fn secrets_stay_outside_and_nothing_is_replaced() {
    let team = Team::new(PROGRAM);
    let generate = |secret: &str, certificate: &str, revocation: &str| {
        at(
            &team,
            DAY,
            &[
                "keys",
                "generate",
                "X <x@example.org>",
                "--secret",
                secret,
                "--certificate",
                certificate,
                "--revocation",
                revocation,
                "--no-passphrase",
            ],
        )
    };
    let outside = |name: &str| team.sandbox.path(name).display().to_string();
    let (key, cert, rev) = (outside("x.key"), outside("x.asc"), outside("x.rev"));
    refuses(&team, 1, "a secret must never be in a pack", || generate("x.key", &cert, &rev));
    refuses(&team, 1, "a secret must never be in a pack", || generate("keys/x.key", &cert, &rev));
    refuses(&team, 1, "a secret must never be in a pack", || generate(&key, &cert, "x.rev"));
    let anns = outside("ann.key");
    refuses(&team, 1, "is there already", || generate(&anns, &cert, &rev));
    refuses(&team, 1, "is there already", || generate(&key, &outside("ann.asc"), &rev));
    refuses(&team, 1, "is there already", || generate(&key, &cert, &anns));
    refuses(&team, 2, "x.asc", || generate(&key, "/proc/nowhere/x.asc", &rev));
}
