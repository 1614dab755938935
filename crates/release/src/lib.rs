//! A release as data: ordered steps, each of which can tell whether it is done.
//!
//! Where a document stands is computed from the pack and git every time, never stored, so a
//! release that stopped half-way is simply run again.

mod abort;
mod checks;
mod embargo;
pub mod event;
pub mod gate;
mod journal;
mod lock;
mod mail;
mod plan;
mod precheck;
mod progress;
mod publish;
mod remote;
mod run;
mod standing;
mod step;
mod take_in;

pub use abort::{AbortError, Aborted, abort, clear};
pub use checks::{Check, Checked};
pub use embargo::{Draft, EmbargoError, Lists, open_sealed, seal_draft};
pub use journal::{Intent, Journal, JournalError, Kept, folder};
pub use lock::{Holder, Lock, LockError};
pub use mail::mail;
pub use plan::{PlanError, Request, plan};
pub use precheck::{back_to_branch, out_of_pack, outside_repositories};
pub use progress::{Asked, Progress, Share, progress};
pub use publish::Mirrored;
pub use remote::after_others;
pub use run::{Guard, RunError, Tools, Verifier, execute};
pub use standing::{Places, Stage, Standing};
pub use step::{Input, Plan, Planned, Ready, RefChange, Step, Undo, Why, commit_by_git};
pub use take_in::take_in;
