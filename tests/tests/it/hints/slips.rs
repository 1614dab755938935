//! What hints say to slips: a folder or a file in the place of the other, a secret key in the place
//! of a certificate, a number that is none, a text that is none.

use super::{PROGRAM, refused, typed};
use secpack_tests::Team;

#[test]
fn a_folder_or_a_file_of_a_pack_is_verified_as_one() {
    let team = Team::new(PROGRAM);
    let root = team.sandbox.path("pack").display().to_string();
    for (folder, path) in [("pack", "keys"), (".", "pack/keys"), ("pack/keys", ".")] {
        let run = team.sandbox.secpack(folder, &["verify", path]).ends(2);
        assert!(run.stderr.ends_with(&format!("hint: secpack verify {root}\n")), "{}", run.stderr);
        typed(&team.sandbox, folder, &run).ends(0);
    }
    let path = team.released();
    for (folder, path) in [("pack", "secpack.toml"), (".", "pack/secpack.toml")] {
        refused(&team, folder, &["verify", path], 2).ends(0);
    }
    let signature = format!("{path}.sig.ben");
    refused(&team, "pack", &["verify", &signature, "--pack", "."], 2).ends(0);
}

#[test]
fn a_folder_is_no_file_for_a_secret() {
    let team = Team::new(PROGRAM);
    refused(&team, "pack", &["embargo", "guard-key", ".."], 2).ends(0);
    assert!(team.sandbox.path("FILE").is_file());
}

#[test]
fn a_secret_key_is_extended_where_its_certificate_was_wanted() {
    let team = Team::new(PROGRAM);
    let key = team.key_of("ann");
    let run = refused(&team, "pack", &["keys", "extend", "--from", &key], 1).ends(0);
    assert!(run.stdout.contains("wrote keys/members/ann.asc"), "{}", run.stdout);
}

#[test]
fn a_secret_key_that_was_cut_off_is_called_so() {
    let team = Team::new(PROGRAM);
    let whole = team.sandbox.read("ann.key");
    team.sandbox.write("cut.key", &whole[..300]);
    let cut = team.sandbox.path("cut.key").display().to_string();
    let words = ["keys", "revoke", "--key", &cut, "--reason", "retired", "--out", "../new.asc"];
    let run = team.run(&words).ends(2);
    let shown = typed(&team.sandbox, "pack", &run).ends(0);
    assert!(!shown.stdout.contains("PRIVATE"), "{}", shown.stdout);
    assert!(run.stderr.contains("it is damaged or cut off"), "{}", run.stderr);
}

#[test]
fn a_signed_draft_is_renumbered_when_its_signers_are_named() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
    }
    team.run(&["bulletin", "renumber", "SB-001", "--number", "0"]).ends(2);
    let run = team.run(&["bulletin", "renumber", "SB-001", "--number", "4"]).ends(1);
    let asks = typed(&team.sandbox, "pack", &run).ends(2);
    assert!(asks.stderr.contains("this costs the signature of: ann"), "{}", asks.stderr);
    let done = typed(&team.sandbox, "pack", &asks).ends(0);
    assert!(done.stdout.starts_with("renumbered: "), "{}", done.stdout);
    let left = team.sandbox.git("pack", &["status", "--porcelain", "-uall"]).stdout;
    assert_eq!(left, format!("?? {}\n", path.replace("001", "004")));
}

#[test]
fn a_published_bulletin_keeps_its_number() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let before = team.sandbox.contents("pack/bulletins");
    for more in [&[][..], &["--void-signatures", "--yes"]] {
        let run = team.run(&[&["bulletin", "renumber", &path][..], more].concat()).ends(1);
        let hint = format!("hint: secpack bulletin withdraw {path} --reason REASON\n");
        assert!(run.stderr.ends_with(&hint), "{}", run.stderr);
    }
    assert_eq!(before, team.sandbox.contents("pack/bulletins"));
}

#[test]
fn what_is_no_bulletin_is_not_revised() {
    let team = Team::new(PROGRAM);
    team.sandbox.write("pack/bulletins/sb-009-2026.txt", "x\ny\n");
    team.commit("No bulletin");
    let revise = ["bulletin", "revise", "SB-009", "--change", "More", "--yes"];
    let run = refused(&team, "pack", &revise, 1).ends(1);
    assert!(run.stdout.contains("error[heading]"), "{}", run.stdout);
}

#[test]
fn rules_about_texts_are_explained() {
    let team = Team::new(PROGRAM);
    let run = team.run(&["explain", "todo"]).ends(0);
    assert!(run.stdout.contains("every text, error: `TODO`"), "{}", run.stdout);
}

