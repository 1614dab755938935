//! `cargo xtask`: everything that builds, checks or drives this workspace.
//!
//! It depends on nothing but the standard library, so on a bare machine it is compiled in seconds
//! and can say what the real build lacks before that build fails half way through.
//! This file is the table of contents: a subcommand is one module and one line in `COMMANDS`.

mod bench;
mod bless;
mod ci;
mod counts;
mod demo;
mod dist;
mod failure;
mod given;
mod output;
mod prerequisites;
mod probe;
mod process;
mod program;
mod rehearse;
mod release;
mod setup;
mod story;
mod sweep;
mod temporary;
mod workspace;

use failure::{Failure, Outcome};
use std::ffi::OsString;
use std::process::ExitCode;

/// One subcommand: its name, one line about it, its full help and the function that does it.
struct Subcommand {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(&[OsString]) -> Outcome,
}

const COMMANDS: &[Subcommand] = &[
    setup::COMMAND,
    ci::COMMAND,
    bless::COMMAND,
    bench::COMMAND,
    demo::COMMAND,
    rehearse::COMMAND,
    dist::COMMAND,
    release::COMMAND,
    sweep::COMMAND,
];

fn main() -> ExitCode {
    match dispatch(&workspace::arguments()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn dispatch(arguments: &[OsString]) -> Outcome {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(Failure::usage("no subcommand was given", "--help"));
    };
    if is_help(name) {
        output::line(&overview());
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| *name == *command.name) else {
        let problem = format!("there is no subcommand `{}`", name.display());
        return Err(Failure::usage(problem, "--help"));
    };
    if rest.first().is_some_and(is_help) {
        output::line(command.help);
        return Ok(());
    }
    (command.run)(rest)
}

fn is_help(argument: &OsString) -> bool {
    argument == "--help" || argument == "-h" || argument == "help"
}

fn overview() -> String {
    let mut text = String::from("usage: cargo xtask SUBCOMMAND [ARGUMENTS]\n\n");
    for command in COMMANDS {
        text.push_str(&format!("  {:<10}{}\n", command.name, command.summary));
    }
    text.push_str("\n`cargo xtask SUBCOMMAND --help` tells more and gives an example.\n");
    text.push_str("Exit 0: good. 1: found out, and it is not good. 2: could not find out.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_help_names_its_command_and_gives_an_example() {
        for command in COMMANDS {
            let usage = format!("usage: cargo xtask {}", command.name);
            assert!(command.help.starts_with(&usage), "{}", command.name);
            assert!(command.help.contains("\nexample: cargo xtask "), "{}", command.name);
            assert!(overview().contains(command.summary));
        }
    }

    #[test]
    fn an_unknown_subcommand_is_a_usage_error() {
        let failure = dispatch(&[OsString::from("nonsense")]).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
    }
}
