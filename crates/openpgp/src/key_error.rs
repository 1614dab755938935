//! Why work on a certificate could not be done.

use crate::signer::SignError;
use secpack_pack::Fingerprint;

/// Why a key or a signature over a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The user id is empty, or holds a line break or a control character.
    #[error("a user id is one line such as \"Ann <ann@example.org>\"")]
    UserId,
    /// The certificate cannot be read, or has no user id with a self-signature.
    #[error("the certificate cannot be used: {0}")]
    Certificate(String),
    /// The certificate is that of the certifying key.
    #[error("{0} cannot certify itself; give the root's key")]
    Itself(Fingerprint),
    /// The secret half is of another key than the certificate.
    #[error("the key file holds {found}, not {wanted}")]
    OtherKey {
        /// The key that was asked for.
        wanted: Fingerprint,
        /// The key in the file.
        found: Fingerprint,
    },
    /// Only subkeys have their secret half in the file.
    #[error("the secret half of the primary key of {0} is not in the file")]
    NoPrimarySecret(Fingerprint),
    /// The new date is not later than the one that holds.
    #[error("{0} lasts longer already: {1}")]
    NotLater(Fingerprint, String),
    /// The new date has passed.
    #[error("{0} has passed already")]
    Past(String),
    /// A self-signature that is dated later would win over the new one.
    #[error("a self-signature of {0} is dated {1}, which is not before now; check the clock")]
    Clock(Fingerprint, String),
    /// The key is revoked, which nothing undoes.
    #[error("{0} is {1}; nothing undoes that")]
    Revoked(Fingerprint, String),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] SignError),
    /// The crypto library failed.
    #[error("it could not be made: {0}")]
    Failed(String),
}

impl KeyError {
    /// Whatever sequoia says went wrong.
    pub(crate) fn failed(error: sequoia_openpgp::anyhow::Error) -> Self {
        KeyError::Failed(error.to_string())
    }
}
