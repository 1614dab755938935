//! Prompts, on a real pseudo-terminal: `script` of util-linux makes one.

use secpack_tests::{NOW, Run, Team};
use std::io::Write;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Runs a shell command on a pseudo-terminal and types these lines into it, each a moment later
/// than the one before.
pub fn on_terminal(team: &Team, command: &str, lines: &[&str]) -> Run {
    let typed = team.sandbox.path("typed.sh");
    let steps: Vec<String> = lines.iter().map(|l| format!("sleep 0.7; echo '{l}'")).collect();
    let script =
        format!("cd pack; ({}; sleep 0.3) | script -qefc '{command}' /dev/null", steps.join("; "));
    std::fs::File::create(&typed)
        .and_then(|mut f| f.write_all(script.as_bytes()))
        .expect("written");
    let mut shell = Command::new("sh");
    shell.arg(&typed).current_dir(team.sandbox.path(".")).stdin(Stdio::null());
    shell.env("HOME", team.sandbox.path("home")).env("TERM", "dumb");
    let output = shell.output().expect("sh and script are there");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_member_reads_and_types_yes() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let command = format!("{PROGRAM} sign {path} --as ann --key ../ann.key");
    let run = on_terminal(&team, &command, &["yes"]).ends(0);
    assert!(run.stdout.contains("signed: "), "{}", run.stdout);
    assert!(run.stdout.contains("sha-256: "), "{}", run.stdout);
    let no =
        on_terminal(&team, &format!("{PROGRAM} sign {path} --as ben --key ../ben.key"), &["no"]);
    assert!(no.stdout.contains("nothing was signed"), "{}", no.stdout);
    assert!(!team.sandbox.path(&format!("pack/{path}.sig.ben")).exists());
}

#[test]
fn a_locked_key_asks_for_its_passphrase() {
    let team = Team::new(PROGRAM);
    let generate = format!(
        "{PROGRAM} keys generate \"Dora <dora@example.org>\" --secret ../dora.key --certificate ../dora.asc"
    );
    on_terminal(&team, &generate, &["correct horse", "correct horse"]).ends(0);
    let secret = String::from_utf8(team.sandbox.read("dora.key")).expect("armor");
    assert!(secret.contains("PRIVATE KEY"));
    let certify = |lines: &[&str], out: &str| {
        let command = format!("{PROGRAM} keys certify ../ann.asc --key ../dora.key --out ../{out}");
        on_terminal(&team, &command, lines)
    };
    let wrong = certify(&["battery staple"], "wrong.asc");
    assert!(wrong.stdout.contains("does not unlock"), "{}", wrong.stdout);
    assert!(!team.sandbox.path("wrong.asc").exists());
    certify(&["correct horse"], "right.asc").ends(0);
    assert!(team.sandbox.path("right.asc").exists());
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let key = team.key_of("ann");
    let run = team.run(&["sign", &path, "--as", "ann", "--key", &key]).ends(2);
    let hint = format!("hint: secpack sign {path} --as ann --key {key} --now {NOW} --yes ");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    assert!(!team.sandbox.path(&format!("pack/{path}.sig.ann")).exists());
}
