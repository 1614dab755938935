//! One valid sample; each case changes it in one place and names the one finding that must come.

use crate::sample::{CANARY, PREVIOUS, canary_rules, day, fingerprint, id, path, text_rules};
use crate::{Canary, Context, Rules, lint};
use proptest::prelude::*;
use secpack_pack::Level;

fn found(text: &[u8]) -> Vec<(String, Level)> {
    let (canary, texts, root) = (canary_rules(), text_rules(), fingerprint());
    let previous = Canary::parse(PREVIOUS).expect("a view");
    let context = Context {
        expected_count: Some(12),
        fingerprint: Some(&root),
        previous: Some(&previous),
        now: day("2024-12-03"),
    };
    let rules = Rules { canary: Some(&canary), text: Some(&texts) };
    let findings = lint(text, &id(), &path(), rules, context);
    findings.into_iter().map(|finding| (finding.rule, finding.level)).collect()
}

#[test]
fn the_sample_is_clean() {
    assert_eq!(found(CANARY.as_bytes()), []);
}

/// Replacing the first `old` by `new` must give exactly the finding `rule`.
fn check(old: &str, new: &str, rule: &str, level: Level) {
    assert!(CANARY.contains(old), "{old}");
    let found = found(CANARY.replacen(old, new, 1).as_bytes());
    assert_eq!(found, [(rule.to_owned(), level)], "{old:?} -> {new:?}");
}

#[test]
fn errors_stop_signing() {
    let error = |old, new, rule| check(old, new, rule, Level::Error);
    error("Canary 007", "Canary 006", "name-mismatch");
    error("Example Canary", "Exemple Canary", "heading");
    error("December 03, 2024", "TODO", "todo");
    error("are 12", "are 11", "count");
    error("EEFF 0011 2233", "EEFF 0011 2234", "fingerprint");
    error("of March\n   2025", "of March\n   2024", "window");
    error("1234567", "123456", "block-hash");
    error("0000000000000000000123456789abcdef", "0000000111111111111123456789abcdef", "block-hash");
    error("Tue, 03 Dec", "Sun, 01 Dec", "proof-date");
    error("Tue, 03 Dec", "Wed, 04 Dec", "proof-date");
    error("Tue, 03 Dec 2024", "Wed, 03 Dec 2024", "proof-date");
    error("A bridge opens\nTwo ships meet", "A road closes\nA mill burns", "proof-repeated");
    error(
        "0000000000000000000123456789abcdef0123456789abcdef0123456789abcd",
        "0000000000000000000abcdef0123456789abcdef0123456789abcdef0123456",
        "proof-repeated",
    );
    error("no order", "no court order", "statement-unannounced");
    error("little.", "little\u{200b}.", "hidden-character");
    error("Notes\n------\n", "\n", "section-missing");
    error("Team\n", "Team", "final-newline");
}

#[test]
fn warnings_do_not() {
    let warning = |old, new, rule| check(old, new, rule, Level::Warning);
    warning("December 03,", "December 3rd,", "date-form");
    warning("December 03,", "December  3,", "date-form");
    warning("fourteen days of March", "fourteen days of April", "window-schedule");
    warning("Two ships meet\n", "", "proof-sources");
    warning("daily.example.org", "weekly.example.org", "proof-sources");
    warning("Example Team", "Exemple Team", "footer");
}

#[test]
fn the_proof_may_be_from_the_day_before() {
    assert_eq!(found(CANARY.replace("Tue, 03 Dec", "Mon, 02 Dec").as_bytes()), []);
}

#[test]
fn headlines_may_say_anything() {
    assert_eq!(found(CANARY.replace("Two ships meet", "TODO: [@all]").as_bytes()), []);
}

proptest! {
    /// No mutation of the sample makes a rule panic.
    #[test]
    fn rules_never_panic(at in 0..CANARY.len(), bytes in prop::collection::vec(any::<u8>(), 0..4)) {
        let mut text = CANARY.as_bytes().to_vec();
        text.splice(at..(at + 1), bytes);
        found(&text);
    }
}

#[test]
fn a_dropped_statement_is_an_error_and_says_which() {
    let text = CANARY.replace("4. We received no order that we may not speak of.\n\n5.", "4.");
    let names: Vec<String> = found(text.as_bytes()).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(names, ["statement-unannounced", "statements", "statement-unannounced"]);
}

#[test]
fn statements_in_another_order_are_an_error_at_both_places() {
    let (counts, orders) =
        ("There are 12 bulletins.", "We received no order that we may not speak of.");
    let text = CANARY.replace(counts, "#").replace(orders, counts).replace('#', orders);
    let names: Vec<String> = found(text.as_bytes()).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(names, ["statement-unannounced", "statement-unannounced"]);
}

#[test]
fn an_announced_change_is_a_warning() {
    let text = CANARY.replace("no order", "no court order").replace("None.", "We say court now.");
    assert_eq!(found(text.as_bytes()), [("statement-changed".to_owned(), Level::Warning)]);
}

#[test]
fn the_last_canary_needs_no_window() {
    let window = "The next canary is planned for the first fourteen days of March\n   2025.";
    let text = CANARY.replace(window, "This is the last canary.").replace("None.", "We close.");
    assert_eq!(found(text.as_bytes()), [("statement-changed".to_owned(), Level::Warning)]);
}

#[test]
fn a_canary_of_next_year_needs_another_name() {
    let text = CANARY.replace("December 03, 2024", "January 03, 2025");
    let names: Vec<String> = found(text.as_bytes()).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(names, ["date-future", "name-mismatch", "proof-date"]);
}

#[test]
fn bytes_that_are_no_text() {
    let only = |bytes: &[u8], rule: &str| {
        assert_eq!(found(bytes), [(rule.to_owned(), Level::Error)]);
    };
    only(b"\xff\n", "not-utf8");
    only(&vec![b'a'; (1 << 20) + 1], "too-large");
    only(b"\n", "no-heading");
}

#[test]
fn rules_are_named_once_and_say_why() {
    let rules = crate::rules();
    assert!(rules.windows(2).all(|pair| pair[0].name < pair[1].name));
    assert!(rules.iter().all(|rule| rule.why.ends_with('.')));
}
