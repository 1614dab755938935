//! Signing events: a document waits for signatures on a branch of its own, named by the policy.
//!
//! Nothing about an event is stored but commits and refs. It is open while some branch of its name,
//! here or as last fetched, has commits that no ended event keeps. Ending it keeps every commit
//! under `refs/secpack/events/` before the branch goes.

mod clash;
mod close;
mod error;
mod open;
mod place;
mod state;

pub use close::{Closed, Ending, close};
pub use error::{EventError, Tree};
pub use open::{Offer, Opened, Outcome, open};
pub(crate) use state::tally_at;
pub use state::{Draft, Ended, Event, Open, State, drafts, list, state};

/// Where commits of ended events are kept.
pub const KEPT: &str = "refs/secpack/events/";
