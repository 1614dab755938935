//! What hints say in the daily work of members: nothing that somebody wrote or signed is lost, no
//! secret goes along, and what is half done goes on.

use super::work::{git, guarded, left};
use super::{PROGRAM, refused, typed};
use secpack_tests::{NOW, Run, Team};
use std::os::unix::fs::PermissionsExt;

fn revise(team: &Team, path: &str, change: &str) -> Run {
    team.run(&["bulletin", "revise", path, "--change", change, "--yes"])
}

fn ends_with_hint(run: &Run, hint: &str) {
    assert!(run.stderr.ends_with(&format!("hint: {hint}\n")), "{}", run.stderr);
}

/// The index gets back what was staged by mistake; what is on disk stays.
#[test]
fn a_refused_commit_leaves_what_is_being_worked_on() {
    for removed in ["bulletins/sb-001-2026.txt.sig.ben", "bulletins/sb-001-2026.txt"] {
        let (team, path) = guarded();
        revise(&team, &path, "Say more").ends(0);
        team.sign(&path, "ann").ends(0);
        let before = team.sandbox.contents("pack/bulletins");
        team.sandbox.git("pack", &["rm", "-q", "--cached", removed]);
        let run = git(&team, "pack", &["commit", "-q", "-m", "Less"]).ends(1);
        typed(&team.sandbox, "pack", &run).ends(0);
        assert_eq!(before, team.sandbox.contents("pack/bulletins"), "{removed}");
        assert_eq!(team.sandbox.git("pack", &["diff", "--cached", "--name-only"]).stdout, "");
    }
}

#[test]
fn the_policy_stays_in_a_published_pack() {
    let (team, _) = guarded();
    team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    team.sandbox.git("pack", &["rm", "-q", "--cached", "secpack.toml"]);
    let run = git(&team, "pack", &["commit", "-q", "-m", "Less"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(left(&team), "");
    team.sandbox.git("pack", &["rm", "-q", "--cached", "secpack.toml"]);
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-m", "Less"]);
    let run = git(&team, "pack", &["push", "-q", "origin", "main"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    let back = ["restore", "--staged", "secpack.toml"];
    git(&team, "pack", &back).ends(0);
    assert_eq!(left(&team), "");
}

/// Secret keys beside the pack's own files are not committed.
#[test]
fn a_pack_begins_without_the_secrets_in_its_folder() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    std::fs::remove_dir_all(team.sandbox.path("pack/.git")).expect("removed");
    team.sandbox.git("pack", &["init", "-q", "-b", "main"]);
    team.sandbox.write("pack/ann.key", team.sandbox.read("ann.key"));
    team.sandbox.write("pack/keys/members/new.asc", team.sandbox.read("ben.key"));
    refused(&team, "pack", &["event", "open", &path], 1).ends(0);
    let files = team.sandbox.git("pack", &["ls-files"]).stdout;
    assert!(files.contains("secpack.toml") && files.contains("members/ann.asc"), "{files}");
    assert!(!files.contains("ann.key") && !files.contains("new.asc"), "{files}");
}

#[test]
fn a_new_pack_takes_only_its_own_files() {
    let team = Team::new(PROGRAM);
    for (from, name) in [
        ("master.asc", "master.asc"),
        ("pack/keys/members/ann.asc", "ann.asc"),
        ("ann.key", "ann.key"),
    ] {
        team.sandbox.write(&format!("new/{name}"), team.sandbox.read(from));
    }
    let init = ["init", ".", "--name", "X", "--root", "master=master.asc", "--member"];
    let run = team.sandbox.secpack("new", &[&init[..], &["ann=ann.asc", "--now", NOW]].concat());
    typed(&team.sandbox, "new", &run.ends(0)).ends(0);
    let files = team.sandbox.git("new", &["ls-files"]).stdout;
    assert!(files.contains("secpack.toml") && !files.contains("ann.key"), "{files}");
}

#[test]
fn a_secret_key_is_no_text_of_a_draft() {
    let team = Team::new(PROGRAM);
    let key = team.key_of("ann");
    let feed = format!("News={key}");
    for words in [
        &["canary", "new", "--announcements", &key][..],
        &["canary", "new", "--footnotes", &key],
        &["canary", "freshness", "fetch", "--feed", &feed],
        &["sign", "request", &key],
    ] {
        let run = team.run(words);
        assert_ne!(run.code, 0, "{words:?}");
        let shown = typed(&team.sandbox, "pack", &run).ends(0);
        let all = run.stdout + &run.stderr + &shown.stdout + &shown.stderr;
        assert!(!all.contains("PRIVATE KEY"), "{words:?}: {all}");
    }
}

#[test]
fn a_signed_draft_is_not_taken_for_a_published_text() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
    }
    let before = team.sandbox.contents("pack");
    ends_with_hint(
        &revise(&team, &path, "Say more").ends(1),
        &format!("secpack bulletin edit {path} --void-signatures"),
    );
    assert_eq!(before, team.sandbox.contents("pack"));
}

/// Changed again before it was committed: what was signed in between is kept on its event.
#[test]
fn a_revision_is_revised_once_its_signatures_are_kept() {
    let (team, path) = guarded();
    revise(&team, &path, "Say more").ends(0);
    team.sign(&path, "ann").ends(0);
    let run = revise(&team, &path, "Say it better").ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    let run = revise(&team, &path, "Say it better").ends(0);
    typed(&team.sandbox, "pack", &run).ends(1);
    let event = team.sandbox.git("pack", &["ls-tree", "--name-only", "-r", "sign/bulletin-001"]);
    assert!(event.stdout.contains(&format!("{path}.sig.ann")), "{}", event.stdout);
}

/// A text never gets onto a published branch beside signatures that do not fit it.
#[test]
fn the_hint_of_a_second_revision_takes_the_old_signatures_along() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    revise(&team, &path, "Say more").ends(0);
    let run = revise(&team, &path, "Say it better").ends(0);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(left(&team), "");
    let files = team.sandbox.git("pack", &["ls-files", "bulletins"]).stdout;
    assert_eq!(files.trim(), path);
}

