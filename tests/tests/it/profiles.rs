//! The profile of a new pack: it is a policy, and what the built-in templates make of it is clean.

use super::corpus;
use chrono::NaiveDate;
use secpack_bulletin::PackFacts;
use secpack_canary::{Freshness, Headlines, Style, Window};
use secpack_pack::policy::{FreshnessSource, SeriesKind};
use secpack_pack::{DocumentId, Finding, PackPath, Policy};

const PROFILE: &str = include_str!("../../../templates/profiles/standard.toml");

/// What `init` appends.
const PEOPLE: &str = r#"
[[root]]
id = "master"
fingerprint = "00112233445566778899AABBCCDDEEFF00112233"

[[member]]
id = "alice"
fingerprints = ["11112233445566778899AABBCCDDEEFF00112233"]

[[member]]
id = "bob"
fingerprints = ["22222233445566778899AABBCCDDEEFF00112233"]

[[role]]
member = "alice"
signs = ["bulletin", "canary", "policy", "fund", "tag"]

[[role]]
member = "bob"
signs = ["bulletin", "canary", "policy", "fund", "tag"]
"#;

fn policy() -> Policy {
    let text = format!("{}{PEOPLE}", PROFILE.replace("@NAME@", "Example"));
    Policy::parse(&text).expect("a policy")
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2031, 3, 4).expect("a date")
}

fn identified(policy: &Policy, path: &str) -> (DocumentId, PackPath) {
    let path: PackPath = path.parse().expect("a path");
    (policy.identify(&path).expect("a document"), path)
}

fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {:?} {}", f.rule, f.line, f.text)).collect()
}

#[test]
fn the_profile_is_a_policy_once_people_are_added() {
    let policy = policy();
    assert_eq!(policy.name(), "Example");
    for (path, kind) in [
        ("bulletins/sb-001-2031.txt", SeriesKind::Bulletin),
        ("canaries/canary-001-2031.txt", SeriesKind::Canary),
        ("secpack.toml", SeriesKind::Policy),
        ("fund/btc.txt", SeriesKind::Statement),
    ] {
        let (id, _) = identified(&policy, path);
        let series = policy.find_series(&id.series).expect("a series");
        assert_eq!(series.kind, kind, "{path}");
        assert_eq!(policy.roster().signers_of(&id, Some(day())).len(), 2, "{path}");
    }
    assert!(Policy::parse(PROFILE).is_err(), "without people there is no policy");
}

#[test]
fn a_bulletin_by_the_profile_is_clean() {
    let policy = policy();
    let (id, path) = identified(&policy, "bulletins/sb-001-2031.txt");
    let rules = policy.text_rules_for(&id).expect("text rules");
    let facts = include_str!("../../samples/bulletin.toml");
    let facts = toml::from_str(facts).expect("facts");
    let text =
        secpack_bulletin::draft(secpack_bulletin::TEMPLATE, rules, &id, &facts).expect("a draft");
    let today = PackFacts { today: day(), ..PackFacts::default() };
    let found = secpack_bulletin::lint(text.as_bytes(), &id, &path, Some(rules), today);
    assert_eq!(shown(&found), [""; 0], "{text}");
    corpus::golden("bulletin-draft.txt", &text);
}

#[test]
fn a_canary_by_the_profile_is_clean() {
    let policy = policy();
    let (id, path) = identified(&policy, "canaries/canary-001-2031.txt");
    let text_rules = policy.text_rules_for(&id).expect("text rules");
    let rules = policy.canary_rules_for(&id).expect("canary rules");
    let root = &policy.roots()[0].fingerprint;
    let facts = secpack_canary::Facts {
        date: Some(day()),
        bulletins: Some(1),
        fingerprint: Some(root.clone()),
        next: Window::next(rules, day(), None).expect("a schedule"),
        announcements: Some(
            "We moved to a new repository; its first commit is signed by all of us.".to_owned(),
        ),
        freshness: Some(evidence(&rules.sources)),
        ..secpack_canary::Facts::default()
    };
    let style = Style { pack: policy.name(), text: text_rules, rules };
    let text =
        secpack_canary::draft(secpack_canary::TEMPLATE, &style, &id, &facts).expect("a draft");
    let context = secpack_canary::Context {
        expected_count: Some(1),
        fingerprint: Some(root),
        previous: None,
        now: day(),
    };
    let both = secpack_canary::Rules { canary: Some(rules), text: Some(text_rules) };
    let found = secpack_canary::lint(text.as_bytes(), &id, &path, both, context);
    assert_eq!(shown(&found), [""; 0], "{text}");
    corpus::golden("canary-draft.txt", &text);
}

/// Made-up headlines for every source of the policy.
fn evidence(sources: &[FreshnessSource]) -> Freshness {
    let time = day().and_hms_opt(6, 30, 0).expect("a time").and_utc();
    let mut headlines = Vec::new();
    let mut block = None;
    for source in sources {
        match source {
            FreshnessSource::Feed { name, url, titles, .. } => headlines.push(Headlines {
                name: name.clone(),
                url: url.clone(),
                titles: (1..=*titles).map(|n| format!("{name}: headline {n}")).collect(),
                fetched: Some(time),
                ..Headlines::default()
            }),
            FreshnessSource::Bitcoin { name, .. } => {
                let hash = format!("{:0>64}", "abcdef");
                block = Some(secpack_canary::Block {
                    name: name.clone(),
                    hash,
                    fetched: Some(time),
                    ..secpack_canary::Block::default()
                });
            }
        }
    }
    Freshness::new(time, headlines, block).expect("clean evidence")
}
