//! Checking a proof of freshness, offline: the text, the evidence beside it, the signatures.
//!
//! Nothing is asked of anybody. The block's header bears out its hash and its time; the rest is
//! compared.

use super::block::{Mined, check_header, hex};
use super::feed::brought_headlines;
use super::{Freshness, Headlines};
use crate::lint::proof::{other_day, repeats};
use crate::{Canary, Error};
use chrono::{DateTime, TimeDelta, Utc};
use secpack_pack::plaintext::{Hit, Place, Rule, RuleOf, findings};
use secpack_pack::{Finding, PackPath};
use sha2::{Digest, Sha256};

/// How far clocks may differ: the network takes blocks that are at most so far ahead of it.
pub(super) const SKEW: TimeDelta = TimeDelta::hours(2);

/// How much older than the proof a block at the tip may be; each block below it adds `BLOCK`.
const AGE: TimeDelta = TimeDelta::days(1);
const BLOCK: TimeDelta = TimeDelta::minutes(10);

/// A feed as a person saved it, and the source it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFeed {
    /// The name of the source.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Everything that a proof of freshness is checked with.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The canary.
    pub canary: &'a Canary<'a>,
    /// The evidence beside it.
    pub evidence: Option<&'a Freshness>,
    /// A header that a person brought; it counts before the one in the evidence.
    pub header: Option<&'a [u8]>,
    /// Feeds that are at hand.
    pub feeds: &'a [SavedFeed],
    /// Canaries before this one, with what people call them.
    pub earlier: &'a [(String, Canary<'a>)],
    /// Who signed it, and when, by good signatures.
    pub signed: &'a [(String, DateTime<Utc>)],
    /// How many blocks below the tip the policy takes its block.
    pub depth: u32,
}

impl Material<'_> {
    /// The header at hand, checked against the hash in the text; `None` when either is missing.
    pub(super) fn mined(&self) -> Option<Result<Mined, Error>> {
        let block = self.canary.proof.block?;
        let kept = self.evidence.and_then(|evidence| evidence.block.as_ref()?.header_bytes());
        match (self.header, kept) {
            (Some(header), _) => Some(check_header(header, block.hash)),
            (None, Some(header)) => Some(check_header(&header, block.hash)),
            (None, None) => None,
        }
    }

    fn block_time(&self) -> Option<DateTime<Utc>> {
        Some(self.mined()?.ok()?.time)
    }

    fn block_line(&self) -> u32 {
        self.canary.proof.block.map_or(1, |block| block.line)
    }
}

/// Everything that is wrong with a proof of freshness, in the order of the text.
pub fn check(bytes: &[u8], path: &PackPath, material: &Material<'_>) -> Vec<Finding> {
    findings(&Place::new(path, bytes), &table(), material)
}

/// Every rule of [`check`].
pub fn check_rules() -> Vec<Rule> {
    table().into_iter().map(|entry| entry.rule).collect()
}

fn table<'a>() -> [RuleOf<Material<'a>>; 10] {
    [
        RuleOf::error("evidence-date", "The evidence was fetched at another time.", date),
        RuleOf::error("evidence-headlines", "The evidence has other headlines.", titles),
        RuleOf::error("evidence-block", "The evidence has another block.", block),
        RuleOf::error("block-header", "Only its header bears out a hash.", header),
        RuleOf::error("block-old", "An old block shows nothing about the day.", old),
        RuleOf::error("before-block", "Nobody knows a block before it is made.", before),
        RuleOf::error("signed-before-proof", "Nobody signs what is not known yet.", signed),
        RuleOf::error("feed-digest", "The feed at hand is not the one it was taken from.", feeds),
        RuleOf::error("proof-repeated", "A proof used before proves nothing.", repeated),
        RuleOf::error("proof-date", "A proof from another day is not of this canary.", day),
    ]
}

fn date(material: &Material<'_>) -> Vec<Hit> {
    let proof = &material.canary.proof;
    let Some(evidence) = material.evidence else { return Vec::new() };
    if proof.date.map(|time| time.timestamp()) == Some(evidence.date.timestamp()) {
        return Vec::new();
    }
    let text = format!("the evidence is of {}, the text says otherwise", rfc3339(evidence.date));
    vec![Hit::at(proof.date_line.unwrap_or(1), text)]
}

fn titles(material: &Material<'_>) -> Vec<Hit> {
    let Some(evidence) = material.evidence else { return Vec::new() };
    let written = &material.canary.proof.sources;
    let mut hits = Vec::new();
    for source in written {
        let same = |kept: &&Headlines| {
            source.name == Some(kept.name.as_str())
                && source.url == Some(kept.url.as_str())
                && source.titles == kept.titles
        };
        if evidence.sources.iter().find(same).is_none() {
            let name = source.name.or(source.url).unwrap_or_default();
            hits.push(Hit::at(
                source.line,
                format!("the evidence has not these headlines of {name}"),
            ));
        }
    }
    let is_written = |kept: &&Headlines| written.iter().any(|s| s.name == Some(kept.name.as_str()));
    let lost = evidence.sources.iter().filter(|kept| !kept.titles.is_empty() && !is_written(kept));
    hits.extend(
        lost.map(|kept| Hit::new(format!("the text lacks the headlines of {}", kept.name))),
    );
    hits
}

