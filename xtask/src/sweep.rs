//! `cargo xtask sweep`: the figures about releases that are hurt, cut off or started twice, and about
//! the canaries' timer.

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Purpose};
use crate::setup::only_install;
use crate::{output, process, workspace};
use std::ffi::OsString;

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "sweep",
    summary: "hurt a release at every system call and every byte, run a year of timers, print the figures",
    help: "usage: cargo xtask sweep [--install]

Runs as a whole, one after the other, what CI runs in part: a release killed, out of disk space and
with a failing disk at every system call that changes something, in secpack and in the git that
pushes for it; the same in the git that receives; a push cut after every byte in both directions;
200 pairs of coordinators that start together in one clone, and 200 in two; the canaries' timer at
every hour of a year. Needs strace, and an hour or two. Each sweep prints a line `figure: ...`; the
first fault stops it with exit 1.

  --install   first install what the tests lack

example: cargo xtask sweep",
    run,
};

const TESTS: [&str; 5] = [
    "release::sweep",
    "release::receiving",
    "release::cut",
    "release::pairs",
    "canary_schedule::a_year",
];

fn run(arguments: &[OsString]) -> Outcome {
    let missing = only_install(arguments, "sweep --help")?;
    prerequisites::require(Purpose::Test, missing)?;
    for test in TESTS {
        let words = ["test", "--locked", "--package", "secpack-tests", "--test", "it", "--", test];
        let mut sweep = workspace::cargo(&words);
        sweep.args(["--nocapture", "--test-threads=1"]);
        sweep.env("SECPACK_SWEEP", "whole").env("CI", "true");
        let status = process::status(&mut sweep)?;
        if !status.success() {
            let command = process::describe(&sweep);
            let hint = format!("SECPACK_SWEEP=whole {command}");
            return Err(Failure::Step { command, status, hint });
        }
    }
    output::line("sweep: good");
    Ok(())
}
