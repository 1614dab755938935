//! A first policy for a pack that nobody described yet, for a person to review.
//!
//! Everything is inferred from what verifies: first every signature is judged under a policy that
//! accepts anything, then the least is written down that makes what is there count. Names decide
//! nothing that a signature could. What still does not count becomes the baseline.

mod baseline;
mod canaries;
mod certificates;
mod files;
mod groups;
mod hashes;
mod headings;
mod lenient;
mod naming;
mod people;
mod quoting;
mod roles;
mod seen;
mod series;
mod shape;
mod survey;
mod tag_names;
mod tags;
mod write;
mod write_rules;

pub use baseline::Baseline;

use crate::AuditError;
use chrono::{DateTime, Utc};
use secpack_git::{Repository, Snapshot};
use secpack_pack::PolicyError;

/// Why no policy came out.
#[derive(Debug, thiserror::Error)]
pub enum InferError {
    /// The repository could not be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What was written is not a policy: a defect of the inference.
    #[error("the inferred policy is not valid; please report this")]
    Policy(#[source] PolicyError),
}

/// What to look at.
pub struct InferRequest<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The files of the commit that is looked at.
    pub snapshot: Snapshot,
    /// The name of the pack, for people.
    pub name: String,
    /// The time taken for now.
    pub now: DateTime<Utc>,
    /// What becomes of old findings.
    pub baseline: Baseline,
    /// Told the name of each stage as it begins.
    pub progress: &'a dyn Fn(&str),
}

/// The text of a policy for this pack. Two runs over the same repository give the same bytes.
///
/// # Errors
/// [`InferError`].
pub fn infer(request: &InferRequest<'_>) -> Result<String, InferError> {
    let survey = survey::survey(request)?;
    (request.progress)("writing the policy");
    let text = write::policy(&request.name, &survey);
    (request.progress)("verifying with it");
    let accepted = baseline::find(request, &text)?;
    let text = text + &baseline::write(&accepted, request.baseline);
    secpack_pack::Policy::parse(&text).map_err(InferError::Policy)?;
    Ok(text)
}
