//! A remote that says no, and what can be done then: go on, or take back.

use super::Stage;

const NO: &str = "echo first line >&2; printf 'second \\033[2J line\\n' >&2; exit 1";

/// A release whose push was refused.
fn refused() -> Stage {
    let stage = Stage::new();
    stage.script("upstream.git/hooks/pre-receive", NO);
    let upstream = stage.refs("upstream.git");
    let run = stage.release().ends(1);
    assert!(run.stderr.contains("origin took nothing"), "{}", run.stderr);
    assert!(run.stderr.contains("pre-receive hook declined"), "{}", run.stderr);
    let words = "\n  remote: first line\n  remote: second \\u{1b}[2J line\n";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(run.stderr.ends_with("hint: secpack release --abort\n"), "{}", run.stderr);
    assert_eq!(stage.refs("upstream.git"), upstream);
    assert!(stage.is_unfinished());
    stage
}

fn allow(stage: &Stage) {
    std::fs::remove_file(stage.team.sandbox.path("upstream.git/hooks/pre-receive")).expect("gone");
}

#[test]
fn a_refused_push_can_be_taken_up_again_without_remembering_anything() {
    let stage = refused();
    let before = stage.team.sandbox.contents(".");
    let planned = stage.team.run(&["release", &stage.path, "--as", "ann"]).ends(0);
    assert!(
        planned.stderr.contains("is not finished; it was begun by process"),
        "{}",
        planned.stderr
    );
    assert_eq!(before, stage.team.sandbox.contents("."), "a dry run changes nothing");
    let head = stage.team.head();
    allow(&stage);
    stage.secpack(&["release", "--resume"]).ends(0);
    assert_eq!(stage.team.head(), head, "nothing was made twice");
    stage.assert_released();
    let run = stage.secpack(&["release", "--resume"]).ends(1);
    assert!(run.stderr.contains("no release is unfinished here"), "{}", run.stderr);
}

#[test]
fn running_the_same_command_again_goes_on() {
    let stage = refused();
    allow(&stage);
    stage.release().ends(0);
    stage.assert_released();
}

#[test]
fn a_release_that_nobody_has_is_taken_back() {
    let stage = Stage::new();
    let (refs, status) = (stage.refs("pack"), stage.status());
    stage.script("upstream.git/hooks/pre-receive", NO);
    stage.release().ends(1);
    assert_ne!(stage.refs("pack"), refs);
    stage.secpack(&["release", "--abort"]).ends(0);
    assert_eq!((stage.refs("pack"), stage.status()), (refs, status));
    assert!(!stage.is_unfinished());
    let again = stage.secpack(&["release", "--abort"]).ends(1);
    assert!(again.stderr.contains("no release is unfinished here"), "{}", again.stderr);
    allow(&stage);
    stage.release().ends(0);
    stage.assert_released();
}

#[test]
fn what_changed_since_is_left_alone() {
    let stage = refused();
    let tag = format!("ann_sec_{}", &stage.team.head()[..8]);
    stage.team.sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", "on top"]);
    stage.team.sandbox.git("pack", &["tag", "-f", &tag, "HEAD"]);
    let refs = stage.refs("pack");
    let run = stage.secpack(&["release", "--abort"]).ends(0);
    assert_eq!(run.stderr.matches("changed since, so it was left alone").count(), 2);
    assert_eq!(stage.refs("pack"), refs);
}

#[test]
fn a_release_that_the_remote_has_is_never_taken_back() {
    let stage = refused();
    let journal = stage.team.sandbox.read("pack/.git/secpack/release.json");
    allow(&stage);
    stage.secpack(&["release", "--resume"]).ends(0);
    // As if it had been killed right after the push.
    stage.team.sandbox.write("pack/.git/secpack/release.json", journal);
    let refs = stage.refs("pack");
    let run = stage.secpack(&["release", "--abort"]).ends(1);
    assert!(run.stderr.contains("origin has refs/heads/main already"), "{}", run.stderr);
    assert_eq!(stage.refs("pack"), refs);
    stage.type_hint(&run).ends(0);
    stage.assert_released();
}

#[test]
fn a_release_is_not_begun_while_another_is_unfinished() {
    let stage = refused();
    let before = stage.team.sandbox.contents("pack");
    let key = stage.team.key_of("ann");
    let other = ["release", "secpack.toml", "--as", "ann", "--key", &key, "--execute"];
    let run = stage.team.run(&other).ends(1);
    let words = format!("the release of {} is not finished; it was begun by process", stage.path);
    assert!(run.stderr.contains(&words), "{}", run.stderr);
    assert_eq!(before, stage.team.sandbox.contents("pack"));
}

#[test]
fn a_release_goes_on_in_the_folder_where_it_was_begun() {
    let stage = refused();
    allow(&stage);
    let pack = stage.team.sandbox.path("pack").display().to_string();
    let run = stage.team.sandbox.secpack(".", &["release", "--resume", "--pack", &pack]).ends(2);
    assert!(run.stderr.contains("the release was begun in"), "{}", run.stderr);
    stage.type_hint(&run).ends(0);
    stage.assert_released();
}

