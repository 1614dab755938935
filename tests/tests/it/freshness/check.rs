//! Checking offline: what each lie is called, and what an honest proof shows.

use super::{HASH, HEADER, MORNING, OLD_HASH, OLD_HEADER, PROGRAM};
use secpack_tests::{Run, Team};
use serde_json::{Value, json};

const CANARY: &str = "canaries/canary-001-2023.txt";
const EVIDENCE: &str = "pack/canaries/canary-001-2023.txt.freshness.json";

/// The feed of the source, as a person would save it, and what `sha256sum` prints for it.
const FEED: &str = "One\nTwo\n";
const FEED_SHA256: &str = "2fcfb7830c3bb1c40b0a64f0549acc4c661f7f9f8c39d3b8ecaaf51313670f68";

/// A header with a target that takes two hashes on average.
const CHEAP_HASH: &str = "0000445ef259eebd74388b3ddbf53fa2fed93d6dedaa6b76783b3b3cf9410628";
const CHEAP_HEADER: &str = "000080200e102b98a160f4416c8ff0198db9b177523525c9de8a000000000000000000003b9b941003024e1afa90199732fdb1366a122ab0a5cacd3f7bcb8cb8815a811b560e8864ffff7f2003a40000";

/// Honest evidence of that morning, as `fetch` writes it.
fn evidence() -> Value {
    json!({
        "schema": "secpack/freshness/1",
        "date": MORNING,
        "sources": [{
            "name": "The Example Times",
            "url": "https://news.example.org/times",
            "titles": ["One", "Two"],
            "fetched": MORNING,
            "sha256": FEED_SHA256,
        }],
        "block": {
            "name": "Example explorer",
            "hash": HASH,
            "height": super::HEIGHT,
            "url": "https://blocks.example.org/api",
            "header": HEADER,
            "fetched": MORNING,
        },
    })
}

/// A team of that time.
fn team() -> Team {
    Team::at(PROGRAM, "2023-01-01T00:00:00Z", MORNING)
}

/// Drafts a canary with this evidence.
fn draft(team: &Team, evidence: &Value, more: &[&str]) -> Run {
    team.sandbox.write("f.json", evidence.to_string());
    let file = team.sandbox.path("f.json").display().to_string();
    let all: Vec<&str> =
        ["canary", "new", "--freshness", &file].iter().chain(more).copied().collect();
    team.run(&all)
}

fn verify(team: &Team, more: &[&str]) -> Run {
    let all: Vec<&str> = ["canary", "freshness", "verify"].iter().chain(more).copied().collect();
    team.run(&all)
}

/// The rules that find something.
fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

/// How much the first finding of a rule weighs.
fn level(run: &Run, rule: &str) -> Option<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings").iter();
    let mut of_rule = findings.filter(|finding| finding["rule"] == rule);
    Some(of_rule.next()?["level"].as_str()?.to_owned())
}

/// The rules that find something in the canary of the team as it stands, and the exit code.
fn found(team: &Team) -> (i32, Vec<String>) {
    let run = verify(team, &["canary-1", "--json"]);
    (run.code, rules(&run))
}

#[test]
fn an_honest_proof_says_what_it_proves() {
    let team = team();
    let drafted = draft(&team, &evidence(), &[]).ends(0);
    assert_eq!(drafted.stdout, format!("drafted: {CANARY}\n"));
    let text = String::from_utf8(team.sandbox.read(&format!("pack/{CANARY}"))).expect("UTF-8");
    assert!(text.contains("Tue, 13 Jun 2023 08:30:00 +0000") && text.contains(HASH), "{text}");
    assert!(text.contains("These sources could not be had:"), "the profile names others: {text}");
    let kept: Value = serde_json::from_slice(&team.sandbox.read(EVIDENCE)).expect("JSON");
    assert_eq!(kept, evidence());

    let run = verify(&team, &[]).ends(0);
    for said in [
        "good: Canary-001 was not completed before 2023-06-13T06:36:06Z",
        "(height 794143)",
        "2^77 hashes",
        "not shown  that it was completed soon after",
        "not shown  that the block is in the longest chain",
        "unchecked  the SHA-256 of the feeds, which are not at hand: The Example Times",
        "unchecked  times of signatures: nobody has signed it",
    ] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    let report = verify(&team, &[CANARY, "--json"]).ends(0).json();
    assert_eq!(report["schema"], "secpack/freshness-check/1");
    assert_eq!(report["result"], "good");
    assert_eq!(report["not_before"], "2023-06-13T06:36:06Z");
    assert_eq!(report["block"]["work"], 77);

    team.sandbox.write("saved.txt", FEED);
    let saved = format!("The Example Times={}", team.sandbox.path("saved.txt").display());
    let run = verify(&team, &["--feed", &saved]).ends(0);
    assert!(!run.stdout.contains("SHA-256 of the feeds"), "{}", run.stdout);
    team.sandbox.write("saved.txt", FEED.replace("Two", "Three"));
    let run = verify(&team, &["--feed", &saved, "--json"]).ends(1);
    assert_eq!(rules(&run), ["feed-digest"]);
}

