//! `secpack canary refresh`: a new proof of freshness for a draft that nobody has signed.

use super::freshness::read_evidence;
use super::{find, new, status};
use crate::arguments::RefreshArgs;
use crate::session::Session;
use crate::{Exit, Fault, fault::OrHint, lint, output};
use secpack_audit::text_of;
use secpack_canary::{Canary, Facts, refresh};

pub fn run(session: &Session, arguments: &RefreshArgs) -> Result<Exit, Fault> {
    let document = find(session, &arguments.document)?;
    nobody_signed(session, document)?;
    let policy = &session.pack.policy;
    let text = text_of(policy, document)
        .ok_or_else(|| Fault::inside(&session.on_disk(&document.path), "it is no text"))?;
    let lint = format!("secpack canary lint {}", document.path);
    let canary = Canary::parse(&text).or_hint(&lint)?;
    let evidence = read_evidence(&arguments.freshness)?;
    new::must_be_of_the_day(&evidence, canary.date)?;
    if canary.proof.date.is_some_and(|there| evidence.date < there) {
        return Err(Fault::refused(format!(
            "{}: the proof that is there is newer; nothing was changed",
            document.path
        ))
        .hint("secpack canary freshness fetch --out freshness.json"));
    }
    let facts = Facts {
        date: canary.date,
        bulletins: canary.count,
        fingerprint: canary.fingerprint.clone(),
        next: canary.window,
        freshness: Some(evidence.clone()),
        ..Facts::default()
    };
    let fresh = new::render(session, &document.id, &facts)?;
    let outcome = refresh(&text, &fresh).or_hint(&lint)?;
    new::keep_evidence(session, document, &evidence, new::Keep::Replace)?;
    secpack_signing::replace_file(&session.on_disk(&document.path), outcome.as_bytes())?;
    output::line(format!("refreshed: {}", document.path));
    lint::report_draft(session, &document.id, &document.path, outcome.as_bytes());
    output::note("read it before anybody signs it");
    output::hint(&lint);
    Ok(Exit::Good)
}

/// A new proof voids every signature, so a signed canary keeps the one it has.
fn nobody_signed(session: &Session, document: &secpack_pack::Document) -> Result<(), Fault> {
    let tally = status::tally(session, &session.authority(), document)?;
    let files: Vec<&str> = tally.signatures.iter().map(|s| s.path.as_str()).collect();
    if files.is_empty() {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "{} is signed already, and a new proof would void that: {}",
        document.path,
        files.join(", ")
    ))
    .hint(format!("secpack status {}", document.path)))
}
