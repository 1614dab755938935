//! The command line. Help texts live here; man pages and the command table are made from them.

mod canary;
mod drafting;
mod embargo;
mod event;
mod freshness;
mod hook;
mod keys;
mod revising;
mod signing;
mod single;

pub use canary::{
    CanaryCalendarArgs, CanaryCommand, CanaryDiffArgs, CanaryNewArgs, ScheduleCommand,
    ScheduleInstallArgs, ScheduleRunArgs,
};
pub use drafting::{
    BulletinCommand, BulletinNewArgs, EditArgs, FetchArgs, LintArgs, NumberArgs, RenumberArgs,
    ShowArgs, VoidArgs,
};
pub use embargo::{
    AnnounceArgs, EmbargoCommand, GuardArgs, IdentityArgs, LiftArgs, OpenArgs, ResealArgs,
    SealArgs, Until,
};
pub use event::{EventCloseArgs, EventCommand, EventListArgs, EventOpenArgs};
pub use freshness::{FreshnessCommand, FreshnessFetchArgs, FreshnessVerifyArgs, RefreshArgs};
pub use hook::{Ci, Hook, HookCommand, HookInstallArgs, HookRunArgs, SentryArgs};
pub use keys::{
    CertifyArgs, Expires, ExtendArgs, GenerateArgs, KeyAlgorithm, KeyKind, KeysCommand,
    KeysLintArgs, Reason as RevokeReason, RepairArgs, RetireArgs, RevokeArgs, RotateArgs,
};
pub use revising::{CanaryReviseArgs, ReviseArgs, WithdrawArgs};
pub use signing::{SignArgs, SignCommand, SignRequestArgs, SignerArgs, TagArgs, With};
pub use single::SingleArgs;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use secpack_pack::Fingerprint;
use std::path::PathBuf;

/// Draft, sign, release and verify security packs.
#[derive(Debug, Parser)]
#[command(
    name = "secpack",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 good, 1 found out and it is not good, 2 could not find out.\n\
                  Start with: secpack verify PACK --anchor FINGERPRINT"
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The pack's folder [default: the pack around the current folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub pack: Option<PathBuf>,
    /// Judge by this policy instead of the pack's own secpack.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Take this time for now, RFC 3339 (rehearsals and tests)
    #[arg(long, global = true, value_name = "TIME", hide_short_help = true)]
    pub now: Option<DateTime<Utc>>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new pack, or give an existing one a policy
    #[command(
        after_help = "Example:\n  secpack init acme --name \"Acme\" --root master=master.asc \\\n    --member ann=ann.asc --member carol=carol.asc:canary"
    )]
    Init(InitArgs),
    /// Look at the policy
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Draft and check bulletins
    #[command(subcommand)]
    Bulletin(BulletinCommand),
    /// Draft and check canaries
    #[command(subcommand)]
    Canary(CanaryCommand),
    /// Sign documents as a member
    #[command(
        after_help = "Example:\n  secpack sign SB-001 --as ann --key ann.key\n  secpack sign SB-001 --as ann --with agent\n  secpack sign SB-001 --as ann --program qubes-gpg-client-wrapper --signer-asks\n  secpack sign SB-001 --as ann --dry-run"
    )]
    Sign(SignArgs),
    /// Let a document wait for signatures on a branch of its own
    #[command(subcommand)]
    Event(EventCommand),
    /// Take in signatures that others made; only good ones are kept
    #[command(
        after_help = "Example:\n  secpack collect /media/usb ben.eml carol.tar.gz\n  secpack collect origin/sign/bulletin-001\n  secpack collect ann_sec_0123abcd.tag"
    )]
    Collect(CollectArgs),
    /// Where each document stands, who is missing, the next command
    #[command(after_help = "Example:\n  secpack status\n  secpack status SB-001 --json")]
    Status(StatusArgs),
    /// Make a signed tag of a commit
    #[command(
        after_help = "Example:\n  secpack tag --as ann --key ann.key\n  secpack tag --as ann --with request"
    )]
    Tag(TagArgs),
    /// Judge every document, signature, tag and key of a pack
    #[command(
        after_help = "Example:\n  secpack verify acme --anchor \"427F 11FD 0FAA 4B08 0123  F01C DDFA 1A3E 3687 9494\"\n  secpack verify sb-001-2026.txt --pack acme\n  secpack verify --announcement mail.eml --pack acme\n  secpack verify --iso acme-1.0.iso acme"
    )]
    Verify(VerifyArgs),
    /// What changed in a pack since you looked last; for a timer
    #[command(
        after_help = "Example:\n  secpack watch acme --fetch --anchor \"427F 11FD 0FAA 4B08 0123  F01C DDFA 1A3E 3687 9494\""
    )]
    Watch(WatchArgs),
    /// Say why a finding or verdict is what it is
    #[command(
        after_help = "Example:\n  secpack explain stale:canaries/canary-026-2021.txt.sig.ann"
    )]
    Explain(ExplainArgs),
    /// Release documents: check, commit, tag, verify, push
    #[command(
        after_help = "Example:\n  secpack release SB-001 --as ann --key ann.key            (shows the plan)\n  secpack release SB-001 --as ann --key ann.key --execute"
    )]
    Release(ReleaseArgs),
    /// Make, certify, extend, retire, revoke, check and export keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Let Git hooks and CI refuse what no reader would find good
    #[command(subcommand)]
    Hook(HookCommand),
    /// Seal drafts until their date, and keep them from leaking
    #[command(subcommand)]
    Embargo(EmbargoCommand),
    /// Print shell completions
    #[command(
        after_help = "Example:\n  secpack completions bash > ~/.local/share/bash-completion/completions/secpack"
    )]
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one per command into a folder
    #[command(after_help = "Example:\n  secpack man | man -l -")]
    Man {
        /// Write secpack.1, secpack-sign.1 and so on there.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder of the pack; made when it is not there
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// The name of the pack, for people
    #[arg(long)]
    pub name: Option<String>,
    /// Start from this profile: `standard`, or a policy file
    #[arg(long, default_value = "standard")]
    pub profile: String,
    /// A key that certifies the others: ID=CERTIFICATE
    #[arg(long, value_name = "ID=FILE")]
    pub root: Vec<String>,
    /// A member: ID=CERTIFICATE, with the series they sign after a colon [default: all]
    #[arg(long, value_name = "ID=FILE[:SERIES,...]")]
    pub member: Vec<String>,
}

