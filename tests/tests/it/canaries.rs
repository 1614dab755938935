//! All canaries of the real pack: what the view finds in them, and what the rules say.

use super::corpus;
use chrono::NaiveDate;
use secpack_bulletin::Bulletin;
use secpack_canary::{Canary, Context, Rules, Schedule, lint, status};
use secpack_pack::policy::{CanaryRules, TextRules};
use secpack_pack::{DocumentId, Finding, Level, Pattern};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

const PATHS: &str = "canaries/canary-{number:3}-{year}.txt";

/// A canary: which one, its path, its bytes.
struct Published {
    id: DocumentId,
    path: String,
    bytes: Vec<u8>,
}

impl Published {
    fn view(&self) -> Canary<'_> {
        let text = std::str::from_utf8(&self.bytes).expect("canaries are UTF-8");
        Canary::parse(text).expect("a view")
    }

    fn number(&self) -> u32 {
        self.id.number.expect("canaries are numbered")
    }
}

fn published(repository: &Path) -> Vec<Published> {
    let files = corpus::files(repository, "HEAD", "canaries/").into_iter();
    files.filter_map(|path| canary(repository, "HEAD", &path)).collect()
}

fn canary(repository: &Path, commit: &str, path: &str) -> Option<Published> {
    let pattern: Pattern = PATHS.parse().expect("a pattern");
    let found = pattern.matches(path)?;
    let (number, year) = (found.number, found.year);
    let series = "canary".parse().expect("a series");
    let id = DocumentId { series, number, year, quarter: None, name: None };
    let bytes = corpus::blob(repository, commit, path);
    Some(Published { id, path: path.to_owned(), bytes })
}

/// The dates of all bulletins, to count those that were there on a day.
fn bulletin_dates(repository: &Path) -> Vec<NaiveDate> {
    let pattern: Pattern = "QSBs/qsb-{number:3}-{year}.txt".parse().expect("a pattern");
    let files = corpus::files(repository, "HEAD", "QSBs/").into_iter();
    files
        .filter(|path| pattern.matches(path).is_some())
        .map(|path| {
            let text = String::from_utf8(corpus::blob(repository, "HEAD", &path)).expect("UTF-8");
            Bulletin::parse(&text).expect("a view").date.expect("bulletins are dated")
        })
        .collect()
}

/// What the text of that era was meant to look like.
fn text_rules(number: u32) -> TextRules {
    let heading = match number {
        ..=24 => "---===[ Qubes Canary #{number} ]===---",
        25.. => "---===[ Qubes Canary {number:3} ]===---",
    };
    let notes = if number < 6 { "Disclaimers & Notes" } else { "Disclaimers and notes" };
    let text = format!(
        "series = \"canary\"\nheading = \"{heading}\"\nsections = [\"Statements\", \
         \"Special announcements\", \"{notes}\", \"Proof of freshness\", \"Footnotes\"]\n"
    );
    toml::from_str(&text).expect("text rules")
}

/// The first canary has no time in its proof, so nothing is asked of that.
fn canary_rules(number: u32) -> CanaryRules {
    let window = match number {
        ..=2 => "first week",
        3..=27 => "first two weeks",
        28.. => "first fourteen days",
    };
    let sources = match number {
        1 => "",
        _ => {
            "[[sources]]\nkind = \"feed\"\nname = \"first\"\ntitles = 5\n\
             url = \"https://www.spiegel.de/international/index.rss\"\n"
        }
    };
    let text = format!(
        "series = \"canary\"\nstatements = 5\ncounts = \"bulletin\"\nfingerprint = \"master\"\n\
         window = \"{window}\"\nevery_months = 3\n{sources}"
    );
    toml::from_str(&text).expect("canary rules")
}

fn findings(
    document: &Published,
    previous: Option<&Published>,
    dates: &[NaiveDate],
) -> Vec<Finding> {
    let (texts, rules) = (text_rules(document.number()), canary_rules(document.number()));
    let master =
        "427F 11FD 0FAA 4B08 0123  F01C DDFA 1A3E 3687 9494".parse().expect("a fingerprint");
    let before = previous.map(Published::view);
    let issued = document.view().date.unwrap_or_default();
    let count = dates.iter().filter(|date| **date <= issued).count();
    let context = Context {
        expected_count: u32::try_from(count).ok(),
        fingerprint: Some(&master),
        previous: before.as_ref(),
        now: issued,
    };
    let path = document.path.parse().expect("a path of the pack");
    let rules = Rules { canary: Some(&rules), text: Some(&texts) };
    lint(&document.bytes, &document.id, &path, rules, context)
}