#[test]
fn each_change_is_named() {
    let team = team();
    draft(&team, &evidence(), &[]).ends(0);
    let document = format!("pack/{CANARY}");
    let (text, kept) = (team.sandbox.read(&document), team.sandbox.read(EVIDENCE));
    let text = String::from_utf8(text).expect("UTF-8");
    let kept = String::from_utf8(kept).expect("UTF-8");
    let check = |changes: &[(&str, &str)], expected: &[&str]| {
        let (mut new_text, mut new_kept) = (text.clone(), kept.clone());
        for (from, to) in changes {
            assert!(text.contains(from) || kept.contains(from), "{from} is nowhere");
            new_text = new_text.replace(from, to);
            new_kept = new_kept.replace(from, to);
        }
        team.sandbox.write(&document, &new_text);
        team.sandbox.write(EVIDENCE, &new_kept);
        let (code, rules) = found(&team);
        assert_eq!((code, rules), (1, expected.iter().map(|r| (*r).to_owned()).collect()));
    };
    let other = HEADER.replace("c0c9fd", "c0c9fe");
    check(&[(HEADER, &other)], &["block-header"]);
    check(&[(&format!("\"{HASH}\""), &format!("\"{OLD_HASH}\""))], &["evidence-block"]);
    check(&[("\"One\"", "\"Won\"")], &["evidence-headlines"]);
    check(&[("\nTwo\n", "\nToo\n")], &["evidence-headlines"]);
    check(&[("(https://news.", "(https://olds.")], &["evidence-headlines"]);
    check(&[(MORNING, "2023-06-13T08:30:01Z")], &["evidence-date"]);
    check(&[("\"height\"", "\"hight\"")], &["evidence-unreadable"]);
    check(&[("freshness/1", "freshness/2")], &["evidence-unreadable"]);
    // A block that anyone makes within a second. Its hash is in the text, so nobody can plant it, and
    // the whole pack fails by it.
    check(&[(HASH, CHEAP_HASH), (HEADER, CHEAP_HEADER)], &["block-header"]);
    assert_eq!(level(&team.verify().ends(1), "block-header"), Some("error".to_owned()));
    check(&[(HEADER, CHEAP_HEADER)], &["block-header"]);
    assert_eq!(level(&team.verify().ends(1), "block-header"), Some("warning".to_owned()));
    // Another block altogether, with its true header.
    check(&[(HASH, OLD_HASH), (HEADER, OLD_HEADER)], &["block-old"]);
    // A canary and its proof that claim a time before the block.
    let earlier = [
        ("June 13, 2023", "June 12, 2023"),
        ("Tue, 13 Jun 2023 08:30:00", "Mon, 12 Jun 2023 20:00:00"),
        (MORNING, "2023-06-12T20:00:00Z"),
    ];
    check(&earlier, &["before-block", "before-block"]);
    check(&earlier[..1], &["before-block", "proof-date"]);
}

#[test]
fn a_hash_alone_proves_nothing_until_its_header_is_brought() {
    let team = team();
    draft(&team, &evidence(), &[]).ends(0);
    std::fs::remove_file(team.sandbox.path(EVIDENCE)).expect("a file less");
    let before = team.sandbox.contents("pack");
    let run = verify(&team, &["canary-1"]).ends(2);
    assert!(run.stdout.contains("unproved: Canary-001"), "{}", run.stdout);
    assert!(run.stdout.contains("unchecked  there is no evidence beside it"), "{}", run.stdout);
    assert!(run.stderr.contains("nothing bears out when Canary-001 was completed"));
    let hint = format!("secpack canary freshness verify {CANARY} --header FILE");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    assert_eq!(verify(&team, &["canary-1", "--json"]).ends(2).json()["result"], "unproved");
    team.sandbox.write("header.hex", HEADER);
    let file = team.sandbox.path("header.hex").display().to_string();
    verify(&team, &["canary-1", "--header", &file]).ends(0);
    team.sandbox.write("header.hex", OLD_HEADER);
    let run = verify(&team, &["canary-1", "--header", &file, "--json"]).ends(1);
    assert_eq!(rules(&run), ["block-header"]);
    team.sandbox.write("header.hex", "no header");
    verify(&team, &["canary-1", "--header", &file]).ends(2);
    assert_eq!(team.sandbox.contents("pack"), before);
}

#[test]
fn a_proof_used_before_is_named() {
    let team = team();
    draft(&team, &evidence(), &[]).ends(0);
    draft(&team, &evidence(), &["--number", "3"]).ends(0);
    let run = verify(&team, &["canary-3", "--json"]).ends(1);
    assert_eq!(rules(&run), ["proof-repeated"; 3]);
    let text = run.json()["findings"][0]["text"].to_string();
    assert!(text.contains("is that of Canary-001"), "{text}");
}

