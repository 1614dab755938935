//! Texts that make a careless parser look at every piece together with every other one.

use chrono::NaiveDate;
use secpack_bulletin::PackFacts;
use secpack_canary::{Canary, Context, Rules};
use secpack_pack::{DocumentId, PackPath};
use std::time::Duration;

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
        let start = processor_time();
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
        let taken = processor_time() - start;
        assert!(taken < PATIENCE, "{piece:?} took {taken:?}");
    }
}

/// What this thread has cost, in which nothing counts that other programs do meanwhile: fields 14
/// and 15 of `proc_pid_stat(5)`, in hundredths of a second.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(ticks * 10)
}
