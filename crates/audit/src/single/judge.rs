//! One document and its signatures, judged as they would be inside the pack.

use super::report::{FileReport, SCHEMA, SingleReport};
use super::{NameError, NamedFile, Reading, SingleError};
use crate::documents::{JudgedDocument, signature_report};
use crate::report::SignatureReport;
use crate::verify::{policy_report, settle};
use crate::{AuditError, Outcome, anchor, cover, evidence, tags, texts};
use secpack_openpgp::{Authority, Judged, Over, SignatureKind, cleartext};
use secpack_pack::policy::{EVIDENCE, HashUse};
use secpack_pack::{Document, Finding, Level, ObjectId, PackPath, Reason, SignatureFile, Verdict};
use secpack_signing::{JudgedSignature, judge_over, judge_signature, tally};

/// How a clearsigned document begins.
const CLEARSIGNED: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";

/// A document with what lies beside it.
pub(crate) struct Own<'a> {
    pub document: &'a Document,
    pub files: &'a [SignatureFile],
    pub evidence: Option<&'a [u8]>,
}

impl Reading {
    /// Judges files with the signatures that belong to each.
    ///
    /// # Errors
    /// [`SingleError`] when a file is no document of the policy or has no signature at all.
    pub fn judge(
        &self,
        files: &[(NamedFile, Vec<NamedFile>)],
    ) -> Result<SingleReport, SingleError> {
        let authority = self.authority();
        let findings = self.findings(&authority)?;
        let one = |(file, beside): &(NamedFile, Vec<NamedFile>)| {
            let is_evidence = |other: &NamedFile| other.name.ends_with(EVIDENCE);
            let (evidence, signatures): (Vec<_>, Vec<_>) =
                beside.iter().cloned().partition(is_evidence);
            if self.has_policy() {
                let own = format!("{}{EVIDENCE}", file.name);
                let evidence = evidence.iter().find(|evidence| evidence.name == own);
                self.judge_by_policy(&authority, file, &signatures, evidence)
            } else {
                self.judge_by_keys(&authority, file, &signatures)
            }
        };
        let files = files.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        Ok(self.report(files, findings))
    }

    /// The report over judged files.
    pub(crate) fn report(&self, files: Vec<FileReport>, findings: Vec<Finding>) -> SingleReport {
        let findings = settle(&self.pack.policy, findings);
        let sound = findings.iter().all(|f| f.level != Level::Error || f.accepted);
        let good = sound && files.iter().all(FileReport::is_good);
        let policy = &self.pack.policy;
        SingleReport {
            schema: SCHEMA,
            result: if good { Outcome::Good } else { Outcome::NotGood },
            policy: self.source.as_ref().map(|source| policy_report(policy, source)),
            anchor: self.anchor.as_ref().map(|fingerprint| anchor::report(policy, fingerprint)),
            files,
            findings,
        }
    }

    fn judge_by_policy(
        &self,
        authority: &Authority<'_>,
        file: &NamedFile,
        signatures: &[NamedFile],
        evidence: Option<&NamedFile>,
    ) -> Result<FileReport, SingleError> {
        let (id, path) = self.identify(&file.name)?;
        let document = Document { id, path, bytes: Some(file.bytes.as_slice().into()) };
        let mut beside: Vec<SignatureFile> =
            signatures.iter().filter_map(|s| self.signature(&document, s)).collect();
        if beside.is_empty() {
            beside.extend(self.pack.signatures_of(&document.path).cloned());
            beside.retain(|file| file.path != document.path);
        }
        if self.pack.policy.is_clearsigned(&document) {
            beside.push(inside(&document));
        }
        let own =
            Own { document: &document, files: &beside, evidence: evidence.map(|e| &*e.bytes) };
        Ok(self.judge_document(authority, &own, &file.name)?)
    }

    /// Judges one document of the policy with these signatures.
    pub(crate) fn judge_document(
        &self,
        authority: &Authority<'_>,
        own: &Own<'_>,
        name: &str,
    ) -> Result<FileReport, AuditError> {
        let Own { document, files, evidence } = own;
        let mut judged: Vec<JudgedSignature> =
            files.iter().map(|file| self.judge_signature(authority, document, file)).collect();
        self.refuse_uncovered(authority, document, &mut judged)?;
        let policy = &self.pack.policy;
        let tally = tally(policy.need(&document.id, texts::date_of(policy, document)), judged);
        let judged = JudgedDocument { document, tally };
        let mut findings: Vec<Finding> =
            judged.findings(&self.pack).into_iter().map(without_explain).collect();
        findings.extend(texts::name_finding(&self.pack, document));
        findings.extend(evidence::judge_one(&self.pack, &judged, *evidence));
        findings.extend(self.difference(document));
        findings.extend(self.past(document)?);
        let report = judged.report();
        Ok(FileReport {
            file: name.to_owned(),
            path: Some(document.path.clone()),
            label: Some(policy.label_of(&document.id)),
            state: Some(report.state),
            required: report.required,
            signatures: report.signatures,
            findings: settle(policy, findings),
        })
    }

    /// A signature that does not match this text may match the one in the pack.
    fn judge_signature(
        &self,
        authority: &Authority<'_>,
        document: &Document,
        file: &SignatureFile,
    ) -> JudgedSignature {
        let judged = judge_signature(authority, document, file);
        let packs = self.pack.documents.get(&document.path).and_then(|d| d.bytes.as_deref());
        let Some(text) = packs.filter(|_| judged.judged.verdict.reason == Reason::Bad) else {
            return judged;
        };
        let there = judge_over(authority, document, file, text);
        if !there.judged.verdict.is_good() {
            return judged;
        }
        let verdict = Verdict::new(Reason::Stale, "it matches the text in the pack, not this one");
        JudgedSignature { judged: there.judged.with(verdict), ..there }
    }

