//! Evidence that a canary was not made before its date: headlines and a block, as fetched.
//!
//! Kept beside the canary as `FILE.freshness.json`, schema `secpack/freshness/1`. It gives a lower
//! bound only: whoever holds the evidence may sign later.

mod address;
mod block;
mod check;
mod feed;
mod fetch;
mod gather;
mod proves;

pub use block::{HEADER_BYTES, Mined, check_header, hash_of, read_header};
pub use check::{Material, SavedFeed, check, check_rules};
pub use feed::{MAX_FEED, brought_headlines, headlines};
pub use fetch::{Client, FetchError, Network, Reach};
pub use gather::{Brought, Lack, Shortage, gather};
pub use proves::{BlockProof, Proves, proves};

use crate::Error;
use chrono::{DateTime, Utc};
use secpack_pack::plaintext::{Door, MAX_BYTES, hidden};
use serde::{Deserialize, Serialize};

/// The schema that this version reads and writes.
pub const SCHEMA: &str = "secpack/freshness/1";

/// The longest headline, in characters; what is longer is cut.
const TITLE: usize = 300;

/// More sources than any canary names; each is compared with all others.
const MAX_SOURCES: usize = 64;

/// The evidence. Every headline in it is one visible line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    schema: String,
    /// When it was fetched.
    pub date: DateTime<Utc>,
    /// Headlines per source.
    pub sources: Vec<Headlines>,
    /// A block of the Bitcoin chain.
    pub block: Option<Block>,
}

/// The headlines of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headlines {
    /// What the source is called.
    pub name: String,
    /// Where it was fetched, or where a person read it.
    pub url: String,
    /// Its headlines, in its order.
    pub titles: Vec<String>,
    /// When it was fetched; `None` when a person brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<DateTime<Utc>>,
    /// SHA-256 of the feed as received or brought, 64 lower-case hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A block of the Bitcoin chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// What the source is called.
    pub name: String,
    /// Its hash, 64 lower-case hex digits.
    pub hash: String,
    /// Its height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// Where it was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its header of 80 bytes, 160 lower-case hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// When it was fetched; `None` when a person brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<DateTime<Utc>>,
}

impl Freshness {
    /// Evidence from what was fetched. Headlines are cleaned to one line each; everything else
    /// must be clean.
    ///
    /// # Errors
    /// [`Error::Value`] for a name or URL that may not be shown, [`Error::BlockHash`],
    /// [`Error::Freshness`] for a headline of which nothing is left.
    pub fn new(
        date: DateTime<Utc>,
        sources: Vec<Headlines>,
        block: Option<Block>,
    ) -> Result<Self, Error> {
        Self { schema: SCHEMA.to_owned(), date, sources, block }.clean()
    }

    /// Reads evidence that was kept or brought, through the same door as [`Freshness::new`].
    ///
    /// # Errors
    /// As [`Freshness::new`], and [`Error::Freshness`] when it is no JSON of this schema.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::Freshness("more than 1 MiB".to_owned()));
        }
        let read: Self = serde_json::from_str(text)
            .map_err(|error| Error::Freshness(secpack_pack::escape(&error.to_string())))?;
        if read.schema != SCHEMA {
            let schema = secpack_pack::escape(&read.schema);
            return Err(Error::Freshness(format!(
                "schema \"{schema}\"; this version reads \"{SCHEMA}\""
            )));
        }
        read.clean()
    }

    /// The evidence as JSON, one value per line, ending with a line feed.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("strings, numbers and times are JSON");
        json + "\n"
    }

    /// The names of what a person brought instead of fetching it.
    pub fn brought(&self) -> Vec<&str> {
        let feeds = self.sources.iter().filter(|source| source.fetched.is_none());
        let block = self.block.iter().filter(|block| block.fetched.is_none());
        feeds.map(|source| source.name.as_str()).chain(block.map(|b| b.name.as_str())).collect()
    }

    fn clean(self) -> Result<Self, Error> {
        if self.sources.len() > MAX_SOURCES {
            return Err(Error::Freshness(format!("more than {MAX_SOURCES} sources")));
        }
        let sources: Result<Vec<_>, Error> =
            self.sources.into_iter().map(Headlines::clean).collect();
        let block = self.block.map(Block::clean).transpose()?;
        Ok(Self { sources: sources?, block, ..self })
    }
}

