//! A release asks the embargo before its first effect, the way the hooks do.

use super::{Secret, TITLE, UNTIL};
use secpack_tests::Run;

/// A secret with an upstream, and something sealed in the pack.
fn scene() -> (Secret, String) {
    let secret = Secret::new();
    // The wording that all bulletins share is public before anything is sealed.
    secret.team.released();
    let sealed = secret.seal();
    secret.team.commit("Something is sealed");
    let sandbox = &secret.team.sandbox;
    sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    sandbox.git("pack", &["push", "-q", "origin", "main", "--tags"]);
    (secret, sealed)
}

/// A bulletin that has nothing to do with the sealed one, signed by everybody.
fn third(secret: &Secret) -> String {
    let facts = secret.at("facts.toml");
    let new = ["bulletin", "new", "--facts", &facts, "--number", "3"];
    let drafted = secret.team.run(&new).ends(0);
    let path = drafted.stdout.trim().trim_start_matches("drafted: ").to_owned();
    for member in ["ann", "ben"] {
        secret.team.sign(&path, member).ends(0);
    }
    path
}

fn release(secret: &Secret, document: &str, more: &[&str]) -> Run {
    let key = secret.team.key_of("ann");
    let words = ["release", document, "--as", "ann", "--key", &key, "--anchor"];
    secret.team.run(&[&words[..], &[&secret.team.anchor], more].concat())
}

/// The plan and its run are blocked for this reason, tell no secret, and change nothing.
#[track_caller]
fn blocked(secret: &Secret, document: &str, more: &[&str], reason: &str) -> Run {
    let before = secret.team.sandbox.contents(".");
    let planned = release(secret, document, more).ends(1);
    let run = release(secret, document, &[more, &["--execute"]].concat()).ends(1);
    for run in [&planned, &run] {
        assert!(run.stdout.contains("look at embargoes"), "{}", run.stdout);
        assert!(run.stdout.contains(reason), "{}", run.stdout);
    }
    assert_eq!(before, secret.team.sandbox.contents("."));
    run
}

#[test]
fn a_document_is_not_released_before_its_date_and_at_it_is() {
    let (secret, sealed) = scene();
    let ann = secret.at("ann.age-key");
    let text = secret.team.sandbox.read("draft/sb-002-2026.txt");
    secret.team.sandbox.write("pack/bulletins/sb-002-2026.txt", text);
    let document = "bulletins/sb-002-2026.txt";
    let reason = format!("{document} is under embargo until 2026-03-10 12:00 UTC");
    let run = blocked(&secret, document, &["--identity", &ann], &reason);
    assert!(run.stdout.contains("[embargo-text]"), "{}", run.stdout);
    let hint = format!("hint: secpack embargo guard --identity {ann}");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    secret.team.run(&["embargo", "guard", "--identity", &ann]).ends(1);
    std::fs::remove_file(secret.team.sandbox.path("pack/bulletins/sb-002-2026.txt")).expect("gone");

    let at =
        |words: &[&str]| secret.team.sandbox.secpack("pack", &[words, &["--now", UNTIL]].concat());
    at(&["embargo", "lift", &sealed, "--identity", &ann, "--as", "ann"]).ends(0);
    for member in ["ann", "ben"] {
        let shown = at(&["sign", document, "--as", member, "--dry-run"]).ends(0);
        let key = secret.team.key_of(member);
        at(&["sign", document, "--as", member, "--key", &key, "--yes", &shown.stdout[..64]])
            .ends(0);
    }
    let key = secret.team.key_of("ann");
    let words = ["release", document, "--as", "ann", "--key", &key, "--identity", &ann];
    at(&[&words[..], &["--anchor", &secret.team.anchor, "--execute"]].concat()).ends(0);
    let theirs = secret.team.sandbox.git("upstream.git", &["ls-tree", "-r", "--name-only", "main"]);
    assert!(theirs.stdout.contains(document), "{}", theirs.stdout);
}

#[test]
fn what_a_release_would_say_of_a_draft_is_stopped() {
    let (secret, _) = scene();
    let document = third(&secret);
    let ann = secret.at("ann.age-key");
    let told = ["--identity", &ann, "--message", TITLE];
    let reason = "the message of the commit: the title of the sealed draft";
    let run = blocked(&secret, &document, &told, reason);
    let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a hint");
    assert!(hint.ends_with(" --message 'Security update'") && !hint.contains(TITLE), "{hint}");
    let line = hint.replacen("secpack", super::PROGRAM, 1).replace(" --execute", "");
    secret.team.sandbox.run("sh".as_ref(), "pack", &["-c", &line], &[]).ends(0);
    secret.team.sandbox.git("pack", &["branch", "exa-77"]);
    let run = blocked(&secret, &document, &["--identity", &ann], "[embargo-advisory]");
    assert!(!run.stdout.contains("exa-77"), "{}", run.stdout);
    secret.team.sandbox.git("pack", &["branch", "-D", "exa-77"]);
    let blind = "drafts are under embargo, and nothing says how to know their secrets";
    blocked(&secret, &document, &[], blind);
    release(&secret, &document, &["--identity", &ann, "--execute"]).ends(0);
}

#[test]
fn a_release_guards_by_digests_as_well() {
    let (secret, sealed) = scene();
    std::fs::remove_file(sealed).expect("gone");
    let guard = secret.at("guard.key");
    secret.team.run(&["embargo", "guard-key", &guard]).ends(0);
    secret.seal_with(&["--guard-key", &guard]).ends(0);
    secret.team.commit("It is sealed with digests");
    let document = third(&secret);
    let told = ["--guard-key", &guard, "--message", "prepare EXA-77"];
    blocked(&secret, &document, &told, "[embargo-advisory]");
    release(&secret, &document, &["--guard-key", &guard, "--execute"]).ends(0);
}

/// The same command again would say the same; what is missing is named in it.
#[test]
fn a_release_that_cannot_look_is_told_what_it_lacks() {
    let (secret, _) = scene();
    let document = third(&secret);
    let run = blocked(&secret, &document, &[], "nothing says how to know their secrets");
    assert!(run.stderr.ends_with(" --identity FILE\n"), "{}", run.stderr);
}

/// No hint names a folder in a repository, or one that is there.
#[test]
fn a_draft_is_opened_where_no_repository_is() {
    let (secret, sealed) = scene();
    let open = |out: &str| secret.embargo("open", &sealed, "ann", &["--out", out]).ends(1).stderr;
    secret.team.sandbox.write("home/embargo-draft/file", "x");
    assert!(open("keys/draft").ends_with(" --out ~/embargo-draft-2\n"));
    secret.team.sandbox.git("home", &["init", "-q"]);
    assert!(open("keys/draft").ends_with(" --out DIR\n"));
    secret.team.sandbox.write("one/file", "x");
    secret.team.sandbox.write("one-2/file", "x");
    assert!(open("../one").ends_with(" --out ../one-3\n"));
}

#[test]
fn a_sealed_draft_that_was_renamed_gets_its_name_back() {
    let (secret, sealed) = scene();
    let other = sealed.replace(sealed.rsplit('/').next().expect("a name"), "0123456789abcdef.age");
    std::fs::rename(&sealed, &other).expect("renamed");
    let run = secret.embargo("open", &other, "ann", &["--out", "../opened"]).ends(1);
    assert!(run.stderr.ends_with(&format!("\nhint: mv {other} {sealed}\n")), "{}", run.stderr);
}