    /// A weak hash counts only where a later tag covers the same bytes in the pack.
    fn refuse_uncovered(
        &self,
        authority: &Authority<'_>,
        document: &Document,
        judged: &mut [JudgedSignature],
    ) -> Result<(), AuditError> {
        let weak = |s: &&mut JudgedSignature| s.judged.weak_hash && s.judged.verdict.is_good();
        let mut weak: Vec<&mut JudgedSignature> = judged.iter_mut().filter(weak).collect();
        if weak.is_empty() {
            return Ok(());
        }
        let blob = self.blob_in_pack(document);
        let tags = match &self.repository {
            Some(repository) => tags::judge(authority, &repository.tags()?),
            None => Vec::new(),
        };
        let cover = cover::Cover::new(&tags);
        for signature in &mut weak {
            let made = signature.judged.made;
            let covered = match (&self.repository, blob, made) {
                (Some(repository), Some(blob), Some(made)) => {
                    cover.covers_blob(repository, &document.path, blob, made)?
                }
                (_, _, _) => false,
            };
            if !covered {
                signature.judged.verdict = cover::uncovered(signature.judged.hash.as_deref());
            }
        }
        Ok(())
    }

    /// The blob of the pack that has these very bytes at this place.
    fn blob_in_pack(&self, document: &Document) -> Option<ObjectId> {
        let known = self.pack.documents.get(&document.path)?;
        let same = known.bytes == document.bytes;
        self.pack.file(&document.path).filter(|_| same).map(|file| file.id)
    }

    fn difference(&self, document: &Document) -> Option<Finding> {
        let known = self.pack.documents.get(&document.path)?;
        if known.bytes == document.bytes {
            return None;
        }
        let text = format!("the pack has another text at {}", document.path);
        let evidence = document.bytes.as_deref().unwrap_or_default();
        Some(
            Finding::new("differs", Level::Error, document.path.as_str(), &[evidence], text)
                .with_help("the pack's text is what counts; see its history: git log -p"),
        )
    }

    fn judge_by_keys(
        &self,
        authority: &Authority<'_>,
        file: &NamedFile,
        signatures: &[NamedFile],
    ) -> Result<FileReport, SingleError> {
        let mut judged: Vec<SignatureReport> = Vec::new();
        for signature in signatures {
            let path = signature.name.parse().map_err(NameError::Path)?;
            let bytes = &signature.bytes;
            judged.push(bare_report(path, bare_detached(authority, bytes, &file.bytes)));
        }
        if file.bytes.starts_with(CLEARSIGNED) {
            let name = file.name.parse().map_err(NameError::Path)?;
            judged.push(bare_report(name, bare_clearsigned(authority, &file.bytes)));
        }
        if judged.is_empty() {
            return Err(SingleError::NoSignature(file.name.clone()));
        }
        let findings = judged.iter().filter_map(bare_finding).collect();
        Ok(FileReport { signatures: judged, findings, ..FileReport::bare(&file.name) })
    }
}

/// A clearsigned document as its own signature file.
fn inside(document: &Document) -> SignatureFile {
    SignatureFile {
        document: document.path.clone(),
        member: None,
        path: document.path.clone(),
        bytes: document.bytes.clone(),
    }
}

/// `secpack explain` looks into a pack, where this file is not.
/// A reader may have no pack to ask, and nobody has to sign a copy that changed on its way.
fn without_explain(finding: Finding) -> Finding {
    if finding.help.starts_with("see: secpack explain") || finding.rule == Reason::Stale.code() {
        Finding { help: String::new(), ..finding }
    } else {
        finding
    }
}

/// One detached signature over some bytes, by whichever given key.
pub(crate) fn bare_detached(authority: &Authority<'_>, armored: &[u8], text: &[u8]) -> Judged {
    match secpack_openpgp::parse(armored, SignatureKind::Binary) {
        Ok(parsed) => {
            let over = Over { bytes: text, used: HashUse::Documents };
            secpack_openpgp::judge(authority.keyring, &authority.policy, &parsed, over)
        }
        Err(verdict) => Judged::refused(verdict),
    }
}

fn bare_clearsigned(authority: &Authority<'_>, bytes: &[u8]) -> Judged {
    let parts = cleartext::split(bytes).and_then(|parts| {
        let parsed = secpack_openpgp::parse(&parts.signature, SignatureKind::Text)?;
        Ok((parts.signed, parsed))
    });
    match parts {
        Ok((signed, parsed)) => {
            let over = Over { bytes: &signed, used: HashUse::Documents };
            secpack_openpgp::judge(authority.keyring, &authority.policy, &parsed, over)
        }
        Err(verdict) => Judged::refused(verdict),
    }
}

pub(crate) fn bare_report(path: PackPath, judged: Judged) -> SignatureReport {
    signature_report(&JudgedSignature { path, member: None, judged })
}

pub(crate) fn bare_finding(signature: &SignatureReport) -> Option<Finding> {
    if signature.verdict == Reason::Good {
        return None;
    }
    let code = signature.verdict.code();
    let text = if signature.detail.is_empty() { code } else { &signature.detail };
    Some(Finding::new(code, Level::Error, signature.path.as_str(), &[], text))
}
