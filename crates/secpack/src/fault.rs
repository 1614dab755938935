//! Why a command could not do its work, as one message with what to type next.

use secpack_audit::infer::InferError;
use secpack_audit::{AuditError, ImageError, SingleError};
use secpack_pack::shell_word;
use secpack_release::{JournalError, PlanError};
use secpack_signing::StoreError;
use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

/// How a command ended that could find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Exit code 0.
    Good,
    /// Exit code 1: found out, and it is not good.
    NotGood,
}

impl Exit {
    /// Good or not.
    pub fn good_if(good: bool) -> Self {
        if good { Exit::Good } else { Exit::NotGood }
    }
}

/// A command that failed.
#[derive(Debug)]
pub struct Fault {
    message: String,
    hint: Option<String>,
    exit: u8,
}

impl Fault {
    /// Could not find out: exit code 2.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: 2 }
    }

    /// Found out, and refused: exit code 1.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: 1 }
    }

    /// What the system says about a file or folder, with a look at it to type.
    pub fn at(path: &Path, why: impl Display) -> Self {
        let why = why.to_string();
        let hint = match why.to_lowercase().contains("permission denied") {
            true => look_at_rights(path),
            false => look_at(path),
        };
        Self::new(format!("{}: {why}", path.display())).hint(hint)
    }

    /// A file that says something else than it should, with a look into it to type.
    pub fn inside(path: &Path, why: impl Display) -> Self {
        Self::new(format!("{}: {why}", path.display())).hint(look_into(path))
    }

    /// A file whose bytes are no UTF-8; typing the hint shows which lines.
    pub fn not_utf8(path: &Path) -> Self {
        Self::new(format!("{}: it is not UTF-8", path.display())).hint(lines_not_utf8(path))
    }

    /// The same with something to type.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same with more to know, in a line of its own.
    pub fn adding(self, text: &str) -> Self {
        Self { message: format!("{}\n{text}", self.message), ..self }
    }

    /// The message, without `error:`.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Something to type.
    pub fn next(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The same; where nothing better is known to type, the help of the command that was meant.
    pub fn or_help(self, help: impl FnOnce() -> String) -> Self {
        Self { hint: Some(self.hint.unwrap_or_else(help)), ..self }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.exit
    }
}

/// Shows a file or folder, else what lies where it is missing.
pub fn look_at(path: &Path) -> String {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => format!("ls -ld {}", word(path)),
        Ok(_) => format!("ls -l {}", word(path)),
        Err(_) => format!("ls -l {}", above(path)),
    }
}

/// Shows who may do what with a file and the folder that it lies in, which may be what forbids it.
fn look_at_rights(path: &Path) -> String {
    let above = above(path);
    match path.symlink_metadata() {
        Ok(_) => format!("ls -ld {above} {}", word(path)),
        Err(_) => format!("ls -ld {above}"),
    }
}

/// The nearest folder above a path that is there, for a shell: what lies in it tells the name that
/// was meant.
fn above(path: &Path) -> String {
    let there = path.ancestors().skip(1).find(|folder| folder.is_dir());
    word(there.unwrap_or(Path::new(".")))
}

/// Shows a text with the numbers of its lines, which errors name.
pub fn numbered(path: &Path) -> String {
    if holds_secret(path) {
        return look_at(path);
    }
    format!("cat -n {}", word(path))
}

/// Shows how a file begins, and nothing that a terminal obeys.
pub fn look_into(path: &Path) -> String {
    if holds_secret(path) {
        return look_at(path);
    }
    format!("cat -v {} | head -n 24", word(path))
}

/// A secret key that somebody took for another file must not be shown on a terminal.
fn holds_secret(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| is_secret(&bytes))
}

/// Whether a text holds a secret key of OpenPGP, OpenSSH or age.
pub fn is_secret(bytes: &[u8]) -> bool {
    let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    has(b"PRIVATE KEY") || has(b"AGE-SECRET-KEY-")
}

/// Shows the lines of a file that are no UTF-8.
pub fn lines_not_utf8(path: &Path) -> String {
    if holds_secret(path) {
        return look_at(path);
    }
    format!("LC_ALL=C.UTF-8 grep -naxv '.*' {} | cat -v", word(path))
}

