//! The guard as hooks and releases ask it, which is the same way: by what they were told once, and
//! over everything in the repository.

use super::guard::{Said, Searched, search};
use super::read;
use crate::Fault;
use crate::arguments::{GuardArgs, SentryArgs};
use crate::session::Session;

/// Why nothing can be looked for.
pub const BLIND: &str = "drafts are under embargo, and nothing says how to know their secrets";

/// What a sentry came to.
pub enum Watch {
    /// Drafts are sealed, and neither an identity nor a key of the guard is named.
    Blind,
    /// It looked; without an embargo or sealed drafts there is nothing to find.
    Saw(Searched),
}

/// Looks everywhere in a repository that somebody publishes from, and at what will be said in it:
/// what is in no branch today is in one tomorrow.
///
/// # Errors
/// When a sealed draft can be neither opened nor looked for by its digests.
pub fn watch(session: &Session, sentry: &SentryArgs, said: &[Said]) -> Result<Watch, Fault> {
    let Some(embargo) = session.pack.policy.embargo() else {
        return Ok(Watch::Saw(Searched::default()));
    };
    let sealed = read::sealed_in(&session.on_disk(&embargo.folder))?;
    if sentry.is_empty() && !sealed.is_empty() {
        return Ok(Watch::Blind);
    }
    let arguments = GuardArgs {
        identity: sentry.identity.clone(),
        sealed: Vec::new(),
        guard_key: sentry.guard_key.clone(),
        also: Vec::new(),
        show: false,
    };
    search(session, &arguments, said).map(Watch::Saw)
}
