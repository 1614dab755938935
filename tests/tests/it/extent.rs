//! How much of a sweep runs: a sample that is the same every time, or, with `SECPACK_SWEEP=whole`,
//! all of it. `cargo xtask sweep` sets that and collects what is reported.

use std::io::Write;

/// Whether all of it is asked for.
pub fn is_whole() -> bool {
    std::env::var("SECPACK_SWEEP").is_ok_and(|extent| extent == "whole")
}

/// All of it, or as many as the sample has, spread evenly.
pub fn chosen<T: Clone>(all: &[T], sample: usize) -> Vec<T> {
    if is_whole() || all.len() <= sample {
        return all.to_vec();
    }
    (0..sample).map(|at| all[at * all.len() / sample + at % 2].clone()).collect()
}

/// A figure for the documentation.
pub fn report(line: &str) {
    say(&format!("figure: {line}"));
}

/// A whole sweep takes long.
pub fn progress(done: usize, of: usize) {
    if is_whole() && (done.is_multiple_of(50) || done == of) {
        say(&format!("{done} of {of}"));
    }
}

/// Past the test harness, which keeps what a test prints.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