fn block(material: &Material<'_>) -> Vec<Hit> {
    let Some(evidence) = material.evidence else { return Vec::new() };
    let kept = evidence.block.as_ref().map(|block| block.hash.as_str());
    let written = material.canary.proof.block.map(|block| block.hash);
    match (written, kept) {
        (written, kept) if written == kept => Vec::new(),
        (_, None) => vec![Hit::at(material.block_line(), "the evidence has no block")],
        (Some(_), Some(kept)) => {
            vec![Hit::at(material.block_line(), format!("the evidence has the block {kept}"))]
        }
        (None, Some(_)) => vec![Hit::new("the evidence has a block, the text has none")],
    }
}

fn header(material: &Material<'_>) -> Vec<Hit> {
    match material.mined() {
        Some(Err(error)) => vec![Hit::at(material.block_line(), error.to_string())],
        Some(Ok(_)) | None => Vec::new(),
    }
}

fn old(material: &Material<'_>) -> Vec<Hit> {
    let times = material.block_time().zip(material.canary.proof.date);
    let Some((mined, proof)) = times else { return Vec::new() };
    if !is_old(mined, proof, material.depth) {
        return Vec::new();
    }
    let days = (proof - mined).num_days();
    let text = format!("the block is of {}, {days} days before the proof", rfc3339(mined));
    vec![Hit::at(material.block_line(), text).help("fetch a new proof")]
}

/// Whether a block so far below the tip is too old for a proof of that time.
pub(super) fn is_old(mined: DateTime<Utc>, proof: DateTime<Utc>, depth: u32) -> bool {
    let depth = i32::try_from(depth).unwrap_or(i32::MAX);
    let allowed = BLOCK.checked_mul(depth).and_then(|all| all.checked_add(&AGE)).unwrap_or(AGE);
    proof - mined > allowed
}

fn before(material: &Material<'_>) -> Vec<Hit> {
    let Some(mined) = material.block_time() else { return Vec::new() };
    let (canary, proof) = (material.canary, &material.canary.proof);
    let shown = rfc3339(mined);
    let mut hits = Vec::new();
    // Whoever wrote the text chose its time; that of a block has 32 bits and never overflows.
    if let Some(time) = proof.date.filter(|time| *time < mined - SKEW) {
        let text = format!("the proof says {}, before its block of {shown}", rfc3339(time));
        hits.push(Hit::at(proof.date_line.unwrap_or(1), text));
    }
    if let Some(issued) = canary.date.filter(|issued| *issued < (mined - SKEW).date_naive()) {
        hits.push(Hit::new(format!("the canary is dated {issued}, before its block of {shown}")));
    }
    hits
}

fn signed(material: &Material<'_>) -> Vec<Hit> {
    let known = material.block_time().max(material.canary.proof.date);
    let Some(known) = known else { return Vec::new() };
    let early = material.signed.iter().filter(|(_, made)| *made + SKEW < known);
    let text = |(who, made): &(String, DateTime<Utc>)| {
        format!("{who} signed at {}, before the proof of {}", rfc3339(*made), rfc3339(known))
    };
    early.map(|signature| Hit::new(text(signature))).collect()
}

fn feeds(material: &Material<'_>) -> Vec<Hit> {
    let kept = |name: &str| material.evidence?.sources.iter().find(|kept| kept.name == name);
    let wrong = |feed: &SavedFeed| {
        let name = &feed.name;
        let Some(kept) = kept(name) else {
            return Some(format!("the evidence has no source called {name}"));
        };
        if kept.sha256.as_deref() != Some(hex(&Sha256::digest(&feed.bytes)).as_str()) {
            return Some(format!("the feed at hand is not the one of {name}: another SHA-256"));
        }
        let titles = brought_headlines(&feed.bytes, kept.titles.len());
        let same = titles.is_ok_and(|titles| titles == kept.titles);
        (!same).then(|| format!("the feed of {name} does not begin with these headlines"))
    };
    material.feeds.iter().filter_map(wrong).map(Hit::new).collect()
}

fn repeated(material: &Material<'_>) -> Vec<Hit> {
    let new = &material.canary.proof;
    let earlier = material.earlier.iter();
    earlier.flat_map(|(label, canary)| repeats(new, &canary.proof, label)).collect()
}

fn day(material: &Material<'_>) -> Vec<Hit> {
    other_day(material.canary)
}

pub(super) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
