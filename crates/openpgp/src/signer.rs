//! Signers: whatever can turn bytes into one detached signature.
//!
//! A signer is asked and never believed: callers judge what comes back as any reader will, and
//! [`refuse_fresh`] adds what holds for new signatures only.

mod agent;
mod card;
mod external;
mod key_file;

pub use agent::{Agent, agent_socket};
pub use external::External;
pub use key_file::KeyFile;
pub(crate) use key_file::secret_cert;

use crate::program::ProgramError;
use crate::{Judged, SignatureKind};
use chrono::{DateTime, Utc};
use secpack_pack::{Fingerprint, Reason, Verdict};

/// Why a signature could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The key file is not one OpenPGP secret key.
    #[error("the key file does not hold one OpenPGP secret key: {0}")]
    NotAKey(String),
    /// No key in it may sign now.
    #[error("{0} has no key that may sign now: {1}")]
    NoSigningKey(Fingerprint, &'static str),
    /// Its first moment is still to come.
    #[error("{0} was made on {date}, and the clock says {now}", date = .1.format("%F %R UTC"), now = .2.format("%F %R UTC"))]
    Ahead(Fingerprint, DateTime<Utc>, DateTime<Utc>),
    /// Every key in it that could sign has expired.
    #[error("{0} has no key that may sign now: it has expired")]
    Expired(Fingerprint),
    /// The passphrase does not unlock the key.
    #[error("the passphrase does not unlock {0}")]
    Passphrase(Fingerprint),
    /// The key is still locked.
    #[error("{0} is locked; its passphrase was not asked for")]
    Locked(Fingerprint),
    /// The signing operation itself failed.
    #[error("signing with {0} failed: {1}")]
    Failed(Fingerprint, String),
    /// The card that has the key is there and did not sign: a wrong PIN, a blocked one.
    #[error("signing with {0} on card {1} failed: {2}")]
    Card(Fingerprint, String, String),
    /// The card that has the key is not there, or another one is.
    #[error("signing with {0} failed: its card {1} is not in the reader")]
    NoCard(Fingerprint, String),
    /// There is no agent to talk to.
    #[error("gpg-agent does not answer at {0}: {1}")]
    NoAgent(String, String),
    /// The agent has none of these keys.
    #[error("gpg-agent has no secret key of {0}")]
    NotInAgent(String),
    /// A clearsigned document needs another type of signature than programs are asked for.
    #[error("{} is asked for detached signatures only, and this is a clearsigned document", .0.display())]
    TextByProgram(std::path::PathBuf),
    /// A program gave no signature.
    #[error(transparent)]
    Program(#[from] ProgramError),
}

/// Who asks a person before the next signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// The signer needs a passphrase from us first: asking for it is asking.
    Passphrase,
    /// The signer asks by itself: a pinentry, a card, another machine.
    Signer,
    /// Nobody, as far as is known.
    Nobody,
}

/// What is to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The exact bytes: a document, the text of a Git object, or a canonical text.
    pub bytes: &'a [u8],
    /// Bytes or text.
    pub kind: SignatureKind,
    /// The time taken for now; a program takes its own.
    pub made: DateTime<Utc>,
    /// In words, for signers that show it to a person.
    pub purpose: &'a str,
}

/// Something that signs as one certificate.
#[derive(Debug)]
pub enum Signer {
    /// A key out of a file.
    KeyFile(KeyFile),
    /// A key that gpg-agent keeps, on disk or on a smartcard.
    Agent(Agent),
    /// A program that takes the options of gpg.
    Program(External),
}

impl Signer {
    /// The certificate of the key that signs.
    pub fn primary(&self) -> &Fingerprint {
        match self {
            Signer::KeyFile(key) => key.primary(),
            Signer::Agent(agent) => agent.primary(),
            Signer::Program(program) => program.primary(),
        }
    }

    /// Who asks a person before the next signature.
    pub fn asks(&self) -> Asks {
        match self {
            Signer::KeyFile(key) if key.is_locked() => Asks::Passphrase,
            Signer::KeyFile(_) => Asks::Nobody,
            Signer::Agent(agent) => agent.asks(),
            Signer::Program(program) => program.asks(),
        }
    }

    /// Unlocks a key file; nothing else takes a passphrase from us.
    ///
    /// # Errors
    /// [`SignError::Passphrase`].
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), SignError> {
        match self {
            Signer::KeyFile(key) => key.unlock(passphrase),
            Signer::Agent(_) | Signer::Program(_) => Ok(()),
        }
    }

    /// One armored signature over exactly these bytes.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&mut self, order: &Order<'_>) -> Result<Vec<u8>, SignError> {
        match self {
            Signer::KeyFile(key) => key.sign(order),
            Signer::Agent(agent) => agent.sign(order),
            Signer::Program(program) => program.sign(order),
        }
    }
}

/// What is wrong with a signature that is otherwise good, but was made just now: no dated rule
/// excuses a weak hash, and the key that was asked is the one that answers.
///
/// # Errors
/// `weak-hash` and `wrong-member`.
pub fn refuse_fresh(judged: &Judged, asked: &Fingerprint) -> Result<(), Verdict> {
    if judged.weak_hash {
        let hash = judged.hash.as_deref().unwrap_or("its hash");
        let text = format!("{hash} does not count for a new signature");
        return Err(Verdict::new(Reason::WeakHash, text));
    }
    match &judged.primary {
        Some(primary) if primary == asked => Ok(()),
        Some(primary) => Err(Verdict::new(
            Reason::WrongMember,
            format!("made by the key {primary}; {asked} was asked"),
        )),
        None => Err(Verdict::new(Reason::UnknownKey, "no key is known for it")),
    }
}
