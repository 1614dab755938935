//! Canaries: from facts to a draft, from a text to a view, the rules between them, the schedule.
//!
//! This room is pure: values in, values out. The date, the count of bulletins, the fingerprint of
//! the root and the evidence of freshness come from the caller.

mod calendar;
mod canary;
mod diff;
mod draft;
mod error;
mod facts;
mod freshness;
mod lint;
#[cfg(test)]
mod sample;
mod schedule;
mod window;

pub use calendar::{Course, Planned, calendar, planned};
pub use canary::{Canary, Proof, ProofBlock, ProofSource, Statement};
pub use diff::{Change, SectionChange, StatementChange, ValueChange, changes, sections, values};
pub use draft::draft;
pub use error::Error;
pub use facts::{Facts, Style};
pub use freshness::{Block, Freshness, HEADER_BYTES, Headlines, SCHEMA, check_header, clean_title};
pub use lint::{Context, Rules, lint, rules};
pub use schedule::{Schedule, status};
pub use secpack_pack::plaintext::{Rule, Section, TemplateError, ValueError};
pub use window::{Span, Window};

/// The built-in template; a pack's own wins over it.
pub const TEMPLATE: &str = include_str!("../../../templates/canary.txt.j2");
