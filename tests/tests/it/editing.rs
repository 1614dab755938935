//! `bulletin edit` and `canary edit`, with real editors: scripts, and `ed` on a pseudo-terminal.

use crate::terminal::on_terminal;
use secpack_tests::{Run, Team, has_tool};
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

fn read(team: &Team, path: &str) -> String {
    String::from_utf8(team.sandbox.read(path)).expect("UTF-8")
}

/// An editor that is a script; it gets the file as its last argument.
fn editor(team: &Team, name: &str, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    team.sandbox.write(name, format!("#!/bin/sh\nfor file; do :; done\n{script}\n"));
    let path = team.sandbox.path(name);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    path.display().to_string()
}

fn edit(team: &Team, words: &[&str], environment: &[(&str, &str)]) -> Run {
    let all = [words, &["--now", team.now]].concat();
    team.sandbox.run(Path::new(PROGRAM), "pack", &all, environment)
}

fn left_behind(team: &Team) -> Vec<String> {
    let folder = std::fs::read_dir(team.sandbox.path("pack/.git")).expect("a folder");
    let names = folder.map(|entry| entry.expect("an entry").file_name().into_string());
    names
        .map(|name| name.expect("UTF-8"))
        .filter(|name| name.starts_with("secpack-edit-"))
        .collect()
}

#[test]
fn what_was_edited_is_taken_over_and_checked() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let before = read(&team, &format!("pack/{path}"));
    let spoil =
        editor(&team, "spoil", "sed -i 's/A length field/A length length field/' \"$file\"");
    let run = edit(&team, &["bulletin", "edit", "SB-001"], &[("EDITOR", &spoil)]).ends(0);
    assert!(run.stdout.contains("| A length length field"), "{}", run.stdout);
    assert!(run.stdout.contains("^ warning[doubled-word]: \"length\""), "{}", run.stdout);
    let after = read(&team, &format!("pack/{path}"));
    assert_eq!(after, before.replace("A length field", "A length length field"));
    assert!(left_behind(&team).is_empty());
    let todo = editor(&team, "todo", "sed -i 's/length length/TODO/' \"$file\"");
    edit(&team, &["bulletin", "edit", "SB-001"], &[("EDITOR", &todo)]).ends(1);
    let run = edit(&team, &["bulletin", "edit", "SB-001"], &[("EDITOR", "true")]).ends(1);
    assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
}

#[test]
fn the_editor_is_that_of_the_person_never_of_the_pack() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let mark = |word: &str| {
        editor(&team, word, &format!("echo \"$0 $*\" > {word}.ran; echo {word} >> \"$file\""))
    };
    let (visual, plain, own, foreign) =
        (mark("visual"), mark("plain"), mark("own"), mark("foreign"));
    team.sandbox.git("pack", &["config", "core.editor", &foreign]);
    let words = ["bulletin", "edit", "SB-001"];
    let none = edit(&team, &words, &[]).ends(2);
    assert!(none.stderr.contains("no editor is set"), "{}", none.stderr);
    let hint =
        none.stderr.lines().find_map(|line| line.strip_prefix("hint: VISUAL=")).expect("a hint");
    assert!(hint.contains(" secpack bulletin edit SB-001"), "{hint}");
    team.sandbox.git("pack", &["config", "--global", "core.editor", &format!("'{own}' -x 'a b'")]);
    let last = |environment: &[(&str, &str)]| {
        edit(&team, &words, environment);
        read(&team, &format!("pack/{path}")).lines().last().map(str::to_owned)
    };
    assert_eq!(last(&[]).as_deref(), Some("own"));
    assert!(read(&team, "pack/own.ran").contains("own -x a b /"));
    assert_eq!(last(&[("EDITOR", &plain)]).as_deref(), Some("plain"));
    assert_eq!(last(&[("EDITOR", &plain), ("VISUAL", &visual)]).as_deref(), Some("visual"));
    assert!(!team.sandbox.path("pack/foreign.ran").exists());
}

