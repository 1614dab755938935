//! Programs that answer wrongly: each is refused with its reason, and nothing is written.

use super::{Keys, script};

/// The true signature.
const GOOD: &str = "gpg --batch --armor --detach-sign --local-user \"$5\" --output -";

/// What the program does, how secpack ends, and what it says.
const WRONG: &[(&str, i32, &str)] = &[
    ("echo other | gpg --batch -a -b -u \"$5\" -o - -", 1, "(bad)"),
    ("gpg --batch -a -b -u '<ben@example.org>' -o - -", 1, "(wrong-member)"),
    ("gpg --batch -a -b -u '<stranger@example.org>' -o - -", 1, "(unknown-key)"),
    ("gpg --batch -a -b -u \"$5\" -u '<ben@example.org>' -o - -", 1, "(malformed)"),
    ("cat >/dev/null", 1, "(malformed)"),
    ("gpg --batch -a --sign -u \"$5\" -o - -", 1, "(malformed)"),
    ("gpg --batch --clearsign -u \"$5\" -o - -", 1, "(wrong-type)"),
    ("gpg --batch -b -u \"$5\" -o - -", 1, "(malformed)"),
    ("GOOD; exit 1", 2, "failed (exit status: 1)"),
    ("kill -9 $$", 2, "failed (signal: 9"),
    ("exec sleep 600", 2, "gave no answer for 1 seconds"),
    ("GOOD; exec sleep 600", 2, "gave no answer for 1 seconds"),
    ("echo 'Please wait'; GOOD", 1, "(not-canonical)"),
    ("GOOD; echo done", 1, "(not-canonical)"),
    ("GOOD --comment hello", 1, "(not-canonical)"),
    ("yes", 2, "answered more than 65536 bytes"),
    ("GOOD --textmode", 1, "(wrong-type)"),
    ("GOOD --digest-algo SHA1", 1, "(weak-hash)"),
    ("GOOD --set-notation '!x@example.org=1'", 1, "(malformed)"),
    ("GOOD --faked-system-time 20990101T000000", 1, "(not-yet-valid)"),
    ("GOOD --faked-system-time 20251201T000000 --ignore-time-conflict", 1, "(not-yet-valid)"),
    ("printf 'no \\033[2J key\\n' >&2; exit 2", 2, "no \\u{1b}[2J key"),
];

#[test]
fn each_is_refused_and_nothing_is_written() {
    let keys = Keys::new();
    let stranger = ["--passphrase", "", "--quick-gen-key", "X <stranger@example.org>", "ed25519"];
    keys.sandbox.gpg(".", &stranger).ends(0);
    let path = keys.draft();
    let before = keys.sandbox.contents("pack");
    let mut wrong = Vec::new();
    for (body, code, says) in WRONG {
        let program = script(&keys.sandbox, "wrong", &body.replace("GOOD", GOOD));
        let timeout = if body.contains("sleep") { "1" } else { "60" };
        let run = keys.signs(&path, "ann", &["--program", &program, "--timeout", timeout]);
        let hinted = run.stderr.contains("\nhint: ");
        if run.code != *code || !run.stderr.contains(says) || !hinted {
            let end = run.stderr.split("\nerror: ").nth(1).unwrap_or(&run.stderr);
            wrong.push(format!("{body}: wanted {code} {says}, got {} {end}", run.code));
        }
        assert_eq!(before, keys.sandbox.contents("pack"), "{body} wrote something");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same answers for a tag: no tag stands there afterwards.
#[test]
fn no_tag_is_made_of_them() {
    let keys = Keys::new();
    let head = keys.head();
    let before = keys.sandbox.contents("pack");
    for (body, says) in [
        ("gpg --batch -a -b -u '<ben@example.org>' -o - -", "(wrong-member)"),
        ("echo other | gpg --batch -a -b -u \"$5\" -o - -", "(bad)"),
        ("GOOD --digest-algo SHA1", "(weak-hash)"),
    ] {
        let program = script(&keys.sandbox, "wrong", &body.replace("GOOD", GOOD));
        let run = keys.run(&["tag", "--as", "ann", "--program", &program, "--yes", &head]).ends(1);
        assert!(run.stderr.contains(says), "{body}: {}", run.stderr);
        assert_eq!(before, keys.sandbox.contents("pack"), "{body} wrote something");
    }
}
