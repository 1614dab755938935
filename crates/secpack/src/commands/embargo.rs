//! `secpack embargo`: drafts that only some may read until their date.

mod announce;
mod guard;
mod lift;
mod open;
mod read;
mod seal;
mod secrets;
mod sentry;

pub use guard::Said;
pub use read::reserved_numbers;
pub use sentry::{BLIND, Watch, watch};

use crate::arguments::{EmbargoCommand, Global};
use crate::{Exit, Fault};

pub fn run(global: &Global, command: &EmbargoCommand) -> Result<Exit, Fault> {
    match command {
        EmbargoCommand::Seal(arguments) => seal::seal(global, arguments),
        EmbargoCommand::Open(arguments) => open::run(global, arguments),
        EmbargoCommand::Reseal(arguments) => seal::reseal(global, arguments),
        EmbargoCommand::Lift(arguments) => lift::run(global, arguments),
        EmbargoCommand::Guard(arguments) => guard::run(global, arguments),
        EmbargoCommand::GuardKey { file } => guard::new_key(global, file),
        EmbargoCommand::Announce(arguments) => announce::run(global, arguments),
    }
}
