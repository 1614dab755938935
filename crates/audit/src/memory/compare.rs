//! What must not happen between two looks at a pack. No policy accepts any of it: a policy is
//! part of what could have been rolled back.

use super::{Ancestry, Memory, Present};
use secpack_pack::{Finding, Level, ObjectId, PackPath, Reason};
use std::collections::BTreeMap;

/// What to type after a rollback.
const FETCH: &str =
    "git pull --ff-only; if that does not help, fetch from another place and compare the two";

/// The finding `rolled-back`, unless the commit has the one that was seen in its history.
pub fn rolled_back(seen: ObjectId, now: ObjectId, ancestry: Ancestry) -> Option<Finding> {
    let how = match ancestry {
        Ancestry::Same | Ancestry::Newer => return None,
        Ancestry::Older => format!("older than commit {seen}, which you saw before"),
        Ancestry::Sibling => {
            format!("does not have commit {seen} in its history, which you saw before")
        }
        Ancestry::Unrelated => {
            format!("has nothing in common with commit {seen}, which you saw before")
        }
        Ancestry::Gone => {
            format!("commit {seen}, which you saw before, is not even in this repository")
        }
    };
    let text = format!("commit {}: {how}", now.short(12));
    Some(error(Reason::RolledBack.code(), "HEAD", &[seen, now], text).with_help(FETCH))
}

/// Everything that is there now and must not be, after what was seen. Empty when the pack moved
/// forward or stayed.
pub fn compare(seen: &Memory, present: &Present, ancestry: Ancestry) -> Vec<Finding> {
    let now = &present.memory;
    let mut found: Vec<Finding> = rolled_back(seen.head, now.head, ancestry).into_iter().collect();
    found.extend(policy(seen, now));
    found.extend(seen.documents.iter().filter_map(|(path, blob)| reverted(present, path, *blob)));
    for (what, before, after) in [
        ("document", &seen.documents, &now.documents),
        ("signature", &seen.signatures, &now.signatures),
    ] {
        let gone = before.iter().filter(|(path, blob)| {
            is_gone(present, after, path, **blob) && !of_a_revised_text(seen, now, path)
        });
        found.extend(gone.map(|(path, blob)| vanished(present, what, path, *blob)));
    }
    found.extend(evidence(seen, now));
    found
}

/// Evidence that fitted is gone, or made unfit, while its text stands. It is not signed, so the
/// canary is as good as before: a warning.
fn evidence(seen: &Memory, now: &Memory) -> Vec<Finding> {
    let same_text = |path: &PackPath| {
        now.documents.get(path).is_some_and(|text| seen.documents.get(path) == Some(text))
    };
    let lost = seen.evidence.iter().filter(|(p, _)| same_text(p) && !now.evidence.contains_key(*p));
    let finding = |(path, blob): (&PackPath, &ObjectId)| {
        let text = "its evidence of freshness, which you saw, is gone or no longer fits";
        let id = [blob.as_bytes().as_slice()];
        Finding::new("evidence-vanished", Level::Warning, path.as_str(), &id, text)
            .with_help(format!("the evidence that you saw: git cat-file blob {blob}"))
    };
    lost.map(finding).collect()
}

/// Content that was good is gone when it is neither at its path nor good anywhere else, and no
/// other good content took its place: a renamed file is not gone, nor is a revised document that
/// everyone signed again.
fn is_gone(
    present: &Present,
    after: &BTreeMap<PackPath, ObjectId>,
    path: &PackPath,
    blob: ObjectId,
) -> bool {
    let stands = present.files.get(path) == Some(&blob);
    !stands && !after.contains_key(path) && !after.values().any(|other| *other == blob)
}

/// A signature over a text that was revised since, and that everyone who must sign signed again:
/// whoever left the team does not sign the new text, and their old signature goes.
fn of_a_revised_text(seen: &Memory, now: &Memory, path: &PackPath) -> bool {
    let revised = |(document, blob): (&PackPath, &ObjectId)| {
        let beside = path.as_str().strip_prefix(document.as_str());
        let is_signature = beside.is_some_and(|rest| !rest.is_empty());
        is_signature && now.documents.get(document).is_some_and(|newer| newer != blob)
    };
    seen.documents.iter().any(revised)
}

fn vanished(present: &Present, what: &str, path: &PackPath, blob: ObjectId) -> Finding {
    let now = present.files.get(path);
    let text = match now {
        None => format!("a {what} that was good when you saw it is gone"),
        Some(_) => format!("a {what} that was good when you saw it has another content"),
    };
    let evidence: Vec<ObjectId> = std::iter::once(blob).chain(now.copied()).collect();
    error("vanished", path.as_str(), &evidence, text)
        .with_help(format!("the content that you saw: git cat-file blob {blob}"))
}

/// One document alone was rolled back: its text is one that the text you saw had replaced.
fn reverted(present: &Present, path: &PackPath, blob: ObjectId) -> Option<Finding> {
    let now = present.files.get(path).filter(|now| **now != blob)?;
    if !present.reverted.contains(path) {
        return None;
    }
    let text = "an older text than the one you saw stands here again".to_owned();
    let help = format!("ask the team; the text that you saw: git cat-file blob {blob}");
    let code = Reason::RolledBack.code();
    Some(error(code, path.as_str(), &[blob, *now], text).with_help(help))
}

fn policy(seen: &Memory, now: &Memory) -> Option<Finding> {
    let (before, after) = (seen.policy.as_ref()?, now.policy.as_ref()?);
    let text = if after.version < before.version {
        format!("version {} of the policy; you saw version {}", after.version, before.version)
    } else if after.version == before.version && after.sha256 != before.sha256 {
        format!("version {} of the policy has another content than you saw", after.version)
    } else {
        return None;
    };
    let path = secpack_pack::policy::FILE;
    let evidence = [before.sha256.as_bytes(), after.sha256.as_bytes()];
    let finding = Finding::new("policy-rolled-back", Level::Error, path, &evidence, text);
    Some(finding.with_help("versions of a policy only go up; ask the team"))
}

fn error(rule: &str, path: &str, evidence: &[ObjectId], text: String) -> Finding {
    let evidence: Vec<&[u8]> = evidence.iter().map(|id| id.as_bytes().as_slice()).collect();
    Finding::new(rule, Level::Error, path, &evidence, text)
}
