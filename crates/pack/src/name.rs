//! Short names that reach file names, tag names and command lines: strict by construction.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a {what}: use 1 to 32 of a-z 0-9 - _ and start with a letter or digit")]
pub struct NameError {
    what: &'static str,
    text: String,
}

/// What a name stands for; keeps a member's name from being taken for a series.
pub trait Kind {
    /// The noun used in errors.
    const WHAT: &'static str;
}

/// Marker for [`MemberId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfMember {}
/// Marker for [`SeriesId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfSeries {}
/// Marker for [`GroupId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfGroup {}
/// Marker for [`RootId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfRoot {}
/// Marker for [`RecipientId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfRecipient {}
/// Marker for [`TrackId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfTrack {}

impl Kind for OfMember {
    const WHAT: &'static str = "member name";
}
impl Kind for OfSeries {
    const WHAT: &'static str = "series name";
}
impl Kind for OfGroup {
    const WHAT: &'static str = "key group name";
}
impl Kind for OfRoot {
    const WHAT: &'static str = "root name";
}
impl Kind for OfRecipient {
    const WHAT: &'static str = "recipient name";
}
impl Kind for OfTrack {
    const WHAT: &'static str = "track name";
}

/// A name of 1 to 32 characters from `a-z 0-9 - _` that starts with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name<K>(String, PhantomData<K>);

/// The short name of a team member, as it stands in `FILE.sig.MEMBER` and in tag names.
pub type MemberId = Name<OfMember>;
/// The name of a series of documents, such as `bulletin` or `canary`.
pub type SeriesId = Name<OfSeries>;
/// The name of a group of keys in the policy.
pub type GroupId = Name<OfGroup>;
/// The name of a root: a key that certifies others.
pub type RootId = Name<OfRoot>;
/// The name of somebody who may read sealed drafts.
pub type RecipientId = Name<OfRecipient>;
/// The name of a track: what may be said of an issue before its date.
pub type TrackId = Name<OfTrack>;

impl<K> Name<K> {
    /// The bare name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<K: Kind> FromStr for Name<K> {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let first_ok = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let rest_ok = text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
        if first_ok && rest_ok && text.len() <= 32 {
            return Ok(Self(text.to_owned(), PhantomData));
        }
        let shown: String = text.chars().take(40).collect();
        Err(NameError { what: K::WHAT, text: crate::escape(&shown) })
    }
}

impl<K> fmt::Display for Name<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<K> serde::Serialize for Name<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, K: Kind> serde::Deserialize<'de> for Name<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_narrow() {
        for good in ["alice", "a", "7of9", "jean-luc", "m_2"] {
            assert!(good.parse::<MemberId>().is_ok(), "{good}");
        }
        for bad in ["", "-rf", "Alice", "a b", "a/b", "..", "a\n", "é", "_x", &"a".repeat(33)] {
            assert!(bad.parse::<MemberId>().is_err(), "{bad:?}");
        }
    }
}
