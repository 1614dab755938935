//! What hints say of a repository or a policy that is not what it looks like.

use super::{PROGRAM, refused};
use secpack_tests::Team;

#[test]
fn an_extension_that_is_not_known_is_shown() {
    let team = Team::new(PROGRAM);
    team.sandbox.git("pack", &["config", "core.repositoryformatversion", "1"]);
    team.sandbox.git("pack", &["config", "extensions.foo", "bar"]);
    assert!(refused(&team, "pack", &["status"], 2).ends(0).stdout.contains("foo = bar"));
}

#[test]
fn a_policy_that_is_a_link_is_told() {
    let team = Team::new(PROGRAM);
    let place = team.sandbox.path("pack/secpack.toml");
    std::fs::rename(&place, team.sandbox.path("other.toml")).expect("moved");
    std::os::unix::fs::symlink("../other.toml", &place).expect("a link");
    assert!(refused(&team, "pack", &["status"], 2).ends(0).stdout.contains("-> ../other.toml"));
}

/// Git sets no extension for it any more.
#[test]
fn a_clone_with_a_filter_is_refused_whole() {
    let team = Team::new(PROGRAM);
    team.sandbox.git("pack", &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", team.sandbox.path("pack").display());
    team.sandbox.git(".", &["clone", "-q", "--bare", "--filter=blob:none", &url, "part.git"]);
    for words in [&["verify", "part.git"][..], &["policy", "infer", "part.git"]] {
        let run = team.sandbox.secpack(".", words).ends(2);
        assert!(run.stderr.contains("the clone is partial"), "{}", run.stderr);
        assert!(run.stderr.ends_with("hint: git clone URL FOLDER\n"), "{}", run.stderr);
    }
}

/// Naming the pack's own policy makes it nobody's private one.
#[test]
fn the_own_policy_of_a_pack_is_signed_however_it_is_named() {
    let team = Team::new(PROGRAM);
    let retire = ["keys", "retire", "carol", "--policy", "secpack.toml"];
    let run = team.run(&retire).ends(0);
    assert!(!run.stderr.contains("nobody signs it"), "{}", run.stderr);
    assert!(run.stderr.contains("secpack sign secpack.toml --as ann"), "{}", run.stderr);
}
