//! What hints say about keys: of members who come, stay and leave, and of secret ones that lie where
//! they must not.

use super::{PROGRAM, refused, typed};
use secpack_tests::Team;

/// A pack with a bare upstream that has everything, and a draft that everybody signed.
fn signed() -> (Team, String) {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
    let path = team.draft();
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
    }
    (team, path)
}

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
    let run = refused(&team, "pack", &["release", &path, "--as", "ann", "--key", &key], 1);
    assert!(run.ends(0).stdout.contains("More"));
}
