//! Rules as data: a table of named functions over a subject, and one place that turns what they
//! find into findings.

use crate::{Finding, Level, PackPath, finding_id};

/// How many findings one rule reports in one document; the rest is counted.
const MOST: usize = 100;
/// How many characters of a document one finding shows.
const SHOWN: usize = 200;

/// What a rule is called, what it weighs, and why it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub name: &'static str,
    /// Its weight. Errors stop signing, warnings do not.
    pub level: Level,
    /// Why it exists, in one sentence.
    pub why: &'static str,
}

/// A rule with the function that applies it to a subject of one kind.
pub struct RuleOf<S> {
    /// The rule.
    pub rule: Rule,
    /// Finds every place that breaks it.
    pub find: fn(&S) -> Vec<Hit>,
}

impl<S> RuleOf<S> {
    /// An error stops signing.
    pub const fn error(name: &'static str, why: &'static str, find: fn(&S) -> Vec<Hit>) -> Self {
        Self { rule: Rule { name, level: Level::Error, why }, find }
    }

    /// A warning does not.
    pub const fn warning(name: &'static str, why: &'static str, find: fn(&S) -> Vec<Hit>) -> Self {
        Self { rule: Rule { name, level: Level::Warning, why }, find }
    }
}

/// One place where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    line: Option<u32>,
    text: String,
    help: String,
}

impl Hit {
    /// Something that concerns the whole document. `text` is escaped and cut here.
    pub fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let shown: String = text.chars().take(SHOWN).collect();
        let more = if shown.len() < text.len() { " ..." } else { "" };
        Self { line: None, text: crate::escape(&shown) + more, help: String::new() }
    }

    /// Something on a line, counted from 1.
    pub fn at(line: u32, text: impl AsRef<str>) -> Self {
        Self { line: Some(line), ..Self::new(text) }
    }

    /// What to do about it.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }
}

/// The document that findings speak of.
pub struct Place<'a> {
    path: &'a PackPath,
    /// Its exact bytes, which the ids of findings cover.
    pub bytes: &'a [u8],
    /// Stands for the bytes in every id, so that they are hashed once.
    digest: String,
}

impl<'a> Place<'a> {
    /// A text and where it lies.
    pub fn new(path: &'a PackPath, bytes: &'a [u8]) -> Self {
        Self { path, bytes, digest: finding_id("text", path.as_str(), &[bytes]) }
    }

    /// The finding's id covers the whole document: an accepted one never covers another text.
    pub fn finding(&self, rule: &Rule, hit: Hit) -> Finding {
        let line = hit.line.map_or_else(String::new, |line| line.to_string());
        let evidence = [self.digest.as_bytes(), line.as_bytes(), hit.text.as_bytes()];
        let path = self.path.as_str();
        let finding = Finding::new(rule.name, rule.level, path, &evidence, &hit.text);
        let finding = finding.with_help(hit.help);
        match hit.line {
            Some(line) => finding.at_line(line),
            None => finding,
        }
    }
}

/// What every rule of a table finds, in the order of the document.
pub fn findings<'r, S: 'r>(
    place: &Place<'_>,
    rules: impl IntoIterator<Item = &'r RuleOf<S>>,
    subject: &S,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rules
        .into_iter()
        .flat_map(|entry| {
            let hits = capped((entry.find)(subject)).into_iter();
            hits.map(|hit| place.finding(&entry.rule, hit))
        })
        .collect();
    findings.sort_by(|a, b| (a.line, &a.rule, &a.text).cmp(&(b.line, &b.rule, &b.text)));
    findings
}

fn capped(mut hits: Vec<Hit>) -> Vec<Hit> {
    let more = hits.len().saturating_sub(MOST);
    if more > 0 {
        hits.truncate(MOST);
        hits.push(Hit::new(format!("{more} places more")));
    }
    hits
}
