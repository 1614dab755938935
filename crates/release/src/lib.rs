//! A release as data: ordered steps, each of which can tell whether it is done.
//!
//! Where a document stands is computed from the pack and git every time, never stored, so a
//! release that stopped half-way is simply run again.

pub mod event;
mod plan;
mod precheck;
mod publish;
mod remote;
mod run;
mod standing;
mod step;
mod take_in;

pub use plan::{PlanError, Request, plan};
pub use run::{RunError, Tools, execute};
pub use standing::{Places, Stage, Standing};
pub use step::{Plan, Planned, Ready, Step};
pub use take_in::take_in;