#[test]
fn every_canary_has_a_view_that_prints_back() {
    let Some(repository) = corpus::repository() else { return };
    let mut table = String::from(
        "number\tdate\tcount\tstatements\tnext from\tnext until\tannounces\tproof\tsources\theadlines\tblock\n",
    );
    let all = published(&repository);
    assert_eq!(all.len(), 41);
    for document in &all {
        let view = document.view();
        assert_eq!(view.to_bytes(), document.bytes, "{}", document.path);
        assert_eq!(view.number, document.id.number, "{}", document.path);
        assert!(!view.last && view.replaces.is_none(), "{}", document.path);
        let window = view.window.expect("a window");
        assert_eq!(window.to_string().parse().ok(), Some(window), "{}", document.path);
        writeln!(
            table,
            "{:03}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            document.number(),
            view.date.expect("a date"),
            view.count.expect("a count"),
            view.statements.len(),
            window.from(),
            window.until(),
            if view.announces() { "yes" } else { "no" },
            view.proof.date.map_or_else(|| "-".to_owned(), |time| time.to_rfc3339()),
            view.proof.sources.len(),
            view.proof.sources.iter().map(|source| source.titles.len()).sum::<usize>(),
            if view.proof.block.is_some() { "yes" } else { "no" },
        )
        .expect("a string takes everything");
    }
    corpus::golden("canaries.tsv", &table);
}

/// Errors in published canaries, in the order of their numbers: none.
#[test]
fn published_canaries_have_no_errors() {
    let Some(repository) = corpus::repository() else { return };
    let dates = bulletin_dates(&repository);
    let all = published(&repository);
    let mut table = String::from("number\tlevel\trule\tcount\n");
    for (at, document) in all.iter().enumerate() {
        let previous = at.checked_sub(1).map(|before| &all[before]);
        let mut counts: BTreeMap<(Level, String), usize> = BTreeMap::new();
        for finding in findings(document, previous, &dates) {
            assert_ne!(finding.level, Level::Error, "{}: {}", document.path, finding.text);
            *counts.entry((finding.level, finding.rule)).or_default() += 1;
        }
        for ((level, rule), count) in counts {
            writeln!(table, "{:03}\t{level}\t{rule}\t{count}", document.number())
                .expect("a string takes everything");
        }
    }
    corpus::golden("canary-findings.tsv", &table);
}

/// Mistakes that stood in a tagged commit and were corrected later: the date of the canary before,
/// a window in the past, and twice the number of the canary before.
const CORRECTED: [(u32, &str); 4] =
    [(2, "proof-date"), (25, "window"), (26, "name-mismatch"), (33, "name-mismatch")];

/// Every text of a canary in any tagged commit: the four mistakes are found, final texts have no
/// errors, and one unfinished draft is all that there is besides (golden table).
#[test]
fn mistakes_in_tagged_commits_are_found() {
    let Some(repository) = corpus::repository() else { return };
    let dates = bulletin_dates(&repository);
    let last: BTreeSet<(u32, Vec<u8>)> =
        published(&repository).into_iter().map(|p| (p.number(), p.bytes)).collect();
    let mut seen = BTreeSet::new();
    let mut found: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for commit in tagged_commits(&repository) {
        let listed = corpus::git(&repository, &["ls-tree", &commit, "canaries/"]);
        let listed = String::from_utf8(listed).expect("paths are UTF-8");
        let mut all: Vec<Published> = Vec::new();
        for line in listed.lines().filter(|line| seen.insert((*line).to_owned())) {
            let path = line.split_once('\t').expect("mode, id and path").1;
            all.extend(canary(&repository, &commit, path));
        }
        for document in &all {
            let errors = findings(document, None, &dates).into_iter();
            let rules = errors.filter(|f| f.level == Level::Error).map(|f| f.rule);
            let rules: BTreeSet<String> = rules.collect();
            let is_final = last.contains(&(document.number(), document.bytes.clone()));
            assert!(rules.is_empty() || !is_final, "{}: {rules:?}", document.path);
            found.entry(document.number()).or_default().extend(rules);
        }
    }
    assert_eq!(found.len(), 41, "every canary was tagged at some time");
    for (number, rule) in CORRECTED {
        assert!(found[&number].contains(rule), "{number}: {:?}", found[&number]);
    }
    found.retain(|_, rules| !rules.is_empty());
    let mut table = String::from("number\terrors in tagged drafts\n");
    for (number, rules) in &found {
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        writeln!(table, "{number:03}\t{}", rules.join(" ")).expect("a string takes everything");
    }
    corpus::golden("canary-tagged-errors.tsv", &table);
}

/// The commits that tags point to, each once.
fn tagged_commits(repository: &Path) -> BTreeSet<String> {
    let format = "--format=%(*objectname) %(*objecttype)";
    let listed = corpus::git(repository, &["for-each-ref", format, "refs/tags"]);
    let listed = String::from_utf8(listed).expect("hex");
    listed.lines().filter_map(|line| line.strip_suffix(" commit").map(str::to_owned)).collect()
}

/// One canary was late by a day and one early by a day, on purpose; all others were in time.
#[test]
fn the_schedule_knows_who_was_late() {
    let Some(repository) = corpus::repository() else { return };
    let all = published(&repository);
    for pair in all.windows(2) {
        let (last, next) = (pair[0].view(), &pair[1]);
        let issued = next.view().date.expect("canaries are dated");
        let state = status(&canary_rules(next.number()), &last, issued).expect("a schedule");
        let days = match state.expect("a window") {
            Schedule::Early { opens } => (issued - opens).num_days(),
            Schedule::Open { .. } => 0,
            Schedule::Ended => panic!("{} was the last", pair[0].path),
            Schedule::Overdue { days, .. } => i64::from(days),
        };
        let expected = match next.number() {
            17 => 1,
            28 => -1,
            _ => 0,
        };
        assert_eq!(days, expected, "{}", next.path);
    }
}
