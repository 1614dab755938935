//! Tags by request: two machines that share nothing but the request and its answer.

use super::requests::{offline, stop};
use super::{Keys, home};
use secpack_tests::{NOW, Run, Sandbox};

/// Asks a member for a tag of HEAD; returns the name of the request, which lies beside the pack.
fn ask(keys: &Keys, member: &str) -> String {
    let user = keys.fingerprint(member);
    keys.sandbox.gpg(".", &["--yes", "--delete-secret-keys", &user]);
    let run = keys.run(&["tag", "--as", member, "--with", "request"]).ends(0);
    let place = run.stdout.lines().find_map(|line| line.strip_prefix("request: "));
    place.and_then(|place| place.rsplit('/').next()).expect("a request").to_owned()
}

fn name(keys: &Keys, member: &str) -> String {
    format!("{member}_sec_{}", &keys.head()[..8])
}

/// The stock commands of a request, typed as they stand there.
fn gpg_answers(machine: &Sandbox, request: &str) {
    let text = String::from_utf8_lossy(&machine.read(request)).into_owned();
    let line = text.lines().find(|line| line.contains("--detach-sign")).expect("a command");
    let line = line.replace("gpg --armor", "gpg --batch --armor");
    machine.run("sh".as_ref(), ".", &["-c", &line], &[]).ends(0);
}

fn collect(keys: &Keys, name: &str, bytes: &[u8]) -> Run {
    keys.sandbox.write(&format!("stick/{name}"), bytes);
    keys.run(&["collect", &format!("../stick/{name}")])
}

/// The tag object that git has for a name.
fn stored(keys: &Keys, name: &str) -> Vec<u8> {
    keys.sandbox.git("pack", &["cat-file", "tag", name]).stdout.into_bytes()
}

#[test]
fn stock_gpg_answers_and_git_and_gpg_verify_the_tag() {
    let keys = Keys::new();
    let machine = offline(&keys, "ann");
    let request = ask(&keys, "ann");
    machine.write(&request, keys.sandbox.read(&request));
    gpg_answers(&machine, &request);
    let name = name(&keys, "ann");
    let answer = machine.read(&format!("{name}.tag"));
    // Another git is at work: nothing is taken, and the same command takes it afterwards.
    let lock = format!("pack/.git/refs/tags/{name}.lock");
    keys.sandbox.write(&lock, "");
    let held = collect(&keys, &format!("{name}.tag"), &answer).ends(1);
    assert!(held.stdout.contains("not taken: "), "{}", held.stdout);
    assert!(held.stderr.contains("hint: ") && held.stderr.contains("collect"), "{}", held.stderr);
    std::fs::remove_file(keys.sandbox.path(&lock)).expect("a lock");
    let run = collect(&keys, &format!("{name}.tag"), &answer).ends(0);
    assert!(run.stdout.contains(&format!("taken: refs/tags/{name} (ann)")), "{}", run.stdout);
    keys.sandbox.git("pack", &["tag", "-v", &name]);
    assert_eq!(stored(&keys, &name), answer);
    // The tag without its signature is the end of the request, and gpg says so of the two.
    let text = String::from_utf8(answer).expect("text");
    let (payload, _) = text.split_once("-----BEGIN PGP").expect("a signature");
    assert!(keys.sandbox.read(&request).ends_with(payload.as_bytes()));
    keys.sandbox.write("payload", payload);
    keys.sandbox.write("armor", &text[payload.len()..]);
    keys.sandbox.gpg(".", &["--verify", "armor", "payload"]).ends(0);
    // Twice is once, and nothing is asked for any more.
    let again = collect(&keys, &format!("{name}.tag"), text.as_bytes()).ends(0);
    assert!(again.stdout.contains(&format!("known: refs/tags/{name}")), "{}", again.stdout);
    let done = keys.run(&["tag", "--as", "ann", "--with", "request"]).ends(0);
    assert!(done.stdout.contains("already and good"), "{}", done.stdout);
    stop(&machine);
}

#[test]
fn secpack_answers_by_every_signer_with_the_same_tag() {
    let keys = Keys::new();
    for (member, with) in [
        ("ann", ["--key", "member.key"]),
        ("ben", ["--with", "agent"]),
        ("ann", ["--program", "gpg"]),
    ] {
        let machine = offline(&keys, member);
        let request = ask(&keys, member);
        machine.write(&request, keys.sandbox.read(&request));
        let head = keys.head();
        // The offline clock is another one: the date of the tag travels.
        let sign = ["sign", "request", &request, "--yes", &head[..12], "--now", NOW];
        let run = machine.secpack(".", &[&sign[..], &with].concat()).ends(0);
        for shown in [&*head, "Test <test@example.org>, 2026-03-04 10:00:00 UTC", "_sec_"] {
            assert!(run.stderr.contains(shown), "{shown}: {}", run.stderr);
        }
        let name = name(&keys, member);
        let answer = machine.read(&format!("{name}.tag"));
        collect(&keys, &format!("{name}.tag"), &answer).ends(0);
        keys.sandbox.git("pack", &["tag", "-v", &name]);
        assert_eq!(stored(&keys, &name), answer);
        stop(&machine);
        // The same again by another signer.
        keys.sandbox.git("pack", &["tag", "-d", &name]);
        std::fs::remove_file(keys.sandbox.path(&request)).expect("gone");
        keys.sandbox.gpg(".", &["--import", &machine.path("member.key").display().to_string()]);
    }
}

