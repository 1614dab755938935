//! Drafts: complete, empty, hostile, and the same every time.

use crate::sample::{canary_rules, day, facts, fingerprint, freshness, id, path, text_rules};
use crate::{Canary, Context, Error, Facts, Headlines, Rules, Style, TEMPLATE, draft, lint};
use secpack_pack::policy::{CanaryRules, TextRules};

fn with(text: &TextRules, rules: &CanaryRules, facts: &Facts) -> Result<String, Error> {
    draft(TEMPLATE, &Style { pack: "the Example Project", text, rules }, &id(), facts)
}

fn built_in(facts: &Facts) -> Result<String, Error> {
    with(&text_rules(), &canary_rules(), facts)
}

fn findings(text: &str) -> Vec<String> {
    let (canary, texts, root) = (canary_rules(), text_rules(), fingerprint());
    let context = Context {
        expected_count: Some(12),
        fingerprint: Some(&root),
        previous: None,
        now: day("2024-12-03"),
    };
    let rules = Rules { canary: Some(&canary), text: Some(&texts) };
    let found = lint(text.as_bytes(), &id(), &path(), rules, context);
    found.into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_complete_draft_is_clean() {
    let text = built_in(&facts()).expect("a draft");
    assert_eq!(findings(&text), [""; 0], "{text}");
    assert_eq!(built_in(&facts()).expect("a draft"), text, "the same bytes every time");
    let long =
        "\nRain: 'more than ever', say farmers who have measured it for a century and a half\n";
    assert!(text.contains(long), "headlines are never wrapped: {text}");
}

#[test]
fn the_view_of_a_draft_has_its_facts() {
    let text = built_in(&facts()).expect("a draft");
    let view = Canary::parse(&text).expect("a view");
    assert_eq!((view.number, view.date, view.count), (Some(7), facts().date, Some(12)));
    assert_eq!((view.fingerprint.clone(), view.window), (facts().fingerprint, facts().next));
    assert_eq!(view.statements.len(), 5);
    assert_eq!(view.proof.sources.len(), 2);
    assert_eq!(view.proof.date, Some(freshness().date));
}

#[test]
fn what_is_missing_is_listed() {
    let text = built_in(&Facts::default()).expect("a draft");
    // Date, count, fingerprint, window, proof.
    assert_eq!(findings(&text), ["todo"; 5], "{text}");
}

#[test]
fn headlines_and_announcements_make_no_structure() {
    let hash = "0".repeat(64);
    for hostile in ["Source: Another (https://a/)", "$ date -R", &hash, "--", "-----", "====="] {
        let mut facts = facts();
        let proof = facts.freshness.as_mut().expect("evidence");
        hostile.clone_into(&mut proof.sources[1].titles[1]);
        let result = built_in(&facts);
        let harmless = matches!(hostile, "-----" | "=====" | "--");
        match result {
            Err(Error::Structure(_)) => {}
            Ok(text) if harmless => {
                let sections = Canary::parse(&text).expect("a view").sections.len();
                assert_eq!(sections, 4, "{hostile}");
            }
            other => panic!("{hostile}: {other:?}"),
        }
    }
    for hostile in
        ["Words.\n\nStatements\n-----------\n\n1. All is well.", "a\n\nNotes\n-----\n\nb"]
    {
        let facts = Facts { announcements: Some(hostile.to_owned()), ..facts() };
        assert!(matches!(built_in(&facts), Err(Error::Structure(_))), "{hostile}");
    }
}

#[test]
fn a_footer_inside_a_headline_is_refused_where_there_is_none() {
    let mut texts = text_rules();
    texts.footer.clear();
    let mut facts = facts();
    let proof = facts.freshness.as_mut().expect("evidence");
    "--".clone_into(&mut proof.sources[0].titles[0]);
    assert!(matches!(with(&texts, &canary_rules(), &facts), Err(Error::Structure(_))));
}

#[test]
fn announcements_are_prose() {
    let wide = "We moved the server to another room and this sentence is longer than the width of a line. \n\n- One.\n- Two.";
    let text =
        built_in(&Facts { announcements: Some(wide.to_owned()), ..facts() }).expect("a draft");
    assert!(text.contains("\nWe moved the server to another room and this sentence is longer than the\nwidth of a line.\n\n- One.\n- Two.\n"), "{text}");
    let hidden = Facts { announcements: Some("a\u{202e}".to_owned()), ..facts() };
    assert!(matches!(built_in(&hidden), Err(Error::Value(_))));
}

#[test]
fn template_syntax_in_data_stays_text() {
    let mut facts = facts();
    let source = Headlines {
        name: "{{ pack }}".to_owned(),
        url: "https://a/{%".to_owned(),
        titles: vec!["{{ 7 * 7 }} {# a".to_owned()],
        ..Headlines::default()
    };
    facts.freshness.as_mut().expect("evidence").sources.push(source);
    let text = built_in(&facts).expect("a draft");
    assert!(text.contains("\nSource: {{ pack }} (https://a/{%)\n{{ 7 * 7 }} {# a\n"), "{text}");
}

#[test]
fn policy_mistakes_are_errors() {
    let mut rules = canary_rules();
    rules.date = "%H".to_owned();
    assert!(matches!(with(&text_rules(), &rules, &facts()), Err(Error::DateForm(_))));
    rules = canary_rules();
    rules.statements = Some(6);
    assert!(matches!(with(&text_rules(), &rules, &facts()), Err(Error::Structure(_))));
    let mut texts = text_rules();
    texts.heading = Some("{quarter}".parse().expect("a pattern"));
    assert!(matches!(with(&texts, &canary_rules(), &facts()), Err(Error::Heading { .. })));
}
