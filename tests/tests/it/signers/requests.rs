//! Requests: two machines that share nothing but the request and its answer.

use super::{Keys, PROGRAM, home};
use secpack_tests::{NOW, Sandbox};

/// A machine without a pack, with ann's secret key in gpg's home and beside it.
pub fn offline(keys: &Keys, member: &str) -> Sandbox {
    let sandbox = Sandbox::new(PROGRAM);
    home(&sandbox, "gnupg");
    let user = format!("<{member}@example.org>");
    let secret = keys.sandbox.gpg(".", &["--armor", "--export-secret-keys", &user]).ends(0).stdout;
    sandbox.write("member.key", secret);
    sandbox.gpg(".", &["--import", "member.key"]).ends(0);
    sandbox
}

pub fn stop(sandbox: &Sandbox) {
    sandbox.run("gpgconf".as_ref(), ".", &["--kill", "all"], &[]);
}

/// Asks a member; returns the name of the request, which lies beside the pack.
fn ask(keys: &Keys, path: &str, member: &str) -> String {
    let user = keys.fingerprint(member);
    keys.sandbox.gpg(".", &["--yes", "--delete-secret-keys", &user]);
    let run = keys.run(&["sign", path, "--as", member, "--with", "request"]).ends(0);
    let place = run.stdout.lines().find_map(|line| line.strip_prefix("request: "));
    place.and_then(|place| place.rsplit('/').next()).expect("a request").to_owned()
}

#[test]
fn stock_gpg_answers() {
    let keys = Keys::new();
    let path = keys.draft();
    let machine = offline(&keys, "ann");
    let request = ask(&keys, &path, "ann");
    machine.write(&request, keys.sandbox.read(&request));
    // The command stands in the request; it is typed as it is.
    let text = String::from_utf8(machine.read(&request)).expect("text");
    let line = text.lines().find(|line| line.contains("--detach-sign")).expect("a command");
    let line = line.replace("gpg --armor", "gpg --batch --armor");
    machine.run("sh".as_ref(), ".", &["-c", &line], &[]).ends(0);
    let name = format!("{}.sig.ann", path.rsplit('/').next().expect("a name"));
    keys.sandbox.write(&format!("stick/{name}"), machine.read(&name));
    let run = keys.run(&["collect", &format!("../stick/{name}")]).ends(0);
    assert!(run.stdout.contains("ann"), "{}", run.stdout);
    keys.gpg_accepts(&path, "ann");
    stop(&machine);
}

#[test]
fn secpack_answers_by_every_signer() {
    let keys = Keys::new();
    let path = keys.draft();
    for (member, with) in [
        ("ann", ["--key", "member.key"]),
        ("ben", ["--with", "agent"]),
        ("ann", ["--program", "gpg"]),
    ] {
        let machine = offline(&keys, member);
        let request = ask(&keys, &path, member);
        machine.write(&request, keys.sandbox.read(&request));
        let digest = keys.digest(&path, member);
        let sign = ["sign", "request", &request, "--yes", &digest[..16], "--now", NOW];
        let run = machine.secpack(".", &[&sign[..], &with].concat()).ends(0);
        assert!(run.stderr.contains("| ") && run.stderr.contains("SB-001"), "{}", run.stderr);
        let name = format!("{}.sig.{member}", path.rsplit('/').next().expect("a name"));
        keys.sandbox.write(&format!("stick/{name}"), machine.read(&name));
        keys.run(&["collect", &format!("../stick/{name}")]).ends(0);
        keys.gpg_accepts(&path, member);
        stop(&machine);
        // The same again by another signer.
        std::fs::remove_file(keys.sandbox.path(&format!("pack/{path}.sig.{member}")))
            .expect("gone");
        std::fs::remove_file(keys.sandbox.path(&request)).expect("gone");
        keys.sandbox.gpg(".", &["--import", &machine.path("member.key").display().to_string()]);
    }
}

#[test]
fn what_is_no_request_or_another_text_is_not_signed() {
    let keys = Keys::new();
    let path = keys.draft();
    let machine = offline(&keys, "ann");
    let request = ask(&keys, &path, "ann");
    let good = String::from_utf8(keys.sandbox.read(&request)).expect("text");
    let digest = keys.digest(&path, "ann");
    let changed = good.replace("can read memory", "can burn memory");
    let hostile = good.replace("| sha256sum", "| sh");
    let other = offline(&keys, "ben");
    for (text, says) in [
        (changed.as_str(), "something in it was changed"),
        (hostile.as_str(), "something in it was changed"),
        ("hello\n", "not a signing request"),
    ] {
        machine.write("asked", text);
        let before = machine.contents(".");
        let sign = ["sign", "request", "asked", "--yes", &digest[..16], "--key", "member.key"];
        let run = machine.secpack(".", &sign).ends(1);
        assert!(run.stderr.contains(says) && run.stderr.contains("hint: "), "{}", run.stderr);
        assert_eq!(before, machine.contents("."));
    }
    other.write("asked", &good);
    let before = other.contents(".");
    let sign = ["sign", "request", "asked", "--yes", &digest[..16], "--key", "member.key"];
    let sign = [&sign[..], &["--now", NOW]].concat();
    let run = other.secpack(".", &sign).ends(1);
    assert!(run.stderr.contains("the request asks for the key"), "{}", run.stderr);
    assert_eq!(before, other.contents("."));
    stop(&machine);
    stop(&other);
}
