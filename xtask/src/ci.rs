//! `cargo xtask ci`: the same checks at home and on the CI machine, in the same order.
//!
//! Arrows between rooms, licences and the layout are ordinary tests (`tests/tests/it/workspace`),
//! so they run wherever tests run and need no step of their own.

use crate::Subcommand;
use crate::counts::Counts;
use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Purpose};
use crate::setup::only_install;
use crate::{output, process, workspace};
use std::ffi::OsString;
use std::process::{Command, ExitStatus};

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "ci",
    summary: "format, clippy, tests and docs: everything CI runs",
    help: "usage: cargo xtask ci [--install]

Runs `cargo fmt --check`, `cargo clippy` with warnings denied, builds the virtual smartcard of the
tests and rage, their second opinion on age (once, some minutes), runs all tests and `cargo doc` with
warnings denied, in this order, and stops at the first that fails (exit 1). The last line sums up the
tests. With CI set in the environment, a test that lacks a tool or the corpus fails; without it, such
a test skips.

  --install   first install what the build lacks

example: cargo xtask ci",
    run,
};

/// What a step's output is good for.
#[derive(Clone, Copy)]
enum Kind {
    /// Only the exit code counts.
    Plain,
    /// The closing lines of test binaries are added up.
    Tests,
}

struct Step {
    name: &'static str,
    kind: Kind,
    arguments: &'static [&'static str],
    environment: Option<(&'static str, &'static str)>,
    /// What to type when it fails; `None` is the step itself again.
    mend: Option<&'static str>,
}

/// The virtual smartcard is a workspace of its own; see docs/decisions.
const CARD: &str = "tests/card/Cargo.toml";

/// Debian has no package of it. Not optimised, and without SSH keys, which no test needs of it, to
/// save time. Only with `--bin` does cargo see that it is there already.
const RAGE: &[&str] = &[
    "install",
    "rage",
    "--bin",
    "rage",
    "--version",
    "0.12.1",
    "--locked",
    "--debug",
    "--no-default-features",
    "--root",
    "target/rage",
];

const STEPS: &[Step] = &[
    Step {
        name: "format",
        kind: Kind::Plain,
        arguments: &["fmt", "--all", "--check"],
        environment: None,
        mend: Some("cargo fmt --all"),
    },
    Step {
        name: "clippy",
        kind: Kind::Plain,
        arguments: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        environment: None,
        mend: None,
    },
    Step {
        name: "card format",
        kind: Kind::Plain,
        arguments: &["fmt", "--manifest-path", CARD, "--check"],
        environment: None,
        mend: Some("cargo fmt --manifest-path tests/card/Cargo.toml"),
    },
    Step {
        name: "card",
        kind: Kind::Plain,
        arguments: &["build", "--manifest-path", CARD, "--locked", "--target-dir", "target/card"],
        environment: None,
        mend: None,
    },
    Step { name: "rage", kind: Kind::Plain, arguments: RAGE, environment: None, mend: None },
    Step {
        name: "test",
        kind: Kind::Tests,
        arguments: &["test", "--workspace", "--locked", "--no-fail-fast"],
        environment: None,
        mend: None,
    },
    Step {
        name: "doc",
        kind: Kind::Plain,
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        environment: Some(("RUSTDOCFLAGS", "-D warnings")),
        mend: None,
    },
];

fn run(arguments: &[OsString]) -> Outcome {
    let missing = only_install(arguments, "ci --help")?;
    prerequisites::require(Purpose::Test, missing)?;
    let mut counts = Counts::default();
    let outcome = STEPS.iter().try_for_each(|step| take(step, &mut counts));
    if !counts.is_empty() {
        output::line(&counts.to_string());
    }
    outcome
}

fn take(step: &Step, counts: &mut Counts) -> Outcome {
    let mut command = command(step);
    output::line(&format!("ci: {}: {}", step.name, process::describe(&command)));
    let start = workspace::clock();
    let status = execute(step.kind, &mut command, counts)?;
    let seconds = start.elapsed().as_secs_f64();
    if status.success() {
        output::line(&format!("ci: {}: good, {seconds:.1} s", step.name));
        return Ok(());
    }
    output::line(&format!("ci: {}: not good, {seconds:.1} s", step.name));
    let command = process::describe(&command);
    let hint = step.mend.map_or_else(|| repeat(step, &command), str::to_owned);
    Err(Failure::Step { command, status, hint })
}

fn execute(kind: Kind, command: &mut Command, counts: &mut Counts) -> Result<ExitStatus, Failure> {
    match kind {
        Kind::Plain => process::status(command),
        Kind::Tests => process::tee(command, |line| counts.see(line)),
    }
}

fn command(step: &Step) -> Command {
    let mut command = workspace::cargo(step.arguments);
    if let Some((name, value)) = step.environment {
        command.env(name, value);
    }
    command
}

/// The step as a person would repeat it, with its environment.
fn repeat(step: &Step, command: &str) -> String {
    match step.environment {
        Some((name, value)) => format!("{name}='{value}' {command}"),
        None => command.to_owned(),
    }
}
