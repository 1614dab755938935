//! The second half of the policy as text: what counts when, tags, and how texts look.

use super::canaries::CanaryFound;
use super::hashes::HashFound;
use super::headings::TextFound;
use super::quoting::{comment, list, quote};
use super::survey::Survey;
use super::write::title;

pub(super) fn rules(survey: &Survey) -> String {
    let mut text = title("What counts when");
    survey.hashes.iter().for_each(|found| text.push_str(&hash(found)));
    text.push_str(&validity(survey.refreshed));
    text.push_str(&title("Tags and commits"));
    text.push_str(&tags(survey));
    text.push_str(&title("How texts look"));
    survey.texts.iter().for_each(|(series, found)| text.push_str(&look(series, found)));
    survey.canaries.iter().for_each(|found| text.push_str(&canary(found)));
    text
}

fn hash(hash: &HashFound) -> String {
    let (algorithm, uses) = (&hash.algorithm, hash.uses);
    let seen = hash.seen.map_or(String::new(), |count| format!("; {count} signatures need it"));
    let reason = format!("inferred: the last one that this pack rests on is of this day{seen}");
    format!(
        "\n[[hash]]\nalgorithm = {}\nuses = [\"{uses}\"]\nuntil = {}\nreason = {}\n",
        quote(algorithm),
        hash.until,
        quote(&reason)
    )
}

fn validity(refreshed: usize) -> String {
    let (word, seen) = match refreshed {
        0 => ("refuse", "no signature needs a self-signature that was made after it".to_owned()),
        count => (
            "accept",
            format!("{count} signatures are older than every self-signature of their key"),
        ),
    };
    format!("\n{}[validity]\nrefreshed_self_signatures = \"{word}\"\n", comment(&seen))
}

fn tags(survey: &Survey) -> String {
    const SHOWN: usize = 5;
    let tags = &survey.tags;
    let mut text = String::from("\n");
    text.push_str(&comment(&format!("{} tags, {} signed commits", tags.tags, tags.commits)));
    for (pattern, count) in &tags.patterns {
        text.push_str(&comment(&format!("{count} tags: {pattern}")));
    }
    for name in tags.odd.iter().take(SHOWN) {
        text.push_str(&comment(&format!("does not end with its commit's digits: {name}")));
    }
    text.push_str("[tags]\n");
    if !tags.patterns.is_empty() {
        text.push_str(&format!("patterns = {}\n", list(tags.patterns.iter().map(|(p, _)| p))));
    }
    if let Some(message) = &tags.message {
        text.push_str(&format!("message = {}\n", quote(message)));
    }
    let signed = if tags.required { "required" } else { "none" };
    text.push_str(&format!("head = {}\ncommit_signatures = \"{signed}\"\n", tags.head));
    text
}

fn look(series: &str, look: &TextFound) -> String {
    let seen = format!("{} documents, the first headed: {}", look.seen, look.example);
    let mut text = format!(
        "\n{}[[text]]\nseries = {}\nnumbers = {}\nheading = {}\n",
        comment(&seen),
        quote(series),
        quote(&look.numbers),
        quote(&look.heading)
    );
    if !look.sections.is_empty() {
        text.push_str(&comment(&format!("the sections of the newest {}", look.with_sections)));
        text.push_str(&format!("sections = {}\n", list(&look.sections)));
    }
    text
}

fn canary(canary: &CanaryFound) -> String {
    let mut text = format!(
        "\n{}[[canary]]\nseries = {}\nnumbers = {}\n",
        comment(&format!("{} canaries", canary.seen)),
        quote(&canary.series),
        quote(&canary.numbers)
    );
    let word = |key: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{key} = {}\n", quote(value))).unwrap_or_default()
    };
    if let Some(statements) = canary.statements {
        text.push_str(&format!("statements = {statements}\n"));
    }
    text.push_str(&word("counts", &canary.counts));
    text.push_str(&word("fingerprint", &canary.fingerprint));
    text.push_str(&word("window", &canary.window));
    if let Some(months) = canary.every_months {
        text.push_str(&format!("every_months = {months}\n"));
    }
    text
}
