//! Rules as data: a table of named functions over a subject, and one place that turns what they
//! find into findings.

use secpack_pack::{Finding, Level, PackPath};

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
pub(crate) struct RuleOf<S> {
    pub rule: Rule,
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
pub(crate) struct Hit {
    line: Option<u32>,
    text: String,
    help: String,
}

impl Hit {
    /// Something that concerns the whole document. `text` is escaped here.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self { line: None, text: secpack_pack::escape(text.as_ref()), help: String::new() }
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
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub path: &'a PackPath,
    pub bytes: &'a [u8],
}

impl Place<'_> {
    /// The finding's id covers the whole document: an accepted one never covers another text.
    pub fn finding(&self, rule: &Rule, hit: Hit) -> Finding {
        let line = hit.line.map_or_else(String::new, |line| line.to_string());
        let evidence = [self.bytes, line.as_bytes(), hit.text.as_bytes()];
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
pub(crate) fn findings<'r, S: 'r>(
    place: &Place<'_>,
    rules: impl IntoIterator<Item = &'r RuleOf<S>>,
    subject: &S,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rules
        .into_iter()
        .flat_map(|entry| {
            (entry.find)(subject).into_iter().map(|hit| place.finding(&entry.rule, hit))
        })
        .collect();
    findings.sort_by(|a, b| (a.line, &a.rule, &a.text).cmp(&(b.line, &b.rule, &b.text)));
    findings
}
