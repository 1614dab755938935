//! Arguments of the commands that sign.

use clap::{Args, Subcommand, ValueEnum};
use secpack_pack::{Fingerprint, MemberId};
use std::path::PathBuf;

/// Where a signing key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum With {
    /// An OpenPGP secret key file: --key FILE.
    KeyFile,
    /// The user's gpg-agent, on disk or on a smartcard.
    Agent,
    /// A program with the options of gpg, such as qubes-gpg-client-wrapper: --program PATH.
    Program,
    /// Another machine without a network: writes a request, which is signed there.
    Request,
}

/// Whose key signs.
#[derive(Debug, Clone, Args)]
pub struct SignerArgs {
    /// The member who signs
    #[arg(long = "as", value_name = "MEMBER")]
    pub member: Option<MemberId>,
    /// Where the key is [default: what --key or --program says]
    #[arg(long, value_enum)]
    pub with: Option<With>,
    /// The OpenPGP secret key file; its passphrase is asked on the terminal
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The program that signs [default: gpg.program of your own git configuration, $GNUPG, or gpg]
    #[arg(long, value_name = "PATH", conflicts_with = "key")]
    pub program: Option<PathBuf>,
    /// The primary key to sign with, when more than one of the member's may
    #[arg(long, value_name = "FPR", conflicts_with = "key")]
    pub local_user: Option<Fingerprint>,
    /// The signer asks somebody before each signature (Split GPG, a card with a button), so do not
    /// ask here as well
    #[arg(long)]
    pub signer_asks: bool,
    /// How long the program may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub timeout: u64,
    /// The folder for the request or its answer [default: beside the pack, beside the request]
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub out: Option<PathBuf>,
}

/// Arguments of `sign`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct SignArgs {
    /// Instead: answer a request.
    #[command(subcommand)]
    pub command: Option<SignCommand>,
    /// The documents: paths, file names or labels
    #[arg(required = true)]
    pub documents: Vec<String>,
    /// Whose key signs.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// Do not ask: this is the SHA-256 of the text that I read (16 hex digits or more); once per
    /// document
    #[arg(long, value_name = "DIGEST")]
    pub yes: Vec<String>,
    /// Show what would be signed and stop
    #[arg(long)]
    pub dry_run: bool,
}

/// What `sign` does besides.
#[derive(Debug, Subcommand)]
pub enum SignCommand {
    /// Sign what a request asks for, where the key is; no pack is needed
    #[command(
        after_help = "Example:\n  secpack sign request sb-001-2026.txt.ann.request --with agent\n  secpack sign request sb-001-2026.txt.ann.request --key ann.key\n  secpack sign request ann_sec_0123abcd.tag.request --with agent"
    )]
    Request(SignRequestArgs),
}

/// Arguments of `sign request`.
#[derive(Debug, Args)]
pub struct SignRequestArgs {
    /// The request, as `secpack sign DOC` or `secpack tag` wrote it, both --with request
    pub file: PathBuf,
    /// Whose key signs.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// Do not ask: this is the SHA-256 of the text that I read (16 hex digits or more), or the
    /// commit of the tag that I looked at (12 or more)
    #[arg(long, value_name = "DIGEST")]
    pub yes: Option<String>,
}

/// Arguments of `tag`.
#[derive(Debug, Args)]
pub struct TagArgs {
    /// The commit
    #[arg(default_value = "HEAD")]
    pub commit: String,
    /// Whose key signs.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// Do not ask: this is the commit that I looked at (12 hex digits or more)
    #[arg(long, value_name = "COMMIT")]
    pub yes: Option<String>,
}
