//! `cargo xtask setup`: what this machine has and lacks; with `--install`, what it lacks is installed.

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::prerequisites::{self, Missing, Purpose};
use std::ffi::OsString;

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "setup",
    summary: "say what the build lacks on this machine, or install it",
    help: "usage: cargo xtask setup [--install]

Looks for what the build and the tests need (C compiler, pkg-config, nettle, libclang, git, gpg,
strace, age, tmux, systemd-analyze, a reader for virtual smartcards) and prints the one command that
installs what is missing. Exit 2 if something is missing.

  --install   run that command (as root directly, otherwise with sudo)

example: cargo xtask setup --install",
    run,
};

fn run(arguments: &[OsString]) -> Outcome {
    let missing = only_install(arguments, "setup --help")?;
    let lacking = prerequisites::lacking(Purpose::Test);
    for need in prerequisites::needs(Purpose::Test) {
        let state = if lacking.contains(need) { "missing" } else { "present" };
        output::line(&format!("setup: {state} {}", prerequisites::name(*need)));
    }
    prerequisites::require(Purpose::Test, missing)?;
    output::line("setup: good");
    Ok(())
}

/// Reads the arguments of a subcommand that takes `--install` and nothing else.
pub fn only_install(arguments: &[OsString], help: &'static str) -> Result<Missing, Failure> {
    match arguments {
        [] => Ok(Missing::Report),
        [only] if only == "--install" => Ok(Missing::Install),
        [first, ..] => {
            let problem = format!("`{}` is not an argument here", first.display());
            Err(Failure::usage(problem, help))
        }
    }
}
