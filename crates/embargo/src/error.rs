//! Why something could not be sealed or opened.

use crate::{HeaderError, LetterError, PluginError, PluginName};
use secpack_pack::RecipientId;

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Nobody could read it.
    #[error("the policy names no recipient")]
    NoRecipients,
    /// The key of a recipient is none.
    #[error("the key of recipient {0} is damaged")]
    Recipient(RecipientId),
    /// The letter is larger than what is opened again.
    #[error("the draft is too large to be sealed")]
    TooLarge,
    /// The letter could not be written.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// age refused.
    #[error("it could not be encrypted: {0}")]
    Age(String),
}

/// Why a sealed file was not opened. Nothing of its content is in here.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Larger than [`crate::MAX_SEALED`].
    #[error("{0} bytes is too large for a sealed draft")]
    TooLarge(usize),
    /// Its armor is damaged.
    #[error("its armor is damaged: {0}")]
    Armor(String),
    /// Its header is refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// None of the identities is one of its recipients.
    #[error("none of the identities opens it")]
    NoIdentity,
    /// The plugin that was asked did not help.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// Decryption failed: bytes were changed, or are missing.
    #[error("it was changed or cut off: {0}")]
    Damaged(String),
    /// What is inside is no signed letter.
    #[error(transparent)]
    Letter(#[from] LetterError),
}

/// Why an identity file cannot be used. Nothing of its content is in here.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// It holds something else.
    #[error("it holds no age or ssh-ed25519 identity")]
    NotAnIdentity,
    /// An identity that a plugin would have to use, which nobody named.
    #[error("it holds an identity of the plugin {0}, and plugins are off unless you name them")]
    Plugin(PluginName),
    /// An SSH key of another kind.
    #[error("only ssh-ed25519 keys open sealed drafts")]
    SshKind,
    /// The passphrase does not unlock it, or it asks for too much work.
    #[error("the passphrase does not unlock it")]
    Passphrase,
}
