//! What hints say of a release that cannot go on: others were first, tags and remotes are not what
//! the plan takes them for. No hint leads back to itself, and nothing of one's own is lost.

use super::{PROGRAM, refused, signed, typed};
use secpack_tests::{NOW, Run, Team};

fn words<'a>(key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["release", "SB-001", "--as", "ann", "--key", key], more].concat()
}

fn release(team: &Team, more: &[&str]) -> Run {
    let key = team.key_of("ann");
    let words = words(&key, more);
    team.sandbox.secpack("pack", &[&["--now", NOW], &words[..]].concat())
}

fn hook(team: &Team, place: &str, text: &str) {
    team.sandbox.write(place, format!("#!/bin/sh\n{text}\n"));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(team.sandbox.path(place), mode).expect("a mode");
}

/// In the last moment somebody else commits what lies in their clone, and pushes it.
fn overtaken(team: &Team) -> Run {
    let other = team.sandbox.path("other").display().to_string();
    let who = "git -c user.name=Zoe -c user.email=zoe@example.org";
    let text = format!(
        "unset GIT_DIR GIT_WORK_TREE GIT_PREFIX; cd {other} && git add -A && \
         {who} commit -q -m theirs && git push -q origin main"
    );
    hook(team, "pack/.git/hooks/pre-push", &text);
    let run = release(team, &["--execute"]).ends(1);
    std::fs::remove_file(team.sandbox.path("pack/.git/hooks/pre-push")).expect("gone");
    assert!(run.stderr.contains("was pushed to meanwhile"), "{}", run.stderr);
    run
}

fn clone(team: &Team) {
    team.sandbox.git(".", &["clone", "-q", "upstream.git", "other"]);
}

/// What differs is shown, and the own text and its signatures stay.
#[test]
fn overtaken_by_another_text_of_the_same_number() {
    let (team, path) = signed();
    clone(&team);
    let own = team.sandbox.read(&format!("pack/{path}"));
    let other = String::from_utf8_lossy(&own).replace("long record", "longer record");
    team.sandbox.write(&format!("other/{path}"), other);
    let run = overtaken(&team);
    let shown = typed(&team.sandbox, "pack", &run).ends(0).stdout;
    assert!(shown.contains("longer record"), "{shown}");
    team.run(&["release", "--abort"]).ends(0);
    let shown = refused(&team, "pack", &words(&team.key_of("ann"), &[]), 1).ends(0).stdout;
    assert!(shown.contains("longer record"), "{shown}");
    assert_eq!(own, team.sandbox.read(&format!("pack/{path}")));
    assert!(team.sandbox.path(&format!("pack/{path}.sig.ben")).exists());
}

