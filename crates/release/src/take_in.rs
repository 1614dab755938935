//! Taking in answers: what is good, and of the rest how each came to be no good.

use secpack_audit::{AuditError, earlier_match};
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{Pack, Reason};
use secpack_signing::{Candidate, Collected, collect};

/// Judges candidates as [`secpack_signing::collect`] does, and tells a signature over a text that
/// moved on from one that never matched: by HEAD, all tags and all branches, fetched ones too.
///
/// # Errors
/// [`AuditError`] when the repository cannot be read.
pub fn take_in(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    candidates: Vec<Candidate>,
) -> Result<Vec<Collected>, AuditError> {
    let mut results = collect(authority, pack, candidates);
    let mut tips = secpack_audit::tips(repository.head()?, &repository.tags()?);
    tips.extend(repository.branches()?);
    tips.sort();
    tips.dedup();
    for result in &mut results {
        let Collected::Refused(refused) = result else { continue };
        let Some(file) = refused.file.as_ref().filter(|_| refused.verdict.reason == Reason::Bad)
        else {
            continue;
        };
        if let Some(stale) = earlier_match(repository, authority, pack, &tips, file)? {
            refused.verdict = stale;
        }
    }
    Ok(results)
}
