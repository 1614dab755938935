//! The proof of freshness of each canary that has evidence beside it, checked offline.
//!
//! Evidence is not signed: whoever can push may delete it, or plant a false one to make a good
//! canary look bad. So where it does not fit the signed text, the evidence is at fault, and that is
//! a warning. What the text itself shows against the canary, or a header that bears out the very
//! hash in the text, nobody can plant: that is an error.

use crate::documents::JudgedDocument;
use crate::text_of;
use chrono::{DateTime, Utc};
use secpack_canary::{Canary, Freshness, Material, check, hash_of};
use secpack_pack::policy::{FreshnessSource, Series, SeriesKind};
use secpack_pack::{
    Content, Document, DocumentId, File, FileKind, Finding, Level, ObjectId, Pack, PackPath,
    Policy, escape,
};
use secpack_signing::{Tally, tally};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The rule for a file beside a canary that is no evidence.
const UNREADABLE: &str = "evidence-unreadable";

/// Rules that find the evidence at fault, not the signed text.
const OF_EVIDENCE: [&str; 4] =
    [UNREADABLE, "evidence-date", "evidence-headlines", "evidence-block"];

/// The evidence beside a canary.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Where it lies; `None` when there is none.
    pub path: Option<PackPath>,
    /// What it says, where it can be read.
    pub evidence: Option<Freshness>,
    /// Why it cannot be read.
    pub finding: Option<Finding>,
}

/// What was found out about the evidence of a whole pack.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub findings: Vec<Finding>,
    /// Evidence that fits the text of its canary: the canary's path, and the evidence's blob.
    pub fitting: BTreeMap<PackPath, ObjectId>,
}

/// The canaries of one series: number, label, text.
type Texts<'p> = Vec<(Option<u32>, String, Cow<'p, str>)>;

/// The evidence of a canary as the pack has it. What is there and is no evidence was found out, so
/// it is a finding and not an error.
pub fn kept(pack: &Pack, document: &Document) -> Kept {
    let path = pack.policy.evidence_path(document);
    path.and_then(|path| pack.file(&path)).map_or_else(Kept::default, read)
}

/// The evidence in a file.
fn read(file: &File) -> Kept {
    let read = match (&file.content, file.kind) {
        (Content::Bytes(bytes), FileKind::Regular) => parse(bytes),
        (Content::Bytes(_), FileKind::Link | FileKind::Gitlink) => {
            Err("it is no regular file".to_owned())
        }
        (Content::Absent, _) => Err("its object is not in the repository".to_owned()),
        (Content::TooLarge(_), _) => Err("it is too large".to_owned()),
    };
    said(file.path.clone(), file.id.as_bytes(), read)
}

/// Evidence, or the finding that there is none in the file, whose id covers `id`.
fn said(path: PackPath, id: &[u8], read: Result<Freshness, String>) -> Kept {
    match read {
        Ok(evidence) => Kept { path: Some(path), evidence: Some(evidence), finding: None },
        Err(text) => {
            let text = escape(&text);
            let finding = Finding::new(UNREADABLE, Level::Error, path.as_str(), &[id], text);
            Kept { path: Some(path), evidence: None, finding: Some(finding) }
        }
    }
}

/// Evidence from bytes; their number is capped before they are parsed.
fn parse(bytes: &[u8]) -> Result<Freshness, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Freshness::from_json(text).map_err(|error| error.to_string())
}

/// The canaries of a document's series with lower numbers: labels and texts.
pub fn earlier_texts(pack: &Pack, document: &Document) -> Vec<(String, String)> {
    let all = texts(pack, &document.id).into_iter();
    let earlier = all.filter(|(number, _, _)| *number < document.id.number);
    earlier.map(|(_, label, text)| (label, text.into_owned())).collect()
}

fn texts<'p>(pack: &'p Pack, id: &DocumentId) -> Texts<'p> {
    let series = pack.documents.values().filter(|document| document.id.series == id.series);
    let text = |document: &'p Document| {
        let text = text_of(&pack.policy, document)?;
        Some((document.id.number, pack.policy.label_of(&document.id), text))
    };
    let mut found: Texts<'p> = series.filter_map(text).collect();
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    found
}

