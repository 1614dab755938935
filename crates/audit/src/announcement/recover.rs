//! The search for the signed bytes: undo as little as possible, and let the signatures decide.

use super::damage::{Damage, FOOTER, UNDO};
use super::{Announcement, Block, Shape};
use std::collections::BTreeSet;

/// Line breaks that a document may begin with.
const AT_START: usize = 3;
/// Line breaks that a document may end with.
const AT_END: usize = 6;
/// How many places in running text are tried as a beginning when no heading tells.
const STARTS: usize = 40;

/// The bytes that the signatures are over, and what was undone to get them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recovered {
    pub bytes: Vec<u8>,
    pub undone: Vec<Damage>,
    /// Where the text was found.
    pub place: String,
    /// How many of the signatures verify.
    pub verified: usize,
}

/// What the search asks about a text.
pub(super) struct Questions<'a> {
    /// Whether a line is the heading of the document that is looked for.
    pub is_heading: &'a dyn Fn(&str) -> bool,
    /// How many of the signatures verify over these bytes.
    pub verified: &'a dyn Fn(&[u8]) -> usize,
    /// The pack's own text of that document.
    pub known: Option<&'a [u8]>,
}

/// The best reading: the one over which most signatures verify, and among those the one that needs
/// the least undone. Where none verifies, the first block as it stands.
pub(super) fn recover(found: &Announcement, ask: &Questions<'_>) -> Option<Recovered> {
    let wanted = found.signatures.len();
    let mut best: Option<Recovered> = None;
    for block in &found.blocks {
        for text in readings(block, ask) {
            let candidate = search(&text, block, wanted, ask);
            let is_better = best.as_ref().is_none_or(|b| candidate.verified > b.verified);
            if is_better {
                best = Some(candidate);
            }
            if best.as_ref().is_some_and(|b| b.verified == wanted) {
                return best;
            }
        }
    }
    best
}

/// The texts of a block in which the document may begin right at the start.
fn readings(block: &Block, ask: &Questions<'_>) -> Vec<String> {
    let lines: Vec<&str> = block.text.split_inclusive('\n').collect();
    let heads = |at: &usize| (ask.is_heading)(lines[*at]);
    match (block.shape, (0..lines.len()).find(heads)) {
        (Shape::Whole, Some(_)) => vec![block.text.clone()],
        (Shape::Whole, None) => Vec::new(),
        (Shape::Within, Some(first)) => {
            // Blank lines before the heading belong to it as much as to the text before.
            let blank = |at: &usize| is_blank(lines[*at]);
            let filled = (0..first).rev().find(|at| !blank(at));
            let start = filled.map_or(0, |at| at + 1);
            vec![lines[start..].concat()]
        }
        (Shape::Within, None) => Vec::new(),
    }
}

/// All texts of a block that might begin a document whose heading nobody knows.
pub(super) fn guesses(found: &Announcement) -> Vec<Announcement> {
    let starts = |block: &Block| -> Vec<Block> {
        let lines: Vec<&str> = block.text.split_inclusive('\n').collect();
        let begins = |at: &usize| !is_blank(lines[*at]) && (*at == 0 || is_blank(lines[*at - 1]));
        (0..lines.len())
            .filter(begins)
            .take(STARTS)
            .map(|at| Block { text: lines[at..].concat(), shape: Shape::Whole, ..block.clone() })
            .collect()
    };
    let (whole, within): (Vec<&Block>, Vec<&Block>) =
        found.blocks.iter().partition(|block| block.shape == Shape::Whole);
    let whole = whole.into_iter().cloned().collect();
    let within = within.into_iter().flat_map(starts).collect();
    let with = |blocks| Announcement { blocks, ..found.clone() };
    vec![with(whole), with(within)]
}

/// What a line may have been before it was damaged, as a heading is compared.
pub(super) fn forms(line: &str) -> Vec<String> {
    let undone = UNDO.iter().filter_map(|undo| undo(line)).map(|(line, _)| line);
    std::iter::once(line.to_owned()).chain(undone).map(|line| bare(&line).to_owned()).collect()
}

/// A line without quoting and blanks around it.
pub(super) fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '>' || c == '\u{a0}')
}

fn is_blank(line: &str) -> bool {
    bare(line).is_empty()
}

