//! Arguments of the commands about Git hooks.

use super::IdentityArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Commands about Git hooks.
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Put hooks, a CI job and .gitattributes in place; what is there already is left alone
    #[command(
        after_help = "Example:\n  secpack hook install\n  secpack hook install --ci github\n  secpack hook install --identity ~/age.key"
    )]
    Install(HookInstallArgs),
    /// Judge what git is about to commit or push; the hooks call it
    #[command(
        after_help = "pre-commit judges the index; pre-push the commits that git names on standard input.\n\nExample:\n  secpack hook run pre-commit"
    )]
    Run(HookRunArgs),
}

/// Which CI gets a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// .github/workflows/secpack.yml
    Github,
    /// .gitlab-ci.yml
    Gitlab,
    /// Both of them.
    Both,
    /// None.
    None,
}

/// Arguments of `hook install`.
#[derive(Debug, Args)]
pub struct HookInstallArgs {
    /// For which CI
    #[arg(long, value_enum, default_value = "both")]
    pub ci: Ci,
    /// How the hooks know what is under embargo.
    #[command(flatten)]
    pub sentry: SentryArgs,
}

/// How hooks know what is under embargo: by reading the sealed drafts, or by their digests.
#[derive(Debug, Clone, Args)]
pub struct SentryArgs {
    /// Who reads.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// The key of the digests beside sealed drafts, for who may not read them
    #[arg(long, value_name = "FILE")]
    pub guard_key: Option<PathBuf>,
}

impl SentryArgs {
    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.identity.identity.is_empty() && self.guard_key.is_none()
    }
}

/// A hook that git calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Hook {
    /// Before a commit.
    PreCommit,
    /// Before a push.
    PrePush,
}

/// Arguments of `hook run`.
#[derive(Debug, Args)]
pub struct HookRunArgs {
    /// Which hook
    #[arg(value_enum)]
    pub hook: Hook,
    /// What git gives the hook: for pre-push the remote and its address
    #[arg(value_name = "ARG")]
    pub given: Vec<String>,
    /// How it knows what is under embargo.
    #[command(flatten)]
    pub sentry: SentryArgs,
}
