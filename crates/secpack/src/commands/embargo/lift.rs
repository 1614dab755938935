//! `secpack embargo lift`: at the date the draft becomes a document, and its release begins.

use super::read;
use super::seal::digests_beside;
use crate::arguments::{Global, LiftArgs, ReleaseArgs, SentryArgs};
use crate::commands::release;
use crate::session::Session;
use crate::{Exit, Fault, fault::OrHint, output, signers, terminal};
use secpack_release::Lists;

pub fn run(global: &Global, arguments: &LiftArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    read::rules(&session)?;
    signers::member(&session, &arguments.signer)?;
    let (authority, identities) = (session.authority(), read::identities(&arguments.identity)?);
    let path = &arguments.sealed;
    let (letter, differs) = read::letter(&authority, path, &identities, Lists::MayDiffer)?;
    let shown = path.display();
    if session.now < letter.until {
        let until = letter.until.format("%Y-%m-%d %H:%M UTC");
        let then = letter.until.format("%Y-%m-%dT%H:%M:%SZ");
        return Err(Fault::refused(format!("{shown} is under embargo until {until}")).hint(format!(
            "wait; or in a clone that nobody sees, rehearse it: secpack embargo lift {shown} --identity FILE --as MEMBER --now {then}"
        )));
    }
    if terminal::own_clock(None).is_some_and(|clock| clock < letter.until) {
        output::warning("by the clock of this machine the embargo still holds: do not push this");
    }
    if let Some(text) = differs {
        output::warning(&text);
    }
    let place = session.on_disk(&letter.document);
    secpack_signing::write_new(&place, letter.text.as_bytes()).or_hint(format!(
        "compare the two: secpack embargo open {shown} --identity FILE --out DIR"
    ))?;
    output::line(format!("lifted: {}", letter.document));
    if digests_beside(path).exists() {
        output::hint(&format!("git rm {}", digests_beside(path).display()));
    }
    plan(global, arguments, letter.document.as_str());
    Ok(Exit::Good)
}

/// The plan of the release as `secpack release` prints it. Somebody must sign first, so it is
/// never done at once, and what it lacks is no failure of lifting.
fn plan(global: &Global, arguments: &LiftArgs, document: &str) {
    let release = ReleaseArgs {
        documents: vec![document.to_owned()],
        signer: arguments.signer.clone(),
        remote: arguments.remote.clone(),
        message: None,
        anchor: None,
        sentry: SentryArgs { identity: arguments.identity.clone(), guard_key: None },
        execute: false,
        resume: false,
        abort: false,
        mail: None,
    };
    let quiet = Global { json: false, ..global.clone() };
    if let Err(fault) = release::run(&quiet, &release) {
        output::warning(&format!("its release cannot be planned yet: {}", fault.message()));
        fault.next().iter().for_each(|hint| output::hint(hint));
    }
}