#[test]
fn a_remote_without_atomic_pushes_takes_nothing() {
    let stage = Stage::new();
    stage.team.sandbox.git("upstream.git", &["config", "receive.advertiseAtomic", "false"]);
    let upstream = stage.refs("upstream.git");
    let run = stage.release().ends(2);
    assert!(run.stderr.contains("does not support --atomic push"), "{}", run.stderr);
    assert!(!run.stderr.contains("u{a}"), "lines stay lines: {}", run.stderr);
    assert_eq!(stage.refs("upstream.git"), upstream);
    stage.team.sandbox.git("upstream.git", &["config", "receive.advertiseAtomic", "true"]);
    stage.secpack(&["release", "--resume"]).ends(0);
    stage.assert_released();
}

/// A `pre-push` hook by which somebody else pushes in the very last moment.
fn overtaken(stage: &Stage, what_they_do: &str) -> secpack_tests::Run {
    let upstream = stage.team.sandbox.path("upstream.git").display().to_string();
    stage.team.sandbox.git(".", &["clone", "-q", &upstream, "other"]);
    let other = stage.team.sandbox.path("other").display().to_string();
    let pack = stage.team.sandbox.path("pack").display().to_string();
    let unset = "unset GIT_DIR GIT_WORK_TREE GIT_PREFIX";
    let who = "git -c user.name=Zoe -c user.email=zoe@example.org";
    let text = format!(
        "{unset}; cd {other} || exit 1; PACK={pack}; {what_they_do}; {who} commit -q --allow-empty -m theirs && git push -q origin main >/dev/null"
    );
    stage.script("pack/.git/hooks/pre-push", &text);
    let run = stage.release().ends(1);
    std::fs::remove_file(stage.team.sandbox.path("pack/.git/hooks/pre-push")).expect("gone");
    assert!(run.stderr.contains("origin was pushed to meanwhile"), "{}", run.stderr);
    assert!(run.stderr.contains("\"theirs\" by Test"), "{}", run.stderr);
    run
}

#[test]
fn who_was_overtaken_by_other_work_is_told_by_whom_and_releases_on_top_of_it() {
    let stage = Stage::new();
    let run = overtaken(&stage, "true");
    assert!(stage.is_unfinished());
    stage.type_hint(&run).ends(0);
    stage.release().ends(0);
    stage.assert_released();
}

#[test]
fn who_was_overtaken_by_the_same_documents_takes_theirs() {
    let stage = Stage::new();
    let run = overtaken(
        &stage,
        &format!(
            "cp $PACK/{0}* {0}* . 2>/dev/null; mkdir -p $(dirname {0}); cp $PACK/{0}* $(dirname {0})/; git add -A",
            stage.path
        ),
    );
    stage.type_hint(&run).ends(0);
    assert!(!stage.is_unfinished());
    assert_eq!(stage.status(), "");
    let theirs = stage.team.sandbox.git("upstream.git", &["rev-parse", "main"]).stdout;
    assert_eq!(theirs.trim(), stage.team.head());
    // The commit that is there now lacks a tag, and a release gives it one.
    stage.release().ends(0);
    stage.assert_released();
}

#[test]
fn other_remotes_catch_up_and_are_told_one_by_one() {
    let stage = Stage::new();
    let sandbox = &stage.team.sandbox;
    for mirror in ["one", "two"] {
        sandbox.git(".", &["init", "-q", "--bare", "-b", "main", &format!("{mirror}.git")]);
        let place = sandbox.path(&format!("{mirror}.git")).display().to_string();
        sandbox.git("pack", &["remote", "add", mirror, &place]);
    }
    std::fs::rename(sandbox.path("two.git"), sandbox.path("away.git")).expect("moved");
    let more = ["--remote", "origin", "--remote", "one", "--remote", "two"].map(str::to_owned);
    let run = stage.secpack(&[stage.arguments(), more.to_vec()].concat()).ends(1);
    assert!(run.stderr.contains("one got 3 refs and has everything"), "{}", run.stderr);
    assert!(run.stderr.contains("warning: two does not have everything"), "{}", run.stderr);
    assert_eq!(stage.refs("one.git"), stage.refs("upstream.git"));
    std::fs::rename(sandbox.path("away.git"), sandbox.path("two.git")).expect("moved");
    stage.type_hint(&run).ends(0);
    assert_eq!(stage.refs("two.git"), stage.refs("upstream.git"));
    stage.assert_released();
}

/// One that is gone for good does not keep the release open.
#[test]
fn a_release_ends_without_a_remote_that_is_gone() {
    let stage = Stage::new();
    let nowhere = stage.team.sandbox.path("nowhere.git").display().to_string();
    stage.team.sandbox.git("pack", &["remote", "add", "gone", &nowhere]);
    let more = ["--remote", "origin", "--remote", "gone"].map(str::to_owned);
    let run = stage.secpack(&[stage.arguments(), more.to_vec()].concat()).ends(1);
    assert!(run.stderr.ends_with("hint: secpack release --resume\n"), "{}", run.stderr);
    let run = stage.type_hint(&run).ends(1);
    assert!(stage.is_unfinished());
    assert!(run.stderr.ends_with(" --remote origin\n"), "{}", run.stderr);
    stage.type_hint(&run).ends(0);
    assert!(!stage.is_unfinished());
    stage.assert_released();
}
