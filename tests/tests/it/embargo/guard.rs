//! What sealed drafts keep secret is stopped wherever it stands; benign twins and lifted drafts pass.

use super::{MARKER, Secret, TITLE, UNTIL};
use std::path::Path;

/// Runs the guard, which must name this rule, and gives the secret away nowhere in its output.
#[track_caller]
fn stopped(secret: &Secret, rule: &str, more: &[&str]) {
    let before = secret.team.sandbox.contents("pack");
    let run = secret.guard(more).ends(1);
    assert!(run.stdout.contains(&format!("[{rule}]")), "{rule}:\n{}", run.stdout);
    let said = format!("{}{}", run.stdout, run.stderr).to_lowercase();
    for word in ["zanzibar", "walrus", "sb-002", "exa-77", "sb002"] {
        assert!(!said.contains(word), "{word}: {said}");
    }
    assert_eq!(before, secret.team.sandbox.contents("pack"));
}

#[track_caller]
fn passes(secret: &Secret, more: &[&str]) {
    let run = secret.guard(more).ends(0);
    assert!(run.stdout.contains("good"), "{}", run.stdout);
}

fn git(secret: &Secret, arguments: &[&str]) -> String {
    secret.team.sandbox.git("pack", arguments).stdout.trim().to_owned()
}

#[test]
fn messages_are_looked_at() {
    let secret = Secret::new();
    secret.seal();
    secret.team.commit("Something is sealed");
    passes(&secret, &[]);
    let benign = "Fix SB-001 and EXA-770; the parser is quiet";
    git(&secret, &["commit", "-q", "--allow-empty", "-m", benign]);
    passes(&secret, &[]);
    for (message, rule) in [
        ("Fix for sb 2", "embargo-number"),
        ("prepare exa77", "embargo-advisory"),
        ("zanzibar LEAKS\n\nrecords of\nthe quiet parser", "embargo-title"),
        ("All done:\n> the xylophone counter\n> wraps when nine walruses send", "embargo-text"),
    ] {
        git(&secret, &["commit", "-q", "--allow-empty", "-m", message]);
        stopped(&secret, rule, &[]);
        git(&secret, &["reset", "-q", "--hard", "HEAD~1"]);
        // The commit is in no branch any more, and still in the repository.
        stopped(&secret, rule, &[]);
        git(&secret, &["reflog", "expire", "--expire=now", "--all"]);
        git(&secret, &["gc", "-q", "--prune=now"]);
        passes(&secret, &[]);
    }
    secret.team.sandbox.write("message", TITLE);
    let message = secret.at("message");
    stopped(&secret, "embargo-title", &["--also", &message]);
    secret.team.sandbox.write("message", "Tidy up");
    passes(&secret, &["--also", &message]);
}

#[test]
fn names_of_branches_and_tags_are_looked_at() {
    let secret = Secret::new();
    secret.seal();
    git(&secret, &["branch", "sb-001-typo"]);
    passes(&secret, &[]);
    for name in ["SB002-fix", "x/zanzibar_leaks-records-of_the-quiet"] {
        git(&secret, &["branch", name]);
        let rule = if name.starts_with('S') { "embargo-number" } else { "embargo-title" };
        stopped(&secret, rule, &[]);
        git(&secret, &["branch", "-D", name]);
        passes(&secret, &[]);
    }
    git(&secret, &["tag", "exa-77"]);
    stopped(&secret, "embargo-advisory", &[]);
    let shown = secret.guard(&["--show"]).ends(1);
    assert!(shown.stdout.contains("refs/tags/exa-77"), "{}", shown.stdout);
    git(&secret, &["tag", "-d", "exa-77"]);
    git(&secret, &["tag", "-a", "-m", "Released EXA-77", "v1"]);
    stopped(&secret, "embargo-advisory", &[]);
}

#[test]
fn files_and_lost_objects_are_looked_at() {
    let secret = Secret::new();
    secret.seal();
    secret.team.commit("Something is sealed");
    let write = |name: &str, text: &str| secret.team.sandbox.write(&format!("pack/{name}"), text);
    let remove = |name: &str| {
        std::fs::remove_file(secret.team.sandbox.path(&format!("pack/{name}"))).expect("removed");
    };
    write("notes.txt", "whoever sends records reads memory of the parser\nversion 9.8.7-5\n");
    passes(&secret, &[]);
    for (text, rule) in [
        ("- xsa: EXA-77\n  affected: yes\n", "embargo-advisory"),
        ("Example 1.0: parser, version 9.8.7-6", "embargo-text"),
        ("Whoever sends walruses\n    reads memory of the quiet\nparser.", "embargo-text"),
    ] {
        write("notes.txt", text);
        stopped(&secret, rule, &[]);
    }
    remove("notes.txt");
    passes(&secret, &[]);
    write("sb-002-2026.md", "nothing\n");
    stopped(&secret, "embargo-number", &[]);
    remove("sb-002-2026.md");
    // Added and taken back: the object stays.
    write("staged.txt", MARKER);
    git(&secret, &["add", "staged.txt"]);
    git(&secret, &["rm", "-q", "--cached", "staged.txt"]);
    remove("staged.txt");
    stopped(&secret, "embargo-text", &[]);
    git(&secret, &["gc", "-q", "--prune=now"]);
    passes(&secret, &[]);
}

