//! Rules for bulletins. Each is a named function in a table, with its why.
//!
//! Errors are what would void signatures or mislead a reader, and stop signing; warnings are what
//! a careful editor would want to see. Nothing here looks outside the text and its policy.

mod date;
mod prose;
mod reference;
mod spelling;
#[cfg(test)]
mod tests;
mod version;

pub use spelling::words;

use crate::Bulletin;
use crate::bulletin::{Identifier, identifiers};
use chrono::NaiveDate;
use secpack_pack::plaintext::{
    Hit, Line, OPENING, Place, Rule, RuleOf, TextSubject, common_rules, findings, lines, open,
};
use secpack_pack::policy::TextRules;
use secpack_pack::{DocumentId, Finding, PackPath};
use std::collections::BTreeSet;

/// What the rest of the pack, or the clock, says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackFacts<'a> {
    /// The day of the check, UTC.
    pub today: NaiveDate,
    /// The newest date of the bulletins with lower numbers.
    pub earlier: Option<NaiveDate>,
    /// Lower-case words that are spelt right; without them spelling is not looked at.
    pub words: Option<&'a BTreeSet<String>>,
}

/// What the rules look at.
struct Subject<'a> {
    bulletin: &'a Bulletin<'a>,
    lines: Vec<Line<'a>>,
    rules: Option<&'a TextRules>,
    facts: PackFacts<'a>,
}

/// Everything the rules find in a bulletin, in the order of the text.
///
/// `id` and `path` are what the text claims to be, `rules` what the policy asks of it. A text that
/// is not UTF-8 or larger than 1 MiB gives that one finding.
pub fn lint(
    bytes: &[u8],
    id: &DocumentId,
    path: &PackPath,
    rules: Option<&TextRules>,
    facts: PackFacts<'_>,
) -> Vec<Finding> {
    let place = Place::new(path, bytes);
    let text = match open(&place) {
        Ok(text) => text,
        Err(finding) => return vec![*finding],
    };
    let Ok(bulletin) = Bulletin::parse(text) else {
        return vec![
            place.finding(&NO_HEADING, Hit::new("there is no line before the first section")),
        ];
    };
    let date = bulletin.date;
    let layout = &bulletin.layout;
    let common =
        TextSubject { text, lines: lines(text), layout, id, date, others: BTreeSet::new(), rules };
    let subject = Subject { bulletin: &bulletin, lines: lines(text), rules, facts };
    let mut found = findings(&place, &common_rules(), &common);
    found.extend(findings(&place, &own_rules(), &subject));
    found.sort_by(|a, b| (a.line, &a.rule, &a.text).cmp(&(b.line, &b.rule, &b.text)));
    found
}

/// Every rule of [`lint`], sorted by name.
pub fn rules() -> Vec<Rule> {
    let common = common_rules().into_iter().map(|entry| entry.rule);
    let own = own_rules().into_iter().map(|entry| entry.rule);
    let mut rules: Vec<Rule> =
        OPENING.into_iter().chain([NO_HEADING]).chain(common).chain(own).collect();
    rules.sort_by_key(|rule| rule.name);
    rules
}

const NO_HEADING: Rule = Rule {
    name: "no-heading",
    level: secpack_pack::Level::Error,
    why: "A text without a heading does not say what it is.",
};

fn own_rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    let mut rules = vec![RuleOf::warning(
        "advisory-unnamed",
        "An advisory that only the title names is never explained.",
        advisory_unnamed,
    )];
    rules.extend(date::rules());
    rules.extend(reference::rules());
    rules.extend(prose::rules());
    rules.extend(spelling::rules());
    rules.extend(version::rules());
    rules
}

fn advisory_unnamed(subject: &Subject<'_>) -> Vec<Hit> {
    let sections = subject.bulletin.sections.iter();
    let body: BTreeSet<&str> = sections.flat_map(|s| s.body.lines()).flat_map(advisories).collect();
    let named = subject.bulletin.title.iter().flat_map(|line| advisories(line));
    named
        .filter(|id| !body.contains(id))
        .map(|id| Hit::new(format!("the title names {id}, the text does not")))
        .collect()
}

fn advisories(line: &str) -> Vec<&str> {
    identifiers(line).iter().filter_map(Identifier::advisory).collect()
}
