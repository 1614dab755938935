//! The hooks of stock git refuse what tells a sealed draft.

use super::{Secret, TITLE};
use secpack_tests::Run;
use std::path::Path;

/// Hooks with these options of the guard, at the time of the tests.
fn install(secret: &Secret, options: &[&str]) {
    let sandbox = &secret.team.sandbox;
    let install = [&["hook", "install", "--ci", "none"][..], options].concat();
    secret.team.run(&install).ends(0);
    for name in ["pre-commit", "pre-push"] {
        let path = format!("pack/.git/hooks/{name}");
        let text = String::from_utf8(sandbox.read(&path)).expect("text");
        let fixed = format!("hook run --now {} {name}", secpack_tests::NOW);
        let text = text.replace(&format!("hook run {name}"), &fixed);
        std::fs::write(sandbox.path(&path), text).expect("written");
    }
}

fn commit(secret: &Secret, message: &str) -> Run {
    let arguments = ["commit", "-q", "--allow-empty", "-m", message];
    secret.team.sandbox.run(Path::new("git"), "pack", &arguments, &[])
}

fn push(secret: &Secret) -> Run {
    let arguments = ["push", "-q", "../upstream.git", "HEAD:refs/heads/work"];
    secret.team.sandbox.run(Path::new("git"), "pack", &arguments, &[])
}

#[test]
fn a_message_that_tells_a_draft_is_not_pushed() {
    let secret = Secret::new();
    secret.team.sandbox.git(".", &["init", "-q", "--bare", "upstream.git"]);
    secret.seal();
    secret.team.commit("Something is sealed");
    let ann = secret.at("ann.age-key");
    install(&secret, &["--identity", &ann]);
    commit(&secret, "Tidy up").ends(0);
    push(&secret).ends(0);
    // Git has no message yet when it runs pre-commit, so the push is where it is stopped.
    commit(&secret, TITLE).ends(0);
    let before = secret.team.sandbox.contents("upstream.git");
    let run = push(&secret);
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("[embargo-title]"), "{}", run.stderr);
    assert!(!run.stderr.to_lowercase().contains("zanzibar"), "{}", run.stderr);
    assert_eq!(before, secret.team.sandbox.contents("upstream.git"));
    // And no other commit until it is gone.
    assert_ne!(commit(&secret, "More").code, 0);
    for undo in [
        &["reset", "-q", "--hard", "HEAD~1"][..],
        &["reflog", "expire", "--expire=now", "--all"],
        &["gc", "-q", "--prune=now"],
    ] {
        secret.team.sandbox.git("pack", undo);
    }
    commit(&secret, "More").ends(0);
    push(&secret).ends(0);
}

#[test]
fn a_staged_file_that_tells_a_draft_is_not_committed() {
    let secret = Secret::new();
    secret.seal();
    secret.team.commit("Something is sealed");
    install(&secret, &["--identity", &secret.at("ben.age-key")]);
    secret.team.sandbox.write("pack/notes.txt", format!("Soon: {TITLE}\n"));
    secret.team.sandbox.git("pack", &["add", "notes.txt"]);
    let run = commit(&secret, "Notes");
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("[embargo-title]"), "{}", run.stderr);
}

#[test]
fn who_names_no_identity_is_told_how() {
    let secret = Secret::new();
    install(&secret, &[]);
    commit(&secret, "Nothing is sealed yet").ends(0);
    secret.seal();
    let run = commit(&secret, "Something is sealed");
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("hint: secpack hook install --identity FILE"), "{}", run.stderr);
    install(&secret, &["--identity", &secret.at("ann.age-key")]);
    commit(&secret, "Something is sealed").ends(0);
}
