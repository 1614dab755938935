//! Arguments of the commands about signing events.

use super::SentryArgs;
use clap::{Args, Subcommand};

/// Commands about signing events.
#[derive(Debug, Subcommand)]
pub enum EventCommand {
    /// Put a draft onto a branch of its own, where it waits for signatures
    #[command(
        after_help = "Files on disk and the branch you are on stay as they are. Doing it again after an edit puts the new\ntext there.\n\nExample:\n  secpack event open SB-001\n  git push origin sign/bulletin-001"
    )]
    Open(EventOpenArgs),
    /// End the wait: keep every commit of the branch, then remove it
    #[command(
        after_help = "Example:\n  secpack event close SB-001\n  secpack event close SB-001 --abandon \"the fix was withdrawn\""
    )]
    Close(EventCloseArgs),
    /// Show what waits for signatures, and what did
    #[command(after_help = "Example:\n  secpack event list\n  secpack event list SB-001 --json")]
    List(EventListArgs),
}

/// Arguments of `event open`.
#[derive(Debug, Args)]
pub struct EventOpenArgs {
    /// The document: a path, file name or label
    pub document: String,
    /// How the secrets of sealed drafts are known.
    #[command(flatten)]
    pub sentry: SentryArgs,
}

/// Arguments of `event close`.
#[derive(Debug, Args)]
pub struct EventCloseArgs {
    /// The document: a path, file name or label
    pub document: String,
    /// Give it up although somebody has not signed, for this reason
    #[arg(long, value_name = "REASON")]
    pub abandon: Option<String>,
}

/// Arguments of `event list`.
#[derive(Debug, Args)]
pub struct EventListArgs {
    /// Only of this document
    pub document: Option<String>,
}
