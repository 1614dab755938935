//! age plugins that the command line names: found as signers are, and their requests put to the
//! person.

use crate::fault::OrHint as _;
use crate::{Fault, output, passphrase, terminal};
use secpack_embargo::{PluginName, Plugins, Reply, Request, SecretString};
use secpack_openpgp::program;
use secpack_pack::escape;
use std::path::Path;
use std::time::Duration;

/// How long a plugin may say nothing: whoever must touch a key needs less.
const PATIENCE: Duration = Duration::from_secs(120);

/// Shows where programs are looked for.
pub const SEARCHED: &str = "echo \"$PATH\"";

/// The plugins with these names.
///
/// # Errors
/// When one is in no absolute folder of the search path.
pub fn named(names: &[PluginName]) -> Result<Plugins, Fault> {
    let mut plugins = Plugins::new(ask, PATIENCE);
    if names.is_empty() {
        return Ok(plugins);
    }
    if terminal::is_age_debugged() {
        return Err(Fault::new("AGEDEBUG is set, which prints the secret keys of drafts")
            .hint(format!("unset AGEDEBUG && {}", terminal::typed())));
    }
    let around = terminal::surroundings();
    for name in names {
        let called = name.program();
        let found = program::find(Path::new(&called), &around.path);
        plugins.allow(name.clone(), found.or_hint(SEARCHED)?);
    }
    Ok(plugins)
}

/// A plugin's words are as untrusted as those of a file.
fn ask(plugin: &PluginName, request: &Request) -> Reply {
    let said = |text: &str| format!("plugin {plugin}: {}", escape(text));
    match request {
        Request::Show(text) => {
            output::note(&said(text));
            Reply::Seen
        }
        Request::Choose(text, yes, no) => {
            let no = no.as_deref().unwrap_or("no");
            let question = format!("{} [yes: {}, no: {}]", said(text), escape(yes), escape(no));
            typed(&question).map_or(Reply::Nobody, |answer| match answer.as_str() {
                "yes" | "y" => Reply::Yes,
                "" => Reply::Nobody,
                _ => Reply::No,
            })
        }
        Request::Type(text) => typed(&said(text)).map_or(Reply::Nobody, reply),
        Request::Secret(text) => {
            passphrase::ask_for_plugin(&said(text)).map_or(Reply::Nobody, reply)
        }
    }
}

fn reply(text: String) -> Reply {
    Reply::Typed(SecretString::from(text))
}

/// What a person types, when there is one.
fn typed(question: &str) -> Option<String> {
    terminal::answer(question).ok().flatten()
}
