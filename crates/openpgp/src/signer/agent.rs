//! Signing with a key that gpg-agent keeps, on disk or on a smartcard. The secret half never comes
//! here; the agent asks for a passphrase or PIN by its own pinentry.

use super::{Asks, Order, SignError, card, key_file};
use crate::{Keyring, program};
use agent::keyinfo::{KeyInfo, KeyInfoList, KeyProtection, KeyType};
use chrono::{DateTime, Utc};
use openpgp::Cert;
use openpgp::cert::amalgamation::key::PrimaryKey;
use openpgp::packet::Key;
use openpgp::packet::key::{PublicParts, UnspecifiedRole};
use openpgp::policy::StandardPolicy;
use openpgp::types::HashAlgorithm;
use secpack_pack::Fingerprint;
use sequoia_gpg_agent as agent;
use sequoia_ipc::Keygrip;
use sequoia_openpgp as openpgp;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long `gpgconf` may take to start the agent.
const START: Duration = Duration::from_secs(30);

/// A key in a gpg-agent.
pub struct Agent {
    socket: PathBuf,
    primary: Fingerprint,
    key: Key<PublicParts, UnspecifiedRole>,
    grip: Keygrip,
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Agent({}, {})", self.primary, self.grip)
    }
}

/// Where the user's own agent listens. It is started when it does not run yet, as gpg does.
///
/// # Errors
/// When GnuPG is not installed or cannot start its agent.
pub fn agent_socket(search: &OsStr) -> Result<PathBuf, SignError> {
    program::gpgconf(search, &["--launch", "gpg-agent"], START)?;
    Ok(program::gpgconf(search, &["--list-dirs", "agent-socket"], START)?.into())
}

impl Agent {
    /// The first of these certificates of which the agent has a key that may sign now.
    ///
    /// # Errors
    /// [`SignError::NoAgent`], [`SignError::NotInAgent`], [`SignError::NoSigningKey`].
    pub fn open(
        keyring: &Keyring,
        primaries: &[Fingerprint],
        socket: PathBuf,
        now: DateTime<Utc>,
    ) -> Result<Self, SignError> {
        let known = known_keys(&socket)?;
        let mut none = None;
        for primary in primaries {
            let Some(cert) = keyring.certs.get(primary) else { continue };
            let keys = signing_keys(cert, now);
            if keys.is_empty() {
                let why = "all are revoked, expired or not for signing";
                none = Some(SignError::NoSigningKey(primary.clone(), why));
            }
            for key in keys {
                let Ok(grip) = Keygrip::of(key.mpis()) else { continue };
                if known.lookup(&grip).is_some_and(|info| info.keytype() != KeyType::Missing) {
                    return Ok(Self { socket, primary: primary.clone(), key, grip });
                }
            }
        }
        let names: Vec<&str> = primaries.iter().map(Fingerprint::as_str).collect();
        Err(none.unwrap_or_else(|| SignError::NotInAgent(names.join(" or "))))
    }

    pub(super) fn primary(&self) -> &Fingerprint {
        &self.primary
    }

    /// A passphrase that is not remembered is asked for, and a card asks when it is set to. What
    /// cannot be found out counts as nobody.
    pub(crate) fn asks(&self) -> Asks {
        let Some(info) = self.info() else { return Asks::Nobody };
        let card = || card::with_key(&self.socket, &self.grip);
        let asked = info.confirmation_required() || asks_for_passphrase(&info);
        if asked || (is_on_card(&info) && card().is_some_and(|card| card::asks_each_time(&card))) {
            Asks::Signer
        } else {
            Asks::Nobody
        }
    }

    pub(super) fn sign(&self, order: &Order<'_>) -> Result<Vec<u8>, SignError> {
        let prompt = format!("{}\nkey {}", order.purpose, self.primary.spaced());
        let signed = agent::KeyPair::new_for_socket(&self.socket, &self.key)
            .map_err(openpgp::anyhow::Error::from)
            .and_then(|pair| key_file::signed(&mut pair.with_password_prompt(prompt), order));
        signed.map_err(|error| self.failed(&error))
    }

    /// A card that is not there is told from one that refuses.
    fn failed(&self, error: &openpgp::anyhow::Error) -> SignError {
        let (primary, why) = (self.primary.clone(), secpack_pack::escape(&error.to_string()));
        let Some(info) = self.info().filter(is_on_card) else {
            return SignError::Failed(primary, why);
        };
        let number = card::number(info.serialno().unwrap_or("of an unknown number"));
        match card::with_key(&self.socket, &self.grip) {
            Some(_) => SignError::Card(primary, number, why),
            None => SignError::NoCard(primary, number),
        }
    }

    fn info(&self) -> Option<KeyInfo> {
        known_keys(&self.socket).ok()?.lookup(&self.grip).cloned()
    }
}

fn is_on_card(info: &KeyInfo) -> bool {
    info.keytype() == KeyType::Smartcard
}

fn asks_for_passphrase(info: &KeyInfo) -> bool {
    info.keytype() == KeyType::Regular
        && *info.protection() == KeyProtection::Protected
        && !info.passphrase_cached()
}

fn known_keys(socket: &Path) -> Result<KeyInfoList, SignError> {
    let no_agent =
        |e: String| SignError::NoAgent(socket.display().to_string(), secpack_pack::escape(&e));
    wait_for(async {
        let mut agent = agent::Agent::connect_to_agent(socket).await?;
        agent.list_keys().await
    })
    .map_err(|e| no_agent(e.to_string()))
}

/// The library speaks asynchronously; here every question is asked and answered before the next.
pub(super) fn wait_for<T>(
    question: impl Future<Output = Result<T, agent::Error>>,
) -> Result<T, agent::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    runtime?.block_on(question)
}

/// Keys that may sign now: the newest subkey first, the primary last, as in GnuPG. Which hashes
/// count is not asked here; what the key makes is judged by the policy.
fn signing_keys(cert: &Cert, now: DateTime<Utc>) -> Vec<Key<PublicParts, UnspecifiedRole>> {
    let at = SystemTime::from(now);
    let mut lenient = StandardPolicy::at(at);
    lenient.accept_hash(HashAlgorithm::SHA1);
    let keys = cert.keys().with_policy(&lenient, at).supported().for_signing();
    let mut keys: Vec<_> = keys.revoked(false).alive().collect();
    keys.sort_by_key(|key| std::cmp::Reverse((!key.primary(), key.key().creation_time())));
    keys.into_iter().map(|key| key.key().clone()).collect()
}
