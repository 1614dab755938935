//! What a plain-text document is, and how one is made from a template.
//!
//! Bulletins and canaries are the same kind of text: a centred heading, underlined sections, a
//! footer after `--`. This folder holds what is true of both and is compiled into both rooms
//! (`canary` includes it by path), because neither room may know the other and the vocabulary
//! room knows nothing of templates. Nothing here is specific to either.

mod characters;
mod common;
mod date;
mod door;
mod layout;
mod render;
mod rule;
mod structure;
mod view;
mod wrap;

pub(crate) use characters::{confusable, hidden};
pub(crate) use common::{OPENING, TextSubject, common_rules, is_todo, open};
pub(crate) use date::{find_date, write_date};
pub(crate) use door::{Door, MAX_BYTES};
pub(crate) use layout::{Layout, Line, lines};
pub(crate) use render::render;
pub(crate) use rule::{Hit, Place, RuleOf, findings};
pub(crate) use view::{SectionView, section_views, write_heading};
pub(crate) use wrap::fill;

pub use door::ValueError;
pub use layout::Section;
pub use render::TemplateError;
pub use rule::Rule;
