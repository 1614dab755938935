//! Documents: every signature judged, then counted.

use crate::AuditError;
use crate::earlier::EarlierTexts;
use crate::report::{DocumentReport, SignatureReport, rfc3339};
use chrono::NaiveDate;
use rayon::prelude::*;
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{
    Document, Finding, Level, MemberId, ObjectId, Pack, PackPath, Reason, SignatureFile, Verdict,
};
use secpack_signing::{JudgedSignature, State, Tally, judge_signature, tally};
use std::collections::BTreeMap;

/// One document with its counted signatures.
#[derive(Debug, Clone)]
pub(crate) struct JudgedDocument<'p> {
    pub document: &'p Document,
    pub tally: Tally,
}

/// Judges the signatures of every document, in parallel.
pub(crate) fn judge<'p>(authority: &Authority<'_>, pack: &'p Pack) -> Vec<JudgedDocument<'p>> {
    let mut beside: BTreeMap<&PackPath, Vec<&SignatureFile>> = BTreeMap::new();
    for file in pack.signatures.values() {
        beside.entry(&file.document).or_default().push(file);
    }
    let documents: Vec<&Document> = pack.documents.values().collect();
    let one = |document: &'p Document| {
        let files = beside.get(&document.path).map_or(&[][..], Vec::as_slice);
        let judged = files.iter().map(|file| judge_signature(authority, document, file)).collect();
        count(pack, document, judged)
    };
    documents.into_par_iter().map(one).collect()
}

/// The same for one document, with its earlier texts at hand.
pub(crate) fn judge_with<'p>(
    authority: &Authority<'_>,
    pack: &'p Pack,
    document: &'p Document,
    earlier: &EarlierTexts,
) -> JudgedDocument<'p> {
    let judged = pack.signatures_of(&document.path).map(|file| {
        earlier.restate(authority, document, file, judge_signature(authority, document, file))
    });
    count(pack, document, judged.collect())
}

/// Counted by the document's own date; where its text has none, by the day of its newest good
/// signature, so that nobody is asked whose role had ended by then.
fn count<'p>(
    pack: &'p Pack,
    document: &'p Document,
    judged: Vec<JudgedSignature>,
) -> JudgedDocument<'p> {
    let day = crate::texts::date_of(&pack.policy, document).or_else(|| newest(&judged));
    JudgedDocument { document, tally: tally(pack.policy.need(&document.id, day), judged) }
}

/// The day of the newest good signature.
pub(crate) fn newest(judged: &[JudgedSignature]) -> Option<NaiveDate> {
    let good = judged.iter().filter(|s| s.judged.verdict.is_good());
    good.filter_map(|s| s.judged.made).max().map(|made| made.date_naive())
}

/// The counted signatures of one document, as [`crate::verify`] judges them: by the document's own
/// date, and with `stale` where an earlier text of the history of `tips` matches.
///
/// # Errors
/// [`AuditError`] when the repository cannot be read.
pub fn tally_of(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    document: &Document,
    tips: &[ObjectId],
) -> Result<Tally, AuditError> {
    let files = pack.signatures_of(&document.path);
    let judged = files.map(|file| judge_signature(authority, document, file)).collect();
    let first = count(pack, document, judged).tally;
    if !first.broken().any(|s| s.judged.verdict.reason == Reason::Bad) {
        return Ok(first);
    }
    let wanted = std::iter::once(document.path.clone()).collect();
    let earlier = EarlierTexts::read(repository, pack, tips, &wanted)?;
    Ok(judge_with(authority, pack, document, &earlier).tally)
}

impl JudgedDocument<'_> {
    pub(crate) fn report(&self) -> DocumentReport {
        let id = &self.document.id;
        DocumentReport {
            path: self.document.path.clone(),
            series: id.series.clone(),
            number: id.number,
            year: id.year,
            state: self.tally.state.as_str(),
            required: self.tally.required(),
            signatures: self.tally.signatures.iter().map(signature_report).collect(),
        }
    }

    /// What is not good about this document: one finding per bad signature and missing signer.
    pub(crate) fn findings(&self, pack: &Pack) -> Vec<Finding> {
        let bad = self.tally.broken().map(|signature| self.broken_finding(pack, signature));
        bad.chain(self.missing_findings(pack)).collect()
    }

    fn broken_finding(&self, pack: &Pack, signature: &JudgedSignature) -> Finding {
        let verdict = &signature.judged.verdict;
        let document = evidence(pack, &self.document.path);
        let file = evidence(pack, &signature.path);
        Finding::new(
            verdict.reason.code(),
            Level::Error,
            signature.path.as_str(),
            &[&document, &file],
            sentence(verdict),
        )
        .with_help(help(verdict, &self.document.path, signature))
    }

    fn missing_findings(&self, pack: &Pack) -> Vec<Finding> {
        if self.tally.state == State::Complete {
            return Vec::new();
        }
        let label = pack.policy.label_of(&self.document.id);
        let document = evidence(pack, &self.document.path);
        let finding = |who: &str, help: String| {
            let text = format!("{label} has no good signature {who}");
            Finding::new(
                "missing",
                Level::Error,
                self.document.path.as_str(),
                &[&document, who.as_bytes()],
                text,
            )
            .with_help(help)
        };
        // A bad signature by the same member was named already.
        let sign = |member: &MemberId| {
            let help = format!(
                "{member} types: secpack sign {} --as {member} --key FILE",
                self.document.path
            );
            finding(&format!("of {member}"), help)
        };
        let missing: Vec<Finding> = self.tally.without_file().map(sign).collect();
        if missing.is_empty() && self.tally.state == State::Incomplete {
            return vec![finding("that the policy asks for", "see: secpack status".to_owned())];
        }
        missing
    }
}

/// The blob id of a file: what an accepted finding is bound to.
pub(crate) fn evidence(pack: &Pack, path: &PackPath) -> Vec<u8> {
    pack.file(path).map(|file| file.id.as_bytes().to_vec()).unwrap_or_default()
}

fn sentence(verdict: &Verdict) -> String {
    if verdict.detail.is_empty() {
        verdict.reason.code().to_owned()
    } else {
        verdict.detail.clone()
    }
}

fn help(verdict: &Verdict, document: &PackPath, signature: &JudgedSignature) -> String {
    let member = signature.member.as_ref().map_or("MEMBER".to_owned(), ToString::to_string);
    match verdict.reason {
        Reason::Stale => {
            format!("{member} must sign again: secpack sign {document} --as {member} --key FILE")
        }
        _ => format!("see: secpack explain {}", verdict.reason),
    }
}

pub(crate) fn signature_report(signature: &JudgedSignature) -> SignatureReport {
    let judged = &signature.judged;
    SignatureReport {
        path: signature.path.clone(),
        member: signature.member.clone(),
        verdict: judged.verdict.reason,
        detail: judged.verdict.detail.clone(),
        signer: judged.signer.clone(),
        made: judged.made.map(rfc3339),
        hash: judged.hash.clone(),
    }
}
