//! Taking in signatures that others made: only good ones are kept, and the others are named.

use crate::{JudgedSignature, judge_signature};
use secpack_openpgp::Authority;
use secpack_pack::{Document, Pack, PackPath, Reason, SignatureFile, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file that may be a signature: its path or bare name, and its bytes.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where it came from, for messages.
    pub source: String,
    /// Its path inside a pack, or a bare file name when it came from a folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// What became of one candidate.
#[derive(Debug, Clone)]
pub enum Collected {
    /// Good and new: to be stored at this path.
    Take {
        /// Where it belongs.
        path: PackPath,
        /// Its bytes.
        bytes: Arc<[u8]>,
        /// The judgement.
        judged: JudgedSignature,
    },
    /// The pack has the very same bytes already.
    Known(PackPath),
    /// Not taken, and why.
    Refused {
        /// The candidate's source.
        source: String,
        /// Why.
        verdict: Verdict,
    },
}

/// Judges every candidate that names a signature of a document in the pack; other files are no
/// signatures and are passed over. A good signature never replaces another good one.
pub fn collect(
    authority: &Authority<'_>,
    pack: &Pack,
    candidates: Vec<Candidate>,
) -> Vec<Collected> {
    let by_name = documents_by_name(pack);
    let mut results: Vec<Collected> = Vec::new();
    for candidate in candidates {
        let Some((document, file)) = place(pack, &by_name, &candidate) else { continue };
        let known = pack.signatures.get(&file.path);
        if known.is_some_and(|known| known.bytes == file.bytes) {
            results.push(Collected::Known(file.path));
            continue;
        }
        results.push(weigh(authority, document, file, known, candidate));
    }
    results
}

fn weigh(
    authority: &Authority<'_>,
    document: &Document,
    file: SignatureFile,
    known: Option<&SignatureFile>,
    candidate: Candidate,
) -> Collected {
    let judged = judge_signature(authority, document, &file);
    if !judged.judged.verdict.is_good() {
        return Collected::Refused { source: candidate.source, verdict: judged.judged.verdict };
    }
    let holds_good =
        known.is_some_and(|k| judge_signature(authority, document, k).judged.verdict.is_good());
    if holds_good {
        let text = format!("{} holds another good signature already", file.path);
        return Collected::Refused {
            source: candidate.source,
            verdict: Verdict::new(Reason::Duplicate, text),
        };
    }
    Collected::Take { path: file.path, bytes: candidate.bytes, judged }
}

fn documents_by_name(pack: &Pack) -> BTreeMap<&str, &Document> {
    pack.documents.values().map(|document| (document.path.file_name(), document)).collect()
}

/// The document and signature file that a candidate's name stands for: a whole path as it is, a
/// bare file name beside the document of that name.
fn place<'p>(
    pack: &'p Pack,
    by_name: &BTreeMap<&str, &'p Document>,
    candidate: &Candidate,
) -> Option<(&'p Document, SignatureFile)> {
    let as_path = candidate.name.parse::<PackPath>().ok();
    let beside = || {
        let name = candidate.name.rsplit('/').next()?;
        let (_, document) =
            by_name.iter().filter(|(n, _)| name.starts_with(**n)).max_by_key(|(n, _)| n.len())?;
        let folder = document.path.folder();
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        path.parse::<PackPath>().ok()
    };
    let path = as_path.filter(|p| pack.policy.signature_place(p).is_some()).or_else(beside)?;
    let (document, member) = pack.policy.signature_place(&path)?;
    let document = pack.documents.get(&document)?;
    let file = SignatureFile {
        document: document.path.clone(),
        member,
        path,
        bytes: Some(Arc::clone(&candidate.bytes)),
    };
    Some((document, file))
}
