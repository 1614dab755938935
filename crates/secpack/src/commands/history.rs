//! What `secpack verify --history` says of the commits of the main line.

use crate::output;
use secpack_audit::{Interval, Report};
use secpack_pack::escape;

/// One line of counts, the longest repaired run, and every run that is open still.
pub fn print(report: &Report) {
    let (Some(counts), Some(history)) = (&report.summary.history, &report.history) else { return };
    output::line(format!(
        "  history     {} commits, {} distinct pairs; at {} commits some signature does not match its text",
        counts.commits, counts.pairs, counts.stale_commits
    ));
    let repaired = history.intervals.iter().filter(|run| run.repaired_by.is_some());
    if let Some(longest) = repaired.clone().max_by_key(|run| run.commits) {
        output::line(format!(
            "              {} mismatches were repaired; the longest stood for {}",
            repaired.count(),
            story(longest)
        ));
    }
    for open in history.intervals.iter().filter(|run| run.repaired_by.is_none()) {
        output::line(format!("              not repaired: {}", story(open)));
    }
}

/// For example `398 commits: FILE since 0123456789ab (text-changed)`.
fn story(run: &Interval) -> String {
    let end = match (&run.repaired_by, &run.repaired_by_whom) {
        (Some(commit), Some(whom)) => format!(", until {} by {whom}", commit.short(12)),
        (Some(commit), None) => format!(", until {}", commit.short(12)),
        (None, _) => String::new(),
    };
    let cause = run.cause.as_str();
    let path = escape(run.path.as_str());
    format!("{} commits: {path} since {}{end} ({cause})", run.commits, run.from.short(12))
}