#[test]
fn times_of_signatures_are_shown() {
    let team = team();
    draft(&team, &evidence(), &[]).ends(0);
    for member in ["ann", "ben", "carol"] {
        team.sign(CANARY, member).ends(0);
    }
    let report = verify(&team, &["--json"]).ends(0).json();
    assert_eq!(report["signed"].as_array().map(Vec::len), Some(3));
    assert_eq!(report["signed"][0], json!({"member": "ann", "made": MORNING}));
}

/// The evidence needs no signature, is no stray file, and goes into the commit of the release.
#[test]
fn evidence_goes_along_with_a_release() {
    let team = Team::new(PROGRAM);
    let mut evidence = evidence();
    evidence["date"] = json!("2026-03-04T08:30:00Z");
    // Its header would tell how old that block is.
    evidence["block"].as_object_mut().expect("a block").remove("header");
    draft(&team, &evidence, &[]).ends(0);
    for member in ["ann", "ben", "carol"] {
        team.sign("canary-1", member).ends(0);
    }
    let key = team.key_of("ann");
    team.sandbox.git(".", &["clone", "-q", "--bare", "pack", "up.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../up.git"]);
    team.run(&["release", "canary-1", "--as", "ann", "--key", &key, "--execute"]).ends(0);
    let files = team.sandbox.git("pack", &["ls-tree", "--name-only", "HEAD", "canaries/"]).stdout;
    assert!(files.contains("canary-001-2026.txt.freshness.json"), "{files}");
    let report = team.verify().ends(0).json();
    let findings = report["findings"].as_array().expect("findings").iter();
    let rules: Vec<&Value> = findings.map(|finding| &finding["rule"]).collect();
    assert!(!rules.contains(&&json!("stray")), "{rules:?}");
}

/// The clock of whoever signed says that it was before the block.
#[test]
fn a_signature_before_the_block_is_named() {
    let mut team = Team::at(PROGRAM, "2023-01-01T00:00:00Z", "2023-06-01T10:00:00Z");
    team.now = MORNING;
    draft(&team, &evidence(), &[]).ends(0);
    let (key, early) = (team.key_of("ann"), "2023-06-13T02:00:00Z");
    let sandbox = &team.sandbox;
    let shown =
        sandbox.secpack("pack", &["sign", CANARY, "--as", "ann", "--dry-run", "--now", early]);
    let digest = shown.stdout.get(..64).expect("a digest").to_owned();
    let sign = ["sign", CANARY, "--as", "ann", "--key", &key, "--yes", &digest, "--now", early];
    sandbox.secpack("pack", &sign).ends(0);
    let run = verify(&team, &["--json"]).ends(1);
    assert_eq!(rules(&run), ["signed-before-proof"]);
    // The whole pack is judged alike: a header of the very block in the text cannot be planted.
    assert!(rules(&team.verify().ends(1)).contains(&"signed-before-proof".to_owned()));
}

#[test]
fn a_proof_from_another_day_is_refused_and_a_draft_refreshed() {
    let team = team();
    let mut stale = evidence();
    stale["date"] = json!("2023-06-11T08:30:00Z");
    let before = team.sandbox.contents("pack");
    let run = draft(&team, &stale, &[]).ends(1);
    assert!(run.stderr.contains("from 2023-06-11, the canary from 2023-06-13"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);

    // Drafted with a proof of the evening before, edited by a person, then refreshed.
    let mut evening = evidence();
    evening["date"] = json!("2023-06-12T20:00:00Z");
    draft(&team, &evening, &[]).ends(0);
    let document = format!("pack/{CANARY}");
    let edited = String::from_utf8(team.sandbox.read(&document)).expect("UTF-8");
    let edited = edited.replace("\nNone.\n", "\nWe moved to another town.\n");
    team.sandbox.write(&document, &edited);
    let refresh = |evidence: &Value| {
        team.sandbox.write("new.json", evidence.to_string());
        let file = team.sandbox.path("new.json").display().to_string();
        team.run(&["canary", "refresh", "canary-1", "--freshness", &file])
    };
    refresh(&evidence()).ends(0);
    let text = String::from_utf8(team.sandbox.read(&document)).expect("UTF-8");
    assert_eq!(text, edited.replace("Mon, 12 Jun 2023 20:00:00", "Tue, 13 Jun 2023 08:30:00"));
    assert_eq!(found(&team), (0, vec![]));

    let before = team.sandbox.contents("pack");
    let run = refresh(&stale).ends(1);
    assert!(run.stderr.contains("from 2023-06-11"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: secpack canary freshness fetch"), "{}", run.stderr);
    let mut slipped = evidence();
    slipped["date"] = json!("2023-06-14T08:30:00Z");
    let run = refresh(&slipped).ends(1);
    assert!(run.stderr.contains("hint: secpack canary edit canary-1"), "{}", run.stderr);
    let run = refresh(&evening).ends(1);
    assert!(run.stderr.contains("the proof that is there is newer"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
    team.sign(CANARY, "ann").ends(0);
    let before = team.sandbox.contents("pack");
    let run = refresh(&evidence()).ends(1);
    assert!(run.stderr.contains("is signed already"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
}