#[test]
fn the_same_answer_is_the_same_tag_in_every_clone() {
    let keys = Keys::new();
    let machine = offline(&keys, "ann");
    let request = ask(&keys, "ann");
    machine.write(&request, keys.sandbox.read(&request));
    gpg_answers(&machine, &request);
    let name = name(&keys, "ann");
    let answer = machine.read(&format!("{name}.tag"));
    keys.sandbox.git(".", &["clone", "-q", "pack", "other"]);
    collect(&keys, &format!("{name}.tag"), &answer).ends(0);
    let place = format!("../stick/{name}.tag");
    keys.sandbox.secpack("other", &["collect", &place, "--now", NOW]).ends(0);
    let id =
        |clone: &str| keys.sandbox.git(clone, &["rev-parse", &format!("refs/tags/{name}")]).stdout;
    assert_eq!(id("pack"), id("other"));
    stop(&machine);
}

#[test]
fn what_asks_for_anything_else_is_not_signed() {
    let keys = Keys::new();
    let machine = offline(&keys, "ann");
    let request = ask(&keys, "ann");
    let good = String::from_utf8(keys.sandbox.read(&request)).expect("text");
    let head = keys.head();
    let document = good.replacen("secpack tag request 1", "secpack signing request 1", 1);
    for (text, says) in [
        (good.replace(&format!("object {head}"), &format!("object {}", "9".repeat(40))), "changed"),
        (good.replace("| sha256sum", "| sh"), "something in it was changed"),
        (good.replace("1 +0000", "2 +0000").replace("0 +0000", "1 +0000"), "was changed"),
        (format!("{good}more\n"), "something in it was changed"),
        (document, "not a signing request"),
    ] {
        machine.write("asked", &text);
        let before = machine.contents(".");
        let sign = ["sign", "request", "asked", "--yes", &head[..12], "--key", "member.key"];
        let run = machine.secpack(".", &[&sign[..], &["--now", NOW]].concat()).ends(1);
        assert!(run.stderr.contains(says) && run.stderr.contains("hint: "), "{}", run.stderr);
        assert_eq!(before, machine.contents("."), "{says}");
    }
    machine.write("asked", &good);
    let before = machine.contents(".");
    let sign = ["sign", "request", "asked", "--yes", "012345678901", "--key", "member.key"];
    machine.secpack(".", &[&sign[..], &["--now", NOW]].concat()).ends(1);
    machine.secpack(".", &["sign", "request", "asked", "--key", "member.key"]).ends(2);
    assert_eq!(before, machine.contents("."));
    stop(&machine);
}

#[test]
fn wrong_answers_are_refused_and_nothing_is_written() {
    let keys = Keys::new();
    let machine = offline(&keys, "ann");
    let request = ask(&keys, "ann");
    machine.write(&request, keys.sandbox.read(&request));
    gpg_answers(&machine, &request);
    let name = name(&keys, "ann");
    let answer = String::from_utf8(machine.read(&format!("{name}.tag"))).expect("text");
    let (payload, armor) = answer.split_at(answer.find("-----BEGIN PGP").expect("a signature"));
    let signed = |text: &str, key: &str| {
        keys.sandbox.write("signed/text", text);
        let user = keys.fingerprint(key);
        let sign = ["--armor", "--yes", "--local-user", &user, "--output", "signed/armor"];
        keys.sandbox.gpg(".", &[&sign[..], &["--detach-sign", "signed/text"]].concat()).ends(0);
        let armor = String::from_utf8(keys.sandbox.read("signed/armor")).expect("armor");
        format!("{text}{armor}")
    };
    let by_ann = |text: &str| {
        home(&keys.sandbox, "gnupg");
        let secret = machine.path("member.key").display().to_string();
        keys.sandbox.gpg(".", &["--import", &secret]);
        signed(text, "ann")
    };
    let parent = keys.head();
    let gone = "9".repeat(40);
    let lost = payload.replace(&parent, &gone).replace(&parent[..8], &gone[..8]);
    let tree = keys.sandbox.git("pack", &["rev-parse", "HEAD^{tree}"]).stdout;
    for (answer, code) in [
        (payload.to_owned(), "missing"),
        (format!("{}{armor}", payload.replacen("Test <", "Tess <", 1)), "bad"),
        (format!("{payload}{armor}{armor}"), "bad"),
        (format!("{answer}more\n"), "malformed"),
        (signed(payload, "ben"), "wrong-member"),
        (by_ann(&payload.replacen("ann_sec", "ann_sex", 1)), "name-mismatch"),
        (by_ann(&payload.replacen("Tag for", "Not for", 1)), "malformed"),
        (by_ann(&lost), "unreadable"),
        (
            by_ann(&payload.replacen(&parent, tree.trim(), 1).replacen(
                "type commit",
                "type tree",
                1,
            )),
            "malformed",
        ),
        (answer.replace('\n', "\r\n"), "malformed"),
    ] {
        keys.sandbox.write("stick/answer.tag", &answer);
        let before = keys.sandbox.contents("pack");
        let run = keys.run(&["collect", "../stick/answer.tag"]);
        let said = run.stdout.contains(&format!("({code})")) && run.code == 1;
        assert!(said, "{code}: {} {}", run.stdout, run.stderr);
        assert!(run.stderr.contains("hint: "), "{code}: {}", run.stderr);
        assert_eq!(before, keys.sandbox.contents("pack"), "{code}");
    }
    stop(&machine);
}
