//! What was typed in an editor is never lost, whatever happens while it is open; and what comes in
//! another form than it should is called by its name.

use super::work::{git, guarded};
use super::{PROGRAM, refused, typed};
use secpack_tests::{NOW, Run, Team};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Edits the draft with a script that gets the file as `$1`, in the top folder of the pack.
fn edited(team: &Team, path: &str, script: &str) -> Run {
    let editor = team.sandbox.path("editor");
    team.sandbox.write("editor", format!("#!/bin/sh\necho typed at night >> \"$1\"\n{script}\n"));
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let editor = editor.display().to_string();
    let words = ["bulletin", "edit", path, "--now", NOW];
    team.sandbox.run(Path::new(PROGRAM), "pack", &words, &[("EDITOR", &editor), ("VISUAL", "")])
}

fn kept(team: &Team) -> Vec<String> {
    let all = team.sandbox.contents("pack/.git").into_iter();
    let copies = all.filter(|(path, _)| path.display().to_string().contains("/secpack-edit-"));
    copies.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn what_was_typed_is_kept_when_the_pack_breaks_meanwhile() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let policy = team.sandbox.read("pack/secpack.toml");
    let run = edited(&team, &path, "echo x > secpack.toml").ends(1);
    assert!(run.stderr.contains("what was typed is kept in"), "{}", run.stderr);
    assert!(kept(&team)[0].ends_with("typed at night\n"));
    // The next edit tells of it.
    team.sandbox.write("pack/secpack.toml", policy);
    let run = edited(&team, &path, "true");
    assert!(run.stderr.contains("warning: an earlier edit was left in "), "{}", run.stderr);
}

#[test]
fn a_draft_that_went_away_meanwhile_comes_back_as_it_was_typed() {
    for script in ["rm bulletins/*", "mv bulletins gone"] {
        let team = Team::new(PROGRAM);
        let path = team.draft();
        let run = edited(&team, &path, script).ends(1);
        assert!(run.stderr.contains("went away while it was edited"), "{}", run.stderr);
        typed(&team.sandbox, "pack", &run).ends(0);
        let text = String::from_utf8(team.sandbox.read(&format!("pack/{path}"))).expect("text");
        assert!(text.ends_with("typed at night\n"), "{text}");
    }
}

/// What lies on disk is not what was to be committed.
#[test]
fn an_event_does_not_take_another_text_than_the_one_that_was_refused() {
    let (team, path) = guarded();
    let place = format!("pack/{path}");
    let text = String::from_utf8(team.sandbox.read(&place)).expect("text");
    team.sandbox.write(&place, text.replace("long record", "longer record"));
    team.sandbox.git("pack", &["add", "-A"]);
    team.sandbox.write(&place, text.replace("long record", "unfinished work"));
    let run = git(&team, "pack", &["commit", "-q", "-m", "X"]).ends(1);
    let shown = typed(&team.sandbox, "pack", &run).ends(0);
    assert!(shown.stdout.contains("+") && shown.stdout.contains("unfinished work"));
    assert!(!team.sandbox.git("pack", &["branch", "--list"]).stdout.contains("sign/"));
}

/// Answers that came packed are taken out; what is damaged on its way is not called a bad signature.
#[test]
fn packed_and_damaged_answers() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    let file = format!("pack/{path}.sig.ben");
    let name = Path::new(&file).file_name().expect("a name").to_string_lossy().into_owned();
    let (from, to) = (team.sandbox.path(&file), team.sandbox.path(&name));
    std::fs::rename(from, &to).expect("moved");
    let pack = format!(
        "gzip -k '{name}' && head -c 60 '{name}.gz' > cut.gz && sed 's/^/> /' '{name}' > quoted.txt"
    );
    team.sandbox.run(Path::new("sh"), ".", &["-c", &pack], &[]).ends(0);
    let run = team.run(&["collect", "../cut.gz"]).ends(1);
    assert!(run.stderr.ends_with("hint: gzip -tv ../cut.gz\n"), "{}", run.stderr);
    let run = team.run(&["collect", "../quoted.txt"]).ends(1);
    assert!(run.stdout.contains("quoted, cut off or changed on its way"), "{}", run.stdout);
    team.run(&["collect", &format!("../{name}.gz")]).ends(0);
    assert!(team.sandbox.path(&file).exists());
    team.sandbox.write("noise.bin", [0xff_u8; 100]);
    let shown = refused(&team, "pack", &["collect", "../noise.bin"], 1).ends(0);
    assert!(shown.stdout.contains("noise.bin") && !shown.stdout.contains("M-^"));
}

/// All that can be in the way of a new pack is found before anything is written.
#[test]
fn a_pack_is_not_begun_where_it_cannot_be() {
    let team = Team::new(PROGRAM);
    for name in ["master.asc", "ann.asc"] {
        let from = if name == "ann.asc" { "pack/keys/members/ann.asc" } else { name };
        team.sandbox.write(&format!("new/{name}"), team.sandbox.read(from));
    }
    let init = ["init", ".", "--name", "X", "--root", "master=master.asc", "--member"];
    let init = [&init[..], &["ann=ann.asc", "--now", NOW]].concat();
    for (place, more) in [("new/.git", ""), ("new/keys", "x"), ("new/keys/members/ann.asc", "x")] {
        team.sandbox.write(place, more);
        let before = team.sandbox.contents("new");
        let run = team.sandbox.secpack("new", &init);
        assert_ne!(run.code, 0, "{place}: {}", run.stdout);
        assert_eq!(before, team.sandbox.contents("new"), "{place}");
        std::fs::remove_file(team.sandbox.path(place)).expect("removed");
    }
    team.sandbox.git("new", &["init", "-q", "--object-format=sha256", "."]);
    let run = team.sandbox.secpack("new", &init);
    assert_ne!(run.code, 0, "{}", run.stdout);
    assert!(!team.sandbox.path("new/secpack.toml").exists());
    std::fs::remove_dir_all(team.sandbox.path("new/.git")).expect("removed");
    team.sandbox.secpack("new", &init).ends(0);
}
