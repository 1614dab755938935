//! The git room: snapshots, history, raw tags; writing commits and tags; pushing.
//!
//! Only this room knows libgit2 (through `git2`) and the `git` program. Everything that is read is
//! hostile: objects come straight from the object database with their hashes checked, and commits,
//! trees and tags are taken apart by our own strict parsers, so that replace refs, grafts and a
//! forged commit-graph change nothing. Nothing that a repository configures is ever run for
//! reading; the `git` program is started for fetch and push alone.

mod branch;
mod durable;
mod error;
mod everything;
#[cfg(test)]
mod fixture;
mod history;
mod hooks;
mod ident;
mod leftovers;
mod lookup;
mod objects;
mod own;
mod place;
mod program;
pub mod raw_commit;
mod raw_error;
pub mod raw_tag;
mod raw_tree;
mod refs;
mod refuse;
mod remote;
mod repository;
mod snapshot;
mod stage;
mod staged;
mod twins;
mod undo;
mod versions;
mod work_tree;
mod write;

pub use branch::{Branch, Note};
pub use error::{Error, Result};
pub use everything::ObjectKind;
pub use history::Commit;
pub use ident::{Identity, IdentityError, Stamp};
pub use own::{own_path, own_text};
pub use raw_error::RawError;
pub use refs::{NotATag, RefName, TagObject, TagRef};
pub use remote::PushRef;
pub use repository::Repository;
pub use snapshot::{PathProblem, Snapshot};
pub use undo::TakenBack;
pub use versions::BlobVersion;
pub use work_tree::blob_id;
pub use write::{CommitRequest, PreparedCommit};
