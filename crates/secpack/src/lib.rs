//! The `secpack` program: arguments in, output and exit code out. It decides nothing itself.

mod arguments;
mod commands;
mod dead_keys;
mod documents;
mod drafts;
mod fault;
mod fresh;
mod hardening;
mod keys;
mod lint;
mod memory;
mod output;
mod passphrase;
mod plugins;
mod private;
mod session;
mod showing;
mod signers;
mod templates;
mod terminal;
mod typed;

pub use arguments::Cli;
pub use fault::{Exit, Fault};

use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

/// Reads the command line, runs the command, and says how it went: 0 good, 1 not good, 2 could
/// not find out.
pub fn main() -> ExitCode {
    hardening::no_core_files();
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match commands::run(cli) {
        Ok(Exit::Good) => ExitCode::SUCCESS,
        Ok(Exit::NotGood) => ExitCode::from(1),
        Err(fault) => {
            let fault = fault.or_help(|| help_of(&terminal::words()));
            output::error(&fault);
            ExitCode::from(fault.code())
        }
    }
}

/// clap's own messages; asking for help or the version is no error.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is nothing to report.
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    output::hint(&help_of(&terminal::words()));
    ExitCode::from(2)
}

/// The help of the command that was meant, as far as its words are right.
fn help_of(words: &[String]) -> String {
    let mut command = Cli::command();
    let mut typed = "secpack".to_owned();
    for word in words {
        let Some(next) = command.find_subcommand(word).cloned() else { continue };
        typed = format!("{typed} {word}");
        command = next;
    }
    format!("{typed} --help")
}
