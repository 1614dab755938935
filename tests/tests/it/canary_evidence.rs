//! The file of evidence beside a canary: on the branch of its signing event, in the release, in
//! the judgement of the whole pack, in what a reader remembers.

use super::canary_packs::{
    ALL, commit, draft, evidence, file, on, published, repolicy, sign, swap,
};
use super::freshness::{OLD_HASH, OLD_HEADER};
use secpack_tests::{Run, Team};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

const DAY: &str = "2026-03-05";
const CANARY: &str = "canaries/canary-001-2026.txt";
const EVIDENCE: &str = "canaries/canary-001-2026.txt.freshness.json";
const BRANCH: &str = "sign/canary-001";

/// Files in the folder of canaries at a commit.
fn listed(team: &Team, commit: &str) -> Vec<String> {
    let listed = team.sandbox.git("pack", &["ls-tree", "-r", "--name-only", commit, "canaries/"]);
    listed.stdout.lines().map(str::to_owned).collect()
}

fn signatures(of: &str) -> Vec<String> {
    ALL.iter().map(|member| format!("{of}.sig.{member}")).collect()
}

fn here(team: &Team, path: &str) -> Vec<u8> {
    team.sandbox.read(&format!("pack/{path}"))
}

#[test]
fn it_goes_onto_the_branch_and_is_collected_from_there() {
    let team = Team::new(PROGRAM);
    draft(&team, DAY, &[]);
    on(&team, DAY, &["event", "open", CANARY]).ends(0);
    assert_eq!(listed(&team, BRANCH), [CANARY, EVIDENCE]);
    let again = on(&team, DAY, &["event", "open", CANARY]).ends(0);
    assert!(again.stdout.starts_with("open already:"), "{}", again.stdout);
    // The hook that judges the next commit has nothing against it, nor has `status`.
    on(&team, DAY, &["hook", "install"]).ends(0);
    let status = on(&team, DAY, &["status"]).ends(0);
    assert!(!status.stdout.contains("freshness.json"), "{}", status.stdout);
    // Whoever lacks it gets it from the branch; what does not fit the text stays there.
    let kept = here(&team, EVIDENCE);
    std::fs::remove_file(team.sandbox.path(&format!("pack/{EVIDENCE}"))).expect("a file less");
    let taken = on(&team, DAY, &["collect", BRANCH]).ends(0);
    assert_eq!(taken.stdout, format!("taken: {EVIDENCE} (evidence)\n"));
    assert_eq!(here(&team, EVIDENCE), kept);
    let again = on(&team, DAY, &["collect", BRANCH]).ends(0);
    assert_eq!(again.stdout, "");
}

