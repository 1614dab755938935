//! The only place that writes to the terminal: results to stdout, everything else to stderr.
//!
//! A closed pipe (`cargo xtask --help | head -1`) is no reason to panic, so write errors are ignored.

use crate::failure::Failure;
use std::io::Write;

/// One line of the result.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Bytes of another program's result, passed on as they are and at once.
pub fn pass_on(bytes: &[u8]) {
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(bytes);
    let _ = stdout.flush();
}

/// A remark about something that was not done.
pub fn warning(text: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {text}");
}

/// Something a person can type next.
pub fn hint(text: &str) {
    let _ = writeln!(std::io::stderr(), "hint: {text}");
}

/// The last words of a failed subcommand.
pub fn failure(failure: &Failure) {
    let _ = writeln!(std::io::stderr(), "error: {failure}");
    hint(&failure.hint());
}
