//! Rules about certificates that are in use.

use super::{Subject, finding};
use chrono::{DateTime, Duration, Utc};
use secpack_openpgp::KeyFacts;
use secpack_pack::{Finding, Fingerprint, Level, escape};

/// Longest user id that is not odd, in bytes.
const LONG: usize = 200;

/// Only a dated rule of the policy lets such a certification count.
pub(super) fn weak_certification(subject: &Subject<'_>) -> Vec<Finding> {
    let key = &subject.cert.fingerprint;
    let Ok(Some(certification)) = subject.lint.authority.certified(key) else { return Vec::new() };
    if !certification.weak_hash {
        return Vec::new();
    }
    let text = format!("the newest certification of {key} is over {}", certification.hash);
    let help = format!("secpack keys certify {key} --request --out FILE");
    vec![finding("weak-certification", Level::Warning, subject.file, text).with_help(help)]
}

/// Newer programs pass over such a user id or subkey, or over the whole certificate.
pub(super) fn weak_self_signature(subject: &Subject<'_>) -> Vec<Finding> {
    let cert = subject.cert;
    let users = cert.users.iter().filter_map(|user| {
        let shown = escape(&String::from_utf8_lossy(&user.raw));
        Some((format!("user id \"{shown}\""), user.weak_binding.as_ref()?))
    });
    let keys = cert.keys.iter().filter_map(|key| {
        Some((format!("subkey {}", key.fingerprint), key.weak_binding.as_ref()?))
    });
    let help =
        "its owner extends it, which makes new ones: secpack keys extend --key FILE --expires 2y";
    users
        .chain(keys)
        .map(|(what, hash)| {
            let text = format!("the newest self-signature over the {what} is over {hash}");
            finding("weak-self-signature", Level::Warning, subject.file, text).with_help(help)
        })
        .collect()
}

pub(super) fn weak_key(subject: &Subject<'_>) -> Vec<Finding> {
    let weak = |key: &KeyFacts| {
        let what = key.weak.as_ref()?;
        let text = format!("the key {} is {what}, which is weak by now", key.fingerprint);
        let help = "a new key takes its place: secpack keys generate, then secpack keys rotate";
        Some(finding("weak-key", Level::Warning, subject.file, text).with_help(help))
    };
    subject.cert.keys.iter().filter_map(weak).collect()
}

/// Without it anybody could take the subkey into a certificate of their own, so it counts nowhere.
pub(super) fn no_back_signature(subject: &Subject<'_>) -> Vec<Finding> {
    let lacking = subject.cert.keys.iter().filter(|key| key.no_back_signature);
    lacking
        .map(|key| {
            let text = format!(
                "the signing subkey {} lacks the signature that says it belongs here",
                key.fingerprint
            );
            let help = "its owner adds it: gpg --edit-key FINGERPRINT cross-certify save";
            finding("no-back-signature", Level::Error, subject.file, text).with_help(help)
        })
        .collect()
}

/// What people compare by eye must be what they see.
pub(super) fn user_id(subject: &Subject<'_>) -> Vec<Finding> {
    let odd = |raw: &[u8]| {
        let Ok(text) = std::str::from_utf8(raw) else { return Some("is not UTF-8") };
        if escape(text) != text {
            return Some("holds characters that nobody sees");
        }
        if text.trim() != text || text.is_empty() {
            return Some("is empty, or begins or ends with a blank");
        }
        (raw.len() > LONG).then_some("is longer than 200 bytes")
    };
    let users = subject.cert.users.iter();
    users
        .filter_map(|user| {
            let why = odd(&user.raw)?;
            let shown: String =
                escape(&String::from_utf8_lossy(&user.raw)).chars().take(LONG).collect();
            let text = format!("the user id \"{shown}\" {why}");
            let help = "its owner revokes that user id and adds a plain one";
            Some(finding("user-id", Level::Warning, subject.file, text).with_help(help))
        })
        .collect()
}

/// Soon nobody can sign with it.
pub(super) fn key_ends(subject: &Subject<'_>) -> Vec<Finding> {
    let (now, key) = (subject.lint.now, &subject.cert.fingerprint);
    let soon = now + Duration::days(subject.lint.days.into());
    let Some(owner) = subject.lint.owner(key) else { return Vec::new() };
    let ends = subject.lint.ends(key);
    let about_to_end = ends.is_some_and(|ends| now < ends && ends <= soon);
    if !about_to_end || subject.lint.is_revoked(key) || has_other(subject, soon) {
        return Vec::new();
    }
    let ends = ends.unwrap_or(soon);
    let days = (ends - now).num_days();
    let text = format!("{key} of {owner} ends on {}, in {days} days", ends.date_naive());
    let help = "secpack keys extend --key FILE --expires 2y";
    vec![finding("key-ends", Level::Warning, subject.file, text).with_help(help)]
}

/// Somebody who is asked to sign, or to certify, cannot.
pub(super) fn key_unusable(subject: &Subject<'_>) -> Vec<Finding> {
    let (lint, key) = (subject.lint, &subject.cert.fingerprint);
    let Some(owner) = lint.owner(key) else { return Vec::new() };
    let ended = lint.ends(key).filter(|ends| *ends <= lint.now);
    let why = match (lint.is_revoked(key), ended) {
        (true, _) => "is revoked".to_owned(),
        (false, Some(ended)) => format!("ended on {}", ended.date_naive()),
        (false, None) => return Vec::new(),
    };
    if has_other(subject, lint.now) {
        return Vec::new();
    }
    let text = format!("{key} {why}, and {owner} has no other key");
    let help = match (lint.is_revoked(key), lint.pack.policy.roster().owner_of(key)) {
        (true, None) => "its owner needs another key: docs/guides/key-ceremony.md".to_owned(),
        (true, Some(member)) => {
            let member = &member.id;
            format!("secpack keys rotate {member} CERTIFICATE, or secpack keys retire {member}")
        }
        (false, _) => {
            "its owner extends it: secpack keys extend --key FILE --expires 2y".to_owned()
        }
    };
    vec![finding("key-unusable", Level::Error, subject.file, text).with_help(help)]
}

/// Whether the owner has another key that is good at that time.
fn has_other(subject: &Subject<'_>, at: DateTime<Utc>) -> bool {
    let (lint, key) = (subject.lint, &subject.cert.fingerprint);
    let Some(member) = lint.pack.policy.roster().owner_of(key) else { return false };
    let good = |other: &&Fingerprint| {
        *other != key
            && lint.gathered.keyring.contains(other)
            && !lint.is_revoked(other)
            && lint.ends(other).is_none_or(|ends| at < ends)
    };
    member.fingerprints.iter().any(|other| good(&other))
}
