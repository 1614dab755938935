//! Programs that use a key for us, such as one in hardware: age plugins, each only when a person
//! named it.
//!
//! A file that names a program must never start it. So an identity of a plugin is read only by the
//! plugins that the caller allows, and where their programs lie is for the caller to find.

use crate::talk::{self, Answer};
use crate::{IdentityError, SecretString};
use age::DecryptError;
use age_core::format::{FileKey, Stanza};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How the lines of identity files begin that are for plugins.
pub(crate) const PREFIX: &str = "AGE-PLUGIN-";
/// Longest such line, in bytes.
const MAX_LINE: usize = 4096;

/// The name of a plugin: `yubikey` for the program `age-plugin-yubikey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginName(String);

/// Why a text is not the name of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a plugin is called by lower-case letters, digits, + - . and _, without age-plugin-")]
pub struct PluginNameError;

impl PluginName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How its program is called.
    pub fn program(&self) -> String {
        format!("age-plugin-{}", self.0)
    }
}

impl std::str::FromStr for PluginName {
    type Err = PluginNameError;

    fn from_str(text: &str) -> Result<Self, PluginNameError> {
        let is_part = |b: u8| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'_')
        };
        let good = (1..=64).contains(&text.len())
            && text.bytes().all(is_part)
            && !text.starts_with("age-plugin-");
        if good { Ok(Self(text.to_owned())) } else { Err(PluginNameError) }
    }
}

impl std::fmt::Display for PluginName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// What a plugin wants of the person. Its words are as it said them: escape them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// To see this.
    Show(String),
    /// To choose one of two, of which the second may have no words.
    Choose(String, String, Option<String>),
    /// To type something.
    Type(String),
    /// To type a secret, such as a PIN.
    Secret(String),
}

/// What the person did.
pub enum Reply {
    /// Saw it.
    Seen,
    /// Chose the first.
    Yes,
    /// Chose the second.
    No,
    /// Typed this.
    Typed(SecretString),
    /// There is nobody.
    Nobody,
}

/// Puts a request of a plugin to the person.
pub type Ask = fn(&PluginName, &Request) -> Reply;

/// The plugins that a person named.
#[derive(Debug, Clone)]
pub struct Plugins {
    programs: Vec<(PluginName, PathBuf)>,
    ask: Ask,
    patience: Duration,
}

impl Plugins {
    /// None yet. A plugin that says nothing for longer than `patience` is waited for no longer; the
    /// time that a person takes does not count.
    pub fn new(ask: Ask, patience: Duration) -> Self {
        Self { programs: Vec::new(), ask, patience }
    }

    /// Allows one, whose program is the file at this absolute path.
    pub fn allow(&mut self, name: PluginName, program: PathBuf) {
        self.programs.push((name, program));
    }

    /// The identity in a line of an identity file.
    pub(crate) fn identity(&self, line: &str) -> Result<PluginIdentity, IdentityError> {
        let name = plugin_of(line).ok_or(IdentityError::NotAnIdentity)?;
        let allowed = self.programs.iter().find(|(allowed, _)| *allowed == name);
        let Some((_, program)) = allowed else {
            return Err(IdentityError::Plugin(name));
        };
        Ok(PluginIdentity {
            name,
            program: program.clone(),
            line: line.to_owned(),
            ask: self.ask,
            patience: self.patience,
            answered: AtomicBool::new(false),
        })
    }
}

/// The plugin that a line is for: `AGE-PLUGIN-NAME-1...` is Bech32, whose last `1` ends the name.
fn plugin_of(line: &str) -> Option<PluginName> {
    let printable = line.len() <= MAX_LINE && line.bytes().all(|b| b.is_ascii_graphic());
    let (name, _) = line.strip_prefix(PREFIX).filter(|_| printable)?.rsplit_once('1')?;
    name.strip_suffix('-')?.to_ascii_lowercase().parse().ok()
}

/// Why a plugin did not help.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// It could not be started, or it ended or broke the protocol.
    #[error("the plugin {0} failed: {1}")]
    Failed(PluginName, #[source] std::io::Error),
    /// It says so itself. Its words are escaped.
    #[error("the plugin {0} reports: {1}")]
    Reports(PluginName, String),
    /// It neither answered nor asked.
    #[error("the plugin {0} said nothing for {seconds} seconds", seconds = .1.as_secs())]
    Silent(PluginName, Duration),
    /// What it gave does not open the file.
    #[error("the plugin {0} gave a key that does not fit, or the file was changed")]
    WrongKey(PluginName),
}

/// An identity that a plugin uses for us.
pub(crate) struct PluginIdentity {
    name: PluginName,
    program: PathBuf,
    line: String,
    ask: Ask,
    patience: Duration,
    answered: AtomicBool,
}

