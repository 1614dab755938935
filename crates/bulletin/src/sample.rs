//! The valid bulletin of the unit tests, its rules and its facts.

use crate::{Advisory, ChangeFact, Facts, PackageFact, ReferenceFact};
use chrono::NaiveDate;
use secpack_pack::policy::{Section, TextRules};
use secpack_pack::{DocumentId, PackPath};

pub(crate) fn id() -> DocumentId {
    DocumentId {
        series: "bulletin".parse().expect("a series"),
        number: Some(7),
        year: Some(2024),
        quarter: None,
        name: None,
    }
}

pub(crate) fn path() -> PackPath {
    "bulletins/sb-007-2024.txt".parse().expect("a path")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(crate) fn rules() -> TextRules {
    let section = |title: &str, optional| Section { title: title.to_owned(), optional };
    TextRules {
        series: id().series,
        numbers: None,
        heading: Some("---===[ Example Bulletin {number:3} ]===---".parse().expect("a pattern")),
        date: Some("%Y-%m-%d".to_owned()),
        sections: vec![
            section("Changelog", true),
            section("User action", false),
            section("Summary", false),
            section("Impact", false),
            section("Affected systems", false),
            section("Discussion", true),
            section("Patching", false),
            section("Credits", false),
            section("References", false),
        ],
        underline_extra: Some(1),
        width: Some(72),
        footer: ["--", "The Example Team", "https://example.org/security/"]
            .map(str::to_owned)
            .to_vec(),
        words: None,
        releases: vec!["Example OS 1".to_owned(), "Example OS 2".to_owned()],
    }
}

pub(crate) fn facts() -> Facts {
    let some = |text: &str| Some(text.to_owned());
    let package = |release: &str, version: &str| PackageFact {
        release: release.to_owned(),
        place: some("templates"),
        name: some("parser"),
        version: some(version),
        ..PackageFact::default()
    };
    let reference = |key: &str| ReferenceFact {
        key: key.to_owned(),
        url: Some(format!("https://example.org/{key}")),
        ..ReferenceFact::default()
    };
    Facts {
        date: Some(day("2024-11-12")),
        title: some("Parser reads past the end of a line (UPA-12)"),
        user_action: some("Install the packages listed below, as described in our guide. [@guide]"),
        summary: some(
            "The parser looks for the end of a line and goes on when there is none, until it meets one in memory that is not its own.",
        ),
        impact: some("Whoever hands a file to the parser can read memory."),
        affected: some("Every system is affected."),
        discussion: None,
        patching: some("Restart afterwards."),
        advisories: vec![Advisory {
            id: "UPA-12".to_owned(),
            title: some("out-of-bounds read"),
            cve: vec!["CVE-2024-12345".to_owned()],
            url: some("https://upstream.example.org/upa-12"),
            text: some(
                "A file without a final line feed is read beyond its end, which was found by reading the source.\n\n    while (*p != '\\n') p++;",
            ),
        }],
        packages: vec![package("Example OS 2", "2.0.1-1"), package("Example OS 1", "1.9.8-2")],
        credits: vec!["Found by A. Reader.".to_owned()],
        references: vec![reference("unused"), reference("guide")],
        changelog: vec![ChangeFact { date: day("2024-11-12"), text: "First version".to_owned() }],
        ..Facts::default()
    }
}

/// A bulletin in which no rule finds anything.
pub(crate) const BULLETIN: &str = "
              ---===[ Example Bulletin 007 ]===---

                             2024-11-12

              Parser reads past the end of a line
                            (UPA-12)

Changelog
----------

2024-11-12: First version
2024-11-13: Name the reporter

User action
------------

Install the packages listed below, as described in our guide. [1]

Summary
--------

UPA-12 (CVE-2024-12345) [2] says:

| A file without a final line feed is read beyond its end. [9]

Impact
-------

Whoever hands a file to the parser can read memory:

    value[4] = memory;

Affected systems
-----------------

Every system is affected.

Patching
---------

  For Example OS 1, in templates:
  - parser packages, version 1.9.8-2

  For Example OS 2, in templates:
  - parser packages, version 2.0.1-1

Credits
--------

Found by A. Reader.

References
-----------

[1] https://example.org/guide
[2] https://upstream.example.org/upa-12/which/is/a/very/long/address/of/an/advisory

--
The Example Team
https://example.org/security/
";
