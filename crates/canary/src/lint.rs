//! Rules for canaries. Each is a named function in a table, with its why.
//!
//! A canary with a wrong date, count, fingerprint or window was signed more than once in the wild;
//! errors are those. Changed wording is a warning that stays until a person explains it.

pub(crate) mod proof;
mod statement;
#[cfg(test)]
mod tests;

use crate::{Canary, ProofSource};
use chrono::NaiveDate;
use secpack_pack::plaintext::{
    Hit, Line, OPENING, Place, Rule, RuleOf, TextSubject, common_rules, findings, is_todo, lines,
    open,
};
use secpack_pack::policy::{CanaryRules, TextRules};
use secpack_pack::{DocumentId, Finding, Fingerprint, Level, PackPath};
use std::collections::BTreeSet;

/// What the policy asks of the text; a policy may have one without the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules<'a> {
    /// Statements, dates, schedule.
    pub canary: Option<&'a CanaryRules>,
    /// Heading, sections, footer.
    pub text: Option<&'a TextRules>,
}

/// What the rest of the pack and the clock say.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// How many documents the counted series had on the date of issue.
    pub expected_count: Option<u32>,
    /// The fingerprint of the root that the policy names.
    pub fingerprint: Option<&'a Fingerprint>,
    /// The canary before this one.
    pub previous: Option<&'a Canary<'a>>,
    /// The day of the check, UTC.
    pub now: NaiveDate,
}

/// What the rules look at.
struct Subject<'a> {
    canary: &'a Canary<'a>,
    lines: Vec<Line<'a>>,
    rules: Option<&'a CanaryRules>,
    context: Context<'a>,
}

impl Subject<'_> {
    /// Whether something is still a placeholder; then `todo` speaks, and nothing that only misses
    /// the value.
    fn is_open(&self) -> bool {
        let headlines = headlines(self.canary);
        let open = |line: &Line<'_>| is_todo(line.text) && !headlines.contains(&line.number);
        self.lines.iter().any(open)
    }
}

/// The lines of all headlines, counted from 1.
fn headlines(canary: &Canary<'_>) -> BTreeSet<u32> {
    canary.proof.sources.iter().flat_map(ProofSource::title_lines).collect()
}

/// Everything the rules find in a canary, in the order of the text.
///
/// `id` and `path` are what the text claims to be. A text that is not UTF-8 or larger than 1 MiB
/// gives that one finding.
pub fn lint(
    bytes: &[u8],
    id: &DocumentId,
    path: &PackPath,
    rules: Rules<'_>,
    context: Context<'_>,
) -> Vec<Finding> {
    let place = Place::new(path, bytes);
    let text = match open(&place) {
        Ok(text) => text,
        Err(finding) => return vec![*finding],
    };
    let Ok(canary) = Canary::parse(text) else {
        return vec![
            place.finding(&NO_HEADING, Hit::new("there is no line before the first section")),
        ];
    };
    let (layout, date) = (&canary.layout, canary.date);
    let others = headlines(&canary);
    let common =
        TextSubject { text, lines: lines(text), layout, id, date, others, rules: rules.text };
    let subject = Subject { canary: &canary, lines: lines(text), rules: rules.canary, context };
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
    level: Level::Error,
    why: "A text without a heading does not say what it is.",
};

fn own_rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    let mut rules = statement::rules();
    rules.extend(proof::rules());
    rules
}