/// A path for a command that somebody types; one that begins like an option stays a path.
pub fn word(path: &Path) -> String {
    let shown = path.display().to_string();
    let inside = if shown.starts_with('-') { format!("./{shown}") } else { shown };
    shell_word(&inside)
}

impl<E: std::error::Error + 'static> From<E> for Fault {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut hint = hint_of(&error);
        let mut source = error.source();
        while let Some(cause) = source {
            hint = hint.or_else(|| hint_of(cause));
            let text = cause.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            source = cause.source();
        }
        Self { hint, ..Self::new(message) }
    }
}

/// What the git room would have a person type, and a look at files that cannot be used.
fn hint_of(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    match error.downcast_ref() {
        Some(StoreError::Io(path, error)) if error.kind() == ErrorKind::StorageFull => {
            let there = path.ancestors().skip(1).find(|folder| folder.is_dir());
            return Some(format!("df -h {}", word(there.unwrap_or(Path::new(".")))));
        }
        Some(StoreError::Io(path, error)) if error.kind() == ErrorKind::PermissionDenied => {
            return Some(look_at_rights(path));
        }
        Some(StoreError::Exists(path) | StoreError::Io(path, _)) => return Some(look_at(path)),
        None => {}
    }
    if let Some(error) = error.downcast_ref::<JournalError>() {
        return match error {
            JournalError::Io(path, _) => {
                let there = path.ancestors().find(|path| path.symlink_metadata().is_ok());
                Some(format!("ls -ld {}", word(there.unwrap_or(path))))
            }
            // What is done is told by the repository itself, so a release goes on without it.
            JournalError::Malformed(path, _) | JournalError::Schema(path, _) => {
                Some(format!("mv {} {}.old", word(path), word(path)))
            }
            // What is behind it knows.
            JournalError::Store(_) | JournalError::Git(_) => None,
        };
    }
    if let Some(PlanError::NoBranch) = error.downcast_ref() {
        return Some("git status".to_owned());
    }
    of_git(error).and_then(secpack_git::Error::hint)
}

/// What the git room said, also where another room passes it on without a word of its own: then it
/// is no source of that error.
fn of_git<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e secpack_git::Error> {
    let of_audit = |error: &'e AuditError| {
        let AuditError::Git(error) = error;
        error
    };
    if let Some(PlanError::Git(error)) = error.downcast_ref() {
        return Some(error);
    }
    if let Some(PlanError::Audit(error)) = error.downcast_ref() {
        return Some(of_audit(error));
    }
    if let Some(SingleError::Audit(error)) = error.downcast_ref() {
        return Some(of_audit(error));
    }
    if let Some(InferError::Audit(error)) = error.downcast_ref() {
        return Some(of_audit(error));
    }
    if let Some(ImageError::Audit(error)) = error.downcast_ref() {
        return Some(of_audit(error));
    }
    error.downcast_ref().map(of_audit).or_else(|| error.downcast_ref())
}

/// Adds a hint to any error on its way up.
pub trait OrHint<T> {
    /// Turns the error into a fault with this hint.
    fn or_hint(self, hint: impl Into<String>) -> Result<T, Fault>;
}

impl<T, E: Into<Fault>> OrHint<T> for Result<T, E> {
    fn or_hint(self, hint: impl Into<String>) -> Result<T, Fault> {
        self.map_err(|error| error.into().hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What forbids a file may be the folder that it lies in.
    #[test]
    fn what_is_not_permitted_shows_the_folder_too() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().display().to_string();
        let cause = || std::io::Error::from(ErrorKind::PermissionDenied);
        let denied = |name: &str| Fault::at(&place.path().join(name), cause());
        assert_eq!(denied("none").next(), Some(&*format!("ls -ld {folder}")));
        std::os::unix::fs::symlink("none", place.path().join("link")).expect("a link");
        assert_eq!(denied("link").next(), Some(&*format!("ls -ld {folder} {folder}/link")));
        let fault = Fault::from(StoreError::Io(place.path().join("link"), cause()));
        assert_eq!(fault.next(), Some(&*format!("ls -ld {folder} {folder}/link")));
    }
}