#[test]
fn two_versions_that_git_left_are_not_signed() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let place = format!("pack/{path}");
    let text = String::from_utf8(team.sandbox.read(&place)).expect("text");
    let both = text.replacen("\n\n", "\n\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> o\n\n", 1);
    team.sandbox.write(&place, both);
    let run = team.run(&["bulletin", "lint", &path]).ends(1);
    assert_eq!(run.stdout.matches("error[conflict]").count(), 2, "{}", run.stdout);
    team.sign(&path, "ann").ends(1);
}

#[test]
fn hooks_run_once_they_are_installed() {
    let (team, _) = guarded();
    let hook = team.sandbox.path("pack/.git/hooks/pre-commit");
    let mode = |mode: u32| {
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode(0o644);
    let run = team.run(&["hook", "install", "--ci", "none"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    team.run(&["hook", "install", "--ci", "none"]).ends(0);
    let now = std::fs::metadata(&hook).expect("a hook").permissions().mode();
    assert_eq!(now & 0o111, 0o111);
}

/// Hooks of other names that run today go on running.
#[test]
fn hooks_in_another_folder_are_taken_along() {
    let team = Team::new(PROGRAM);
    team.sandbox.write("mine/commit-msg", "#!/bin/sh\necho seen >&2\n");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(team.sandbox.path("mine/commit-msg"), mode).expect("a mode");
    let mine = team.sandbox.path("mine").display().to_string();
    team.sandbox.git("pack", &["config", "core.hooksPath", &mine]);
    let install = ["hook", "install", "--ci", "none"];
    refused(&team, "pack", &install, 1).ends(0);
    team.run(&install).ends(0);
    let run = git(&team, "pack", &["commit", "-q", "--allow-empty", "-m", "X"]).ends(0);
    assert!(run.stderr.contains("seen"), "{}", run.stderr);
}

#[test]
fn a_hook_of_another_language_is_only_shown() {
    for first in ["#!/usr/bin/env fish", "#!/usr/share/hooks/python", "#!/bin/csh"] {
        let team = Team::new(PROGRAM);
        team.sandbox.write("pack/.git/hooks/pre-commit", format!("{first}\ntrue\n"));
        let run = team.run(&["hook", "install"]).ends(1);
        assert!(run.stderr.contains("hint: head -n 24 "), "{first}: {}", run.stderr);
    }
}

/// The draft lies here untracked, with the very bytes that the event has.
#[test]
fn an_event_that_is_complete_is_released_from_where_it_was_drafted() {
    let (team, _) = guarded();
    let path = team.draft();
    team.run(&["event", "open", &path]).ends(0);
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
    }
    team.run(&["event", "open", &path]).ends(0);
    let run = team.run(&["event", "close", &path]).ends(0);
    let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a hint");
    let hint = hint.replace("MEMBER", "ann").replace("FILE", &team.key_of("ann"));
    let said = Run { stderr: format!("hint: {hint}\n"), ..run };
    typed(&team.sandbox, "pack", &said).ends(0);
}

#[test]
fn a_clock_before_the_key_was_made_is_compared() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let early = ["--now", "2020-01-01T00:00:00Z", "sign", &path, "--as", "ann", "--key"];
    let run = team.sandbox.secpack("pack", &[&early[..], &[&team.key_of("ann")]].concat());
    assert!(run.stderr.contains("and the clock says 2020-01-01"), "{}", run.stderr);
    ends_with_hint(&run.ends(2), "date --utc");
}

#[test]
fn a_key_file_and_another_place_for_the_key_are_two() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let key = team.key_of("ann");
    let sign = ["sign", &path, "--as", "ann", "--key", &key];
    for other in [&["--with", "agent"][..], &["--program", "/bin/false"]] {
        let run = team.run(&[&sign[..], other].concat()).ends(2);
        assert!(!run.stderr.lines().next_back().unwrap_or_default().contains(other[0]));
    }
}
