//! Arguments of the commands about keys.

use clap::{Args, Subcommand, ValueEnum};
use secpack_pack::Fingerprint;
use std::path::PathBuf;

/// Commands about keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the certificates of the pack
    #[command(after_help = "Example:\n  secpack keys list")]
    List,
    /// Make a key
    #[command(
        after_help = "Example:\n  secpack keys generate \"Ann <ann@example.org>\" --secret ann.key --certificate ann.asc"
    )]
    Generate(GenerateArgs),
    /// Certify a certificate with a root key
    #[command(
        after_help = "Example:\n  secpack keys certify ann.asc --key master.key --out ann-certified.asc"
    )]
    Certify(CertifyArgs),
    /// Read a certificate whose armor was damaged on its way, and write it well formed
    #[command(
        after_help = "Example:\n  secpack keys repair team.asc\n  secpack keys repair team.asc --fingerprint FINGERPRINT --out team-repaired.asc"
    )]
    Repair(RepairArgs),
    /// Print every certificate of the pack as one keyring
    #[command(after_help = "Example:\n  secpack keys export | gpg --import")]
    Export,
}

/// Which kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyAlgorithm {
    /// Ed25519.
    Ed25519,
    /// RSA with 4096 bits.
    Rsa4096,
}

/// Arguments of `keys generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The user id, for example "Ann <ann@example.org>"
    pub user_id: String,
    /// Where the secret key goes; readable by you only
    #[arg(long, value_name = "FILE")]
    pub secret: PathBuf,
    /// Where the certificate goes
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// Which kind
    #[arg(long, value_enum, default_value = "ed25519")]
    pub algorithm: KeyAlgorithm,
    /// Leave the secret key unlocked; for throw-away keys only
    #[arg(long)]
    pub no_passphrase: bool,
}

/// Arguments of `keys certify`.
#[derive(Debug, Args)]
pub struct CertifyArgs {
    /// The certificate file
    pub certificate: PathBuf,
    /// The root's secret key file
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Where the certified certificate goes
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Arguments of `keys repair`.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// The damaged certificate
    pub file: PathBuf,
    /// The fingerprint that it must have, from elsewhere
    #[arg(long, value_name = "FPR", requires = "out")]
    pub fingerprint: Option<Fingerprint>,
    /// Where the repaired certificate goes
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
