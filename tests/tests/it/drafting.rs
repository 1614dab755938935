//! `bulletin new` with everything that it takes in, and `bulletin lint --fix`.

use secpack_tests::{Run, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

const LIST: &str = r#"[{"xsas": [
    {"xsa": 11, "title": "another"},
    {"xsa": 12, "title": "parser leaks memory", "cve": ["CVE-2026-12345"], "public_time": "2026-03-04 12:00:00"}]}]"#;

const ADVISORY: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n        Upstream Advisory XSA-12\n               version 2\n\nISSUE DESCRIPTION\n=================\n\nA length field is not checked, so that whoever can send a record reads memory that belongs to others.\n\n    if (n > 4) { {{ 7 * 7 }} }\n\nIMPACT\n======\n\nMemory.\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n";

fn team() -> Team {
    let team = Team::new(PROGRAM);
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("UTF-8");
    let upstream = "\n[[upstream]]\nid = \"XSA-{number:1}\"\nurl = \"https://example.org/xsa/advisory-{number:1}.html\"\n";
    let policy = policy.replacen("releases = []", "releases = [\"Example 1\", \"Example 2\"]", 1);
    team.sandbox.write("pack/secpack.toml", policy + upstream);
    team.sandbox.write("xsa.json", LIST);
    team.sandbox.write("advisory-12.txt", ADVISORY);
    team
}

fn read(team: &Team, path: &str) -> String {
    String::from_utf8(team.sandbox.read(path)).expect("UTF-8")
}

fn import(team: &Team) -> Run {
    let options = ["bulletin", "new", "--advisory", "XSA-12", "--advisories", "../xsa.json"];
    let more = ["--advisory-text", "../advisory-12.txt", "--credit", "Zoë Example."];
    let package = ["--package", "Example 2/dom0/parser/1.2-3"];
    team.run(&[&options[..], &more, &package].concat())
}

#[test]
fn an_advisory_is_imported_quoted_and_cited() {
    let team = team();
    import(&team).ends(0);
    let text = read(&team, "pack/bulletins/sb-001-2026.txt");
    assert!(text.contains("  parser leaks memory (XSA-12)\n"), "{text}");
    let quote = "The upstream advisory XSA-12, \"parser leaks memory\" (CVE-2026-12345)\n[1], says:\n\n\
        | A length field is not checked, so that whoever can send a record reads\n\
        | memory that belongs to others.\n|\n|     if (n > 4) { {{ 7 * 7 }} }\n";
    assert!(text.contains(quote), "{text}");
    assert!(text.contains("\n[1] https://example.org/xsa/advisory-12.html\n"), "{text}");
    let packages = "  For Example 1, in TODO:\n  - TODO\n\n  For Example 2, in dom0:\n  - parser version 1.2-3\n";
    assert!(text.contains(packages), "{text}");
    assert!(text.contains("\nZoë Example.\n"), "{text}");
    let run = team.run(&["bulletin", "show", "SB-001", "--json"]).ends(0).json();
    assert_eq!(run["cves"][0], "CVE-2026-12345");
    import(&team).ends(0);
    let again = read(&team, "pack/bulletins/sb-002-2026.txt");
    assert_eq!(again, text.replace("Bulletin 001", "Bulletin 002"), "the same bytes every time");
}

#[test]
fn hostile_advisories_are_refused_and_nothing_is_written() {
    let team = team();
    let before = team.sandbox.contents("pack");
    let check = |file: &str, bytes: &[u8], code: i32, says: &str| {
        let was = team.sandbox.read(file);
        team.sandbox.write(file, bytes);
        let run = import(&team).ends(code);
        assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{202e}'));
        assert_eq!(team.sandbox.contents("pack"), before);
        team.sandbox.write(file, was);
    };
    let text = |from: &str, to: &str| ADVISORY.replacen(from, to, 1).into_bytes();
    check("advisory-12.txt", &text("A length", "A \u{202e}length"), 2, "U+202E");
    check("advisory-12.txt", &text("A length", "A \u{1b}[2Jlength"), 2, "U+001B");
    check("advisory-12.txt", &text("A length", &"a ".repeat(1 << 20)), 2, "at most 1 MiB");
    check("advisory-12.txt", &text("A length", &"a ".repeat(200 << 10)), 2, "advisories[0].text");
    check(
        "advisory-12.txt",
        &text("ISSUE DESCRIPTION\n=", "ISSUE\n="),
        2,
        "no section with a description",
    );
    check("advisory-12.txt", &text("XSA-12", "nothing"), 2, "no id");
    check("xsa.json", b"[{\"xsas\": [{\"xsa\": 12, \"title\": \"a\\nb\"}]}]", 2, "one line");
    check("xsa.json", b"[{\"xsas\": [{\"xsa\": 12, \"title\": \"\\u001b[2J\"}]}]", 2, "U+001B");
    check("xsa.json", b"{\"xsas\": []}", 2, "cannot be read");
    check("xsa.json", b"[{\"xsas\": []}]", 2, "does not have XSA-12");
}

#[test]
fn an_advisory_makes_no_section_of_its_own() {
    let team = team();
    let hostile = ADVISORY.replace("A length", "User action\n-----------\n\nDo nothing. A length");
    // What looks like a section is quoted, or cuts the description short: it is never a heading.
    team.sandbox.write("advisory-12.txt", hostile.replace("===\n\nUser", "===\n\nWords.\nUser"));
    import(&team).ends(0);
    let text = read(&team, "pack/bulletins/sb-001-2026.txt");
    assert_eq!(text.matches("\nUser action\n").count(), 1, "{text}");
    team.sandbox.write("facts.toml", "credits = [\"Credits\", \"-------\"]");
    let before = team.sandbox.contents("pack");
    team.sandbox.write("facts.toml", "credits = [\"--\", \"[1] https://evil.example.org\"]");
    let run = team.run(&["bulletin", "new", "--facts", "../facts.toml"]);
    if run.code != 0 {
        assert_eq!(team.sandbox.contents("pack"), before);
    }
}

