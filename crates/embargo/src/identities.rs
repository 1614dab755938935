//! Secret keys that open sealed drafts: age identity files, the same under a passphrase, and
//! OpenSSH Ed25519 keys. Plugins are not started.

use crate::{IdentityError, SecretString};
#[cfg(test)]
use age::secrecy::ExposeSecret;
use age::secrecy::zeroize::Zeroizing;
use age::ssh;

/// The most work that a passphrase may cost, as a power of two: 1 GiB of memory, some seconds.
const MAX_WORK: u8 = 20;

/// Identities that are ready for use.
#[derive(Default)]
pub struct Identities(Vec<Box<dyn age::Identity + Send + Sync>>);

/// What an identity file turned out to be.
pub enum IdentityFile {
    /// Ready for use.
    Open(Identities),
    /// It asks for its passphrase: see [`Locked::unlock`].
    Locked(Locked),
}

/// An identity file under a passphrase.
pub struct Locked(Lock);

enum Lock {
    Age(Zeroizing<Vec<u8>>),
    Ssh(Box<ssh::Identity>),
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identities({})", self.0.len())
    }
}

impl Identities {
    /// Adds those of another file.
    pub fn add(&mut self, other: Identities) {
        self.0.extend(other.0);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|identity| identity.as_ref() as &dyn age::Identity)
    }
}

impl IdentityFile {
    /// Reads the bytes of an identity file.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn read(bytes: &[u8]) -> Result<Self, IdentityError> {
        if bytes.starts_with(b"age-encryption.org/") || bytes.starts_with(b"-----BEGIN AGE ") {
            return Ok(IdentityFile::Locked(Locked(Lock::Age(Zeroizing::new(bytes.to_vec())))));
        }
        if bytes.starts_with(b"-----BEGIN ") {
            return of_ssh(bytes);
        }
        plain(bytes).map(IdentityFile::Open)
    }
}

fn plain(bytes: &[u8]) -> Result<Identities, IdentityError> {
    let text = std::str::from_utf8(bytes).map_err(|_| IdentityError::NotAnIdentity)?;
    if text.lines().any(|line| line.starts_with("AGE-PLUGIN-")) {
        return Err(IdentityError::Plugin);
    }
    let file = age::IdentityFile::from_buffer(bytes).map_err(|_| IdentityError::NotAnIdentity)?;
    let found = file.into_identities().map_err(|_| IdentityError::NotAnIdentity)?;
    if found.is_empty() { Err(IdentityError::NotAnIdentity) } else { Ok(Identities(found)) }
}

fn of_ssh(bytes: &[u8]) -> Result<IdentityFile, IdentityError> {
    let identity = ssh::Identity::from_buffer(bytes, None);
    match identity.map_err(|_| IdentityError::NotAnIdentity)? {
        locked @ ssh::Identity::Encrypted(_) => {
            Ok(IdentityFile::Locked(Locked(Lock::Ssh(Box::new(locked)))))
        }
        other => Ok(IdentityFile::Open(ed25519(other)?)),
    }
}

/// RSA decryption in pure Rust leaks through its timing, so such keys are not used.
fn ed25519(identity: ssh::Identity) -> Result<Identities, IdentityError> {
    match ssh::Recipient::try_from(identity.clone()) {
        Ok(ssh::Recipient::SshEd25519(..)) => Ok(Identities(vec![Box::new(identity)])),
        Ok(ssh::Recipient::SshRsa(..)) | Err(_) => Err(IdentityError::SshKind),
    }
}

impl Locked {
    /// Unlocks it.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn unlock(self, passphrase: SecretString) -> Result<Identities, IdentityError> {
        match self.0 {
            Lock::Age(bytes) => unlock_age(&bytes, passphrase),
            Lock::Ssh(identity) => match *identity {
                ssh::Identity::Encrypted(key) => {
                    let key = key.decrypt(passphrase).map_err(|_| IdentityError::Passphrase)?;
                    ed25519(key.into())
                }
                open => ed25519(open),
            },
        }
    }
}

fn unlock_age(bytes: &[u8], passphrase: SecretString) -> Result<Identities, IdentityError> {
    let locked = age::armor::ArmoredReader::new(bytes);
    let decryptor =
        age::Decryptor::new_buffered(locked).map_err(|_| IdentityError::NotAnIdentity)?;
    let mut scrypt = age::scrypt::Identity::new(passphrase);
    scrypt.set_max_work_factor(MAX_WORK);
    if !decryptor.is_scrypt() {
        return Err(IdentityError::NotAnIdentity);
    }
    let reader = decryptor.decrypt(std::iter::once(&scrypt as &dyn age::Identity));
    let mut inside = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut reader = reader.map_err(|_| IdentityError::Passphrase)?;
    std::io::Read::read_to_end(&mut reader, &mut inside).map_err(|_| IdentityError::Passphrase)?;
    plain(&inside)
}

/// A new age identity and its public key, for tests.
#[cfg(test)]
pub(crate) fn generate() -> (Identities, secpack_pack::policy::RecipientKey) {
    let identity = age::x25519::Identity::generate();
    let key = identity.to_public().to_string().parse().expect("a key");
    let text = identity.to_string();
    let file = IdentityFile::read(text.expose_secret().as_bytes());
    let Ok(IdentityFile::Open(identities)) = file else { panic!("an open identity") };
    (identities, key)
}
