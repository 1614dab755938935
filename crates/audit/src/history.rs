//! Every commit of the main line: does each detached signature verify the text beside it?
//!
//! A pack whose newest commit is good may have published wrong pairs for years. Each distinct pair
//! of signature and text is judged once, however many commits carry it.

use crate::AuditError;
use crate::report::HistorySummary;
use rayon::prelude::*;
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{Content, Document, ObjectId, PackPath, Policy, Reason, SignatureFile};
use secpack_signing::{JudgedSignature, judge_over};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What history holds.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryReport {
    /// Commits looked at, oldest first, with the signatures that did not match there.
    pub commits: Vec<CommitState>,
    /// Runs of commits during which one signature did not match.
    pub intervals: Vec<Interval>,
    /// Distinct pairs of signature and text.
    pub pairs: u64,
}

/// One commit of the main line.
#[derive(Debug, Clone, Serialize)]
pub struct CommitState {
    /// The commit.
    pub commit: ObjectId,
    /// Signature files that do not verify the text of this very commit.
    pub stale: Vec<PackPath>,
}

/// A run of commits during which one signature did not match its text.
#[derive(Debug, Clone, Serialize)]
pub struct Interval {
    /// The signature file.
    pub path: PackPath,
    /// The first commit of the run.
    pub from: ObjectId,
    /// The commit that repaired it; `None` when it is not repaired.
    pub repaired_by: Option<ObjectId>,
    /// Who made that commit, escaped.
    pub repaired_by_whom: Option<String>,
    /// How it came about and how it ended.
    pub cause: Cause,
    /// How many commits the run has.
    pub commits: u64,
}

/// How a mismatch came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The text was changed under a signature that matched before.
    TextChanged,
    /// The signature came in over another text than the one beside it.
    SignedOtherText,
    /// Its name is that of no document.
    NoDocument,
}

impl Cause {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::TextChanged => "text-changed",
            Cause::SignedOtherText => "signed-other-text",
            Cause::NoDocument => "no-document",
        }
    }
}

/// A signature's blob and its text's; no text where there is no such document.
type Pair = (ObjectId, Option<ObjectId>);

/// One signature beside its document at one commit.
struct Place {
    file: PackPath,
    document: PackPath,
    pair: Pair,
}

impl HistoryReport {
    /// The counts for the summary.
    pub fn summary(&self) -> HistorySummary {
        let stale = self.commits.iter().filter(|commit| !commit.stale.is_empty()).count();
        HistorySummary {
            commits: self.commits.len() as u64,
            pairs: self.pairs,
            stale_commits: stale as u64,
        }
    }
}

/// Walks every commit reachable from `head`.
///
/// # Errors
/// [`AuditError::Git`].
pub fn history(
    repository: &Repository,
    authority: &Authority<'_>,
    policy: &Policy,
    head: Option<ObjectId>,
    progress: &dyn Fn(&str),
) -> Result<HistoryReport, AuditError> {
    let Some(head) = head else {
        return Ok(HistoryReport { commits: Vec::new(), intervals: Vec::new(), pairs: 0 });
    };
    let mut line = repository.mainline(head)?;
    line.reverse();
    let mut places = Vec::with_capacity(line.len());
    let mut known = HashMap::new();
    for commit in &line {
        places.push((*commit, places_at(repository, policy, *commit, &mut known)?));
    }
    let pairs = distinct(&places);
    progress(&format!("judging {} distinct pairs of signature and text", pairs.len()));
    let matches = judge_pairs(repository, authority, policy, &pairs)?;
    let commits = places
        .iter()
        .map(|(commit, places)| {
            let bad = places.iter().filter(|place| !matches[&place.pair]);
            let mut stale: Vec<PackPath> = bad.map(|place| place.file.clone()).collect();
            stale.sort();
            CommitState { commit: *commit, stale }
        })
        .collect();
    let intervals = intervals(repository, &places, &matches)?;
    Ok(HistoryReport { commits, intervals, pairs: pairs.len() as u64 })
}

/// The document that each path claims to sign, `None` for files that are no signatures: the same
/// few paths come back at every commit.
type Known = HashMap<PackPath, Option<PackPath>>;

