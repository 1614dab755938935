//! The report about single documents as data: `secpack verify FILE --json` prints exactly this.

use crate::Outcome;
use crate::report::{AnchorReport, PolicyReport, SignatureReport};
use secpack_pack::{Finding, MemberId, PackPath};
use serde::Serialize;

/// The schema of [`SingleReport`].
pub const SCHEMA: &str = "secpack/verify-file/1";

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct SingleReport {
    /// The name and version of this format.
    pub schema: &'static str,
    /// The outcome over all files.
    pub result: Outcome,
    /// By which policy; `None` when nothing says who may sign.
    pub policy: Option<PolicyReport>,
    /// Under which anchor.
    pub anchor: Option<AnchorReport>,
    /// The files, in the order given.
    pub files: Vec<FileReport>,
    /// What is wrong with the anchor or the policy.
    pub findings: Vec<Finding>,
}

/// One document.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// Its name as given.
    pub file: String,
    /// Its place in a pack, by the policy.
    pub path: Option<PackPath>,
    /// What people call it, by the policy.
    pub label: Option<String>,
    /// `complete`, `incomplete` or `broken`; `None` without a policy.
    pub state: Option<&'static str>,
    /// Members of whom a signature is asked.
    pub required: Vec<MemberId>,
    /// Its signatures.
    pub signatures: Vec<SignatureReport>,
    /// What is not good about it.
    pub findings: Vec<Finding>,
}

impl FileReport {
    /// Of a file that no policy knows, with nothing judged yet.
    pub(crate) fn bare(name: &str) -> Self {
        Self {
            file: name.to_owned(),
            path: None,
            label: None,
            state: None,
            required: Vec::new(),
            signatures: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Whether all signatures that are asked for are there and good, and nothing is wrong.
    pub fn is_good(&self) -> bool {
        let signed = self.signatures.iter().any(|s| s.verdict == secpack_pack::Reason::Good);
        let fails = |f: &Finding| f.level == secpack_pack::Level::Error && !f.accepted;
        signed && !self.findings.iter().any(fails)
    }
}

impl SingleReport {
    /// Whether every file is good, and what they were judged by too.
    pub fn is_good(&self) -> bool {
        self.result == Outcome::Good
    }
}
