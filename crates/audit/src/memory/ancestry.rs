//! How the commit that a reader saw and the one that is there now hang together.

use crate::AuditError;
use secpack_git::{Error, Repository};
use secpack_pack::ObjectId;
use std::collections::HashSet;

/// Where a commit stands, seen from the one that was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ancestry {
    /// The same commit.
    Same,
    /// It has the old one in its history.
    Newer,
    /// The old one has it in its history.
    Older,
    /// Both have a common past, and went apart.
    Sibling,
    /// They have nothing in common.
    Unrelated,
    /// The old one is not in the repository.
    Gone,
}

/// How `now` stands to `seen`, from raw objects alone.
///
/// # Errors
/// [`AuditError::Git`], for example when history has a hole.
pub fn ancestry(
    repository: &Repository,
    seen: ObjectId,
    now: ObjectId,
) -> Result<Ancestry, AuditError> {
    if seen == now {
        return Ok(Ancestry::Same);
    }
    match repository.commit(seen) {
        Ok(_) => {}
        Err(Error::Missing { id }) if id == seen => return Ok(Ancestry::Gone),
        Err(error) => return Err(error.into()),
    }
    let past: HashSet<ObjectId> = repository.mainline(now)?.into_iter().collect();
    if past.contains(&seen) {
        return Ok(Ancestry::Newer);
    }
    let before = repository.mainline(seen)?;
    if before.contains(&now) {
        return Ok(Ancestry::Older);
    }
    let meet = before.iter().any(|commit| past.contains(commit));
    Ok(if meet { Ancestry::Sibling } else { Ancestry::Unrelated })
}
