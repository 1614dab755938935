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
    for (folder, path) in [("pack", "secpack.toml"), (".", "pack/secpack.toml")] {
        refused(&team, folder, &["verify", path], 2).ends(0);
    }
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