#[test]
fn nothing_is_lost_when_the_editor_fails() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let file = format!("pack/{path}");
    let before = read(&team, &file);
    let check = |script: &str, code: i32, says: &str| {
        let editor = editor(&team, "failing", script);
        let run = edit(&team, &["bulletin", "edit", &path], &[("EDITOR", &editor)]).ends(code);
        assert!(run.stderr.contains(says), "{}", run.stderr);
        assert_eq!(read(&team, &file), before, "{script}");
        run
    };
    check("exit 3", 2, "exit status: 3");
    check(": > \"$file\"", 1, "left an empty file");
    check("rm \"$file\"", 2, "left no file");
    assert!(left_behind(&team).is_empty(), "nothing was typed that could be lost");
    let run = check("echo typed >> \"$file\"; exit 1", 2, "what was typed is kept in ");
    let kept =
        run.stderr.lines().find_map(|line| line.split("is kept in ").nth(1)).expect("a path");
    let kept = std::fs::read_to_string(kept.trim_end_matches(['.', ' '])).expect("a kept file");
    assert_eq!(kept, format!("{before}typed\n"));
    check("kill -9 $$", 2, "signal: 9");
    let run = edit(&team, &["bulletin", "edit", &path], &[("EDITOR", "a 'b")]).ends(2);
    assert!(run.stderr.contains("quote"), "{}", run.stderr);
    edit(&team, &["bulletin", "edit", &path], &[("EDITOR", "no-such-editor")]).ends(2);
    edit(&team, &["bulletin", "edit", &path], &[("EDITOR", "./editor")]).ends(2);
    assert_eq!(read(&team, &file), before);
}

#[test]
fn a_draft_that_changed_meanwhile_is_left_alone() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let file = team.sandbox.path(&format!("pack/{path}")).display().to_string();
    let both = editor(&team, "both", &format!("echo mine >> \"$file\"; echo theirs >> '{file}'"));
    let run = edit(&team, &["bulletin", "edit", &path], &[("EDITOR", &both)]).ends(1);
    assert!(run.stderr.contains("changed while it was edited"), "{}", run.stderr);
    assert!(read(&team, &format!("pack/{path}")).ends_with("theirs\n"));
    assert_eq!(left_behind(&team).len(), 1);
}

#[test]
fn nobody_else_reads_what_is_edited() {
    use std::os::unix::fs::PermissionsExt;
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let draft = team.sandbox.path(&format!("pack/{path}"));
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    let script = "stat -c %a \"$(dirname \"$file\")\" > ../modes; echo more >> \"$file\"";
    let look = editor(&team, "look", script);
    edit(&team, &["bulletin", "edit", &path], &[("EDITOR", &look)]);
    assert_eq!(read(&team, "modes"), "700\n");
    let mode = std::fs::metadata(&draft).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(read(&team, &format!("pack/{path}")).ends_with("more\n"));
}

/// A link has no text of its own: it was edited as an empty text, and became a file.
#[test]
fn a_link_is_not_edited() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let place = team.sandbox.path(&format!("pack/{path}"));
    std::fs::rename(&place, team.sandbox.path("elsewhere.txt")).expect("moved");
    std::os::unix::fs::symlink("../../elsewhere.txt", &place).expect("a link");
    let more = editor(&team, "more", "echo more >> \"$file\"");
    let before = team.sandbox.contents(".");
    let run = edit(&team, &["bulletin", "edit", &path], &[("EDITOR", &more)]).ends(1);
    assert!(run.stderr.contains("is a link"), "{}", run.stderr);
    assert!(place.is_symlink());
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn a_signed_text_is_edited_only_by_who_says_so() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let spoil = editor(&team, "spoil", "sed -i 's/1.0.7-2/1.0.7-3/' \"$file\"");
    let environment = [("EDITOR", &*spoil)];
    let before = team.sandbox.contents("pack");
    let run = edit(&team, &["bulletin", "edit", "SB-001"], &environment).ends(1);
    assert!(run.stderr.contains("is signed ("), "{}", run.stderr);
    let hint = format!("hint: secpack bulletin revise {path} --change TEXT");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
    // Nobody can be asked here.
    let costly = ["bulletin", "edit", "SB-001", "--void-signatures"];
    let run = edit(&team, &costly, &environment).ends(2);
    assert!(run.stderr.contains("this costs the signature of: ann ("), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
    let run = edit(&team, &[&costly[..], &["--yes"]].concat(), &environment).ends(0);
    assert!(run.stderr.contains("hint: secpack bulletin revise "), "{}", run.stderr);
    assert!(read(&team, &format!("pack/{path}")).contains("1.0.7-3"));
    team.run(&["bulletin", "revise", "SB-001", "--change", "Right version", "--yes"]).ends(0);
}

