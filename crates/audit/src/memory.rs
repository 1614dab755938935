//! What a reader saw last of one pack: the guard against rollback and freeze.
//!
//! A repository alone cannot show that it is an old one, because everything in it was good once.
//! Only what the reader remembers can. Everything here is pure: reading and writing the file is
//! the program's part.

mod ancestry;
mod compare;
mod news;
mod present;
mod refusal;
#[cfg(test)]
mod tests;

pub use ancestry::{Ancestry, ancestry};
pub use compare::{compare, rolled_back};
pub use news::{Change, ReadBlob, changes, standing};
pub(crate) use present::Facts;
pub use present::Present;

use chrono::{DateTime, NaiveDate, Utc};
use secpack_pack::{Fingerprint, MemberId, ObjectId, PackPath, SeriesId, escape};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The schema of [`Memory`].
pub const SCHEMA: &str = "secpack/memory/1";

/// What a reader saw last of the pack that rests on one anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The name of the pack, for people.
    pub pack: String,
    /// What the pack rests on; a pack is known by this and by nothing else.
    pub anchor: Fingerprint,
    /// The commit.
    pub head: ObjectId,
    /// The pack's own policy. One that the reader brought is theirs to change, so it is not here.
    pub policy: Option<SeenPolicy>,
    /// The newest good canary of each series.
    pub canaries: Vec<SeenCanary>,
    /// Complete documents, with their blobs.
    pub documents: BTreeMap<PackPath, ObjectId>,
    /// Good signature files, with their blobs.
    pub signatures: BTreeMap<PackPath, ObjectId>,
    /// Blobs of evidence of freshness that fits, by the path of the complete canary.
    #[serde(default)]
    pub evidence: BTreeMap<PackPath, ObjectId>,
    /// SHA-256 of complete statements, such as fund addresses.
    pub statements: BTreeMap<PackPath, String>,
    /// Members of whom a good tag was there.
    pub taggers: BTreeSet<MemberId>,
    /// The newest time that was seen: on a clock, or in a good signature.
    pub newest_time: DateTime<Utc>,
}

/// A version of the pack's own policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenPolicy {
    /// Its version.
    pub version: u32,
    /// SHA-256 of its file, in lower-case hex.
    pub sha256: String,
}

/// A canary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenCanary {
    /// Its series.
    pub series: SeriesId,
    /// Its number.
    pub number: Option<u32>,
    /// The date of issue.
    pub date: Option<NaiveDate>,
}

/// Why a text is not a memory.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// Not JSON, or not with the fields of this schema.
    #[error("it is damaged")]
    Damaged(#[source] serde_json::Error),
    /// Written by another version of this program.
    #[error("its schema is \"{}\"; this version reads \"{SCHEMA}\"", escape(.0))]
    Schema(String),
    /// It speaks of another pack than its name says.
    #[error("it speaks of the anchor {0}")]
    OtherAnchor(Fingerprint),
}

impl Memory {
    /// Reads what [`Memory::to_json`] wrote about the pack of this anchor.
    ///
    /// # Errors
    /// [`MemoryError`]. A memory that cannot be read is never taken for an empty one.
    pub fn from_json(text: &[u8], anchor: &Fingerprint) -> Result<Self, MemoryError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: String,
        }
        let Schema { schema } = serde_json::from_slice(text).map_err(MemoryError::Damaged)?;
        if schema != SCHEMA {
            return Err(MemoryError::Schema(schema));
        }
        let memory: Self = serde_json::from_slice(text).map_err(MemoryError::Damaged)?;
        if &memory.anchor != anchor {
            return Err(MemoryError::OtherAnchor(memory.anchor));
        }
        Ok(memory)
    }

    /// The file's text: the same memory always gives the same bytes.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("every key is a string");
        text.push('\n');
        text
    }

    /// The file's name in the folder of memories.
    pub fn file_name(anchor: &Fingerprint) -> String {
        format!("{anchor}.json")
    }

    /// The later of the clock and the newest time seen: a clock that was set back must not make
    /// an overdue canary timely, nor an expired key valid.
    pub fn clock(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.max(self.newest_time)
    }
}
