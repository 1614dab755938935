//! Harness: temporary packs, hermetic git and gpg homes, fixed time, and the program under test.

#![expect(clippy::disallowed_methods, reason = "tests start programs and write files")]
#![expect(clippy::disallowed_macros, reason = "a skipped test says so")]

pub mod card;
mod corpus;
pub mod forge;
mod hints;
mod sandbox;
mod team;
mod tools;
pub mod web;

pub use corpus::{TRUTH_ANCHOR, corpus, rows};
pub use sandbox::{Run, Sandbox};
pub use team::{NOW, Team};
pub use tools::{ages, has_tool, is_on_path, rage};
