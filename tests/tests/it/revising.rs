//! `bulletin revise`, `bulletin withdraw`, and signatures that are taken back.

use secpack_tests::Team;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

fn read(team: &Team, path: &str) -> String {
    String::from_utf8(team.sandbox.read(path)).expect("UTF-8")
}

/// Runs what a hint says, as a person would type it.
fn typed(team: &Team, hint: &str) {
    let command = hint.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a hint");
    team.sandbox.run(std::path::Path::new("sh"), "pack", &["-ec", command], &[]).ends(0);
}

#[test]
fn a_new_version_says_what_changed_and_whom_it_costs() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let (file, before) = (format!("pack/{path}"), team.sandbox.contents("pack"));
    let head = team.head();
    team.sandbox.write(&file, read(&team, &file).replace("1.0.7-2", "1.0.7-3"));
    let with_edit = team.sandbox.contents("pack");
    let change = ["bulletin", "revise", "SB-001", "--change", "Name 'the' fixed version"];
    // Nobody can be asked here: nothing happens but the announcement.
    let run = team.run(&change).ends(2);
    assert!(
        run.stderr.contains("this costs the signature of: ann (") && run.stderr.contains("ben ("),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("to sign again: ann, ben"), "{}", run.stderr);
    assert!(run.stdout.contains("\n-  - parser packages, version 1.0.7-2\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n+2026-03-04: Name 'the' fixed version\n"), "{}", run.stdout);
    assert_eq!(team.sandbox.contents("pack"), with_edit);
    let run = team.run(&[&change[..], &["--yes"]].concat()).ends(0);
    assert!(run.stdout.contains(&format!("removed: {path}.sig.ann\n")), "{}", run.stdout);
    let text = read(&team, &file);
    assert!(text.contains("\nChangelog\n---------\n\n2026-03-04: First version\n2026-03-04: Name 'the' fixed version\n\nUser action\n"), "{text}");
    typed(&team, &run.stderr);
    let message = team.sandbox.git("pack", &["log", "-1", "--format=%s"]).stdout;
    assert_eq!(message.trim(), "Revise SB-001: Name 'the' fixed version");
    let show =
        run.stdout.lines().find_map(|line| line.split_once("git show ")).expect("a command").1;
    assert_eq!(show, format!("{head}:{path}"));
    let old = team.sandbox.git("pack", &["show", show]).stdout;
    assert!(before.iter().any(|(_, bytes)| bytes == old.as_bytes()));
    team.run(&["bulletin", "lint", "SB-001"]).ends(0);
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    let again = ["bulletin", "revise", "SB-001", "--change", "Once more", "--yes"];
    let fresh = team.sandbox.contents("pack");
    let run = team.run(&again).ends(1);
    assert!(run.stderr.contains("so it would be lost"), "{}", run.stderr);
    assert_eq!(
        team.sandbox.contents("pack"),
        fresh,
        "signatures that no commit has are not removed"
    );
    team.commit("Signed again");
    team.run(&again).ends(0);
    assert!(read(&team, &file).contains("fixed version\n2026-03-04: Once more\n\nUser"));
}

#[test]
fn a_withdrawn_bulletin_stays_and_says_so() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let withdraw =
        |reason: &str| team.run(&["bulletin", "withdraw", "SB-001", "--reason", reason, "--yes"]);
    let before = team.sandbox.contents("pack");
    let run = withdraw("a\u{1b}[2J").ends(2);
    assert!(run.stderr.contains("reason: line 1 holds the character U+001B"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
    let run = withdraw("The report was mistaken").ends(0);
    let text = read(&team, &format!("pack/{path}"));
    assert!(text.contains(" WITHDRAWN on 2026-03-04\n"), "{text}");
    assert!(text.contains("\n2026-03-04: Withdrawn: The report was mistaken\n"), "{text}");
    assert!(text.contains("\nImpact\n"), "nothing is taken out: {text}");
    team.run(&["bulletin", "lint", "SB-001"]).ends(0);
    typed(&team, &run.stderr);
    let run = withdraw("Again").ends(2);
    assert!(run.stderr.contains("says already that it is withdrawn"), "{}", run.stderr);
}

#[test]
fn a_signature_is_taken_back_with_a_reason() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let back = ["bulletin", "revise", "SB-001", "--withdraw-signature"];
    let before = team.sandbox.contents("pack");
    team.run(&[&back[..], &["ann", "--yes"]].concat()).ends(2);
    team.run(&[&back[..], &["carol", "--reason", "Why", "--yes"]].concat()).ends(1);
    team.run(&[&back[..], &["ann", "--reason", " ", "--yes"]].concat()).ends(2);
    assert_eq!(team.sandbox.contents("pack"), before);
    let run = team
        .run(&[&back[..], &["ann", "--reason", "She signed $(date) too early", "--yes"]].concat())
        .ends(0);
    assert!(run.stderr.contains("this costs the signature of: ann ("), "{}", run.stderr);
    assert!(!team.sandbox.path(&format!("pack/{path}.sig.ann")).exists());
    assert!(team.sandbox.path(&format!("pack/{path}.sig.ben")).exists());
    typed(&team, &run.stderr);
    let message = team.sandbox.git("pack", &["log", "-1", "--format=%s"]).stdout;
    assert_eq!(
        message.trim(),
        "Withdraw the signature of ann from SB-001: She signed $(date) too early"
    );
}

#[test]
fn drafts_are_edited_not_revised() {
    let team = Team::new(PROGRAM);
    team.draft();
    let before = team.sandbox.contents("pack");
    let run = team.run(&["bulletin", "revise", "SB-001", "--change", "Words", "--yes"]).ends(1);
    assert!(run.stderr.contains("it is a draft"), "{}", run.stderr);
    let run =
        team.run(&["bulletin", "withdraw", "secpack.toml", "--reason", "Words", "--yes"]).ends(2);
    assert!(run.stderr.contains("is no bulletin"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
}
