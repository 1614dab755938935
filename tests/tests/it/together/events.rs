//! Signing events: opening touches nothing but the branch, closing loses nothing.

use super::{MEMBERS, Trio, hint};
use serde_json::Value;

const BRANCH: &str = "sign/bulletin-001";

/// The one event of `secpack event list --json` in a clone.
fn event(trio: &Trio, clone: &str) -> Value {
    let report = trio.run(clone, &["event", "list", "--json"]).ends(0).json();
    assert_eq!(report["schema"], "secpack/event/1");
    let events = report["events"].as_array().expect("a list");
    assert_eq!(events.len(), 1, "{report}");
    events[0].clone()
}

/// Everything of a clone but git's own folder, and where HEAD is.
fn work_tree(trio: &Trio, clone: &str) -> impl PartialEq + std::fmt::Debug {
    let mut files = trio.team.sandbox.contents(clone);
    let own = trio.team.sandbox.path(&format!("{clone}/.git"));
    files.retain(|(path, _)| !path.starts_with(&own));
    let head = trio.team.sandbox.read(&format!("{clone}/.git/HEAD"));
    let index = trio.team.sandbox.read(&format!("{clone}/.git/index"));
    (files, head, index, trio.git(clone, &["rev-parse", "HEAD"]))
}

/// Ben or carol sign on the branch, in their own clone, with stock git.
fn signs_on_branch(trio: &Trio, member: &str, path: &str) {
    trio.git(member, &["fetch", "-q", "origin"]);
    trio.git(member, &["checkout", "-q", "-B", BRANCH, &format!("origin/{BRANCH}")]);
    trio.sign(member, path).ends(0);
    trio.git(member, &["add", "-A"]);
    trio.git(member, &["commit", "-q", "-m", "Signed"]);
    trio.git(member, &["push", "-q", "origin", BRANCH]);
    trio.git(member, &["checkout", "-q", "main"]);
}

#[test]
fn an_event_goes_from_open_to_closed_and_keeps_every_commit() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    trio.sign("ann", &path).ends(0);
    let before = work_tree(&trio, "ann");
    let opened = trio.run("ann", &["event", "open", &path]).ends(0);
    assert_eq!(opened.stdout, format!("opened: {BRANCH} ({path})\n"));
    assert_eq!(before, work_tree(&trio, "ann"));
    let listed = trio.git("ann", &["diff", "--name-only", "main", BRANCH]);
    assert_eq!(listed, format!("{path}\n{path}.sig.ann"));
    // Again: nothing changes, in git neither.
    let all = trio.team.sandbox.contents("ann");
    let again = trio.run("ann", &["event", "open", "SB-001"]).ends(0);
    assert!(again.stdout.starts_with("open already:"), "{}", again.stdout);
    assert_eq!(all, trio.team.sandbox.contents("ann"));
    trio.types("ann", &hint(&again)).ends(0);
    let pushed = trio.run("ann", &["event", "open", "SB-001"]).ends(0);
    assert_eq!(pushed.stderr, "", "pushed, so there is nothing to type");
    let early = trio.run("ann", &["event", "close", "SB-001"]).ends(1);
    assert!(early.stderr.contains("missing ben, carol"), "{}", early.stderr);
    for member in ["ben", "carol"] {
        signs_on_branch(&trio, member, &path);
    }
    trio.git("ann", &["fetch", "-q", "origin"]);
    let open = event(&trio, "ann");
    assert_eq!(open["state"], "open");
    assert_eq!(open["signed"], serde_json::json!(MEMBERS));
    assert_eq!(open["at"], format!("origin/{BRANCH}"));
    assert_eq!((&open["since"], &open["by"]), (&secpack_tests::NOW.into(), &"ann".into()));
    let tip = trio.git("ann", &["rev-parse", &format!("origin/{BRANCH}")]);
    let before = work_tree(&trio, "ann");
    let closed = trio.run("ann", &["event", "close", "SB-001"]).ends(0);
    assert!(closed.stdout.contains("(complete)"), "{}", closed.stdout);
    assert_eq!(before, work_tree(&trio, "ann"));
    trio.types("ann", &hint(&closed)).ends(0);
    for clone in ["ann", "upstream.git"] {
        assert_eq!(trio.git(clone, &["for-each-ref", "refs/heads/sign"]), "");
        let kept = trio.git(clone, &["for-each-ref", "--format=%(refname)", "refs/secpack"]);
        assert_eq!(trio.git(clone, &["rev-parse", &format!("{kept}^")]), tip);
    }
    assert_eq!(event(&trio, "ann")["state"], "complete");
    let all = trio.team.sandbox.contents("ann");
    let again = trio.run("ann", &["event", "close", "SB-001"]).ends(0);
    assert!(again.stdout.starts_with("closed already:"), "{}", again.stdout);
    assert_eq!(all, trio.team.sandbox.contents("ann"));
}