#[test]
fn what_is_public_already_is_no_secret() {
    let secret = Secret::new();
    secret.team.sandbox.write("pack/old.txt", "See EXA-77 of last year.\n");
    secret.team.commit("Old news");
    let sealed = secret.seal();
    stopped(&secret, "embargo-advisory", &[]);
    std::fs::remove_file(&sealed).expect("removed");
    secret.seal_with(&["--public", "EXA-77"]).ends(0);
    passes(&secret, &[]);
    // The wording that all bulletins share is public as well.
    secret.team.released();
    passes(&secret, &[]);
}

#[test]
fn after_the_date_it_passes() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let identity = secret.at("ann.age-key");
    let lift = ["embargo", "lift", &sealed, "--identity", &identity, "--as", "ann", "--now", UNTIL];
    secret.team.sandbox.secpack("pack", &lift).ends(0);
    secret.team.commit("SB-002 is out: Zanzibar leaks records of the quiet parser");
    let guard = ["embargo", "guard", "--identity", &identity];
    secret.team.sandbox.secpack("pack", &[&guard[..], &["--now", UNTIL]].concat()).ends(0);
    stopped(&secret, "embargo-text", &[]);
}

#[test]
fn a_server_guards_with_digests_and_without_an_identity() {
    let secret = Secret::new();
    let key = secret.at("guard.key");
    secret.team.run(&["embargo", "guard-key", &key]).ends(0);
    secret.team.run(&["embargo", "guard-key", &key]).ends(2);
    let sealed = secret.seal();
    let guard = |more: &[&str]| secret.team.run(&[&["embargo", "guard"][..], more].concat());
    let blind = guard(&[]).ends(2);
    assert!(blind.stderr.contains("--identity FILE"), "{}", blind.stderr);
    let missing = guard(&["--guard-key", &key]).ends(2);
    assert!(missing.stderr.contains("hint:"), "{}", missing.stderr);
    std::fs::remove_file(&sealed).expect("removed");
    let sealed = super::sealed_in(&secret.seal_with(&["--guard-key", &key]).ends(0));
    let list = std::fs::read_to_string(sealed.replace(".age", ".digests.json")).expect("a list");
    assert!(!list.to_lowercase().contains("walrus"));
    guard(&["--guard-key", &key]).ends(0);
    secret.team.sandbox.write("message", "prepare EXA-77");
    let message = secret.at("message");
    let found = guard(&["--guard-key", &key, "--also", &message]).ends(1);
    assert!(found.stdout.contains("[embargo-advisory]"), "{}", found.stdout);
    secret.team.sandbox.write("message", "prepare EXA-770");
    guard(&["--guard-key", &key, "--also", &message]).ends(0);
    let json = guard(&["--guard-key", &key, "--json"]).ends(0).json();
    assert_eq!((json["result"].as_str(), json["drafts"].as_u64()), (Some("good"), Some(1)));
}

#[test]
fn without_anything_sealed_nothing_is_asked_for() {
    let secret = Secret::new();
    let run = secret.team.run(&["embargo", "guard"]).ends(0);
    assert!(run.stdout.contains("nothing is under embargo"), "{}", run.stdout);
}

/// Letters and digits of a hex id that read like the id of an advisory.
fn reads_like_an_advisory(id: &str) -> String {
    let bytes = id.as_bytes();
    let part = |at: usize, is: fn(&u8) -> bool| -> String {
        bytes[at..].iter().copied().take_while(is).map(char::from).collect()
    };
    let starts = (1..id.len())
        .filter(|at| bytes[at - 1].is_ascii_digit() && bytes[*at].is_ascii_alphabetic());
    let found = starts.map(|at| {
        let letters = part(at, u8::is_ascii_alphabetic);
        let digits = part(at + letters.len(), u8::is_ascii_digit);
        (letters, digits)
    });
    let longest =
        found.filter(|(_, digits)| !digits.is_empty()).max_by_key(|(l, d)| l.len() + d.len());
    let (letters, digits) = longest.expect("letters and digits");
    format!("{letters}-{digits}")
}

