//! A plugin of age for the tests: opens native files with a key that lies elsewhere, and misbehaves
//! when its identity says so.
//!
//! `age-plugin-secpacktest MODE KEY-FILE` prints an identity file.
#![expect(clippy::disallowed_methods, reason = "a program of its own: arguments and exit")]

use age::Identity as _;
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_plugin::identity::{Error, IdentityPluginV1};
use age_plugin::{Callbacks, PluginHandler, print_new_identity, run_state_machine};
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;

const NAME: &str = "secpacktest";
/// The PIN that it asks for.
const PIN: &str = "1234";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [machine] => {
            let machine = machine.strip_prefix("--age-plugin=").unwrap_or_default();
            run_state_machine(machine, Handler)
        }
        [mode, file] => {
            print_new_identity(NAME, format!("{mode}\n{file}").as_bytes(), b"none");
            Ok(())
        }
        _ => Err(io::Error::other("MODE and KEY-FILE")),
    }
}

struct Handler;

impl PluginHandler for Handler {
    type RecipientV1 = Infallible;
    type IdentityV1 = Plugin;

    fn identity_v1(self) -> io::Result<Plugin> {
        Ok(Plugin::default())
    }
}

#[derive(Default)]
struct Plugin {
    mode: String,
    file: String,
}

impl IdentityPluginV1 for Plugin {
    fn add_identity(&mut self, index: usize, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let parts = text.split_once('\n').filter(|_| name == NAME);
        let message = "not one of mine".to_owned();
        let (mode, file) = parts.ok_or(Error::Identity { index, message })?;
        (self.mode, self.file) = (mode.to_owned(), file.to_owned());
        Ok(())
    }

    fn unwrap_file_keys(
        &mut self,
        files: Vec<Vec<Stanza>>,
        mut callbacks: impl Callbacks<Error>,
    ) -> io::Result<HashMap<usize, Result<FileKey, Vec<Error>>>> {
        let report = |message: &str| {
            let error = Error::Internal { message: message.to_owned() };
            Ok(HashMap::from([(0, Err(vec![error]))]))
        };
        match self.mode.as_str() {
            "report" => return report("the key is \u{1b}[31maway"),
            "end" => std::process::exit(3),
            "wrong" => {
                let key = FileKey::new(Box::new([7; FILE_KEY_BYTES]));
                return Ok(HashMap::from([(0, Ok(key))]));
            }
            "pin" => {
                use age_core::secrecy::ExposeSecret;
                // Without anybody to ask, it goes on with no PIN.
                let _ = callbacks.message("touch \u{1b}[31mthe key")?;
                let pin = callbacks.request_secret("PIN \u{1b}[31mplease")?;
                if !pin.is_ok_and(|pin| pin.expose_secret() == PIN) {
                    return report("no PIN, no key");
                }
            }
            _ => {}
        }
        let key = unwrap(&self.file, files.into_iter().next().unwrap_or_default());
        Ok(key.map(|key| (0, Ok(key))).into_iter().collect())
    }
}

/// The key of a file, by the first identity in an identity file.
fn unwrap(file: &str, stanzas: Vec<Stanza>) -> Option<FileKey> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-"))?;
    let identity: age::x25519::Identity = line.parse().ok()?;
    identity.unwrap_stanzas(&stanzas)?.ok()
}
