//! Drafts: complete, empty, hostile, and the same every time.

use crate::sample::{day, facts, id, path, rules};
use crate::{Bulletin, Error, Facts, PackFacts, TEMPLATE, ValueError, draft, lint};
use secpack_pack::Level;

fn built_in(facts: &Facts) -> String {
    draft(TEMPLATE, &rules(), &id(), facts).expect("a draft")
}

fn findings(text: &str) -> Vec<(String, Level)> {
    let today = PackFacts { today: day("2024-11-12"), ..PackFacts::default() };
    let found = lint(text.as_bytes(), &id(), &path(), Some(&rules()), today);
    found.into_iter().map(|f| (f.rule, f.level)).collect()
}

#[test]
fn a_complete_draft_is_clean_but_for_the_reference_nobody_cites() {
    let text = built_in(&facts());
    assert_eq!(findings(&text), [("reference-unused".to_owned(), Level::Warning)], "{text}");
    assert_eq!(built_in(&facts()), text, "the same bytes every time");
}

#[test]
fn the_view_of_a_draft_has_its_facts() {
    let text = built_in(&facts());
    let view = Bulletin::parse(&text).expect("a view");
    assert_eq!((view.number, view.date), (Some(7), facts().date));
    assert_eq!(view.title, ["Parser reads past the end of a line (UPA-12)"]);
    assert_eq!(view.advisories, ["UPA-12"]);
    assert_eq!(view.cves, ["CVE-2024-12345"]);
    let packages: Vec<_> =
        view.packages.iter().map(|p| (p.release, p.place, p.name, p.versions.clone())).collect();
    assert_eq!(
        packages,
        [
            ("Example OS 1", Some("templates"), "parser", vec!["1.9.8-2"]),
            ("Example OS 2", Some("templates"), "parser", vec!["2.0.1-1"]),
        ]
    );
    assert_eq!(view.references.len(), 3);
    assert_eq!(view.credits, Some("Found by A. Reader."));
}

#[test]
fn what_is_missing_is_listed() {
    let text = built_in(&Facts::default());
    let found = findings(&text);
    assert!(
        found.iter().all(|(rule, level)| rule == "todo" && *level == Level::Error),
        "{found:?}"
    );
    // Date, title, four sections, place and item of two releases, credits.
    assert_eq!(found.len(), 11, "{text}");
}

#[test]
fn sections_follow_the_policy() {
    let mut rules = rules();
    rules.sections.retain(|section| section.title == "Summary");
    let text = draft(TEMPLATE, &rules, &id(), &facts()).expect("a draft");
    assert_eq!(Bulletin::parse(&text).expect("a view").sections.len(), 1);
    rules.sections.clear();
    let text = draft(TEMPLATE, &rules, &id(), &facts()).expect("a draft");
    assert_eq!(Bulletin::parse(&text).expect("a view").sections.len(), 8);
}

#[test]
fn template_syntax_in_data_stays_text() {
    let hostile = "{{ 7 * 7 }}{% for a in range(9) %}{# <b>&amp;";
    let mut facts = Facts { title: Some(hostile.to_owned()), ..facts() };
    facts.advisories[0].text = Some(format!("{hostile} [@guide]"));
    let text = built_in(&facts);
    assert!(text.contains(&format!("  {hostile}\n")), "{text}");
    assert!(text.contains(&format!("\n| {hostile} [@guide]\n")), "quotes cite nothing: {text}");
}

#[test]
fn hostile_values_are_refused_by_name() {
    let check = |change: fn(&mut Facts), field: &str| {
        let mut facts = facts();
        change(&mut facts);
        match draft(TEMPLATE, &rules(), &id(), &facts) {
            Err(Error::Value(error)) => assert!(error.to_string().starts_with(field), "{error}"),
            other => panic!("{field}: {other:?}"),
        }
    };
    check(|f| f.title = Some("a\nb".to_owned()), "title:");
    check(|f| f.title = Some("a\u{202e}b".to_owned()), "title:");
    check(|f| f.summary = Some("a\n\u{1b}[2J".to_owned()), "summary: line 2");
    check(|f| f.summary = Some("a".repeat(1 << 20)), "summary:");
    check(|f| f.credits.push("a\u{0}".to_owned()), "credits[1]:");
    check(|f| f.advisories[0].text = Some("\u{2066}".to_owned()), "advisories[0].text:");
    check(|f| f.advisories[0].cve.push("a\nb".to_owned()), "advisories[0].cve[1]:");
    check(|f| f.packages[1].name = Some("a\nReferences\n---".to_owned()), "packages[1].name:");
    check(|f| f.references[0].url = Some("https://a\u{200b}b".to_owned()), "references[0].url:");
}

#[test]
fn keys_are_words_and_distinct() {
    let with = |key: &str| {
        let mut facts = facts();
        facts.references[0].key = key.to_owned();
        draft(TEMPLATE, &rules(), &id(), &facts).map_err(|error| error.to_string())
    };
    assert!(with("ok-1").is_ok());
    assert!(with("no key").is_err_and(|e| e.contains("\"no key\" is not a key")));
    assert!(with("guide").is_err_and(|e| e.contains("\"guide\" stands twice")));
    assert!(with("UPA-12").is_err_and(|e| e.contains("stands twice")));
}

#[test]
fn policy_mistakes_are_errors() {
    let mut rules = rules();
    rules.date = Some("%Y-%m-%d %H".to_owned());
    assert!(matches!(draft(TEMPLATE, &rules, &id(), &facts()), Err(Error::DateForm(_))));
    rules.heading = Some("* {number}".parse().expect("a pattern"));
    assert!(matches!(draft(TEMPLATE, &rules, &id(), &facts()), Err(Error::Heading { .. })));
    let strict = draft("{{ nothing }}", &crate::sample::rules(), &id(), &facts());
    assert!(matches!(strict, Err(Error::Template(_))));
}

#[test]
fn facts_are_read_strictly() {
    let read = |text: &str| toml::from_str::<Facts>(text).map_err(|error| error.to_string());
    assert_eq!(read("date = 2024-11-12").map(|f| f.date), Ok(Some(day("2024-11-12"))));
    assert_eq!(read("date = \"2024-11-12\"").map(|f| f.date), Ok(Some(day("2024-11-12"))));
    assert_eq!(read(""), Ok(Facts::default()));
    assert!(read("date = \"today\"").is_err());
    assert!(read("titel = \"a\"").is_err());
    assert!(read("[[packages]]\nname = \"a\"").is_err());
    let json = serde_json::from_str::<Facts>("{\"credits\": [\"a\"], \"date\": \"2024-11-12\"}");
    assert_eq!(json.map(|facts| facts.credits).ok(), Some(vec!["a".to_owned()]));
}

#[test]
fn value_errors_name_their_cap() {
    let mut facts = facts();
    facts.title = Some("a".repeat(600));
    let refused = draft(TEMPLATE, &rules(), &id(), &facts);
    assert!(matches!(
        refused,
        Err(Error::Value(ValueError::TooLong { bytes: 600, most: 500, .. }))
    ));
}
