//! The two streams: results on stdout, everything said to a person on stderr.

use crate::{Fault, terminal};
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
    line(visible(&serde_json::to_string_pretty(value)?));
    Ok(())
}

/// JSON in which every character that a terminal obeys or hides is written as `\u....`: to a
/// program it means the same. Outside of strings JSON has none of them but line breaks.
fn visible(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        let is_plain = if c.is_ascii() {
            c != '\u{7f}'
        } else {
            secpack_pack::escape(c.encode_utf8(&mut [0; 4])).starts_with(c)
        };
        if is_plain {
            shown.push(c);
        } else {
            let mut units = [0; 2];
            shown.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    shown
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

/// A `hint:` line: something to type where the command was typed.
pub fn hint(text: &str) {
    labelled(CYAN, "hint:", &terminal::here().fit(text));
}

/// A line of the result that says what to type next.
pub fn next(text: &str) {
    line(format!("  next: {}", terminal::here().fit(text)));
}

/// A line to a person that is no result.
pub fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

fn labelled(style: Style, label: &str, text: &str) {
    // Paths and arguments come from anywhere; what was escaped before passes unchanged.
    let mut lines = text.lines().map(secpack_pack::escape);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_the_same_to_a_program() {
        let text = "Zoë\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{e0041}\n東京\\\"";
        let shown = visible(&serde_json::to_string_pretty(&[text]).expect("JSON"));
        assert!(shown.contains("Zoë") && shown.contains("\\u202e"), "{shown}");
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'));
        let back: Vec<String> = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(back, [text]);
    }
}
