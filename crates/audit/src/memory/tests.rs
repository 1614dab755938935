//! Each rule with its pair: a benign step, and one change that gives exactly one finding.

use super::present::{Expiring, Title};
use super::*;
use crate::report::{CanaryReport, CanaryState};
use chrono::TimeZone;
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Level, Reason};
use std::sync::Arc;

const BULLETIN: &str = "bulletins/b-001.txt";
const FUND: &str = "fund/address.txt";
const ANN: &str = "bulletins/b-001.txt.sig.ann";
const BEN: &str = "bulletins/b-001.txt.sig.ben";

fn id(byte: u8) -> ObjectId {
    ObjectId::from_bytes([byte; 20])
}

fn path(text: &str) -> PackPath {
    text.parse().expect("a path")
}

fn time(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, day, 12, 0, 0).single().expect("a time")
}

fn anchor() -> Fingerprint {
    "00112233445566778899AABBCCDDEEFF00112233".parse().expect("a fingerprint")
}

/// One bulletin, signed by two, and one statement.
fn present() -> Present {
    let documents = [(BULLETIN, 1), (FUND, 2)].map(|(p, b)| (path(p), id(b)));
    let signatures = [(ANN, 3), (BEN, 4)].map(|(p, b)| (path(p), id(b)));
    let title = |kind, label: &str| Title { kind, label: label.to_owned(), date: None };
    let memory = Memory {
        schema: SCHEMA.to_owned(),
        pack: "Example".to_owned(),
        anchor: anchor(),
        head: id(100),
        policy: Some(SeenPolicy { version: 2, sha256: "aa".to_owned() }),
        canaries: Vec::new(),
        documents: BTreeMap::from(documents.clone()),
        signatures: BTreeMap::from(signatures.clone()),
        evidence: BTreeMap::new(),
        statements: BTreeMap::from([(path(FUND), "bb".to_owned())]),
        taggers: BTreeSet::from(["ann".parse().expect("a name")]),
        newest_time: time(4),
    };
    let signer = |name: &str| (path(BULLETIN), Some(name.parse().expect("a name")));
    Present {
        memory,
        files: documents.into_iter().chain(signatures).collect(),
        titles: BTreeMap::from([
            (path(BULLETIN), title(SeriesKind::Bulletin, "B-001")),
            (path(FUND), title(SeriesKind::Statement, "fund address")),
        ]),
        signers: BTreeMap::from([(path(ANN), signer("ann")), (path(BEN), signer("ben"))]),
        expiring: Vec::new(),
        reverted: BTreeSet::new(),
        uncommitted: BTreeSet::new(),
    }
}

fn seen() -> Memory {
    present().memory
}

impl Present {
    fn put(&mut self, text: &str, blob: u8) {
        self.files.insert(path(text), id(blob));
        for good in [&mut self.memory.documents, &mut self.memory.signatures] {
            good.entry(path(text)).and_modify(|old| *old = id(blob));
        }
    }

    /// The file stays as it is given, and is not good any more.
    fn spoil(&mut self, text: &str, blob: Option<u8>) {
        let (path, memory) = (path(text), &mut self.memory);
        memory.documents.remove(&path);
        memory.signatures.remove(&path);
        self.titles.remove(&path);
        self.signers.remove(&path);
        self.files.remove(&path);
        self.files.extend(blob.map(|blob| (path, id(blob))));
    }
}

fn check(change: impl Fn(&mut Present), expected: &[(&str, &str)]) {
    let mut now = present();
    now.memory.head = id(101);
    change(&mut now);
    let found = compare(&seen(), &now, Ancestry::Newer);
    let rules: Vec<(&str, &str)> =
        found.iter().map(|f| (f.rule.as_str(), f.path.as_str())).collect();
    assert_eq!(rules, expected);
    assert!(found.iter().all(|f| f.level == Level::Error && !f.accepted && !f.help.is_empty()));
}

