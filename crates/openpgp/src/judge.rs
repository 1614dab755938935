//! One signature over some bytes: which key made it, and what that is worth.

use crate::keyring::revocation;
use crate::{DatedPolicy, Keyring, Parsed};
use chrono::{DateTime, Duration, Utc};
use openpgp::cert::Cert;
use openpgp::cert::amalgamation::ValidAmalgamation;
use openpgp::crypto::hash::Hash as _;
use openpgp::packet::Signature;
use secpack_pack::policy::{HashUse, Refreshed};
use secpack_pack::{Fingerprint, Reason, Verdict};
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

/// How far ahead of our clock a signer's clock may be.
const CLOCK_SKEW: Duration = Duration::hours(24);

/// What one signature turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What it is worth, as far as OpenPGP and the policy's dates go. Whose key it is, and whether
    /// that person may sign this, is for the caller to judge.
    pub verdict: Verdict,
    /// The key that made it: the one that verified, never the one it names.
    pub signer: Option<Fingerprint>,
    /// The certificate of that key.
    pub primary: Option<Fingerprint>,
    /// When it says it was made.
    pub made: Option<DateTime<Utc>>,
    /// Its hash algorithm, for example `SHA256`.
    pub hash: Option<String>,
    /// Whether that hash counts only by a dated rule.
    pub weak_hash: bool,
}

/// The bytes a signature is judged over, and as what.
#[derive(Debug, Clone, Copy)]
pub struct Over<'a> {
    /// The exact bytes that are hashed.
    pub bytes: &'a [u8],
    /// Which dated hash rules apply.
    pub used: HashUse,
}

impl Judged {
    /// A verdict about something that never became a signature.
    pub fn refused(verdict: Verdict) -> Self {
        Self { verdict, signer: None, primary: None, made: None, hash: None, weak_hash: false }
    }

    /// The same facts with another verdict.
    pub fn with(self, verdict: Verdict) -> Self {
        Self { verdict, ..self }
    }
}

/// Judges one parsed signature.
pub fn judge(
    keyring: &Keyring,
    policy: &DatedPolicy<'_>,
    parsed: &Parsed,
    over: Over<'_>,
) -> Judged {
    let signature = &parsed.signature;
    let facts = Judged {
        verdict: Verdict::good(),
        signer: None,
        primary: None,
        made: signature.signature_creation_time().map(crate::time),
        hash: Some(crate::dated::hash_name(signature.hash_algo())),
        weak_hash: !crate::dated::is_strong(signature.hash_algo()),
    };
    let Some(made) = signature.signature_creation_time() else {
        return facts.with(Verdict::new(Reason::Malformed, "it does not say when it was made"));
    };
    let digest = match digest(signature, over.bytes) {
        Ok(digest) => digest,
        Err(verdict) => return facts.with(verdict),
    };
    let makers = match find_makers(keyring, policy, signature, &digest, made) {
        Ok(makers) => makers,
        Err(verdict) => return facts.with(verdict),
    };
    let not_canonical = parsed.not_canonical.clone().or_else(|| prefix_fault(signature, &digest));
    let seen = Seen { signature, not_canonical, made, used: over.used };
    let judged: Vec<(Verdict, &Maker<'_>)> =
        makers.iter().map(|maker| (judge_key(policy, &seen, maker), maker)).collect();
    let best = judged.iter().find(|(verdict, _)| verdict.is_good()).or(judged.first());
    let (verdict, (cert, key)) = best.expect("whoever finds no maker returns a verdict");
    Judged {
        verdict: verdict.clone(),
        signer: crate::fingerprint(key),
        primary: crate::fingerprint(&cert.fingerprint()),
        ..facts
    }
}

/// A signature that verifies, on its way to a verdict.
struct Seen<'a> {
    signature: &'a Signature,
    not_canonical: Option<String>,
    made: SystemTime,
    used: HashUse,
}

/// A key that verifies, and the certificate it stands in.
type Maker<'k> = (&'k Cert, openpgp::Fingerprint);

