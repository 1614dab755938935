//! Drafts under embargo: sealed with age for the people whom the policy names, and a guard that
//! knows what must not be said before the date.
//!
//! This room encrypts, decrypts and searches. Who wrote a draft is for OpenPGP to say: [`open`]
//! gives an [`Unverified`] letter, which keeps its text until the caller names the member whose
//! signature it verified.

mod announce;
mod digests;
mod error;
mod guard;
mod header;
mod identities;
mod letter;
mod noise;
mod open;
mod plugin;
mod seal;
mod sealed_id;
mod secrets;
mod talk;
#[cfg(test)]
mod tests;
mod words;

pub use age::secrecy::SecretString;
pub use announce::{AnnounceError, Announcement, announce};
pub use digests::{DigestList, GuardKey, GuardKeyError};
pub use error::{IdentityError, OpenError, SealError};
pub use guard::{Guard, Hit};
pub use header::{Header, HeaderError};
pub use identities::{Identities, IdentityFile, Locked};
pub use letter::{Letter, LetterError, SCHEMA, Unverified};
pub use noise::{Parted, parted, parted_object};
pub use open::{difference, open};
pub use plugin::{PluginError, PluginName, PluginNameError, Plugins, Reply, Request};
pub use seal::seal;
pub use sealed_id::{SealedId, SealedIdError};
pub use secrets::{Kind, Secrets};
pub use words::same_words;

/// Largest sealed file that is read, in bytes. Drafts are a thousand times smaller.
pub const MAX_SEALED: usize = 4 * 1024 * 1024;

/// How the name of a sealed draft ends.
pub const SUFFIX: &str = ".age";
