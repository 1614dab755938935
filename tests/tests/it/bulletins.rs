//! All bulletins of the real pack: what the view finds in them, and what the rules say.

use super::corpus;
use chrono::NaiveDate;
use secpack_bulletin::{Bulletin, PackFacts, lint};
use secpack_pack::policy::TextRules;
use secpack_pack::{DocumentId, Finding, Level, Pattern};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const PATHS: &str = "QSBs/qsb-{number:3}-{year}.txt";

/// A bulletin: which one, its path, its bytes.
struct Published {
    id: DocumentId,
    path: String,
    bytes: Vec<u8>,
}

impl Published {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("bulletins are UTF-8")
    }

    fn number(&self) -> u32 {
        self.id.number.expect("bulletins are numbered")
    }

    fn findings(&self, earlier: Option<NaiveDate>) -> Vec<Finding> {
        let path = self.path.parse().expect("a path of the pack");
        let facts = PackFacts { today: NaiveDate::MAX, earlier, words: None };
        lint(&self.bytes, &self.id, &path, Some(&rules(self.number())), facts)
    }
}

fn published(repository: &Path) -> Vec<Published> {
    let pattern: Pattern = PATHS.parse().expect("a pattern");
    let files = corpus::files(repository, "HEAD", "QSBs/").into_iter();
    files
        .filter_map(|path| {
            let found = pattern.matches(&path)?;
            let (number, year) = (found.number, found.year);
            let series = "bulletin".parse().expect("a series");
            let id = DocumentId { series, number, year, quarter: None, name: None };
            Some(Published { id, bytes: corpus::blob(repository, "HEAD", &path), path })
        })
        .collect()
}

/// What the text of that era was meant to look like.
fn rules(number: u32) -> TextRules {
    let heading = match number {
        ..=62 => "---===[ Qubes Security Bulletin #{number} ]===---",
        63.. => "---===[ Qubes Security Bulletin {number:3} ]===---",
    };
    let sections = match number {
        ..=94 => "",
        95.. => {
            "\"[Changelog]\", \"User action\", \"Summary\", \"Impact\", \"Affected systems\", \
             \"[Discussion]\", \"Patching\", \"Credits\", \"References\""
        }
    };
    let date = if number < 40 { "%B %-d, %Y" } else { "%Y-%m-%d" };
    let mut text = format!(
        "series = \"bulletin\"\nheading = \"{heading}\"\ndate = \"{date}\"\nsections = [{sections}]\n"
    );
    if number >= 57 {
        text.push_str("underline_extra = 1\nwidth = 72\n");
    }
    if number >= 95 {
        text.push_str("footer = [\"--\", \"The Qubes Security Team\", \"https://www.qubes-os.org/security/\"]\n");
    }
    toml::from_str(&text).expect("text rules")
}

#[test]
fn every_bulletin_has_a_view_that_prints_back() {
    let Some(repository) = corpus::repository() else { return };
    let mut table = String::from(
        "number\tdate\ttitle lines\tsections\tpackages\treferences\tadvisories\tcves\tchanges\tcredits\n",
    );
    let all = published(&repository);
    assert_eq!(all.len(), 106);
    for document in &all {
        let view = Bulletin::parse(document.text()).expect("a view");
        assert_eq!(view.to_bytes(), document.bytes, "{}", document.path);
        assert_eq!(view.number, document.id.number, "{}", document.path);
        let date = view.date.map_or_else(|| "-".to_owned(), |date| date.to_string());
        writeln!(
            table,
            "{:03}\t{date}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            document.number(),
            view.title.len(),
            view.sections.len(),
            view.packages.len(),
            view.references.len(),
            view.advisories.len(),
            view.cves.len(),
            view.changelog.len(),
            view.credits.map_or(0, |credits| credits.lines().count()),
        )
        .expect("a string takes everything");
    }
    corpus::golden("bulletins.tsv", &table);
}

#[test]
fn no_false_error_in_the_present_era() {
    let Some(repository) = corpus::repository() else { return };
    let present = published(&repository).into_iter().filter(|document| document.number() >= 95);
    let errors: Vec<String> = present
        .flat_map(|document| document.findings(None))
        .filter(|finding| finding.level == Level::Error)
        .map(|finding| format!("{} {} {}", finding.path, finding.rule, finding.text))
        .collect();
    assert_eq!(errors, [""; 0]);
}

/// Mistakes that were published, as people found them by reading.
const MISTAKES: &[(u32, &str)] = &[
    (2, "reference-dangling"),
    (11, "reference-unused"),
    (12, "reference-unused"),
    (24, "reference-unused"),
    (29, "reference-unused"),
    (30, "reference-unused"),
    (32, "doubled-word"),
    (37, "doubled-word"),
    (38, "doubled-word"),
    (40, "doubled-word"),
    (47, "reference-unused"),
    (53, "tab"),
    (54, "doubled-word"),
    (56, "heading"),
    (59, "reference-duplicate"),
    (60, "reference-duplicate"),
    (94, "reference-unused"),
];

#[test]
fn the_known_mistakes_are_found_and_the_rest_is_short() {
    let Some(repository) = corpus::repository() else { return };
    let mut counts: BTreeMap<(u32, Level, String), usize> = BTreeMap::new();
    let mut earlier = None;
    for document in published(&repository) {
        let found = document.findings(earlier);
        earlier = earlier.max(Bulletin::parse(document.text()).expect("a view").date);
        for finding in found {
            *counts.entry((document.number(), finding.level, finding.rule)).or_default() += 1;
        }
    }
    let missed: Vec<_> = MISTAKES
        .iter()
        .filter(|(number, rule)| {
            !counts.keys().any(|key| (key.0, key.2.as_str()) == (*number, rule))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
    let mut table = String::from("number\tlevel\trule\tcount\n");
    for ((number, level, rule), count) in counts {
        writeln!(table, "{number:03}\t{level}\t{rule}\t{count}")
            .expect("a string takes everything");
    }
    corpus::golden("bulletin-findings.tsv", &table);
}