/// The keys that verify it. One key may stand in several certificates, of which one may be a
/// stranger's who took it in without asking: all are returned, the one whose primary key it is
/// first. Hints only narrow the search; where they lead nowhere the members' keys are tried.
fn find_makers<'k>(
    keyring: &'k Keyring,
    policy: &DatedPolicy<'_>,
    signature: &Signature,
    digest: &[u8],
    made: SystemTime,
) -> Result<Vec<Maker<'k>>, Verdict> {
    let hints = signature.get_issuers();
    let hinted: Vec<_> = hints.iter().flat_map(|hint| keyring.candidates(hint)).collect();
    let (makers, refusal) = verifying(keyring, &hinted, signature, digest, made);
    if !makers.is_empty() {
        return Ok(makers);
    }
    let members = policy.pack().roster().members().iter();
    let pinned = members.flat_map(|member| &member.fingerprints);
    let known: Vec<_> = pinned.flat_map(|primary| keyring.keys_of(primary)).collect();
    let known: Vec<_> = known.iter().collect();
    let (makers, _) = verifying(keyring, &known, signature, digest, made);
    if !makers.is_empty() {
        return Ok(makers);
    }
    Err(refusal.unwrap_or_else(|| unknown(&hints)))
}

/// The candidates that verify, and why the last of the others does not.
fn verifying<'k>(
    keyring: &'k Keyring,
    candidates: &[&(Fingerprint, openpgp::Fingerprint)],
    signature: &Signature,
    digest: &[u8],
    made: SystemTime,
) -> (Vec<Maker<'k>>, Option<Verdict>) {
    let (mut makers, mut refusal) = (Vec::<Maker<'k>>::new(), None);
    for (primary, key) in candidates {
        let Some(cert) = keyring.certs.get(primary) else { continue };
        let Some(found) = cert.keys().key_handle(key.clone()).next() else { continue };
        if made < found.key().creation_time() {
            refusal = Some(Verdict::new(Reason::NotYetValid, "made before its key existed"));
        } else if signature.verify_digest(found.key(), digest).is_ok() {
            makers.push((cert, key.clone()));
        } else {
            refusal = Some(Verdict::new(
                Reason::Bad,
                format!("it does not verify this text with {key:X}: one of the two changed"),
            ));
        }
    }
    makers.sort_by_key(|(cert, key)| &cert.fingerprint() != key);
    (makers, refusal)
}

/// The digest that is signed.
fn digest(signature: &Signature, bytes: &[u8]) -> Result<Vec<u8>, Verdict> {
    let unsupported = |_| {
        let text = format!("the hash {} is not supported", signature.hash_algo());
        Verdict::new(Reason::WeakHash, text)
    };
    let builder = signature.hash_algo().context().map_err(unsupported)?;
    let mut context = builder.for_signature(signature.version());
    context.update(bytes);
    signature.hash(&mut context).map_err(unsupported)?;
    context.into_digest().map_err(unsupported)
}

/// The first two bytes of the digest also stand in the packet, where nothing signs them.
fn prefix_fault(signature: &Signature, digest: &[u8]) -> Option<String> {
    let same = digest.starts_with(signature.digest_prefix());
    (!same).then(|| "the two digest bytes in the packet are not those of the digest".to_owned())
}

fn unknown(hints: &[openpgp::KeyHandle]) -> Verdict {
    if hints.is_empty() {
        return Verdict::new(Reason::UnknownKey, "it names no key, and no member made it");
    }
    let names: Vec<String> = hints.iter().map(|hint| format!("{hint:X}")).collect();
    let text = format!("made by {}, which is not in the pack", names.join(", "));
    Verdict::new(Reason::UnknownKey, text)
}

/// What a verified signature is worth; the gravest reason first.
fn judge_key(policy: &DatedPolicy<'_>, seen: &Seen<'_>, (cert, key): &Maker<'_>) -> Verdict {
    let (signature, made) = (seen.signature, seen.made);
    let no = |reason, text: String| Verdict::new(reason, text);
    if let Some(why) = &seen.not_canonical {
        return no(Reason::NotCanonical, why.clone());
    }
    if !signature.get_issuers().iter().all(|i| i.aliases(openpgp::KeyHandle::from(key.clone()))) {
        return no(
            Reason::NotCanonical,
            "it names another key than the one that made it".to_owned(),
        );
    }
    if let Some(fault) = policy.critical_fault(signature) {
        return no(Reason::Malformed, fault);
    }
    if crate::time(made) > policy.now() + CLOCK_SKEW {
        return no(Reason::NotYetValid, "dated in the future".to_owned());
    }
    if let Some(why) = revoked(cert, key, made) {
        return no(Reason::Revoked, why);
    }
    if let Some(fault) = policy.hash_fault(signature, seen.used) {
        return no(Reason::WeakHash, fault);
    }
    if signature.signature_alive(SystemTime::from(policy.now()), CLOCK_SKEW.to_std().ok()).is_err()
    {
        return no(Reason::Expired, "the signature itself has expired".to_owned());
    }
    validity(policy, cert, key, made)
}

fn revoked(cert: &Cert, key: &openpgp::Fingerprint, made: SystemTime) -> Option<String> {
    revocation(cert.primary_key().self_revocations(), Some(made)).or_else(|| {
        let found = cert.keys().subkeys().find(|k| &k.key().fingerprint() == key)?;
        revocation(found.self_revocations(), Some(made))
    })
}

/// Whether the key was valid, alive and allowed to sign when the signature was made.
fn validity(
    policy: &DatedPolicy<'_>,
    cert: &Cert,
    key: &openpgp::Fingerprint,
    made: SystemTime,
) -> Verdict {
    let verdict = valid_at(policy, cert, key, made);
    let refreshed = policy.pack().validity().refreshed_self_signatures;
    let no_binding = verdict.reason == Reason::NotYetValid;
    match (refreshed, no_binding) {
        (Refreshed::Accept, true) => match earliest_binding(cert) {
            Some(later) if later > made => valid_at(policy, cert, key, later),
            Some(_) | None => verdict,
        },
        (Refreshed::Accept, false) | (Refreshed::Refuse, _) => verdict,
    }
}

fn valid_at(
    policy: &DatedPolicy<'_>,
    cert: &Cert,
    key: &openpgp::Fingerprint,
    at: SystemTime,
) -> Verdict {
    let day = crate::time(at).date_naive();
    let valid = match cert.keys().with_policy(policy, at).key_handle(key.clone()).next() {
        Some(valid) => valid,
        None => return no_binding(policy, cert, at),
    };
    if valid.alive().is_err() || valid.valid_cert().alive().is_err() {
        return Verdict::new(Reason::Expired, format!("its key had expired on {day}"));
    }
    if !valid.for_signing() {
        return Verdict::new(Reason::WrongType, "its key is not one for signing");
    }
    Verdict::good()
}

/// Why no valid binding was found at that time.
fn no_binding(policy: &DatedPolicy<'_>, cert: &Cert, at: SystemTime) -> Verdict {
    let day = crate::time(at).date_naive();
    let weak = match cert.with_policy(policy, at) {
        Ok(_) => None,
        Err(error) => match error.downcast_ref::<openpgp::Error>() {
            Some(openpgp::Error::PolicyViolation(what, _)) => Some(what.clone()),
            _ => None,
        },
    };
    match weak {
        Some(what) => Verdict::new(Reason::WeakHash, format!("its key's self-signature: {what}")),
        None => Verdict::new(
            Reason::NotYetValid,
            format!("no valid self-signature of its key is known for {day}"),
        ),
    }
}

fn earliest_binding(cert: &Cert) -> Option<SystemTime> {
    let users = cert.userids().flat_map(|user| user.self_signatures());
    users
        .chain(cert.primary_key().self_signatures())
        .filter_map(|signature| signature.signature_creation_time())
        .min()
}
