//! `secpack canary schedule`: what a timer starts, and the timer.

mod install;
mod run;

use crate::arguments::{Global, ScheduleCommand};
use crate::session::Session;
use crate::{Exit, Fault};

pub fn run(global: &Global, session: &Session, command: &ScheduleCommand) -> Result<Exit, Fault> {
    match command {
        ScheduleCommand::Run(arguments) => run::run(global, session, arguments),
        ScheduleCommand::Install(arguments) => install::run(session, arguments),
    }
}
