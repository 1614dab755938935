//! `secpack keys`: the life of a key, from its making to its end.

mod certify;
mod extend;
mod generate;
mod lint;
mod list;
mod next;
mod places;
mod repair;
mod request;
mod retire;
mod revoke;
mod rotate;

pub use places::outside_packs;

use crate::arguments::{Global, KeysCommand};
use crate::commands::reading::of_pack;
use crate::commands::verify::place;
use crate::fault::{look_into, word};
use crate::{Exit, Fault, output, terminal};
use secpack_openpgp::{KeyError, SignError, fingerprints_in};

pub fn run(global: &Global, command: &KeysCommand) -> Result<Exit, Fault> {
    match command {
        KeysCommand::List => list::run(global),
        KeysCommand::Lint(arguments) => lint::run(global, arguments),
        KeysCommand::Generate(arguments) => generate::run(global, arguments),
        KeysCommand::Certify(arguments) => certify::run(global, arguments),
        KeysCommand::Extend(arguments) => extend::run(global, arguments),
        KeysCommand::Rotate(arguments) => rotate::run(global, arguments),
        KeysCommand::Retire(arguments) => retire::run(global, arguments),
        KeysCommand::Revoke(arguments) => revoke::run(global, arguments),
        KeysCommand::Repair(arguments) => repair::run(global, arguments),
        KeysCommand::Export => export(global),
    }
}

/// One armored keyring with everything that history knows.
fn export(global: &Global) -> Result<Exit, Fault> {
    let reading = of_pack(global, &place(global, None)?, None)?;
    output::raw(&reading.keyring().export_all());
    Ok(Exit::Good)
}

/// Either kind of failure of work that may ask for a passphrase.
enum Failure {
    Key(KeyError),
    Asked(Fault),
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Failure::Key(error)
    }
}

impl Failure {
    /// Names the file that the work was about. A refusal is one that was found out.
    fn about(self, file: &std::path::Path) -> Fault {
        match self {
            Failure::Asked(fault) => fault,
            Failure::Key(error) => about(file, &error),
        }
    }
}

/// A failure that names its file.
fn about(file: &std::path::Path, error: &KeyError) -> Fault {
    let text = format!("{}: {error}", file.display());
    let fault = match error {
        KeyError::Certificate(_) | KeyError::Failed(_) | KeyError::Key(_) | KeyError::UserId => {
            Fault::new(text)
        }
        KeyError::Itself(_)
        | KeyError::OtherKey { .. }
        | KeyError::NoPrimarySecret(_)
        | KeyError::NotLater(..)
        | KeyError::Past(_)
        | KeyError::Clock(..)
        | KeyError::Revoked(..) => Fault::refused(text),
    };
    match error {
        // The help shows a user id.
        KeyError::UserId => fault,
        KeyError::Key(SignError::Passphrase(_)) => fault.hint(terminal::typed().to_string()),
        _ => fault.hint(look_at(file)),
    }
}

/// Shows which keys a file holds; what gpg cannot read is looked into, or at where it is a secret.
pub fn look_at(file: &std::path::Path) -> String {
    let Ok(bytes) = std::fs::read(file) else { return crate::fault::look_at(file) };
    let holds_one = secpack_openpgp::secret_fingerprint(&bytes).is_ok();
    // A secret key that was cut off has a first part that can be read here, but not by gpg.
    let wanted = if crate::fault::is_secret(&bytes) { 2 } else { 1 };
    match holds_one || fingerprints_in(&bytes).len() >= wanted {
        true => format!("gpg --show-keys {}", word(file)),
        false => look_into(file),
    }
}

/// Shows what a request says.
fn head_of(file: &std::path::Path) -> String {
    format!("head -n 24 {}", word(file))
}
