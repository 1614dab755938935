//! `secpack canary freshness fetch`: ask every source of the policy, keep what came, say what did
//! not and how to bring it.

use super::{named_file, read, read_evidence};
use crate::arguments::{FreshnessFetchArgs, Global};
use crate::fault::{OrHint, word};
use crate::session::{Session, policy_of};
use crate::typed::quoted;
use crate::{Exit, Fault, output, terminal};
use chrono::{DateTime, Utc};
use secpack_canary::{Brought, Client, Freshness, Lack, Network, Shortage, gather};
use secpack_pack::policy::{CanaryRules, FreshnessSource, SeriesKind};
use secpack_pack::{Policy, escape};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What a person does about sources that gave nothing.
const BY_BROWSER: &str = "what is missing can be saved with a browser, as FILE, and brought:";

const HELP: &str = "secpack canary freshness fetch --help";

pub fn run(global: &Global, arguments: &FreshnessFetchArgs) -> Result<Exit, Fault> {
    let sources = sources(global, arguments.series.as_deref())?;
    let mut feeds = BTreeMap::new();
    for feed in &arguments.feed {
        let (name, bytes) = named_file(feed)?;
        if feeds.insert(name.clone(), bytes).is_some() {
            return Err(Fault::new(format!("--feed names \"{}\" twice", escape(&name))).hint(HELP));
        }
    }
    let header = arguments.header.as_deref().map(read).transpose()?;
    let brought = Brought { feeds, header };
    if let Some(out) = &arguments.out {
        may_be_replaced(out)?;
    }
    let client = Client::new(&network(arguments)?).or_hint(HELP)?;
    let date = whole_seconds(terminal::now(global.now));
    let progress = terminal::Progress::start();
    progress.stage("asking the sources of the policy");
    let (evidence, short) = gather(&sources, &brought, date, &client).or_hint(HELP)?;
    drop(progress);
    short.iter().for_each(|one| {
        output::warning(&format!("{}: {}", escape(&one.name), one.reason));
    });
    if evidence.sources.is_empty() && evidence.block.is_none() {
        return Err(Fault::new("no source gave anything; nothing was written")
            .adding(BY_BROWSER)
            .hint(how_to_bring(global, arguments, &short)));
    }
    deliver(global, arguments, &evidence)?;
    match &arguments.out {
        _ if !short.is_empty() => {
            output::note(BY_BROWSER);
            output::hint(&how_to_bring(global, arguments, &short));
        }
        Some(out) => output::hint(&format!("secpack canary new --freshness {}", word(out))),
        None => {}
    }
    Ok(Exit::good_if(short.is_empty()))
}

/// The sources for canaries to come. With a policy given there need not be a pack, so that another
/// machine can fetch.
fn sources(global: &Global, series: Option<&str>) -> Result<Vec<FreshnessSource>, Fault> {
    match &global.policy {
        Some(path) => sources_of(&policy_of(path)?, series),
        None => sources_of(&Session::open(global)?.pack.policy, series),
    }
}

fn sources_of(policy: &Policy, series: Option<&str>) -> Result<Vec<FreshnessSource>, Fault> {
    let canaries = policy.series().iter().filter(|s| s.kind == SeriesKind::Canary);
    let named = canaries.filter(|s| series.is_none_or(|name| s.id.as_str() == name));
    let rules: Vec<&CanaryRules> = named
        .filter_map(|s| policy.canary_rules().iter().rfind(|rules| rules.series == s.id))
        .filter(|rules| !rules.sources.is_empty())
        .collect();
    match rules.as_slice() {
        [one] => Ok(one.sources.clone()),
        [] => Err(Fault::new("the policy names no sources of freshness")
            .adding("docs/pack-format.md shows how to add [[canary.sources]]")
            .hint("secpack policy show")),
        several => {
            let names: Vec<&str> = several.iter().map(|rules| rules.series.as_str()).collect();
            Err(Fault::new(format!("the policy has several: {}", names.join(", ")))
                .hint(terminal::typed().with(&["--series", names[0]]).to_string()))
        }
    }
}

/// A proxy named on the command line is for everything; one of the environment has exceptions.
fn network(arguments: &FreshnessFetchArgs) -> Result<Network, Fault> {
    let given = arguments.proxy.clone().map(|proxy| (proxy, Vec::new()));
    let (proxy, direct) = given.or_else(terminal::proxy).unzip();
    Ok(Network {
        proxy,
        direct: direct.unwrap_or_default(),
        extra_roots: arguments.ca.as_deref().map(read).transpose()?,
        patience: Duration::from_secs(arguments.timeout.into()),
    })
}

fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time)
}

/// Evidence may be fetched again; any other file stays.
fn may_be_replaced(path: &Path) -> Result<(), Fault> {
    if !path.exists() || read_evidence(path).is_ok() {
        return Ok(());
    }
    let shown = path.display();
    Err(Fault::refused(format!("{shown} is there and is no evidence; nothing was changed")).hint(
        terminal::typed().without("--out").with(&["--out", "freshness-new.json"]).to_string(),
    ))
}

fn deliver(
    global: &Global,
    arguments: &FreshnessFetchArgs,
    evidence: &Freshness,
) -> Result<(), Fault> {
    let json = evidence.to_json();
    if let Some(out) = &arguments.out {
        secpack_signing::replace_file(out, json.as_bytes())?;
    }
    match &arguments.out {
        Some(out) if !global.json => {
            output::line(format!("{}: {}", out.display(), summary(evidence)));
        }
        Some(_) | None => output::raw(&json),
    }
    Ok(())
}

/// What there is, in a few words.
pub(super) fn summary(evidence: &Freshness) -> String {
    let titles: usize = evidence.sources.iter().map(|source| source.titles.len()).sum();
    let block = match &evidence.block {
        Some(block) => match block.height {
            Some(height) => format!("block {height}"),
            None => format!("block {}", block.hash),
        },
        None => "no block".to_owned(),
    };
    let (titles, sources) =
        (counted(titles, "headline"), counted(evidence.sources.len(), "source"));
    format!("{titles} of {sources}, {block}")
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The same command with the files that a person brings.
fn how_to_bring(global: &Global, arguments: &FreshnessFetchArgs, short: &[Shortage]) -> String {
    let mut words = vec!["secpack canary freshness fetch".to_owned()];
    let mut option = |name: &str, value: &str| words.push(format!("--{name} {}", quoted(value)));
    let paths = [("pack", &global.pack), ("policy", &global.policy), ("ca", &arguments.ca)];
    for (name, path) in paths.iter().chain(&[("out", &arguments.out)]) {
        if let Some(path) = path {
            option(name, &path.display().to_string());
        }
    }
    arguments.series.iter().for_each(|series| option("series", series));
    arguments.proxy.iter().for_each(|proxy| option("proxy", proxy));
    // What was brought and is not enough is asked for again, so it is left out here.
    let lacks = |lack: Lack| short.iter().filter(move |one| one.lacks == lack);
    let too_few = |feed: &str| {
        let name = feed.split_once('=').map_or(feed, |(name, _)| name);
        lacks(Lack::Headlines).any(|one| one.name == name)
    };
    let enough = arguments.feed.iter().filter(|feed| !too_few(feed));
    enough.for_each(|feed| option("feed", feed));
    if let Some(header) = arguments.header.as_ref().filter(|_| lacks(Lack::Header).count() == 0) {
        option("header", &header.display().to_string());
    }
    for one in short {
        match one.lacks {
            Lack::Headlines => option("feed", &format!("{}=FILE", one.name)),
            Lack::Header => option("header", "FILE"),
        }
    }
    words.join(" ")
}
