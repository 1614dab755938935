//! The header of an age file, as anybody can read it: how many recipients, and of which kind.
//!
//! Who they are stays hidden. But a passphrase, a plugin's recipient or one recipient too many
//! shows, and is refused before anything is decrypted. Format: age-encryption.org/v1, "Header".

use secpack_pack::escape;
use secpack_pack::policy::RecipientKey;

/// Largest header, in bytes: 64 recipients take less than a tenth of it.
const MAX_HEADER: usize = 64 * 1024;
/// More recipients than any team has.
const MAX_RECIPIENTS: usize = 64;

/// How many recipients of each kind a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Header {
    /// Native recipients.
    pub x25519: usize,
    /// SSH recipients.
    pub ssh: usize,
}

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not an age file of version 1.
    #[error("it is not an age file")]
    NotAge,
    /// Too large, or too many recipients.
    #[error("its header is larger than that of any sealed draft")]
    TooLarge,
    /// Whoever knows a passphrase could read it.
    #[error("it is sealed with a passphrase, so nobody knows who can read it")]
    Passphrase,
    /// A recipient of a kind that no policy can name.
    #[error("it is sealed to a recipient of kind {0}, which the policy cannot name")]
    Foreign(String),
}

impl Header {
    /// Reads the header of a file without armor.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn of(bytes: &[u8]) -> Result<Self, HeaderError> {
        let mut lines = lines(&bytes[..bytes.len().min(MAX_HEADER)]);
        if lines.next() != Some(b"age-encryption.org/v1") {
            return Err(HeaderError::NotAge);
        }
        let mut header = Self::default();
        for line in lines {
            if line.starts_with(b"--- ") {
                return Ok(header);
            }
            if let Some(stanza) = line.strip_prefix(b"-> ") {
                header.count(&String::from_utf8_lossy(stanza))?;
            }
        }
        Err(if bytes.len() > MAX_HEADER { HeaderError::TooLarge } else { HeaderError::NotAge })
    }

    /// The header that a file for these recipients has.
    pub fn for_keys<'a>(keys: impl IntoIterator<Item = &'a RecipientKey>) -> Self {
        let mut header = Self::default();
        for key in keys {
            if key.as_str().starts_with("ssh-") {
                header.ssh += 1;
            } else {
                header.x25519 += 1;
            }
        }
        header
    }

    /// All of them.
    pub fn recipients(&self) -> usize {
        self.x25519 + self.ssh
    }

    fn count(&mut self, stanza: &str) -> Result<(), HeaderError> {
        match stanza.split(' ').next().unwrap_or_default() {
            "X25519" => self.x25519 += 1,
            "ssh-ed25519" => self.ssh += 1,
            "scrypt" => return Err(HeaderError::Passphrase),
            // rage and this program add one that nobody can open, so that readers stay tolerant.
            grease if grease.ends_with("-grease") => {}
            other => {
                let shown: String = other.chars().take(40).collect();
                return Err(HeaderError::Foreign(escape(&shown)));
            }
        }
        if self.recipients() > MAX_RECIPIENTS { Err(HeaderError::TooLarge) } else { Ok(()) }
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stanzas: &[&str], expected: Result<(usize, usize), HeaderError>) {
        let stanzas: String = stanzas.iter().map(|s| format!("-> {s} abc\nbody\n")).collect();
        let file = format!("age-encryption.org/v1\n{stanzas}--- mac\npayload");
        let found = Header::of(file.as_bytes());
        assert_eq!(found.map(|header| (header.x25519, header.ssh)), expected);
    }

    #[test]
    fn kinds_are_counted_and_others_refused() {
        check(&["X25519", "X25519", "ssh-ed25519"], Ok((2, 1)));
        check(&["X25519", "ab-grease"], Ok((1, 0)));
        check(&["scrypt"], Err(HeaderError::Passphrase));
        check(&["X25519", "piv-p256"], Err(HeaderError::Foreign("piv-p256".to_owned())));
        check(&["ssh-rsa"], Err(HeaderError::Foreign("ssh-rsa".to_owned())));
        check(&["X25519"; 65], Err(HeaderError::TooLarge));
    }

    #[test]
    fn what_has_no_end_is_no_header() {
        assert_eq!(Header::of(b""), Err(HeaderError::NotAge));
        assert_eq!(Header::of(b"age-encryption.org/v1\n-> X25519 a\n"), Err(HeaderError::NotAge));
        assert_eq!(Header::of(b"age-encryption.org/v2\n--- "), Err(HeaderError::NotAge));
        let long = format!("age-encryption.org/v1\n{}", "x\n".repeat(MAX_HEADER));
        assert_eq!(Header::of(long.as_bytes()), Err(HeaderError::TooLarge));
    }
}
