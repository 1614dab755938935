//! A full OpenPGP fingerprint. Key ids are refused: they are too short to name a key.

use std::fmt;
use std::str::FromStr;

/// A full fingerprint: 40 (v4) or 64 (v6) upper-case hex digits (RFC 9580, section 5.5.4).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

/// Why a text is not a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// A short or long key id (8 or 16 hex digits).
    #[error("\"{0}\" is a key id, not a fingerprint; give all 40 hex digits")]
    KeyId(String),
    /// Not hex, or not 40 or 64 digits.
    #[error("\"{0}\" is not a fingerprint (40 or 64 hex digits)")]
    NotAFingerprint(String),
}

impl Fingerprint {
    /// Upper-case hex without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The groups of four that people read aloud: ten groups, two spaces in the middle.
    pub fn spaced(&self) -> String {
        let groups: Vec<&str> =
            (0..self.0.len()).step_by(4).map(|at| &self.0[at..at + 4]).collect();
        let (left, right) = groups.split_at(groups.len() / 2);
        format!("{}  {}", left.join(" "), right.join(" "))
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Accepts either case, spaces between groups and a leading `0x`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.trim();
        let bare = bare.strip_prefix("0x").unwrap_or(bare);
        let digits: String = bare
            .chars()
            .filter(|c| *c != ' ' && *c != '\u{a0}')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let shown = || text.chars().take(80).collect::<String>();
        if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(FingerprintError::NotAFingerprint(shown()));
        }
        match digits.len() {
            40 | 64 => Ok(Self(digits)),
            8 | 16 => Err(FingerprintError::KeyId(shown())),
            _ => Err(FingerprintError::NotAFingerprint(shown())),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: &str = "00112233445566778899AABBCCDDEEFF00112233";

    #[test]
    fn accepts_what_people_paste() {
        for text in [
            V4.to_owned(),
            V4.to_lowercase(),
            format!("0x{V4}"),
            "0011 2233 4455 6677 8899  AABB CCDD EEFF 0011 2233".to_owned(),
        ] {
            assert_eq!(text.parse::<Fingerprint>().map(|f| f.0), Ok(V4.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_key_ids_and_noise() {
        assert!(matches!(
            "0011223344556677".parse::<Fingerprint>(),
            Err(FingerprintError::KeyId(_))
        ));
        assert!(matches!("DEADBEEF".parse::<Fingerprint>(), Err(FingerprintError::KeyId(_))));
        assert!(matches!("".parse::<Fingerprint>(), Err(FingerprintError::NotAFingerprint(_))));
        assert!(matches!("xyz".parse::<Fingerprint>(), Err(FingerprintError::NotAFingerprint(_))));
    }

    #[test]
    fn spaced_form_reads_back() {
        let fingerprint: Fingerprint = V4.parse().expect("valid");
        assert_eq!(fingerprint.spaced().parse::<Fingerprint>(), Ok(fingerprint));
    }
}
