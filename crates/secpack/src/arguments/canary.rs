//! Arguments of the commands about canaries.

use super::{CanaryReviseArgs, EditArgs, FetchArgs, FreshnessCommand, LintArgs, RefreshArgs};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands about canaries.
#[derive(Debug, Subcommand)]
pub enum CanaryCommand {
    /// Draft a canary
    #[command(
        after_help = "Example:\n  secpack canary new --freshness freshness.json\n  secpack canary new --replaces Canary-007 --announcements why.txt\n  secpack canary new --last --announcements farewell.txt"
    )]
    New(CanaryNewArgs),
    /// Take a signature back, for example a stale one
    #[command(
        after_help = "Example:\n  secpack canary revise Canary-001 --withdraw-signature ann --reason \"She signed an earlier text\""
    )]
    Revise(CanaryReviseArgs),
    /// Check the text of a canary
    #[command(after_help = "Example:\n  secpack canary lint canary-1")]
    Lint(LintArgs),
    /// Edit a draft in your editor; it is checked each time you leave it
    #[command(
        after_help = "The editor is $VISUAL, else $EDITOR, else core.editor of your own git configuration.\n\nExample:\n  secpack canary edit canary-1\n  EDITOR=nano secpack canary edit canary-1"
    )]
    Edit(EditArgs),
    /// When the next canary is due and who signed it; exit code 1 when it is overdue
    #[command(after_help = "Example:\n  secpack canary status\n  secpack canary status --json")]
    Status,
    /// What two canaries say differently; exit code 1 when nothing explains it
    #[command(after_help = "Example:\n  secpack canary diff Canary-006 Canary-007")]
    Diff(CanaryDiffArgs),
    /// Write the windows of the next canaries as a calendar file (RFC 5545)
    #[command(after_help = "Example:\n  secpack canary calendar --out canaries.ics")]
    Calendar(CanaryCalendarArgs),
    /// Fetch and check the proof of freshness
    #[command(
        subcommand,
        after_help = "Example:\n  secpack canary freshness fetch --out freshness.json\n  secpack canary freshness verify canary-1"
    )]
    Freshness(FreshnessCommand),
    /// Put a new proof of freshness into a draft that nobody has signed
    #[command(
        after_help = "Example:\n  secpack canary refresh canary-1 --freshness freshness.json"
    )]
    Refresh(RefreshArgs),
    /// Have a timer open the signing event of each canary in time
    #[command(subcommand, after_help = "Example:\n  secpack canary schedule install --print")]
    Schedule(ScheduleCommand),
}

/// Commands about the timer.
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Open the signing event of what is due, once, and say who types what; never signs
    #[command(
        after_help = "No file on disk changes. Nothing is printed while nothing is due. Exit code 1 when a canary is\noverdue.\n\nExample:\n  secpack canary schedule run"
    )]
    Run(ScheduleRunArgs),
    /// Write a systemd timer into your own folder, or print a line for a crontab
    #[command(
        after_help = "Example:\n  secpack canary schedule install --print\n  secpack canary schedule install --cron"
    )]
    Install(ScheduleInstallArgs),
}

/// Arguments of `canary schedule run`.
#[derive(Debug, Args)]
pub struct ScheduleRunArgs {
    /// The proof of freshness for a new draft, as JSON `secpack/freshness/1`
    #[arg(long, value_name = "FILE")]
    pub freshness: Option<PathBuf>,
    /// Fetch branches from origin first
    #[arg(long)]
    pub fetch: bool,
}

/// Arguments of `canary schedule install`.
#[derive(Debug, Args)]
pub struct ScheduleInstallArgs {
    /// Show the files and write nothing
    #[arg(long, conflicts_with = "cron")]
    pub print: bool,
    /// Print a line for a crontab instead
    #[arg(long)]
    pub cron: bool,
    /// Have each run fetch branches from origin first
    #[arg(long)]
    pub fetch: bool,
}

/// Arguments of `canary new`.
#[derive(Debug, Args)]
pub struct CanaryNewArgs {
    /// The proof of freshness, as JSON `secpack/freshness/1`
    #[arg(long, value_name = "FILE")]
    pub freshness: Option<PathBuf>,
    /// Special announcements, as text
    #[arg(long, value_name = "FILE")]
    pub announcements: Option<PathBuf>,
    /// Notes that the announcements cite, as text
    #[arg(long, value_name = "FILE")]
    pub footnotes: Option<PathBuf>,
    /// The date of issue [default: today, UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// The number [default: the next free one]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub number: Option<u32>,
    /// The series, when a pack has several of canaries
    #[arg(long)]
    pub series: Option<String>,
    /// Issue it anew after a mistake in this published canary, which stays where it is
    #[arg(long, value_name = "CANARY", requires = "announcements", conflicts_with = "series")]
    pub replaces: Option<String>,
    /// Fetches first, so that numbers of others are known.
    #[command(flatten)]
    pub others: FetchArgs,
    /// No canary follows this one
    #[arg(long, requires = "announcements")]
    pub last: bool,
}

/// Arguments of `canary diff`.
#[derive(Debug, Args)]
pub struct CanaryDiffArgs {
    /// The older canary: a path, a file name or a label
    pub old: String,
    /// The newer one
    pub new: String,
}

/// Arguments of `canary calendar`.
#[derive(Debug, Args)]
pub struct CanaryCalendarArgs {
    /// Write it there instead of printing it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How many canaries of each series
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=40))]
    pub count: u8,
}
