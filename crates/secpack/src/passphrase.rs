//! Passphrases: asked on the terminal, never taken from arguments or the environment.

use crate::Fault;
use secpack_pack::Fingerprint;

/// The same command once more, where there is a terminal or with another try.
fn again() -> String {
    crate::terminal::typed().to_string()
}

/// Nobody sits there.
fn unasked(what: &str, error: &std::io::Error) -> Fault {
    let fault = Fault::new(format!("{what} cannot be asked for: {error}"));
    fault.adding("in a terminal, where somebody can type it:").hint(again())
}

/// Asks for the passphrase of a key.
///
/// # Errors
/// When there is no terminal to ask on.
pub fn ask(key: &Fingerprint) -> Result<String, Fault> {
    let prompt = format!("Passphrase for {}: ", key.spaced());
    rpassword::prompt_password(prompt)
        .map_err(|error| unasked(&format!("the passphrase of {key}"), &error))
}

/// Asks for the passphrase of a key to do one thing; typing nothing means not to do it.
///
/// # Errors
/// When there is no terminal to ask on.
pub fn ask_to(question: &str, key: &Fingerprint) -> Result<String, Fault> {
    let prompt = format!("{question} Passphrase of {} (nothing: no): ", key.spaced());
    rpassword::prompt_password(prompt)
        .map_err(|error| unasked(&format!("the passphrase of {key}"), &error))
}

/// Asks twice for a new passphrase; an empty one means none.
///
/// # Errors
/// When there is no terminal, or the two differ.
pub fn ask_new() -> Result<Option<String>, Fault> {
    let first = rpassword::prompt_password("New passphrase (empty for none): ").map_err(|e| {
        Fault::new(format!(
            "a passphrase cannot be asked for: {e}; a throw-away key goes without one, by \
             --no-passphrase; any other is made in a terminal"
        ))
        .hint(again())
    })?;
    let second = rpassword::prompt_password("The same again: ")?;
    if first != second {
        return Err(Fault::new("the two passphrases differ").hint(again()));
    }
    Ok(Some(first).filter(|p| !p.is_empty()))
}

/// Asks for a secret in the words of a plugin, which are escaped; nothing when nobody can be asked.
pub fn ask_for_plugin(question: &str) -> Option<String> {
    rpassword::prompt_password(format!("{question}: ")).ok()
}

/// Asks for the passphrase of an identity file.
///
/// # Errors
/// When there is no terminal to ask on.
pub fn ask_for_file(path: &std::path::Path) -> Result<String, Fault> {
    let shown = secpack_pack::escape(&path.display().to_string());
    rpassword::prompt_password(format!("Passphrase for {shown}: "))
        .map_err(|error| unasked(&format!("the passphrase of {shown}"), &error))
}
