//! What changed between two texts, line by line: one renderer for everybody who shows it.

use similar::{ChangeTag, TextDiff};
use std::ops::Range;

/// Unchanged lines around a change.
const AROUND: usize = 3;

/// Whether a line is in both texts or in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In both, shown for orientation.
    Both,
    /// Only in the old text.
    Old,
    /// Only in the new text.
    New,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// Which text has it.
    pub side: Side,
    /// Its number in the text that has it, counted from 1; in the new one when both have it.
    pub number: u32,
    /// The line without its line feed, escaped: a blank or a hidden character that changed is seen.
    pub text: String,
}

/// The changes between two texts with some lines around them, one list per place. Equal texts
/// give none.
pub fn diff(old: &str, new: &str) -> Vec<Vec<DiffLine>> {
    let compared = TextDiff::from_lines(old, new);
    let groups = compared.grouped_ops(AROUND);
    let lines = |op| compared.iter_changes(op).map(|change| line(&change)).collect::<Vec<_>>();
    groups.iter().map(|group| group.iter().flat_map(lines).collect()).collect()
}

/// The lines of the new text that are not in the old one, and the other way round, as ranges
/// counted from 0: where two texts differ.
pub fn differing(old: &str, new: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let compared = TextDiff::from_lines(old, new);
    let ops = compared.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    ops.map(|op| (op.old_range(), op.new_range())).collect()
}

fn line(change: &similar::Change<&str>) -> DiffLine {
    let (side, index) = match change.tag() {
        ChangeTag::Equal => (Side::Both, change.new_index()),
        ChangeTag::Delete => (Side::Old, change.old_index()),
        ChangeTag::Insert => (Side::New, change.new_index()),
    };
    let number = index.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(u32::MAX);
    let whole = change.value();
    let bare = whole.strip_suffix('\n').unwrap_or(whole);
    let missing = if bare.len() == whole.len() { " (no line feed at the end)" } else { "" };
    DiffLine { side, number, text: crate::escape(bare) + missing }
}

impl DiffLine {
    /// `-`, `+` or a blank, and the text. A blank at the end is marked, where it changed.
    pub fn shown(&self) -> String {
        let mark = match self.side {
            Side::Both => ' ',
            Side::Old => '-',
            Side::New => '+',
        };
        let ends_blank = self.side != Side::Both && self.text.ends_with(' ');
        format!("{mark}{}{}", self.text, if ends_blank { "$" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, expected: &[&[&str]]) {
        let shown: Vec<Vec<String>> = diff(old, new)
            .iter()
            .map(|place| place.iter().map(DiffLine::shown).collect())
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn shows_what_changed_and_what_is_around_it() {
        check("a\n", "a\n", &[]);
        check("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nV\n", &[&[" 2", " 3", " 4", "-5", "+V"]]);
        let far = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        check(
            far,
            &far.replace('1', "x").replace('9', "y"),
            &[&["-1", "+x", " 2", " 3", " 4"], &[" 6", " 7", " 8", "-9", "+y"]],
        );
    }

    #[test]
    fn shows_what_cannot_be_seen() {
        check("a\n", "a \n", &[&["-a", "+a $"]]);
        check("a\n", "a", &[&["-a", "+a (no line feed at the end)"]]);
        check("a\n", "a\u{202e}\u{1b}[2J\n", &[&["-a", "+a\\u{202e}\\u{1b}[2J"]]);
    }

    #[test]
    fn says_where() {
        assert_eq!(differing("a\nb\nc\n", "a\nc\nd\n"), [(1..2, 1..1), (3..3, 2..3)]);
        assert_eq!(
            diff("a\nb\n", "b\nc\n")[0].iter().map(|l| l.number).collect::<Vec<_>>(),
            [1, 1, 2]
        );
    }
}
