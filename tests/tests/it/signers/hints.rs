//! Every refusal ends with a hint, and the hint is a command: typed as it stands, it runs and
//! helps. Nothing in a pack changes by a refusal.

use super::{Keys, PROGRAM};
use secpack_tests::{NOW, Run};

/// The command behind the last line that a refusal printed.
fn hint(run: &Run, arguments: &[&str]) -> String {
    assert_ne!(run.code, 0, "{arguments:?}: {run:?}");
    let last = run.stderr.lines().last().and_then(|line| line.strip_prefix("hint: "));
    last.unwrap_or_else(|| panic!("{arguments:?} ends without a hint: {}", run.stderr)).to_owned()
}

/// Types a line in the pack as a person would, at the time of the tests.
fn types(keys: &Keys, line: &str) -> Run {
    let line = line.replace("secpack ", &format!("{PROGRAM} --now {NOW} "));
    keys.sandbox.run("sh".as_ref(), "pack", &["-c", &line], &[])
}

/// Runs each command, wants this hint of it, and types that.
fn check(keys: &Keys, cases: &[(&str, &str, i32)]) {
    for (line, wanted, code) in cases {
        let arguments: Vec<&str> = line.split(' ').collect();
        let before = keys.sandbox.contents("pack");
        let words = [&["--now", NOW][..], &arguments].concat();
        let hint = hint(&keys.sandbox.secpack("pack", &words), &arguments);
        assert_eq!(before, keys.sandbox.contents("pack"), "{line}");
        assert_eq!(hint.replace(&format!(" --now {NOW}"), ""), *wanted, "{line}");
        let typed = hint.replace(&format!(" --now {NOW}"), "");
        let run = types(keys, &typed);
        assert_eq!(run.code, *code, "{typed}: {}", run.stderr);
    }
}

#[test]
fn what_is_wrong_with_a_file_is_shown_by_the_hint() {
    let keys = Keys::new();
    let path = keys.draft();
    let sign = format!("sign {path} --as ann --key");
    let agent = format!("secpack sign {path} --as ann --with agent");
    check(
        &keys,
        &[
            (&format!("{sign} ../nowhere.key"), "ls -l ..", 0),
            (&format!("{sign} ../no/where.key"), "ls -l ..", 0),
            // Nobody sits here who could say yes to the agent.
            (&format!("{sign} ../ann.asc"), &agent, 2),
            (&format!("sign {path} --as ann --with key-file"), &agent, 2),
            ("keys extend --key ../nowhere --expires 2y", "ls -l ..", 0),
            ("keys extend --key ../ann.asc --expires 2y", "gpg --show-keys ../ann.asc", 0),
            (
                "keys extend --from ../master.key",
                "secpack keys extend --key ../master.key --expires 2y",
                0,
            ),
            ("keys rotate ben ../nowhere.asc", "ls -l ..", 0),
            ("keys rotate ben ../ann.asc", "secpack keys list", 0),
            ("keys revoke --from ../ann.asc", "secpack keys list", 0),
            ("keys certify ../ann.asc --key ../master.key --out ../ben.asc", "ls -l ../ben.asc", 0),
        ],
    );
}

#[test]
fn whom_and_what_the_pack_knows_is_shown_by_the_hint() {
    let keys = Keys::new();
    check(
        &keys,
        &[
            ("keys retire nobody", "secpack policy show", 0),
            ("keys rotate nobody ../ann.asc", "secpack policy show", 0),
            ("keys retire ben --last forty", "secpack keys retire --help", 0),
            ("keys certify nobody --request --out ../request", "secpack keys list", 0),
            ("keys certify ben --request --root no --out ../request", "secpack policy show", 0),
            ("release --resume", "secpack status", 0),
            ("release --abort", "secpack status", 0),
            ("sign", "secpack sign --help", 0),
            ("release", "secpack release --help", 0),
            ("keys certify ../ann.asc", "secpack keys certify --help", 0),
            ("keys frobnicate", "secpack keys --help", 0),
            ("hook run nonsense", "secpack hook run --help", 0),
        ],
    );
}

#[test]
fn a_release_that_waits_or_is_blocked_says_what_to_type() {
    let keys = Keys::new();
    let path = keys.draft();
    let upstream = keys.sandbox.path("upstream.git").display().to_string();
    keys.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", &upstream]);
    keys.sandbox.git("pack", &["remote", "add", "origin", &upstream]);
    keys.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    let release = format!("release {path} --as ann");
    let wait = "git fetch origin && secpack collect origin";
    let blocked = format!("secpack {release} --remote nowhere");
    for member in ["ann", "ben"] {
        keys.signs(&path, member, &["--with", "agent"]).ends(0);
        check(&keys, &[(&release, wait, 0)]);
    }
    let text = String::from_utf8(keys.sandbox.read(&format!("pack/{path}"))).expect("text");
    keys.sandbox.write(&format!("pack/{path}"), text.replacen("overflow", "TODO", 1));
    let lint = format!("secpack bulletin lint {path}");
    let signs = format!("sign {path} --as carol --with agent");
    check(&keys, &[(&signs, &lint, 1), (&blocked["secpack ".len()..], &lint, 1)]);
}

#[test]
fn a_secret_key_is_made_beside_the_pack_by_the_hint() {
    let keys = Keys::new();
    let make = "keys generate eve --secret eve.key --certificate ../eve.asc --no-passphrase";
    let there = keys.sandbox.path("").canonicalize().expect("a folder").join("eve.key");
    let wanted = format!("secpack {}", make.replace("eve.key", &there.display().to_string()));
    check(&keys, &[(make, &wanted, 0)]);
    assert!(there.exists());
}

#[test]
fn a_request_to_another_key_is_refused_before_anybody_is_asked() {
    let keys = Keys::new();
    let path = keys.draft();
    let run = keys.run(&["sign", &path, "--as", "ben", "--with", "request"]).ends(0);
    let request = run.stdout.lines().find_map(|line| line.strip_prefix("request: "));
    let request = request.and_then(|place| place.rsplit('/').next()).expect("a request");
    let export = ["--armor", "--export-secret-keys", "<ann@example.org>"];
    keys.sandbox.write("ann.key", keys.sandbox.gpg(".", &export).ends(0).stdout);
    let answer = format!("sign request ../{request} --key ../ann.key");
    check(&keys, &[(&answer, &format!("cat -v ../{request} | head -n 24"), 0)]);
}

#[test]
fn outside_of_a_pack_the_hint_leads_into_one() {
    let keys = Keys::new();
    let start = keys.sandbox.path("pack").parent().expect("a folder").display().to_string();
    let bare = format!("{start}/bare.git");
    keys.sandbox.git(".", &["clone", "-q", "--bare", "pack", "bare.git"]);
    let clone = format!("git clone {bare} PACK");
    check(
        &keys,
        &[
            (&format!("status --pack {start}"), "secpack init --help", 0),
            (&format!("status --pack {start}/nowhere"), &format!("ls -l {start}"), 0),
            (&format!("status --pack {bare}"), &clone, 0),
        ],
    );
}
