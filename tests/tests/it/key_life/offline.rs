//! The master lies offline: a request goes there, an answer comes back.

use super::{Gpg, PROGRAM, at, certified_key, key_of, refuses};
use secpack_tests::{Sandbox, Team};

const DAY: &str = "2026-03-10";

/// Dora's key, certified by nobody, and a request for it. The offline machine is a home of its own
/// with the master key and that request.
fn requested(team: &Team) -> (String, String) {
    let make = [
        "keys",
        "generate",
        "Dora <dora@example.org>",
        "--secret",
        "dora.key",
        "--certificate",
        "dora.asc",
        "--no-passphrase",
        "--now",
        "2026-03-05T00:00:00Z",
    ];
    let key = team.sandbox.secpack(".", &make).ends(0).stdout.trim().to_owned();
    let dora = team.sandbox.path("dora.asc").display().to_string();
    let request = team.sandbox.path("dora.request").display().to_string();
    let run = at(team, DAY, &["keys", "certify", &dora, "--request", "--out", &request]).ends(0);
    assert!(run.stdout.contains("request: "), "{}", run.stdout);
    let text = String::from_utf8(team.sandbox.read("dora.request")).expect("text");
    for words in [&key, &team.anchor, "user id: Dora <dora@example.org>", "pack: Example"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    (key, text)
}

/// A machine that has the master key and nothing of the pack.
fn offline(team: &Team, request: &str) -> Sandbox {
    let machine = Sandbox::new(PROGRAM);
    machine.write("master.key", team.sandbox.read("master.key"));
    machine.write("request", request);
    machine
}

fn gpg_answers(machine: &Sandbox, master: &str, key: &str) -> Vec<u8> {
    let gpg = Gpg::new(machine, "gpg", DAY);
    gpg.run(&["--import", "master.key"]).ends(0);
    gpg.run(&["--import", "request"]).ends(0);
    gpg.run(&["--local-user", master, "--quick-sign-key", key]).ends(0);
    gpg.run(&["--armor", "--export", key]).ends(0).stdout.into_bytes()
}

fn secpack_answers(machine: &Sandbox) -> Vec<u8> {
    let certify = [
        "keys",
        "certify",
        "request",
        "--key",
        "master.key",
        "--out",
        "answer",
        "--now",
        "2026-03-10T09:00:00Z",
    ];
    machine.secpack(".", &certify).ends(0);
    machine.read("answer")
}

fn take(team: &Team, answer: &[u8], into: &str) -> secpack_tests::Run {
    team.sandbox.write("answer", answer);
    let answer = team.sandbox.path("answer").display().to_string();
    let into = team.sandbox.path(into).display().to_string();
    at(team, DAY, &["keys", "certify", &answer, "--answer", "--into", &into])
}

/// After an answer the certificate enters the pack, and stock gpg sees the certification.
fn accepted(team: &Team, key: &str) {
    let certificate = team.sandbox.path("dora.asc").display().to_string();
    at(team, DAY, &["keys", "rotate", "carol", &certificate]).ends(0);
    let gpg = Gpg::new(&team.sandbox, "gpg-reader", DAY);
    gpg.run(&["--import", "master.asc"]).ends(0);
    gpg.run(&["--import", "dora.asc"]).ends(0);
    let run = gpg.run(&["--with-colons", "--check-signatures", key]).ends(0);
    let good = run
        .stdout
        .lines()
        .any(|line| line.starts_with("sig:!") && line.contains(&team.anchor[24..]));
    assert!(good, "{}", run.stdout);
}

#[test]
fn our_program_answers() {
    let team = Team::new(PROGRAM);
    let (key, request) = requested(&team);
    let answer = secpack_answers(&offline(&team, &request));
    let run = take(&team, &answer, "dora.asc").ends(0);
    assert!(run.stdout.contains("certified by master: "), "{}", run.stdout);
    let again = take(&team, &answer, "dora.asc").ends(0);
    assert!(again.stdout.contains("known: "), "{}", again.stdout);
    accepted(&team, &key);
}

#[test]
fn stock_gpg_answers() {
    let team = Team::new(PROGRAM);
    let (key, request) = requested(&team);
    let answer = gpg_answers(&offline(&team, &request), &team.anchor, &key);
    take(&team, &answer, "dora.asc").ends(0);
    accepted(&team, &key);
}

#[test]
fn a_key_of_the_pack_is_certified_anew_in_its_own_file() {
    let team = Team::new(PROGRAM);
    let key = key_of(&team, "ben");
    // The pack lost the certification.
    team.sandbox.write("pack/keys/members/ben.asc", team.sandbox.read("ben.asc"));
    let request = team.sandbox.path("ben.request").display().to_string();
    at(&team, DAY, &["keys", "certify", "ben", "--request", "--out", &request]).ends(0);
    let text = String::from_utf8(team.sandbox.read("ben.request")).expect("text");
    let answer = gpg_answers(&offline(&team, &text), &team.anchor, &key);
    team.sandbox.write("answer", answer);
    let answer = team.sandbox.path("answer").display().to_string();
    let run = at(&team, DAY, &["keys", "certify", &answer, "--answer"]).ends(0);
    assert!(run.stderr.contains("hint: git add -- keys/members/ben.asc && "), "{}", run.stderr);
    let lint = at(&team, DAY, &["keys", "lint"]).ends(0);
    assert!(!lint.stdout.contains("lost-certification"), "{}", lint.stdout);
}

#[test]
fn answers_that_bring_something_else_are_refused_as_a_whole() {
    let team = Team::new(PROGRAM);
    let (key, request) = requested(&team);
    let refused = |words: &str, answer: &[u8]| {
        team.sandbox.write("answer", answer);
        refuses(&team, 1, words, || take(&team, answer, "dora.asc"));
    };
    // By another master, who calls himself the same.
    let other = Team::new(PROGRAM);
    let machine = offline(&other, &request);
    let answer = gpg_answers(&machine, &other.anchor, &key);
    refused("it brings a signature of type", &answer);
    // For the master's own use only.
    let machine = offline(&team, &request);
    let gpg = Gpg::new(&machine, "gpg", DAY);
    gpg.run(&["--import", "master.key"]).ends(0);
    gpg.run(&["--import", "request"]).ends(0);
    gpg.run(&["--local-user", &team.anchor, "--quick-lsign-key", &key]).ends(0);
    let local = ["--export-options", "export-local-sigs", "--armor", "--export", &key];
    refused("not exportable", gpg.run(&local).ends(0).stdout.as_bytes());
    // With a new user id beside the certification.
    let machine = offline(&team, &request);
    machine.write("dora.key", team.sandbox.read("dora.key"));
    let gpg = Gpg::new(&machine, "gpg", DAY);
    gpg.run(&["--import", "dora.key"]).ends(0);
    gpg.run(&["--quick-add-uid", &key, "Eve <eve@example.org>"]).ends(0);
    let answer = gpg_answers(&machine, &team.anchor, &key);
    refused("the user id \"Eve <eve@example.org>\"", &answer);
    // Of another key.
    certified_key(&team.sandbox, "eve", "Dora <dora@example.org>", "2026-03-05");
    let answer = team.sandbox.read("eve-certified.asc");
    refused(&format!("dora.asc holds {key}, not "), &answer);
}

#[test]
fn requests_that_disagree_with_themselves_are_not_answered() {
    let team = Team::new(PROGRAM);
    let (key, request) = requested(&team);
    let ann = key_of(&team, "ann");
    let certify = |text: String, words: &str| {
        let machine = offline(&team, &text);
        let before = machine.contents(".");
        let arguments = ["keys", "certify", "request", "--key", "master.key", "--out", "answer"];
        let run = machine.secpack(".", &arguments).ends(1);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_eq!(before, machine.contents("."));
    };
    certify(request.replacen(&format!("key: {key}"), &format!("key: {ann}"), 1), "it speaks of");
    let root = format!("root: master {}", team.anchor);
    certify(request.replacen(&root, &format!("root: master {ann}"), 1), "it asks the root");
    certify(request.replacen("key: ", "", 1), "it does not say which key");
}
