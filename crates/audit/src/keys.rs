//! Key files: each certificate in each, certified or not, expired or not.

use crate::report::{KeyReport, rfc3339};
use secpack_openpgp::{Authority, CertInfo, Lost, fingerprints_in, holds_secret_key};
use secpack_pack::{Finding, Fingerprint, KeyFile, Level, Pack, Reason};
use std::collections::BTreeMap;

/// One line per certificate per key file of the snapshot.
pub(crate) fn report(authority: &Authority<'_>, pack: &Pack) -> Vec<KeyReport> {
    let files: Vec<(&KeyFile, Fingerprint)> = pack
        .keys
        .values()
        .flat_map(|file| {
            let bytes = file.bytes.as_deref().unwrap_or_default();
            fingerprints_in(bytes).into_iter().map(move |primary| (file, primary))
        })
        .collect();
    files.into_iter().map(|(file, primary)| one(authority, file, primary)).collect()
}

fn one(authority: &Authority<'_>, file: &KeyFile, primary: Fingerprint) -> KeyReport {
    let info = authority.keyring.info(&primary, &authority.policy);
    let certified = authority.certified(&primary);
    let verdict = match (&certified, &info) {
        (Err(verdict), _) => verdict.reason,
        (Ok(_), Some(info)) => standing(authority, info),
        (Ok(_), None) => Reason::Good,
    };
    KeyReport {
        path: file.path.clone(),
        fingerprint: primary,
        certified_by: certified.ok().flatten().map(|c| c.root.clone()),
        expires: info.and_then(|info| info.expires).map(rfc3339),
        verdict,
    }
}

/// A key that is both expired and revoked is reported as revoked; that none of its
/// self-signatures counts is said only of a key that is neither.
fn standing(authority: &Authority<'_>, info: &CertInfo) -> Reason {
    let expired = info.expires.is_some_and(|expires| expires <= authority.policy.now());
    match (&info.revoked, expired, &info.fault) {
        (Some(_), _, _) => Reason::Revoked,
        (None, true, _) => Reason::Expired,
        (None, false, Some(fault)) => fault.reason,
        (None, false, None) => Reason::Good,
    }
}

/// Uncertified certificates and key files that could not be read whole.
pub(crate) fn findings(authority: &Authority<'_>, pack: &Pack, keys: &[KeyReport]) -> Vec<Finding> {
    let mut found = Vec::new();
    for key in keys {
        if let Err(verdict) = authority.certified(&key.fingerprint) {
            let evidence = crate::documents::evidence(pack, &key.path);
            let parts: [&[u8]; 2] = [key.fingerprint.as_str().as_bytes(), &evidence];
            found.push(
                Finding::new(
                    verdict.reason.code(),
                    Level::Error,
                    key.path.as_str(),
                    &parts,
                    verdict.detail,
                )
                .with_help("the root must certify it: secpack keys certify"),
            );
        }
    }
    found.extend(keys.iter().filter_map(|key| without_self_signature(authority, pack, key)));
    found.extend(pack.keys.values().filter_map(secret));
    found.extend(problems(authority, pack));
    found.extend(unreadable(pack));
    found
}

/// A certificate none of whose self-signatures counts: nothing that it signs can be good, and
/// programs that skip such certificates skip it silently.
fn without_self_signature(
    authority: &Authority<'_>,
    pack: &Pack,
    key: &KeyReport,
) -> Option<Finding> {
    let info = authority.keyring.info(&key.fingerprint, &authority.policy)?;
    let fault = info.fault.filter(|_| info.revoked.is_none())?;
    let evidence = crate::documents::evidence(pack, &key.path);
    let parts: [&[u8]; 2] = [key.fingerprint.as_str().as_bytes(), &evidence];
    let text = format!("no self-signature of {} counts: {}", key.fingerprint, fault.detail);
    Some(Finding::new(fault.reason.code(), Level::Warning, key.path.as_str(), &parts, text))
}

/// Whoever clones the pack has the secret key of such a file.
pub(crate) fn secret(file: &KeyFile) -> Option<Finding> {
    let bytes = file.bytes.as_deref().filter(|bytes| holds_secret_key(bytes))?;
    let text = "it holds a secret key";
    let evidence: [&[u8]; 2] = [text.as_bytes(), bytes];
    let help = format!("revoke that key, and never commit {}", file.path);
    let finding =
        Finding::new("secret-key", Level::Error, file.path.as_str(), &evidence, text.to_owned());
    Some(finding.with_help(help))
}

/// A damaged block in a current key file is an error; in an old version only a warning.
fn problems(authority: &Authority<'_>, pack: &Pack) -> Vec<Finding> {
    let mut by_place: BTreeMap<(String, String), Finding> = BTreeMap::new();
    for problem in authority.keyring.problems() {
        let current = problem.source.parse().ok().and_then(|path| pack.keys.get(&path)).is_some();
        let (rule, level) = match (problem.lost, current) {
            (Lost::Block, true) => ("malformed", Level::Error),
            (Lost::Block, false) => ("malformed", Level::Warning),
            (Lost::Nothing, true | false) => ("bare-revocation", Level::Warning),
        };
        let finding = Finding::new(
            rule,
            level,
            &problem.source,
            &[problem.text.as_bytes()],
            problem.text.clone(),
        )
        .with_help(match problem.lost {
            Lost::Block => look(&problem.source),
            Lost::Nothing => String::new(),
        });
        by_place.insert((problem.source.clone(), problem.text.clone()), finding);
    }
    by_place.into_values().collect()
}

/// Shows what is damaged in a key file, and which commit had it whole: not everything is mended.
fn look(source: &str) -> String {
    let file = secpack_pack::shell_word(source);
    format!("secpack keys repair {file}; or from a commit that had it whole: git log -- {file}")
}

fn unreadable(pack: &Pack) -> Vec<Finding> {
    let missing = pack.keys.values().filter(|file| file.bytes.is_none());
    missing
        .map(|file| {
            Finding::new(
                Reason::Unreadable.code(),
                Level::Error,
                file.path.as_str(),
                &[],
                "the key file's bytes are missing, or its link leads nowhere",
            )
        })
        .collect()
}
