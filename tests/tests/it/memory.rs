//! A reader who saw something is never shown less: rollback, vanished files, policies that go
//! back. What is refused leaves the memory as it was, byte for byte.

mod real_history;
mod watch;

use secpack_tests::{Run, Team};
use std::path::PathBuf;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");
const FOLDER: &str = "home/state/secpack";

/// A team and a reader who saw one released bulletin.
fn seen() -> (Team, String) {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let first = team.verify().ends(0).json();
    assert_eq!(first["memory"]["state"], "first");
    (team, path)
}

fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings");
    let errors = findings.iter().filter(|f| f["level"] == "error" && f["accepted"] == false);
    errors.map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

fn memory(team: &Team) -> Vec<(PathBuf, Vec<u8>)> {
    team.sandbox.contents(FOLDER)
}

fn file(team: &Team) -> String {
    format!("{FOLDER}/{}.json", team.anchor)
}

/// Refused with this rule; nothing is remembered.
fn refused(team: &Team, rule: &str) -> Run {
    let before = memory(team);
    let run = team.verify().ends(1);
    assert!(rules(&run).iter().any(|found| found == rule), "{:?}", rules(&run));
    assert_eq!(run.json()["memory"]["state"], "refused");
    assert_eq!(before, memory(team));
    run
}

fn git(team: &Team, arguments: &[&str]) -> String {
    team.sandbox.git("pack", arguments).stdout.trim().to_owned()
}

#[test]
fn a_pack_moves_forward() {
    let (team, path) = seen();
    let head = team.head();
    let same = team.verify().ends(0).json();
    assert_eq!(same["memory"]["state"], "unchanged");
    assert_eq!(same["memory"]["seen_head"], head.as_str());
    team.sandbox.write("pack/README", "a note\n");
    team.commit("A note");
    team.tag("ben");
    let next = team.verify().ends(0).json();
    assert_eq!(next["memory"]["state"], "advanced");
    assert_eq!(next["memory"]["seen_head"], head.as_str());
    let text = String::from_utf8(team.sandbox.read(&file(&team))).expect("text");
    assert!(text.contains(&team.head()) && text.contains(&format!("{path}.sig.ben")), "{text}");
}