/// Who signed with a good signature, and when.
pub fn signing_times(tally: &Tally) -> Vec<(String, DateTime<Utc>)> {
    let good = tally.signatures.iter().filter(|s| s.judged.verdict.is_good());
    good.filter_map(|s| Some((s.member.as_ref()?.to_string(), s.judged.made?))).collect()
}

/// How many blocks below the tip the policy takes the block of a canary.
pub fn depth(policy: &Policy, id: &DocumentId) -> u32 {
    let sources = policy.canary_rules_for(id).into_iter().flat_map(|rules| &rules.sources);
    let depths = sources.filter_map(|source| match source {
        FreshnessSource::Bitcoin { depth, .. } => Some(*depth),
        FreshnessSource::Feed { .. } => None,
    });
    depths.max().unwrap_or_default()
}

/// Whether evidence tells of the same proof as the text of its canary.
///
/// # Errors
/// The first finding about evidence that does not, or is none.
pub fn fits(
    pack: &Pack,
    document: &Document,
    path: &PackPath,
    bytes: &[u8],
) -> Result<(), Box<Finding>> {
    let refused = |text: &str| {
        Box::new(Finding::new(UNREADABLE, Level::Warning, path.as_str(), &[bytes], text))
    };
    let evidence = parse(bytes).map_err(|text| refused(&escape(&text)))?;
    let text = text_of(&pack.policy, document);
    let canary = text.as_deref().and_then(|text| Canary::parse(text).ok());
    let canary = canary.ok_or_else(|| refused("its canary cannot be read"))?;
    let found = against(document, text.as_deref().unwrap_or_default(), &bare(&canary, &evidence));
    match found.into_iter().find(|finding| finding.level == Level::Warning) {
        Some(finding) => Err(Box::new(finding)),
        None => Ok(()),
    }
}

fn bare<'a>(canary: &'a Canary<'a>, evidence: &'a Freshness) -> Material<'a> {
    let evidence = Some(evidence);
    Material { canary, evidence, header: None, feeds: &[], earlier: &[], signed: &[], depth: 0 }
}

/// What the evidence beside a text on disk shows before anybody signs it. What the rules for texts
/// say already is left out.
pub fn against_draft(pack: &Pack, document: &Document) -> Vec<Finding> {
    let own = pack.documents.get(&document.path);
    if own.is_none_or(|own| own.bytes != document.bytes) {
        return Vec::new();
    }
    let kept = kept(pack, document);
    if kept.path.is_none() {
        return absent(&pack.policy, document).into_iter().collect();
    }
    let tally = tally(pack.policy.need(&document.id, None), Vec::new());
    let mut found = beside(pack, &JudgedDocument { document, tally }, kept, &[]);
    found.retain(|finding| finding.rule != "proof-date");
    found
}

