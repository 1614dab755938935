//! What hints say to mistakes with a price: a secret key in the place of a certificate, a branch
//! left behind, a release taken back over other texts, one number for two documents.

use super::work::{git, guarded, left};
use super::{PROGRAM, refused, signed, typed};
use secpack_tests::{NOW, Run, Team};

fn release(team: &Team, more: &[&str]) -> Run {
    let key = team.key_of("ann");
    let words = [&["release", "SB-001", "--as", "ann", "--key", &key], more].concat();
    team.sandbox.secpack("pack", &[&["--now", NOW], &words[..]].concat())
}

/// Types hints until the plan is free.
fn mended(team: &Team, most: usize) {
    let mut run = release(team, &[]);
    for _ in 0..most {
        if run.code == 0 {
            return;
        }
        typed(&team.sandbox, "pack", &run).ends(0);
        run = release(team, &[]);
    }
    run.ends(0);
}

/// A certificate that readers have is not taken for the secret key that lies there now.
#[test]
fn a_secret_key_in_the_place_of_a_certificate_is_never_published() {
    for is_committed in [true, false] {
        let (team, _) = signed();
        let place = "pack/keys/members/ben.asc";
        let before = team.sandbox.read(place);
        team.sandbox.write(place, team.sandbox.read("ben.key"));
        if is_committed {
            team.sandbox.git("pack", &["commit", "-q", "-am", "key"]);
        }
        let run = release(&team, &[]).ends(1);
        assert!(!run.stdout.contains("readers"), "{}", run.stdout);
        mended(&team, 3);
        assert_eq!(team.sandbox.read(place), before);
        let log = team.sandbox.git("pack", &["log", "-p", "--all"]).stdout;
        assert!(!log.contains("PRIVATE KEY"), "{is_committed}");
    }
}

/// The remote is asked, not what was fetched from it once.
#[test]
fn a_secret_key_that_readers_have_is_called_so() {
    let (team, _) = signed();
    team.sandbox.git("pack", &["fetch", "-q", "origin"]);
    team.sandbox.write("pack/keys/members/b2.asc", team.sandbox.read("ben.key"));
    team.sandbox.git("pack", &["add", "keys"]);
    team.sandbox.git("pack", &["commit", "-q", "-m", "key"]);
    team.sandbox.git("pack", &["push", "-q", "../upstream.git", "main"]);
    let run = release(&team, &[]).ends(1);
    assert!(run.stdout.contains("and so have readers: it must be revoked"), "{}", run.stdout);
}

