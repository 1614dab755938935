//! What a proof of freshness proves, what it does not, and what could not be looked at: in words,
//! because a reader must not take a lower bound for more than that.

use super::check::Material;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What follows from a proof in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proves {
    /// The text was not completed before that; `None` when no header bears it out.
    pub not_before: Option<DateTime<Utc>>,
    /// The block that says so.
    pub block: Option<BlockProof>,
    /// What does not follow.
    pub limits: Vec<&'static str>,
    /// What could not be looked at, and what to bring.
    pub unchecked: Vec<String>,
}

/// A block whose header was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockProof {
    /// Its hash.
    pub hash: String,
    /// Its height, as the evidence says; a header does not hold it.
    pub height: Option<u64>,
    /// When it was made, by its miner's clock.
    pub time: DateTime<Utc>,
    /// A forged one costs about 2 to that many hashes.
    pub work: u32,
}

/// What follows from a proof, as far as it can be told offline.
pub fn proves(material: &Material<'_>) -> Proves {
    let block = checked_block(material);
    Proves {
        not_before: block.as_ref().map(|block| block.time),
        limits: limits(material, block.is_some()),
        unchecked: unchecked(material),
        block,
    }
}

fn checked_block(material: &Material<'_>) -> Option<BlockProof> {
    let mined = material.mined()?.ok()?;
    let hash = material.canary.proof.block?.hash.to_owned();
    let kept = material.evidence.and_then(|evidence| evidence.block.as_ref());
    let height = kept.filter(|kept| kept.hash == hash).and_then(|kept| kept.height);
    Some(BlockProof { hash, height, time: mined.time, work: mined.work })
}

fn limits(material: &Material<'_>, has_block: bool) -> Vec<&'static str> {
    let mut limits =
        vec!["that it was completed soon after: whoever has the evidence can write a text later"];
    if has_block {
        limits.push("that the block is in the longest chain: compare its hash with any explorer");
    }
    if !material.canary.proof.sources.is_empty() {
        limits
            .push("that the headlines appeared as they stand: look them up, feeds are not signed");
    }
    limits
}

fn unchecked(material: &Material<'_>) -> Vec<String> {
    let mut unchecked = Vec::new();
    if material.evidence.is_none() {
        unchecked
            .push("there is no evidence beside it, so the text alone was looked at".to_owned());
    }
    match (material.canary.proof.block, material.mined()) {
        (None, _) => {
            unchecked.push("the text names no block, so nothing in it has a time".to_owned())
        }
        (Some(_), None) => unchecked.push(
            "when the block was made: there is no header of it; bring it with --header FILE"
                .to_owned(),
        ),
        (Some(_), Some(_)) => {}
    }
    let kept = material.evidence.iter().flat_map(|evidence| &evidence.sources);
    let at_hand = |name: &str| material.feeds.iter().any(|feed| feed.name == name);
    let absent = kept.filter(|kept| kept.sha256.is_some() && !at_hand(&kept.name));
    let absent: Vec<&str> = absent.map(|kept| kept.name.as_str()).collect();
    if !absent.is_empty() {
        let names = absent.join(", ");
        unchecked.push(format!("the SHA-256 of the feeds, which are not at hand: {names}"));
    }
    if material.signed.is_empty() {
        unchecked.push("times of signatures: nobody has signed it".to_owned());
    }
    unchecked
}
