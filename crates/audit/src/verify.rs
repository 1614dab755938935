//! The whole verification: load, gather, judge, cover, report.

use crate::documents::JudgedDocument;
use crate::earlier::EarlierTexts;
use crate::gather::{Gathered, Scope, gather};
use crate::memory::{Facts, Present};
use crate::moved::Versions;
use crate::report::{
    AnchorReport, Counts, MemoryReport, PackReport, PolicyReport, Report, Result as Outcome,
    SCHEMA, Summary,
};
use crate::{
    anchor, backdated, commits, cover, documents, evidence, history, keys, overdue, policy_chain,
    tags, texts,
};
use chrono::{DateTime, Utc};
use secpack_git::{Repository, Snapshot};
use secpack_openpgp::{Authority, DatedPolicy, Trust};
use secpack_pack::{Finding, Fingerprint, Level, ObjectId, Pack, Policy, Reason};
use secpack_tag::JudgedTag;
use std::collections::BTreeSet;

/// Why nothing could be found out.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
}

/// Where the policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// `secpack.toml` of the pack itself.
    Pack,
    /// A file that the reader brought.
    File(String),
}

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The snapshot and all tags.
    Now,
    /// Every commit of the main line as well.
    History,
}

/// What to verify, and how.
pub struct Request<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The files that are judged.
    pub snapshot: Snapshot,
    /// The path as the user gave it.
    pub path: String,
    /// The policy.
    pub policy: Policy,
    /// Where it comes from.
    pub policy_source: PolicySource,
    /// What the reader brought.
    pub anchor: Option<Fingerprint>,
    /// The time taken for now.
    pub now: DateTime<Utc>,
    /// How much to look at.
    pub depth: Depth,
    /// Told the name of each stage as it begins.
    pub progress: &'a dyn Fn(&str),
}

/// Verifies a pack.
///
/// # Errors
/// [`AuditError`] when the repository cannot be read. Everything else that is wrong with the pack
/// is a verdict or a finding in the report.
pub fn verify(request: Request<'_>) -> Result<Report, AuditError> {
    let Request { repository, snapshot, path, policy, policy_source, anchor, now, depth, progress } =
        request;
    let work_tree = snapshot.is_work_tree();
    let head = repository.head()?;
    let commit = snapshot.commit.or(head);
    let mut findings = snapshot.findings();
    let pack = Pack::assemble(policy, snapshot.files);
    findings.extend(pack.findings.iter().cloned());

    progress("reading tags and keys");
    let refs = repository.tags()?;
    let tips = tips(commit, &refs);
    let Gathered { keyring, groups } = gather(repository, &pack, &tips, Scope::History)?;
    let trust = trust(&policy_source, anchor.as_ref());
    let dated = DatedPolicy::new(&pack.policy, now);
    let authority = Authority::new(&keyring, dated, groups, &trust);

    progress("judging signatures");
    let mut judged_tags = tags::judge(&authority, &refs);
    let mut judged = judge_documents(repository, &authority, &pack, &tips)?;
    cover::tags(repository, &cover::Cover::new(&judged_tags), &mut judged_tags)?;
    let covering = cover::Cover::new(&judged_tags);
    cover::documents(repository, &pack, &covering, &mut judged)?;

    progress("checking texts");
    findings.extend(judged.iter().flat_map(|document| document.findings(&pack)));
    findings.extend(judged_tags.iter().filter_map(tags::finding));
    findings.extend(texts::findings(&pack));
    let versions = Versions::read(repository, &pack, &tips)?;
    findings.extend(versions.findings(repository, &pack)?);
    let past = backdated::Past { repository, pack: &pack, versions: &versions, head, tips: &tips };
    findings.extend(backdated::findings(&past, &judged)?);
    if policy_source == PolicySource::Pack {
        findings.extend(policy_chain::findings(repository, &authority, &pack, &tips, &trust)?);
    }
    let key_reports = keys::report(&authority, &pack);
    findings.extend(keys::findings(&authority, &pack, &key_reports));
    let anchor = anchor.map(|fingerprint| anchor::report(&pack.policy, &fingerprint));
    if let Some(anchor) = &anchor {
        findings.extend(anchor::findings(&pack.policy, &keyring, anchor));
    }
    let proofs = evidence::judge(&pack, &judged);
    findings.extend(proofs.findings);
    let canaries = overdue::canaries(&pack, &judged, now);
    findings.extend(overdue::findings(&pack, &canaries));
    let signed = commits::judge(repository, &authority, commit)?;
    findings.extend(signed.as_ref().and_then(commits::finding));
    let signature = signed.as_ref().map(commits::report);
    let head_report = crate::HeadReport { signature, ..tags::head(commit, &judged_tags) };
    findings.extend(head_finding(&pack.policy, &head_report));
    if work_tree {
        findings.extend(uncommitted(repository, &pack, head)?);
    }
    let history = match depth {
        Depth::Now => None,
        Depth::History => {
            progress("walking history");
            Some(history::history(repository, &authority, &pack.policy, commit, progress)?)
        }
    };
    let findings = settle(&pack.policy, findings);
    let summary = Summary {
        history: history.as_ref().map(|h| h.summary()),
        ..summarise(&judged, &judged_tags, &key_reports, &findings)
    };
    let facts = Facts {
        pack: &pack,
        documents: &judged,
        tags: &judged_tags,
        keys: &key_reports,
        canaries: &canaries,
        evidence: &proofs.fitting,
        findings: &findings,
        policy: &policy_source,
        reverted: &versions.reverted(&pack),
    };
    let present = anchor.as_ref().zip(commit);
    let present = present.map(|(root, head)| Present::of(&facts, root.fingerprint.clone(), head));
    Ok(Report {
        schema: SCHEMA,
        result: outcome(&findings),
        pack: PackReport { path, commit, work_tree },
        policy: policy_report(&pack.policy, &policy_source),
        anchor,
        summary,
        documents: judged.iter().map(JudgedDocument::report).collect(),
        tags: judged_tags.iter().map(tags::report).collect(),
        keys: key_reports,
        head: head_report,
        canaries,
        findings,
        memory: MemoryReport::OFF,
        present,
        history,
    })
}

