//! The door for values that people and feeds hand in: what passes here is shown to a reader.
//!
//! A value is refused with its name, never repaired in silence: a hidden character in a title is
//! a question for the person who typed it.

use super::hidden;

/// Largest text that is read or made, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Largest value of one line, in bytes.
const MAX_LINE: usize = 500;
/// Largest value of many lines, in bytes.
const MAX_PROSE: usize = 256 << 10;

/// Why a value may not enter a draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// It holds a control or invisible character.
    #[error(
        "{field}: line {line} holds the character U+{character:04X}, which a reader cannot see; remove it"
    )]
    Hidden {
        /// The name of the value.
        field: String,
        /// The line inside the value, counted from 1.
        line: usize,
        /// The code point.
        character: u32,
    },
    /// It must be one line and is not.
    #[error("{field}: must be one line")]
    LineBreak {
        /// The name of the value.
        field: String,
    },
    /// It is larger than a value of its kind may be.
    #[error("{field}: has {bytes} bytes; at most {most} are taken")]
    TooLong {
        /// The name of the value.
        field: String,
        /// Its size, in bytes.
        bytes: usize,
        /// The largest size, in bytes.
        most: usize,
    },
}

/// Checks values one by one and names the one that it refuses.
#[derive(Debug, Clone, Copy)]
pub struct Door;

impl Door {
    /// A value of one line, without blanks around it; `None` when nothing is left.
    pub fn line(field: &str, value: &str) -> Result<Option<String>, ValueError> {
        let bare = value.trim();
        if bare.contains(['\n', '\r']) {
            return Err(ValueError::LineBreak { field: field.to_owned() });
        }
        Self::prose_of(field, bare, MAX_LINE)
    }

    /// A value of many lines, without blank lines around it; `None` when nothing is left.
    pub fn prose(field: &str, value: &str) -> Result<Option<String>, ValueError> {
        Self::prose_of(field, value.trim_end().trim_start_matches('\n'), MAX_PROSE)
    }

    fn prose_of(field: &str, text: &str, most: usize) -> Result<Option<String>, ValueError> {
        if text.len() > most {
            let bytes = text.len();
            return Err(ValueError::TooLong { field: field.to_owned(), bytes, most });
        }
        match unseen(text) {
            Some((line, character)) => {
                let character = u32::from(character);
                Err(ValueError::Hidden { field: field.to_owned(), line, character })
            }
            None if text.is_empty() => Ok(None),
            None => Ok(Some(text.to_owned())),
        }
    }
}

/// Here tabs and carriage returns count too: they are invisible in a draft.
fn unseen(text: &str) -> Option<(usize, char)> {
    text.split('\n').enumerate().find_map(|(at, line)| {
        let blank = line.chars().find(|c| matches!(c, '\t' | '\r'));
        blank.or_else(|| hidden(line)).map(|c| (at + 1, c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_one_line() {
        assert_eq!(Door::line("title", " a {{ b }} ").ok().flatten().as_deref(), Some("a {{ b }}"));
        assert_eq!(Door::line("title", "  "), Ok(None));
        assert!(matches!(Door::line("title", "a\nb"), Err(ValueError::LineBreak { .. })));
        assert!(matches!(Door::line("title", &"a".repeat(501)), Err(ValueError::TooLong { .. })));
        for hostile in ["a\u{202e}b", "a\u{1b}[2J", "a\u{0}", "a\u{200b}", "a\tb"] {
            assert!(matches!(Door::line("title", hostile), Err(ValueError::Hidden { .. })));
        }
    }

    #[test]
    fn prose_keeps_its_lines_and_indentation() {
        assert_eq!(
            Door::prose("text", "\n  a\n\nb\n\n").ok().flatten().as_deref(),
            Some("  a\n\nb")
        );
        let refused = Door::prose("text", "a\nb\u{202e}");
        assert_eq!(
            refused.map_err(|error| error.to_string()),
            Err("text: line 2 holds the character U+202E, which a reader cannot see; remove it"
                .to_owned())
        );
        assert!(matches!(Door::prose("text", "a\r\nb"), Err(ValueError::Hidden { .. })));
        assert!(Door::prose("text", &"a".repeat(MAX_PROSE + 1)).is_err());
    }
}
