//! One conversation with an age plugin: the state machine `identity-v1` of c2sp.org/age-plugin.
//!
//! The plugin gets every stanza of the header, and answers with the key of the file, with errors, or
//! with nothing, when none of the stanzas is for it. Meanwhile it may ask the person.

use crate::plugin::{Reply, Request};
use age::secrecy::ExposeSecret;
use age::secrecy::zeroize::Zeroize;
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::plugin::{Connection, IDENTITY_V1, Reply as ToPlugin, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use secpack_pack::escape;
use std::io::{self, Read, Write};
use std::path::Path;

/// What a plugin may say in its second phase.
const COMMANDS: [&str; 6] =
    ["msg", "confirm", "request-public", "request-secret", "file-key", "error"];
/// The most that is shown of what a plugin says, in characters.
const MAX_SHOWN: usize = 400;

/// What a plugin came to.
pub(crate) enum Answer {
    /// The key of the file.
    Key(FileKey),
    /// None of the stanzas is for it.
    NotForIt,
    /// Why it cannot, escaped.
    Reports(String),
}

/// What was heard so far.
#[derive(Default)]
struct Heard {
    key: Option<FileKey>,
    errors: Vec<String>,
}

/// Starts the program and asks it for the key of the file that has these stanzas.
///
/// It runs in an empty folder of its own, and what it writes to standard error is not shown.
#[expect(clippy::disallowed_methods, reason = "age-core starts a plugin that the person named")]
pub(crate) fn with(
    program: &Path,
    identity: &str,
    stanzas: &[Stanza],
    ask: &dyn Fn(Request) -> Reply,
) -> io::Result<Answer> {
    let mut connection = Connection::open(program, IDENTITY_V1)?;
    connection.unidir_send(|mut phase| {
        phase.send("add-identity", &[identity], &[])?;
        stanzas.iter().try_for_each(|each| phase.send_stanza("recipient-stanza", &["0"], each))
    })?;
    let mut heard = Heard::default();
    connection.bidir_receive(&COMMANDS, |command, plugin| heard.take(command, plugin, ask))?;
    Ok(heard.answer())
}

impl Heard {
    fn take<R: Read, W: Write>(
        &mut self,
        command: Stanza,
        plugin: ToPlugin<'_, R, W>,
        ask: &dyn Fn(Request) -> Reply,
    ) -> Response {
        match command.tag.as_str() {
            "file-key" => self.key(command, plugin),
            "error" => {
                self.errors.push(words(&command.body));
                plugin.ok(None)
            }
            _ => answer(ask, &command, plugin),
        }
    }

    fn key<R: Read, W: Write>(
        &mut self,
        mut command: Stanza,
        plugin: ToPlugin<'_, R, W>,
    ) -> Response {
        let fits = command.body.len() == FILE_KEY_BYTES && command.args == ["0"];
        let key = fits.then(|| FileKey::init_with_mut(|key| key.copy_from_slice(&command.body)));
        command.body.zeroize();
        match key.filter(|_| self.key.is_none()) {
            Some(key) => {
                self.key = Some(key);
                plugin.ok(None)
            }
            None => {
                self.errors.push("what it gave is no key of this file".to_owned());
                plugin.fail()
            }
        }
    }

    fn answer(self) -> Answer {
        match self.key {
            Some(key) => Answer::Key(key),
            None if self.errors.is_empty() => Answer::NotForIt,
            None => Answer::Reports(self.errors.join("; ").chars().take(MAX_SHOWN).collect()),
        }
    }
}

/// Puts a request to the person, and the reply to the plugin.
fn answer<R: Read, W: Write>(
    ask: &dyn Fn(Request) -> Reply,
    command: &Stanza,
    plugin: ToPlugin<'_, R, W>,
) -> Response {
    match request(command).map_or(Reply::Nobody, ask) {
        Reply::Seen => plugin.ok(None),
        Reply::Yes => plugin.ok_with_metadata(&["yes"], None),
        Reply::No => plugin.ok_with_metadata(&["no"], None),
        Reply::Typed(text) => plugin.ok(Some(text.expose_secret().as_bytes())),
        Reply::Nobody => plugin.fail(),
    }
}

fn request(command: &Stanza) -> Option<Request> {
    let text = String::from_utf8_lossy(&command.body).chars().take(MAX_SHOWN).collect();
    match command.tag.as_str() {
        "msg" => Some(Request::Show(text)),
        "request-public" => Some(Request::Type(text)),
        "request-secret" => Some(Request::Secret(text)),
        "confirm" => {
            let decoded = |index: usize| {
                let bytes = BASE64_STANDARD_NO_PAD.decode(command.args.get(index)?).ok()?;
                Some(String::from_utf8_lossy(&bytes).chars().take(MAX_SHOWN).collect())
            };
            Some(Request::Choose(text, decoded(0)?, decoded(1)))
        }
        _ => None,
    }
}

fn words(bytes: &[u8]) -> String {
    escape(&String::from_utf8_lossy(bytes).chars().take(MAX_SHOWN).collect::<String>())
}
