//! A new version of the policy counts only when it is signed as the version before it requires.
//!
//! Otherwise whoever can push could write themselves into the team. The first version is where a
//! reader begins: it rests on the anchor alone.

use crate::AuditError;
use crate::gather::groups;
use secpack_git::Repository;
use secpack_openpgp::{Authority, DatedPolicy, Keyring, Trust};
use secpack_pack::policy::FILE;
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
    let path: PackPath = FILE.parse().expect("a plain file name");
    let versions = versions(repository, pack, tips, &path)?;
    let policies: Vec<Policy> = versions.iter().filter_map(parse).collect();
    let signatures = signatures(repository, pack, tips, &path, &policies)?;
    let now = authority.policy.now();
    let chain = Chain { keyring: authority.keyring, path, signatures, now, trust };
    let mut found = Vec::new();
    // The last version that is a policy decides; what is none in between is passed over, so that
    // nobody can hide a change behind a broken file.
    let mut before: Option<(Policy, &Version)> = None;
    for version in &versions {
        let Some(policy) = parse(version) else { continue };
        if let Some((older, at)) = &before {
            found.extend(chain.step(older, at, &policy, version));
        }
        before = Some((policy, version));
    }
    found.extend(versions.last().and_then(|newest| chain.stands(&pack.policy, newest)));
    Ok(found)
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
    policies: &[Policy],
) -> Result<Vec<SignatureFile>, AuditError> {
    // Each version may have named signature files its own way, and a new one may name none at all.
    let place = |p: &PackPath| {
        let places = policies.iter().filter_map(|policy| policy.signature_place(p));
        places.into_iter().find(|(document, _)| document == path)
    };
    let mut found: Vec<SignatureFile> = Vec::new();
    for file in pack.files() {
        if let (Some((document, member)), Content::Bytes(bytes)) =
            (place(&file.path), &file.content)
        {
            let bytes = Some(Arc::clone(bytes));
            found.push(SignatureFile { document, member, path: file.path.clone(), bytes });
        }
    }
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
    fn step(
        &self,
        before: &Policy,
        older: &Version,
        after: &Policy,
        newer: &Version,
    ) -> Option<Finding> {
        let finding = |rule: &str, text: String| {
            let evidence: [&[u8]; 2] = [older.id.as_bytes(), newer.id.as_bytes()];
            Finding::new(rule, Level::Error, self.path.as_str(), &evidence, text)
        };
        if after.version() <= before.version() {
            let text = format!("version {} follows version {}", after.version(), before.version());
            return Some(
                finding("policy-version", text).with_help("raise `version` with every change"),
            );
        }
        if self.is_signed(before, newer) {
            return None;
        }
        let text = format!("this version is not signed as version {} requires", before.version());
        Some(
            finding("policy-unsigned", text)
                .with_help(format!("members sign it: secpack sign {} --as MEMBER", self.path)),
        )
    }

    /// Under an anchor, the policy in force must be signed by somebody whom the anchor certifies,
    /// whatever it says of itself.
    fn stands(&self, policy: &Policy, newest: &Version) -> Option<Finding> {
        if *self.trust == Trust::Policy || !self.good(policy, newest).is_empty() {
            return None;
        }
        let text = "no member whom the anchor certifies signed this policy";
        let evidence: [&[u8]; 1] = [newest.id.as_bytes()];
        let help = "bring a policy that you trust with --policy FILE, or ask the team to sign it";
        Some(
            Finding::new("policy-unsigned", Level::Error, self.path.as_str(), &evidence, text)
                .with_help(help),
        )
    }

    fn is_signed(&self, before: &Policy, newer: &Version) -> bool {
        // A policy that does not count itself among the documents asks for no signature here.
        let Some(id) = before.identify(&self.path) else { return true };
        let good = self.good(before, newer);
        tally(before.need(&id, crate::documents::newest(&good)), good).is_met()
    }

    /// The good signatures over one version, by the members and roles of a policy.
    fn good(&self, policy: &Policy, version: &Version) -> Vec<JudgedSignature> {
        let Some(id) = policy.identify(&self.path) else { return Vec::new() };
        let document =
            Document { id, path: self.path.clone(), bytes: Some(Arc::clone(&version.bytes)) };
        let groups = groups(policy, self.keyring);
        let dated = DatedPolicy::new(policy, self.now);
        let authority = Authority::new(self.keyring, dated, groups, self.trust);
        let judged =
            self.signatures.iter().map(|file| judge_signature(&authority, &document, file));
        // Signatures over other versions say nothing about this one.
        let mut seen = BTreeSet::new();
        judged.filter(|s| s.judged.verdict.is_good() && seen.insert(s.member.clone())).collect()
    }
}

/// A version that is no policy requires nothing of the next one.
fn parse(version: &Version) -> Option<Policy> {
    Policy::parse(std::str::from_utf8(&version.bytes).ok()?).ok()
}
