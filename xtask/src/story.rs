//! What `demo` and `rehearse` share: people who make, sign and publish documents of a throw-away
//! pack with the `secpack` of this checkout.
//!
//! Nothing here decides whether something is good: `secpack`, `git` and `gpg` do, and the first of
//! them that says no ends the story.

mod facts;
mod interruption;
mod opinion;
mod people;
mod publication;
mod scene;
mod signing;

pub use facts::{Package, Source, write_facts, write_freshness};
pub use interruption::release_interrupted;
pub use opinion::second_opinion;
pub use people::{Person, certify, commit_all, git, join, make_key, make_upstream};
pub use publication::{fresh_clone, release, second_tag, show, tag, verify};
pub use scene::{Scene, play, tell};
pub use signing::{
    back_to_draft, collect, copy_folder, draft, lint, send_branch, sign, sign_on_branch, status,
};
