//! Gathering evidence: every source of the policy, fetched or brought by a person.
//!
//! A source that fails leaves the others alone. What is missing is said, with its reason.

use super::block::{check_header, hash_of, hex, read_header};
use super::check::{SKEW, is_old, rfc3339};
use super::feed::{brought_headlines, headlines};
use super::fetch::{Client, Reach};
use super::{Block, Freshness, Headlines};
use crate::Error;
use chrono::{DateTime, Utc};
use secpack_pack::policy::{BlockApi, FreshnessSource};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a person brings instead of fetching it.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// The name of a source, and a feed as saved or one headline per line.
    pub feeds: BTreeMap<String, Vec<u8>>,
    /// The header of a block: 80 bytes or 160 hex digits.
    pub header: Option<Vec<u8>>,
}

/// A source that gave less than the policy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// The name of the source.
    pub name: String,
    /// Which kind of source.
    pub lacks: Lack,
    /// Why, in one line.
    pub reason: String,
}

/// What a person can bring to mend a shortage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Headlines of a feed.
    Headlines,
    /// The header of a block.
    Header,
}

/// Evidence of what could be had, and what could not. `date` is the time that the evidence states.
///
/// # Errors
/// Only what a policy or a person wrote wrongly: [`Error::Value`] for names and URLs that may not
/// be shown, [`Error::Freshness`] for a feed brought under a name that no source has.
pub fn gather(
    sources: &[FreshnessSource],
    brought: &Brought,
    date: DateTime<Utc>,
    client: &Client,
) -> Result<(Freshness, Vec<Shortage>), Error> {
    every_name_is_known(sources, brought)?;
    let (mut feeds, mut block, mut short) = (Vec::new(), None, Vec::new());
    for source in sources {
        let (lacks, reason) = match source {
            FreshnessSource::Feed { titles, .. } => {
                let wanted = usize::try_from(*titles).unwrap_or(usize::MAX);
                match feed(source, wanted, brought, date, client) {
                    Ok(found) => {
                        let count = found.titles.len();
                        if count > 0 {
                            feeds.push(found);
                        }
                        let few = format!("only {count} of {titles} headlines");
                        (Lack::Headlines, (count < wanted).then_some(few))
                    }
                    Err(reason) => (Lack::Headlines, Some(reason)),
                }
            }
            FreshnessSource::Bitcoin { .. } => match bitcoin(source, brought, date, client) {
                Ok(found) => {
                    block = Some(found);
                    (Lack::Header, None)
                }
                Err(reason) => (Lack::Header, Some(reason)),
            },
        };
        let name = source.name().to_owned();
        short.extend(reason.map(|reason| Shortage { name, lacks, reason }));
    }
    Ok((Freshness::new(date, feeds, block)?, short))
}

fn every_name_is_known(sources: &[FreshnessSource], brought: &Brought) -> Result<(), Error> {
    let feeds = || sources.iter().filter(|s| matches!(s, FreshnessSource::Feed { .. }));
    let known = |name: &str| feeds().any(|source| source.name() == name);
    let Some(name) = brought.feeds.keys().find(|name| !known(name)) else { return Ok(()) };
    let names: Vec<&str> = feeds().map(FreshnessSource::name).collect();
    let text = format!("the policy has no feed called \"{name}\"; it has: {}", names.join(", "));
    Err(Error::Freshness(secpack_pack::escape(&text)))
}

fn feed(
    source: &FreshnessSource,
    wanted: usize,
    brought: &Brought,
    date: DateTime<Utc>,
    client: &Client,
) -> Result<Headlines, String> {
    let FreshnessSource::Feed { name, url, private, .. } = source else {
        return Err("it is no feed".to_owned());
    };
    let of = |bytes: &[u8], titles, fetched| Headlines {
        name: name.clone(),
        url: url.clone(),
        titles,
        fetched,
        sha256: Some(hex(&Sha256::digest(bytes))),
    };
    if let Some(file) = brought.feeds.get(name) {
        let titles = brought_headlines(file, wanted).map_err(said)?;
        return Ok(of(file, titles, None));
    }
    let bytes = client.get(url, reach(*private)).map_err(said)?;
    let titles = headlines(&bytes, wanted).map_err(said)?;
    Ok(of(&bytes, titles, Some(date)))
}

fn bitcoin(
    source: &FreshnessSource,
    brought: &Brought,
    date: DateTime<Utc>,
    client: &Client,
) -> Result<Block, String> {
    let FreshnessSource::Bitcoin { name, url, depth, api, private } = source else {
        return Err("it is no chain".to_owned());
    };
    let named = Block { name: name.clone(), ..Block::default() };
    if let Some(file) = &brought.header {
        let header = read_header(file).ok_or("the header brought is not 80 bytes or 160 digits")?;
        let hash = hash_of(&header).unwrap_or_default();
        of_the_day(&header, &hash, *depth, date)?;
        return Ok(Block { hash, header: Some(hex(&header)), ..named });
    }
    let BlockApi::Esplora = api;
    let base = url.trim_end_matches('/');
    let ask = |path: String| -> Result<String, String> {
        let body = client.get(&format!("{base}/{path}"), reach(*private)).map_err(said)?;
        let text = String::from_utf8(body).map_err(|_| "it answers in no text".to_owned())?;
        Ok(text.trim().to_owned())
    };
    let tip: u64 = ask("blocks/tip/height".to_owned())?.parse().map_err(|_| odd("height"))?;
    let height = tip.checked_sub((*depth).into()).ok_or("its chain is shorter than the depth")?;
    let hash = ask(format!("block-height/{height}"))?;
    if !super::is_block_hash(&hash) {
        return Err(odd("hash"));
    }
    let header = read_header(ask(format!("block/{hash}/header"))?.as_bytes());
    let header = header.ok_or_else(|| odd("header"))?;
    of_the_day(&header, &hash, *depth, date)?;
    let (height, url) = (Some(height), Some(url.clone()));
    Ok(Block { hash, height, url, header: Some(hex(&header)), fetched: Some(date), ..named })
}

/// A header that bears out its hash, and a time at which a proof may show it. An explorer that lies
/// or lags is found out before anybody drafts with it.
fn of_the_day(header: &[u8], hash: &str, depth: u32, date: DateTime<Utc>) -> Result<(), String> {
    let mined = check_header(header, hash).map_err(said)?.time;
    if is_old(mined, date, depth) {
        let days = (date - mined).num_days();
        return Err(format!("its block is of {}, {days} days ago", rfc3339(mined)));
    }
    if mined > date + SKEW {
        let (mined, now) = (rfc3339(mined), rfc3339(date));
        return Err(format!("its block is of {mined}, and the clock here says {now}"));
    }
    Ok(())
}

fn reach(private: bool) -> Reach {
    if private { Reach::OwnHost } else { Reach::Public }
}

fn odd(what: &str) -> String {
    format!("it answers with something that is no {what}")
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