/// Everything about the evidence of all canaries.
pub(crate) fn judge(pack: &Pack, documents: &[JudgedDocument<'_>]) -> Judged {
    let mut all = Judged::default();
    for series in pack.policy.series().iter().filter(|s| s.kind == SeriesKind::Canary) {
        of_series(pack, series, documents, &mut all);
    }
    all
}

fn of_series(pack: &Pack, series: &Series, documents: &[JudgedDocument<'_>], all: &mut Judged) {
    let of = |judged: &&JudgedDocument<'_>| judged.document.id.series == series.id;
    let mut with_file = Vec::new();
    for judged in documents.iter().filter(of) {
        let path = pack.policy.evidence_path(judged.document);
        match path.and_then(|path| pack.file(&path)) {
            Some(file) => with_file.push((judged, file)),
            None => all.findings.extend(absent(&pack.policy, judged.document)),
        }
    }
    let Some((first, _)) = with_file.first() else { return };
    let texts = texts(pack, &first.document.id);
    let (mut numbers, mut earlier) = (Vec::new(), Vec::new());
    for (number, label, text) in &texts {
        if let Ok(canary) = Canary::parse(text) {
            numbers.push(*number);
            earlier.push((label.clone(), canary));
        }
    }
    for (judged, file) in with_file {
        let before = numbers.partition_point(|number| *number < judged.document.id.number);
        let found = beside(pack, judged, read(file), &earlier[..before]);
        if found.iter().all(|finding| finding.level == Level::Error) {
            all.fitting.insert(judged.document.path.clone(), file.id);
        }
        all.findings.extend(found);
    }
}

/// The same for one document, and the evidence that lies beside it wherever that is.
pub(crate) fn judge_one(
    pack: &Pack,
    judged: &JudgedDocument<'_>,
    brought: Option<&[u8]>,
) -> Vec<Finding> {
    let Some(path) = pack.policy.evidence_path(judged.document) else { return Vec::new() };
    let own = pack.documents.get(&judged.document.path);
    let is_same = own.is_some_and(|own| own.bytes == judged.document.bytes);
    let kept = match brought {
        Some(bytes) => said(path, bytes, parse(bytes)),
        None if is_same => kept(pack, judged.document),
        None => Kept::default(),
    };
    if kept.path.is_none() {
        return Vec::new();
    }
    let texts = earlier_texts(pack, judged.document);
    let earlier: Vec<(String, Canary<'_>)> = texts
        .iter()
        .filter_map(|(label, text)| Some((label.clone(), Canary::parse(text).ok()?)))
        .collect();
    beside(pack, judged, kept, &earlier)
}

/// What the evidence of one canary shows.
fn beside(
    pack: &Pack,
    judged: &JudgedDocument<'_>,
    kept: Kept,
    earlier: &[(String, Canary<'_>)],
) -> Vec<Finding> {
    let document = judged.document;
    let finding = kept
        .finding
        .map(|finding| Finding { level: Level::Warning, ..finding }.with_help(help(document)));
    // What is no canary was named already, and so was a text that is none.
    let text = text_of(&pack.policy, document);
    let view = text.as_deref().and_then(|text| Canary::parse(text).ok());
    let (Some(text), Some(canary)) = (text.as_deref(), view) else {
        return finding.into_iter().collect();
    };
    let signed = signing_times(&judged.tally);
    let material = Material {
        canary: &canary,
        evidence: kept.evidence.as_ref(),
        header: None,
        feeds: &[],
        earlier,
        signed: &signed,
        depth: depth(&pack.policy, &document.id),
    };
    finding.into_iter().chain(against(document, text, &material)).collect()
}

/// Findings of the offline check, each weighed by whose fault it can be.
fn against(document: &Document, text: &str, material: &Material<'_>) -> Vec<Finding> {
    let is_of_the_text = material.evidence.and_then(|evidence| {
        let header = evidence.block.as_ref()?.header_bytes()?;
        Some(hash_of(&header).as_deref() == Some(material.canary.proof.block?.hash))
    });
    let weighed = |finding: Finding| {
        let by_header = finding.rule == "block-header" && is_of_the_text != Some(true);
        let of_evidence = by_header || OF_EVIDENCE.contains(&finding.rule.as_str());
        let level = if of_evidence { Level::Warning } else { finding.level };
        Finding { level, ..finding }.with_help(help(document))
    };
    check(text.as_bytes(), &document.path, material).into_iter().map(weighed).collect()
}

fn help(document: &Document) -> String {
    format!("secpack canary freshness verify {}", document.path)
}

/// Only where the policy asks for evidence; real canaries were made without.
fn absent(policy: &Policy, document: &Document) -> Option<Finding> {
    policy.canary_rules_for(&document.id).filter(|rules| rules.evidence)?;
    let path = policy.evidence_path(document)?;
    let text = format!("the policy asks for evidence of freshness, and there is no {path}");
    let text_id = document.bytes.as_deref().unwrap_or_default();
    let finding =
        Finding::new("evidence-missing", Level::Error, document.path.as_str(), &[text_id], text);
    Some(finding.with_help(format!("find out who removed it: git log -- {path}")))
}