/// What stops a draft is found by the check that its refusal names.
#[test]
fn a_policy_by_which_no_draft_can_be_made() {
    for (old, new, command, place) in [
        ("window = \"first fourteen days\"", "window = \"third moon\"", "canary", "window"),
        ("date = \"%B %d, %Y\"", "date = \"%Q\"", "canary", "[[canary]]"),
        ("date = \"%Y-%m-%d\"", "date = \"%Q\"", "bulletin", "[[text]]"),
    ] {
        let team = Team::new(PROGRAM);
        let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
        assert!(policy.contains(old), "{old}");
        team.sandbox.write("pack/secpack.toml", policy.replace(old, new));
        let more: &[&str] = if command == "bulletin" { &["--title", "X"] } else { &[] };
        let run = team.run(&[&[command, "new"][..], more].concat()).ends(2);
        let checked = typed(&team.sandbox, "pack", &run).ends(1);
        assert!(checked.stderr.contains(place), "{}", checked.stderr);
        typed(&team.sandbox, "pack", &checked).ends(0);
    }
}

#[test]
fn a_folder_that_went_away_under_ones_feet() {
    let team = Team::new(PROGRAM);
    let line = format!("mkdir gone && cd gone && rmdir ../gone && {PROGRAM} status");
    let run = team.sandbox.run(std::path::Path::new("sh"), "pack", &["-c", &line], &[]).ends(2);
    assert!(run.stderr.contains("the current folder is not there any more"), "{}", run.stderr);
    assert!(run.stderr.ends_with("hint: cd ~\n"), "{}", run.stderr);
}

#[test]
fn what_is_no_file_is_called_so() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let link = team.sandbox.path(&format!("pack/{path}.sig.ann"));
    std::os::unix::fs::symlink("../../ann.asc", &link).expect("a link");
    let run = team.sign(&path, "ann").ends(1);
    assert!(run.stderr.contains("is no regular file"), "{}", run.stderr);
    let looked = typed(&team.sandbox, "pack", &run).ends(0);
    assert!(looked.stdout.contains("-> ../../ann.asc"), "{}", looked.stdout);
    team.commit("A draft");
    let place = team.sandbox.path(&format!("pack/{path}"));
    std::fs::remove_file(&place).expect("removed");
    team.sandbox.write(&format!("pack/{path}/notes"), "work\n");
    refused(&team, "pack", &["bulletin", "lint", &path], 2).ends(0);
    assert!(place.join("notes").exists());
    let other = path.replace("001", "009");
    std::fs::create_dir(team.sandbox.path(&format!("pack/{other}"))).expect("a folder");
    let new = ["bulletin", "new", "--title", "X", "--number", "9"];
    refused(&team, "pack", &new, 1).ends(0);
}

/// Git's own folder looks like a bare repository from inside.
#[test]
fn the_inside_of_gits_folder_is_left() {
    let team = Team::new(PROGRAM);
    let run = team.sandbox.secpack("pack/.git", &["status"]).ends(2);
    let root = team.sandbox.path("pack").display().to_string();
    assert!(run.stderr.ends_with(&format!("hint: cd {root}\n")), "{}", run.stderr);
}

#[test]
fn what_stands_in_the_way_of_a_branch_is_shown() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sandbox.git("pack", &["branch", "sign"]);
    let shown = refused(&team, "pack", &["event", "open", &path], 2).ends(0);
    assert!(shown.stdout.contains("refs/heads/sign\n"), "{}", shown.stdout);
    team.sandbox.git("pack", &["branch", "-D", "sign"]);
    team.sandbox.write("pack/.git/refs/heads/sign/bulletin-001.lock", "");
    let shown = refused(&team, "pack", &["event", "open", &path], 2).ends(0);
    assert!(shown.stdout.contains("bulletin-001.lock"), "{}", shown.stdout);
}

#[test]
fn what_is_no_answer_is_shown() {
    let team = Team::new(PROGRAM);
    team.draft();
    team.sandbox.write("notes.zip", b"PK\x03\x04");
    for (from, code) in [("../notes.zip", 1), ("../typo.tar", 2)] {
        let shown = refused(&team, "pack", &["collect", from], code).ends(0);
        assert!(shown.stdout.contains("PK") || shown.stdout.contains("notes.zip"));
    }
    let run = team.run(&["collect", "../notes.zip"]).ends(1);
    assert!(run.stdout.contains("unpack it first"), "{}", run.stdout);
    team.run(&["sign", "SB-001", "--as", "ben", "--with", "request", "--out", ".."]).ends(0);
    let request = "../sb-001-2026.txt.ben.request";
    let run = team.run(&["collect", request]).ends(1);
    let hint = format!("hint: secpack sign request {request} --with agent\n");
    assert!(run.stderr.ends_with(&hint), "{}", run.stderr);
}
