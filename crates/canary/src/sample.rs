//! The valid canary of the unit tests, its rules and its facts.

use crate::{Block, Facts, Freshness, Headlines};
use chrono::NaiveDate;
use secpack_pack::policy::{BlockApi, CanaryRules, FreshnessSource, Section, TextRules};
use secpack_pack::{DocumentId, Fingerprint, PackPath};

pub(crate) fn id() -> DocumentId {
    DocumentId {
        series: "canary".parse().expect("a series"),
        number: Some(7),
        year: Some(2024),
        quarter: None,
        name: None,
    }
}

pub(crate) fn path() -> PackPath {
    "canaries/canary-007-2024.txt".parse().expect("a path")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(crate) fn fingerprint() -> Fingerprint {
    "00112233445566778899AABBCCDDEEFF00112233".parse().expect("a fingerprint")
}

pub(crate) fn text_rules() -> TextRules {
    let section = |title: &str| Section { title: title.to_owned(), optional: false };
    TextRules {
        series: id().series,
        numbers: None,
        heading: Some("---===[ Example Canary {number:3} ]===---".parse().expect("a pattern")),
        date: None,
        sections: ["Statements", "Special announcements", "Notes", "Proof of freshness"]
            .map(section)
            .to_vec(),
        underline_extra: Some(1),
        width: Some(72),
        footer: ["--", "The Example Team"].map(str::to_owned).to_vec(),
        words: None,
        releases: Vec::new(),
    }
}

pub(crate) fn canary_rules() -> CanaryRules {
    let feed = |name: &str, url: &str| FreshnessSource::Feed {
        name: name.to_owned(),
        url: url.to_owned(),
        titles: 2,
        private: false,
    };
    let bitcoin = FreshnessSource::Bitcoin {
        name: "Example Explorer".to_owned(),
        url: "https://blocks.example.org/".to_owned(),
        depth: 10,
        api: BlockApi::Esplora,
        private: false,
    };
    CanaryRules {
        series: id().series,
        numbers: None,
        statements: Some(5),
        counts: Some("bulletin".parse().expect("a series")),
        fingerprint: Some("master".parse().expect("a root")),
        date: "%B %d, %Y".to_owned(),
        window: Some("first fourteen days".to_owned()),
        every_months: Some(3),
        evidence: false,
        sources: vec![
            feed("Daily Example", "https://daily.example.org/feed"),
            feed("Example > World", "https://world.example.org/rss"),
            bitcoin,
        ],
    }
}

pub(crate) const HASH: &str = "0000000000000000000123456789abcdef0123456789abcdef0123456789abcd";

pub(crate) fn freshness() -> Freshness {
    let date = "2024-12-03T00:46:10Z".parse().expect("a time");
    let source = |name: &str, url: &str, titles: [&str; 2]| Headlines {
        name: name.to_owned(),
        url: url.to_owned(),
        fetched: Some(date),
        titles: titles.map(str::to_owned).to_vec(),
        ..Headlines::default()
    };
    let block = Block {
        name: "Example Explorer".to_owned(),
        hash: HASH.to_owned(),
        height: Some(872_345),
        fetched: Some(date),
        ..Block::default()
    };
    let sources = vec![
        source(
            "Daily Example",
            "https://daily.example.org/feed",
            ["A bridge opens", "Two ships meet"],
        ),
        source(
            "Example > World",
            "https://world.example.org/rss",
            [
                "Rain: 'more than ever', say farmers who have measured it for a century and a half",
                "Sun",
            ],
        ),
    ];
    Freshness::new(date, sources, Some(block)).expect("clean evidence")
}

pub(crate) fn facts() -> Facts {
    Facts {
        date: Some(day("2024-12-03")),
        bulletins: Some(12),
        fingerprint: Some(fingerprint()),
        next: Some("first fourteen days of March 2025".parse().expect("a window")),
        last: false,
        replaces: None,
        announcements: None,
        footnotes: None,
        freshness: Some(freshness()),
    }
}

/// A canary in which no rule finds anything.
pub(crate) const CANARY: &str = "
                  ---===[ Example Canary 007 ]===---

Statements
-----------

We who signed this file state:

1. It was issued on December 03, 2024.

2. There are 12 bulletins.

3. The fingerprint of our master key is:

       0011 2233 4455 6677 8899  AABB CCDD EEFF 0011 2233

4. We received no order that we may not speak of.

5. The next canary is planned for the first fourteen days of March
   2025.

Special announcements
----------------------

None.

Notes
------

This proves little.

Proof of freshness
-------------------

Tue, 03 Dec 2024 00:46:10 +0000

Source: Daily Example (https://daily.example.org/feed)
A bridge opens
Two ships meet

Source: Example > World (https://world.example.org/rss)
Rain: 'more than ever', say farmers who have measured it for a century and a half
Sun

Source: Example Explorer
0000000000000000000123456789abcdef0123456789abcdef0123456789abcd

--
The Example Team
";

/// The canary before it.
pub(crate) const PREVIOUS: &str = "
                  ---===[ Example Canary 006 ]===---

Statements
-----------

We who signed this file state:

1. It was issued on September 02, 2024.

2. There are 11 bulletins.

3. The fingerprint of our master key is:

       0011 2233 4455 6677 8899  AABB CCDD EEFF 0011 2233

4. We received no order that we may not speak of.

5. The next canary is planned for the first fourteen days of
   December 2024.

Special announcements
----------------------

None.

Notes
------

This proves little.

Proof of freshness
-------------------

Mon, 02 Sep 2024 08:00:00 +0000

Source: Daily Example (https://daily.example.org/feed)
A road closes
A mill burns

Source: Example Explorer
0000000000000000000abcdef0123456789abcdef0123456789abcdef0123456
";
