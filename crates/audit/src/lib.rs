//! The whole pack: keys, documents, tags, history, judged together into one report.
//!
//! Is it authentic? is answered here and nowhere else. The room reads raw objects only and runs
//! nothing of the repository.

mod anchor;
mod cover;
mod documents;
mod earlier;
mod gather;
mod history;
mod keys;
mod policy_chain;
mod report;
mod tags;
mod texts;
mod verify;

pub use documents::tally_of;
pub use gather::{Gathered, Scope, gather};
pub use history::{HistoryReport, Interval, history};
pub use report::{
    AnchorReport, Counts, DocumentReport, HeadReport, HistorySummary, KeyReport, PackReport,
    PolicyReport, Report, Result as Outcome, SignatureReport, Summary, TagReport,
};
pub use verify::{AuditError, Depth, PolicySource, Request, tips, verify};
