//! What hints say while several people work: hooks, releases, events. Nobody's work is lost by them.

use super::{PROGRAM, refused, typed};
use secpack_tests::{NOW, Run, Sandbox, Team};

/// A pack with hooks, a bare upstream that has everything, and a released bulletin.
pub(super) fn guarded() -> (Team, String) {
    let team = Team::new(PROGRAM);
    let path = team.released();
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
    team.sandbox.git("pack", &["fetch", "-q", "origin"]);
    team.run(&["hook", "install", "--ci", "none"]).ends(0);
    for name in ["pre-commit", "pre-push"] {
        let hook = team.sandbox.path(&format!("pack/.git/hooks/{name}"));
        let text = std::fs::read_to_string(&hook).expect("a hook");
        std::fs::write(&hook, text.replace("hook run", &format!("hook run --now {NOW}")))
            .expect("written");
    }
    team.sandbox.git("pack", &["add", "-A"]);
    team.sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", "Hooks"]);
    (team, path)
}

pub(super) fn git(team: &Team, folder: &str, arguments: &[&str]) -> Run {
    team.sandbox.run(std::path::Path::new("git"), folder, arguments, &[])
}

pub(super) fn left(team: &Team) -> String {
    team.sandbox.git("pack", &["status", "--porcelain"]).stdout
}

/// The hooks refuse; what their hint says leads out, also from a folder of the pack.
#[test]
fn the_hint_of_a_refused_commit_leads_out() {
    let (team, path) = guarded();
    let signature = format!("{path}.sig.ben");
    let other = format!("{path}.sig.ann");
    let all = [&*path, &*other, &*signature];
    for folder in ["pack", "pack/keys"] {
        for files in [&all[2..], &all[..]] {
            team.sandbox.git("pack", &[&["rm", "-q"][..], files].concat());
            let run = git(&team, folder, &["commit", "-q", "-m", "Less"]).ends(1);
            typed(&team.sandbox, folder, &run).ends(0);
            assert_eq!(left(&team), "", "{folder}");
        }
    }
}

