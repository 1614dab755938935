//! Keys that ended, and keys that end later than they did.

use super::{Gpg, PROGRAM, at, key_of, refuses, settle, sign_at, verdict};
use secpack_tests::Team;

/// Keys of the team end on 2028-01-01.
const AFTER: &str = "2028-02-01";
const BEFORE: &str = "2027-12-01";

fn extend(team: &Team, day: &str, member: &str, expires: &str) {
    let key = team.key_of(member);
    at(team, day, &["keys", "extend", "--key", &key, "--expires", expires]).ends(0);
}

#[test]
fn an_expired_key_signs_nothing_and_what_it_signed_stays_good() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    let new = team.draft();
    let run = refuses(&team, 2, "it has expired", || sign_at(&team, AFTER, &new, "ben", "ben.key"));
    assert!(run.stderr.contains("hint: "), "{}", run.stderr);
    assert_eq!(verdict(&team, AFTER, &format!("{old}.sig.ben")), "good");
    // Stock gpg does not sign either; with a clock set back it does, and then the date is a lie.
    let gpg = Gpg::new(&team.sandbox, "gpg-ben", AFTER);
    gpg.run(&["--import", "ben.key"]).ends(0);
    assert_eq!(gpg.field(&key_of(&team, "ben"), 2), "e");
}

#[test]
fn a_signature_made_after_the_end_is_expired_until_the_key_is_extended() {
    let team = Team::new(PROGRAM);
    // Ben's machine knows that the key was extended; the pack does not yet.
    let secret = team.sandbox.read("ben.key");
    let key = team.key_of("ben");
    let out = team.sandbox.path("ben-extended.asc").display().to_string();
    at(&team, BEFORE, &["keys", "extend", "--key", &key, "--expires", "3y", "--out", &out]).ends(0);
    assert_ne!(secret, team.sandbox.read("ben.key"));
    let new = team.draft();
    let words = "expired";
    refuses(&team, 1, words, || sign_at(&team, AFTER, &new, "ben", "ben.key"));
    let gpg = Gpg::new(&team.sandbox, "gpg-ben", AFTER);
    gpg.run(&["--import", "ben.key"]).ends(0);
    let (text, signature) = (format!("pack/{new}"), format!("pack/{new}.sig.ben"));
    gpg.run(&["--armor", "--output", &signature, "--detach-sign", &text]).ends(0);
    assert_eq!(verdict(&team, AFTER, &format!("{new}.sig.ben")), "expired");
    at(&team, AFTER, &["keys", "extend", "--from", &out]).ends(0);
    assert_eq!(verdict(&team, AFTER, &format!("{new}.sig.ben")), "good");
}

#[test]
fn an_extended_key_keeps_its_history_and_stock_gpg_shows_the_new_end() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    let ben = key_of(&team, "ben");
    let before = team.sandbox.read("pack/keys/members/ben.asc");
    extend(&team, BEFORE, "ben", "2031-12-31");
    extend(&team, BEFORE, "ann", "2031-12-31");
    team.commit("Extend");
    let after = team.sandbox.read("pack/keys/members/ben.asc");
    let old_packets = secpack_tests::forge::dearmor(&before);
    let new_packets = secpack_tests::forge::dearmor(&after);
    assert!(old_packets.iter().all(|packet| new_packets.contains(packet)), "a packet was lost");
    assert!(new_packets.len() > old_packets.len());
    assert_eq!(verdict(&team, AFTER, &format!("{old}.sig.ben")), "good");
    let list = at(&team, AFTER, &["keys", "list"]).ends(0).stdout;
    let line = list.lines().find(|line| line.starts_with(&ben)).expect("ben's line");
    assert!(line.contains("2031-12-31") && line.contains("good"), "{line}");
    let new = team.draft();
    for (member, key) in [("ann", "ann.key"), ("ben", "ben.key")] {
        sign_at(&team, AFTER, &new, member, key).ends(0);
    }
    settle(&team, AFTER, &[], "A bulletin");
    at(&team, AFTER, &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(1);
    assert_eq!(verdict(&team, AFTER, &format!("{new}.sig.ben")), "good");
    let gpg = Gpg::new(&team.sandbox, "gpg-reader", AFTER);
    gpg.run(&["--import", "pack/keys/members/ben.asc"]).ends(0);
    // 2031-12-31T23:59:59Z
    assert_eq!(gpg.field(&ben, 7), "1956527999");
    let (text, signature) = (format!("pack/{new}"), format!("pack/{new}.sig.ben"));
    gpg.run(&["--verify", &signature, &text]).ends(0);
}

#[test]
fn an_extension_by_gpg_is_taken_and_nothing_else_with_it() {
    let team = Team::new(PROGRAM);
    let ben = key_of(&team, "ben");
    let gpg = Gpg::new(&team.sandbox, "gpg-ben", BEFORE);
    gpg.run(&["--import", "ben.key"]).ends(0);
    gpg.run(&["--quick-set-expire", &ben, "5y"]).ends(0);
    let export = gpg.run(&["--armor", "--export", &ben]).ends(0).stdout;
    team.sandbox.write("ben-new.asc", export);
    let from = team.sandbox.path("ben-new.asc").display().to_string();
    let run = at(&team, BEFORE, &["keys", "extend", "--from", &from]).ends(0);
    assert!(run.stdout.contains("until 2032-11-"), "{}", run.stdout);
    let known = at(&team, BEFORE, &["keys", "extend", "--from", &from]).ends(0);
    assert!(known.stdout.contains("known: "), "{}", known.stdout);
    // The same with a new user id is refused as a whole.
    let gpg = Gpg::new(&team.sandbox, "gpg-ben", "2027-12-02");
    gpg.run(&["--quick-set-expire", &ben, "6y"]).ends(0);
    gpg.run(&["--quick-add-uid", &ben, "Eve <eve@example.org>"]).ends(0);
    let export = gpg.run(&["--armor", "--export", &ben]).ends(0).stdout;
    team.sandbox.write("ben-new.asc", export);
    let words = "it brings the user id \"Eve <eve@example.org>\", not only new self-signatures";
    refuses(&team, 1, words, || at(&team, BEFORE, &["keys", "extend", "--from", &from]));
}

#[test]
fn a_master_is_extended_where_it_lies() {
    let team = Team::new(PROGRAM);
    let arguments = [
        "keys",
        "extend",
        "--key",
        "master.key",
        "--expires",
        "never",
        "--out",
        "master-new.asc",
        "--now",
        "2026-06-01T00:00:00Z",
    ];
    team.sandbox.secpack(".", &arguments).ends(0);
    let from = team.sandbox.path("master-new.asc").display().to_string();
    let run = at(&team, BEFORE, &["keys", "extend", "--from", &from]).ends(0);
    assert!(run.stdout.contains("for ever"), "{}", run.stdout);
    at(&team, AFTER, &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
}
