//! `secpack canary freshness`: evidence that a canary was not made in advance.

mod fetch;
mod verify;

use crate::arguments::{FreshnessCommand, Global};
use crate::fault::is_secret;
use crate::{Exit, Fault};
use secpack_canary::{Freshness, MAX_FEED};
use std::io::Read;
use std::path::Path;

pub fn run(global: &Global, command: &FreshnessCommand) -> Result<Exit, Fault> {
    match command {
        FreshnessCommand::Fetch(arguments) => fetch::run(global, arguments),
        FreshnessCommand::Verify(arguments) => verify::run(global, arguments),
    }
}

/// Evidence from a file that a person named.
///
/// # Errors
/// When it cannot be read, or is none; names the file.
pub fn read_evidence(path: &Path) -> Result<Freshness, Fault> {
    let text = String::from_utf8(read(path)?).map_err(|_| Fault::not_utf8(path))?;
    Freshness::from_json(&text).map_err(|error| Fault::inside(path, error))
}

/// A file that a person brought, at most as large as a feed may be.
fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let named = |error: &dyn std::fmt::Display| Fault::at(path, error);
    let file = std::fs::File::open(path).map_err(|error| named(&error))?;
    let most = u64::try_from(MAX_FEED).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| named(&error))?;
    if bytes.len() > MAX_FEED {
        return Err(named(&"it has more than 2 MiB"));
    }
    if is_secret(&bytes) {
        return Err(named(&"it holds a secret key, which nobody else must read"));
    }
    Ok(bytes)
}

/// `NAME=FILE`, and what the file holds. A name may hold `=`, a file's name here may not.
fn named_file(argument: &str) -> Result<(String, Vec<u8>), Fault> {
    let (name, file) = argument.rsplit_once('=').ok_or_else(|| {
        Fault::new(format!("{argument} is not NAME=FILE"))
            .adding("NAME is that of a source in the policy")
            .hint("secpack policy show")
    })?;
    Ok((name.to_owned(), read(Path::new(file))?))
}
