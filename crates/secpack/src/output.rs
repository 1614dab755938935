//! The two streams: results on stdout, everything said to a person on stderr.

use crate::Fault;
use anstyle::{AnsiColor, Style};
use std::io::Write;

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// One line of the result. A closed pipe ends the output, not the program.
pub fn line(text: impl AsRef<str>) {
    let _ = writeln!(anstream::stdout().lock(), "{}", text.as_ref());
}

/// Exact text without a line break added.
pub fn raw(text: &str) {
    let _ = anstream::stdout().lock().write_all(text.as_bytes());
}

/// One JSON document.
///
/// # Errors
/// When the value cannot be written as JSON, which would be a defect of ours.
pub fn json(value: &impl serde::Serialize) -> Result<(), Fault> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// `error:` and `hint:` lines.
pub fn error(fault: &Fault) {
    labelled(RED, "error:", fault.message());
    if let Some(hint) = fault.next() {
        self::hint(hint);
    }
}

/// A `warning:` line.
pub fn warning(text: &str) {
    labelled(YELLOW, "warning:", text);
}

/// A `hint:` line: something to type.
pub fn hint(text: &str) {
    labelled(CYAN, "hint:", text);
}

/// A line to a person that is no result.
pub fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

fn labelled(style: Style, label: &str, text: &str) {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut stream = anstream::stderr().lock();
    let _ = writeln!(stream, "{style}{label}{style:#} {first}");
    for line in lines {
        let _ = writeln!(stream, "  {line}");
    }
}

/// Green text for what is good.
pub fn good(text: &str) -> String {
    format!("{GREEN}{text}{GREEN:#}")
}

/// Red text for what is not.
pub fn bad(text: &str) -> String {
    format!("{RED}{text}{RED:#}")
}

/// Yellow text for what deserves a look.
pub fn doubtful(text: &str) -> String {
    format!("{YELLOW}{text}{YELLOW:#}")
}