#[test]
fn only_a_descendant_follows() {
    for ancestry in [Ancestry::Older, Ancestry::Sibling, Ancestry::Unrelated, Ancestry::Gone] {
        let found = compare(&seen(), &present(), ancestry);
        assert_eq!(found.len(), 1, "{ancestry:?}");
        assert_eq!(found[0].rule, Reason::RolledBack.code());
        assert!(found[0].text.contains(&id(100).to_string()), "{}", found[0].text);
    }
    for ancestry in [Ancestry::Same, Ancestry::Newer] {
        assert_eq!(compare(&seen(), &present(), ancestry), []);
    }
}

#[test]
fn what_was_good_does_not_vanish() {
    check(|_| {}, &[]);
    check(|now| now.spoil(BULLETIN, None), &[("vanished", BULLETIN)]);
    check(|now| now.spoil(BULLETIN, Some(9)), &[("vanished", BULLETIN)]);
    check(|now| now.spoil(BEN, None), &[("vanished", BEN)]);
    check(|now| now.spoil(BEN, Some(9)), &[("vanished", BEN)]);
    // Not good for another reason than its content: that is said elsewhere.
    check(|now| now.spoil(BEN, Some(4)), &[]);
    check(|now| now.put(BULLETIN, 9), &[]);
    check(
        |now| [(BULLETIN, 9), (ANN, 10), (BEN, 11)].iter().for_each(|(p, b)| now.put(p, *b)),
        &[],
    );
}

#[test]
fn a_renamed_signature_is_not_gone() {
    check(
        |now| {
            now.spoil(BEN, None);
            now.memory.signatures.insert(path("bulletins/b-001.txt.sign.ben"), id(4));
        },
        &[],
    );
}

#[test]
fn the_policy_only_goes_up() {
    let with = |version, sha256: &'static str| {
        move |now: &mut Present| {
            now.memory.policy = Some(SeenPolicy { version, sha256: sha256.to_owned() });
        }
    };
    let refused = [("policy-rolled-back", "secpack.toml")];
    check(with(1, "cc"), &refused);
    check(with(1, "aa"), &refused);
    check(with(2, "cc"), &refused);
    check(with(2, "aa"), &[]);
    check(with(3, "cc"), &[]);
    // The reader brought one of their own.
    check(|now| now.memory.policy = None, &[]);
}

#[test]
fn reads_back_what_it_wrote() {
    let text = seen().to_json();
    let read = |text: &str| Memory::from_json(text.as_bytes(), &anchor());
    assert_eq!(read(&text).expect("readable"), seen());
    assert_eq!(read(&text).expect("readable").to_json(), text);
    let newer = text.replace(SCHEMA, "secpack/memory/2");
    assert!(matches!(read(&newer), Err(MemoryError::Schema(_))));
    let unknown = text.replace("\"pack\"", "\"more\": 1, \"pack\"");
    for damaged in [&text[..text.len() / 2], "", "{}", "[]", &unknown] {
        assert!(matches!(read(damaged), Err(MemoryError::Damaged(_))), "{damaged}");
    }
    let other = "FF112233445566778899AABBCCDDEEFF00112233".parse().expect("a fingerprint");
    let read = Memory::from_json(text.as_bytes(), &other);
    assert!(matches!(read, Err(MemoryError::OtherAnchor(_))));
}

#[test]
fn time_only_goes_up() {
    let seen = seen();
    assert_eq!(seen.clock(time(1)), time(4));
    assert_eq!(seen.clock(time(9)), time(9));
    let next = |clock| present().to_remember(Some(&seen), clock).newest_time;
    assert_eq!(next(Some(time(9))), time(9));
    assert_eq!(next(Some(time(1))), time(4));
    // Given by hand: a rehearsal in the far future must not stay.
    assert_eq!(next(None), time(4));
}

#[test]
fn what_no_commit_has_is_not_remembered() {
    let mut now = present();
    now.put(BULLETIN, 9);
    now.memory.policy = Some(SeenPolicy { version: 3, sha256: "cc".to_owned() });
    now.uncommitted = BTreeSet::from([path(BULLETIN), path("secpack.toml")]);
    let next = now.to_remember(Some(&seen()), None);
    assert_eq!(next.documents, seen().documents);
    assert_eq!(next.policy, seen().policy);
    let first = now.to_remember(None, None);
    assert!(!first.documents.contains_key(&path(BULLETIN)) && first.policy.is_none());
}

