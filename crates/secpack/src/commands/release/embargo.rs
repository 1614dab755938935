//! What a release asks the embargo before its first effect: whether its documents are held back,
//! and whether anything in the repository, or in what it will say, tells a sealed draft.

use super::{Fault, Global, ReleaseArgs, Request, Session};
use crate::commands::embargo::{BLIND, Said, Watch, watch};
use crate::terminal;
use secpack_pack::{escape, shell_word};
use std::path::Path;

/// What is not made yet, and so can be said in other words.
const MESSAGE: &str = "the message of the commit";

/// A message that tells nothing.
const OTHER_WORDS: &str = "Security update";

/// Why the release must wait, one line each.
pub fn reasons(
    session: &Session,
    arguments: &ReleaseArgs,
    request: &Request<'_>,
) -> Result<Vec<String>, Fault> {
    let seen = match watch(session, &arguments.sentry, &said(request)?)? {
        Watch::Blind => {
            return Ok(vec![format!("{BLIND}; add --identity FILE, your age identity")]);
        }
        Watch::Saw(seen) => seen,
    };
    let is_asked = |path| request.documents.iter().any(|document| &document.path == path);
    let held = seen.held.iter().filter(|(path, _)| is_asked(path));
    let held = held.map(|(path, until)| {
        let until = until.format("%Y-%m-%d %H:%M UTC");
        format!("{path} is under embargo until {until}; the same command releases it then")
    });
    let found = seen
        .findings
        .iter()
        .map(|finding| format!("{}: {} [{}]", finding.path, escape(&finding.text), finding.rule));
    let unseen = seen
        .unseen
        .iter()
        .map(|id| format!("object {id} cannot be looked into; look at it: git cat-file -s {id}"));
    Ok(held.chain(found).chain(unseen).collect())
}

/// What a release will say that stands nowhere yet.
fn said(request: &Request<'_>) -> Result<Vec<Said>, Fault> {
    let message = Said { place: MESSAGE, text: request.message() };
    let mut said = vec![message];
    // The commit is not made yet; any other one stands in for it.
    let head = request.repository.head()?;
    let tag =
        head.and_then(|head| secpack_tag::plan(&request.pack.policy, request.member, head).ok());
    if let Some(tag) = tag {
        let words = format!("{}\n{}", tag.name, tag.message);
        let text = head.map_or(words.clone(), |head| words.replace(&head.to_string(), ""));
        said.push(Said { place: "the message of the tag", text });
    }
    Ok(said)
}

/// The command that shows all of it, where there is something to see.
pub fn hint(global: &Global, arguments: &ReleaseArgs, request: &Request<'_>) -> Option<String> {
    if request.embargoed.iter().any(|reason| reason.starts_with(BLIND)) {
        return Some(terminal::typed().with(&["--identity", "FILE"]).to_string());
    }
    if request.embargoed.is_empty() || arguments.sentry.is_empty() {
        return None;
    }
    if request.embargoed.iter().all(|reason| reason.starts_with(MESSAGE)) {
        let typed = terminal::typed().without("--message");
        return Some(typed.with(&["--message", OTHER_WORDS]).to_string());
    }
    let mut words = "secpack embargo guard".to_owned();
    let mut add = |option: &str, path: &Path| {
        words = format!("{words} {option} {}", shell_word(&path.to_string_lossy()));
    };
    let sentry = &arguments.sentry;
    sentry.identity.identity.iter().for_each(|path| add("--identity", path));
    sentry.guard_key.iter().for_each(|path| add("--guard-key", path));
    let plugins = sentry.identity.allow_plugin.iter();
    plugins.for_each(|name| add("--allow-plugin", Path::new(name.as_str())));
    global.pack.iter().for_each(|path| add("--pack", path));
    global.policy.iter().for_each(|path| add("--policy", path));
    Some(words)
}