/// Where history is walked from: the commit and everything that is tagged.
pub fn tips(head: Option<ObjectId>, refs: &[secpack_git::TagRef]) -> Vec<ObjectId> {
    let tagged = refs.iter().filter_map(secpack_git::TagRef::commit);
    let tips: BTreeSet<ObjectId> = head.into_iter().chain(tagged).collect();
    tips.into_iter().collect()
}

pub(crate) fn trust(source: &PolicySource, anchor: Option<&Fingerprint>) -> Trust {
    match (source, anchor) {
        (PolicySource::Pack, Some(anchor)) => Trust::Anchor(anchor.clone()),
        (PolicySource::Pack, None) | (PolicySource::File(_), _) => Trust::Policy,
    }
}

/// Judges all documents; those with a signature that does not match are judged once more with the
/// earlier texts of history at hand.
fn judge_documents<'p>(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &'p Pack,
    tips: &[ObjectId],
) -> Result<Vec<JudgedDocument<'p>>, AuditError> {
    let mut judged = documents::judge(authority, pack);
    let is_bad = |d: &JudgedDocument<'_>| {
        d.tally.signatures.iter().any(|s| s.judged.verdict.reason == Reason::Bad)
    };
    let bad: BTreeSet<_> =
        judged.iter().filter(|d| is_bad(d)).map(|d| d.document.path.clone()).collect();
    let earlier = EarlierTexts::read(repository, pack, tips, &bad)?;
    for document in judged.iter_mut().filter(|d| is_bad(d)) {
        *document = documents::judge_with(authority, pack, document.document, &earlier);
    }
    Ok(judged)
}

fn head_finding(policy: &Policy, head: &crate::HeadReport) -> Option<Finding> {
    let wanted = policy.tags().head as usize;
    let commit = head.commit.filter(|_| head.tagged_by.len() < wanted)?;
    let text = format!(
        "commit {} is tagged by {} of the {wanted} members that the policy asks for",
        commit.short(12),
        head.tagged_by.len()
    );
    let help = format!("a member types: secpack tag {} --as MEMBER --key FILE", commit.short(12));
    Some(
        Finding::new("head-untagged", Level::Error, "HEAD", &[commit.as_bytes()], text)
            .with_help(help),
    )
}

