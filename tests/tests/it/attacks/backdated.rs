//! A signature says when it was made; history says when its text first appeared.

use super::{gpg_signs_at, rules, write};
use secpack_tests::Team;
use std::path::Path;

/// A bulletin that ben signed early in January, in a commit of this date; the pack began before.
fn published(committed: &str) -> Vec<String> {
    let team = Team::new(super::PROGRAM);
    let git = |date: &str, arguments: &[&str]| {
        let more = [("GIT_COMMITTER_DATE", date)];
        team.sandbox.run(Path::new("git"), "pack", arguments, &more).ends(0).stdout
    };
    let began = "2026-01-02T00:00:00Z";
    let root = git(began, &["commit-tree", "HEAD^{tree}", "-m", "Begin the pack"]);
    git(began, &["reset", "-q", "--soft", root.trim()]);
    let path = team.draft();
    let early = gpg_signs_at(&team, "20260103T000000", "ben", &path, &[]);
    write(&team, &format!("{path}.sig.ben"), early);
    team.sign(&path, "ann").ends(0);
    git(committed, &["add", "-A"]);
    git(committed, &["commit", "-q", "-m", "A bulletin"]);
    team.tag("ann");
    rules(&team.verify())
}

#[test]
fn a_text_that_appears_long_after_its_signature() {
    assert_eq!(published("2026-08-01T00:00:00Z"), ["backdated"]);
}

#[test]
fn a_text_that_was_under_embargo() {
    assert_eq!(published("2026-05-01T00:00:00Z"), [""; 0]);
}