#[test]
fn the_hooks_let_no_secret_key_pass() {
    let (team, _) = guarded();
    team.sandbox.write("pack/keys/members/b2.asc", team.sandbox.read("ben.key"));
    team.sandbox.write("pack/keys/members/ben.asc", team.sandbox.read("ben.key"));
    team.sandbox.git("pack", &["add", "keys"]);
    for _ in 0..2 {
        let run = git(&team, "pack", &["commit", "-q", "-m", "key"]).ends(1);
        assert!(run.stderr.contains("[secret-key]"), "{}", run.stderr);
        typed(&team.sandbox, "pack", &run).ends(0);
    }
    assert_eq!(team.sandbox.git("pack", &["diff", "--cached", "--name-only"]).stdout, "");
    team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    team.sandbox.git("pack", &["add", "keys/members/b2.asc"]);
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-m", "key"]);
    let run = git(&team, "pack", &["push", "-q", "origin", "main"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    let log = team.sandbox.git("pack", &["log", "-p", "main"]).stdout;
    assert!(!log.contains("PRIVATE KEY"));
}

/// Readers get every commit, not only the newest.
#[test]
fn a_secret_key_that_was_committed_and_removed_does_not_go_out() {
    let (team, _) = signed();
    team.sandbox.git("pack", &["fetch", "-q", "origin"]);
    team.sandbox.write("pack/keys/members/b2.asc", team.sandbox.read("ben.key"));
    for line in [&["add", "keys"][..], &["commit", "-q", "-m", "key"]] {
        team.sandbox.git("pack", line);
    }
    for line in [&["rm", "-q", "keys/members/b2.asc"][..], &["commit", "-q", "-m", "gone"]] {
        team.sandbox.git("pack", line);
    }
    let run = release(&team, &[]).ends(1);
    assert!(run.stdout.contains("has a secret key as keys/members/b2.asc"), "{}", run.stdout);
    mended(&team, 2);
    let log = team.sandbox.git("pack", &["log", "-p", "main"]).stdout;
    assert!(!log.contains("PRIVATE KEY"));
}

/// Commits of a branch that is here stay on it.
#[test]
fn a_head_without_commits_goes_back_to_the_branch_that_has_them() {
    for head in ["ref: refs/heads/try", "ref: refs/heads/"] {
        let (team, _) = signed();
        team.commit("SB-001");
        let before = team.head();
        team.sandbox.write("pack/.git/HEAD", format!("{head}\n"));
        let run = release(&team, &[]);
        assert_ne!(run.code, 0, "{head}");
        typed(&team.sandbox, "pack", &run).ends(0);
        assert_eq!(team.head(), before, "{head}");
        assert_eq!(left(&team), "", "{head}");
    }
}

#[test]
fn a_release_is_not_taken_back_over_what_only_its_commit_has() {
    let (team, path) = signed();
    let words = ["--with", "program", "--program", "/bin/false"];
    let key = [&["release", "SB-001", "--as", "ann", "--execute"][..], &words].concat();
    team.run(&key).ends(2);
    let revise = ["bulletin", "revise", &path, "--change", "More", "--yes"];
    team.run(&revise).ends(0);
    let commit = team.head();
    let run = team.run(&["release", "--abort"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    let kept = team.sandbox.git("pack", &["branch", "--contains", &commit]).stdout;
    assert!(kept.contains("kept-"), "{kept}");
}

#[test]
fn work_in_the_place_of_a_file_or_its_folder_stays() {
    let (team, path) = guarded();
    let at = |place: &str| team.sandbox.path(&format!("pack/{place}"));
    std::fs::remove_file(at("secpack.toml")).expect("removed");
    team.sandbox.write("pack/secpack.toml/notes", "work\n");
    refused(&team, "pack", &["status"], 2).ends(0);
    assert!(at("secpack.toml/notes").exists());
    std::fs::remove_dir_all(at("secpack.toml")).expect("removed");
    team.sandbox.git("pack", &["checkout", "-q", "secpack.toml"]);
    std::fs::remove_dir_all(at("bulletins")).expect("removed");
    team.sandbox.write("pack/bulletins", "work\n");
    refused(&team, "pack", &["bulletin", "lint", &path], 2).ends(0);
    assert!(at("bulletins").is_file());
}

/// What counts is what readers have.
#[test]
fn a_number_stays_once_readers_have_it_and_not_before() {
    let (team, path) = guarded();
    let push = ["push", "-q", "--no-verify", "origin", "main"];
    team.sandbox.git("pack", &push);
    let withdraw = ["bulletin", "withdraw", &path, "--reason", "R", "--yes"];
    team.run(&withdraw).ends(0);
    team.sandbox.git("pack", &["add", "-A", "bulletins"]);
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-m", "Withdraw"]);
    let run = team.run(&["bulletin", "renumber", &path]).ends(1);
    assert!(run.stderr.contains("its number stays"), "{}", run.stderr);
    let new = team.draft();
    for member in ["ann", "ben"] {
        team.sign(&new, member).ends(0);
    }
    team.sandbox.git("pack", &["add", "-A"]);
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-m", "SB-002"]);
    let renumber = ["bulletin", "renumber", &new, "--void-signatures", "--yes"];
    team.run(&renumber).ends(0);
}

/// Both committed a document of one number: the two texts are never merged.
#[test]
fn two_committed_documents_of_one_number() {
    let (team, path) = signed();
    team.commit("Ours");
    team.sandbox.git(".", &["clone", "-q", "upstream.git", "other"]);
    team.sandbox.write(&format!("other/{path}"), "theirs\n");
    for line in [&["add", "-A"][..], &["commit", "-q", "-m", "Theirs"], &["push", "-q"]] {
        team.sandbox.git("other", line);
    }
    team.sandbox.git("pack", &["fetch", "-q", "origin"]);
    let run = release(&team, &[]).ends(1);
    assert!(run.stdout.contains("by secpack bulletin renumber"), "{}", run.stdout);
    let shown = typed(&team.sandbox, "pack", &run).ends(0);
    assert!(shown.stdout.contains("-theirs"), "{}", shown.stdout);
    team.run(&["bulletin", "renumber", &path, "--void-signatures", "--yes"]).ends(0);
}

/// A text that is not complete yet loses no good signature by the way.
#[test]
fn the_hooks_keep_the_good_signatures_of_an_incomplete_text() {
    let (team, path) = guarded();
    let (ann, ben) = (format!("{path}.sig.ann"), format!("{path}.sig.ben"));
    team.sandbox.git("pack", &["rm", "-q", &ann]);
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-m", "Less"]);
    team.sandbox.git("pack", &["rm", "-q", &ben]);
    git(&team, "pack", &["commit", "-q", "-m", "Still less"]).ends(1);
    team.sandbox.git("pack", &["reset", "-q", "--hard"]);
    team.sandbox.write(&format!("pack/{ben}"), "junk\n");
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-am", "Broken"]);
    team.sandbox.git("pack", &["rm", "-q", &ben]);
    git(&team, "pack", &["commit", "-q", "-m", "What is not good goes"]).ends(0);
}

/// One that was good is taken back although readers find the text incomplete then.
#[test]
fn a_good_signature_of_a_published_text_is_withdrawn_where_hooks_are() {
    let (team, path) = guarded();
    let reason = ["--withdraw-signature", "ann", "--reason", "x", "--yes"];
    let run = team.run(&[&["bulletin", "revise", &path][..], &reason].concat()).ends(0);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(left(&team), "");
    let files = team.sandbox.git("pack", &["ls-files", "bulletins"]).stdout;
    assert!(!files.contains(".sig.ann"), "{files}");
}

#[test]
fn a_revision_whose_signatures_are_staged_as_gone() {
    let (team, path) = guarded();
    let revise = |change: &str| {
        team.run(&["bulletin", "revise", &path, "--change", change, "--yes"]).ends(0)
    };
    revise("More");
    team.sandbox.git("pack", &["add", "-A", "bulletins"]);
    let run = revise("Better");
    let refused = typed(&team.sandbox, "pack", &run).ends(1);
    assert!(refused.stderr.contains("[missing]"), "{}", refused.stderr);
}

/// Another text stands under the old name by now.
#[test]
fn a_renamed_text_with_something_new_in_its_place() {
    let (team, path) = guarded();
    team.sandbox.git("pack", &["mv", &path, "bulletins/sb-007-2026.txt"]);
    team.sandbox.write(&format!("pack/{path}"), "a new draft\n");
    let run = git(&team, "pack", &["commit", "-q", "-m", "Rename"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(team.sandbox.read(&format!("pack/{path}")), b"a new draft\n");
    assert_eq!(team.sandbox.git("pack", &["diff", "--cached", "--name-only"]).stdout, "");
}

#[test]
fn a_request_is_answered_where_no_pack_is() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    std::fs::create_dir(team.sandbox.path("offline")).expect("a folder");
    let ask = ["sign", &path, "--as", "ben", "--with", "request", "--out", "../offline"];
    team.run(&ask).ends(0);
    let name = "sb-001-2026.txt.ben.request";
    let key = team.key_of("ben");
    let run = team.sandbox.secpack("offline", &["sign", name, "--key", &key]).ends(2);
    let hint = format!("hint: secpack sign request {name} --key {key}\n");
    assert!(run.stderr.ends_with(&hint), "{}", run.stderr);
}
