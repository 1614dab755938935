//! Every signature that the pack holds, and the key that made it: over documents as they are or
//! as they once were, over tags, inside commits.

use super::files::Sorted;
use super::lenient::{Leniency, Sample};
use crate::AuditError;
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use secpack_git::{Repository, TagObject, TagRef, raw_tag};
use secpack_openpgp::{Keyring, SignatureKind, cleartext, parse};
use secpack_pack::policy::HashUse;
use secpack_pack::{Content, Fingerprint, MemberId, ObjectId, PackPath, Policy, Reason};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A signature over a document.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The signature file; the document itself when it is clearsigned.
    pub file: PackPath,
    pub document: PackPath,
    /// The name that the file bears.
    pub member: Option<MemberId>,
    /// Such as `{document}.sig.{member}`; `None` inside a clearsigned document.
    pub pattern: Option<String>,
    pub evidence: Option<Evidence>,
}

/// A tag: its name, the commit it is about and who signed it.
#[derive(Debug, Clone)]
pub(super) struct SeenTag {
    pub name: String,
    pub commit: ObjectId,
    pub message: String,
    pub evidence: Option<Evidence>,
}

/// The key of a signature that verifies.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub key: Fingerprint,
    pub made: DateTime<Utc>,
    pub hash: Option<String>,
    pub sample: Sample,
}

/// What is needed to judge anything.
pub(super) struct Eyes<'a> {
    pub keyring: &'a Keyring,
    pub lenient: Policy,
    pub now: DateTime<Utc>,
}

impl<'a> Eyes<'a> {
    pub fn new(keyring: &'a Keyring, now: DateTime<Utc>) -> Self {
        Self { keyring, lenient: Leniency::ALL.policy(), now }
    }

    fn look(&self, sample: Sample) -> Result<Evidence, Reason> {
        let judged = sample.judge(self.keyring, &self.lenient, self.now);
        match (&judged.primary, judged.made) {
            (Some(key), Some(made)) if judged.verdict.is_good() => {
                let hash = judged.hash.clone().filter(|_| judged.weak_hash);
                Ok(Evidence { key: key.clone(), made, hash, sample })
            }
            _ => Err(judged.verdict.reason),
        }
    }

    /// Signatures over documents.
    pub fn documents(
        &self,
        repository: &Repository,
        sorted: &Sorted,
        tips: &[ObjectId],
    ) -> Result<Vec<Seen>, AuditError> {
        let beside = sorted.detached.par_iter().map(|file| {
            let sample = detached_sample(sorted, &file.path, &file.document);
            let looked = sample.map(|sample| self.look(sample));
            let bad = matches!(&looked, Some(Err(Reason::Bad)));
            let seen = Seen {
                file: file.path.clone(),
                document: file.document.clone(),
                member: file.member.clone(),
                pattern: file.pattern.clone(),
                evidence: looked.and_then(Result::ok),
            };
            (seen, bad)
        });
        let mut found: Vec<(Seen, bool)> = beside.collect();
        self.look_back(repository, sorted, tips, &mut found)?;
        let inside = sorted.clearsigned.iter().map(|path| Seen {
            file: path.clone(),
            document: path.clone(),
            member: None,
            pattern: None,
            evidence: clearsigned_sample(sorted, path).and_then(|s| self.look(s).ok()),
        });
        let beside = found.into_iter().map(|(seen, _)| seen);
        Ok(beside.chain(inside.collect::<Vec<_>>()).collect())
    }

    /// Judges what does not match over every earlier text of its document.
    fn look_back(
        &self,
        repository: &Repository,
        sorted: &Sorted,
        tips: &[ObjectId],
        found: &mut [(Seen, bool)],
    ) -> Result<(), AuditError> {
        let bad = found.iter().filter(|(_, bad)| *bad);
        let wanted: BTreeSet<PackPath> = bad.map(|(seen, _)| seen.document.clone()).collect();
        let mut texts: BTreeMap<PackPath, Vec<Arc<[u8]>>> = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(());
        }
        for version in repository.blob_versions(tips, &|path| wanted.contains(path))? {
            if let Content::Bytes(bytes) = repository.read_blob(version.id)? {
                texts.entry(version.path).or_default().push(bytes);
            }
        }
        for (seen, _) in found.iter_mut().filter(|(_, bad)| *bad) {
            let Some(sample) = detached_sample(sorted, &seen.file, &seen.document) else {
                continue;
            };
            let mut earlier = texts.get(&seen.document).into_iter().flatten();
            seen.evidence = earlier
                .find_map(|text| self.look(Sample { bytes: text.clone(), ..sample.clone() }).ok());
        }
        Ok(())
    }

    /// Signed tags of commits whose name is their own.
    pub fn tags(&self, refs: &[TagRef]) -> Vec<SeenTag> {
        refs.par_iter().filter_map(|tag| self.tag(tag)).collect()
    }

    fn tag(&self, tag: &TagRef) -> Option<SeenTag> {
        let TagObject::Raw(raw) = &tag.object else { return None };
        let inside = raw_tag::parse(raw).ok()?;
        if inside.target_kind != "commit" || inside.name != tag.name {
            return None;
        }
        let sample = inside.signature.and_then(|armored| {
            let parsed = parse(armored, SignatureKind::Binary).ok()?;
            Some(Sample { parsed, bytes: inside.payload.into(), used: HashUse::Tags })
        });
        Some(SeenTag {
            name: tag.name.clone(),
            commit: inside.object,
            message: String::from_utf8_lossy(inside.message).into_owned(),
            evidence: sample.and_then(|sample| self.look(sample).ok()),
        })
    }

    /// Signed commits among the newest of the main line, newest first.
    pub fn commits(
        &self,
        repository: &Repository,
        head: Option<ObjectId>,
    ) -> Result<Vec<(ObjectId, Evidence)>, AuditError> {
        const NEWEST: usize = 500;
        let Some(head) = head else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for id in repository.mainline(head)?.into_iter().take(NEWEST) {
            // What cannot be read strictly is no evidence; `verify` says what is wrong with it.
            let Ok(commit) = repository.commit(id) else { continue };
            let Some(signature) = commit.signature else { continue };
            let Ok(parsed) = parse(&signature.armor, SignatureKind::Binary) else { continue };
            let sample = Sample { parsed, bytes: signature.payload.into(), used: HashUse::Tags };
            found.extend(self.look(sample).ok().map(|evidence| (id, evidence)));
        }
        Ok(found)
    }
}

fn detached_sample(sorted: &Sorted, file: &PackPath, document: &PackPath) -> Option<Sample> {
    let parsed = parse(&sorted.bytes(file)?, SignatureKind::Binary).ok()?;
    Some(Sample { parsed, bytes: sorted.bytes(document)?, used: HashUse::Documents })
}

fn clearsigned_sample(sorted: &Sorted, path: &PackPath) -> Option<Sample> {
    let inside = cleartext::split(&sorted.bytes(path)?).ok()?;
    let parsed = parse(&inside.signature, SignatureKind::Text).ok()?;
    Some(Sample { parsed, bytes: inside.signed.into(), used: HashUse::Documents })
}
