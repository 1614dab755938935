//! Arguments of the commands about the proof of freshness.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands about the proof of freshness.
#[derive(Debug, Subcommand)]
pub enum FreshnessCommand {
    /// Fetch headlines and a block from the sources of the policy; exit code 1 when some are missing
    #[command(
        after_help = "Example:\n  secpack canary freshness fetch --out freshness.json\n  secpack canary freshness fetch --out freshness.json --proxy socks5h://127.0.0.1:9050\n  secpack canary freshness fetch --out freshness.json --feed 'The Times=times.xml'"
    )]
    Fetch(FreshnessFetchArgs),
    /// Check a proof of freshness offline: what it proves, what not; exit code 2 when it proves
    /// nothing
    #[command(
        after_help = "Example:\n  secpack canary freshness verify\n  secpack canary freshness verify canary-1 --header header.hex --json"
    )]
    Verify(FreshnessVerifyArgs),
}

/// Arguments of `canary freshness fetch`.
#[derive(Debug, Args)]
pub struct FreshnessFetchArgs {
    /// Write the evidence there [default: standard output]; replaces nothing but evidence
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Take the headlines of a source from a file: a saved feed, or one headline per line
    #[arg(long, value_name = "NAME=FILE")]
    pub feed: Vec<String>,
    /// Take the block from a file: its header, 80 bytes or 160 hex digits
    #[arg(long, value_name = "FILE")]
    pub header: Option<PathBuf>,
    /// Go through socks5h://HOST:PORT (Tor: nothing is looked up here) or http://HOST:PORT
    /// [default: $HTTPS_PROXY or $ALL_PROXY, but for $NO_PROXY]
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Trust the certificates in this PEM file as well, for servers of your own
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Wait so long for each address, altogether
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u8).range(1..=60))]
    pub timeout: u8,
    /// The series, when the policy has several of canaries
    #[arg(long)]
    pub series: Option<String>,
}

/// Arguments of `canary freshness verify`.
#[derive(Debug, Args)]
pub struct FreshnessVerifyArgs {
    /// The canary: a path, a file name or a label [default: the newest one]
    pub document: Option<String>,
    /// The evidence [default: the file beside the canary]
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// A feed as saved, to compare with the evidence
    #[arg(long, value_name = "NAME=FILE")]
    pub feed: Vec<String>,
    /// The header of the block, when the evidence lacks it: 80 bytes or 160 hex digits
    #[arg(long, value_name = "FILE")]
    pub header: Option<PathBuf>,
}

/// Arguments of `canary refresh`.
#[derive(Debug, Args)]
pub struct RefreshArgs {
    /// The draft: a path, a file name or a label
    pub document: String,
    /// The new proof of freshness
    #[arg(long, value_name = "FILE")]
    pub freshness: PathBuf,
}
