//! `secpack embargo lift`: at the date the draft becomes a document, and its release begins.

use super::read;
use super::seal::digests_beside;
use crate::arguments::{Global, LiftArgs, ReleaseArgs, SentryArgs};
use crate::commands::release;
use crate::fault::{OrHint, word};
use crate::session::Session;
use crate::{Exit, Fault, documents, output, signers, terminal};
use secpack_pack::shell_word;
use secpack_release::Lists;
use std::path::Path;

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
        let files = arguments.identity.identity.iter().map(|i| format!(" --identity {}", word(i)));
        let plugins = arguments.identity.allow_plugin.iter();
        let plugins = plugins.map(|plugin| format!(" --allow-plugin {plugin}"));
        let identities: String = files.chain(plugins).collect();
        return Err(Fault::refused(format!("{shown} is under embargo until {until}"))
            .adding(&format!("a clone that nobody sees can rehearse it with --now {then}"))
            .adding("until then, this tells whether anything of it has come out:")
            .hint(format!("secpack embargo guard{identities}")));
    }
    if terminal::own_clock(None).is_some_and(|clock| clock < letter.until) {
        output::warning("by the clock of this machine the embargo still holds: do not push this");
    }
    if let Some(text) = differs {
        output::warning(&text);
    }
    let place = session.on_disk(&letter.document);
    secpack_signing::write_new(&place, letter.text.as_bytes())
        .or_hint(format!("cat {}", word(&place)))?;
    output::line(format!("lifted: {}", letter.document));
    if digests_beside(path).exists() {
        output::note("a guard that knows digests alone knows no dates; for it, both files go:");
        output::hint(&remove(&session, &[path, &digests_beside(path)])?);
    }
    plan(global, arguments, letter.document.as_str());
    Ok(Exit::Good)
}

/// What removes files, with git where it has them.
fn remove(session: &Session, files: &[&Path]) -> Result<String, Fault> {
    let (head, mut words) = (session.repository.head()?, Vec::new());
    let mut has_all = true;
    for file in files {
        let shown = file.display().to_string();
        let inside = documents::as_pack_path(session, &shown);
        let in_head = match (head, &inside) {
            (Some(head), Some(inside)) => session.repository.blob_at(head, inside)?.is_some(),
            _ => false,
        };
        has_all &= in_head;
        words.push(inside.map_or_else(|| word(file), |inside| shell_word(inside.as_str())));
    }
    Ok(format!("{} {}", if has_all { "git rm" } else { "rm" }, words.join(" ")))
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
