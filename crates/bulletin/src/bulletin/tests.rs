//! Views of whole bulletins, and of anything else.

use crate::sample::{BULLETIN, day};
use crate::{Bulletin, Error};
use proptest::prelude::*;

#[test]
fn the_sample_in_full() {
    let view = Bulletin::parse(BULLETIN).expect("a view");
    assert_eq!(view.heading, "---===[ Example Bulletin 007 ]===---");
    assert_eq!((view.number, view.date_line), (Some(7), Some("2024-11-12")));
    assert_eq!(view.date, Some(day("2024-11-12")));
    assert_eq!(view.title, ["Parser reads past the end of a line", "(UPA-12)"]);
    assert_eq!(view.sections.len(), 8);
    assert_eq!((view.sections[1].title, view.sections[1].lines.clone()), ("User action", 17..20));
    assert_eq!(view.packages.len(), 2);
    assert_eq!(view.changelog.len(), 2);
    assert_eq!(
        (view.changelog[1].date, view.changelog[1].text),
        (Some(day("2024-11-13")), "Name the reporter")
    );
    assert_eq!(view.to_bytes(), BULLETIN.as_bytes());
}

#[test]
fn titles_of_all_eras() {
    let check = |body: &str, expected: &[&str]| {
        let text = format!("  ==[ #1 ]==\n\n  May 1, 2011\n\n{body}");
        assert_eq!(Bulletin::parse(&text).expect("a view").title, expected, "{body}");
    };
    check("  One\n\n  Two\n\nSummary\n---\n", &["One", "Two"]);
    check("Flush title\nof two lines\n\nSummary\n---\n", &["Flush title", "of two lines"]);
    check("A\nb\nc\nd\n", &[]);
    check("Summary\n-------\n", &[]);
}

#[test]
fn a_quoted_advisory_tells_cve_ids_and_not_what_else_it_mentions() {
    let text = "Bulletin 1\n\nSummary\n-------\n\nSee UPA-12:\n| CVE-2024-10001 is like UPA-13,\n| CVE-2024-10001.\n";
    let view = Bulletin::parse(text).expect("a view");
    assert_eq!((view.cves, view.advisories), (vec!["CVE-2024-10001"], vec!["UPA-12"]));
}

#[test]
fn what_is_no_bulletin() {
    assert!(matches!(Bulletin::parse("\n \n"), Err(Error::NoHeading)));
    assert!(matches!(Bulletin::parse(&"a".repeat((1 << 20) + 1)), Err(Error::TooLarge(_))));
    let bare = Bulletin::parse("hello").expect("a view");
    assert_eq!((bare.number, bare.date_line), (None, None));
}

#[test]
fn the_view_is_json() {
    let view = Bulletin::parse(BULLETIN).expect("a view");
    let json = serde_json::to_value(&view).expect("JSON");
    assert_eq!(json["number"], 7);
    assert_eq!(json["date"], "2024-11-12");
    assert_eq!(json["references"][0]["url"], "https://example.org/guide");
}

/// Nothing stands before the first section, or before the footer where there is no section.
fn starts_with_section(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    if first.is_some_and(|line| line.trim_end() == "--") {
        return true;
    }
    let underline = text.trim_start().lines().nth(1).unwrap_or("---");
    underline.trim_end().trim_matches(['-', '=']).is_empty()
}

#[test]
fn a_footer_alone_is_no_heading() {
    for text in ["--", "--\n -", "\n--\nthe team"] {
        assert!(matches!(Bulletin::parse(text), Err(Error::NoHeading)), "{text:?}");
    }
}

proptest! {
    /// Any text that is not blank has a view, and prints back as it was.
    #[test]
    fn any_text_prints_back(text in "(?s)([A-Za-z \\[\\]@0-9|-]|\n|=|é|For A:\n- )*") {
        match Bulletin::parse(&text) {
            Ok(view) => prop_assert_eq!(view.to_bytes(), text.into_bytes()),
            Err(Error::NoHeading) => prop_assert!(starts_with_section(&text), "{text:?}"),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    /// No mutation of the sample makes a rule panic.
    #[test]
    fn rules_never_panic(at in 0..BULLETIN.len(), bytes in prop::collection::vec(any::<u8>(), 0..4)) {
        let mut text = BULLETIN.as_bytes().to_vec();
        text.splice(at..(at + 1), bytes);
        let facts = crate::PackFacts { today: day("2024-11-12"), ..crate::PackFacts::default() };
        crate::lint(&text, &crate::sample::id(), &crate::sample::path(), Some(&crate::sample::rules()), facts);
    }
}