impl Headlines {
    fn clean(self) -> Result<Self, Error> {
        let name = required("source name", &self.name)?;
        let url = required(&format!("URL of {name}"), &self.url)?;
        let titles: Option<Vec<String>> =
            self.titles.iter().map(|title| clean_title(title)).collect();
        let titles =
            titles.ok_or_else(|| Error::Freshness(format!("a headline of {name} is empty")))?;
        if self.sha256.as_deref().is_some_and(|digest| !is_block_hash(digest)) {
            return Err(Error::Freshness(format!("the sha256 of {name} is not 64 hex digits")));
        }
        Ok(Self { name, url, titles, ..self })
    }
}

impl Block {
    fn clean(self) -> Result<Self, Error> {
        let name = required("block source name", &self.name)?;
        if !is_block_hash(&self.hash) {
            return Err(Error::BlockHash(secpack_pack::escape(&self.hash)));
        }
        let url = self.url.map(|url| required(&format!("URL of {name}"), &url)).transpose()?;
        let is_header = |text: &String| read_header(text.as_bytes()).is_some();
        if self.header.as_ref().is_some_and(|header| !is_header(header)) {
            return Err(Error::Freshness(format!("the header of {name} is not 160 hex digits")));
        }
        Ok(Self { name, url, ..self })
    }

    /// The bytes of its header.
    pub fn header_bytes(&self) -> Option<[u8; HEADER_BYTES]> {
        read_header(self.header.as_ref()?.as_bytes())
    }
}

fn required(field: &str, value: &str) -> Result<String, Error> {
    let empty = || Error::Freshness(format!("the {field} is empty"));
    Door::line(field, value)?.ok_or_else(empty)
}

/// 64 lower-case hex digits.
pub(crate) fn is_block_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A headline as one visible line of at most 300 characters: line breaks and blanks of any kind
/// become one blank, control and invisible characters go. `None` when nothing is left.
pub fn clean_title(title: &str) -> Option<String> {
    let seen: String = title
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| hidden(c.encode_utf8(&mut [0; 4])).is_none())
        .collect();
    let line = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(TITLE).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::freshness;

    #[test]
    fn headlines_become_one_line() {
        let check = |title: &str, expected: Option<&str>| {
            assert_eq!(clean_title(title).as_deref(), expected, "{title:?}");
        };
        check("  Plain – “quoted”  ", Some("Plain – “quoted”"));
        check("One\nStatements\r\n----------\u{2028}Two", Some("One Statements ---------- Two"));
        check("a\u{a0}b\tc", Some("a b c"));
        check("a\u{1b}[2J\u{202e}b\u{0}\u{200b}", Some("a[2Jb"));
        check("\u{202e}\n", None);
        assert_eq!(clean_title(&"a".repeat(999)).map(|t| t.len()), Some(300));
    }

    #[test]
    fn json_comes_back() {
        let json = freshness().to_json();
        assert_eq!(Freshness::from_json(&json).expect("its own JSON"), freshness());
        assert!(json.starts_with("{\n  \"schema\": \"secpack/freshness/1\",\n"));
        let hostile = json.replace("Two ships meet", "Two\\u202e ships\\n\\n1. meet");
        let read = Freshness::from_json(&hostile).expect("cleaned");
        assert_eq!(read.sources[0].titles[1], "Two ships 1. meet");
    }

    #[test]
    fn what_is_no_evidence() {
        let json = freshness().to_json();
        let check = |old: &str, new: &str, expected: &str| {
            assert!(json.contains(old), "{old}");
            let refused = Freshness::from_json(&json.replacen(old, new, 1)).map(|_| ());
            let text = refused.expect_err("must be refused").to_string();
            assert!(text.contains(expected), "{text}");
        };
        check("freshness/1", "freshness/2", "this version reads");
        check("\"sources\"", "\"sauces\"", "unknown field");
        check("0000000000000000000", "000000000000000000G", "is not the hash of a block");
        check("Daily Example", "Daily\\nExample", "must be one line");
        check("Daily Example", "", "source name is empty");
        check("Two ships meet", "\\n", "a headline of Daily Example is empty");
        assert!(Freshness::from_json("[]").is_err());
        let one = freshness().sources.remove(0);
        let many = |count| Freshness::new(freshness().date, vec![one.clone(); count], None);
        assert!(many(MAX_SOURCES).is_ok());
        assert!(many(MAX_SOURCES + 1).is_err_and(|e| e.to_string().contains("more than 64")));
    }
}
