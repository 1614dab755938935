//! Arguments of the commands about drafts under embargo.

use super::SignerArgs;
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};
use secpack_embargo::PluginName;
use secpack_pack::{PackPath, TrackId};
use std::path::PathBuf;
use std::str::FromStr;

/// Commands about drafts under embargo.
#[derive(Debug, Subcommand)]
pub enum EmbargoCommand {
    /// Sign a draft, and encrypt it to the recipients of the policy
    #[command(
        after_help = "Example:\n  secpack embargo seal ~/draft/sb-002-2026.txt --until 2026-03-10T12:00Z --as ann --key ann.key"
    )]
    Seal(SealArgs),
    /// Decrypt a draft into a private folder, once its author is verified
    #[command(
        after_help = "Example:\n  secpack embargo open embargo/0123456789abcdef.age --identity ~/age.key --out ~/draft\n  secpack embargo open embargo/0123456789abcdef.age --identity ~/trezor.key --allow-plugin trezor --out ~/draft"
    )]
    Open(OpenArgs),
    /// Seal a draft again, for the recipients that the policy names now
    #[command(
        after_help = "Example:\n  secpack embargo reseal embargo/0123456789abcdef.age --identity ~/age.key --as ann --key ann.key"
    )]
    Reseal(ResealArgs),
    /// At the date: put the draft in its place, and show what its release needs
    #[command(
        after_help = "Example:\n  secpack embargo lift embargo/0123456789abcdef.age --identity ~/age.key --as ann"
    )]
    Lift(LiftArgs),
    /// Find what sealed drafts keep secret in branches, messages, names, files, lost objects
    #[command(
        after_help = "Example:\n  secpack embargo guard --identity ~/age.key\n  secpack embargo guard --identity ~/age.key --also .git/COMMIT_EDITMSG\n  secpack embargo guard --guard-key guard.key"
    )]
    Guard(GuardArgs),
    /// Write the key of a guard that may not read drafts, such as a server
    #[command(after_help = "Example:\n  secpack embargo guard-key guard.key")]
    GuardKey {
        /// The file; never over an existing one
        file: PathBuf,
    },
    /// Print what may be said before the date, by the policy's track
    #[command(
        after_help = "Example:\n  secpack embargo announce embargo/0123456789abcdef.age --identity ~/age.key --severity high"
    )]
    Announce(AnnounceArgs),
}

/// When an embargo ends: a time, or a day at the time that the policy gives.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// A moment.
    Time(DateTime<Utc>),
    /// A day.
    Day(NaiveDate),
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let short = format!("{}:00Z", text.trim_end_matches('Z'));
        if let Ok(day) = text.parse() {
            return Ok(Self::Day(day));
        }
        let time = text.parse().or_else(|_| short.parse());
        time.map(Self::Time).map_err(|_| "write 2026-03-10 or 2026-03-10T12:00Z".to_owned())
    }
}

/// Whose secret key opens sealed drafts.
#[derive(Debug, Clone, Args)]
pub struct IdentityArgs {
    /// An age identity file or an ssh-ed25519 key; a passphrase is asked on the terminal
    #[arg(long, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
    /// Let the program age-plugin-NAME use the identities that are for it
    #[arg(long, value_name = "NAME")]
    pub allow_plugin: Vec<PluginName>,
}

/// Arguments of `embargo seal`.
#[derive(Debug, Args)]
pub struct SealArgs {
    /// The draft
    #[arg(value_name = "DRAFT")]
    pub draft: PathBuf,
    /// Its facts, as TOML; see docs/guides/drafter.md
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Where the document will lie in the pack [default: by the name of the draft]
    #[arg(long, value_name = "PATH")]
    pub document: Option<PackPath>,
    /// When the embargo ends, UTC [default: the date of the facts]
    #[arg(long, value_name = "TIME")]
    pub until: Option<Until>,
    /// What may be said before: a track of the policy
    #[arg(long)]
    pub track: Option<TrackId>,
    /// Words of the draft that are public already, such as an old advisory's id
    #[arg(long, value_name = "WORDS")]
    pub public: Vec<String>,
    /// Write it into this folder [default: the policy's folder in the pack]
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Also write keyed digests beside it, for a guard that may not read drafts
    #[arg(long, value_name = "FILE")]
    pub guard_key: Option<PathBuf>,
    /// Who signs it inside.
    #[command(flatten)]
    pub signer: SignerArgs,
}

/// Arguments of `embargo open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// The sealed draft
    #[arg(value_name = "SEALED")]
    pub sealed: PathBuf,
    /// Who reads.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// The folder to make; it must lie outside every Git repository
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Arguments of `embargo reseal`.
#[derive(Debug, Args)]
pub struct ResealArgs {
    /// The sealed draft
    #[arg(value_name = "SEALED")]
    pub sealed: PathBuf,
    /// Who reads.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// A new text of the draft [default: the text as it is]
    #[arg(long, value_name = "FILE")]
    pub draft: Option<PathBuf>,
    /// A new date [default: as it is]
    #[arg(long, value_name = "TIME")]
    pub until: Option<Until>,
    /// Also write keyed digests beside it, for a guard that may not read drafts
    #[arg(long, value_name = "FILE")]
    pub guard_key: Option<PathBuf>,
    /// Who signs it inside.
    #[command(flatten)]
    pub signer: SignerArgs,
}

/// Arguments of `embargo lift`.
#[derive(Debug, Args)]
pub struct LiftArgs {
    /// The sealed draft
    #[arg(value_name = "SEALED")]
    pub sealed: PathBuf,
    /// Who reads.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// Who will release it.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// The remotes to publish to
    #[arg(long, default_value = "origin")]
    pub remote: Vec<String>,
}

/// Arguments of `embargo guard`.
#[derive(Debug, Args)]
pub struct GuardArgs {
    /// Who reads.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// A folder of sealed drafts [default: the policy's folder in the pack]
    #[arg(long, value_name = "DIR")]
    pub sealed: Vec<PathBuf>,
    /// The key of the digests beside sealed drafts, for a guard that may not read them
    #[arg(long, value_name = "FILE")]
    pub guard_key: Option<PathBuf>,
    /// Look at this text as well: a message, names of branches; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub also: Vec<PathBuf>,
    /// Print names also where they give something away; never where others see the log
    #[arg(long)]
    pub show: bool,
}

/// Arguments of `embargo announce`.
#[derive(Debug, Args)]
pub struct AnnounceArgs {
    /// The sealed draft
    #[arg(value_name = "SEALED")]
    pub sealed: PathBuf,
    /// Who reads.
    #[command(flatten)]
    pub identity: IdentityArgs,
    /// How grave it is, in one word, where the track tells it
    #[arg(long, value_name = "WORD")]
    pub severity: Option<String>,
}
