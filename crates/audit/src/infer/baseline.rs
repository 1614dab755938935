//! Old findings: what verification with the inferred policy still says, for a person to accept.
//!
//! An id covers the very bytes that it speaks of, so what is accepted here never covers anything
//! that comes later.

use super::quoting::{comment, commented, quote};
use super::{InferError, InferRequest};
use crate::{Depth, PolicySource, Request, verify};
use secpack_git::Snapshot;
use secpack_pack::{Finding, Level, Policy};
use std::collections::BTreeMap;

/// What becomes of old findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// Listed in comments, so that verification fails until a person accepts them.
    Proposed,
    /// Accepted already: the person who asked for it looks at them afterwards.
    Accepted,
}

/// Errors that the policy does not accept, by rule.
pub(super) fn find(
    request: &InferRequest<'_>,
    text: &str,
) -> Result<BTreeMap<String, Vec<Finding>>, InferError> {
    let policy = Policy::parse(text).map_err(InferError::Policy)?;
    let report = verify(Request {
        repository: request.repository,
        snapshot: Snapshot::clone(&request.snapshot),
        path: String::new(),
        policy,
        policy_source: PolicySource::File(String::new()),
        anchor: None,
        now: request.now,
        depth: Depth::Now,
        progress: request.progress,
    })?;
    let mut by_rule: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in report.findings {
        if finding.level == Level::Error && !finding.accepted {
            by_rule.entry(finding.rule.clone()).or_default().push(finding);
        }
    }
    Ok(by_rule)
}

/// One `[[accepted]]` table per rule.
pub(super) fn write(by_rule: &BTreeMap<String, Vec<Finding>>, baseline: Baseline) -> String {
    let count: usize = by_rule.values().map(Vec::len).sum();
    let mut text = String::from("\n# ---- Old findings ");
    text.push_str(&"-".repeat(76));
    text.push('\n');
    text.push_str(&match (count, baseline) {
        (0, _) => "# None: everything in the pack is good by this policy.\n".to_owned(),
        (_, Baseline::Proposed) => format!(
            "# {count} findings. Look at each (secpack explain ID), write why it is acceptable, and remove\n\
             # the \"# \" before it. An id covers the very bytes it speaks of.\n"
        ),
        (_, Baseline::Accepted) => format!(
            "# {count} findings, accepted without anybody having looked at them. Look at each (secpack\n\
             # explain ID) and write why it is acceptable. An id covers the very bytes it speaks of.\n"
        ),
    });
    for (rule, findings) in by_rule {
        let table = table(rule, findings);
        text.push('\n');
        text.push_str(&match baseline {
            Baseline::Proposed => commented(&table),
            Baseline::Accepted => table,
        });
    }
    text
}

fn table(rule: &str, findings: &[Finding]) -> String {
    let example = findings.first().map_or("", |finding| finding.text.as_str());
    let reason = format!("inferred, not looked at yet: {} × {rule}", findings.len());
    let mut ids: Vec<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let ids: String = ids.iter().map(|id| format!("    {},\n", quote(id))).collect();
    format!(
        "{}[[accepted]]\nreason = {}\nids = [\n{ids}]\n",
        comment(&format!("for example: {example}")),
        quote(&reason)
    )
}
