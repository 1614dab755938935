//! The life of a key: made, certified, extended, rotated, retired, revoked; what each step means at
//! signing and at verifying, and what stock gpg makes of it.

mod ceremony;
mod expired;
mod generated;
mod hints;
mod lint;
mod offline;
mod refused;
mod retired;
mod revoked;
mod rotated;

use secpack_tests::{Run, Sandbox, Team};
use std::path::{Path, PathBuf};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Runs the program in the pack at a day.
fn at(team: &Team, day: &str, arguments: &[&str]) -> Run {
    let now = format!("{day}T10:00:00Z");
    let all: Vec<&str> = arguments.iter().chain(&["--now", &now]).copied().collect();
    team.sandbox.secpack("pack", &all)
}

/// Signs a document as a member at a day.
fn sign_at(team: &Team, day: &str, document: &str, member: &str, key: &str) -> Run {
    let shown = at(team, day, &["sign", document, "--as", member, "--dry-run"]);
    let digest = shown.stdout.get(..64).unwrap_or_default().to_owned();
    let key = team.sandbox.path(key).display().to_string();
    at(team, day, &["sign", document, "--as", member, "--key", &key, "--yes", &digest])
}

/// Every signature file of the pack with its verdict, at a day.
fn verdicts(team: &Team, day: &str) -> Vec<(String, String)> {
    let run = at(team, day, &["verify", "--anchor", &team.anchor, "--no-memory", "--json"]);
    let json = run.json();
    let documents = json["documents"].as_array().expect("documents").iter();
    let signatures = documents.flat_map(|d| d["signatures"].as_array().expect("signatures"));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> = signatures.map(|s| (text(&s["path"]), text(&s["verdict"]))).collect();
    found.sort();
    found
}

fn verdict(team: &Team, day: &str, path: &str) -> String {
    let all = verdicts(team, day);
    let found = all.iter().find(|(name, _)| name == path);
    found.unwrap_or_else(|| panic!("{path} is not in {all:?}")).1.clone()
}

/// The command fails with this code and these words, and changes nothing on disk.
fn refuses(team: &Team, code: i32, words: &str, run: impl Fn() -> Run) -> Run {
    let before = team.sandbox.contents(".");
    let run = run().ends(code);
    assert!(run.stderr.contains(words), "{words}\n{}", run.stderr);
    assert_eq!(before, team.sandbox.contents("."), "something changed on disk");
    run
}

/// The commands in the hints of a run.
fn hints(run: &Run) -> Vec<String> {
    let lines = run.stderr.lines().filter_map(|line| line.strip_prefix("hint: "));
    lines.map(str::to_owned).collect()
}

/// Types a command of ours, as a hint gives it, with FILE filled in and the digest of what is
/// signed.
fn type_hint(team: &Team, day: &str, hint: &str, file: &str) -> Run {
    let words: Vec<&str> = hint.split(' ').map(|w| if w == "FILE" { file } else { w }).collect();
    assert_eq!(words[0], "secpack", "{hint}");
    if words[1] == "sign" {
        let member = words[words.iter().position(|w| *w == "--as").expect("--as") + 1];
        return sign_at(team, day, words[2], member, file);
    }
    at(team, day, &words[1..])
}

/// A new key of a member, certified by the master: `NAME.key` and `NAME-certified.asc`.
fn certified_key(sandbox: &Sandbox, name: &str, user: &str, day: &str) -> String {
    let now = format!("{day}T00:00:00Z");
    let (secret, certificate) = (format!("{name}.key"), format!("{name}.asc"));
    let out = format!("{name}-certified.asc");
    let make = [
        "keys",
        "generate",
        user,
        "--secret",
        &secret,
        "--certificate",
        &certificate,
        "--no-passphrase",
        "--now",
        &now,
    ];
    let key = sandbox.secpack(".", &make).ends(0).stdout.trim().to_owned();
    let certify =
        ["keys", "certify", &certificate, "--key", "master.key", "--out", &out, "--now", &now];
    sandbox.secpack(".", &certify).ends(0);
    key
}

/// Signs the policy as the members who are named, commits it, and tags.
fn settle(team: &Team, day: &str, members: &[(&str, &str)], message: &str) {
    for (member, key) in members {
        let _ = std::fs::remove_file(team.sandbox.path(&format!("pack/secpack.toml.sig.{member}")));
        sign_at(team, day, "secpack.toml", member, key).ends(0);
    }
    team.commit(message);
}

/// The fingerprint of a member's key, as the list gives it.
pub(crate) fn key_of(team: &Team, member: &str) -> String {
    let rows = team.run(&["keys", "list", "--json"]).ends(0).json();
    let rows = rows.as_array().expect("rows").clone();
    let row = rows.iter().find(|row| row["owner"] == member).expect("their key");
    row["fingerprint"].as_str().expect("text").to_owned()
}

/// A gpg with a home of its own, at a time of its own.
struct Gpg<'a> {
    sandbox: &'a Sandbox,
    home: PathBuf,
    day: String,
}

impl<'a> Gpg<'a> {
    fn new(sandbox: &'a Sandbox, name: &str, day: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let home = sandbox.path(name);
        std::fs::create_dir_all(&home).expect("a folder");
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&home, mode).expect("a mode");
        Self { sandbox, home, day: day.replace('-', "") + "T100000" }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let home = self.home.display().to_string();
        let time = format!("{}!", self.day);
        let own = [
            "--homedir",
            &home,
            "--batch",
            "--yes",
            "--quiet",
            "--no-tty",
            "--faked-system-time",
            &time,
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
        ];
        let all: Vec<&str> = own.iter().chain(arguments).copied().collect();
        self.sandbox.run(Path::new("gpg"), ".", &all, &[("GNUPGHOME", &home)])
    }

    /// One field of the `pub` line: 2 is the validity, 7 the end.
    fn field(&self, key: &str, field: usize) -> String {
        let run = self.run(&["--with-colons", "--list-keys", key]).ends(0);
        let line = run.stdout.lines().find(|line| line.starts_with("pub:")).expect("a key");
        line.split(':').nth(field - 1).unwrap_or_default().to_owned()
    }
}
