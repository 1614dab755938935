//! Names that a shell or a program could take for an option.

use super::{PROGRAM, released};
use secpack_tests::Team;

#[test]
fn names_are_never_options() {
    let (team, _) = released();
    for name in ["-rf", "--x", "--help=x", "--output=/tmp/x", "-", "a\nb"] {
        for arguments in [
            &["sign", "--as", "ann", "--dry-run", "--", name][..],
            &["status", "--", name],
            &["verify", "--", name],
            &["verify", "--commit", name],
            &["explain", "--", name],
            &["collect", "--", name],
            &["bulletin", "lint", "--", name],
            &["tag", "--as", "ann", "--", name],
        ] {
            let before = team.sandbox.contents("pack");
            let run = team.run_exactly(arguments);
            assert_ne!(run.code, 0, "{arguments:?} {run:?}");
            assert_eq!(before, team.sandbox.contents("pack"), "{arguments:?}");
        }
    }
}

/// The policy's names reach paths, tag names and command lines.
#[test]
fn members_and_series_have_narrow_names() {
    let team = Team::new(PROGRAM);
    let policy = super::read(&team, "secpack.toml");
    for name in ["-rf", "--x", "a b", "../a", "a/b", "a\\nb", "\\u001b[2J", ""] {
        for line in ["id = \"ann\"", "id = \"bulletin\"", "group = \"members\"", "id = \"master\""]
        {
            let (key, _) = line.split_once(" = ").expect("a key");
            let changed = policy.replacen(line, &format!("{key} = \"{name}\""), 1);
            assert_ne!(changed, policy);
            super::write(&team, "secpack.toml", changed);
            let run = team.verify().ends(2);
            assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
        }
    }
}
