//! What hints say about keys: of members who come, stay and leave, and of secret ones that lie where
//! they must not.

use super::{PROGRAM, refused, signed, typed};
use secpack_tests::Team;

/// The release names what it commits, and never a secret key.
#[test]
fn a_secret_key_among_the_keys_is_never_published() {
    let (team, path) = signed();
    let key = team.key_of("ann");
    let secret = team.sandbox.read("ann.key");
    team.sandbox.write("pack/keys/ann.key", &secret);
    team.sandbox.write("pack/keys/members/dan.asc", team.sandbox.read("master.asc"));
    team.sandbox.write("pack/keys/members/ann-new.asc", &secret);
    let release = ["release", &path, "--as", "ann", "--key", &key];
    let run = team.run(&release).ends(1);
    let text = "keys/members/ann-new.asc holds a secret key";
    assert!(run.stdout.contains(text), "{}", run.stdout);
    assert!(!run.stdout.contains("git add -- keys/members/ann-new.asc"), "{}", run.stdout);
    let extend = ["keys", "extend", "--key", &key, "--expires", "4y"];
    let before = team.sandbox.read("ann.key");
    assert!(team.run(&extend).ends(1).stderr.contains(text));
    assert_eq!(before, team.sandbox.read("ann.key"));
    typed(&team.sandbox, "pack", &run).ends(0);
    assert_eq!(team.sandbox.read("ann-new.asc"), secret);
    let run = team.run(&release).ends(1);
    typed(&team.sandbox, "pack", &run).ends(0);
    team.run(&release).ends(0);
    let files = team.sandbox.git("pack", &["ls-files"]).stdout;
    assert!(files.contains("dan.asc") && !files.contains("ann.key"), "{files}");
}

#[test]
fn a_secret_key_that_is_committed_is_no_good_pack() {
    let (team, path) = signed();
    team.sandbox.write("pack/keys/members/ann-new.asc", team.sandbox.read("ann.key"));
    team.sandbox.git("pack", &["add", "keys"]);
    team.sandbox.git("pack", &["commit", "-q", "-m", "More"]);
    team.tag("ann");
    let run = team.run(&["verify"]).ends(1);
    assert!(run.stdout.contains("it holds a secret key"), "{}", run.stdout);
    let key = team.key_of("ann");
    let release = ["release", &path, "--as", "ann", "--key", &key];
    // Once before anybody has it, and once when readers do.
    for is_out in [false, true] {
        if is_out {
            team.sandbox.write("pack/keys/members/ann-new.asc", team.sandbox.read("ann.key"));
            team.commit("Again");
            team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
        }
        let mut run = team.run(&release).ends(1);
        while run.code == 1 {
            assert!(run.stdout.contains("ann-new.asc holds a secret key"), "{}", run.stdout);
            typed(&team.sandbox, "pack", &run).ends(0);
            run = team.run(&release);
        }
        let has = team.sandbox.git("pack", &["ls-tree", "-r", "--name-only", "HEAD"]).stdout;
        assert!(!has.contains("ann-new.asc"), "{has}");
        assert!(team.sandbox.path("ann-new.asc").exists());
    }
}

/// What else was typed stays in the command that a hint repeats.
#[test]
fn a_member_retires_on_another_day_with_the_same_last_numbers() {
    let team = Team::new(PROGRAM);
    let retire = ["keys", "retire", "ann", "--until", "2026-01-02", "--last", "bulletin=41"];
    let run = team.run_exactly(&retire).ends(1);
    let hint = "keys retire ann --last bulletin=41 --until 2026-03-04\n";
    assert!(run.stderr.ends_with(hint), "{}", run.stderr);
}

/// How long a key lasts is for its owner to say.
#[test]
fn a_day_that_has_passed_is_filled_in_by_the_owner() {
    let team = Team::new(PROGRAM);
    let key = team.key_of("ann");
    let run = team.run(&["keys", "extend", "--key", &key, "--expires", "2026-01-31"]).ends(1);
    assert!(run.stderr.ends_with(" --expires WHEN\n"), "{}", run.stderr);
}

/// The folder is made in the pack, wherever the person stands.
#[test]
fn a_key_that_is_moved_by_hand_from_a_folder_of_the_pack() {
    let team = Team::new(PROGRAM);
    let ann = "pack/keys/members/ann.asc";
    let both = [team.sandbox.read(ann), team.sandbox.read("master.asc")].concat();
    team.sandbox.write(ann, both);
    team.commit("More keys");
    team.sandbox.write("pack/docs/file", "x");
    refused(&team, "pack/docs", &["keys", "retire", "ann"], 1).ends(0);
    assert!(team.sandbox.path("pack/keys/members/retired/ann.asc").exists());
    assert!(!team.sandbox.path("pack/docs/keys").exists());
}

/// The request lies beside the pack, and a name with a blank stays one word.
#[test]
fn a_new_key_that_is_not_certified_yet() {
    let team = Team::new(PROGRAM);
    let place = team.sandbox.path("my z.asc").display().to_string();
    let (user, out) = (["keys", "generate", "Ann <ann@example.org>"], ["--certificate", &place]);
    let secret = ["--no-passphrase", "--secret", "../z.key"];
    team.run(&[&user[..], &out, &secret].concat()).ends(0);
    refused(&team, "pack", &["keys", "rotate", "ann", &place], 1).ends(0);
    assert!(team.sandbox.path("ann.request").exists());
}

/// What remembers is never told to remember nothing.
#[test]
fn a_watch_that_has_no_place_to_remember() {
    let team = Team::new(PROGRAM);
    let watch = ["watch", "--anchor", &team.anchor, "--memory", "/proc/x"];
    let run = team.run(&watch).ends(2);
    assert!(run.stderr.ends_with(" --memory DIR\n"), "{}", run.stderr);
}

/// A pack in another repository: a secret goes where no repository is.
#[test]
fn a_secret_key_stays_out_of_the_repository_around_a_pack() {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["init", "-q", "whole"]);
    team.sandbox.git(".", &["clone", "-q", "pack", "whole/pack"]);
    let secret = ["keys", "generate", "A <a@example.org>", "--no-passphrase", "--secret", "x.key"];
    let words = [&secret[..], &["--certificate", "../x.asc"]].concat();
    refused(&team, "whole/pack", &words, 1);
    assert!(!team.sandbox.path("whole/x.key").exists());
    assert!(team.sandbox.path("x.key").exists());
}

/// Of what is staged, only the changed key files are committed.
#[test]
fn a_key_that_was_extended_is_committed_alone() {
    let team = Team::new(PROGRAM);
    team.sandbox.write("pack/other.txt", "x");
    team.sandbox.git("pack", &["add", "other.txt"]);
    let key = team.key_of("ann");
    let extend = ["keys", "extend", "--key", &key, "--expires", "4y"];
    refused(&team, "pack", &extend, 0).ends(0);
    let left = team.sandbox.git("pack", &["status", "--porcelain"]).stdout;
    assert_eq!(left, "A  other.txt\n");
}
