//! Arguments of the commands that draft and check bulletins.

use super::{IdentityArgs, ReviseArgs, WithdrawArgs};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands about bulletins.
#[derive(Debug, Subcommand)]
pub enum BulletinCommand {
    /// Draft a bulletin from a facts file
    #[command(
        after_help = "Example:\n  secpack bulletin new --title \"Buffer overflow in the parser\"\n  secpack bulletin new --facts facts.toml\n  secpack bulletin new --advisory XSA-464 --advisories xsa.json --advisory-text advisory-464.txt"
    )]
    New(Box<BulletinNewArgs>),
    /// Check the text of a bulletin
    #[command(
        after_help = "Example:\n  secpack bulletin lint SB-001\n  secpack bulletin lint SB-001 --fix\n  secpack bulletin lint SB-001 --watch"
    )]
    Lint(LintArgs),
    /// Edit a draft in your editor; it is checked each time you leave it
    #[command(
        after_help = "The editor is $VISUAL, else $EDITOR, else core.editor of your own git configuration.\n\nExample:\n  secpack bulletin edit SB-001\n  EDITOR=nano secpack bulletin edit SB-001"
    )]
    Edit(EditArgs),
    /// Move a draft to another number
    #[command(
        after_help = "The number in the file name and in the heading changes, nothing else.\n\nExample:\n  secpack bulletin renumber SB-001\n  secpack bulletin renumber SB-001 --fetch\n  secpack bulletin renumber SB-001 --number 3\n  secpack bulletin renumber SB-001 --void-signatures       (takes away the signatures beside it)"
    )]
    Renumber(RenumberArgs),
    /// Give a published bulletin a new version, or take a signature back
    #[command(
        after_help = "Example:\n  secpack bulletin revise SB-001 --change \"Name the fixed version\"\n  secpack bulletin revise SB-001 --withdraw-signature ann --reason \"She signed an earlier text\""
    )]
    Revise(ReviseArgs),
    /// Mark a published bulletin as withdrawn; it stays where it is
    #[command(
        after_help = "Example:\n  secpack bulletin withdraw SB-001 --reason \"The report was mistaken\""
    )]
    Withdraw(WithdrawArgs),
    /// Print what a bulletin says, field by field
    #[command(after_help = "Example:\n  secpack bulletin show SB-001 --json")]
    Show(ShowArgs),
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
    /// The number it gets.
    #[command(flatten)]
    pub number: NumberArgs,
    /// An upstream advisory to pass on, by its id; may be repeated
    #[arg(long, value_name = "ID")]
    pub advisory: Vec<String>,
    /// The list of all advisories that upstream publishes, such as xsa.json: titles and CVE ids
    #[arg(long, value_name = "FILE", requires = "advisory")]
    pub advisories: Option<PathBuf>,
    /// The saved text of an advisory, whose description is quoted; may be repeated
    #[arg(long, value_name = "FILE")]
    pub advisory_text: Vec<PathBuf>,
    /// A package that mends it; may be repeated
    #[arg(long, value_name = "RELEASE/PLACE/NAME/VERSION")]
    pub package: Vec<String>,
    /// Who found it, in one line; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub credit: Vec<String>,
    /// The series, when a pack has several of bulletins
    #[arg(long)]
    pub series: Option<String>,
}

/// Arguments of `bulletin show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The document: a path, a file name or a label
    pub document: String,
}

/// Arguments of `bulletin lint` and `canary lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// The document: a path, a file name or a label
    pub document: String,
    /// Mend line ends, blanks at the end of lines and underlines, and number citations by key
    /// first; only in a draft that nobody signed
    #[arg(long)]
    pub fix: bool,
    /// Check again whenever the file is saved, and show findings below their lines, until Ctrl-C
    #[arg(long, conflicts_with = "fix")]
    pub watch: bool,
}

/// Arguments of `bulletin edit` and `canary edit`.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// The document: a path, a file name or a label
    pub document: String,
    /// Whether signatures may go.
    #[command(flatten)]
    pub void: VoidArgs,
}

/// Whether a signed draft may be changed.
#[derive(Debug, Args)]
pub struct VoidArgs {
    /// Change it although it is signed; whose signatures that costs is said first
    #[arg(long)]
    pub void_signatures: bool,
    /// Do not ask, after saying whose signatures it costs
    #[arg(long, requires = "void_signatures")]
    pub yes: bool,
}

/// Arguments of `bulletin renumber`.
#[derive(Debug, Args)]
pub struct RenumberArgs {
    /// The document: a path, a file name or a label
    pub document: String,
    /// The number it gets.
    #[command(flatten)]
    pub number: NumberArgs,
    /// Whether signatures may go.
    #[command(flatten)]
    pub void: VoidArgs,
}

/// Which number a draft gets, and what is known of those that are taken.
#[derive(Debug, Args)]
pub struct NumberArgs {
    /// The number [default: the next free one]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub number: Option<u32>,
    /// Numbers that are not free although no file shows it, such as those of sealed drafts
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub taken: Vec<u32>,
    /// Opens sealed drafts, whose numbers are not free either.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// Fetches first, so that numbers of others are known.
    #[command(flatten)]
    pub others: FetchArgs,
}

/// Whether branches of others are fetched before a number is taken.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// Fetch all branches first, so that numbers on them count [default remote: origin]
    #[arg(
        long,
        value_name = "REMOTE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "origin"
    )]
    pub fetch: Option<String>,
}
