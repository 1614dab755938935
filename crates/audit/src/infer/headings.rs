//! How the texts of a numbered series look: the heading by range, and the sections of the newest.

use super::files::Sorted;
use super::naming::text_of;
use super::roles::number_set;
use super::series::SeriesFound;
use secpack_pack::{DocumentId, Pattern, SeriesId};
use std::collections::BTreeSet;

/// The look of a range of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextFound {
    pub numbers: String,
    pub heading: String,
    pub seen: usize,
    /// The first heading of the range.
    pub example: String,
    /// `[Title]` where some of them lack it.
    pub sections: Vec<String>,
    /// How many of the newest documents have these sections.
    pub with_sections: usize,
}

/// A document's number, the headings it could follow, and the one it has.
struct Headed {
    number: u32,
    candidates: BTreeSet<String>,
    heading: String,
    sections: Vec<String>,
}

/// A pattern in the making: those that all of its documents follow.
struct Run {
    candidates: BTreeSet<String>,
    numbers: BTreeSet<u32>,
}

pub(super) fn find(sorted: &Sorted, series: &SeriesFound) -> Vec<TextFound> {
    let headed: Vec<Headed> =
        series.documents.iter().filter_map(|d| headed(sorted, series, d)).collect();
    let all = series.numbers();
    let runs = runs(&headed);
    let newest = all.last().copied().unwrap_or_default();
    let mut found = Vec::new();
    for run in runs {
        let Some(heading) = best(&run.candidates) else { continue };
        let (titles, with_sections) = match run.numbers.contains(&newest) {
            true => sections(&headed, &run),
            false => (Vec::new(), 0),
        };
        let cut = if titles.is_empty() { 0 } else { run.numbers.len() - with_sections };
        let (older, newer): (Vec<_>, Vec<_>) =
            run.numbers.iter().copied().enumerate().partition(|(at, _)| *at < cut);
        for (part, titles) in [(older, Vec::new()), (newer, titles)] {
            let numbers: BTreeSet<u32> = part.into_iter().map(|(_, number)| number).collect();
            if !numbers.is_empty() {
                found.push(TextFound {
                    seen: numbers.len(),
                    example: example(&headed, &numbers),
                    numbers: number_set(&numbers, &all),
                    heading: heading.clone(),
                    with_sections,
                    sections: titles,
                });
            }
        }
    }
    found
}

fn example(headed: &[Headed], numbers: &BTreeSet<u32>) -> String {
    let first = headed.iter().find(|document| numbers.contains(&document.number));
    first.map(|document| document.heading.clone()).unwrap_or_default()
}

/// The pattern that says more: with the year where it has one, with no width that nothing shows.
fn best(candidates: &BTreeSet<String>) -> Option<String> {
    candidates.iter().min_by_key(|text| (!text.contains("{year}"), *text)).cloned()
}

fn headed(
    sorted: &Sorted,
    series: &SeriesFound,
    document: &super::series::DocumentFound,
) -> Option<Headed> {
    let text = text_of(sorted, &document.path)?;
    let number = document.number?;
    let heading = text.lines().find(|line| !line.trim().is_empty())?.trim().to_owned();
    let id = identity(series, document)?;
    let sections = secpack_bulletin::Bulletin::parse(&text)
        .map(|view| view.sections.iter().map(|s| s.title.trim().to_owned()).collect())
        .unwrap_or_default();
    Some(Headed { number, candidates: candidates(&heading, &id), heading, sections })
}

fn identity(series: &SeriesFound, document: &super::series::DocumentFound) -> Option<DocumentId> {
    let patterns = series.paths.iter().filter_map(|path| path.parse::<Pattern>().ok());
    let found = patterns.into_iter().find_map(|p| p.matches(document.path.as_str()))?;
    let (number, year, quarter, name) = (found.number, found.year, found.quarter, found.name);
    let series: SeriesId = series.id.parse().ok()?;
    Some(DocumentId { series, number, year, quarter, name })
}

/// Patterns that render to this very heading, with the document's number in them.
fn candidates(heading: &str, id: &DocumentId) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Some(number) = id.number.filter(|_| !heading.contains(['{', '}', '*'])) else {
        return found;
    };
    let years = id.year.map(|year| format!("{year:04}"));
    let is_digit = |at: usize| heading.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    for width in 1..=4 {
        let digits = format!("{number:0width$}");
        for (at, _) in heading.match_indices(&digits) {
            let end = at + digits.len();
            if (at > 0 && is_digit(at - 1)) || is_digit(end) {
                continue;
            }
            let (before, after) = (&heading[..at], &heading[end..]);
            let mut forms = vec![(before.to_owned(), after.to_owned())];
            if let Some(year) = &years {
                let dated = |part: &str| part.replacen(year.as_str(), "{year}", 1);
                forms.push((dated(before), after.to_owned()));
                forms.push((before.to_owned(), dated(after)));
            }
            for (before, after) in forms {
                found.insert(format!("{before}{{number:{width}}}{after}"));
            }
        }
    }
    found.retain(|text| {
        let rendered = text.parse::<Pattern>().ok().and_then(|p| p.render(&id.values()));
        rendered.as_deref() == Some(heading)
    });
    found
}

