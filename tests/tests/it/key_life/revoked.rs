//! Hard and soft revocations, made here, by gpg, or kept apart since the key was made.

use super::{Gpg, PROGRAM, at, hints, key_of, refuses, sign_at, verdict};
use secpack_tests::Team;

const DAY: &str = "2026-05-01";
const LATER: &str = "2026-05-02";

fn revoke(team: &Team, reason: &str) {
    let fingerprint = key_of(team, "ben");
    let key = team.key_of("ben");
    let revoke = [
        "keys",
        "revoke",
        "--key",
        &key,
        "--reason",
        reason,
        "--text",
        "said on the phone",
        "--yes",
        &fingerprint[..16],
    ];
    let run = at(team, DAY, &revoke).ends(0);
    assert!(run.stdout.contains(&format!("revoked: {fingerprint}")), "{}", run.stdout);
    let next = hints(&run);
    assert!(next.contains(&"secpack keys retire ben".to_owned()), "{next:?}");
    team.commit("Revoke");
}

fn second_opinion(team: &Team) {
    let gpg = Gpg::new(&team.sandbox, "gpg-reader", LATER);
    gpg.run(&["--import", "pack/keys/members/ben.asc"]).ends(0);
    assert_eq!(gpg.field(&key_of(team, "ben"), 2), "r");
}

#[test]
fn a_compromised_key_loses_everything() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    revoke(&team, "compromised");
    assert_eq!(verdict(&team, LATER, &format!("{old}.sig.ben")), "revoked");
    assert_eq!(verdict(&team, LATER, &format!("{old}.sig.ann")), "good");
    second_opinion(&team);
}

#[test]
fn a_superseded_key_keeps_what_it_signed_before() {
    for reason in ["superseded", "retired"] {
        let team = Team::new(PROGRAM);
        let old = team.released();
        // Before the revocation reaches his machine ben's program still has the key as it was.
        let copy = team.sandbox.read("ben.key");
        revoke(&team, reason);
        assert_eq!(verdict(&team, LATER, &format!("{old}.sig.ben")), "good");
        team.tag("ann");
        at(&team, LATER, &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
        let new = team.draft();
        let refused =
            refuses(&team, 2, "revoked", || sign_at(&team, LATER, &new, "ben", "ben.key"));
        assert_eq!(hints(&refused).len(), 1, "{}", refused.stderr);
        team.sandbox.write("ben-copy.key", copy);
        refuses(&team, 1, "retired", || sign_at(&team, LATER, &new, "ben", "ben-copy.key"));
        let head = team.head();
        let key = team.sandbox.path("ben-copy.key").display().to_string();
        let tag = ["tag", "--as", "ben", "--key", &key, "--yes", &head];
        refuses(&team, 1, "retired", || at(&team, LATER, &tag));
        // Stock gpg signs with the copy; the reader refuses what comes of it.
        let gpg = Gpg::new(&team.sandbox, "gpg-ben", LATER);
        gpg.run(&["--import", "ben-copy.key"]).ends(0);
        let (text, out) = (format!("pack/{new}"), format!("pack/{new}.sig.ben"));
        gpg.run(&["--armor", "--output", &out, "--detach-sign", &text]).ends(0);
        assert_eq!(verdict(&team, LATER, &format!("{new}.sig.ben")), "revoked");
        second_opinion(&team);
    }
}

#[test]
fn the_revocation_made_with_the_key_ends_it() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    let file = team.sandbox.path("ben.revocation.asc");
    let from = file.display().to_string();
    let yes = key_of(&team, "ben");
    // As a person finds it: gpg takes the same file.
    let gpg = Gpg::new(&team.sandbox, "gpg-alone", LATER);
    gpg.run(&["--import", "ben.asc"]).ends(0);
    gpg.run(&["--import", "ben.revocation.asc"]).ends(0);
    assert_eq!(gpg.field(&yes, 2), "r");
    let before = team.sandbox.read("pack/keys/members/ben.asc");
    at(&team, DAY, &["keys", "revoke", "--from", &from, "--yes", &yes]).ends(0);
    let after = team.sandbox.read("pack/keys/members/ben.asc");
    assert!(after.len() > before.len());
    let again = at(&team, DAY, &["keys", "revoke", "--from", &from, "--yes", &yes]).ends(0);
    assert!(again.stdout.contains("is revoked so already"), "{}", again.stdout);
    assert_eq!(after, team.sandbox.read("pack/keys/members/ben.asc"));
    team.commit("Revoke");
    assert_eq!(verdict(&team, LATER, &format!("{old}.sig.ben")), "revoked");
    second_opinion(&team);
}

#[test]
fn a_revocation_by_gpg_is_taken_and_one_that_stands_alone_is_told() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    let gpg = Gpg::new(&team.sandbox, "gpg-ben", DAY);
    gpg.run(&["--import", "ben.key"]).ends(0);
    let key = key_of(&team, "ben");
    // gpg asks for the reason; an empty description ends with an empty line.
    let answers = team.sandbox.path("answers");
    team.sandbox.write("answers", "y\n1\n\ny\n");
    let out = team.sandbox.path("gpg-rev.asc").display().to_string();
    let answers = answers.display().to_string();
    gpg.run(&["--no-batch", "--command-file", &answers, "--output", &out, "--gen-revoke", &key])
        .ends(0);
    // Beside the certificate, as a second block, it is applied, and told with what to type.
    let mut file = team.sandbox.read("pack/keys/members/ben.asc");
    file.extend(team.sandbox.read("gpg-rev.asc"));
    team.sandbox.write("pack/keys/members/ben.asc", &file);
    assert_eq!(verdict(&team, LATER, &format!("{old}.sig.ben")), "revoked");
    let lint = at(&team, LATER, &["keys", "lint"]);
    assert!(lint.stdout.contains("[bare-revocation]"), "{}", lint.stdout);
    let from = ["keys", "revoke", "--from", "keys/members/ben.asc", "--yes", &key];
    assert!(lint.stdout.contains(&format!("secpack {}", from[..4].join(" "))), "{}", lint.stdout);
    at(&team, LATER, &from).ends(0);
    let lint = at(&team, LATER, &["keys", "lint"]);
    assert!(!lint.stdout.contains("[bare-revocation]"), "{}", lint.stdout);
    second_opinion(&team);
}
