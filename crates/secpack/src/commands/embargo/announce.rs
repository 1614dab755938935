//! `secpack embargo announce`: what may be said before the date.

use super::{read, secrets};
use crate::arguments::{AnnounceArgs, Global};
use crate::session::{POLICY_FILE, Session};
use crate::{Exit, Fault, output};
use secpack_embargo::{AnnounceError, Announcement, Guard};
use secpack_pack::shell_word;
use secpack_release::Lists;
use std::path::Path;

pub fn run(global: &Global, arguments: &AnnounceArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    read::rules(&session)?;
    let (authority, identities) = (session.authority(), read::identities(&arguments.identity)?);
    let (letter, _) = read::letter(&authority, &arguments.sealed, &identities, Lists::MustAgree)?;
    let policy = &session.pack.policy;
    let track = letter.track.as_ref().and_then(|id| policy.tracks().iter().find(|t| &t.id == id));
    let track = track.ok_or_else(|| {
        Fault::refused("the draft was sealed without a track of the policy, so nothing may be said")
            .adding("it is sealed anew with --track, with the name of a [[track]] of the policy")
            .hint("secpack embargo seal --help")
    })?;
    let source = secrets::Source::of(&letter);
    let secrets = secrets::of(&session, &source, &secrets::known(&session)?);
    let announcement = Announcement {
        pack: policy.name(),
        until: letter.until,
        severity: arguments.severity.as_deref(),
    };
    let guard = Guard::of([&secrets]);
    let today = session.now.date_naive();
    let file = global.policy.clone().unwrap_or_else(|| session.root().join(POLICY_FILE));
    let text = secpack_embargo::announce(track, announcement, &guard, today)
        .map_err(|error| Fault::refused(error.to_string()).hint(next(&file, &error)))?;
    if global.json {
        output::json(&serde_json::json!({
            "schema": "secpack/embargo-announcement/1", "track": track.id, "text": text,
        }))?;
    } else {
        output::raw(&text);
    }
    Ok(Exit::Good)
}

/// Where the rule stands that says no, or how to ask in another way.
fn next(policy: &Path, error: &AnnounceError) -> String {
    match error {
        AnnounceError::Silent(_) | AnnounceError::Day { .. } | AnnounceError::Severity(_) => {
            format!("grep -A 6 track {}", shell_word(&policy.display().to_string()))
        }
        AnnounceError::Word(_) | AnnounceError::Reveals(_) | AnnounceError::Template(_) => {
            "secpack embargo announce --help".to_owned()
        }
    }
}
