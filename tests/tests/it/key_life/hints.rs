//! What is hinted at when a dead key is asked to sign or tag: it is typed, and helps.

use super::{PROGRAM, at, hints, key_of, refuses};
use secpack_tests::{Run, Team};

/// Keys of the team end on 2028-01-01.
const AFTER: &str = "2028-02-01";
const DAY: &str = "2026-05-01";

/// What a member types to sign a document and to tag.
fn tries(team: &Team, path: &str, member: &str) -> [Vec<String>; 2] {
    let key = team.key_of(member);
    let words = |line: String| line.split(' ').map(str::to_owned).collect();
    [
        words(format!("sign {path} --as {member} --key {key} --yes {}", "0".repeat(64))),
        words(format!("tag --as {member} --key {key} --yes {}", team.head())),
    ]
}

/// Types the hint in a shell, at a time of its own.
fn typed(team: &Team, day: &str, hint: &str) -> Run {
    let start = format!("{PROGRAM} --now {day}T10:00:00Z");
    let line = hint.replace("secpack ", &format!("{start} "));
    team.sandbox.run("sh".as_ref(), "pack", &["-c", &line], &[])
}

fn refused(team: &Team, day: &str, arguments: &[String], says: &str, code: i32) -> String {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = refuses(team, code, says, || at(team, day, &words));
    hints(&run).last().unwrap_or_else(|| panic!("no hint in {}", run.stderr)).clone()
}

#[test]
fn an_expired_key_is_extended_by_what_is_typed() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    for arguments in tries(&team, &path, "ben") {
        let hint = refused(&team, AFTER, &arguments, "it has expired", 2);
        assert!(hint.starts_with("secpack keys extend --key "), "{hint}");
    }
    let [_, tag] = tries(&team, &path, "ben");
    let hint = refused(&team, AFTER, &tag, "it has expired", 2);
    typed(&team, AFTER, &hint).ends(0);
    let words: Vec<&str> = tag.iter().map(String::as_str).collect();
    at(&team, AFTER, &words).ends(0);
}

#[test]
fn a_revoked_key_is_followed_by_a_new_one() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let (fingerprint, key) = (key_of(&team, "ben"), team.key_of("ben"));
    let copy = team.sandbox.read("ben.key");
    let revoke = ["keys", "revoke", "--key", &key, "--reason", "superseded", "--text", "new one"];
    at(&team, DAY, &[&revoke[..], &["--yes", &fingerprint[..16]]].concat()).ends(0);
    team.commit("Revoke");
    // With the key as the program revoked it, and with a copy from before.
    for (code, says) in [(2, "revoked"), (1, "is revoked")] {
        for arguments in tries(&team, &path, "ben") {
            let hint = refused(&team, DAY, &arguments, says, code);
            assert!(hint.starts_with("secpack keys generate 'ben <ben@example.org>'"), "{hint}");
        }
        team.sandbox.write("ben.key", &copy);
    }
    let [sign, _] = tries(&team, &path, "ben");
    let hint = refused(&team, DAY, &sign, "is revoked", 1);
    // A test has nobody who types a passphrase.
    typed(&team, DAY, &format!("{hint} --no-passphrase")).ends(0);
    assert!(team.sandbox.path("ben-2026.asc").exists());
}

#[test]
fn a_key_that_nobody_certified_is_asked_to_be() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sandbox.write("pack/keys/members/ben.asc", team.sandbox.read("ben.asc"));
    team.sandbox.git("pack", &["checkout", "-q", "--orphan", "young"]);
    for tag in team.sandbox.git("pack", &["tag"]).stdout.lines() {
        team.sandbox.git("pack", &["tag", "-d", tag]);
    }
    team.commit("Begin again");
    for arguments in tries(&team, &path, "ben") {
        let hint = refused(&team, DAY, &arguments, "uncertified-key", 1);
        assert!(hint.starts_with("secpack keys certify ben --request --out "), "{hint}");
        typed(&team, DAY, &hint).ends(0);
        std::fs::remove_file(team.sandbox.path("ben.request")).expect("a request");
    }
}

#[test]
fn a_member_without_a_role_is_shown_the_roles() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    at(&team, "2026-03-10", &["keys", "retire", "ben"]).ends(0);
    for arguments in tries(&team, &path, "ben") {
        let hint = refused(&team, DAY, &arguments, "by the policy's roles", 1);
        assert!(typed(&team, DAY, &hint).ends(0).stdout.contains("ben"), "{hint}");
    }
}