/// The rule of [`uncommitted`].
pub(crate) const UNCOMMITTED: &str = "uncommitted";

/// Files of the pack that are not in HEAD as they are on disk: worth saying, not wrong.
fn uncommitted(
    repository: &Repository,
    pack: &Pack,
    head: Option<ObjectId>,
) -> Result<Vec<Finding>, AuditError> {
    let Some(head) = head else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let finding = |path: &str, id: &[u8], text: &str| {
        Finding::new(UNCOMMITTED, Level::Warning, path, &[id], text).with_help("see: git status")
    };
    let committed = repository.snapshot(head)?;
    for file in &committed.files {
        if pack.file(&file.path).is_none() && pack.policy.identify(&file.path).is_some() {
            found.push(finding(
                file.path.as_str(),
                file.id.as_bytes(),
                "committed, but gone from the work tree",
            ));
        }
    }
    let known: std::collections::BTreeMap<_, _> =
        committed.files.iter().map(|file| (&file.path, file.id)).collect();
    let watched = pack.documents.keys().chain(pack.signatures.keys()).chain(pack.keys.keys());
    for path in watched.collect::<BTreeSet<_>>() {
        let Some(file) = pack.file(path) else { continue };
        if known.get(path) != Some(&file.id) {
            found.push(finding(
                path.as_str(),
                file.id.as_bytes(),
                "not committed as it is on disk",
            ));
        }
    }
    Ok(found)
}

/// What no policy may accept: it would vouch for itself.
const UNACCEPTABLE: [&str; 4] = ["anchor", "policy-unsigned", "policy-version", "rolled-back"];

/// Marks accepted findings and sorts: errors first, then by path and rule.
pub(crate) fn settle(policy: &Policy, mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        let may = !UNACCEPTABLE.contains(&finding.rule.as_str());
        finding.accepted = may && policy.accepts(&finding.id).is_some();
    }
    findings.sort_by(|a, b| {
        (a.level, &a.path, &a.rule, &a.text, &a.id)
            .cmp(&(b.level, &b.path, &b.rule, &b.text, &b.id))
    });
    findings.dedup();
    findings
}

fn outcome(findings: &[Finding]) -> Outcome {
    let fails = |finding: &Finding| finding.level == Level::Error && !finding.accepted;
    if findings.iter().any(fails) { Outcome::NotGood } else { Outcome::Good }
}

pub(crate) fn policy_report(policy: &Policy, source: &PolicySource) -> PolicyReport {
    let source = match source {
        PolicySource::Pack => "pack".to_owned(),
        PolicySource::File(path) => path.clone(),
    };
    PolicyReport { source, version: policy.version(), name: policy.name().to_owned() }
}

fn summarise(
    documents: &[JudgedDocument<'_>],
    tags: &[JudgedTag],
    keys: &[crate::KeyReport],
    findings: &[Finding],
) -> Summary {
    let mut summary = Summary::default();
    for name in ["complete", "incomplete", "broken"] {
        summary.documents.insert(name, 0);
    }
    for document in documents {
        count(&mut summary.documents, document.tally.state.as_str());
        for signature in &document.tally.signatures {
            count(&mut summary.signatures, signature.judged.verdict.reason.code());
        }
        for _ in document.tally.without_file() {
            count(&mut summary.signatures, Reason::Missing.code());
        }
    }
    tags.iter().for_each(|tag| count(&mut summary.tags, tag.judged.verdict.reason.code()));
    keys.iter().for_each(|key| count(&mut summary.keys, key.verdict.code()));
    for name in ["error", "warning", "accepted"] {
        summary.findings.insert(name, 0);
    }
    for finding in findings {
        let name = match (finding.accepted, finding.level) {
            (true, _) => "accepted",
            (false, Level::Error) => "error",
            (false, Level::Warning) => "warning",
        };
        count(&mut summary.findings, name);
    }
    summary
}

pub(crate) fn count(counts: &mut Counts, name: &'static str) {
    *counts.entry(name).or_default() += 1;
}

impl Report {
    /// Whether the run counts as good.
    pub fn is_good(&self) -> bool {
        self.result == Outcome::Good
    }

    /// The anchor, if the reader brought one.
    pub fn anchor(&self) -> Option<&AnchorReport> {
        self.anchor.as_ref()
    }
}
