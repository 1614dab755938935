//! Rules about references and the citations that lead to them.

use super::Subject;
use crate::advisory::number;
use crate::bulletin::{Citation, Identifier, Reference, Strength, citations, identifiers, is_code};
use secpack_pack::plaintext::{Hit, RuleOf};
use std::collections::BTreeMap;
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
        RuleOf::warning(
            "reference-elsewhere",
            "A citation behind one advisory that leads to another one misleads a reader.",
            elsewhere,
        ),
        RuleOf::warning(
            "reference-gap",
            "A gap in the labels is often a reference that was lost.",
            gap,
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

/// The first label that is missing from 1 on.
fn gap(subject: &Subject<'_>) -> Vec<Hit> {
    let labels = labels(subject);
    let missing = (1..).find(|number| !labels.contains(number)).unwrap_or_default();
    let after = subject.bulletin.references.iter().find(|reference| reference.number > missing);
    let hit = |reference: &Reference<'_>| {
        let text = format!("the label [{missing}] is missing before [{}]", reference.number);
        Hit::at(reference.line, text)
    };
    after.map(hit).into_iter().collect()
}

/// `XSA-464 [3]` where [3] leads to another advisory of that kind, and an entry whose label names
/// one advisory and whose URL leads to another.
fn elsewhere(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut entries: BTreeMap<u32, Vec<&Reference<'_>>> = BTreeMap::new();
    for reference in &subject.bulletin.references {
        let same = entries.entry(reference.number).or_default();
        if same.len() < MAX_SAME {
            same.push(reference);
        }
    }
    for line in subject.lines.iter().filter(|line| !line.is_quote() && !is_code(line)) {
        for (id, label) in cited_ids(line.text) {
            let same = entries.get(&label).map_or(&[][..], Vec::as_slice);
            let found = same.iter().find_map(|r| leads_to(r.url?, id));
            if let Some(other) = found.filter(|other| Some(*other) != number(id)) {
                let text = format!("[{label}] behind {id} leads to number {other}");
                hits.push(Hit::at(line.number, text));
            }
        }
    }
    hits.extend(subject.bulletin.references.iter().filter_map(mislabelled));
    hits
}

fn mislabelled(reference: &Reference<'_>) -> Option<Hit> {
    let words: Vec<Identifier<'_>> = reference.text.lines().flat_map(identifiers).collect();
    let [id] = words.iter().filter_map(Identifier::advisory).collect::<Vec<_>>()[..] else {
        return None;
    };
    let other = leads_to(reference.url?, id).filter(|other| Some(*other) != number(id))?;
    let text = format!("[{}] names {id} and leads to number {other}", reference.number);
    Some(Hit::at(reference.line, text))
}

/// How many characters before and after the bracket of a citation are looked at. An id is shorter,
/// and a line may be long.
const NEAR: usize = 64;
/// How many entries of one label are looked at.
const MAX_SAME: usize = 4;

/// Advisories right before a citation, with its label.
fn cited_ids(line: &str) -> Vec<(&str, u32)> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices('[') {
        let near = line[at + 1..].char_indices().take(NEAR).find(|(_, c)| *c == ']');
        let label = near.and_then(|(end, _)| line[at + 1..at + 1 + end].parse().ok());
        let start =
            line[..at].char_indices().rev().take(NEAR).last().map_or(at, |(start, _)| start);
        let before = line[start..at].split_whitespace().next_back().unwrap_or_default();
        let id = identifiers(before).iter().rev().find_map(Identifier::advisory);
        let id = id.filter(|id| before.trim_end_matches([',', ':', '"', ')']).ends_with(id));
        found.extend(id.zip(label));
    }
    found
}

/// The number in a URL behind the prefix of this id, or behind "advisory".
fn leads_to(url: &str, id: &str) -> Option<u32> {
    let url = url.to_lowercase();
    let prefix = id.rsplit_once('-')?.0.to_lowercase();
    [prefix.as_str(), "advisory"].iter().find_map(|word| {
        url.match_indices(word).find_map(|(at, _)| {
            let rest = url[at + word.len()..].strip_prefix(['-', '/'])?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest[..digits].parse().ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_which_advisory_they_lead_to() {
        let check =
            |url: &str, id: &str, expected| assert_eq!(leads_to(url, id), expected, "{url}");
        check("https://example.org/xsa/advisory-464.html", "XSA-463", Some(464));
        check("https://example.org/news/2022/11/08/qsb-086/", "QSB-086", Some(86));
        check("https://example.org/QSBs/qsb-077-2022.txt", "QSB-077", Some(77));
        check("https://example.org/intel-sa-00950.html", "INTEL-SA-00951", Some(950));
        check("https://example.org/intel-sa-00950.html", "XSA-1", None);
        assert_eq!(
            cited_ids("XSA-1 [2], see QSB-3[4] and (XSA-5) [6] [7]"),
            [("XSA-1", 2), ("QSB-3", 4), ("XSA-5", 6)]
        );
    }
}
