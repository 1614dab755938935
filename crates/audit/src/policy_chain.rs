//! A new version of the policy counts only when it is signed as the version before it requires.
//!
//! Otherwise whoever can push could write themselves into the team. The first version is where a
//! reader begins: it rests on the anchor alone.

use crate::AuditError;
use crate::gather::groups;
use secpack_git::Repository;
use secpack_openpgp::{Authority, DatedPolicy, Keyring, Trust};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{
    Content, Document, Finding, Level, ObjectId, Pack, PackPath, Policy, SignatureFile,
};
use secpack_signing::{JudgedSignature, judge_signature, tally};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One text that the policy file had, oldest first.
struct Version {
    bytes: Arc<[u8]>,
    id: ObjectId,
}

/// What all versions are judged with.
struct Chain<'a> {
    keyring: &'a Keyring,
    path: PackPath,
    signatures: Vec<SignatureFile>,
    now: chrono::DateTime<chrono::Utc>,
    trust: &'a Trust,
}

/// Findings about the versions of the pack's own policy, in the history of `tips`.
pub(crate) fn findings(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    tips: &[ObjectId],
    trust: &Trust,
) -> Result<Vec<Finding>, AuditError> {
    let Some(path) = policy_path(pack) else { return Ok(Vec::new()) };
    let versions = versions(repository, pack, tips, &path)?;
    let signatures = signatures(repository, pack, tips, &path)?;
    let now = authority.policy.now();
    let chain = Chain { keyring: authority.keyring, path, signatures, now, trust };
    Ok(versions.windows(2).flat_map(|pair| chain.step(&pair[0], &pair[1])).collect())
}

fn policy_path(pack: &Pack) -> Option<PackPath> {
    let series = pack.policy.series_of_kind(SeriesKind::Policy)?;
    pack.documents.values().find(|d| d.id.series == series.id).map(|d| d.path.clone())
}

fn versions(
    repository: &Repository,
    pack: &Pack,
    tips: &[ObjectId],
    path: &PackPath,
) -> Result<Vec<Version>, AuditError> {
    let mut found: Vec<Version> = Vec::new();
    for version in repository.blob_versions(tips, &|p| p == path)? {
        if let Content::Bytes(bytes) = repository.read_blob(version.id)? {
            found.push(Version { bytes, id: version.id });
        }
    }
    // What lies on disk is the newest version, committed or not.
    if let Some(file) = pack.file(path)
        && let Content::Bytes(bytes) = &file.content
    {
        found.retain(|version| version.id != file.id);
        found.push(Version { bytes: Arc::clone(bytes), id: file.id });
    }
    Ok(found)
}

/// Every signature file beside the policy that ever was.
fn signatures(
    repository: &Repository,
    pack: &Pack,
    tips: &[ObjectId],
    path: &PackPath,
) -> Result<Vec<SignatureFile>, AuditError> {
    let place = |p: &PackPath| pack.policy.signature_place(p).filter(|(d, _)| d == path);
    let mut found: Vec<SignatureFile> = pack.signatures_of(path).cloned().collect();
    for version in repository.blob_versions(tips, &|p| place(p).is_some())? {
        let Some((document, member)) = place(&version.path) else { continue };
        if let Content::Bytes(bytes) = repository.read_blob(version.id)? {
            let bytes = Some(bytes);
            let file = SignatureFile { document, member, path: version.path, bytes };
            if !found.contains(&file) {
                found.push(file);
            }
        }
    }
    Ok(found)
}

impl Chain<'_> {
    /// Judges the newer version by the older one.
    fn step(&self, older: &Version, newer: &Version) -> Option<Finding> {
        let before = parse(older)?;
        let finding = |rule: &str, text: String| {
            let evidence: [&[u8]; 2] = [older.id.as_bytes(), newer.id.as_bytes()];
            Finding::new(rule, Level::Error, self.path.as_str(), &evidence, text)
        };
        if let Some(after) = parse(newer)
            && after.version() <= before.version()
        {
            let text = format!("version {} follows version {}", after.version(), before.version());
            return Some(
                finding("policy-version", text).with_help("raise `version` with every change"),
            );
        }
        if self.is_signed(&before, newer) {
            return None;
        }
        let text = format!("this version is not signed as version {} requires", before.version());
        Some(
            finding("policy-unsigned", text)
                .with_help(format!("members sign it: secpack sign {} --as MEMBER", self.path)),
        )
    }

    fn is_signed(&self, before: &Policy, newer: &Version) -> bool {
        let Some(id) = before.identify(&self.path) else { return false };
        let document =
            Document { id, path: self.path.clone(), bytes: Some(Arc::clone(&newer.bytes)) };
        let groups = groups(before, self.keyring);
        let dated = DatedPolicy::new(before, self.now);
        let authority = Authority::new(self.keyring, dated, groups, self.trust);
        let judged =
            self.signatures.iter().map(|file| judge_signature(&authority, &document, file));
        // Signatures over other versions say nothing about this one.
        let mut seen = BTreeSet::new();
        let good: Vec<JudgedSignature> = judged
            .filter(|s| s.judged.verdict.is_good() && seen.insert(s.member.clone()))
            .collect();
        tally(before.need(&document.id, None), good).is_met()
    }
}

/// A version that is no policy requires nothing of the next one.
fn parse(version: &Version) -> Option<Policy> {
    Policy::parse(std::str::from_utf8(&version.bytes).ok()?).ok()
}
