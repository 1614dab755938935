//! The whole pack: keys, documents, tags, history, judged together into one report.
//!
//! Is it authentic? is answered here and nowhere else. The room reads raw objects only and runs
//! nothing of the repository.

mod anchor;
mod announcement;
mod backdated;
mod commits;
mod cover;
mod documents;
mod earlier;
mod evidence;
mod gather;
mod history;
mod image;
pub mod infer;
mod key_lint;
mod keys;
mod last_signed;
pub mod memory;
mod moved;
mod overdue;
mod policy_chain;
mod report;
mod single;
mod tags;
mod texts;
mod verify;

pub use announcement::{
    Announced, Announcement, AnnouncementError, AnnouncementReport, Damage,
    judge as judge_announcement, read as read_announcement,
};
pub use documents::tally_of;
pub use earlier::earlier_match;
pub use evidence::{Kept, against_draft, depth, earlier_texts, fits, kept, signing_times};
pub use gather::{Gathered, Scope, gather};
pub use history::{HistoryReport, Interval, history};
pub use image::{Algorithm, Computed, DigestLine, ImageError, ImageReport, Listed, listed};
pub use key_lint::{Outlook, key_lint, rules as key_rules};
pub use last_signed::{SignedText, last_signed};
pub use report::{
    AnchorReport, CanaryReport, CanaryState, CommitReport, Counts, DocumentReport, HeadReport,
    HistorySummary, KeyReport, MemoryReport, MemoryState, PackReport, PolicyReport, Report,
    Result as Outcome, SignatureReport, Summary, TagReport, rfc3339,
};
pub use single::{FileReport, NameError, NamedFile, Reading, SingleError, SingleReport};
pub use texts::text_of;
pub use verify::{AuditError, Depth, PolicySource, Request, tips, verify};
