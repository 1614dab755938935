//! Arguments of the commands that draft and check bulletins.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands about bulletins.
#[derive(Debug, Subcommand)]
pub enum BulletinCommand {
    /// Draft a bulletin from a facts file
    #[command(
        after_help = "Example:\n  secpack bulletin new --title \"Buffer overflow in the parser\"\n  secpack bulletin new --facts facts.toml"
    )]
    New(BulletinNewArgs),
    /// Check the text of a bulletin
    #[command(after_help = "Example:\n  secpack bulletin lint SB-001")]
    Lint(LintArgs),
    /// Print what a bulletin says, field by field
    #[command(after_help = "Example:\n  secpack bulletin show SB-001 --json")]
    Show(LintArgs),
}

/// Arguments of `bulletin new`.
#[derive(Debug, Args)]
pub struct BulletinNewArgs {
    /// The title, in one line
    #[arg(long)]
    pub title: Option<String>,
    /// The facts, as TOML; see docs/guides/drafter.md
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// The date [default: today, UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// The number [default: the next free one]
    #[arg(long)]
    pub number: Option<u32>,
    /// The series, when a pack has several of bulletins
    #[arg(long)]
    pub series: Option<String>,
}

/// Arguments of `bulletin lint` and `canary lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// The document: a path, a file name or a label
    pub document: String,
}
