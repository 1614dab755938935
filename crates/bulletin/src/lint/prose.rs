//! Rules about the prose: what an editor sees on a second reading.

use super::Subject;
use crate::bulletin::{Identifier, identifiers, is_code};
use secpack_pack::plaintext::{Hit, Line, RuleOf};
use unicode_width::UnicodeWidthStr;

pub(super) fn rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    vec![
        RuleOf::warning("cve-form", "A CVE id that is malformed cannot be looked up.", cve_form),
        RuleOf::warning("doubled-word", "A word that stands twice is a slip of an edit.", doubled),
        RuleOf::warning("tab", "A tab is as wide as the reader's program says.", tab),
        RuleOf::warning(
            "trailing-blank",
            "Blanks at the end get lost, and signatures with them.",
            trailing,
        ),
        RuleOf::warning("width", "Wide lines are rewrapped by mail programs.", width),
    ]
}

fn cve_form(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in &subject.lines {
        for id in identifiers(line.text) {
            match id {
                Identifier::MalformedCve(id) => {
                    let hit = Hit::at(line.number, format!("\"{id}\" is not a CVE id"));
                    hits.push(hit.help("write CVE-YEAR-NUMBER with at least four digits each"));
                }
                Identifier::Advisory(_) | Identifier::Cve(_) => {}
            }
        }
    }
    hits
}

/// Words next to each other, also across a line end, but not across a blank line. Quotes and code
/// are not ours to edit; "had had" and "that that" can be right.
fn doubled(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut last = "";
    for line in &subject.lines {
        if line.is_blank() || line.is_quote() || is_code(line) {
            last = "";
            continue;
        }
        for word in line.text.split_whitespace() {
            let plain = word.trim_end_matches(['.', ',', ';', ':', ')', '"']);
            if is_repeated(last, plain) {
                hits.push(Hit::at(line.number, format!("\"{plain}\" stands twice")));
            }
            last = word;
        }
    }
    hits
}

fn is_repeated(last: &str, word: &str) -> bool {
    let letters = word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic());
    letters && last.eq_ignore_ascii_case(word) && !matches!(word, "had" | "that")
}

fn tab(subject: &Subject<'_>) -> Vec<Hit> {
    // Code is indented with tabs by whoever wrote it; above the sections there is none.
    let first = subject.bulletin.sections.first().map_or(u32::MAX, |section| section.line);
    let code = |line: &Line<'_>| line.number > first && is_code(line);
    let tab = |line: &Line<'_>| !line.is_quote() && !code(line) && line.text.contains('\t');
    at_lines(subject, tab, "holds a tab")
}

fn trailing(subject: &Subject<'_>) -> Vec<Hit> {
    let blank = |line: &Line<'_>| !line.is_quote() && line.text.ends_with([' ', '\t']);
    at_lines(subject, blank, "ends with a blank")
}

fn at_lines(subject: &Subject<'_>, rule: impl Fn(&Line<'_>) -> bool, text: &str) -> Vec<Hit> {
    let lines = subject.lines.iter().filter(|line| rule(line));
    lines.map(|line| Hit::at(line.number, format!("the line {text}"))).collect()
}

/// Quotes are not ours to wrap; URLs, code, commands and words without a blank cannot be.
fn width(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(most) = subject.rules.and_then(|rules| rules.width) else { return Vec::new() };
    let breakable = |line: &&Line<'_>| {
        let bare = line.text.trim();
        let whole = line.text.contains("://") || is_code(line) || bare.starts_with("$ ");
        !whole && !line.is_quote() && bare.contains(' ')
    };
    let lines = subject.lines.iter().filter(breakable);
    lines
        .map(|line| (line.number, line.text.width()))
        .filter(|(_, columns)| *columns > most)
        .map(|(number, columns)| Hit::at(number, format!("{columns} columns; the width is {most}")))
        .collect()
}
