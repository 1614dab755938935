//! What could not be found out: exit code 2, one clear error, nothing written.

use secpack_tests::{Sandbox, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

fn check(sandbox: &Sandbox, arguments: &[&str], says: &str) {
    let before = sandbox.contents(".");
    let run = sandbox.secpack(".", arguments).ends(2);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert!(run.stderr.contains(says), "wanted {says:?} in:\n{}", run.stderr);
    assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert_eq!(before, sandbox.contents("."), "something was written");
}

#[test]
fn a_path_that_is_no_pack() {
    let sandbox = Sandbox::new(PROGRAM);
    check(&sandbox, &["verify", "nowhere"], "nowhere");
    sandbox.write("plain/file.txt", "x");
    check(&sandbox, &["verify", "plain"], "plain");
    sandbox.git(".", &["init", "-q", "empty"]);
    check(&sandbox, &["verify", "empty"], "secpack.toml");
}

#[test]
fn a_broken_policy_names_line_and_key() {
    let sandbox = Sandbox::new(PROGRAM);
    sandbox.git(".", &["init", "-q", "pack"]);
    sandbox.write("pack/secpack.toml", "schema = \"secpack/policy/1\"\nversion = 1\nnam = \"x\"\n");
    check(&sandbox, &["verify", "pack"], "line 3");
    check(&sandbox, &["verify", "pack"], "nam");
    check(&sandbox, &["verify", "pack", "--policy", "gone.toml"], "gone.toml");
}

#[test]
fn an_unreadable_document() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let sandbox = &team.sandbox;
    // Root reads everything, so a folder in the document's place stands for an unreadable file.
    let place = sandbox.path(&format!("pack/{path}"));
    std::fs::remove_file(&place).expect("removed");
    std::os::unix::fs::symlink("/nonexistent", &place).expect("a link");
    let run = team.verify().ends(1);
    let findings = run.json()["findings"].to_string();
    assert!(findings.contains("unreadable"), "{findings}");
}

#[test]
fn a_damaged_object_is_an_error_that_names_it() {
    let team = Team::new(PROGRAM);
    team.released();
    let object = team.sandbox.git("pack", &["rev-parse", "HEAD^{tree}"]).stdout;
    let object = object.trim();
    let place = team.sandbox.path(&format!("pack/.git/objects/{}/{}", &object[..2], &object[2..]));
    let mut permissions = std::fs::metadata(&place).expect("an object").permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test alone")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&place, permissions).expect("a mode");
    std::fs::write(&place, b"garbage").expect("damaged");
    let run = team.verify().ends(2);
    assert!(run.stderr.contains(object), "{}", run.stderr);
}

#[test]
fn usage_errors_exit_with_two() {
    let sandbox = Sandbox::new(PROGRAM);
    sandbox.secpack(".", &["verify", "--nonsense"]).ends(2);
    sandbox.secpack(".", &["verify", ".", "--anchor", "DEADBEEF"]).ends(2);
    sandbox.secpack(".", &["--help"]).ends(0);
}
