//! What a plain-text document is, and how one is made from a template.
//!
//! Bulletins and canaries are the same kind of text: a centred heading, underlined sections, a
//! footer after `--`. What is true of both is said here once; nothing here is specific to either.

mod characters;
mod common;
mod date;
mod diff;
mod door;
mod form;
mod layout;
mod mend;
mod render;
mod rule;
mod structure;
mod view;
mod wrap;

pub use characters::{confusable, hidden};
pub use common::{OPENING, TextSubject, common_rules, is_todo, open};
pub use date::{find_date, write_date};
pub use diff::{DiffLine, Side, diff, differing};
pub use door::{Door, MAX_BYTES};
pub use form::{Choice, Form, FormSection, TODO, is_form};
pub use layout::{Layout, Line, lines};
pub use mend::mend;
pub use render::render;
pub use rule::{Hit, Place, RuleOf, findings};
pub use view::{SectionView, section_views, write_heading};
pub use wrap::fill;

pub use door::ValueError;
pub use layout::Section;
pub use render::TemplateError;
pub use rule::Rule;
