//! Attacks on a whole pack, made by our own generator: each comes back with its own reason code,
//! and its benign twin passes. What needs forged mathematics is tested beside the code, in
//! `crates/openpgp/src/attacks`.

mod backdated;
mod cleartext;
mod collecting;
mod corpus_flips;
mod git_objects;
mod git_planted;
mod git_tags;
mod hashes;
mod keys;
mod masters;
mod members;
mod moved;
mod options;
mod signature_files;
mod sizes;
mod terminal;

use secpack_tests::{Run, Team, forge};
use std::path::Path;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// An hour before the time that the tests take for now, as gpg wants it.
const EARLIER: &str = "20260304T090000";

/// A team with one released bulletin, and the bulletin's path.
pub fn released() -> (Team, String) {
    let team = Team::new(PROGRAM);
    let path = team.released();
    (team, path)
}

/// The verdict of one signature file.
pub fn verdict(run: &Run, path: &str) -> String {
    let report = run.json();
    let documents = report["documents"].as_array().expect("documents");
    let signatures = documents.iter().flat_map(|d| d["signatures"].as_array().expect("a list"));
    let found: Vec<_> = signatures.filter(|s| s["path"] == path).collect();
    assert_eq!(found.len(), 1, "{path} appears {} times in {report}", found.len());
    found[0]["verdict"].as_str().expect("a code").to_owned()
}

/// The verdict of one tag.
pub fn tag_verdict(run: &Run, name: &str) -> String {
    let report = run.json();
    let whole = format!("refs/tags/{name}");
    let tags = report["tags"].as_array().expect("tags");
    let found = tags.iter().find(|tag| tag["ref"] == whole.as_str());
    found.unwrap_or_else(|| panic!("no {whole} in {report}"))["verdict"]
        .as_str()
        .expect("a code")
        .to_owned()
}

/// Rules of the errors that are not accepted, in the order of the report.
pub fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings");
    let errors = findings.iter().filter(|f| f["level"] == "error" && f["accepted"] == false);
    errors.map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

/// A text file of the pack.
pub fn read(team: &Team, inside: &str) -> String {
    String::from_utf8(team.sandbox.read(&format!("pack/{inside}"))).expect("text")
}

pub fn write(team: &Team, inside: &str, bytes: impl AsRef<[u8]>) {
    team.sandbox.write(&format!("pack/{inside}"), bytes);
}

/// A detached signature by stock gpg with a member's key, made an hour ago.
pub fn gpg_signs(team: &Team, member: &str, document: &str, options: &[&str]) -> Vec<u8> {
    gpg_signs_at(team, EARLIER, member, document, options)
}

pub fn gpg_signs_at(
    team: &Team,
    time: &str,
    member: &str,
    document: &str,
    options: &[&str],
) -> Vec<u8> {
    gpg_makes(team, time, member, &[options, &["--detach-sign"]].concat(), document)
}

/// Whatever gpg makes of a document with a member's key; `options` end with the command.
pub fn gpg_makes(
    team: &Team,
    time: &str,
    member: &str,
    options: &[&str],
    document: &str,
) -> Vec<u8> {
    team.sandbox.gpg(".", &["--import", &format!("{member}.key")]).ends(0);
    let out = team.sandbox.path("made");
    let _ = std::fs::remove_file(&out);
    let user = format!("<{member}@example.org>");
    let (out, document) = (out.display().to_string(), format!("pack/{document}"));
    let fixed = ["--faked-system-time", time, "--local-user", &user, "--armor", "--output", &out];
    let all: Vec<&str> = fixed.iter().chain(options).copied().chain([&*document]).collect();
    team.sandbox.gpg(".", &all).ends(0);
    team.sandbox.read("made")
}

/// Answers gpg's questions from a list; for what has no quick command.
pub fn gpg_asks(team: &Team, arguments: &[&str], answers: &[&str]) -> Run {
    team.sandbox.write("answers", answers.join("\n") + "\n");
    let fixed = ["--no-tty", "--yes", "--faked-system-time", EARLIER, "--command-file", "answers"];
    let all: Vec<&str> = fixed.iter().chain(arguments).copied().collect();
    team.sandbox.run(Path::new("gpg"), ".", &all, &[])
}

/// Changes the policy, raises its version, and has ann and ben sign it, as they should.
pub fn amend(team: &Team, change: impl FnOnce(String) -> String) {
    let policy = read(team, "secpack.toml");
    let version = policy.lines().find(|line| line.starts_with("version = ")).expect("a version");
    let number: u32 = version
        .trim_start_matches("version = ")
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number");
    let raised = policy.replacen(version, &format!("version = {}", number + 1), 1);
    write(team, "secpack.toml", change(raised));
    for member in ["ann", "ben"] {
        let _ = std::fs::remove_file(team.sandbox.path(&format!("pack/secpack.toml.sig.{member}")));
    }
    team.sign("secpack.toml", "ann").ends(0);
    team.sign("secpack.toml", "ben").ends(0);
    team.commit("A new policy");
    team.tag("ann");
}

/// A second bulletin, signed by both, not committed.
pub fn second(team: &Team) -> String {
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    path
}

/// The signature packet in a file.
pub fn signature_in(file: &[u8]) -> forge::Packet {
    let found = forge::dearmor(file);
    assert_eq!(found.len(), 1);
    found.into_iter().next().expect("one packet")
}

/// A pack in which ben's certificate is this one, and no other of his was ever there.
pub fn pack_with(certificate: impl FnOnce(&Team) -> Vec<u8>) -> Team {
    let team = Team::new(PROGRAM);
    let made = certificate(&team);
    std::fs::remove_dir_all(team.sandbox.path("pack/.git")).expect("removed");
    write(&team, "keys/members/ben.asc", made);
    team.sandbox.git("pack", &["init", "-q", "-b", "main"]);
    team.sandbox.git("pack", &["config", "user.name", "Test"]);
    team.sandbox.git("pack", &["config", "user.email", "test@example.org"]);
    team.commit("Begin again");
    team.tag("ann");
    team
}

/// The fingerprint that gpg has for a member.
pub fn fingerprint(team: &Team, member: &str) -> String {
    let user = format!("<{member}@example.org>");
    let listed = team.sandbox.gpg(".", &["--with-colons", "--list-keys", &user]).ends(0);
    let line = listed.stdout.lines().find(|line| line.starts_with("fpr")).expect("a key");
    line.split(':').nth(9).expect("a fingerprint").to_owned()
}