#[test]
fn evidence_that_does_not_fit_is_not_collected() {
    let team = Team::new(PROGRAM);
    draft(&team, DAY, &[]);
    let honest = String::from_utf8(here(&team, EVIDENCE)).expect("text");
    let planted = swap(&honest, "Headline 1 of", "Headline 9 of");
    team.sandbox.write(&format!("pack/{EVIDENCE}"), &planted);
    on(&team, DAY, &["event", "open", CANARY]).ends(0);
    std::fs::remove_file(team.sandbox.path(&format!("pack/{EVIDENCE}"))).expect("a file less");
    let before = team.sandbox.contents("pack");
    let run = on(&team, DAY, &["collect", BRANCH]).ends(1);
    assert!(run.stdout.contains("(evidence-headlines)"), "{}", run.stdout);
    assert!(run.stderr.contains("hint: secpack explain evidence-headlines"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
    on(&team, DAY, &["explain", "evidence-headlines"]).ends(0);
}

/// An old copy must not undo what somebody fetched anew.
#[test]
fn a_refreshed_proof_replaces_the_old_one_on_the_branch() {
    let team = Team::new(PROGRAM);
    draft(&team, DAY, &[]);
    on(&team, DAY, &["event", "open", CANARY]).ends(0);
    let old = (here(&team, CANARY), here(&team, EVIDENCE));
    let later = swap(&evidence(DAY), "T06:00:00Z", "T09:00:00Z");
    let fresh = file(&team, "later.json", &later);
    on(&team, DAY, &["canary", "refresh", CANARY, "--freshness", &fresh]).ends(0);
    let opened = on(&team, DAY, &["event", "open", CANARY]).ends(0);
    assert!(opened.stdout.starts_with("updated:"), "{}", opened.stdout);
    let shown = team.sandbox.git("pack", &["show", &format!("{BRANCH}:{EVIDENCE}")]).stdout;
    assert!(shown.contains("T09:00:00Z"), "{shown}");
    // The new text with the old evidence beside it.
    team.sandbox.write(&format!("pack/{EVIDENCE}"), &old.1);
    let run = on(&team, DAY, &["event", "open", CANARY]).ends(1);
    assert!(run.stderr.contains(&format!("{EVIDENCE} is older than")), "{}", run.stderr);
}

/// What a timer opens has the evidence as well, and closing keeps it.
#[test]
fn the_timer_puts_it_onto_the_branch_and_closing_keeps_it() {
    let team = Team::new(PROGRAM);
    published(&team, DAY, &ALL, &[]);
    let day = "2026-06-01";
    let fresh = file(&team, "fresh.json", &evidence(day));
    on(&team, day, &["canary", "schedule", "run", "--freshness", &fresh]).ends(0);
    let (canary, branch) = ("canaries/canary-002-2026.txt", "sign/canary-002");
    let kept = format!("{canary}.freshness.json");
    assert!(listed(&team, branch).contains(&kept), "{:?}", listed(&team, branch));
    team.sandbox.git("pack", &["checkout", "-q", branch]);
    on(&team, day, &["canary", "freshness", "verify", canary, "--json"]).ends(2);
    for member in ALL {
        sign(&team, day, canary, member).ends(0);
    }
    team.commit("Signatures");
    team.sandbox.git("pack", &["checkout", "-q", "main"]);
    on(&team, day, &["event", "close", "Canary-002"]).ends(0);
    let refs = ["for-each-ref", "--format=%(objectname)", "refs/secpack/events/"];
    let ended = team.sandbox.git("pack", &refs).stdout;
    let mut expected = vec![canary.to_owned(), kept];
    expected.extend(signatures(canary));
    let all = listed(&team, ended.trim());
    assert_eq!(all.into_iter().filter(|p| p.starts_with(canary)).collect::<Vec<_>>(), expected);
}

/// The commit of a release has the canary, its evidence and its signatures, and nothing else.
#[test]
fn the_commit_of_a_release_has_it() {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["clone", "-q", "--bare", "pack", "up.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../up.git"]);
    draft(&team, DAY, &[]);
    for member in ALL {
        sign(&team, DAY, CANARY, member).ends(0);
    }
    let key = team.key_of("ann");
    on(&team, DAY, &["release", CANARY, "--as", "ann", "--key", &key, "--execute"]).ends(0);
    let names = ["show", "--format=", "--name-only", "HEAD"];
    let changed = team.sandbox.git("pack", &names).stdout;
    let mut expected = vec![CANARY.to_owned(), EVIDENCE.to_owned()];
    expected.extend(signatures(CANARY));
    assert_eq!(changed.lines().collect::<Vec<_>>(), expected);
}

/// Findings about evidence in the report of the whole pack: level and rule.
fn found(run: &Run) -> Vec<(String, String)> {
    let report = run.json();
    let rows = report["findings"].as_array().expect("findings").iter();
    let word = |row: &Value, key: &str| row[key].as_str().expect("a word").to_owned();
    rows.filter(|row| row["rule"] != "uncommitted")
        .map(|row| (word(row, "level"), word(row, "rule")))
        .collect()
}

fn verify(team: &Team, code: i32) -> Vec<(String, String)> {
    let run = on(team, DAY, &["verify", "--anchor", &team.anchor, "--no-memory", "--json"]);
    found(&run.ends(code))
}

fn warning(rule: &str) -> (String, String) {
    ("warning".to_owned(), rule.to_owned())
}

/// Whoever can push may plant any evidence; the canary is as good as before, and is said to be.
#[test]
fn planted_evidence_is_named_and_makes_no_canary_bad() {
    let team = Team::new(PROGRAM);
    published(&team, DAY, &ALL, &[]);
    let honest = String::from_utf8(here(&team, EVIDENCE)).expect("text");
    assert_eq!(verify(&team, 0), []);
    let plant = |text: &str, expected: &[&str]| {
        team.sandbox.write(&format!("pack/{EVIDENCE}"), text);
        let expected: Vec<_> = expected.iter().map(|rule| warning(rule)).collect();
        assert_eq!(verify(&team, 0), expected, "{text}");
        // A single file, with the evidence beside it, is judged alike.
        let canary = team.sandbox.path(&format!("pack/{CANARY}")).display().to_string();
        let run = on(&team, DAY, &["--pack", ".", "verify", &canary, "--json"]).ends(0);
        let report = run.json();
        let rows = report["files"][0]["findings"].as_array().expect("findings");
        let rules: Vec<_> = rows.iter().map(|row| row["rule"].as_str().expect("a rule")).collect();
        assert_eq!(rules, expected.iter().map(|(_, rule)| rule).collect::<Vec<_>>());
    };
    plant(&swap(&honest, "Headline 1 of BBC", "Headline 9 of BBC"), &["evidence-headlines"]);
    plant(&swap(&honest, "T06:00:00Z", "T05:00:00Z"), &["evidence-date"]);
    plant(&swap(&honest, "00020260305", "00020260304"), &["evidence-block"]);
    plant("{}", &["evidence-unreadable"]);
    plant(&swap(&honest, "freshness/1", "freshness/2"), &["evidence-unreadable"]);
    plant(&"[".repeat(1 << 19), &["evidence-unreadable"]);
    plant(&" ".repeat((1 << 20) + 1), &["evidence-unreadable"]);
    // A true header of another block says nothing against this canary.
    let header = format!("\"header\": \"{}\", \"hash\"", OLD_HEADER);
    plant(&swap(&honest, "\"hash\"", &header), &["block-header"]);
    plant(&honest, &[]);
}

/// A header that bears out the very hash in the text cannot be planted: what it shows is the text's
/// own fault. It is found before anybody signs, and in the pack when the header comes later.
#[test]
fn an_old_block_in_a_text_is_not_signed_and_fails_the_pack() {
    let team = Team::new(PROGRAM);
    let hash = format!("{:0>64}", DAY.replace('-', ""));
    let bare = swap(&evidence(DAY), &hash, OLD_HASH);
    let fresh = file(&team, "fresh.json", &bare);
    on(&team, DAY, &["canary", "new", "--freshness", &fresh]).ends(0);
    let honest = String::from_utf8(here(&team, EVIDENCE)).expect("text");
    let place = format!("pack/{EVIDENCE}");
    let with_header = format!("\"header\": \"{OLD_HEADER}\", \"hash\"");
    team.sandbox.write(&place, swap(&honest, "\"hash\"", &with_header));
    let refused = sign(&team, DAY, CANARY, "ann").ends(1);
    assert!(refused.stderr.contains("days before the proof [block-old]"), "{}", refused.stderr);
    on(&team, DAY, &["canary", "lint", CANARY]).ends(1);
    // Evidence that does not fit stops nobody: whoever can push could have planted it.
    team.sandbox.write(&place, swap(&honest, "T06:00:00Z", "T05:00:00Z"));
    let linted = on(&team, DAY, &["canary", "lint", CANARY]).ends(0);
    assert!(linted.stdout.contains("evidence-date"), "{}", linted.stdout);
    team.sandbox.write(&place, &honest);
    for member in ALL {
        sign(&team, DAY, CANARY, member).ends(0);
    }
    commit(&team, DAY);
    assert_eq!(verify(&team, 0), []);
    team.sandbox.write(&place, swap(&honest, "\"hash\"", &with_header));
    assert_eq!(verify(&team, 1), [("error".to_owned(), "block-old".to_owned())]);
}

/// Whoever can push may plant a text as well: a time beyond every calendar, over a true block, is
/// judged like any other text.
#[test]
fn a_planted_time_beyond_all_calendars_stops_no_judgement() {
    let team = Team::new(PROGRAM);
    let hash = format!("{:0>64}", DAY.replace('-', ""));
    let fresh = file(&team, "fresh.json", &swap(&evidence(DAY), &hash, OLD_HASH));
    on(&team, DAY, &["canary", "new", "--freshness", &fresh]).ends(0);
    let honest = String::from_utf8(here(&team, EVIDENCE)).expect("text");
    let with_header = format!("\"header\": \"{OLD_HEADER}\", \"hash\"");
    team.sandbox.write(&format!("pack/{EVIDENCE}"), swap(&honest, "\"hash\"", &with_header));
    let text = String::from_utf8(here(&team, CANARY)).expect("text");
    let time = text.lines().find(|line| line.ends_with(" +0000")).expect("a time");
    let far = swap(&text, time, "Mon, 31 Dec 262142 23:30:00 +0000");
    team.sandbox.write(&format!("pack/{CANARY}"), far);
    on(&team, DAY, &["canary", "lint", CANARY]).ends(1);
    let rules: Vec<String> = verify(&team, 1).into_iter().map(|(_, rule)| rule).collect();
    assert!(rules.contains(&"evidence-date".to_owned()), "{rules:?}");
}

/// Taking evidence away makes no canary bad, unless the policy asks for evidence.
#[test]
fn evidence_that_is_gone() {
    let team = Team::new(PROGRAM);
    published(&team, DAY, &ALL, &[]);
    let look = |code| {
        let run = on(&team, DAY, &["verify", "--anchor", &team.anchor, "--json"]).ends(code);
        (found(&run), run)
    };
    assert_eq!(look(0).0, []);
    team.sandbox.git("pack", &["rm", "-q", EVIDENCE]);
    commit(&team, DAY);
    // Whoever never saw it is told nothing; whoever did is told each time, and how to have it back.
    assert_eq!(verify(&team, 0), []);
    for _ in 0..2 {
        let (rules, run) = look(0);
        assert_eq!(rules, [warning("evidence-vanished")]);
        let help = run.json()["findings"][0]["help"].as_str().expect("help").to_owned();
        let command = help.split_once(": git ").expect("a command").1.to_owned();
        let shown = team.sandbox.git("pack", &command.split(' ').collect::<Vec<_>>()).stdout;
        assert!(shown.contains("secpack/freshness/1"), "{shown}");
        team.sandbox.write("back.json", format!("{shown}\n"));
    }
    team.sandbox.write(&format!("pack/{EVIDENCE}"), team.sandbox.read("back.json"));
    assert_eq!(look(0).0, []);
}

#[test]
fn a_policy_may_ask_for_it() {
    let team = Team::new(PROGRAM);
    repolicy(&team, |text| swap(&text, "\nevery_months", "\nevidence = true\nevery_months"));
    published(&team, "2026-03-05", &ALL, &[]);
    assert_eq!(verify(&team, 0), []);
    team.sandbox.git("pack", &["rm", "-q", EVIDENCE]);
    commit(&team, DAY);
    assert_eq!(verify(&team, 1), [("error".to_owned(), "evidence-missing".to_owned())]);
    let run = on(&team, DAY, &["verify", "--anchor", &team.anchor, "--no-memory", "--json"]);
    assert_eq!(run.json()["summary"]["findings"], json!({"accepted": 0, "error": 1, "warning": 0}));
}
