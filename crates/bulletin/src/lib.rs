//! Bulletins: from facts to a draft, from a text to a view, and the rules between them.
//!
//! This room is pure: values in, values out. Who signs a bulletin, where it lies and what day it
//! is come from the caller.

mod advisory;
mod bulletin;
mod cite;
mod draft;
mod error;
mod facts;
mod keyed;
mod lint;
mod renumber;
mod revise;
#[cfg(test)]
mod sample;

pub use bulletin::{Bulletin, Change, Package, Reference};
pub use draft::draft;
pub use error::Error;
pub use facts::{Advisory, ChangeFact, Facts, PackageFact, ReferenceFact};
pub use keyed::number_keys;
pub use lint::{PackFacts, lint, rules, words};
pub use renumber::renumber;
pub use revise::{revise, withdraw};
pub use secpack_pack::plaintext::{Rule, Section, TemplateError, ValueError};

/// The built-in template; a pack's own wins over it.
pub const TEMPLATE: &str = include_str!("../../../templates/bulletin.txt.j2");

/// The width of a draft when the policy gives none, in columns.
const WIDTH: usize = 72;
/// The form of a date when the policy gives none.
const DATE_FORM: &str = "%Y-%m-%d";
