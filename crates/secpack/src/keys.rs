//! Opening the signer that a member names on the command line.

use crate::arguments::SignerArgs;
use crate::session::Session;
use crate::{Fault, fault::OrHint, passphrase};
use chrono::{DateTime, Utc};
use secpack_openpgp::{KeyFile, Signer};
use secpack_pack::MemberId;
use std::path::Path;

/// Largest key file that is read, in bytes.
const CAP: u64 = 4 * 1024 * 1024;

/// Opens the signer; a passphrase is asked on the terminal when the key is locked.
///
/// # Errors
/// When no key is named, it cannot be read, or it may not sign.
pub fn open_signer(arguments: &SignerArgs, now: DateTime<Utc>) -> Result<Signer, Fault> {
    let path = arguments.key.as_deref().ok_or_else(|| {
        Fault::new("no key is named").hint("add --key FILE, the OpenPGP secret key to sign with")
    })?;
    let bytes = read(path)?;
    let key = KeyFile::open(&bytes, now, passphrase::ask)
        .map_err(|fault: Fault| Fault::new(format!("{}: {}", path.display(), fault.message())))
        .or_hint("export one with: gpg --armor --export-secret-keys FINGERPRINT > FILE")?;
    Ok(Signer::KeyFile(key))
}

/// Opens the signer and makes sure that its key is this member's.
///
/// # Errors
/// As [`open_signer`], and when the key is somebody else's.
pub fn open_signer_of(
    session: &Session,
    arguments: &SignerArgs,
    member: &MemberId,
) -> Result<Signer, Fault> {
    let signer = open_signer(arguments, session.now)?;
    let owner = session.pack.policy.roster().owner_of(signer.primary());
    let key = signer.primary();
    match owner {
        Some(owner) if &owner.id == member => Ok(signer),
        Some(owner) => Err(Fault::refused(format!("the key {key} is not one of {member}'s"))
            .hint(format!("it belongs to {}; add --as {}", owner.id, owner.id))),
        None => Err(Fault::refused(format!("the key {key} is not one of {member}'s"))
            .hint("secpack keys list tells whose keys there are")),
    }
}

/// The member who acts, as the command line names them.
///
/// # Errors
/// When it names nobody.
pub fn member(arguments: &SignerArgs) -> Result<&MemberId, Fault> {
    arguments
        .member
        .as_ref()
        .ok_or_else(|| Fault::new("it is not said who acts").hint("add --as MEMBER"))
}

/// Reads a key file with its size capped.
///
/// # Errors
/// Names the file.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let named = |e: std::io::Error| {
        Fault::new(format!("{}: {e}", path.display()))
            .hint("a path on the command line is relative to the current folder")
    };
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > CAP {
        return Err(Fault::new(format!(
            "{}: {size} bytes is too large for a key file",
            path.display()
        )));
    }
    std::fs::read(path).map_err(named)
}
