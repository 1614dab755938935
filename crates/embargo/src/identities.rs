//! Secret keys that open sealed drafts: age identity files, the same under a passphrase, and
//! OpenSSH Ed25519 keys. Plugins are started only when the caller allows them.

use crate::plugin::{self, PluginIdentity};
use crate::{IdentityError, PluginError, Plugins, SecretString};
#[cfg(test)]
use age::secrecy::ExposeSecret;
use age::secrecy::zeroize::Zeroizing;
use age::ssh;

/// The most work that a passphrase may cost, as a power of two: 1 GiB of memory, some seconds.
const MAX_WORK: u8 = 20;

/// Identities that are ready for use.
#[derive(Default)]
pub struct Identities {
    keys: Vec<Box<dyn age::Identity + Send + Sync>>,
    plugins: Vec<PluginIdentity>,
}

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
        write!(f, "Identities({}, {} of plugins)", self.keys.len(), self.plugins.len())
    }
}

impl Identities {
    /// Adds those of another file.
    pub fn add(&mut self, other: Identities) {
        self.keys.extend(other.keys);
        self.plugins.extend(other.plugins);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.plugins.is_empty()
    }

    /// Plugins come last: whoever can read without one is not asked for anything.
    pub(crate) fn each(&self) -> impl Iterator<Item = &dyn age::Identity> {
        let keys = self.keys.iter().map(|identity| identity.as_ref() as &dyn age::Identity);
        keys.chain(self.plugins.iter().map(|identity| identity as &dyn age::Identity))
    }

    /// The error for a key that did not fit, when a plugin gave it.
    pub(crate) fn blamed(&self) -> Option<PluginError> {
        self.plugins.iter().find_map(PluginIdentity::blamed)
    }
}

impl IdentityFile {
    /// Reads the bytes of an identity file, which may be one of these plugins.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn read(bytes: &[u8], plugins: &Plugins) -> Result<Self, IdentityError> {
        if bytes.starts_with(b"age-encryption.org/") || bytes.starts_with(b"-----BEGIN AGE ") {
            return Ok(IdentityFile::Locked(Locked(Lock::Age(Zeroizing::new(bytes.to_vec())))));
        }
        if bytes.starts_with(b"-----BEGIN ") {
            return of_ssh(bytes);
        }
        plain(bytes, plugins).map(IdentityFile::Open)
    }
}

fn plain(bytes: &[u8], plugins: &Plugins) -> Result<Identities, IdentityError> {
    let text = std::str::from_utf8(bytes).map_err(|_| IdentityError::NotAnIdentity)?;
    let is_theirs = |line: &&str| line.starts_with(plugin::PREFIX);
    let theirs = text.lines().filter(is_theirs).map(|line| plugins.identity(line.trim_end()));
    let found = Identities { plugins: theirs.collect::<Result<_, _>>()?, keys: ours(text)? };
    if found.is_empty() { Err(IdentityError::NotAnIdentity) } else { Ok(found) }
}

/// The keys of age itself in an identity file.
fn ours(text: &str) -> Result<Vec<Box<dyn age::Identity + Send + Sync>>, IdentityError> {
    let mut lines = Zeroizing::new(String::with_capacity(text.len() + 1));
    for line in text.lines().filter(|line| !line.starts_with(plugin::PREFIX)) {
        lines.push_str(line);
        lines.push('\n');
    }
    let file = age::IdentityFile::from_buffer(lines.as_bytes());
    let found = file.map_err(|_| IdentityError::NotAnIdentity)?.into_identities();
    found.map_err(|_| IdentityError::NotAnIdentity)
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
        Ok(ssh::Recipient::SshEd25519(..)) => {
            Ok(Identities { keys: vec![Box::new(identity)], plugins: Vec::new() })
        }
        Ok(ssh::Recipient::SshRsa(..)) | Err(_) => Err(IdentityError::SshKind),
    }
}

impl Locked {
    /// Unlocks it.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn unlock(
        self,
        passphrase: SecretString,
        plugins: &Plugins,
    ) -> Result<Identities, IdentityError> {
        match self.0 {
            Lock::Age(bytes) => unlock_age(&bytes, passphrase, plugins),
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

fn unlock_age(
    bytes: &[u8],
    passphrase: SecretString,
    plugins: &Plugins,
) -> Result<Identities, IdentityError> {
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
    plain(&inside, plugins)
}

/// A new age identity and its public key, for tests.
#[cfg(test)]
pub(crate) fn generate() -> (Identities, secpack_pack::policy::RecipientKey) {
    let identity = age::x25519::Identity::generate();
    let key = identity.to_public().to_string().parse().expect("a key");
    let text = identity.to_string();
    let file = IdentityFile::read(text.expose_secret().as_bytes(), &no_plugins());
    let Ok(IdentityFile::Open(identities)) = file else { panic!("an open identity") };
    (identities, key)
}

/// No plugin is allowed.
#[cfg(test)]
pub(crate) fn no_plugins() -> Plugins {
    Plugins::new(|_, _| crate::Reply::Nobody, std::time::Duration::ZERO)
}