#[test]
fn an_abandoned_event_keeps_its_draft_and_can_begin_again() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    trio.run("ann", &["event", "open", &path]).ends(0);
    let tip = trio.git("ann", &["rev-parse", BRANCH]);
    for reason in ["", "  ", "two\nlines", "\u{202e}turned"] {
        let before = trio.team.sandbox.contents("ann");
        let refused = trio.run("ann", &["event", "close", &path, "--abandon", reason]).ends(1);
        assert!(refused.stderr.contains("one line of text"), "{}", refused.stderr);
        let typed = hint(&refused);
        assert_eq!(before, trio.team.sandbox.contents("ann"));
        if reason == "\u{202e}turned" {
            trio.types("ann", &typed).ends(0);
        }
    }
    let ended = event(&trio, "ann");
    assert_eq!((&ended["state"], &ended["reason"]), (&"abandoned".into(), &"REASON".into()));
    let kept = trio.git("ann", &["for-each-ref", "--format=%(refname)", "refs/secpack"]);
    assert_eq!(trio.git("ann", &["rev-parse", &format!("{kept}^")]), tip);
    let again = trio.run("ann", &["event", "open", &path]).ends(0);
    assert!(again.stdout.starts_with("opened:"), "{}", again.stdout);
    assert_eq!(event(&trio, "ann")["state"], "open");
    assert_ne!(trio.git("ann", &["rev-parse", BRANCH]), tip);
}

#[test]
fn an_older_copy_never_undoes_a_newer_text() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    trio.sign("ann", &path).ends(0);
    let old = trio.team.sandbox.read(&format!("ann/{path}"));
    trio.run("ann", &["event", "open", &path]).ends(0);
    let new = String::from_utf8(old.clone()).expect("text").replacen("overflow", "Overflow", 1);
    trio.team.sandbox.write(&format!("ann/{path}"), &new);
    let updated = trio.run("ann", &["event", "open", &path]).ends(0);
    assert!(updated.stdout.starts_with("updated:"), "{}", updated.stdout);
    assert!(updated.stderr.contains("ann's signature does not fit"), "{}", updated.stderr);
    trio.team.sandbox.write(&format!("ann/{path}"), &old);
    let before = trio.team.sandbox.contents("ann");
    let refused = trio.run("ann", &["event", "open", &path]).ends(1);
    assert!(refused.stderr.contains("is older than the text on"), "{}", refused.stderr);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
    trio.types("ann", &hint(&refused)).ends(0);
    assert_eq!(trio.team.sandbox.read(&format!("ann/{path}")), new.into_bytes());
    trio.run("ann", &["event", "open", &path]).ends(0);
}

#[test]
fn a_branch_that_others_moved_is_fetched_first() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    trio.run("ann", &["event", "open", &path]).ends(0);
    trio.git("ann", &["push", "-q", "origin", BRANCH]);
    signs_on_branch(&trio, "ben", &path);
    trio.git("ann", &["fetch", "-q", "origin"]);
    trio.sign("ann", &path).ends(0);
    let before = trio.team.sandbox.contents("ann");
    let behind = trio.run("ann", &["event", "open", &path]).ends(1);
    assert!(behind.stderr.contains("origin has commits on"), "{}", behind.stderr);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
    trio.types("ann", &hint(&behind)).ends(0);
    let opened = trio.run("ann", &["event", "open", &path]).ends(0);
    trio.types("ann", &hint(&opened)).ends(0);
    assert_eq!(event(&trio, "ann")["signed"], serde_json::json!(["ann", "ben"]));
}

#[test]
fn an_event_that_is_worked_on_or_never_was_is_not_closed() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    let never = trio.run("ann", &["event", "close", &path, "--abandon", "no"]).ends(1);
    assert!(never.stderr.contains("no signing event of"), "{}", never.stderr);
    trio.types("ann", &format!("{} --now {}", hint(&never), secpack_tests::NOW)).ends(0);
    // The draft on disk is the one on the branch, so git has nothing to overwrite.
    std::fs::remove_file(trio.team.sandbox.path(&format!("ann/{path}"))).expect("removed");
    trio.git("ann", &["checkout", "-q", BRANCH]);
    let before = trio.team.sandbox.contents("ann");
    let held = trio.run("ann", &["event", "close", &path, "--abandon", "no"]).ends(1);
    assert!(held.stderr.contains("is checked out here"), "{}", held.stderr);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
    trio.types("ann", &hint(&held)).ends(0);
    assert_eq!(trio.git("ann", &["branch", "--show-current"]), "main");
    // The draft is not on disk any more; its event still has a name.
    trio.run("ann", &["event", "close", "SB-001", "--abandon", "no"]).ends(0);
}

#[test]
fn a_complete_document_waits_for_nobody() {
    let trio = Trio::new();
    let before = trio.team.sandbox.contents("ann");
    let run = trio.run("ann", &["event", "open", "secpack.toml"]).ends(0);
    assert!(run.stdout.starts_with("not opened:"), "{}", run.stdout);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
    let none = trio.run("ann", &["event", "list"]).ends(0);
    assert_eq!(none.stdout, "");
}

#[test]
fn nobody_opens_an_event_without_a_name() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    trio.git("ann", &["config", "--unset", "user.name"]);
    let before = trio.team.sandbox.contents("ann");
    let refused = trio.run("ann", &["event", "open", &path]).ends(2);
    assert!(refused.stderr.contains("no usable user.name"), "{}", refused.stderr);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
    trio.types("ann", &hint(&refused)).ends(0);
    trio.run("ann", &["event", "open", &path]).ends(0);
}
