//! What is there now, in the form in which it would be remembered.

use super::{Memory, SCHEMA, SeenCanary, SeenPolicy};
use crate::documents::JudgedDocument;
use crate::report::{CanaryReport, KeyReport};
use crate::verify::PolicySource;
use chrono::{DateTime, NaiveDate, Utc};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Finding, Fingerprint, MemberId, ObjectId, Pack, PackPath, Reason};
use secpack_tag::JudgedTag;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// What is good now. Remember [`Present::to_remember`] instead.
    pub(crate) memory: Memory,
    /// Every file, good or not.
    pub(crate) files: BTreeMap<PackPath, ObjectId>,
    /// Complete documents, for people.
    pub(crate) titles: BTreeMap<PackPath, Title>,
    /// The document and the member of each good signature file.
    pub(crate) signers: BTreeMap<PackPath, (PackPath, Option<MemberId>)>,
    /// Keys of members and roots that expire, and when.
    pub(crate) expiring: Vec<Expiring>,
    /// Documents whose text is one that a newer text replaced before.
    pub(crate) reverted: BTreeSet<PackPath>,
    /// Files that are on disk as no commit has them.
    pub(crate) uncommitted: BTreeSet<PackPath>,
}

/// A document, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    pub kind: SeriesKind,
    pub label: String,
    pub date: Option<NaiveDate>,
}

/// A key that counts and will expire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expiring {
    pub expires: DateTime<Utc>,
    pub owner: String,
    pub fingerprint: Fingerprint,
}

/// Everything that was judged and that a memory is made of.
pub(crate) struct Facts<'a> {
    pub pack: &'a Pack,
    pub documents: &'a [JudgedDocument<'a>],
    pub tags: &'a [JudgedTag],
    pub keys: &'a [KeyReport],
    pub canaries: &'a [CanaryReport],
    pub evidence: &'a BTreeMap<PackPath, ObjectId>,
    pub findings: &'a [Finding],
    pub policy: &'a PolicySource,
    pub reverted: &'a BTreeSet<PackPath>,
}

impl Present {
    pub(crate) fn of(facts: &Facts<'_>, anchor: Fingerprint, head: ObjectId) -> Self {
        let pack = facts.pack;
        let complete = complete(facts);
        let signers = signers(facts);
        let blobs = |paths: &mut dyn Iterator<Item = &PackPath>| -> BTreeMap<PackPath, ObjectId> {
            paths.filter_map(|path| Some((path.clone(), pack.file(path)?.id))).collect()
        };
        let memory = Memory {
            schema: SCHEMA.to_owned(),
            pack: pack.policy.name().to_owned(),
            anchor,
            head,
            policy: own_policy(facts),
            canaries: facts.canaries.iter().map(SeenCanary::from).collect(),
            documents: blobs(&mut complete.keys()),
            signatures: blobs(&mut signers.keys()),
            evidence: evidence(facts, &complete),
            statements: statements(pack, &complete),
            taggers: good_tags(facts).filter_map(|tag| tag.member.clone()).collect(),
            newest_time: newest_time(facts),
        };
        Self {
            memory,
            files: pack.files().map(|file| (file.path.clone(), file.id)).collect(),
            titles: complete,
            signers,
            expiring: expiring(facts),
            reverted: facts.reverted.clone(),
            uncommitted: uncommitted(facts.findings),
        }
    }

    /// How many bulletins are complete.
    pub fn bulletins(&self) -> usize {
        self.titles.values().filter(|title| title.kind == SeriesKind::Bulletin).count()
    }

    /// What to remember after a good run. What lies on disk as no commit has it is not published
    /// yet and may still change, so of such files the old memory stays; and what was good once and
    /// still stands there is never dropped. `clock` is the reader's own, `None` when the time was
    /// given by hand: a rehearsal says nothing about today.
    pub fn to_remember(&self, seen: Option<&Memory>, clock: Option<DateTime<Utc>>) -> Memory {
        let mut next = self.memory.clone();
        self.uncommitted.iter().for_each(|path| next.forget(path));
        if let Some(seen) = seen {
            self.keep(&mut next, seen);
        }
        next.newest_time = next.newest_time.max(clock.unwrap_or(next.newest_time));
        next
    }

    fn keep(&self, next: &mut Memory, seen: &Memory) {
        let stays = |path: &PackPath, blob: &ObjectId| {
            self.uncommitted.contains(path) || self.files.get(path) == Some(blob)
        };
        for (mine, theirs) in
            [(&mut next.documents, &seen.documents), (&mut next.signatures, &seen.signatures)]
        {
            let kept = theirs.iter().filter(|(path, blob)| stays(path, blob));
            mine.extend(kept.map(|(path, blob)| (path.clone(), *blob)));
        }
        // Asked for as long as the text stands: taking the evidence away must not go unsaid twice.
        for (path, blob) in &seen.evidence {
            if next.documents.get(path).is_some_and(|text| seen.documents.get(path) == Some(text)) {
                next.evidence.entry(path.clone()).or_insert(*blob);
            }
        }
        for (path, digest) in &seen.statements {
            next.statements.entry(path.clone()).or_insert_with(|| digest.clone());
        }
        next.taggers.extend(seen.taggers.iter().cloned());
        next.policy = next.policy.take().or_else(|| seen.policy.clone());
        next.newest_time = next.newest_time.max(seen.newest_time);
    }
}

