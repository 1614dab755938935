//! The only room that knows sequoia: certificates, one signature to one verdict, signers.
//!
//! A signature is judged in two steps. [`parse`] and [`cleartext`] decide what is a signature
//! at all, byte by byte. [`judge`] finds the key that made it and says what that is worth under
//! the policy of the pack, at the time it was made, with certificates as all of history knows them.

#[cfg(all(feature = "crypto-nettle", feature = "crypto-openssl"))]
compile_error!("choose one of the features crypto-nettle and crypto-openssl");
#[cfg(not(any(feature = "crypto-nettle", feature = "crypto-openssl")))]
compile_error!("choose one of the features crypto-nettle and crypto-openssl");

mod armor;
#[cfg(test)]
mod attacks;
mod authority;
mod certification;
mod certify;
mod certs;
pub mod cleartext;
mod dated;
mod export;
mod facts;
mod generate;
mod judge;
mod key_error;
mod keyring;
mod news;
pub mod program;
mod renew;
mod repair;
mod revoke;
mod sheet;
mod signature;
mod signer;
mod splice;
mod survey;
mod unlock;

pub use armor::{ArmorError, blocks};
pub use authority::{Authority, Trust};
pub use certification::Certification;
pub use certify::{certificate_of, certify};
pub use dated::DatedPolicy;
pub use facts::{
    CertFacts, FileFacts, KeyFacts, UserFacts, certificate_blocks, facts, holds_secret_key,
};
pub use generate::{Algorithm, KeySpec, NewKey, Purpose, generate};
pub use judge::{Judged, Over, judge};
pub use key_error::KeyError;
pub use keyring::{CertInfo, KeyProblem, Keyring, Lost, fingerprints_in};
pub use news::{News, NewsKind, news};
pub use renew::{Addition, Term, extend};
pub use repair::{Repair, RepairError, Repaired, repair};
pub use revoke::{Revocation, RevocationReason, read_revocation, revoke};
pub use sheet::{Opened, Sheet, SheetError, sheet_keyring, sheet_word, sign_sheet};
pub use signature::{Parsed, SignatureKind, parse};
pub use signer::{
    Agent, Asks, External, KeyFile, Order, SignError, Signer, agent_socket, refuse_fresh,
};
pub use splice::{SpliceError, splice};
pub use survey::WeakSelfSignature;
pub use unlock::secret_fingerprint;

use secpack_pack::Fingerprint;

/// Sequoia's fingerprint as ours.
fn fingerprint(theirs: &sequoia_openpgp::Fingerprint) -> Option<Fingerprint> {
    theirs.to_hex().parse().ok()
}

/// Sequoia's time as ours, to the second.
fn time(theirs: std::time::SystemTime) -> chrono::DateTime<chrono::Utc> {
    theirs.into()
}
