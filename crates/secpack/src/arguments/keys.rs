//! Arguments of the commands about keys.

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use secpack_pack::{Fingerprint, MemberId, RootId};
use std::path::PathBuf;
use std::str::FromStr;

/// Commands about keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the certificates of the pack: whose, what they sign, until when
    #[command(after_help = "Example:\n  secpack keys list")]
    List,
    /// Look for what is or will be wrong with keys
    #[command(after_help = "Example:\n  secpack keys lint\n  secpack keys lint --days 90 --json")]
    Lint(KeysLintArgs),
    /// Make a key, and a revocation of it to keep apart
    #[command(
        after_help = "Example:\n  secpack keys generate \"Acme master key\" --kind master --secret master.key --certificate master.asc\n  secpack keys generate \"Ann <ann@example.org>\" --secret ann.key --certificate ann.asc --expires 2y"
    )]
    Generate(GenerateArgs),
    /// Certify a certificate with a root key, here or on a machine that is offline
    #[command(
        after_help = "Example, with the root's key at hand:\n  secpack keys certify ann.asc --key master.key --out ann-certified.asc\n\nExample, with the root's key on an offline machine:\n  secpack keys certify ann --request --out ann.request        (in the pack)\n  secpack keys certify ann.request --key master.key --out ann.answer   (there)\n  secpack keys certify ann.answer --answer                    (in the pack again)"
    )]
    Certify(CertifyArgs),
    /// Let a key end later
    #[command(
        after_help = "Example:\n  secpack keys extend --key ann.key --expires 2y\n  secpack keys extend --from ann-extended.asc      (extended with gpg)"
    )]
    Extend(ExtendArgs),
    /// Give a member a new key beside the old one
    #[command(after_help = "Example:\n  secpack keys rotate ann ann-2027-certified.asc")]
    Rotate(RotateArgs),
    /// End the roles of a member who leaves; what they signed stays good
    #[command(
        after_help = "Example:\n  secpack keys retire ann\n  secpack keys retire ann --until 2026-12-31 --last bulletin=41"
    )]
    Retire(RetireArgs),
    /// Revoke a key: nothing undoes that
    #[command(
        after_help = "Example:\n  secpack keys revoke --key ann.key --reason superseded --text \"new key since May\"\n  secpack keys revoke --from ann.revocation.asc"
    )]
    Revoke(RevokeArgs),
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

/// What a new key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyKind {
    /// Certifies the others, signs nothing, lies offline; does not expire.
    Master,
    /// Signs documents and tags; 2 years.
    Member,
    /// The team's mailbox: signs, and others encrypt to it; 2 years.
    TeamMail,
    /// Signs the digests of one release; 5 years.
    Release,
}

/// When a key ends: a number of days, weeks, months or years from now, a day, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expires {
    /// It does not.
    Never,
    /// On this day, UTC, at its end.
    On(NaiveDate),
    /// So many days from now.
    Days(u32),
    /// So many months from now.
    Months(u32),
}

impl FromStr for Expires {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Expires::Never);
        }
        if let Ok(day) = text.parse() {
            return Ok(Expires::On(day));
        }
        let unit = text.chars().last().unwrap_or_default();
        let number = text.strip_suffix(unit).and_then(|n| n.parse::<u32>().ok());
        match (number.filter(|n| (1..=9999).contains(n)), unit) {
            (Some(n), 'd') => Ok(Expires::Days(n)),
            (Some(n), 'w') => Ok(Expires::Days(n * 7)),
            (Some(n), 'm') => Ok(Expires::Months(n)),
            (Some(n), 'y') => Ok(Expires::Months(n * 12)),
            _ => {
                Err("give a span such as 2y, 18m or 90d, a day such as 2031-12-31, or never"
                    .to_owned())
            }
        }
    }
}

/// Arguments of `keys lint`.
#[derive(Debug, Args)]
pub struct KeysLintArgs {
    /// Warn of keys that expire within so many days
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub days: u32,
}

/// Arguments of `keys generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The user id, for example "Ann <ann@example.org>"
    pub user_id: String,
    /// Where the secret key goes; readable by you only, and outside of the pack
    #[arg(long, value_name = "FILE")]
    pub secret: PathBuf,
    /// Where the certificate goes
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// Where a revocation goes, to be kept apart from the key [default: beside the secret key]
    #[arg(long, value_name = "FILE")]
    pub revocation: Option<PathBuf>,
    /// What it is for
    #[arg(long, value_enum, default_value = "member")]
    pub kind: KeyKind,
    /// Sign with a subkey, so that the primary key can lie offline; for members
    #[arg(long)]
    pub signing_subkey: bool,
    /// Which kind of mathematics
    #[arg(long, value_enum, default_value = "ed25519")]
    pub algorithm: KeyAlgorithm,
    /// When it ends: 2y, 18m, 90d, a day, or never [default: by its kind]
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<Expires>,
    /// Leave the secret key unlocked; for throw-away keys only
    #[arg(long)]
    pub no_passphrase: bool,
}

