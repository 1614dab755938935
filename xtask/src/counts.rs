//! Adds up the closing lines of a test run: `test result: ok. 5 passed; 0 failed; 1 ignored; ...`.

use std::fmt;

/// How many tests passed, failed and were skipped, over all test binaries of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
    binaries: u64,
}

impl Counts {
    /// Takes in one line of output; lines that close no test binary change nothing.
    pub fn see(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let Some(rest) = line.trim_start().strip_prefix("test result: ") else { return };
        self.binaries += 1;
        // The verdict (`ok.`, `FAILED.`) stands before the first count.
        let counts = rest.split_once(". ").map_or(rest, |(_, counts)| counts);
        for part in counts.split(';') {
            self.add(part);
        }
    }

    /// Whether any test binary came to its end; if not, there is nothing to report.
    pub fn is_empty(&self) -> bool {
        self.binaries == 0
    }

    fn add(&mut self, part: &str) {
        let Some((number, what)) = part.trim().split_once(' ') else { return };
        let Ok(number) = number.parse::<u64>() else { return };
        match what.trim() {
            "passed" => self.passed += number,
            "failed" => self.failed += number,
            "ignored" => self.skipped += number,
            // Measured are benchmarks, filtered out is what nobody asked for.
            _ => {}
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped, binaries: _ } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: &str) {
        let mut counts = Counts::default();
        for line in lines {
            counts.see(line.as_bytes());
        }
        assert_eq!(counts.to_string(), expected);
    }

    #[test]
    fn sums_over_binaries() {
        let good = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.10s\n";
        let bad = "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        check(&[], "0 passed, 0 failed, 0 skipped");
        check(&[good], "5 passed, 0 failed, 1 skipped");
        check(&[good, "test a::b ... ok\n", bad], "7 passed, 3 failed, 1 skipped");
    }

    #[test]
    fn other_lines_change_nothing() {
        check(&["5 passed; 5 failed", "test result", ""], "0 passed, 0 failed, 0 skipped");
        assert!(Counts::default().is_empty());
    }
}
