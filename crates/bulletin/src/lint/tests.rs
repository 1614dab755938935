//! One valid sample; each case changes it in one place and names the one finding that must come.

use crate::sample::{BULLETIN, day, id, path, rules};
use crate::{PackFacts, lint};
use secpack_pack::Level;

const TODAY: &str = "2024-11-12";

fn found(text: &[u8]) -> Vec<(String, Level, Option<u32>)> {
    let facts = PackFacts { today: day(TODAY), ..PackFacts::default() };
    let findings = lint(text, &id(), &path(), Some(&rules()), facts);
    findings.into_iter().map(|f| (f.rule, f.level, f.line)).collect()
}

#[test]
fn the_sample_is_clean() {
    assert_eq!(found(BULLETIN.as_bytes()), []);
}

/// Replacing the first `old` by `new` must give exactly the finding `rule`.
fn check(old: &str, new: &str, rule: &str, level: Level) {
    assert!(BULLETIN.contains(old), "{old}");
    let found = found(BULLETIN.replacen(old, new, 1).as_bytes());
    let names: Vec<_> = found.iter().map(|(name, level, _)| (name.as_str(), *level)).collect();
    assert_eq!(names, [(rule, level)], "{old:?} -> {new:?}");
}

#[test]
fn errors_stop_signing() {
    let error = |old, new, rule| check(old, new, rule, Level::Error);
    error("Bulletin 007", "Bulletin 006", "name-mismatch");
    error("   2024-11-12", "   2023-11-12", "name-mismatch");
    error("[ Example Bulletin", "[ Exemple Bulletin", "heading");
    error("007 ]===", "007]===", "heading");
    error("   2024-11-12", "   2024-11-31", "date");
    error("   2024-11-12", "   12 Nov 2024", "date");
    error("   2024-11-12", "   TODO", "todo");
    error("1.9.8-2", "TODO", "todo");
    error("affected.", "affected.\n>>>>>>> theirs", "conflict");
    error("affected.", "affected. [@later]", "todo");
    error("memory:", "mem\u{202e}ory:", "hidden-character");
    error("memory:", "mem\u{200b}ory:", "hidden-character");
    error("affected.", "affected. [3]", "reference-dangling");
    error("\n[2] https", "\n[2] https://example.org/\n[2] https", "reference-duplicate");
    error("Credits\n--------\n\n", "", "section-missing");
    error("version 1.9.8-2", "version 1.9.8-", "version-unfinished");
    error("version 1.9.8-2", "version", "version-unfinished");
    error("security/\n", "security/", "final-newline");
    error("Whoever", "\u{feff}Whoever", "hidden-character");
}

#[test]
fn warnings_do_not() {
    let warning = |old, new, rule| check(old, new, rule, Level::Warning);
    warning("   2024-11-12", "   2024-11-13", "date-future");
    warning("[2] says", "says", "reference-unused");
    warning("12345) [2] says", "12345), UPA-13 [2] says", "reference-elsewhere");
    warning("Credits\n--------\n", "Credits\n---------\n", "underline");
    warning("Found by A. Reader.", "Found\nby by A. Reader.", "doubled-word");
    warning("Found by", "Found\tby", "tab");
    warning("Reader.", "Reader. ", "trailing-blank");
    warning(
        "Every system",
        "Every system that anybody could ever have thought of in this context",
        "width",
    );
    warning("memory:", "mem\u{43e}ry:", "confusable-character");
    warning("Whoever", "\u{405}\u{43e} whoever", "confusable-character");
    warning("The Example Team", "The Exemple Team", "footer");
    warning("CVE-2024-12345", "CVE-2024-123", "cve-form");
    warning("\nUPA-12 (", "\nThis (", "advisory-unnamed");
    warning(
        "Every system is affected.\n",
        "Every system is affected.\n\nMore\n-----\n\nNone.\n",
        "section-unknown",
    );
    let impact = "Impact\n-------\n\nWhoever hands a file to the parser can read memory:\n\n    value[4] = memory;\n\n";
    let affected = "Affected systems\n-----------------\n\nEvery system is affected.\n\n";
    let (order, swapped) = (format!("{impact}{affected}"), format!("{affected}{impact}"));
    warning(&order, &swapped, "section-order");
    warning(affected, &format!("{affected}{affected}"), "section-order");
}

