//! Other texts of an announcement that claim to be a document. A reader sees the whole page, so a
//! good text somewhere in it must not vouch for another one that stands where the reader looks.

use super::recover::{forms, variants};
use super::{Announcement, Block, Shape};

/// Where the announcement shows a text with a document heading that is not the recovered text.
pub(super) fn another(
    found: &Announcement,
    recovered: &[u8],
    claims: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let text = String::from_utf8_lossy(recovered);
    let other = |block: &&Block| is_other(block, &lines_of(&text), claims);
    found.blocks.iter().chain(&found.after).find(other).map(|block| block.place.clone())
}

fn is_other(block: &Block, recovered: &str, claims: &dyn Fn(&str) -> bool) -> bool {
    let shown = headings(&block.text, claims);
    if shown == 0 {
        return false;
    }
    // Nothing may be cut from it here: what stands below a rule is shown to the reader too.
    let mut readings = variants(&block.text, Shape::Whole).into_iter().map(|(text, _)| text);
    let same = |text: String| match block.shape {
        Shape::Whole => lines_of(&text) == recovered,
        // Undoing a damage must not be a way to hide a heading that is shown.
        Shape::Within => {
            let rest = lines_of(&text).replace(recovered, "\n");
            headings(&text, claims) >= shown && headings(&rest, claims) == 0
        }
    };
    !readings.any(same)
}

fn headings(text: &str, claims: &dyn Fn(&str) -> bool) -> usize {
    text.lines().filter(|line| forms(line).iter().any(|form| claims(form))).count()
}

/// The lines that are not blank, without blanks at their ends: pages and mails differ in those.
fn lines_of(text: &str) -> String {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
