//! Rules that hold for every plain-text document, whatever it says.

use super::rule::{Hit, Place, Rule, RuleOf};
use super::{Layout, Line, MAX_BYTES, confusable, hidden, structure};
use crate::policy::TextRules;
use crate::{DocumentId, Finding, Level};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What the common rules look at.
pub struct TextSubject<'a> {
    /// The whole text.
    pub text: &'a str,
    /// Its lines.
    pub lines: Vec<Line<'a>>,
    /// Its sections.
    pub layout: &'a Layout<'a>,
    /// Which document its path says it is.
    pub id: &'a DocumentId,
    /// The date that the text states as its own.
    pub date: Option<NaiveDate>,
    /// Lines that repeat what others wrote, such as headlines; a `TODO` there is their word.
    pub others: BTreeSet<u32>,
    /// What the policy asks of it.
    pub rules: Option<&'a TextRules>,
}

const NOT_UTF8: Rule = Rule {
    name: "not-utf8",
    level: Level::Error,
    why: "A text that is not UTF-8 is shown differently by every program.",
};

const TOO_LARGE: Rule = Rule {
    name: "too-large",
    level: Level::Error,
    why: "Nobody reads a document of more than 1 MiB before signing it.",
};

/// The rules of [`open`].
pub const OPENING: [Rule; 2] = [NOT_UTF8, TOO_LARGE];

/// The text of a document, or the one finding that makes all others pointless.
pub fn open<'a>(place: &Place<'a>) -> Result<&'a str, Box<Finding>> {
    if place.bytes.len() > MAX_BYTES {
        let hit = Hit::new(format!("{} bytes; at most {MAX_BYTES} are read", place.bytes.len()));
        return Err(Box::new(place.finding(&TOO_LARGE, hit)));
    }
    std::str::from_utf8(place.bytes).map_err(|error| {
        let hit = Hit::new(format!("byte {} is not UTF-8", error.valid_up_to() + 1));
        Box::new(place.finding(&NOT_UTF8, hit.help("save the file as UTF-8")))
    })
}

/// The table.
pub fn common_rules<'a>() -> Vec<RuleOf<TextSubject<'a>>> {
    let mut rules = vec![
        RuleOf::error(
            "crlf",
            "Line ends that a mail program or an editor converts void every signature.",
            crlf,
        ),
        RuleOf::error(
            "final-newline",
            "Editors add a missing last line feed when they save, which voids every signature.",
            final_newline,
        ),
        RuleOf::error(
            "hidden-character",
            "A reader must see every character that was signed.",
            hidden_character,
        ),
        RuleOf::warning(
            "confusable-character",
            "Letters that look like others can make a name or a link look like another.",
            confusable_character,
        ),
        RuleOf::error("todo", "A placeholder that is signed cannot be filled any more.", todo),
        RuleOf::error(
            "conflict",
            "Git leaves both versions where it could not merge them; one of them is meant.",
            conflict,
        ),
    ];
    rules.extend(structure::rules());
    rules
}

fn crlf(subject: &TextSubject<'_>) -> Vec<Hit> {
    let mut with = subject.lines.iter().filter(|line| line.text.contains('\r'));
    let Some(first) = with.next() else { return Vec::new() };
    let count = 1 + with.count();
    let hit = Hit::at(first.number, format!("{count} lines hold a carriage return"));
    vec![hit.help("save the file with line feeds only")]
}

fn final_newline(subject: &TextSubject<'_>) -> Vec<Hit> {
    match subject.lines.last() {
        Some(last) if !subject.text.ends_with('\n') => {
            vec![Hit::at(last.number, "the last line does not end with a line feed")]
        }
        Some(_) | None => Vec::new(),
    }
}

fn hidden_character(subject: &TextSubject<'_>) -> Vec<Hit> {
    let hit = |line: &Line<'_>| {
        let character = u32::from(hidden(line.text)?);
        Some(Hit::at(line.number, format!("the character U+{character:04X} cannot be seen")))
    };
    subject.lines.iter().filter_map(hit).collect()
}

fn confusable_character(subject: &TextSubject<'_>) -> Vec<Hit> {
    let hit = |line: &Line<'_>| {
        let word = confusable(line.text)?;
        Some(Hit::at(
            line.number,
            format!("the word \"{word}\" has letters of another script that look like Latin ones"),
        ))
    };
    subject.lines.iter().filter_map(hit).collect()
}

fn todo(subject: &TextSubject<'_>) -> Vec<Hit> {
    let others = |line: &&Line<'_>| subject.others.contains(&line.number);
    let left = subject.lines.iter().filter(|line| is_todo(line.text) && !others(line));
    left.map(unfinished).collect()
}

/// The marks that git leaves: seven signs, and the name of a version.
fn conflict(subject: &TextSubject<'_>) -> Vec<Hit> {
    let is_mark = |text: &str| ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| text.starts_with(mark));
    let left = subject.lines.iter().filter(|line| is_mark(line.text));
    left.map(|line| {
        Hit::at(line.number, format!("two versions are not merged: \"{}\"", line.text.trim()))
            .help("keep one of the two and take the marks out")
    })
    .collect()
}

fn unfinished(line: &Line<'_>) -> Hit {
    let text = line.text.trim();
    if has_placeholder(text) {
        return Hit::at(line.number, format!("left to do: \"{text}\""))
            .help("fill it in or take it out");
    }
    Hit::at(line.number, format!("a citation that has no number yet: \"{text}\""))
        .help("explain its key among the references; `lint --fix` then numbers it")
}

/// A placeholder of ours or of a person, or a citation that was never numbered.
pub fn is_todo(line: &str) -> bool {
    line.contains("[@") || has_placeholder(line)
}

fn has_placeholder(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| matches!(word, "TODO" | "FIXME"))
}
