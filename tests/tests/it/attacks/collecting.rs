//! Signatures that come in from others: only good ones are kept, and nothing good is replaced.

use super::{PROGRAM, gpg_signs, read, released, write};
use secpack_tests::Team;

/// A folder outside the pack with one file in it.
fn offered(team: &Team, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let _ = std::fs::remove_dir_all(team.sandbox.path("offered"));
    team.sandbox.write(&format!("offered/{name}"), bytes);
    team.sandbox.path("offered").display().to_string()
}

#[test]
fn nothing_bad_comes_in() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    let name = path.rsplit('/').next().expect("a name");
    let good = String::from_utf8(gpg_signs(&team, "ben", &path, &[])).expect("ASCII");
    let ann = read(&team, &format!("{path}.sig.ann"));
    let over_another = gpg_signs(&team, "ben", "secpack.toml", &[]);
    let carol = gpg_signs(&team, "carol", &path, &[]);
    let before = team.sandbox.contents("pack");
    for (file, bytes, says) in [
        (format!("{name}.sig.ben"), ann.clone().into_bytes(), "wrong-member"),
        (format!("{name}.sig.ben"), over_another, "bad"),
        (format!("{name}.sig.ben"), format!("{good}\n").into_bytes(), "not-canonical"),
        (format!("{name}.sig.ben"), good.repeat(2).into_bytes(), "not-canonical"),
        (format!("{name}.sig.ben"), Vec::new(), "malformed"),
        (format!("{name}.sig.carol"), carol, "out-of-role"),
        (format!("{name}.sig.mallory"), ann.into_bytes(), "out-of-role"),
    ] {
        let folder = offered(&team, &file, bytes);
        let run = team.run(&["collect", &folder]);
        assert_eq!(run.code, 1, "{file}: {run:?}");
        assert!(run.stdout.contains("not taken") || run.stdout.contains(says), "{run:?}");
        assert_eq!(before, team.sandbox.contents("pack"), "{file} as {says}");
    }
    let folder = offered(&team, &format!("{name}.sig.ben"), &good);
    team.run(&["collect", &folder]).ends(0);
    assert_eq!(read(&team, &format!("{path}.sig.ben")), good);
}

/// A second good signature of the same person does not take the place of the first.
#[test]
fn a_good_one_is_not_replaced() {
    let (team, path) = released();
    let name = path.rsplit('/').next().expect("a name");
    let before = team.sandbox.contents("pack");
    let other = gpg_signs(&team, "ben", &path, &[]);
    let folder = offered(&team, &format!("{name}.sig.ben"), other);
    let run = team.run(&["collect", &folder]).ends(1);
    assert!(run.stdout.contains("duplicate"), "{run:?}");
    assert_eq!(before, team.sandbox.contents("pack"));
}

/// Names that lead elsewhere are passed over, and a link in a signature's place is not followed.
#[test]
fn nothing_is_written_elsewhere() {
    let (team, path) = released();
    let ben = read(&team, &format!("{path}.sig.ben"));
    let place = team.sandbox.path(&format!("pack/{path}.sig.ben"));
    let elsewhere = team.sandbox.path("elsewhere");
    team.sandbox.write("elsewhere", "mine\n");
    std::fs::remove_file(&place).expect("removed");
    std::os::unix::fs::symlink(&elsewhere, &place).expect("a link");
    let name = path.rsplit('/').next().expect("a name");
    let folder = offered(&team, &format!("{name}.sig.ben"), &ben);
    team.run(&["collect", &folder]);
    assert_eq!(team.sandbox.read("elsewhere"), b"mine\n");
    write(&team, "note", "x");
    for hostile in ["../note.sig.ben", ".git/config.sig.ben", "x/../../note.sig.ann"] {
        let _ = offered(&team, "fine", "x");
        let run = team.run(&["collect", "--", hostile]);
        assert_ne!(run.code, 0, "{hostile}: {run:?}");
    }
}
