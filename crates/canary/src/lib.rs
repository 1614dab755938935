//! Canaries: from facts to a draft, from a text to a view, the rules between them, the schedule.
//!
//! Values in, values out: the date, the count of bulletins, the fingerprint of the root come from
//! the caller. The one place that asks somebody else is `freshness::fetch`, which fetches what the
//! policy names as sources of a proof of freshness.

mod calendar;
mod canary;
mod diff;
mod draft;
mod error;
mod facts;
mod freshness;
mod lint;
mod refresh;
#[cfg(test)]
mod sample;
mod schedule;
mod timer;
mod window;

pub use calendar::{Course, Planned, calendar, planned};
pub use canary::{Canary, Proof, ProofBlock, ProofSource, Statement};
pub use diff::{Change, SectionChange, StatementChange, ValueChange, changes, sections, values};
pub use draft::draft;
pub use error::Error;
pub use facts::{Facts, Style};
pub use freshness::{
    Block, BlockProof, Brought, Client, FetchError, Freshness, HEADER_BYTES, Headlines, Lack,
    MAX_FEED, Material, Mined, Network, Proves, Reach, SCHEMA, SavedFeed, Shortage,
    brought_headlines, check, check_header, check_rules, clean_title, gather, hash_of, headlines,
    proves, read_header,
};
pub use lint::proof::is_of_the_day;
pub use lint::{Context, Rules, lint, rules};
pub use refresh::refresh;
pub use schedule::{Schedule, status};
pub use secpack_pack::plaintext::{Rule, Section, TemplateError, ValueError};
pub use timer::{Timer, Units, cron_line, units};
pub use window::{Span, Window};

/// The built-in template; a pack's own wins over it.
pub const TEMPLATE: &str = include_str!("../../../templates/canary.txt.j2");