#[test]
fn each_rule_of_the_pack_and_the_bytes_has_its_one_finding() {
    let one = |text: &str, facts: PackFacts<'_>, rule: &str| {
        let found = lint(text.as_bytes(), &id(), &path(), Some(&rules()), facts);
        assert_eq!(found.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), [rule]);
    };
    let facts = PackFacts { today: day(TODAY), ..PackFacts::default() };
    one(BULLETIN, PackFacts { earlier: Some(day("2024-11-13")), ..facts }, "date-order");
    let all = BULLETIN.replace(|c: char| !c.is_alphabetic(), " ");
    let (whole, short) = (super::words(&all), super::words(&all.replace("Found", "")));
    let spelt = |words| {
        lint(
            BULLETIN.as_bytes(),
            &id(),
            &path(),
            Some(&rules()),
            PackFacts { words: Some(words), ..facts },
        )
    };
    assert_eq!(spelt(&whole), []);
    one(BULLETIN, PackFacts { words: Some(&short), ..facts }, "spelling");
    one(&BULLETIN.replacen("affected.\n", "affected.\r\n", 1), facts, "crlf");
}

#[test]
fn what_the_pack_knows_counts() {
    let words = super::words("example bulletin parser reads past the end line of");
    let earlier = Some(day("2024-11-13"));
    let facts = PackFacts { today: day(TODAY), earlier, words: Some(&words) };
    let findings = lint(BULLETIN.as_bytes(), &id(), &path(), Some(&rules()), facts);
    let found = |rule: &str| findings.iter().filter(|f| f.rule == rule).count();
    assert_eq!(found("date-order"), 1);
    let unknown: Vec<&str> =
        findings.iter().filter(|f| f.rule == "spelling").map(|f| f.text.as_str()).collect();
    assert!(unknown.iter().any(|text| text.starts_with("\"Whoever\"")), "{unknown:?}");
    assert!(!unknown.iter().any(|text| text.starts_with("\"value")), "code is none: {unknown:?}");
    let dated = PackFacts { earlier: Some(day(TODAY)), today: day(TODAY), words: None };
    assert_eq!(lint(BULLETIN.as_bytes(), &id(), &path(), Some(&rules()), dated), []);
}

#[test]
fn a_gap_in_the_labels_is_seen() {
    let text = BULLETIN.replace("[2] says", "[3] says").replace("\n[2] https", "\n[3] https");
    assert_eq!(
        found(text.as_bytes()).iter().map(|f| f.0.as_str()).collect::<Vec<_>>(),
        ["reference-gap"]
    );
}

#[test]
fn bytes_that_are_no_text() {
    let only = |bytes: &[u8], rule: &str| {
        let found = found(bytes);
        assert_eq!(found.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), [rule]);
    };
    only(&[BULLETIN.as_bytes(), b"\xff\n"].concat(), "not-utf8");
    only(&vec![b'a'; (1 << 20) + 1], "too-large");
    only(b"\n\n", "no-heading");
    let crlf = BULLETIN.replace('\n', "\r\n");
    assert!(found(crlf.as_bytes()).iter().any(|f| f.0 == "crlf" && f.2 == Some(1)));
}

#[test]
fn without_a_policy_number_and_year_still_count() {
    let facts = PackFacts { today: day(TODAY), ..PackFacts::default() };
    let found = |text: &str| -> Vec<String> {
        let findings = lint(text.as_bytes(), &id(), &path(), None, facts);
        findings.into_iter().map(|f| f.rule).collect()
    };
    assert_eq!(found(BULLETIN), [""; 0]);
    assert_eq!(found(&BULLETIN.replace("Bulletin 007", "Bulletin 070")), ["name-mismatch"]);
    assert_eq!(
        found(&BULLETIN.replacen("   2024-", "   2025-", 1)),
        ["date-future", "name-mismatch"]
    );
}

#[test]
fn places_are_lines_and_ids_cover_the_text() {
    let facts = PackFacts { today: day(TODAY), ..PackFacts::default() };
    let one = |text: &str| {
        let mut found = lint(text.as_bytes(), &id(), &path(), Some(&rules()), facts);
        found.pop().expect("one finding")
    };
    let first = one(&BULLETIN.replace("Found by", "Found by by"));
    assert_eq!((first.rule.as_str(), first.line), ("doubled-word", Some(51)));
    let second = one(&BULLETIN.replace("Found by", "Found by by").replace("can read", "may read"));
    assert_ne!(first.id, second.id, "an accepted finding never covers another text");
}

#[test]
fn rules_are_named_once_and_say_why() {
    let rules = crate::rules();
    assert!(rules.windows(2).all(|pair| pair[0].name < pair[1].name));
    assert!(rules.iter().all(|rule| rule.why.ends_with('.') && !rule.why.contains('\n')));
}