/// Cuts the documents into runs that follow one pattern. A heading that names another number
/// belongs to the run around it, so that `verify` says so.
fn runs(headed: &[Headed]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last: Option<usize> = None;
    for document in headed {
        let shared = |run: &Run| -> BTreeSet<String> {
            run.candidates.intersection(&document.candidates).cloned().collect()
        };
        let again = || runs.iter().rposition(|run| !shared(run).is_empty());
        let at = if document.candidates.is_empty() {
            last
        } else {
            last.filter(|at| !shared(&runs[*at]).is_empty()).or_else(again)
        };
        match at {
            Some(at) => {
                let narrowed = shared(&runs[at]);
                if !narrowed.is_empty() {
                    runs[at].candidates = narrowed;
                }
                runs[at].numbers.insert(document.number);
                last = Some(at);
            }
            None if document.candidates.is_empty() => {}
            None => {
                runs.push(Run {
                    candidates: document.candidates.clone(),
                    numbers: BTreeSet::from([document.number]),
                });
                last = Some(runs.len() - 1);
            }
        }
    }
    runs
}

/// The sections that the newest documents of a run share in one order, and how many have them.
fn sections(headed: &[Headed], run: &Run) -> (Vec<String>, usize) {
    const ENOUGH: usize = 3;
    let newest = headed.iter().rev().filter(|document| run.numbers.contains(&document.number));
    let mut order: Vec<String> = Vec::new();
    let mut always: BTreeSet<String> = BTreeSet::new();
    let mut count = 0;
    for document in newest {
        let own: BTreeSet<String> = document.sections.iter().cloned().collect();
        let Some(merged) = merge(&order, &document.sections) else { break };
        let kept: BTreeSet<String> =
            if count == 0 { own } else { always.intersection(&own).cloned().collect() };
        // A form that shares less than half of its sections with the newer ones is another one.
        if kept.len() < ENOUGH || kept.len() * 2 < merged.len() {
            break;
        }
        (order, always, count) = (merged, kept, count + 1);
    }
    if count < ENOUGH {
        return (Vec::new(), 0);
    }
    let written =
        |title: &String| if always.contains(title) { title.clone() } else { format!("[{title}]") };
    (order.iter().map(written).collect(), count)
}

/// Both lists in one order; `None` when they contradict each other or a title stands twice.
fn merge(order: &[String], other: &[String]) -> Option<Vec<String>> {
    let distinct: BTreeSet<&String> = other.iter().collect();
    let usable = |title: &String| title.len() <= 60 && !title.starts_with('[');
    if distinct.len() != other.len() || !other.iter().all(usable) {
        return None;
    }
    let mut merged = order.to_vec();
    let mut next = 0;
    for title in other {
        match merged.iter().position(|known| known == title) {
            Some(at) if at < next => return None,
            Some(at) => next = at + 1,
            None => {
                merged.insert(next, title.clone());
                next += 1;
            }
        }
    }
    Some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headed(number: u32, heading: &str, sections: &[&str]) -> Headed {
        let series = "s".parse().expect("valid");
        let id = DocumentId {
            series,
            number: Some(number),
            year: Some(2020),
            quarter: None,
            name: None,
        };
        let sections = sections.iter().map(|s| (*s).to_owned()).collect();
        Headed { number, candidates: candidates(heading, &id), heading: heading.into(), sections }
    }

    #[test]
    fn a_new_form_begins_a_run_and_an_old_one_goes_on() {
        let texts =
            [(9, "B #9 ="), (10, "B #10 ="), (11, "B #11="), (12, "B #12 ="), (13, "B 013 =")];
        let texts: Vec<Headed> = texts.iter().map(|(n, text)| headed(*n, text, &[])).collect();
        let runs = runs(&texts);
        let shown: Vec<_> =
            runs.iter().map(|run| (best(&run.candidates), run.numbers.len())).collect();
        let some = |text: &str| Some(text.to_owned());
        let expected = [
            (some("B #{number:1} ="), 3),
            (some("B #{number:1}="), 1),
            (some("B {number:3} ="), 1),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_wrong_number_stays_in_its_run() {
        let texts = [headed(25, "C 025", &[]), headed(26, "C 025", &[]), headed(27, "C 027", &[])];
        let runs = runs(&texts);
        assert_eq!(runs.len(), 1);
        assert_eq!(runs[0].numbers.len(), 3);
    }

    #[test]
    fn sections_merge_in_one_order() {
        let list = |titles: &[&str]| titles.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let merged = merge(&list(&["a", "c"]), &list(&["a", "b", "c"]));
        assert_eq!(merged, Some(list(&["a", "b", "c"])));
        assert_eq!(merge(&list(&["a", "c"]), &list(&["c", "a"])), None);
        assert_eq!(merge(&[], &list(&["a", "a"])), None);
    }
}
