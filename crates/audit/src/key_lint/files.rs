//! Rules about whole key files.

use super::{File, KeyLint, finding};
use secpack_openpgp::{CertFacts, Keyring, certificate_blocks};
use secpack_pack::{Finding, Fingerprint, Level, escape};
use std::collections::BTreeSet;

pub(super) fn secret_key(_: &KeyLint<'_>, file: &File<'_>) -> Vec<Finding> {
    crate::keys::secret(file.key_file).into_iter().collect()
}

/// Readers still know the key from history, so nothing else would tell.
pub(super) fn no_certificate(_: &KeyLint<'_>, file: &File<'_>) -> Vec<Finding> {
    let facts = &file.facts;
    if facts.secret || facts.bare_revocations > 0 || !facts.certificates.is_empty() {
        return Vec::new();
    }
    let path = secpack_pack::shell_word(file.key_file.path.as_str());
    let text = "it holds no certificate that can be read".to_owned();
    let help = format!("git log --oneline -- {path}");
    vec![finding("no-certificate", Level::Error, file, text).with_help(help)]
}

/// Most programs read the first block of a file and pass over the others.
pub(super) fn several_blocks(_: &KeyLint<'_>, file: &File<'_>) -> Vec<Finding> {
    let blocks = file.facts.blocks.saturating_sub(file.facts.bare_revocations);
    if blocks <= 1 {
        return Vec::new();
    }
    let text = format!("it holds {blocks} armored blocks, of which many programs read the first");
    let help = "keep one block per file";
    vec![finding("several-blocks", Level::Warning, file, text).with_help(help)]
}

/// Applied here, but not by a plain import elsewhere.
pub(super) fn bare_revocation(lint: &KeyLint<'_>, file: &File<'_>) -> Vec<Finding> {
    if file.facts.bare_revocations == 0 {
        return Vec::new();
    }
    let others = lint.pack.keys.values().filter_map(|file| file.bytes.as_deref());
    let blocks: Vec<&[u8]> = others.flat_map(certificate_blocks).collect();
    let without = Keyring::gather(blocks.iter().map(|block| ("", *block)));
    let with = blocks.iter().copied().chain([file.bytes]);
    let with = Keyring::gather(with.map(|bytes| ("", bytes)));
    let revoked = |keyring: &Keyring, key: &Fingerprint| {
        let info = keyring.info(key, &lint.authority.policy);
        info.is_some_and(|info| info.revoked.is_some())
    };
    let bare = with.fingerprints().filter(|key| revoked(&with, key) && !revoked(&without, key));
    let help = format!("secpack keys revoke --from {}", file.key_file.path);
    bare.map(|key| {
        let text = format!("a revocation of {key} stands outside its certificate");
        finding("bare-revocation", Level::Warning, file, text).with_help(help.clone())
    })
    .collect()
}

/// A certification that an older version of the file had, and that counts only because history is
/// read too.
pub(super) fn lost_certification(lint: &KeyLint<'_>, file: &File<'_>) -> Vec<Finding> {
    let files = lint.pack.keys.values();
    let files = files.filter_map(|f| Some((f.path.as_str(), f.bytes.as_deref()?)));
    let today = Keyring::gather(files);
    let certified = |keyring: &Keyring, key: &Fingerprint, root: &Fingerprint| {
        keyring.certification(key, root, &lint.authority.policy).is_ok()
    };
    let lost = |cert: &CertFacts| {
        let key = &cert.fingerprint;
        let mut roots = lint.pack.policy.roots().iter().filter(|r| today.contains(&r.fingerprint));
        let root = roots.find(|root| {
            certified(&lint.gathered.keyring, key, &root.fingerprint)
                && !certified(&today, key, &root.fingerprint)
        })?;
        let text = format!("{} certified {key}, and no file shows it any more", root.id);
        let help = format!("secpack keys certify {key} --request --root {} --out FILE", root.id);
        Some(finding("lost-certification", Level::Warning, file, text).with_help(help))
    };
    file.facts.certificates.iter().filter_map(lost).collect()
}

/// Somebody else's certificate that bears the address of a member.
pub(super) fn user_id_taken(lint: &KeyLint<'_>, file: &File<'_>) -> Vec<Finding> {
    let roster = lint.pack.policy.roster();
    let mut found = Vec::new();
    for cert in &file.facts.certificates {
        let theirs = addresses(cert);
        let others =
            roster.members().iter().filter(|m| !m.fingerprints.contains(&cert.fingerprint));
        for member in others {
            let mut own = BTreeSet::new();
            for key in &member.fingerprints {
                let of_key = lint.certificates().filter(|c| &c.fingerprint == key);
                own.extend(of_key.flat_map(addresses));
            }
            if let Some(address) = theirs.intersection(&own).next() {
                let (key, id) = (&cert.fingerprint, &member.id);
                let address = escape(address);
                let text = format!("{key} bears {address}, the address of {id}, and is not theirs");
                let help = format!(
                    "ask {id}; if it is theirs, add it to [[member]] {id}, else remove the file"
                );
                found.push(finding("user-id-taken", Level::Warning, file, text).with_help(help));
            }
        }
    }
    found
}

/// The mail addresses in the user ids of a certificate, in lower case.
fn addresses(cert: &CertFacts) -> BTreeSet<String> {
    let of = |raw: &[u8]| {
        let text = String::from_utf8_lossy(raw).to_lowercase();
        let inside = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
        let address = inside.map_or(text.as_str(), |(inside, _)| inside);
        address.contains('@').then(|| address.trim().to_owned())
    };
    cert.users.iter().filter_map(|user| of(&user.raw)).collect()
}