#[test]
fn ids_of_objects_and_armor_are_no_text() {
    let secret = Secret::new();
    // The id of this tree stands in the header of a commit, and as raw bytes in another tree.
    secret.team.sandbox.write("pack/folder/plain.txt", "plain\n");
    secret.team.commit("A folder");
    let tree = git(&secret, &["rev-parse", "HEAD^{tree}"]);
    let advisory = reads_like_an_advisory(&tree);
    secret.team.sandbox.write("draft/facts.toml", format!("[[advisories]]\nid = \"{advisory}\"\n"));
    secret.seal_with(&["--public", "EXA-77"]).ends(0);
    secret.team.commit("Something is sealed");
    passes(&secret, &[]);
    git(&secret, &["commit", "-q", "--allow-empty", "-m", &format!("prepare {advisory}")]);
    stopped_for(&secret, "embargo-advisory");
    git(&secret, &["reset", "-q", "--hard", "HEAD~1"]);
    git(&secret, &["reflog", "expire", "--expire=now", "--all"]);
    git(&secret, &["gc", "-q", "--prune=now"]);
    // Twenty bytes of an id in a tree that read `...SB002...`.
    let raw = "X00X5342303032 2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d";
    let id: String = raw.replace(['X', ' '], "").chars().take(40).collect();
    let line = format!("100644 blob {id:0<40}\tplain.txt");
    let made = format!("printf '%s\\n' '{line}' | git mktree --missing");
    secret.team.sandbox.run(Path::new("sh"), "pack", &["-c", &made], &[]).ends(0);
    let line = format!("iQIzBAABCgAdFiEE0abc/SB2+{}", "0".repeat(39));
    let armor = format!(
        "-----BEGIN PGP SIGNATURE-----\n\n{line}\nabc/SB2+1w==\n=SB2x\n-----END PGP SIGNATURE-----\n"
    );
    secret.team.sandbox.write("pack/some.asc", &armor);
    passes(&secret, &[]);
    secret.team.sandbox.write("pack/some.asc", format!("{armor}SB-2\n"));
    stopped_for(&secret, "embargo-number");
}

/// Whatever somebody writes under a mark, or behind one, is looked at like any other text.
#[test]
fn no_mark_silences_the_guard() {
    let secret = Secret::new();
    secret.seal();
    secret.team.commit("Something is sealed");
    let line = format!("iQIzBAABCgAdFiEE0abc{}", "0".repeat(44));
    let (begin, end) = ("-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----");
    let words = TITLE.replace(' ', "\n");
    let age = ("-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----");
    let raw_age = "age-encryption.org/v1\n";
    for (text, rule) in [
        // A mark that never ends, one word a line.
        (format!("{begin}\n\n{words}\n"), "embargo-title"),
        (format!("{begin}\n\nSB2\n{end}\n"), "embargo-number"),
        (format!("-----BEGIN NOTES-----\n{words}\n-----END NOTES-----\n"), "embargo-title"),
        // Among letters that are armor.
        (format!("{begin}\n\n{line}\nSB2\n{line}\n{end}\n"), "embargo-number"),
        // In the very letters, where only a long secret is no chance.
        (
            format!("{begin}\n\n{line}\nZanzibar/leaks/records/of/the/quiet/parser00\n{end}\n"),
            "embargo-title",
        ),
        // Before or behind what age encrypted, or what only says so.
        (format!("{}\n{TITLE}\n{}\n", age.0, age.1), "embargo-title"),
        (format!("{}\nYWdl\n{}\nSB-2\n", age.0, age.1), "embargo-number"),
        (format!("{raw_age}{TITLE}\n"), "embargo-title"),
        (format!("{raw_age}-> X25519 abc\nabc\n--- abc\n{MARKER}\n"), "embargo-text"),
    ] {
        secret.team.sandbox.write("pack/notes.txt", &text);
        let run = secret.guard(&[]);
        assert!(run.code == 1 && run.stdout.contains(rule), "{text}{}{}", run.stdout, run.stderr);
        std::fs::remove_file(secret.team.sandbox.path("pack/notes.txt")).expect("removed");
    }
    let message = format!("Tidy up\n\n{begin}\n\n{words}");
    git(&secret, &["commit", "-q", "--allow-empty", "-m", &message]);
    stopped_for(&secret, "embargo-title");
}

#[track_caller]
fn stopped_for(secret: &Secret, rule: &str) {
    let run = secret.guard(&[]).ends(1);
    assert!(run.stdout.contains(&format!("[{rule}]")), "{}", run.stdout);
}