/// Commands about the policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Read the policy and name every contradiction in it
    #[command(after_help = "Example:\n  secpack policy check --policy secpack.toml")]
    Check,
    /// Print the policy in words
    #[command(after_help = "Example:\n  secpack policy show")]
    Show,
    /// Write a first policy for an existing pack, for a person to review
    #[command(
        after_help = "Example:\n  secpack policy infer pack --out first.toml\n  secpack verify pack --policy first.toml"
    )]
    Infer(InferArgs),
}

/// Arguments of `policy infer`.
#[derive(Debug, Args)]
pub struct InferArgs {
    /// The pack: a clone or a bare repository [default: the current folder]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Write it there instead of printing it; never over an existing file
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Accept every old finding at once, instead of proposing each in a comment
    #[arg(long)]
    pub accept: bool,
}

/// Arguments of `collect`.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// Folders, files (signatures, mails, mailboxes, tar archives), branches such as origin/sign/bulletin-001, or a whole remote such as origin
    #[arg(required = true, value_name = "FROM")]
    pub from: Vec<String>,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Only this document
    pub document: Option<String>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The pack: a clone or a bare repository [default: the current folder]; or single files
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Single files, announcements, images.
    #[command(flatten)]
    pub single: SingleArgs,
    /// The fingerprint of the master key, from elsewhere
    #[arg(long, value_name = "FPR")]
    pub anchor: Option<Fingerprint>,
    /// Judge this commit instead of the files on disk
    #[arg(long, value_name = "REV")]
    pub commit: Option<String>,
    /// Look at every commit of the main line as well
    #[arg(long)]
    pub history: bool,
    /// Remember and compare nothing: a rollback goes unnoticed
    #[arg(long, conflicts_with_all = ["memory", "forget"])]
    pub no_memory: bool,
    /// Where the memory lies.
    #[command(flatten)]
    pub memory: MemoryArgs,
}

/// Where the reader's memory lies, and whether to begin anew.
#[derive(Debug, Args)]
pub struct MemoryArgs {
    /// Folder of what was seen of each pack [default: secpack in $XDG_STATE_HOME or ~/.local/state]
    #[arg(long, value_name = "DIR")]
    pub memory: Option<PathBuf>,
    /// Forget first what was seen of this pack
    #[arg(long)]
    pub forget: bool,
}

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The pack: a clone or a bare repository [default: the current folder]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// The fingerprint of the master key, from elsewhere
    #[arg(long, value_name = "FPR")]
    pub anchor: Fingerprint,
    /// Fetch branches and tags from origin first
    #[arg(long)]
    pub fetch: bool,
    /// Where the memory lies.
    #[command(flatten)]
    pub memory: MemoryArgs,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A finding's id or its beginning, a signature file, a tag, or a reason code
    pub id: String,
    /// The pack: a clone or a bare repository [default: the current folder]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
}

/// Arguments of `release`.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// The documents: paths, file names or labels
    #[arg(required_unless_present_any = ["resume", "abort"])]
    pub documents: Vec<String>,
    /// Whose key signs the tag.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// The remote to publish to; repeated, the others get what the first one has
    #[arg(long, default_value = "origin", value_name = "NAME")]
    pub remote: Vec<String>,
    /// The message of the commit [default: names the documents]
    #[arg(long)]
    pub message: Option<String>,
    /// The fingerprint of the master key, for the verification before the push
    #[arg(long, value_name = "FPR")]
    pub anchor: Option<Fingerprint>,
    /// How it knows what is under embargo.
    #[command(flatten)]
    pub sentry: SentryArgs,
    /// Write a mail to those who must still sign into this new file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["resume", "abort"])]
    pub mail: Option<PathBuf>,
    /// Do it; without this only the plan is shown
    #[arg(long)]
    pub execute: bool,
    /// Go on with the release that was interrupted here, as it was begun
    #[arg(long, conflicts_with_all = ["documents", "abort", "execute"])]
    pub resume: bool,
    /// Take back the commit and the tag of a release that the remote does not have
    #[arg(long, conflicts_with_all = ["documents", "execute"])]
    pub abort: bool,
}
