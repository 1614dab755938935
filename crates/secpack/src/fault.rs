//! Why a command could not do its work, as one message with what to type next.

use secpack_pack::shell_word;
use secpack_signing::StoreError;

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

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.exit
    }
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

/// What the git room would have a person type, and a look at what stands in the way of a file.
fn hint_of(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(StoreError::Exists(path)) = error.downcast_ref::<StoreError>() {
        return Some(format!("ls -l {}", shell_word(&path.display().to_string())));
    }
    error.downcast_ref::<secpack_git::Error>().and_then(secpack_git::Error::hint)
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
