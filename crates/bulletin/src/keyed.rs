//! Citations by key in a draft that a person edits: `[@key]` in prose, and `[@key] https://...` in
//! the list of references. They get numbers as those of the facts do.

use crate::bulletin::{Strength, citations, references};
use crate::cite::{self, Numbered};
use secpack_pack::plaintext::{Layout, Line, lines};
use std::collections::BTreeSet;

/// What the list of references is called.
const REFERENCES: &[&str] = &["references"];
/// A higher label is none.
const MOST: usize = 10_000;

/// The text with numbers in place of keys that its list of references explains, counted on from the
/// numbers that are there, in the order of their first citation; the list is put in that order.
/// Where a key is explained twice nothing changes, and a key that nothing explains stays.
pub fn number_keys(text: &str) -> String {
    let all = lines(text);
    let blocks = blocks(text, &all);
    let known: BTreeSet<&str> = blocks.iter().map(|block| block.key).collect();
    if known.is_empty() || known.len() < blocks.len() {
        return text.to_owned();
    }
    let first = all.iter().filter_map(label).chain(cited(text, &all)).max().unwrap_or(0) + 1;
    let list: Vec<Numbered> = in_order(&all, &blocks)
        .into_iter()
        .zip(first..)
        .map(|(key, number)| Numbered {
            number,
            key: key.to_owned(),
            label: None,
            url: None,
            text: None,
        })
        .collect();
    cite::number(&sorted(&all, &blocks, &list), &list)
}

/// The number of an entry that has one already, wherever it stands: two never get the same.
fn label(line: &Line<'_>) -> Option<usize> {
    line.text.strip_prefix('[')?.split_once(']')?.0.parse().ok().filter(|number| *number < MOST)
}

/// The numbers that the text cites, explained or not: a key must not explain one of them by chance.
fn cited(text: &str, all: &[Line<'_>]) -> Vec<usize> {
    let found = citations(all, &references(&Layout::of(text)));
    let sure = found.into_iter().filter(|citation| citation.strength == Strength::Sure);
    sure.map(|citation| citation.number as usize).collect()
}

/// An entry of the list: its key, and its lines by index, the end exclusive.
struct Block<'t> {
    key: &'t str,
    start: usize,
    end: usize,
}

/// The entries with keys. One ends at a blank line, or where the next one begins.
fn blocks<'t>(text: &'t str, all: &[Line<'t>]) -> Vec<Block<'t>> {
    let layout = Layout::of(text);
    let Some(section) = layout.section_about(REFERENCES) else { return Vec::new() };
    let inside = section.lines.start as usize - 1..(section.lines.end as usize - 1).min(all.len());
    let ends = |line: &Line<'_>| line.is_blank() || line.text.starts_with('[');
    let block = |start: usize| {
        let (key, _) = cite::leading_key(all[start].text)?;
        let more = all[start + 1..inside.end].iter().take_while(|line| !ends(line)).count();
        Some(Block { key, start, end: start + 1 + more })
    };
    inside.clone().filter_map(block).collect()
}

/// The explained keys: first those that the text cites, in order, then the others.
fn in_order<'t>(all: &[Line<'t>], blocks: &[Block<'t>]) -> Vec<&'t str> {
    let is_entry = |at: usize| blocks.iter().any(|block| (block.start..block.end).contains(&at));
    let prose = all.iter().enumerate().filter(|(at, line)| !line.is_quote() && !is_entry(*at));
    let cited = prose.flat_map(|(_, line)| cite::keys(line.text));
    let known = |key: &&str| blocks.iter().any(|block| block.key == *key);
    let mut seen = BTreeSet::new();
    let wanted = cited.filter(known).chain(blocks.iter().map(|block| block.key));
    wanted.filter(|key| seen.insert(*key)).collect()
}

/// The lines with the entries in the order of their numbers; whatever stands between them stays.
fn sorted(all: &[Line<'_>], blocks: &[Block<'_>], list: &[Numbered]) -> String {
    let mut order = list.iter().filter_map(|entry| blocks.iter().find(|b| b.key == entry.key));
    let mut text = String::new();
    let mut at = 0;
    while at < all.len() {
        let here = blocks.iter().find(|block| block.start == at);
        let (from, next) = match here.and_then(|here| Some((here, order.next()?))) {
            Some((here, instead)) => (instead.start..instead.end, here.end),
            None => (at..at + 1, at + 1),
        };
        for line in &all[from] {
            text.push_str(line.text);
            text.push('\n');
        }
        at = next;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prose: &str, list: &str, wanted_prose: &str, wanted_list: &str) {
        let text = |prose: &str, list: &str| {
            format!(
                "SB-001\n\nSummary\n-------\n\n{prose}\n\nReferences\n----------\n\n{list}\n--\nTeam\n"
            )
        };
        let numbered = number_keys(&text(prose, list));
        assert_eq!(numbered, text(wanted_prose, wanted_list));
        assert_eq!(number_keys(&numbered), numbered, "twice changes nothing more");
    }

    #[test]
    fn keys_get_numbers_and_the_list_its_order() {
        check("See [@b][@a], [@b].", "[@a] u\n[@b] v", "See [1][2], [1].", "[1] v\n[2] u");
        check(
            "[@b] [1]",
            "[1] t\n[@c] w\n[@b] v\n   more",
            "[2] [1]",
            "[1] t\n[2] v\n   more\n[3] w",
        );
        check("[1] [@a]", "[@a] u\n[1] t", "[1] [2]", "[2] u\n[1] t");
        // Nothing explains the 1 that is cited, and no key may come to.
        check("See [1] and [@a].", "[@a] u", "See [1] and [2].", "[2] u");
        check("a[4] [@a]", "[@a] u", "a[4] [1]", "[1] u");
        check("é [@a]\n| [@a]", "[@a] u\n", "é [1]\n| [@a]", "[1] u\n");
    }

    #[test]
    fn what_is_not_explained_once_stays() {
        check("[@a] [@b]", "[@b] u", "[@a] [1]", "[1] u");
        check("[@a]", "[@a] u\n[@a] v", "[@a]", "[@a] u\n[@a] v");
        check("[@a]", "None.", "[@a]", "None.");
        assert_eq!(number_keys("[@a] u\n"), "[@a] u\n");
    }
}
