//! Neutral names: a sealed draft is called by a random id, which tells neither number nor title.

use std::fmt;
use std::str::FromStr;

/// The id of a sealed draft: 16 lower-case hex digits, drawn at random.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealedId(String);

/// Why a text is not the id of a sealed draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed draft is called by 16 lower-case hex digits")]
pub struct SealedIdError;

impl SealedId {
    /// A new id.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SealedId {
    type Err = SealedIdError;

    fn from_str(text: &str) -> Result<Self, SealedIdError> {
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let good = text.len() == 16 && text.bytes().all(is_hex);
        if good { Ok(Self(text.to_owned())) } else { Err(SealedIdError) }
    }
}

impl fmt::Display for SealedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl serde::Serialize for SealedId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for SealedId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_random_and_strict() {
        let (one, two) = (SealedId::random().expect("an id"), SealedId::random().expect("an id"));
        assert_ne!(one, two);
        assert_eq!(one.as_str().parse::<SealedId>(), Ok(one));
        for bad in
            ["", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0", "../456789abcdef"]
        {
            assert!(bad.parse::<SealedId>().is_err(), "{bad}");
        }
    }
}