/// What is changed in the work tree goes along, and so does a file that others changed too.
#[test]
fn overtaken_while_other_files_have_changes() {
    let (team, path) = signed();
    team.sandbox.write("pack/README", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
    team.sandbox.git("pack", &["add", "README"]);
    team.sandbox.git("pack", &["commit", "-q", "-m", "README"]);
    team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    clone(&team);
    let read = || String::from_utf8(team.sandbox.read("pack/README")).expect("text");
    team.sandbox.write("other/README", read().replace("one", "first"));
    // Of another length: git without nanoseconds sees nothing else within one second.
    team.sandbox.write("pack/README", read().replace("nine", "the last"));
    for own in [path.clone(), format!("{path}.sig.ann"), format!("{path}.sig.ben")] {
        team.sandbox.write(&format!("other/{own}"), team.sandbox.read(&format!("pack/{own}")));
    }
    let run = overtaken(&team);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert!(read().starts_with("first") && read().ends_with("the last\n"), "{}", read());
    let left = team.sandbox.git("pack", &["status", "--porcelain"]).stdout;
    assert_eq!(left, " M README\n");
}

#[test]
fn a_tag_whose_name_is_taken_is_seen_by_the_plan() {
    for is_here in [true, false] {
        let (team, _) = signed();
        team.commit("SB-001");
        let name = format!("refs/tags/ann_sec_{}", &team.head()[..8]);
        match is_here {
            true => team.sandbox.git("pack", &["update-ref", &name, "HEAD~1"]),
            false => team.sandbox.git("pack", &["push", "-q", "origin", &format!("HEAD:{name}")]),
        };
        let run = release(&team, &["--execute"]).ends(1);
        assert!(run.stdout.contains(&format!("another {name} already")), "{}", run.stdout);
        typed(&team.sandbox, "pack", &run).ends(0);
        assert!(!team.sandbox.path("pack/.git/secpack/release.json").exists());
    }
}

#[test]
fn a_remote_whose_head_is_elsewhere_is_looked_at() {
    let (team, _) = signed();
    team.sandbox.write("upstream.git/HEAD", format!("{}\n", team.head()));
    let run = release(&team, &["--execute"]).ends(1);
    let shown = typed(&team.sandbox, "pack", &run).ends(0).stdout;
    assert!(shown.contains("\tHEAD") && shown.contains("\trefs/heads/main"), "{shown}");
}

#[test]
fn a_mirror_that_went_another_way_is_looked_at() {
    let (team, _) = signed();
    team.sandbox.git(".", &["clone", "-q", "--bare", "upstream.git", "mirror.git"]);
    team.sandbox.git("pack", &["remote", "add", "mirror", "../mirror.git"]);
    team.sandbox.git(".", &["clone", "-q", "mirror.git", "other"]);
    let who = ["-c", "user.name=Zoe", "-c", "user.email=zoe@example.org"];
    let commit = ["commit", "-q", "--allow-empty", "-m", "Theirs"];
    team.sandbox.git("other", &[&who[..], &commit].concat());
    team.sandbox.git("other", &["push", "-q", "origin", "main"]);
    let run = release(&team, &["--remote", "origin", "--remote", "mirror", "--execute"]).ends(1);
    assert!(typed(&team.sandbox, "pack", &run).ends(0).stdout.contains("Theirs"));
    let run = team.run(&["release", "--resume"]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
}

#[test]
fn own_settings_of_git_do_not_hinder_a_push() {
    let (team, _) = signed();
    team.sandbox.git("pack", &["config", "remote.origin.mirror", "true"]);
    team.sandbox.git("pack", &["config", "push.gpgSign", "true"]);
    release(&team, &["--execute"]).ends(0);
}

#[test]
fn pushes_that_go_elsewhere_are_told() {
    let (team, _) = signed();
    team.sandbox.git(".", &["clone", "-q", "--bare", "upstream.git", "elsewhere.git"]);
    team.sandbox.git("pack", &["remote", "set-url", "--push", "origin", "../elsewhere.git"]);
    let run = release(&team, &["--execute"]).ends(2);
    assert!(typed(&team.sandbox, "pack", &run).ends(0).stdout.contains("elsewhere.git"));
}

#[test]
fn a_remote_that_lost_its_name_is_looked_for() {
    let (team, _) = signed();
    hook(&team, "upstream.git/hooks/pre-receive", "exit 1");
    release(&team, &["--execute"]).ends(1);
    team.sandbox.git("pack", &["remote", "rename", "origin", "up"]);
    let shown = refused(&team, "pack", &["release", "--abort"], 2).ends(0).stdout;
    assert!(shown.contains("upstream.git"), "{shown}");
}

/// An address is no name of a remote, and what is no name is never added.
#[test]
fn a_remote_is_named_and_not_addressed() {
    let (team, _) = signed();
    for (remote, hint) in [
        ("../up.git", "git remote add NAME ../up.git"),
        ("https://example.org/x", "git remote add NAME 'https://example.org/x'"),
        ("", "git remote --verbose"),
        ("-x", "git remote --verbose"),
        ("backup", "git remote add backup URL"),
    ] {
        let run = release(&team, &[&format!("--remote={remote}")]).ends(1);
        assert!(run.stderr.ends_with(&format!("\nhint: {hint}\n")), "{}", run.stderr);
    }
}

#[test]
fn the_branch_that_readers_clone_was_never_fetched() {
    let (team, _) = signed();
    team.sandbox.git("upstream.git", &["branch", "trunk", "main"]);
    team.sandbox.git("upstream.git", &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    let run = release(&team, &[]).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    release(&team, &["--execute"]).ends(0);
}

/// No second beginning is made of it, and what lies on disk stays.
#[test]
fn a_pack_that_was_put_back_without_its_repository() {
    for branch in ["main", "work"] {
        let (team, path) = signed();
        std::fs::remove_dir_all(team.sandbox.path("pack/.git")).expect("removed");
        team.sandbox.git("pack", &["init", "-q", "-b", branch]);
        for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org")] {
            team.sandbox.git("pack", &["config", key, value]);
        }
        team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
        let run = release(&team, &[]).ends(1);
        typed(&team.sandbox, "pack", &run).ends(0);
        let left = team.sandbox.git("pack", &["status", "--porcelain", "-uall"]).stdout;
        assert_eq!(left, format!("?? {path}\n?? {path}.sig.ann\n?? {path}.sig.ben\n"));
        release(&team, &["--execute"]).ends(0);
    }
}

#[test]
fn what_a_sparse_checkout_leaves_out_comes_back() {
    let (team, path) = signed();
    release(&team, &["--execute"]).ends(0);
    team.sandbox.git("pack", &["status"]);
    team.sandbox.git("pack", &["sparse-checkout", "set", "keys"]);
    let run = release(&team, &[]).ends(2);
    typed(&team.sandbox, "pack", &run).ends(0);
    release(&team, &[]).ends(0);
    team.sandbox.git("pack", &["sparse-checkout", "set", "bulletins"]);
    let key = team.key_of("ann");
    let extend = ["keys", "extend", "--key", &key, "--expires", "4y"];
    refused(&team, "pack", &extend, 1).ends(0);
    assert!(team.sandbox.path("pack/keys/members/ann.asc").exists());
    assert!(team.sandbox.path(&format!("pack/{path}")).exists());
}

#[test]
fn what_stands_where_the_journal_goes_is_shown() {
    let (team, _) = signed();
    team.sandbox.write("pack/.git/secpack", "x");
    for more in [&[][..], &["--execute"]] {
        let run = release(&team, more).ends(2);
        let shown = typed(&team.sandbox, "pack", &run).ends(0).stdout;
        assert!(shown.trim_end().ends_with("/.git/secpack"), "{shown}");
    }
}

/// Who waits longer writes another mail beside the first.
#[test]
fn a_second_mail_has_a_name_of_its_own() {
    let team = Team::new(PROGRAM);
    team.draft();
    let key = team.key_of("ann");
    let earlier = ["--now", "2026-03-04T09:00:00Z"];
    let first = [&earlier[..], &words(&key, &["--mail", "../mail"])].concat();
    team.sandbox.secpack("pack", &first).ends(1);
    let run = release(&team, &["--mail", "../mail"]).ends(2);
    assert!(run.stderr.ends_with(" --mail ../mail-2\n"), "{}", run.stderr);
    typed(&team.sandbox, "pack", &run).ends(1);
    assert!(team.sandbox.path("mail-2").exists());
}