#[test]
fn canaries_are_edited_alike() {
    let team = Team::new(PROGRAM);
    let run = team.run(&["canary", "new"]).ends(0);
    let drafted = run.stdout.trim_start_matches("drafted: ").lines().next().expect("a path");
    let add = editor(&team, "add", "echo words >> \"$file\"");
    let run = edit(&team, &["canary", "edit", "canary-1"], &[("EDITOR", &add)]);
    assert!(run.stdout.contains("---- canaries/"), "{} {}", run.stdout, run.stderr);
    let path = drafted.trim();
    team.sandbox.write(&format!("pack/{path}.sig.ann"), "signed\n");
    let run = edit(&team, &["canary", "edit", "canary-1"], &[("EDITOR", &add)]).ends(1);
    let hint = format!("hint: secpack canary edit {path} --void-signatures");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    let costly = ["canary", "edit", "canary-1", "--void-signatures", "--yes"];
    let run = edit(&team, &costly, &[("EDITOR", &add)]);
    assert!(run.stderr.contains(&format!("hint: secpack status {path}")), "{}", run.stderr);
    let run = edit(&team, &["bulletin", "edit", "canary-1"], &[("EDITOR", &add)]).ends(2);
    assert!(run.stderr.contains("is no bulletin"), "{}", run.stderr);
}

#[test]
fn a_signature_that_lies_on_a_branch_counts_among_the_cost() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sandbox.git("pack", &["checkout", "-q", "-b", "waits"]);
    team.sign(&path, "ann").ends(0);
    team.commit("Signed");
    let text = team.sandbox.read(&format!("pack/{path}"));
    team.sandbox.git("pack", &["checkout", "-q", "-"]);
    team.sandbox.write(&format!("pack/{path}"), text);
    let costly = ["bulletin", "edit", "SB-001", "--void-signatures", "--yes"];
    let run = edit(&team, &costly, &[("EDITOR", "true")]).ends(0);
    let says = format!("this costs the signatures on a branch, such as {path}.sig.ann");
    assert!(run.stderr.contains(&says), "{}", run.stderr);
}

#[test]
fn what_is_no_text_does_not_become_the_draft() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let before = read(&team, &format!("pack/{path}"));
    for (name, spoil) in
        [("nul", "printf 'a\\0b' >> \"$file\""), ("large", "yes | head -c 2000000 >> \"$file\"")]
    {
        let editor = editor(&team, name, spoil);
        let run = edit(&team, &["bulletin", "edit", &path], &[("EDITOR", &editor)]).ends(1);
        assert!(run.stderr.contains("is no text of at most 1024 KiB"), "{}", run.stderr);
        assert!(run.stderr.contains("hint: "), "{}", run.stderr);
        assert_eq!(read(&team, &format!("pack/{path}")), before);
    }
}

#[test]
fn a_person_edits_until_it_is_clean() {
    if !has_tool("ed") {
        return;
    }
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let command = format!("EDITOR=ed {PROGRAM} bulletin edit {path}");
    let spoil = ",s/A length field/A TODO field/";
    let lines = [spoil, "w", "q", "yes", ",s/A TODO field/A length length field/", "w", "q", "no"];
    let run = on_terminal(&team, &command, &lines).ends(0);
    let text = read(&team, &format!("pack/{path}"));
    assert!(text.contains("A length length field"), "{}", run.stdout);
    assert!(run.stdout.contains("^ error[todo]"), "{}", run.stdout);
    assert!(run.stdout.contains("^ warning[doubled-word]"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("Open it again at line ").count(), 2, "{}", run.stdout);
}
