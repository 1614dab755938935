//! Texts that make a careless parser look at every piece together with every other one.

use chrono::NaiveDate;
use secpack_bulletin::PackFacts;
use secpack_canary::{Canary, Context, Rules};
use secpack_pack::{DocumentId, PackPath};
use std::time::{Duration, Instant};

/// Repeated to fill a document.
const PIECES: [&str; 12] = [
    "[",
    "]",
    "[1]",
    "[1-999] ",
    "]-[1",
    "TODO\n",
    "AB-1 ",
    "a\n",
    "- ",
    "A\n---\n\n",
    "For a:\n\n",
    "Source: a\nTODO\n",
];

/// Before them: enough of a document that every parser has something to do.
const HEAD: &str = "x 1\n\n2031-03-04\n\n  t\n\nProof of freshness\n-----\n\n[1] a\n";

/// With work that grows by the square this size takes minutes in a debug build, else a second.
const BYTES: usize = 128 << 10;
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn they_are_read_in_seconds() {
    let day = NaiveDate::from_ymd_opt(2031, 3, 4).expect("a date");
    let series = "text".parse().expect("a series");
    let id = DocumentId { series, number: Some(1), year: None, quarter: None, name: None };
    let path: PackPath = "text-1.txt".parse().expect("a path");
    for piece in PIECES {
        let text = HEAD.to_owned() + &piece.repeat(BYTES / piece.len());
        let start = Instant::now();
        let today = PackFacts { today: day, ..PackFacts::default() };
        secpack_bulletin::lint(text.as_bytes(), &id, &path, None, today);
        let previous = Canary::parse(&text).expect("a view");
        let context = Context {
            expected_count: None,
            fingerprint: None,
            previous: Some(&previous),
            now: day,
        };
        secpack_canary::lint(text.as_bytes(), &id, &path, Rules::default(), context);
        let taken = start.elapsed();
        assert!(taken < PATIENCE, "{piece:?} took {taken:?}");
    }
}