/// A text that was edited goes to its event, and stays out of the published branch.
#[test]
fn the_hint_of_an_edited_text_takes_it_to_its_event() {
    let (team, path) = guarded();
    let place = format!("pack/{path}");
    let text = String::from_utf8(team.sandbox.read(&place)).expect("text");
    team.sandbox.write(&place, text.replace("long record", "longer record"));
    let run = git(&team, "pack", &["commit", "-qam", "Edited"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(left(&team), format!(" M {path}\n"));
    assert!(team.sandbox.git("pack", &["branch", "--list"]).stdout.contains("sign/bulletin-001"));
}

#[test]
fn the_hint_of_a_refused_push_makes_the_commit_anew() {
    let (team, path) = guarded();
    team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    let signature = format!("{path}.sig.ben");
    team.sandbox.git("pack", &["rm", "-q", &signature]);
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-m", "Less"]);
    let run = git(&team, "pack", &["push", "-q", "origin", "main"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    let run = git(&team, "pack", &["commit", "-q", "-m", "Less"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(left(&team), "");
    git(&team, "pack", &["push", "-q", "origin", "main"]).ends(0);
}

fn release(team: &Team, more: &[&str]) -> Run {
    let key = team.key_of("ann");
    team.run(&[&["release", "SB-001", "--as", "ann", "--key", &key], more].concat())
}

#[test]
fn a_release_that_waits_for_oneself_or_has_no_remote() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sign(&path, "ben").ends(0);
    let run = release(&team, &[]).ends(1);
    let sign = format!("hint: secpack sign {path} --as ann --key {}\n", team.key_of("ann"));
    assert!(run.stderr.ends_with(&sign), "{}", run.stderr);
    team.sign(&path, "ann").ends(0);
    let run = release(&team, &[]).ends(1);
    assert!(run.stderr.ends_with("hint: git remote add origin URL\n"), "{}", run.stderr);
}

/// Another member published the same document first, and ours is not committed: the hints bring
/// it here, and nothing of ours is written over.
#[test]
fn a_release_that_another_member_did_already() {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
    team.sandbox.git(".", &["clone", "-q", "upstream.git", "other"]);
    let path = team.draft();
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
        for file in [path.clone(), format!("{path}.sig.{member}")] {
            team.sandbox
                .write(&format!("other/{file}"), team.sandbox.read(&format!("pack/{file}")));
        }
    }
    for line in [&["add", "-A"][..], &["commit", "-q", "-m", "SB-001"], &["push", "-q"]] {
        team.sandbox.git("other", line);
    }
    let mut run = release(&team, &[]).ends(1);
    for _ in 0..2 {
        assert!(run.stderr.contains("\nhint: git "), "{}", run.stderr);
        typed(&team.sandbox, "pack", &run).ends(0);
        run = release(&team, &[]);
    }
    run.ends(0);
    assert_eq!(left(&team), "");
}

/// Both opened the event of the same text, each with a signature of their own.
#[test]
fn an_event_that_two_members_opened() {
    let (team, _) = guarded();
    let path = team.draft();
    team.sandbox.git(".", &["clone", "-q", "upstream.git", "other"]);
    team.sandbox.git("other", &["config", "user.name", "Ben"]);
    team.sandbox.git("other", &["config", "user.email", "ben@example.org"]);
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
    }
    for file in [path.clone(), format!("{path}.sig.ben")] {
        team.sandbox.write(&format!("other/{file}"), team.sandbox.read(&format!("pack/{file}")));
    }
    std::fs::remove_file(team.sandbox.path(&format!("pack/{path}.sig.ben"))).expect("removed");
    let open = ["event", "open", &path, "--now", NOW];
    let (branch, push) = ("sign/bulletin-002", ["push", "-q", "--no-verify", "origin"]);
    team.sandbox.secpack("other", &open).ends(0);
    team.sandbox.git("other", &[&push[..], &[branch]].concat());
    team.sandbox.secpack("pack", &open).ends(0);
    team.sandbox.git("pack", &["fetch", "-q", "origin"]);
    let run = team.sandbox.secpack("pack", &open).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    team.sandbox.git("pack", &[&push[..], &[branch]].concat());
    let files = team.sandbox.git("pack", &["ls-tree", "-r", "--name-only", branch]).stdout;
    for member in ["ann", "ben"] {
        assert!(files.contains(&format!("{path}.sig.{member}")), "{files}");
    }
}

#[test]
fn what_would_be_lost_or_told_is_refused() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let before = team.sandbox.contents(".");
    let key = team.key_of("ann");
    for (words, code) in [
        (&["embargo", "guard-key", "guard.key"][..], 1),
        (&["bulletin", "withdraw", &path, "--reason", " ", "--yes"], 2),
        (&["bulletin", "revise", &path, "--change", " ", "--yes"], 2),
    ] {
        team.run(words).ends(code);
    }
    let digits = team.anchor.as_str();
    let revoke = ["keys", "revoke", "--key", &key, "--reason", "superseded", "--yes", digits];
    let run = team.run(&revoke).ends(1);
    let hint = run.stderr.lines().next_back().unwrap_or_default();
    assert!(!hint.contains("--yes"), "{hint}");
    team.run(&["bulletin", "renumber", &path, "--number", "1"]).ends(0);
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn a_published_text_is_not_edited_but_issued_anew() {
    let team = Team::new(PROGRAM);
    let bulletin = team.released();
    let drafted = team.run(&["canary", "new"]).ends(0).stdout;
    let canary = drafted.lines().next().and_then(|line| line.strip_prefix("drafted: "));
    let canary = canary.expect("a path");
    team.sandbox.write(&format!("pack/{canary}.sig.ann"), "signed\n");
    team.commit("A canary");
    for (words, wanted) in [
        (["canary", "edit", canary], "secpack canary new --replaces "),
        (["bulletin", "edit", &bulletin], "secpack bulletin revise "),
    ] {
        let editor = [("EDITOR", "true")];
        let run = team.sandbox.run(std::path::Path::new(PROGRAM), "pack", &words, &editor).ends(1);
        assert!(run.stderr.contains(&format!("hint: {wanted}")), "{}", run.stderr);
    }
}

/// What only this branch has stays on it, and a branch that another work tree has is not moved.
#[test]
fn an_event_branch_with_more_on_it_loses_nothing() {
    let (team, _) = guarded();
    let path = team.draft();
    team.run(&["event", "open", &path]).ends(0);
    let branch = "sign/bulletin-002";
    let push = ["push", "-q", "--no-verify", "origin", branch];
    team.sandbox.git("pack", &push);
    team.sandbox.git(".", &["clone", "-q", "-b", branch, "upstream.git", "other"]);
    for (key, value) in [("user.name", "Ben"), ("user.email", "ben@example.org")] {
        team.sandbox.git("other", &["config", key, value]);
    }
    team.sandbox.git("other", &["commit", "-q", "--allow-empty", "-m", "theirs"]);
    team.sandbox.git("other", &["push", "-q"]);
    team.sandbox.git("pack", &["worktree", "add", "-q", "../tree", branch]);
    team.sandbox.write("tree/notes.txt", "mine\n");
    team.sandbox.git("tree", &["add", "notes.txt"]);
    team.sandbox.git("tree", &["commit", "-q", "--no-verify", "-m", "mine"]);
    team.sandbox.git("pack", &["fetch", "-q", "origin"]);
    for has_tree in [true, false] {
        if !has_tree {
            team.sandbox.git("pack", &["worktree", "remove", "--force", "../tree"]);
            team.sandbox.git("other", &["commit", "-q", "--allow-empty", "-m", "more"]);
            team.sandbox.git("other", &["push", "-q", "--force"]);
            team.sandbox.git("pack", &["fetch", "-q", "origin"]);
        }
        let run = team.run(&["event", "open", &path]).ends(1);
        typed(&team.sandbox, "pack", &run).ends(0);
        let files = team.sandbox.git("pack", &["ls-tree", "--name-only", branch]).stdout;
        assert!(files.contains("notes.txt"), "{files}");
        let log = team.sandbox.git("pack", &["log", "--format=%s", branch]).stdout;
        let theirs = if has_tree { "theirs" } else { "more" };
        assert!(log.contains("mine") && log.contains(theirs), "{log}");
    }
    assert_eq!(left(&team), format!("?? {path}\n"));
}

#[test]
fn an_event_is_not_moved_under_another_work_tree() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.run(&["event", "open", &path]).ends(0);
    team.sandbox.git("pack", &["worktree", "add", "-q", "../tree", "sign/bulletin-001"]);
    let place = format!("pack/{path}");
    let text = String::from_utf8(team.sandbox.read(&place)).expect("text");
    team.sandbox.write(&place, text.replace("long record", "longer record"));
    refused(&team, "pack", &["event", "open", &path], 1).ends(0);
    assert_eq!(team.sandbox.git("tree", &["status", "--porcelain"]).stdout, "");
    team.run(&["event", "open", &path]).ends(0);
}

/// The branch with the commits is another one than the one that is worked on.
#[test]
fn a_refused_push_of_another_branch_leaves_this_one_alone() {
    let (team, path) = guarded();
    team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    team.sandbox.git("pack", &["rm", "-q", &format!("{path}.sig.ben")]);
    team.sandbox.git("pack", &["commit", "-q", "--no-verify", "-m", "Less"]);
    team.sandbox.git("pack", &["checkout", "-q", "-b", "side", "HEAD~1"]);
    let before = team.head();
    let run = git(&team, "pack", &["push", "-q", "origin", "main"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    let side = team.sandbox.git("pack", &["rev-parse", "side"]).stdout;
    assert_eq!(side.trim(), before);
    let staged = team.sandbox.git("pack", &["diff", "--cached", "--name-only"]).stdout;
    assert_eq!(staged.trim(), format!("{path}.sig.ben"));
}

#[test]
fn what_was_signed_in_its_time_is_not_taken_away_by_a_clock() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let early = ["--now", "2026-02-01T00:00:00Z", "sign", &path, "--as", "ann", "--key"];
    let run = team.sandbox.secpack("pack", &[&early[..], &[&team.key_of("ann")]].concat()).ends(1);
    assert!(!run.stderr.contains("rm "), "{}", run.stderr);
}

/// Somebody takes the secret key for the certificate, the policy or the facts.
#[test]
fn a_secret_key_is_neither_shown_nor_passed_on() {
    let team = Team::new(PROGRAM);
    let key = team.key_of("ann");
    let master = team.sandbox.path("master.key").display().to_string();
    let out = team.sandbox.path("out.asc").display().to_string();
    let run = team.run(&["keys", "certify", &key, "--key", &master, "--out", &out]).ends(1);
    assert!(run.stderr.contains("is a secret key") && !team.sandbox.path("out.asc").exists());
    for words in [
        &["policy", "show", "--policy", &key][..],
        &["bulletin", "new", "--facts", &key],
        &["canary", "new", "--freshness", &key],
    ] {
        let shown = typed(&team.sandbox, "pack", &team.run(words).ends(2));
        let all = shown.stdout + &shown.stderr;
        assert!(!all.contains("PRIVATE KEY"), "{words:?}: {all}");
    }
}

#[test]
fn keys_that_are_there_get_one_number_for_all_files() {
    let sandbox = Sandbox::new(PROGRAM);
    let make = ["keys", "generate", "X <x@example.org>", "--no-passphrase", "--now", NOW];
    let make = [&make[..], &["--secret", "x.key", "--certificate", "x.asc"]].concat();
    sandbox.secpack(".", &make).ends(0);
    sandbox.write("x-2.asc", "");
    let run = sandbox.secpack(".", &make).ends(1);
    typed(&sandbox, ".", &run).ends(0);
    for name in ["x-3.key", "x-3.asc"] {
        assert!(sandbox.path(name).exists(), "{name}");
    }
    sandbox.git(".", &["init", "-q", "--bare", "bare.git"]);
    let run = sandbox.secpack(".", &["init", "bare.git", "--name", "X"]).ends(1);
    assert!(run.stderr.contains("hint: git clone bare.git PACK"), "{}", run.stderr);
}

/// The remote and this branch went apart, and the remote has a file that lies here untracked.
#[test]
fn a_release_that_went_apart_and_has_untracked_files() {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
    team.sandbox.git(".", &["clone", "-q", "upstream.git", "other"]);
    team.sandbox.write("other/notes.txt", "the same\n");
    for line in [&["add", "-A"][..], &["commit", "-q", "-m", "Notes"], &["push", "-q"]] {
        team.sandbox.git("other", line);
    }
    team.sandbox.write("pack/notes.txt", "the same\n");
    team.sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", "Ours"]);
    let path = team.draft();
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
    }
    let mut run = release(&team, &[]).ends(1);
    for _ in 0..2 {
        typed(&team.sandbox, "pack", &run).ends(0);
        run = release(&team, &[]);
    }
    run.ends(0);
    assert_eq!(team.sandbox.read("pack/notes.txt"), b"the same\n");
}

/// A rename without the signatures is undone as a rename; the text stays staged nowhere else.
#[test]
fn a_published_text_that_was_renamed_gets_its_name_back() {
    let (team, path) = guarded();
    for name in ["bulletins/sb-007-2026.txt", "bulletins/notes.txt"] {
        team.sandbox.git("pack", &["mv", &path, name]);
        let run = git(&team, "pack", &["commit", "-q", "-m", "Rename"]).ends(1);
        typed(&team.sandbox, "pack", &run).ends(0);
        assert_eq!(left(&team), "", "{name}");
    }
}
