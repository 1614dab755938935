//! What hints say where the repository is in a state that nobody meant: HEAD on no branch or
//! damaged, another work tree, hooks that say no.

use super::{PROGRAM, refused, signed, typed};
use secpack_tests::{Run, Team};

fn release(team: &Team, folder: &str, more: &[&str]) -> Run {
    let key = team.key_of("ann");
    let words = [&["release", "SB-001", "--as", "ann", "--key", &key], more].concat();
    team.sandbox.secpack(folder, &[&["--now", secpack_tests::NOW], &words[..]].concat())
}

fn branch(team: &Team) -> String {
    team.sandbox.git("pack", &["branch", "--show-current"]).stdout.trim().to_owned()
}

#[test]
fn a_head_on_no_branch_goes_back_to_one() {
    let (team, _) = signed();
    team.sandbox.git("pack", &["checkout", "-q", "--detach"]);
    let run = release(&team, "pack", &[]).ends(2);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(branch(&team), "main");
    release(&team, "pack", &[]).ends(0);
}

/// What was committed there is taken along.
#[test]
fn a_commit_on_no_branch_is_not_left() {
    let (team, _) = signed();
    team.sandbox.git("pack", &["checkout", "-q", "--detach"]);
    team.sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", "Alone"]);
    let mut run = release(&team, "pack", &[]).ends(2);
    for _ in 0..2 {
        typed(&team.sandbox, "pack", &run).ends(0);
        run = release(&team, "pack", &[]);
    }
    run.ends(0);
    assert_eq!(branch(&team), "main");
    assert!(team.sandbox.git("pack", &["log", "--format=%s"]).stdout.contains("Alone\n"));
}

#[test]
fn a_rebase_is_ended_first() {
    let (team, _) = signed();
    team.sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", "More"]);
    let rebase = ["-c", "sequence.editor=sed -i 1ibreak", "rebase", "-q", "-i", "HEAD~1"];
    team.sandbox.git("pack", &rebase);
    let run = release(&team, "pack", &[]).ends(2);
    assert!(run.stderr.ends_with("hint: git status\n"), "{}", run.stderr);
}

#[test]
fn a_damaged_head_is_the_branch_that_was_last_checked_out() {
    let team = Team::new(PROGRAM);
    for (branch, damage) in [("main", "x\n"), ("side", "")] {
        if branch == "side" {
            team.sandbox.git("pack", &["checkout", "-q", "-b", branch]);
        }
        team.sandbox.write("pack/.git/HEAD", damage);
        refused(&team, "pack", &["status"], 2).ends(0);
        assert_eq!(self::branch(&team), branch);
        assert_eq!(team.sandbox.git("pack", &["status", "--porcelain"]).stdout, "");
    }
}

/// Readers clone a branch that another work tree has, and nothing is committed yet.
#[test]
fn a_release_beside_the_work_tree_of_the_branch_that_readers_clone() {
    let (team, path) = signed();
    team.sandbox.git("pack", &["checkout", "-q", "-b", "side"]);
    team.sandbox.git("pack", &["worktree", "add", "-q", "../tree", "main"]);
    let run = release(&team, "pack", &[]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert!(team.sandbox.path(&format!("tree/{path}.sig.ben")).exists());
    release(&team, "tree", &["--execute"]).ends(0);
}

#[test]
fn a_release_that_the_own_hook_refuses_is_taken_back() {
    let (team, path) = signed();
    let before = team.head();
    team.sandbox.write("pack/.git/hooks/pre-push", "#!/bin/sh\necho not today >&2\nexit 1\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(team.sandbox.path("pack/.git/hooks/pre-push"), mode).expect("a mode");
    let run = release(&team, "pack", &["--execute"]).ends(1);
    assert!(run.stderr.contains("not today"), "{}", run.stderr);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(team.head(), before);
    assert!(team.sandbox.path(&format!("pack/{path}.sig.ben")).exists());
}

/// Nothing is told of a release as taken back that a later commit keeps.
#[test]
fn what_came_after_a_refused_release_stays_and_is_told() {
    let (team, _) = signed();
    team.sandbox.write("upstream.git/hooks/pre-receive", "#!/bin/sh\nexit 1\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    let hook = team.sandbox.path("upstream.git/hooks/pre-receive");
    std::fs::set_permissions(hook, mode).expect("a mode");
    release(&team, "pack", &["--execute"]).ends(1);
    team.sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", "Later"]);
    let run = team.run(&["release", "--abort"]).ends(0);
    assert!(run.stderr.contains("what was changed since it made it stays"), "{}", run.stderr);
    assert!(!run.stderr.contains("the release is taken back"), "{}", run.stderr);
}

#[test]
fn a_tagger_whose_key_is_revoked_is_told_before_anything_is_done() {
    let (team, _) = signed();
    let (key, digits) = (team.key_of("ann"), crate::key_life::key_of(&team, "ann"));
    let later = "2026-03-06T10:00:00Z";
    let revoke = ["keys", "revoke", "--key", &key, "--reason", "retired", "--yes", &digits[..16]];
    team.sandbox.secpack("pack", &[&["--now", later], &revoke[..]].concat()).ends(0);
    team.commit("Revoke");
    let plan = ["--now", later, "release", "SB-001", "--as", "ann", "--key", &key];
    let run = team.sandbox.secpack("pack", &plan).ends(1);
    assert!(run.stdout.contains(&format!("{digits} of ann is revoked")), "{}", run.stdout);
    assert!(run.stderr.contains("\nhint: secpack keys generate "), "{}", run.stderr);
}
