//! `secpack watch`: one line when nothing changed, facts when something did.

use super::real_history::{copy, point, run};
use super::{file, git, revise, seen};
use secpack_tests::{NOW, Run, Team, corpus};

/// Watches as a timer would. No output may ever judge what happened to the team.
fn watch(team: &Team, more: &[&str]) -> Run {
    let run = team.run(&[&["watch", "--anchor", &team.anchor][..], more].concat());
    assert!(!run.stdout.to_lowercase().contains(&["comp", "romised"].concat()), "{}", run.stdout);
    run
}

fn facts(run: &Run) -> Vec<&str> {
    run.stdout.lines().skip(1).collect()
}

fn sign_all(team: &Team, path: &str, members: &[&str]) {
    for member in members {
        let signature = team.sandbox.path(&format!("pack/{path}.sig.{member}"));
        if signature.exists() {
            std::fs::remove_file(signature).expect("removed");
        }
        team.sign(path, member).ends(0);
    }
}

fn publish(team: &Team, path: &str, members: &[&str]) {
    sign_all(team, path, members);
    team.commit("News");
    team.tag("ann");
}

#[test]
fn nothing_changed_is_one_line() {
    let (team, _) = seen();
    let run = watch(&team, &[]).ends(0);
    assert_eq!(run.stdout, format!("unchanged: {}, 1 bulletin\n", &team.head()[..12]));
    let before = team.sandbox.contents(".");
    let json = watch(&team, &["--json"]).ends(0).json();
    assert_eq!(json["schema"], "secpack/watch/1");
    assert_eq!((&json["result"], &json["state"]), (&"good".into(), &"unchanged".into()));
    assert_eq!(json["facts"], serde_json::json!([]));
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn the_first_look_is_said() {
    let team = Team::new(super::PROGRAM);
    team.released();
    let run = watch(&team, &[]).ends(0);
    assert!(run.stdout.starts_with("first look: ") && facts(&run).is_empty(), "{}", run.stdout);
}

#[test]
fn a_new_bulletin_and_a_revised_one() {
    let (team, path) = seen();
    let second = team.draft();
    publish(&team, &second, &["ann", "ben"]);
    let run = watch(&team, &[]).ends(0);
    assert!(run.stdout.starts_with("changed: "), "{}", run.stdout);
    assert_eq!(facts(&run), [format!("new bulletin: SB-002 of 2026-03-04 ({second})")]);
    revise(&team, &path);
    publish(&team, &path, &["ann", "ben"]);
    let run = watch(&team, &[]).ends(0);
    assert_eq!(facts(&run), [format!("revised: SB-001 ({path})")]);
    assert_eq!(facts(&watch(&team, &[]).ends(0)), [""; 0]);
}

#[test]
fn a_changed_fund_address_is_shown_old_and_new() {
    let (team, _) = seen();
    let path = "fund/btc.txt";
    let text = |address: &str| format!("The one address of the example:\n\n{address}\n");
    team.sandbox.write(&format!("pack/{path}"), text("bc1-first"));
    publish(&team, path, &["ann", "ben"]);
    let run = watch(&team, &[]).ends(0);
    assert!(run.stdout.contains("new statement: fund btc (fund/btc.txt)"), "{}", run.stdout);
    let long = format!("bc1-second{}", "x".repeat(100));
    team.sandbox.write(&format!("pack/{path}"), text(&long));
    publish(&team, path, &["ann", "ben"]);
    let expected =
        format!("statement changed: fund/btc.txt: was \"bc1-first\", is \"{}\"", &long[..80]);
    assert_eq!(facts(&watch(&team, &[]).ends(0)), [expected]);
}

#[test]
fn a_first_tag_by_a_member_and_a_new_policy() {
    let (team, _) = seen();
    super::raise_policy(&team, "version = 2", "# agreed");
    team.tag("ben");
    let run = watch(&team, &[]).ends(0);
    assert_eq!(facts(&run), ["policy: version 1 became version 2", "first tag by ben"]);
}

#[test]
fn a_key_that_expires_soon() {
    let (team, _) = seen();
    let sandbox = &team.sandbox;
    for key in ["ben.key", "ben-certified.asc"] {
        sandbox.gpg(".", &["--import", key]).ends(0);
    }
    let shown = sandbox.gpg(".", &["--with-colons", "--list-keys", "ben"]).ends(0);
    let line = shown.stdout.lines().find(|line| line.starts_with("fpr:")).expect("a key");
    let fingerprint = line.split(':').nth(9).expect("a fingerprint").to_owned();
    let time = ["--faked-system-time", "20260304T090000", "--yes"];
    let expire = ["--quick-set-expire", &fingerprint, "58d"];
    sandbox.gpg(".", &[&time[..], &expire].concat()).ends(0);
    let export = ["--armor", "--export-options", "export-minimal", "--export", &fingerprint];
    let minimal = sandbox.gpg(".", &export).ends(0);
    let whole = sandbox.gpg(".", &["--armor", "--export", &fingerprint]).ends(0);
    assert_ne!(minimal.stdout, whole.stdout, "the certification must stay");
    let names = git(&team, &["ls-files", "keys/members"]);
    let path = names.lines().find(|name| name.contains("ben")).expect("ben's key").to_owned();
    sandbox.write(&format!("pack/{path}"), whole.stdout);
    team.commit("Ben's key expires");
    team.tag("ann");
    let run = watch(&team, &[]).ends(0);
    assert_eq!(facts(&run).len(), 1, "{}", run.stdout);
    assert!(
        facts(&run)[0].starts_with("key of ben expires on 2026-05-01, in 57 days"),
        "{}",
        run.stdout
    );
    assert!(facts(&run)[0].ends_with(&fingerprint));
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    let (team, path) = seen();
    git(&team, &["rm", "-q", &format!("{path}.sig.ben")]);
    team.commit("One signature less");
    team.tag("ann");
    let before = team.sandbox.read(&file(&team));
    let run = watch(&team, &[]).ends(1);
    assert!(run.stdout.starts_with("refused: ") && run.stdout.contains("error[vanished]"));
    git(&team, &["reset", "-q", "--hard", "HEAD~2"]);
    let run = watch(&team, &["--json"]).ends(1);
    assert_eq!(run.json()["findings"][0]["rule"], "rolled-back");
    assert_eq!(before, team.sandbox.read(&file(&team)));
}

#[test]
fn without_an_anchor_or_a_pack_it_cannot_find_out() {
    let (team, _) = seen();
    team.run(&["watch"]).ends(2);
    team.sandbox.git(".", &["init", "-q", "empty"]);
    watch(&team, &["../empty"]).ends(2);
    watch(&team, &["../nowhere"]).ends(2);
    // There is no origin to fetch from.
    watch(&team, &["--fetch"]).ends(2);
}

#[test]
fn it_fetches_into_a_clone_and_leaves_the_files_alone() {
    let (team, _) = seen();
    for clone in [&["clone", "-q", "pack", "clone"][..], &["clone", "-q", "--bare", "pack", "bare"]]
    {
        team.sandbox.git(".", clone);
    }
    let second = team.draft();
    publish(&team, &second, &["ann", "ben"]);
    let clones = ["clone", "bare"];
    for clone in clones {
        let old = team.sandbox.git(clone, &["rev-parse", "HEAD"]).stdout;
        let memory = team.sandbox.path(&format!("memory-{clone}")).display().to_string();
        let watch = ["watch", "--anchor", &team.anchor, "--memory", &memory, "--now", NOW];
        let fetch = [&watch[..], &["--fetch"]].concat();
        team.sandbox.secpack(clone, &watch).ends(0);
        let run = team.sandbox.secpack(clone, &fetch).ends(0);
        assert_eq!(facts(&run).len(), 1, "{}", run.stdout);
        assert!(run.stdout.contains("new bulletin: SB-002"), "{}", run.stdout);
        assert_eq!(team.sandbox.git(clone, &["rev-parse", "HEAD"]).stdout, old);
        let again = team.sandbox.secpack(clone, &watch).ends(0);
        assert!(again.stdout.starts_with("unchanged: "), "{}", again.stdout);
    }
    // The server goes back: what was fetched is refused.
    git(&team, &["reset", "-q", "--hard", "HEAD~1"]);
    for clone in clones {
        let memory = team.sandbox.path(&format!("memory-{clone}")).display().to_string();
        let watch = ["watch", "--anchor", &team.anchor, "--memory", &memory, "--fetch"];
        let run = team.sandbox.secpack(clone, &watch).ends(1);
        assert!(run.stdout.contains("error[rolled-back]"), "{}", run.stdout);
    }
}

#[test]
fn a_tag_that_moved_on_the_server_is_refused() {
    let (team, _) = seen();
    team.sandbox.git(".", &["clone", "-q", "pack", "clone"]);
    let tag = git(&team, &["tag", "--points-at", "HEAD"]);
    git(&team, &["tag", "-f", &tag, "HEAD~1"]);
    let watch = ["watch", "--anchor", &team.anchor, "--fetch", "--now", NOW];
    let run = team.sandbox.secpack("clone", &watch).ends(1);
    assert!(run.stderr.contains("moved the tag"), "{}", run.stderr);
}

/// The real pack over time: quiet, due, overdue.
#[test]
fn an_overdue_canary_fails_the_watch_and_not_the_verification() {
    let Some(corpus) = corpus() else { return };
    let sandbox = copy(&corpus);
    let newest = sandbox.git("pack.git", &["rev-parse", "HEAD"]).stdout;
    let early = ["--now", "2024-12-20T00:00:00Z"];
    point(&sandbox, &format!("{}~29", newest.trim()));
    // Held back: everything in it is good, and only the calendar tells.
    let frozen = run(&sandbox, "watch", &early).ends(1);
    assert!(facts(&frozen)[0].starts_with("canary overdue since 97 days: "), "{}", frozen.stdout);
    point(&sandbox, newest.trim());
    let news = run(&sandbox, "watch", &early).ends(0);
    assert!(news.stdout.contains("\nnew canary: Canary-041 of 2024-12-03"), "{}", news.stdout);
    let quiet = run(&sandbox, "watch", &early).ends(0);
    assert_eq!(
        quiet.stdout,
        "unchanged: 346d660c82dd, 106 bulletins, newest canary Canary-041 of 2024-12-03, \
         next due by 2025-03-14\n"
    );
    let due = run(&sandbox, "watch", &["--now", "2025-03-02T00:00:00Z"]).ends(0);
    assert_eq!(
        facts(&due),
        ["canary due: the one after Canary-041 of 2024-12-03 is due by 2025-03-14"]
    );
    let late = ["--now", "2025-03-20T00:00:00Z"];
    let overdue = run(&sandbox, "watch", &late).ends(1);
    assert!(facts(&overdue)[0].starts_with("canary overdue since 6 days: "), "{}", overdue.stdout);
    let verified = run(&sandbox, "verify", &late).ends(0);
    assert!(verified.stdout.contains("warning[overdue]"), "{}", verified.stdout);
}