#[test]
fn two_who_draft_at_once_get_two_numbers() {
    let team = team();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| team.run(&["bulletin", "new", "--title", "The same"])))
            .collect();
        for run in runs {
            run.join().expect("a run").ends(0);
        }
    });
    for number in 1..=6 {
        let path = format!("pack/bulletins/sb-00{number}-2026.txt");
        assert!(read(&team, &path).contains(&format!("Bulletin 00{number} ")), "{path}");
    }
}

#[test]
fn numbers_that_are_taken_elsewhere_are_not_used() {
    let team = team();
    team.sandbox.git("pack", &["checkout", "-q", "-b", "other"]);
    team.run(&["bulletin", "new", "--number", "7"]).ends(0);
    team.commit("A bulletin on a branch");
    team.sandbox.git("pack", &["checkout", "-q", "-"]);
    let run = team.run(&["bulletin", "new", "--taken", "8,9"]).ends(0);
    assert!(run.stdout.contains("sb-010-2026.txt"), "{}", run.stdout);
    let before = team.sandbox.contents("pack");
    let run = team.run(&["bulletin", "new", "--number", "9", "--taken", "8,9"]).ends(1);
    assert!(run.stderr.contains("number 9 of bulletin is taken"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
}

#[test]
fn fix_mends_drafts_and_never_signed_texts() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let file = format!("pack/{path}");
    let clean = read(&team, &file);
    let spoilt =
        clean.replace("Impact\n------\n", "Impact\n---\n").replace("parser.\n", "parser. \n");
    team.sandbox.write(&file, spoilt.trim_end().replace('\n', "\r\n"));
    let run = team.run(&["bulletin", "lint", &path, "--fix"]).ends(0);
    assert!(run.stdout.contains("mended: "), "{}", run.stdout);
    assert_eq!(read(&team, &file), clean);
    team.sandbox.write(&file, &spoilt);
    team.sign(&path, "ann").ends(0);
    let before = team.sandbox.contents("pack");
    let run = team.run(&["bulletin", "lint", &path, "--fix"]).ends(1);
    assert!(
        run.stderr.contains("is signed (") && run.stderr.contains("left alone"),
        "{}",
        run.stderr
    );
    assert_eq!(team.sandbox.contents("pack"), before);
}

#[test]
fn fix_numbers_citations_that_a_person_wrote_by_key() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let file = format!("pack/{path}");
    let clean = read(&team, &file);
    assert!(clean.contains("\n[1] https://example.org/exa-7\n"), "{clean}");
    let keyed = clean.replacen("overflows a counter.", "overflows a counter [@spec].", 1).replacen(
        "\n[1] https",
        "\n[@spec] https://example.org/spec\n[1] https",
        1,
    );
    team.sandbox.write(&file, &keyed);
    let run = team.run(&["bulletin", "lint", &path]).ends(1);
    assert_eq!(run.stdout.matches("error[todo]").count(), 2, "{}", run.stdout);
    assert_eq!(
        run.stdout.matches("a citation that has no number yet").count(),
        2,
        "{}",
        run.stdout
    );
    assert_eq!(run.stdout.matches("`lint --fix` then numbers it").count(), 2, "{}", run.stdout);
    let run = team.run(&["bulletin", "lint", &path, "--fix"]).ends(0);
    assert!(run.stdout.contains("ready to be signed"), "{}", run.stdout);
    assert_eq!(read(&team, &file), keyed.replace("[@spec]", "[2]"));
}

#[test]
fn words_that_the_list_lacks_are_reported() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let policy = read(&team, "pack/secpack.toml");
    let listed = policy.replacen("releases = []", "releases = []\nwords = \"words.txt\"", 1);
    team.sandbox.write("pack/secpack.toml", listed);
    let known: String = read(&team, &format!("pack/{path}")).replace("overflow", "");
    let words = known.replace(|c: char| !c.is_alphabetic(), " ");
    team.sandbox.write("pack/words.txt", words);
    let run = team.run(&["bulletin", "lint", &path]).ends(0);
    assert!(run.stdout.contains("\"overflow\" is not in the list of words"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("list of words").count(), 2, "{}", run.stdout);
}

#[test]
fn watch_checks_again_after_every_save() {
    use std::io::{BufRead, BufReader};
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let file = team.sandbox.path(&format!("pack/{path}"));
    let mut child = std::process::Command::new(PROGRAM)
        .args(["bulletin", "lint", "SB-001", "--watch"])
        .current_dir(team.sandbox.path("pack"))
        .env("HOME", team.sandbox.path("home"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut until = |wanted: &str| {
        let mut seen = lines.by_ref().map(|line| line.expect("a line"));
        assert!(seen.any(|line| line.contains(wanted)), "{wanted}");
    };
    until("----");
    let text = std::fs::read_to_string(&file).expect("a draft");
    std::fs::write(&file, text.replace("A length field", "A length length field")).expect("saved");
    until("| A length length field");
    until("^ warning[doubled-word]: \"length\" stands twice");
    std::fs::write(&file, &text).expect("saved");
    until("----");
    child.kill().expect("ended");
    child.wait().expect("ended");
}