impl Memory {
    fn forget(&mut self, path: &PackPath) {
        self.documents.remove(path);
        self.signatures.remove(path);
        self.evidence.remove(path);
        self.statements.remove(path);
        if path.as_str() == secpack_pack::policy::FILE {
            self.policy = None;
        }
    }
}

impl From<&CanaryReport> for SeenCanary {
    fn from(canary: &CanaryReport) -> Self {
        Self { series: canary.series.clone(), number: canary.number, date: canary.date }
    }
}

fn complete(facts: &Facts<'_>) -> BTreeMap<PackPath, Title> {
    let policy = &facts.pack.policy;
    let complete = facts.documents.iter().filter(|judged| judged.tally.is_met());
    let title = |judged: &JudgedDocument<'_>| {
        let document = judged.document;
        let kind = policy.find_series(&document.id.series)?.kind;
        let label = policy.label_of(&document.id);
        let date = crate::texts::date_of(policy, document);
        Some((document.path.clone(), Title { kind, label, date }))
    };
    complete.filter_map(title).collect()
}

/// Files with a good signature. A clearsigned document is its own.
fn signers(facts: &Facts<'_>) -> BTreeMap<PackPath, (PackPath, Option<MemberId>)> {
    let mut found = BTreeMap::new();
    for judged in facts.documents {
        for signature in &judged.tally.signatures {
            if signature.judged.verdict.is_good() {
                let by = (judged.document.path.clone(), signature.member.clone());
                found.insert(signature.path.clone(), by);
            }
        }
    }
    found
}

fn own_policy(facts: &Facts<'_>) -> Option<SeenPolicy> {
    match facts.policy {
        PolicySource::File(_) => None,
        PolicySource::Pack => {
            let path: PackPath = secpack_pack::policy::FILE.parse().ok()?;
            let sha256 = sha256(facts.pack, &path)?;
            Some(SeenPolicy { version: facts.pack.policy.version(), sha256 })
        }
    }
}

fn evidence(
    facts: &Facts<'_>,
    complete: &BTreeMap<PackPath, Title>,
) -> BTreeMap<PackPath, ObjectId> {
    let fitting = facts.evidence.iter().filter(|(canary, _)| complete.contains_key(*canary));
    fitting.map(|(canary, blob)| (canary.clone(), *blob)).collect()
}

fn statements(pack: &Pack, complete: &BTreeMap<PackPath, Title>) -> BTreeMap<PackPath, String> {
    let statements = complete.iter().filter(|(_, title)| title.kind == SeriesKind::Statement);
    statements.filter_map(|(path, _)| Some((path.clone(), sha256(pack, path)?))).collect()
}

fn sha256(pack: &Pack, path: &PackPath) -> Option<String> {
    let secpack_pack::Content::Bytes(bytes) = &pack.file(path)?.content else { return None };
    Some(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn good_tags<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a JudgedTag> {
    facts.tags.iter().filter(|tag| tag.judged.verdict.is_good())
}

/// The newest time of a good signature. Good ones are never in the future.
fn newest_time(facts: &Facts<'_>) -> DateTime<Utc> {
    let signatures = facts.documents.iter().flat_map(|judged| &judged.tally.signatures);
    let signed = signatures.filter(|s| s.judged.verdict.is_good()).filter_map(|s| s.judged.made);
    let tagged = good_tags(facts).filter_map(|tag| tag.judged.made);
    signed.chain(tagged).max().unwrap_or(DateTime::UNIX_EPOCH)
}

fn expiring(facts: &Facts<'_>) -> Vec<Expiring> {
    let policy = &facts.pack.policy;
    let owner = |key: &Fingerprint| {
        let member = policy.roster().owner_of(key).map(|member| member.id.to_string());
        let root = || policy.roots().iter().find(|root| &root.fingerprint == key);
        member.or_else(|| root().map(|root| root.id.to_string()))
    };
    let good = facts.keys.iter().filter(|key| key.verdict == Reason::Good);
    let found: BTreeSet<Expiring> = good
        .filter_map(|key| {
            let expires = DateTime::parse_from_rfc3339(key.expires.as_deref()?).ok()?.to_utc();
            let fingerprint = key.fingerprint.clone();
            Some(Expiring { expires, owner: owner(&fingerprint)?, fingerprint })
        })
        .collect();
    found.into_iter().collect()
}

fn uncommitted(findings: &[Finding]) -> BTreeSet<PackPath> {
    let found = findings.iter().filter(|finding| finding.rule == crate::verify::UNCOMMITTED);
    found.filter_map(|finding| finding.path.parse().ok()).collect()
}
