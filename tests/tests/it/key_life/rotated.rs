//! A member changes keys.

use super::{
    PROGRAM, at, certified_key, hints, key_of, refuses, settle, sign_at, type_hint, verdict,
};
use secpack_tests::Team;

const DAY: &str = "2026-03-10";
const LATER: &str = "2026-05-01";

#[test]
fn both_keys_count_until_the_old_one_ends() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    let old_key = key_of(&team, "ben");
    let new_key = certified_key(&team.sandbox, "ben-2", "ben <ben@example.org>", "2026-03-05");
    let certificate = team.sandbox.path("ben-2-certified.asc").display().to_string();
    let draft = team.draft();
    refuses(&team, 1, "is not one of ben's", || sign_at(&team, DAY, &draft, "ben", "ben-2.key"));
    let run = at(&team, DAY, &["keys", "rotate", "ben", &certificate]).ends(0);
    assert!(run.stdout.contains(&format!("added: {new_key} of ben; policy version 2")));
    let signing: Vec<String> =
        hints(&run).into_iter().filter(|hint| hint.starts_with("secpack sign")).collect();
    for (hint, key) in signing.iter().zip(["ann.key", "ben.key"]) {
        type_hint(&team, DAY, hint, key).ends(0);
    }
    team.commit("A second key of ben's");
    at(&team, DAY, &["verify", "--anchor", &team.anchor, "--no-memory"]);
    sign_at(&team, DAY, &draft, "ben", "ben-2.key").ends(0);
    assert_eq!(verdict(&team, DAY, &format!("{draft}.sig.ben")), "good");
    // The old one ends; what it signed stays.
    let key = team.key_of("ben");
    let revoke =
        ["keys", "revoke", "--key", &key, "--reason", "superseded", "--yes", &old_key[..16]];
    at(&team, "2026-04-01", &revoke).ends(0);
    team.commit("The old key ends");
    assert_eq!(verdict(&team, LATER, &format!("{old}.sig.ben")), "good");
    assert_eq!(verdict(&team, LATER, &format!("{draft}.sig.ben")), "good");
    let lint = at(&team, LATER, &["keys", "lint"]).ends(0);
    assert!(!lint.stdout.contains("key-unusable"), "{}", lint.stdout);
    let third = team.draft();
    sign_at(&team, LATER, &third, "ben", "ben-2.key").ends(0);
}

#[test]
fn a_new_key_counts_only_when_the_policy_before_is_obeyed() {
    let team = Team::new(PROGRAM);
    certified_key(&team.sandbox, "ben-2", "ben <ben@example.org>", "2026-03-05");
    let certificate = team.sandbox.path("ben-2-certified.asc").display().to_string();
    at(&team, DAY, &["keys", "rotate", "ben", &certificate]).ends(0);
    // Whoever has the new key signs for ben with it; by the policy before it is nobody's.
    settle(&team, DAY, &[("ann", "ann.key"), ("ben", "ben-2.key")], "A second key");
    let run =
        at(&team, DAY, &["verify", "--anchor", &team.anchor, "--no-memory", "--json"]).ends(1);
    let findings = run.json()["findings"].to_string();
    assert!(findings.contains("policy-unsigned"), "{findings}");
}

#[test]
fn keys_that_readers_would_not_count_are_refused() {
    let team = Team::new(PROGRAM);
    certified_key(&team.sandbox, "ben-2", "ben <ben@example.org>", "2026-03-05");
    let rotate = |file: &str| {
        let file = team.sandbox.path(file).display().to_string();
        at(&team, DAY, &["keys", "rotate", "ben", &file])
    };
    let run = refuses(&team, 1, "does not certify", || rotate("ben-2.asc"));
    assert!(hints(&run)[0].starts_with("secpack keys certify "), "{}", run.stderr);
    let hint = hints(&run)[0].clone();
    type_hint(&team, DAY, &hint, "").ends(0);
    let _ = std::fs::remove_file(team.sandbox.path("pack/ben.request"));
    refuses(&team, 1, "is a secret key", || rotate("ben-2.key"));
    refuses(&team, 1, "is a key of ann already", || rotate("ann-certified.asc"));
    refuses(&team, 1, "is a root of the policy", || rotate("master.asc"));
}
