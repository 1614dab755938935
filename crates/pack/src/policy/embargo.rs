//! Drafts under embargo: who may read them, where they lie sealed, what may be said before the date.

use super::{Contradiction, Policy};
use crate::{PackPath, RecipientId, TrackId};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// How sealed drafts are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Embargo {
    /// The folder in the pack that holds sealed drafts.
    pub folder: PackPath,
    /// Text or bytes.
    pub form: SealedForm,
    /// The time of day, UTC, at which an embargo of which only the day is known ends.
    #[serde(deserialize_with = "time_of_day")]
    pub time: NaiveTime,
}

impl Default for Embargo {
    fn default() -> Self {
        Self {
            folder: "embargo".parse().expect("a valid path"),
            form: SealedForm::Armored,
            time: NaiveTime::from_hms_opt(12, 0, 0).expect("a valid time"),
        }
    }
}

impl Embargo {
    /// When an embargo that names only a day ends.
    pub fn end_of(&self, day: NaiveDate) -> DateTime<Utc> {
        day.and_time(self.time).and_utc()
    }
}

/// How a sealed draft is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealedForm {
    /// Base64 in lines, which Git and mail carry unharmed.
    #[default]
    Armored,
    /// Bytes: a quarter smaller.
    Binary,
}

/// Somebody who may read sealed drafts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Who it is: a member, or a partner outside the team.
    pub name: RecipientId,
    /// Their public key.
    pub key: RecipientKey,
}

/// The public key of a recipient: `age1...` (X25519) or `ssh-ed25519 ...`, as one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecipientKey(String);

/// Why a text is no key of a recipient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{shown}\" is no key to seal to: {why}")]
pub struct RecipientKeyError {
    shown: String,
    why: &'static str,
}

impl RecipientKey {
    /// The key as age writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RecipientKey {
    type Err = RecipientKeyError;

    fn from_str(text: &str) -> Result<Self, RecipientKeyError> {
        canonical(text).map(Self).map_err(|why| {
            let shown: String = text.chars().take(24).collect();
            RecipientKeyError { shown: crate::escape(&shown), why }
        })
    }
}

/// The key without a comment behind it.
fn canonical(text: &str) -> Result<String, &'static str> {
    let is_data = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() && c != '1';
    if text.len() > 1024 {
        return Err("it is longer than 1024 bytes");
    }
    if let Some(data) = text.strip_prefix("age1") {
        return match data {
            _ if data.len() == 58 && data.chars().all(is_data) => Ok(text.to_owned()),
            _ if data.contains('1') => Err("it belongs to a plugin, and plugins are off"),
            _ => Err("an X25519 key of age has 62 lower-case characters"),
        };
    }
    if let Some(rest) = text.strip_prefix("ssh-ed25519 ") {
        let blob = rest.split(' ').next().unwrap_or_default();
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        return match blob.len() == 68 && blob.chars().all(is_base64) {
            true => Ok(format!("ssh-ed25519 {blob}")),
            false => Err("the key after ssh-ed25519 has another length"),
        };
    }
    Err("only age1... (X25519) and ssh-ed25519 keys count; no passphrases, no RSA")
}

impl fmt::Display for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl serde::Serialize for RecipientKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RecipientKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What may be said before the date about an issue of this kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Its name, such as `private`.
    pub id: TrackId,
    /// The first day of the announcement, in days before the date; nothing is said when absent.
    pub announce_from: Option<u32>,
    /// Its last day, in days before the date.
    #[serde(default)]
    pub announce_until: u32,
    /// What it may tell.
    #[serde(default)]
    pub says: Vec<Said>,
}

/// What an announcement before the date may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// The day on which the embargo ends.
    Date,
    /// How grave it is, in one word.
    Severity,
}

impl Policy {
    /// How drafts under embargo are kept; `None` where the policy does not speak of it.
    pub fn embargo(&self) -> Option<&Embargo> {
        self.file.embargo.as_ref()
    }

    /// Who may read sealed drafts, in the order of the file.
    pub fn recipients(&self) -> &[Recipient] {
        &self.file.recipient
    }

    /// The tracks, in the order of the file.
    pub fn tracks(&self) -> &[Track] {
        &self.file.track
    }
}

/// Somebody must be able to read, nobody twice, and whoever bears a member's name is that member.
pub(super) fn contradictions(policy: &Policy) -> Vec<Contradiction> {
    let at = |place: String, text: String| Contradiction { place, text };
    let mut found = Vec::new();
    let (recipients, embargo) = (policy.recipients(), policy.embargo());
    if recipients.is_empty() && embargo.is_some() {
        found.push(at("[embargo]".to_owned(), "no [[recipient]] could read a draft".to_owned()));
    }
    if embargo.is_none() && !recipients.is_empty() {
        found.push(at("[[recipient]]".to_owned(), "there is no [embargo] to read".to_owned()));
    }
    let mut seen: BTreeMap<&RecipientKey, &RecipientId> = BTreeMap::new();
    for recipient in recipients {
        if let Some(other) = seen.insert(&recipient.key, &recipient.name) {
            let place = format!("[[recipient]] {}", recipient.name);
            found.push(at(place, format!("its key belongs to \"{other}\" already")));
        }
    }
    for track in policy.tracks() {
        if track.announce_from.is_some_and(|from| from < track.announce_until) {
            let place = format!("[[track]] {}", track.id);
            found.push(at(place, "announce_from is nearer than announce_until".to_owned()));
        }
    }
    found.extend(series_in(policy).map(|series| {
        at("[embargo]".to_owned(), format!("its folder holds documents of series \"{series}\""))
    }));
    found
}

/// Series whose documents would lie among the sealed drafts.
fn series_in(policy: &Policy) -> impl Iterator<Item = &crate::SeriesId> {
    let folder = policy.embargo().map(|embargo| embargo.folder.as_str());
    policy.series().iter().filter_map(move |series| {
        let same = series.paths.iter().any(|path| Some(path.folder()) == folder);
        same.then_some(&series.id)
    })
}

fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M")
        .map_err(|_| serde::de::Error::custom("a time of day is written \"12:00\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_two_kinds_count() {
        let check = |text: &str, good: bool| {
            assert_eq!(text.parse::<RecipientKey>().is_ok(), good, "{text}");
        };
        let x25519 = format!("age1{}", "q".repeat(58));
        let ssh = format!("ssh-ed25519 {}", "A".repeat(68));
        check(&x25519, true);
        check(&ssh, true);
        let with_comment: RecipientKey = format!("{ssh} ann@laptop").parse().expect("a key");
        assert_eq!(with_comment.as_str(), ssh);
        for bad in ["", "age1", "age1yubikey1qqqq", "ssh-rsa AAAA", "ssh-ed25519 AAAA", "scrypt"] {
            check(bad, false);
        }
        check(&x25519.to_uppercase(), false);
        check(&format!("{x25519}\n"), false);
    }

    #[test]
    fn a_day_alone_ends_at_the_time_of_the_policy() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day");
        assert_eq!(Embargo::default().end_of(day).to_rfc3339(), "2026-03-10T12:00:00+00:00");
    }
}
