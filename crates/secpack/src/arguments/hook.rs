//! Arguments of the commands about Git hooks.

use clap::{Args, Subcommand, ValueEnum};

/// Commands about Git hooks.
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Put hooks, a CI job and .gitattributes in place; what is there already is left alone
    #[command(after_help = "Example:\n  secpack hook install\n  secpack hook install --ci github")]
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
}