#[test]
fn what_still_stands_is_never_dropped() {
    let mut now = present();
    now.spoil(BEN, Some(4));
    now.spoil(ANN, Some(9));
    now.memory.taggers.clear();
    let next = now.to_remember(Some(&seen()), None);
    assert_eq!(next.signatures, BTreeMap::from([(path(BEN), id(4))]));
    assert_eq!(next.taggers, seen().taggers);
}

fn news(seen: &Memory, now: &Present) -> Vec<(&'static str, String)> {
    let read = |blob: ObjectId| -> Option<Arc<[u8]>> {
        let text = format!("One address:\n\nADDRESS-{}\u{1b}{}\n", blob.short(2), "x".repeat(200));
        Some(text.into_bytes().into())
    };
    changes(seen, now, &read).into_iter().map(|change| (change.kind, change.text)).collect()
}

#[test]
fn what_changed_is_said_once_each() {
    let mut now = present();
    assert_eq!(news(&seen(), &now), []);
    now.put(BULLETIN, 9);
    now.put(FUND, 8);
    now.memory.statements.insert(path(FUND), "dd".to_owned());
    now.memory.taggers.insert("ben".parse().expect("a name"));
    now.memory.policy = Some(SeenPolicy { version: 3, sha256: "cc".to_owned() });
    let found = news(&seen(), &now);
    let kinds: Vec<&str> = found.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["revised", "statement", "policy", "tagger"]);
    let statement = &found[1].1;
    assert!(statement.contains("was \"ADDRESS-02\\u{1b}x"), "{statement}");
    assert!(statement.contains("is \"ADDRESS-08\\u{1b}x"), "{statement}");
    assert!(statement.len() < 300, "{statement}");
}

#[test]
fn a_new_document_speaks_for_its_signatures() {
    let mut seen = seen();
    seen.documents.remove(&path(BULLETIN));
    seen.signatures.clear();
    let found = news(&seen, &present());
    assert_eq!(found, [("bulletin", format!("new bulletin: B-001 ({BULLETIN})"))]);
    seen = super::tests::seen();
    seen.signatures.remove(&path(BEN));
    let found = news(&seen, &present());
    assert_eq!(found, [("signature", format!("new signature by ben: {BEN}"))]);
}

#[test]
fn a_statement_is_compared_by_a_hash_of_our_own() {
    let mut now = present();
    now.memory.statements.insert(path(FUND), "dd".to_owned());
    assert_eq!(news(&seen(), &now)[0].0, "statement");
}

#[test]
fn keys_and_canaries_that_need_a_look() {
    let mut now = present();
    let expires =
        |day| Expiring { expires: time(day), owner: "ann".to_owned(), fingerprint: anchor() };
    now.expiring = vec![expires(3), expires(20)];
    let canary = |state, days_overdue| CanaryReport {
        path: path("canaries/canary-001.txt"),
        series: "canary".parse().expect("a series"),
        number: Some(1),
        label: "Canary-001".to_owned(),
        date: Some(time(1).date_naive()),
        state,
        due: Some(time(14).date_naive()),
        days_overdue,
    };
    let kinds = |state, days| -> Vec<&str> {
        standing(&now, &[canary(state, days)], time(4)).iter().map(|change| change.kind).collect()
    };
    assert_eq!(kinds(CanaryState::Early, None), ["expiring"]);
    assert_eq!(kinds(CanaryState::Open, None), ["due", "expiring"]);
    assert_eq!(kinds(CanaryState::Overdue, Some(3)), ["overdue", "expiring"]);
    let overdue = &standing(&now, &[canary(CanaryState::Overdue, Some(3))], time(4))[0];
    assert!(overdue.text.starts_with("canary overdue since 3 days"), "{}", overdue.text);
}
