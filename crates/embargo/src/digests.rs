//! The secrets of a draft as keyed digests, for a guard that may not read the draft: a server.
//!
//! Without the key the list tells nothing but its rounded length. With the key, somebody can try
//! guesses: a number and a title can be guessed, a text hardly. So the list is only made where the
//! policy of a team wants it, and the key is a secret of the server.

use crate::SealedId;
use crate::guard::Hit;
use crate::secrets::{Kind, Secret, Secrets};
use age::secrecy::zeroize::Zeroize;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The schema that this version reads and writes.
const SCHEMA: &str = "secpack/embargo-digests/1";
/// Lists are filled up to a multiple of this with noise.
const ROUND: usize = 512;
/// Bytes of an entry: 64 bits of digest, so that chance does not match, and one for the kind.
const ENTRY: usize = 9;

/// The secret of a guard that may not read drafts.
pub struct GuardKey([u8; 32]);

/// Why a text is not the key of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of a guard is 64 hex digits")]
pub struct GuardKeyError;

/// The secrets of one sealed draft as keyed digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestList {
    schema: String,
    /// The sealed draft.
    pub sealed: SealedId,
    /// Digests by how many words they are over; noise looks the same.
    digests: BTreeMap<usize, BTreeSet<String>>,
}

impl Drop for GuardKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for GuardKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GuardKey")
    }
}

impl GuardKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`GuardKeyError`].
    pub fn parse(text: &str) -> Result<Self, GuardKeyError> {
        let digits = text.trim_end().as_bytes();
        if digits.len() != 64 {
            return Err(GuardKeyError);
        }
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
            let digit = |d: u8| char::from(d).to_digit(16).ok_or(GuardKeyError);
            *byte =
                u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).map_err(|_| GuardKeyError)?;
        }
        Ok(Self(key))
    }

    /// What stands in a key file.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n"
    }

    fn mac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes keys of any length")
    }
}

/// The digest of words, and a byte that hides which kind of secret they are.
fn digest(mac: &Hmac<Sha256>, words: &[String]) -> (u64, u8) {
    let mut mac = mac.clone();
    for word in words {
        mac.update(word.as_bytes());
        mac.update(b" ");
    }
    let bytes = mac.finalize().into_bytes();
    let number = bytes.iter().take(ENTRY - 1).fold(0, |n, byte| n << 8 | u64::from(*byte));
    (number, bytes.get(ENTRY - 1).copied().unwrap_or_default())
}

impl DigestList {
    /// The list of a draft's secrets.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn of(secrets: &Secrets, key: &GuardKey) -> Result<Self, getrandom::Error> {
        let mut digests: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        let mac = key.mac();
        for Secret { kind, words } in &secrets.found {
            let (number, mask) = digest(&mac, words);
            let entry = format!("{number:016x}{:02x}", mask ^ *kind as u8);
            digests.entry(words.len()).or_default().insert(entry);
        }
        for list in digests.values_mut() {
            let size = list.len().next_multiple_of(ROUND);
            while list.len() < size {
                list.insert(noise()?);
            }
        }
        Ok(Self { schema: SCHEMA.to_owned(), sealed: secrets.id.clone(), digests })
    }

    /// Reads a list.
    ///
    /// # Errors
    /// When it is not the JSON of one.
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let list: Self = serde_json::from_slice(bytes)?;
        if list.schema == SCHEMA {
            return Ok(list);
        }
        Err(serde::de::Error::custom("another schema"))
    }

    /// The list as JSON.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The list made ready for looking with this key.
    pub(crate) fn ready(&self, key: &GuardKey) -> ReadyList<'_> {
        let entry = |text: &String| {
            let number = u64::from_str_radix(text.get(..16)?, 16).ok()?;
            Some((number, u8::from_str_radix(text.get(16..)?, 16).ok()?))
        };
        let sizes = self.digests.iter().filter(|(size, _)| **size > 0);
        let by_size = sizes.map(|(size, list)| (*size, list.iter().filter_map(entry).collect()));
        ReadyList { sealed: &self.sealed, mac: key.mac(), by_size: by_size.collect() }
    }
}

/// A list with the key that it was made with.
pub(crate) struct ReadyList<'a> {
    sealed: &'a SealedId,
    mac: Hmac<Sha256>,
    by_size: Vec<(usize, HashMap<u64, u8>)>,
}

impl ReadyList<'_> {
    /// Hits among the words in a row that count.
    pub(crate) fn look(
        &self,
        words: &[String],
        counts: impl Fn(&[String]) -> bool,
    ) -> BTreeSet<Hit> {
        let mut hits = BTreeSet::new();
        for (size, list) in &self.by_size {
            for window in words.windows(*size).filter(|window| counts(window)) {
                let (number, mask) = digest(&self.mac, window);
                let Some(hidden) = list.get(&number) else { continue };
                let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == hidden ^ mask);
                hits.extend(kind.map(|kind| Hit { sealed: self.sealed.clone(), kind }));
            }
        }
        hits
    }
}

/// An entry that no words have.
fn noise() -> Result<String, getrandom::Error> {
    let mut bytes = [0; ENTRY];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Guard;

    #[test]
    fn a_guard_with_digests_finds_the_same_and_the_list_says_nothing() {
        let mut secrets = Secrets::new("0123456789abcdef".parse().expect("an id"));
        secrets.number("SB-002");
        secrets.title("Overflow in the parser");
        let key = GuardKey::parse(&GuardKey::random().expect("a key").to_text()).expect("a key");
        let list = DigestList::of(&secrets, &key).expect("a list");
        let json = list.to_json().expect("JSON");
        assert!(!json.contains("parser") && !json.contains("sb"));
        let list = DigestList::parse(json.as_bytes()).expect("a list");
        assert!(list.digests.values().all(|digests| digests.len() == ROUND));
        let other = GuardKey::random().expect("a key");
        let lists = [list];
        let look = |key, text| Guard::default().with_digests(key, &lists).look(text).len();
        assert_eq!(look(&key, "sb-2: OVERFLOW in\nthe parser"), 2);
        assert_eq!(look(&key, "sb-3: overflow in a parser"), 0);
        assert_eq!(look(&other, "sb-2: OVERFLOW in\nthe parser"), 0);
        assert!(GuardKey::parse("12").is_err() && GuardKey::parse(&"x".repeat(64)).is_err());
    }
}
