//! `cargo xtask bless`: accepts what the program prints now as what it shall print.

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Missing, Purpose};
use crate::{output, process, workspace};
use std::ffi::OsString;
use std::process::ExitStatus;

/// Where golden files live: expected output of tests, and what is generated into the docs.
const GOLDEN: [&str; 2] = ["tests", "docs"];

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "bless",
    summary: "run the tests and let them rewrite their golden files",
    help: "usage: cargo xtask bless [FILTER]

Runs the tests whose names contain FILTER (all of them without one) with SECPACK_BLESS=1, so that
golden files are rewritten instead of compared, then lists the files that changed. Golden files
change in no other way; read the diff before you commit it.

example: cargo xtask bless verify",
    run,
};

fn run(arguments: &[OsString]) -> Outcome {
    let filter = filter(arguments)?;
    prerequisites::require(Purpose::Test, Missing::Report)?;
    let mut tests = workspace::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    tests.args(filter).env("SECPACK_BLESS", "1");
    let status = process::status(&mut tests)?;
    // Shown after a failure too: some files may have changed before it.
    show_changes()?;
    outcome(status, process::describe(&tests))
}

fn filter(arguments: &[OsString]) -> Result<Option<&OsString>, Failure> {
    match arguments {
        [] => Ok(None),
        [filter] if !filter.to_string_lossy().starts_with('-') => Ok(Some(filter)),
        [..] => Err(Failure::usage("bless takes at most one FILTER", "bless --help")),
    }
}

fn show_changes() -> Outcome {
    let mut status = process::command("git", ["status", "--short", "--"]);
    status.args(GOLDEN).current_dir(workspace::root());
    let changes = process::capture(&mut status)?;
    if changes.is_empty() {
        output::line("bless: no golden file changed");
        return Ok(());
    }
    output::line("bless: changed, read the diff before you commit:");
    output::line(&changes);
    output::hint(&format!("git diff -- {}", GOLDEN.join(" ")));
    Ok(())
}

fn outcome(status: ExitStatus, command: String) -> Outcome {
    if status.success() {
        return Ok(());
    }
    let hint = format!("SECPACK_BLESS=1 {command}");
    Err(Failure::Step { command, status, hint })
}
