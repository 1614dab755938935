//! Arguments of the commands that change a published text.

use clap::Args;
use secpack_pack::MemberId;

/// Arguments of `bulletin revise`.
#[derive(Debug, Args)]
pub struct ReviseArgs {
    /// The document: a path, a file name or a label
    pub document: String,
    /// What changed, in one line, for the changelog
    #[arg(
        long,
        value_name = "TEXT",
        required_unless_present = "withdraw_signature",
        conflicts_with = "withdraw_signature"
    )]
    pub change: Option<String>,
    /// Only take back the signature of this member, for example a stale one
    #[arg(long, value_name = "MEMBER", requires = "reason")]
    pub withdraw_signature: Option<MemberId>,
    /// Why the signature is taken back
    #[arg(long, value_name = "TEXT", requires = "withdraw_signature")]
    pub reason: Option<String>,
    /// Do not ask, after saying whose signatures it costs
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `bulletin withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The document: a path, a file name or a label
    pub document: String,
    /// Why it does not stand any more, in one line
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Do not ask, after saying whose signatures it costs
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `canary revise`.
#[derive(Debug, Args)]
pub struct CanaryReviseArgs {
    /// The canary: a path, a file name or a label
    pub document: String,
    /// Take back the signature of this member, for example a stale one
    #[arg(long, value_name = "MEMBER")]
    pub withdraw_signature: MemberId,
    /// Why it is taken back
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Do not ask, after saying whose signature it costs
    #[arg(long)]
    pub yes: bool,
}