/// What the thread says that talks with the plugin.
enum Heard {
    Request(Request),
    End(std::io::Result<Answer>),
}

impl PluginIdentity {
    /// The error for a key of this plugin that did not fit, when it gave one.
    pub(crate) fn blamed(&self) -> Option<PluginError> {
        let answered = self.answered.load(Ordering::Relaxed);
        answered.then(|| PluginError::WrongKey(self.name.clone()))
    }

    fn key(&self, stanzas: &[Stanza]) -> Result<Option<FileKey>, PluginError> {
        let (heard, reply) = start(&self.program, &self.line, stanzas);
        loop {
            match heard.recv_timeout(self.patience) {
                // A plugin that ended meanwhile is told of by the next message.
                Ok(Heard::Request(request)) => drop(reply.send((self.ask)(&self.name, &request))),
                Ok(Heard::End(end)) => return self.judge(end),
                Err(_) => return Err(PluginError::Silent(self.name.clone(), self.patience)),
            }
        }
    }

    fn judge(&self, end: std::io::Result<Answer>) -> Result<Option<FileKey>, PluginError> {
        match end.map_err(|error| PluginError::Failed(self.name.clone(), error))? {
            Answer::NotForIt => Ok(None),
            Answer::Reports(why) => Err(PluginError::Reports(self.name.clone(), why)),
            Answer::Key(key) => {
                self.answered.store(true, Ordering::Relaxed);
                Ok(Some(key))
            }
        }
    }
}

/// Talks in a thread of its own, because the plugin's streams cannot be read with a time limit. The
/// thread of a plugin that stays silent ends with the program.
fn start(program: &Path, line: &str, stanzas: &[Stanza]) -> (Receiver<Heard>, Sender<Reply>) {
    let ((tell, heard), (reply, replies)) = (channel(), channel());
    let (program, line) = (program.to_owned(), line.to_owned());
    let stanzas: Vec<Stanza> = stanzas.iter().map(copy).collect();
    std::thread::spawn(move || {
        let ask = |request| {
            let told = tell.send(Heard::Request(request)).is_ok();
            replies.recv().ok().filter(|_| told).unwrap_or(Reply::Nobody)
        };
        let end = talk::with(&program, &line, &stanzas, &ask);
        // Whoever gave up waiting does not hear it.
        let _ = tell.send(Heard::End(end));
    });
    (heard, reply)
}

/// `Stanza` has no `Clone`.
fn copy(stanza: &Stanza) -> Stanza {
    Stanza { tag: stanza.tag.clone(), args: stanza.args.clone(), body: stanza.body.clone() }
}

impl age::Identity for PluginIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.unwrap_stanzas(std::slice::from_ref(stanza))
    }

    /// One process for the whole header. age knows no error of ours, so it travels inside of another.
    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        let found = self.key(stanzas).transpose()?;
        Some(found.map_err(|error| DecryptError::Io(std::io::Error::other(error))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_strict_and_read_from_the_line() {
        for bad in ["", "../x", "a/b", "YUBIKEY", "a b", "age-plugin-yubikey", &"a".repeat(65)] {
            assert!(bad.parse::<PluginName>().is_err(), "{bad}");
        }
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(plugin_of(line).as_ref().map(PluginName::as_str), expected, "{line}");
        };
        check("AGE-PLUGIN-YUBIKEY-1QQQ", Some("yubikey"));
        check("AGE-PLUGIN-1P-1QQQ", Some("1p"));
        check("AGE-PLUGIN-../../BIN/SH-1QQQ", None);
        check("AGE-PLUGIN--1QQQ", None);
        check("AGE-PLUGIN-YUBIKEY", None);
        check("AGE-PLUGIN-YUBIKEY-1QQQ add-identity", None);
        check("age-plugin-yubikey-1qqq", None);
    }

    /// What becomes of a program that is this script.
    #[expect(clippy::disallowed_methods, reason = "the test writes a program")]
    fn asked(script: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("age-plugin-test");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&program, mode).expect("a mode");
        let mut plugins = Plugins::new(|_, _| Reply::Nobody, Duration::from_secs(1));
        plugins.allow("test".parse().expect("a name"), program);
        let identity = plugins.identity("AGE-PLUGIN-TEST-1QQQ").expect("an identity");
        identity.key(&[]).err().expect("an error").to_string()
    }

    #[test]
    fn a_plugin_that_breaks_the_protocol_or_says_nothing_is_named() {
        assert!(asked("exit 1").starts_with("the plugin test failed: "));
        assert!(asked("echo nonsense").starts_with("the plugin test failed: "));
        assert_eq!(asked("exec sleep 3"), "the plugin test said nothing for 1 seconds");
    }
}