/// Arguments of `keys certify`.
#[derive(Debug, Args)]
pub struct CertifyArgs {
    /// A certificate, request or answer file; with --request also a member or fingerprint
    pub certificate: String,
    /// The root's secret key file
    #[arg(long, value_name = "FILE", required_unless_present_any = ["request", "answer"])]
    pub key: Option<PathBuf>,
    /// Where the certified certificate, or the request, goes
    #[arg(long, value_name = "FILE", required_unless_present = "answer")]
    pub out: Option<PathBuf>,
    /// Write a request for the machine that has the root's key
    #[arg(long, conflicts_with_all = ["key", "answer"])]
    pub request: bool,
    /// Take in what came back: certifications by the root of the policy, and nothing else
    #[arg(long, conflicts_with_all = ["key", "out"])]
    pub answer: bool,
    /// Put the answer into this certificate [default: the pack's own copies of it]
    #[arg(long, value_name = "FILE", requires = "answer")]
    pub into: Option<PathBuf>,
    /// Which root of the policy certifies [default: the one that the key's group asks for]
    #[arg(long, value_name = "ID", conflicts_with = "key")]
    pub root: Option<RootId>,
}

/// Arguments of `keys extend`.
#[derive(Debug, Args)]
pub struct ExtendArgs {
    /// The secret key file; it gets the new end too
    #[arg(long, value_name = "FILE", required_unless_present = "from", requires = "expires")]
    pub key: Option<PathBuf>,
    /// When it ends now: 2y, 18m, 90d, a day, or never
    #[arg(long, value_name = "WHEN", requires = "key")]
    pub expires: Option<Expires>,
    /// Write the certificate there, and leave the pack alone
    #[arg(long, value_name = "FILE", requires = "key")]
    pub out: Option<PathBuf>,
    /// Take in a certificate that was extended elsewhere: new self-signatures, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub from: Option<PathBuf>,
}

/// Arguments of `keys rotate`.
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// Whose new key it is
    pub member: MemberId,
    /// Its certificate, certified by the root
    pub certificate: PathBuf,
}

/// Arguments of `keys retire`.
#[derive(Debug, Args)]
pub struct RetireArgs {
    /// Who leaves
    pub member: MemberId,
    /// Their last day, UTC [default: today]
    #[arg(long, value_name = "DAY")]
    pub until: Option<NaiveDate>,
    /// The last document of a series that they sign, instead of the day: SERIES=NUMBER
    #[arg(long, value_name = "SERIES=N")]
    pub last: Vec<String>,
}

/// Why a key is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reason {
    /// Somebody else may have it: voids every signature it ever made.
    Compromised,
    /// Another key takes its place: voids signatures from now on.
    Superseded,
    /// It is not used any more: voids signatures from now on.
    Retired,
    /// Nothing is said: voids every signature it ever made.
    Unspecified,
}

/// Arguments of `keys revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The secret key file
    #[arg(long, value_name = "FILE", required_unless_present = "from", requires = "reason")]
    pub key: Option<PathBuf>,
    /// Why
    #[arg(long, value_enum)]
    pub reason: Option<Reason>,
    /// The same in your words; everybody will read it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub text: String,
    /// Apply the revocation in this file: made with the key, or with gpg
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "reason", "text", "out"])]
    pub from: Option<PathBuf>,
    /// Only write the revocation there, for later
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Do not ask: this is the fingerprint that I revoke (16 hex digits or more)
    #[arg(long, value_name = "FPR")]
    pub yes: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_days_and_never() {
        let check = |text: &str, expected: Option<Expires>| {
            assert_eq!(text.parse().ok(), expected, "{text}");
        };
        check("2y", Some(Expires::Months(24)));
        check("18m", Some(Expires::Months(18)));
        check("2w", Some(Expires::Days(14)));
        check("90d", Some(Expires::Days(90)));
        check("never", Some(Expires::Never));
        check("2031-12-31", "2031-12-31".parse().ok().map(Expires::On));
        for bad in ["", "2", "y", "0y", "-1y", "2x", "2031-13-01", "99999d", "é"] {
            check(bad, None);
        }
    }
}
