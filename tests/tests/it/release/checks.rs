//! What is looked at before the first effect: each obstacle is told with what to type, and nothing
//! is changed.

use super::Stage;

/// A release that is blocked by what a plan alone shows too.
fn blocked(stage: &Stage, words: &str) {
    let before = stage.team.sandbox.contents(".");
    let run = stage.release().ends(1);
    assert!(run.stdout.contains(words), "{}", run.stdout);
    let mut look = stage.arguments();
    look.retain(|word| word != "--execute");
    assert!(stage.secpack(&look).ends(1).stdout.contains(words));
    assert_eq!(before, stage.team.sandbox.contents("."));
}

#[test]
fn a_lock_of_git_blocks_a_release() {
    let stage = Stage::new();
    stage.team.sandbox.write("pack/.git/index.lock", "");
    blocked(&stage, "if none is: rm ");
    std::fs::remove_file(stage.team.sandbox.path("pack/.git/index.lock")).expect("gone");
    stage.release().ends(0);
    stage.assert_released();
}

#[test]
fn a_hook_that_would_not_run_blocks_a_release() {
    let stage = Stage::new();
    stage.team.sandbox.write("pack/.git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    blocked(&stage, "it is not executable; type: chmod +x ");
    std::fs::remove_file(stage.team.sandbox.path("pack/.git/hooks/pre-push")).expect("gone");
    stage.team.sandbox.write("hooks/pre-push", "");
    stage.team.sandbox.git("pack", &["config", "core.hooksPath", "../hooks"]);
    blocked(&stage, "it is not executable; type: chmod +x ");
}

#[test]
fn a_clock_behind_the_newest_commit_blocks_a_release() {
    let stage = Stage::new();
    let date = [("GIT_COMMITTER_DATE", "2090-01-01T00:00:00Z")];
    let commit = ["commit", "-q", "--allow-empty", "-m", "from the future"];
    let git = std::path::Path::new("git");
    stage.team.sandbox.run(git, "pack", &commit, &date).ends(0);
    let before = stage.team.sandbox.contents(".");
    let mut words = stage.arguments();
    words.truncate(words.len() - 2);
    let run = stage.secpack(&words).ends(1);
    assert!(run.stdout.contains("the newest commit was made at 2090-01-01"), "{}", run.stdout);
    assert_eq!(before, stage.team.sandbox.contents("."));
}

#[test]
fn a_plan_is_data_with_digests_and_refs() {
    let stage = Stage::new();
    let before = stage.team.sandbox.contents(".");
    let mut words = stage.arguments();
    words.retain(|word| word != "--execute");
    words.push("--json".to_owned());
    let plan = stage.secpack(&words).ends(0).json();
    assert_eq!(before, stage.team.sandbox.contents("."));
    assert_eq!(plan["schema"], "secpack/release-plan/1");
    assert!(plan["checks"].as_array().is_some_and(|checks| checks.len() == 6));
    let steps: Vec<(&str, &str)> = plan["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|s| (s["step"].as_str().expect("a name"), s["undo"].as_str().expect("a word")))
        .collect();
    let expected = [
        ("lint", "unneeded"),
        ("collect", "unneeded"),
        ("commit", "abort"),
        ("tag", "abort"),
        ("verify", "unneeded"),
        ("push", "never"),
        ("confirm", "unneeded"),
    ];
    assert_eq!(steps, expected);
    let commit = &plan["steps"][2];
    assert_eq!(commit["moves"]["from"], stage.team.head());
    assert_eq!(commit["files"].as_array().map(Vec::len), Some(3));
    let bytes = stage.team.sandbox.read(&format!("pack/{}", stage.path));
    let digest = stage.team.run(&["sign", &stage.path, "--as", "ann", "--dry-run"]).stdout;
    assert!(
        !bytes.is_empty()
            && digest.starts_with(commit["files"][0]["sha256"].as_str().expect("hex"))
    );
    let moves = plan["steps"][5]["moves"].as_array().expect("refs");
    assert_eq!(moves[0]["name"], "refs/heads/main");
    assert!(moves[0]["to"].is_null(), "a commit that is not made has no id");
}

#[test]
fn who_is_missing_gets_a_mail_with_the_command() {
    let stage = Stage::new();
    let signature = format!("pack/{}.sig.ben", stage.path);
    std::fs::remove_file(stage.team.sandbox.path(&signature)).expect("gone");
    let words = ["release", &stage.path, "--as", "ann", "--mail", "../missing.eml"];
    stage.team.run(&words).ends(1);
    let mail = String::from_utf8(stage.team.sandbox.read("missing.eml")).expect("text");
    assert!(mail.contains("To: <ben@example.org>"), "{mail}");
    assert!(mail.contains(&format!("secpack sign {} --as ben", stage.path)), "{mail}");
    assert!(!mail.contains("ann@example.org") && !mail.contains("overflow"), "{mail}");
    // A file that is there is not written over.
    let before = stage.team.sandbox.contents(".");
    let key = stage.team.key_of("ann");
    stage.team.sandbox.write("other.eml", "mine");
    let words = ["release", &stage.path, "--as", "ann", "--key", &key, "--mail", "../other.eml"];
    stage.team.run(&words).ends(2);
    assert_eq!(stage.team.sandbox.read("other.eml"), b"mine");
    stage.team.run(&["release", &stage.path, "--as", "ann", "--mail", "../missing.eml"]).ends(1);
    std::fs::remove_file(stage.team.sandbox.path("other.eml")).expect("gone");
    assert_eq!(before, stage.team.sandbox.contents("."));
}
