//! Rules about references and the citations that lead to them.

use super::Subject;
use crate::bulletin::{Citation, Strength, citations};
use secpack_pack::plaintext::{Hit, RuleOf};
use std::collections::BTreeSet;

pub(super) fn rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    vec![
        RuleOf::error(
            "reference-dangling",
            "A citation without its reference sends a reader nowhere.",
            dangling,
        ),
        RuleOf::error(
            "reference-duplicate",
            "Two references with one label cannot be told apart.",
            duplicate,
        ),
        RuleOf::warning(
            "reference-unused",
            "A reference that nothing cites is often a citation with a wrong number.",
            unused,
        ),
    ]
}

fn all(subject: &Subject<'_>) -> Vec<Citation> {
    citations(&subject.lines, &subject.bulletin.references)
}

fn labels(subject: &Subject<'_>) -> BTreeSet<u32> {
    subject.bulletin.references.iter().map(|reference| reference.number).collect()
}

/// Each missing label once, where it is first cited.
fn dangling(subject: &Subject<'_>) -> Vec<Hit> {
    let labels = labels(subject);
    let mut seen = BTreeSet::new();
    let sure = all(subject).into_iter().filter(|citation| citation.strength == Strength::Sure);
    sure.filter(|citation| !labels.contains(&citation.number) && seen.insert(citation.number))
        .map(|citation| {
            Hit::at(citation.line, format!("there is no reference [{}]", citation.number))
        })
        .collect()
}

/// Reported at the second one.
fn duplicate(subject: &Subject<'_>) -> Vec<Hit> {
    let mut seen = BTreeSet::new();
    let references = subject.bulletin.references.iter();
    references
        .filter(|reference| !seen.insert(reference.number))
        .map(|reference| {
            let text = format!("the label [{}] stands at another reference too", reference.number);
            Hit::at(reference.line, text)
        })
        .collect()
}

fn unused(subject: &Subject<'_>) -> Vec<Hit> {
    let cited: BTreeSet<u32> = all(subject).into_iter().map(|citation| citation.number).collect();
    let references = subject.bulletin.references.iter();
    references
        .filter(|reference| !cited.contains(&reference.number))
        .map(|reference| {
            Hit::at(reference.line, format!("nothing cites the reference [{}]", reference.number))
        })
        .collect()
}
