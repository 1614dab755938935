//! `cargo xtask bench`: how long `secpack verify` takes on the real pack, and how much memory.

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Missing, Purpose};
use crate::program::{self, Profile};
use crate::temporary::TemporaryFolder;
use crate::{output, process, workspace};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const HELP: &str = "bench --help";

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "bench",
    summary: "time `secpack verify` on the real pack",
    help: "usage: cargo xtask bench [--runs N] [-- ARGUMENTS OF secpack verify]

Builds an optimised secpack and runs `secpack verify` N times (5) on the corpus: the folder in
SECPACK_CORPUS, else ../shared/corpus beside this checkout. Prints the shortest, middle and longest
wall time and, where /usr/bin/time is installed, the peak memory. Whether the pack is good plays no
part here.

example: cargo xtask bench --runs 10",
    run,
};

struct Options<'a> {
    runs: usize,
    verify: &'a [OsString],
}

fn run(arguments: &[OsString]) -> Outcome {
    let options = options(arguments)?;
    let pack = pack()?;
    prerequisites::require(Purpose::Build, Missing::Report)?;
    let secpack = program::build(Profile::Optimised)?;
    let verify = || {
        let mut words: Vec<&OsStr> = vec![OsStr::new("verify"), pack.as_os_str()];
        words.extend(options.verify.iter().map(OsString::as_os_str));
        words
    };
    output::line(&format!("bench: secpack verify {}, {} runs", pack.display(), options.runs));
    output::line(&times(&secpack, options.runs, &verify())?);
    report_memory(&secpack, &verify())
}

fn options(arguments: &[OsString]) -> Result<Options<'_>, Failure> {
    let split = arguments.iter().position(|argument| argument == "--");
    let (ours, verify) = match split {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let runs = match ours {
        [] => Some(5),
        [name, number] if name == "--runs" => number.to_str().and_then(|text| text.parse().ok()),
        [..] => None,
    };
    match runs {
        Some(runs) if runs > 0 => Ok(Options { runs, verify }),
        Some(_) | None => Err(Failure::usage("bench takes `--runs N`, N at least 1", HELP)),
    }
}

/// The repository to verify: the corpus itself, or the bare repository inside it.
fn pack() -> Result<PathBuf, Failure> {
    let corpus = workspace::corpus();
    let inside = corpus.join("qubes-secpack.git");
    let pack = if inside.is_dir() { inside } else { corpus };
    if pack.is_dir() {
        return Ok(pack);
    }
    Err(Failure::Absent {
        what: format!("no corpus to measure on at {}", pack.display()),
        hint: "SECPACK_CORPUS=PATH-OF-A-PACK cargo xtask bench".to_owned(),
    })
}

fn times(secpack: &Path, runs: usize, arguments: &[&OsStr]) -> Result<String, Failure> {
    let mut taken = Vec::with_capacity(runs);
    for _ in 0..runs {
        taken.push(time(&mut process::command(secpack, arguments))?);
    }
    taken.sort();
    Ok(summary(&taken))
}

/// Findings (exit 1) are a result like any other; only a run that found nothing out is no measure.
fn time(verify: &mut Command) -> Result<Duration, Failure> {
    verify.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = workspace::clock();
    let status = process::status(verify)?;
    let taken = start.elapsed();
    match status.code() {
        Some(0 | 1) => Ok(taken),
        Some(_) | None => Err(Failure::Ended { command: process::describe(verify), status }),
    }
}

/// `sorted` is ascending and not empty.
fn summary(sorted: &[Duration]) -> String {
    let shown = |at: usize| format!("{:.0} ms", sorted[at].as_secs_f64() * 1000.0);
    let last = sorted.len() - 1;
    format!("bench: min {}, median {}, max {}", shown(0), shown(last / 2), shown(last))
}

fn report_memory(secpack: &Path, arguments: &[&OsStr]) -> Outcome {
    if !Path::new("/usr/bin/time").is_file() {
        output::warning("peak memory not measured: /usr/bin/time is not installed");
        return Ok(());
    }
    let folder = TemporaryFolder::new("bench")?;
    let report = folder.path().join("time");
    let mut measured = process::command("/usr/bin/time", ["--format=%M", "--output"]);
    measured.arg(&report).arg(secpack).args(arguments);
    time(&mut measured)?;
    let text = std::fs::read_to_string(&report).map_err(Failure::file(&report))?;
    // After a non-zero exit time writes a remark first; the figure is always the last line.
    let kilobytes: u64 = text.lines().next_back().and_then(|n| n.parse().ok()).unwrap_or(0);
    output::line(&format!("bench: peak memory {:.1} MiB", kilobytes as f64 / 1024.0));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_one_form() {
        let check = |words: &[&str], runs: Option<usize>, verify: usize| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            let options = options(&words).ok();
            assert_eq!(options.as_ref().map(|options| options.runs), runs);
            assert_eq!(options.map_or(0, |options| options.verify.len()), verify);
        };
        check(&[], Some(5), 0);
        check(&["--runs", "3"], Some(3), 0);
        check(&["--runs", "3", "--", "--history"], Some(3), 1);
        check(&["--runs", "0"], None, 0);
        check(&["--runs"], None, 0);
        check(&["3"], None, 0);
    }

    #[test]
    fn summary_takes_the_middle() {
        let times: Vec<Duration> = [10, 20, 90].map(Duration::from_millis).to_vec();
        assert_eq!(summary(&times), "bench: min 10 ms, median 20 ms, max 90 ms");
        assert_eq!(summary(&times[..1]), "bench: min 10 ms, median 10 ms, max 10 ms");
    }
}