#[test]
fn an_older_commit_is_rolled_back() {
    let (team, _) = seen();
    git(&team, &["reset", "-q", "--hard", "HEAD~1"]);
    let run = refused(&team, "rolled-back");
    assert_eq!(rules(&run), ["rolled-back"]);
    let human = team.run(&["verify", "--anchor", &team.anchor]).ends(1);
    assert!(human.stdout.contains("not judged any further"), "{}", human.stdout);
    // Without the memory the old commit is as good as it ever was.
    team.run(&["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
    team.run(&["verify", "--json"]).ends(0);
}

#[test]
fn a_history_written_anew_is_rolled_back() {
    let (team, _) = seen();
    git(&team, &["checkout", "-q", "--orphan", "anew"]);
    team.commit("The same files, another history");
    team.tag("ann");
    let run = refused(&team, "rolled-back");
    assert!(run.stdout.contains("nothing in common"), "{}", run.stdout);
    // Nor in a repository that never had the old one.
    let clone =
        ["clone", "-q", "--no-local", "--single-branch", "--branch", "anew", ".", "../other"];
    git(&team, &clone);
    let verify = ["verify", "--anchor", &team.anchor, "--json"];
    let run = team.sandbox.secpack("other", &verify).ends(1);
    assert!(run.stdout.contains("not even in this repository"), "{}", run.stdout);
    assert_eq!(rules(&run), ["rolled-back"]);
}

#[test]
fn a_signature_does_not_vanish() {
    let (team, path) = seen();
    git(&team, &["rm", "-q", &format!("{path}.sig.ben")]);
    refused(&team, "vanished");
    team.commit("One signature less");
    team.tag("ann");
    assert_eq!(rules(&refused(&team, "vanished")), ["missing", "vanished"]);
}

/// The attack that only a memory sees: everything that is left is good.
#[test]
fn a_document_does_not_vanish() {
    let (team, path) = seen();
    let all = [path.clone(), format!("{path}.sig.ann"), format!("{path}.sig.ben")];
    git(&team, &[&["rm", "-q"][..], &all.each_ref().map(String::as_str)].concat());
    team.commit("Nothing happened");
    team.tag("ann");
    team.run(&["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
    let run = refused(&team, "vanished");
    assert_eq!(rules(&run), ["vanished", "vanished", "vanished"]);
}

#[test]
fn a_revised_document_that_everyone_signed_again_is_a_change() {
    let (team, path) = seen();
    revise(&team, &path);
    refused(&team, "vanished");
    for member in ["ann", "ben"] {
        let signature = format!("pack/{path}.sig.{member}");
        std::fs::remove_file(team.sandbox.path(&signature)).expect("removed");
        team.sign(&path, member).ends(0);
    }
    team.commit("Revised");
    team.tag("ann");
    assert_eq!(team.verify().ends(0).json()["memory"]["state"], "advanced");
}

fn revise(team: &Team, path: &str) {
    let text = String::from_utf8(team.sandbox.read(&format!("pack/{path}"))).expect("text");
    let revised = text.replacen("restart the service", "restart that service", 1);
    assert_ne!(text, revised);
    team.sandbox.write(&format!("pack/{path}"), revised);
}

/// A policy that accepts the findings of the memory changes nothing about them.
#[test]
fn no_list_of_accepted_findings_silences_the_memory() {
    let (team, path) = seen();
    let signature = format!("{path}.sig.ben");
    git(&team, &["rm", "-q", &signature]);
    let run = team.verify().ends(1).json();
    let findings = run["findings"].as_array().expect("findings");
    let ids: Vec<&str> = findings.iter().map(|f| f["id"].as_str().expect("an id")).collect();
    let accepted = format!("[[accepted]]\nreason = \"as agreed\"\nids = {ids:?}");
    raise_policy(&team, "version = 2", &accepted);
    assert_eq!(rules(&refused(&team, "vanished")), ["vanished"]);
}

fn raise_policy(team: &Team, version: &str, more: &str) {
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let at = text.find("\nversion = ").expect("a version") + 1;
    let end = at + text[at..].find('\n').expect("a line");
    let text = format!("{}{version}{}\n{more}\n", &text[..at], &text[end..]);
    team.sandbox.write("pack/secpack.toml", text);
    for member in ["ann", "ben"] {
        let signature = format!("pack/secpack.toml.sig.{member}");
        // With stock gpg: our own program refuses to sign a policy whose version does not rise.
        let (user, key) = (format!("{member}@example.org"), team.key_of(member));
        team.sandbox.gpg(".", &["--import", &key]).ends(0);
        let sign = [
            "--faked-system-time",
            "20260304T100000",
            "--yes",
            "--armor",
            "--local-user",
            &user,
            "--output",
            &signature,
            "--detach-sign",
            "pack/secpack.toml",
        ];
        team.sandbox.gpg(".", &sign).ends(0);
    }
    team.commit("Policy");
    team.tag("ann");
}

#[test]
fn a_policy_only_goes_up() {
    let (team, _) = seen();
    raise_policy(&team, "version = 2", "# agreed");
    assert_eq!(team.verify().ends(0).json()["memory"]["state"], "advanced");
    raise_policy(&team, "version = 2", "# the same version, another content");
    refused(&team, "policy-rolled-back");
    raise_policy(&team, "version = 1", "# an older version");
    refused(&team, "policy-rolled-back");
}

#[test]
fn forgetting_is_explicit_and_said() {
    let (team, _) = seen();
    git(&team, &["reset", "-q", "--hard", "HEAD~1"]);
    refused(&team, "rolled-back");
    let run = team.run(&["verify", "--anchor", &team.anchor, "--forget", "--json"]).ends(0);
    assert!(run.stderr.contains("forgot what was seen of this pack"), "{}", run.stderr);
    assert_eq!(run.json()["memory"]["state"], "first");
    assert_eq!(team.verify().ends(0).json()["memory"]["seen_head"], team.head().as_str());
}

#[test]
fn a_memory_that_cannot_be_read_is_not_taken_for_none() {
    let (team, _) = seen();
    let whole = String::from_utf8(team.sandbox.read(&file(&team))).expect("text");
    for damaged in [
        whole.replace("secpack/memory/1", "secpack/memory/2"),
        whole[..whole.len() / 2].to_owned(),
        whole.replace(&team.anchor, "00112233445566778899AABBCCDDEEFF00112233"),
        String::new(),
    ] {
        team.sandbox.write(&file(&team), &damaged);
        let run = team.verify().ends(2);
        assert!(run.stderr.contains(&file(&team)) && run.stderr.contains("--forget"), "{run:?}");
        assert_eq!(team.sandbox.read(&file(&team)), damaged.into_bytes());
    }
    team.run(&["verify", "--anchor", &team.anchor, "--forget"]).ends(0);
    team.verify().ends(0);
}

#[test]
fn only_an_anchor_and_head_are_remembered() {
    let team = Team::new(PROGRAM);
    team.released();
    team.run(&["verify"]).ends(0);
    team.run(&["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
    team.run(&["verify", "--anchor", &team.anchor, "--commit", "HEAD"]).ends(0);
    assert!(!team.sandbox.path(FOLDER).exists());
    let elsewhere = team.sandbox.path("elsewhere").display().to_string();
    team.run(&["verify", "--anchor", &team.anchor, "--memory", &elsewhere]).ends(0);
    assert_eq!(team.sandbox.contents("elsewhere").len(), 1);
    assert!(!team.sandbox.path(FOLDER).exists());
    // A named commit is compared all the same.
    team.verify().ends(0);
    let before = memory(&team);
    let old = ["verify", "--anchor", &team.anchor, "--commit", "HEAD~1", "--json"];
    assert_eq!(rules(&team.run(&old).ends(1)), ["rolled-back"]);
    assert_eq!(before, memory(&team));
}

#[test]
fn what_is_not_good_at_first_sight_is_not_remembered() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    git(&team, &["rm", "-q", &format!("{path}.sig.ben")]);
    let run = team.verify().ends(1);
    assert_eq!(run.json()["memory"]["state"], "refused");
    assert!(!team.sandbox.path(FOLDER).exists());
}

#[test]
fn the_clock_is_the_later_of_now_and_what_was_seen() {
    let (team, _) = seen();
    let early = ["verify", "--anchor", &team.anchor, "--json", "--now", "2026-02-01T00:00:00Z"];
    let run = team.sandbox.secpack("pack", &early).ends(0);
    assert!(run.stderr.contains("judged by the later"), "{}", run.stderr);
}