fn places_at(
    repository: &Repository,
    policy: &Policy,
    commit: ObjectId,
    known: &mut Known,
) -> Result<Vec<Place>, AuditError> {
    let files: HashMap<PackPath, ObjectId> = repository.paths(commit)?.into_iter().collect();
    let mut found = Vec::new();
    for (path, id) in &files {
        if !known.contains_key(path) {
            let placed = policy.signature_place(path).map(|(document, _)| document);
            known.insert(path.clone(), placed.or_else(|| policy.orphan_signature(path)));
        }
        if let Some(Some(document)) = known.get(path) {
            let text = files.get(document).copied();
            found.push(Place { file: path.clone(), document: document.clone(), pair: (*id, text) });
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(found)
}

/// Each distinct pair with one place where it stands.
fn distinct(places: &[(ObjectId, Vec<Place>)]) -> Vec<&Place> {
    let mut seen: HashMap<Pair, &Place> = HashMap::new();
    for place in places.iter().flat_map(|(_, places)| places) {
        seen.entry(place.pair).or_insert(place);
    }
    let mut found: Vec<&Place> = seen.into_values().collect();
    found.sort_by_key(|place| place.pair);
    found
}

/// Whether each pair matches. Only a signature that fails over the text counts as a mismatch;
/// an unknown key or a retired one is no matter of the text.
fn judge_pairs(
    repository: &Repository,
    authority: &Authority<'_>,
    policy: &Policy,
    pairs: &[&Place],
) -> Result<HashMap<Pair, bool>, AuditError> {
    let mut blobs: HashMap<ObjectId, Option<Arc<[u8]>>> = HashMap::new();
    let ids = pairs.iter().flat_map(|place| [Some(place.pair.0), place.pair.1]);
    for id in ids.flatten() {
        if let std::collections::hash_map::Entry::Vacant(entry) = blobs.entry(id) {
            entry.insert(match repository.read_blob(id)? {
                Content::Bytes(bytes) => Some(bytes),
                Content::Absent | Content::TooLarge(_) => None,
            });
        }
    }
    let judged = pairs.par_iter().map(|place| {
        let reason = judge_pair(authority, policy, place, &blobs).map(|j| j.judged.verdict.reason);
        (place.pair, place.pair.1.is_some() && reason != Some(Reason::Bad))
    });
    Ok(judged.collect())
}

fn judge_pair(
    authority: &Authority<'_>,
    policy: &Policy,
    place: &Place,
    blobs: &HashMap<ObjectId, Option<Arc<[u8]>>>,
) -> Option<JudgedSignature> {
    let signature = blobs.get(&place.pair.0)?.clone()?;
    let text = blobs.get(&place.pair.1?)?.clone()?;
    let id = policy.identify(&place.document)?;
    let document = Document { id, path: place.document.clone(), bytes: Some(Arc::clone(&text)) };
    let (_, member) = policy.signature_place(&place.file)?;
    let file = SignatureFile {
        document: place.document.clone(),
        member,
        path: place.file.clone(),
        bytes: Some(signature),
    };
    Some(judge_over(authority, &document, &file, &text))
}

/// Runs of mismatch per signature file, oldest first.
fn intervals(
    repository: &Repository,
    places: &[(ObjectId, Vec<Place>)],
    matches: &HashMap<Pair, bool>,
) -> Result<Vec<Interval>, AuditError> {
    let mut open: BTreeMap<PackPath, Interval> = BTreeMap::new();
    let mut done = Vec::new();
    let mut before: BTreeMap<&PackPath, Pair> = BTreeMap::new();
    for (commit, here) in places {
        for place in here {
            let matched = matches[&place.pair];
            match (open.remove(&place.file), matched) {
                (Some(run), true) => done.push(close(repository, run, *commit)?),
                (Some(run), false) => {
                    open.insert(place.file.clone(), Interval { commits: run.commits + 1, ..run });
                }
                (None, true) => {}
                (None, false) => {
                    let cause = cause(before.get(&place.file), place.pair);
                    open.insert(place.file.clone(), start(place, *commit, cause));
                }
            }
        }
        // A file that vanished takes its open run with it: removing it was the repair.
        let gone: Vec<PackPath> =
            open.keys().filter(|file| !here.iter().any(|p| &p.file == *file)).cloned().collect();
        for file in gone {
            if let Some(run) = open.remove(&file) {
                done.push(close(repository, run, *commit)?);
            }
        }
        before = here.iter().map(|place| (&place.file, place.pair)).collect();
    }
    done.extend(open.into_values());
    Ok(done)
}

fn cause(before: Option<&Pair>, now: Pair) -> Cause {
    match before {
        _ if now.1.is_none() => Cause::NoDocument,
        Some((signature, _)) if *signature == now.0 => Cause::TextChanged,
        Some(_) | None => Cause::SignedOtherText,
    }
}

fn start(place: &Place, commit: ObjectId, cause: Cause) -> Interval {
    Interval {
        path: place.file.clone(),
        from: commit,
        repaired_by: None,
        repaired_by_whom: None,
        cause,
        commits: 1,
    }
}

fn close(repository: &Repository, run: Interval, commit: ObjectId) -> Result<Interval, AuditError> {
    let whom = repository.commit(commit)?.committer_name;
    Ok(Interval {
        repaired_by: Some(commit),
        repaired_by_whom: Some(secpack_pack::escape(&whom)),
        ..run
    })
}
