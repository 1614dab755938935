//! One function per command.

mod announcement;
mod bulletin;
mod canary;
mod collect;
mod embargo;
mod event;
mod explain;
mod files;
mod history;
mod hook;
mod infer;
mod init;
mod iso;
mod judge;
mod keys;
mod manual;
mod numbers;
mod policy;
mod reading;
mod release;
mod requests;
mod revise;
mod sign;
mod status;
mod tag;
mod verify;
mod watch;

pub use canary::findings as canary_findings;
pub use keys::look_at as look_at_key;
pub use revise::may_void;
pub use verify::print_finding;

use crate::arguments::{Cli, Command};
use crate::{Exit, Fault};

/// Runs the command.
///
/// # Errors
/// [`Fault`] when it could not find out, or refused to do it.
pub fn run(cli: Cli) -> Result<Exit, Fault> {
    let global = &cli.global;
    match cli.command {
        Command::Init(arguments) => init::run(global, &arguments),
        Command::Policy(command) => policy::run(global, &command),
        Command::Bulletin(command) => bulletin::run(global, &command),
        Command::Canary(command) => canary::run(global, &command),
        Command::Sign(arguments) => sign::run(global, &arguments),
        Command::Event(command) => event::run(global, &command),
        Command::Collect(arguments) => collect::run(global, &arguments),
        Command::Status(arguments) => status::run(global, &arguments),
        Command::Tag(arguments) => tag::run(global, &arguments),
        Command::Verify(arguments) => verify::run(global, &arguments),
        Command::Watch(arguments) => watch::run(global, &arguments),
        Command::Explain(arguments) => explain::run(global, &arguments),
        Command::Release(arguments) => release::run(global, &arguments),
        Command::Keys(command) => keys::run(global, &command),
        Command::Hook(command) => hook::run(global, &command),
        Command::Embargo(command) => embargo::run(global, &command),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { folder } => manual::man(folder.as_deref()),
    }
}