fn search(text: &str, block: &Block, wanted: usize, ask: &Questions<'_>) -> Recovered {
    let as_it_is = Recovered {
        verified: (ask.verified)(text.as_bytes()),
        bytes: text.as_bytes().to_vec(),
        undone: Vec::new(),
        place: block.place.clone(),
    };
    let mut best = as_it_is;
    let variants = variants(text, block.shape);
    for (text, undone) in &variants {
        for (bytes, edges) in edges(text, block.shape) {
            if best.verified == wanted {
                return best;
            }
            let verified = (ask.verified)(&bytes);
            if verified > best.verified {
                let undone = undone.iter().copied().chain(edges).collect();
                best = Recovered { bytes, undone, verified, place: block.place.clone() };
            }
        }
    }
    if let Some(known) = ask.known.filter(|_| best.verified < wanted) {
        for (text, undone) in &variants {
            best = with_blanks(text, undone, known, best, ask);
        }
    }
    best
}

/// Every combination of damages that the text shows, those with the fewest first. No list adds a
/// footer inside a block, so nothing is cut from a whole one.
pub(super) fn variants(text: &str, shape: Shape) -> Vec<(String, Vec<Damage>)> {
    let undo = match shape {
        Shape::Whole => &UNDO[..FOOTER],
        Shape::Within => &UNDO[..],
    };
    let mut masks: Vec<u32> = (0..1 << undo.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for mask in masks {
        let chosen = undo.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0);
        let undone = chosen.map(|(_, undo)| undo).try_fold(
            (text.to_owned(), Vec::new()),
            |(text, mut undone), undo| {
                let (text, damage) = undo(&text)?;
                undone.push(damage);
                Some((text, undone))
            },
        );
        if let Some((text, undone)) = undone
            && seen.insert(text.clone())
        {
            found.push((text, undone));
        }
    }
    found
}

/// The same text with other numbers of line breaks at its ends, the nearest first.
fn edges(text: &str, shape: Shape) -> Vec<(Vec<u8>, Vec<Damage>)> {
    let core = text.trim_matches('\n');
    let before = text.len() - text.trim_start_matches('\n').len();
    let after = text.len() - before - core.len();
    let mut found: Vec<(usize, Vec<u8>, Vec<Damage>)> = Vec::new();
    for start in 0..=AT_START {
        for end in 0..=AT_END {
            let bytes = format!("{}{core}{}", "\n".repeat(start), "\n".repeat(end)).into_bytes();
            let at_start = difference(before, start, Ends::Start);
            let at_end = difference(after, end, Ends::End);
            let distance = before.abs_diff(start) + after.abs_diff(end);
            // In running text nobody can tell whose the blank lines before a heading are.
            let at_start = at_start.filter(|_| shape == Shape::Whole);
            found.push((distance, bytes, at_start.into_iter().chain(at_end).collect()));
        }
    }
    found.sort_by_key(|(distance, _, _)| *distance);
    found.into_iter().map(|(_, bytes, damages)| (bytes, damages)).collect()
}

enum Ends {
    Start,
    End,
}

fn difference(have: usize, want: usize, at: Ends) -> Option<Damage> {
    let count = have.abs_diff(want);
    match (have.cmp(&want), at) {
        (std::cmp::Ordering::Equal, Ends::Start | Ends::End) => None,
        (std::cmp::Ordering::Greater, Ends::Start) => Some(Damage::NewlinesMoreAtStart(count)),
        (std::cmp::Ordering::Greater, Ends::End) => Some(Damage::NewlinesMoreAtEnd(count)),
        (std::cmp::Ordering::Less, Ends::Start) => Some(Damage::NewlinesFewerAtStart(count)),
        (std::cmp::Ordering::Less, Ends::End) => Some(Damage::NewlinesFewerAtEnd(count)),
    }
}

/// Blanks that were stripped at line ends cannot be guessed, but the pack's text has them: when the
/// two differ in nothing else, the pack's text is what was announced.
fn with_blanks(
    text: &str,
    undone: &[Damage],
    known: &[u8],
    best: Recovered,
    ask: &Questions<'_>,
) -> Recovered {
    let Ok(original) = std::str::from_utf8(known) else { return best };
    let stripped = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    if stripped(text).trim_matches('\n') != stripped(original).trim_matches('\n') {
        return best;
    }
    let verified = (ask.verified)(known);
    if verified <= best.verified {
        return best;
    }
    let undone = undone.iter().copied().chain([Damage::TrailingBlanks]).collect();
    Recovered { bytes: known.to_vec(), undone, verified, ..best }
}
