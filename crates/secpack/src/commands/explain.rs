//! `secpack explain`: why a verdict is what it is, and what to do.

use crate::arguments::{ExplainArgs, Global};
use crate::commands::verify;
use crate::{Exit, Fault, output};
use secpack_audit::Depth;
use secpack_pack::Reason;

pub fn run(global: &Global, arguments: &ExplainArgs) -> Result<Exit, Fault> {
    if let Some(reason) = Reason::ALL.into_iter().find(|r| r.code() == arguments.id) {
        explain(reason);
        return Ok(Exit::Good);
    }
    let path = verify::place(global, arguments.path.as_deref())?;
    let report = verify::report(global, &path, None, None, Depth::Now)?;
    let found: Vec<_> =
        report.findings.iter().filter(|f| f.id.starts_with(&arguments.id)).collect();
    if found.is_empty() {
        return Err(Fault::refused(format!(
            "no finding starts with {}",
            secpack_pack::escape(&arguments.id)
        ))
        .hint("secpack verify lists what there is; secpack verify --json has the ids"));
    }
    for finding in found {
        verify::print_finding(finding);
        output::line(format!("  id: {}", secpack_pack::escape(&finding.id)));
        facts(&report, &finding.path);
        let accepted = if finding.accepted { "yes" } else { "no" };
        output::line(format!("  accepted by the policy: {accepted}"));
        if let Some(reason) = Reason::ALL.into_iter().find(|r| r.code() == finding.rule) {
            explain(reason);
        }
    }
    Ok(Exit::Good)
}

/// Key, time and hash of the signature or tag at this place.
fn facts(report: &secpack_audit::Report, place: &str) {
    let signatures = report.documents.iter().flat_map(|d| &d.signatures);
    let signature = signatures
        .filter(|s| s.path.as_str() == place)
        .map(|s| (s.signer.as_ref(), s.made.as_deref(), s.hash.as_deref()));
    let tag = report
        .tags
        .iter()
        .filter(|t| t.name == place)
        .map(|t| (t.signer.as_ref(), t.made.as_deref(), t.hash.as_deref()));
    for (signer, made, hash) in signature.chain(tag) {
        if let Some(signer) = signer {
            output::line(format!("  made by: {}", signer.spaced()));
        }
        output::line(format!(
            "  made on: {}, hash {}",
            made.unwrap_or("unknown"),
            hash.unwrap_or("unknown")
        ));
    }
}

fn explain(reason: Reason) {
    let (meaning, action) = words(reason);
    output::line(format!("{}: {meaning}", reason.code()));
    output::line(format!("  what to do: {action}"));
    output::line(format!("  more: docs/verdicts.md#{}", reason.code()));
}

/// Meaning and action, as docs/verdicts.md has them.
fn words(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::Good => {
            ("the right key made it over these bytes, in its role and its time", "nothing")
        }
        Reason::Stale => (
            "the right key made it, but over an earlier text",
            "compare the two texts; the member signs the text as it is now",
        ),
        Reason::Bad => (
            "its key is known and does not verify it over this text or any earlier one",
            "do not trust the text; ask the member",
        ),
        Reason::Missing => {
            ("a signature that the policy asks for is not there", "the member signs")
        }
        Reason::WrongMember => (
            "it bears one member's name and was made by another key",
            "do not trust it; find out who put it there",
        ),
        Reason::OutOfRole => (
            "its maker has no such role at this number or date",
            "ask a member with the role, or change the policy and sign that",
        ),
        Reason::UnknownKey => (
            "no certificate of the pack, now or in its history, made it",
            "if the key is genuine, add its certificate under a key group of the policy",
        ),
        Reason::UncertifiedKey => (
            "the root that must certify its key does not",
            "the root certifies the key: secpack keys certify",
        ),
        Reason::Expired => {
            ("its key had expired when it was made", "the member extends the key and signs again")
        }
        Reason::NotYetValid => (
            "it is dated before its key existed or was bound, or in the future",
            "check the clock of the machine that signed; sign again",
        ),
        Reason::Revoked => ("its key is revoked", "do not trust it; a valid key signs again"),
        Reason::WeakHash => (
            "its hash algorithm does not count for a signature of this date",
            "sign again with SHA-256 or SHA-512",
        ),
        Reason::WrongType => (
            "it is not a signature over a document, or its key is not one for signing",
            "sign again: secpack sign",
        ),
        Reason::Malformed => (
            "it is not exactly one signature, or has a structure that is refused",
            "sign again: secpack sign",
        ),
        Reason::NotCanonical => (
            "it verifies, but bytes were changed or added around what is verified",
            "restore the file from its maker",
        ),
        Reason::Duplicate => ("it stands a second time", "remove one of the two"),
        Reason::NameMismatch => (
            "the name on the outside differs from the name inside",
            "do not trust it; find out who renamed it",
        ),
        Reason::RolledBack => {
            ("it is older than what this reader saw before", "fetch from another place and compare")
        }
        Reason::Overdue => ("it is due and not there", "ask the team; assume nothing"),
        Reason::Unreadable => {
            ("its bytes are not in the repository", "fetch the whole repository again")
        }
    }
}
