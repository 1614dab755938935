//! Taking in signatures that others made: only good ones are kept, and the others are named.
//!
//! What is taken does not depend on the order in which answers come: of two good signatures of
//! one member the one made first is taken, and what is good already stays.

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
    /// Its path inside a pack, or a bare file name; empty when it came without any.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Armored signatures in its text, each with LF line ends: what is looked at when no name says
    /// whose signature it is.
    pub blocks: Vec<Arc<[u8]>>,
}

/// What became of one candidate.
#[derive(Debug, Clone)]
pub enum Collected {
    /// Good and new: to be stored at this path.
    Take(Box<Taken>),
    /// The pack has the very same signature already.
    Known(PackPath),
    /// Not taken, and why.
    Refused(Box<Refused>),
}

/// A signature that is good and new.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Where it came from.
    pub source: String,
    /// Where it belongs.
    pub path: PackPath,
    /// The bytes to store.
    pub bytes: Arc<[u8]>,
    /// The judgement.
    pub judged: JudgedSignature,
    /// What stands there now and is not good.
    pub instead_of: Option<Verdict>,
    /// Whether its line ends were CRLF and are LF now. No other byte is different.
    pub has_new_line_ends: bool,
}

/// A signature that is not taken.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Where it came from.
    pub source: String,
    /// As the signature it would be, where that is known.
    pub file: Option<SignatureFile>,
    /// Why.
    pub verdict: Verdict,
}

/// Judges every candidate that is a signature of a document in the pack, by its name or by what it
/// fits; other files are passed over. A good signature never replaces another good one.
pub fn collect(
    authority: &Authority<'_>,
    pack: &Pack,
    candidates: Vec<Candidate>,
) -> Vec<Collected> {
    let by_name = documents_by_name(pack);
    let mut results: Vec<Collected> = Vec::new();
    for candidate in candidates {
        if let Some((document, file)) = place(pack, &by_name, &candidate) {
            results.push(weigh(authority, pack, document, file, &candidate.source));
            continue;
        }
        for block in &candidate.blocks {
            results.push(fit(authority, pack, block, &candidate.source));
        }
    }
    only_the_first(results)
}

/// A signature whose place is known.
fn weigh(
    authority: &Authority<'_>,
    pack: &Pack,
    document: &Document,
    file: SignatureFile,
    source: &str,
) -> Collected {
    let known = pack.signatures.get(&file.path);
    let (file, judged, has_new_line_ends) = judged_with_lf(authority, document, file);
    if known.is_some_and(|known| known.bytes == file.bytes) {
        return Collected::Known(file.path);
    }
    let refused = |file: SignatureFile, verdict| {
        let source = source.to_owned();
        Collected::Refused(Box::new(Refused { source, file: Some(file), verdict }))
    };
    if !judged.judged.verdict.is_good() {
        return refused(file, judged.judged.verdict);
    }
    let standing = known.map(|known| judge_signature(authority, document, known).judged.verdict);
    if standing.as_ref().is_some_and(Verdict::is_good) {
        let text = format!("{} holds another good signature already", file.path);
        return refused(file, Verdict::new(Reason::Duplicate, text));
    }
    Collected::Take(Box::new(Taken {
        source: source.to_owned(),
        path: file.path,
        bytes: file.bytes.unwrap_or_default(),
        judged,
        instead_of: standing,
        has_new_line_ends,
    }))
}

/// A mail or a system with other line ends may have turned LF into CRLF. When that was all, the
/// file is as its maker wrote it once they are LF again.
fn judged_with_lf(
    authority: &Authority<'_>,
    document: &Document,
    file: SignatureFile,
) -> (SignatureFile, JudgedSignature, bool) {
    let judged = judge_signature(authority, document, &file);
    let reason = judged.judged.verdict.reason;
    let text = file.bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let mended = text.filter(|t| t.contains("\r\n") && reason == Reason::NotCanonical);
    let Some(mended) = mended.map(|text| text.replace("\r\n", "\n")) else {
        return (file, judged, false);
    };
    let mended = SignatureFile { bytes: Some(Arc::from(mended.into_bytes())), ..file.clone() };
    let again = judge_signature(authority, document, &mended);
    if again.judged.verdict.reason == Reason::NotCanonical {
        return (file, judged, false);
    }
    (mended, again, true)
}

/// A signature that came without a usable name: the document that it fits says where it belongs.
fn fit(authority: &Authority<'_>, pack: &Pack, block: &Arc<[u8]>, source: &str) -> Collected {
    let mut verdict = Verdict::new(Reason::Bad, "it fits no document of the pack as it is now");
    for document in pack.documents.values().rev() {
        let path = document.path.clone();
        let bytes = Some(Arc::clone(block));
        let nameless =
            SignatureFile { document: path.clone(), member: None, path: beside(document), bytes };
        let judged = judge_signature(authority, document, &nameless);
        let reason = judged.judged.verdict.reason;
        let member = judged.member.filter(|_| reason == Reason::Good);
        let place = member.as_ref().and_then(|m| pack.policy.signature_path(document, m));
        if let Some(path) = place {
            let file = SignatureFile { path, member, ..nameless };
            return weigh(authority, pack, document, file, source);
        }
        if reason != Reason::Bad {
            verdict = judged.judged.verdict;
        }
    }
    let source = source.to_owned();
    let file = pack.documents.values().next_back().map(|document| SignatureFile {
        document: document.path.clone(),
        member: None,
        path: beside(document),
        bytes: Some(Arc::clone(block)),
    });
    let file = file.filter(|_| verdict.reason == Reason::Bad);
    Collected::Refused(Box::new(Refused { source, file, verdict }))
}

/// A place that is not the document itself, so that the signature is judged as a detached one.
fn beside(document: &Document) -> PackPath {
    let path = format!("{}.signature", document.path);
    path.parse().unwrap_or_else(|_| document.path.clone())
}

/// Of several for one place the one made first is taken; the same again is known, another one is a
/// second one.
fn only_the_first(results: Vec<Collected>) -> Vec<Collected> {
    let mut first: BTreeMap<PackPath, Arc<[u8]>> = BTreeMap::new();
    let mut taken: Vec<&Taken> = Vec::new();
    for result in &results {
        match result {
            Collected::Take(one) => taken.push(one),
            Collected::Known(_) | Collected::Refused(_) => {}
        }
    }
    taken.sort_by_key(|one| (one.judged.judged.made, Arc::clone(&one.bytes)));
    for one in taken {
        first.entry(one.path.clone()).or_insert_with(|| Arc::clone(&one.bytes));
    }
    let mut stored: Vec<PackPath> = Vec::new();
    let settle = |result| match result {
        Collected::Take(one) if first.get(&one.path) != Some(&one.bytes) => {
            let text = format!("{} gets another good signature, made before", one.path);
            let (verdict, bytes) = (Verdict::new(Reason::Duplicate, text), Some(one.bytes));
            let document = one.path.clone();
            let file = SignatureFile { document, member: one.judged.member, path: one.path, bytes };
            let source = one.source;
            Collected::Refused(Box::new(Refused { source, file: Some(file), verdict }))
        }
        Collected::Take(one) if stored.contains(&one.path) => Collected::Known(one.path),
        Collected::Take(one) => {
            stored.push(one.path.clone());
            Collected::Take(one)
        }
        other @ (Collected::Known(_) | Collected::Refused(_)) => other,
    };
    results.into_iter().map(settle).collect()
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
