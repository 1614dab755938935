//! The vocabulary of a security pack: names, paths, series, documents, members, policy.
//!
//! Everything here is plain data and pure functions. Nothing in this room reads a file, asks git,
//! or knows OpenPGP; other rooms hand bytes in and take typed values out.

mod document;
mod finding;
mod fingerprint;
mod name;
mod numbers;
mod object_id;
mod pack;
mod path;
mod pattern;
pub mod plaintext;
pub mod policy;
mod text;
mod verdict;

pub use document::{Document, DocumentId, SignatureFile};
pub use finding::{Finding, Level, finding_id};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use name::{GroupId, MemberId, NameError, RecipientId, RootId, SeriesId, TrackId};
pub use numbers::{NumberSet, NumberSetError};
pub use object_id::{ObjectId, ObjectIdError};
pub use pack::{Content, File, FileKind, KeyFile, Pack};
pub use path::{PackPath, PathError};
pub use pattern::{Captures, MAX_NUMBER, Pattern, PatternError, Values};
pub use policy::{Policy, PolicyError};
pub use text::{escape, shell_word};
pub use verdict::{Reason, Verdict};
