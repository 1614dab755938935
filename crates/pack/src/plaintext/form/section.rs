//! One section of a form: its lines, and what may be put among them.

use super::{TODO, is_open};
use std::ops::Range;

/// Opens a paragraph that is a suggestion.
const SUGGESTION: &str = "TODO:";

/// A section of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormSection {
    title: String,
    /// The title and its underline as they stand in the form.
    heading: Vec<String>,
    lines: Vec<String>,
}

impl FormSection {
    /// From its lines; the first two are the title and its underline.
    pub(super) fn of(lines: &[String]) -> Self {
        let (heading, lines) = lines.split_at(lines.len().min(2));
        let title = heading.first().map(|line| line.trim().to_owned()).unwrap_or_default();
        Self { title, heading: heading.to_vec(), lines: lines.to_vec() }
    }

    pub(super) fn all_lines(&self) -> impl Iterator<Item = &String> {
        self.heading.iter().chain(&self.lines)
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn is_about(&self, words: &[&str]) -> bool {
        let title = self.title.to_lowercase();
        words.iter().any(|word| title.contains(word))
    }

    /// Its lines, without the heading.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Puts these lines in place of those in `range`.
    pub fn replace(&mut self, range: Range<usize>, text: &str) {
        let new: Vec<String> = text.trim_end_matches('\n').split('\n').map(str::to_owned).collect();
        self.lines.splice(range, new);
    }

    /// Takes these lines out, and the blank lines after them.
    pub fn remove(&mut self, range: Range<usize>) {
        let blank = self.lines[range.end..].iter().take_while(|line| line.trim().is_empty());
        let end = range.end + blank.count();
        let last = end == self.lines.len();
        // The blank lines after the last paragraph part the section from the next one.
        let end = if last && range.start > 0 { self.trim(&range, end) } else { end };
        self.lines.drain(range.start..end);
    }

    /// At the end the paragraph goes with one of its gaps: the one before it would be doubled.
    fn trim(&self, range: &Range<usize>, end: usize) -> usize {
        let before = self.lines[..range.start].iter().rev().take_while(|l| l.trim().is_empty());
        let (before, after) = (before.count(), end - range.end);
        range.end + before.min(after)
    }

    /// The paragraphs, as ranges of lines.
    pub fn paragraphs(&self) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            match found.last_mut().filter(|last| last.end == at) {
                _ if line.trim().is_empty() => {}
                Some(last) => last.end = at + 1,
                None => found.push(at..at + 1),
            }
        }
        found
    }

    /// Whether it says nothing yet.
    pub fn is_open(&self) -> bool {
        self.paragraphs().into_iter().flatten().all(|at| is_open(&self.lines[at]))
    }

    /// Puts text in place of the first paragraph that is nothing but a placeholder; where there
    /// is none, after everything else.
    pub fn fill(&mut self, text: &str) {
        let open = |range: &Range<usize>| range.len() == 1 && is_open(&self.lines[range.start]);
        match self.paragraphs().into_iter().find(open) {
            Some(range) => self.replace(range, text),
            None => self.append(text),
        }
    }

    /// Puts text after everything else.
    pub fn append(&mut self, text: &str) {
        let end = self.paragraphs().last().map(|last| last.end);
        match end {
            Some(end) => self.replace(end..end, &format!("\n{text}")),
            None if self.lines.is_empty() => self.replace(0..0, &format!("\n{text}")),
            None => {
                self.replace(1..1, text);
                self.end_blank();
            }
        }
    }

    /// The next heading stands below a blank line, and a text ends with a line feed.
    fn end_blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.trim().is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// Puts text in place of everything that the section says.
    pub fn overwrite(&mut self, text: &str) {
        let paragraphs = self.paragraphs();
        match (paragraphs.first(), paragraphs.last()) {
            (Some(first), Some(last)) => self.replace(first.start..last.end, text),
            (Some(_) | None, Some(_) | None) => self.append(text),
        }
    }

    /// The suggestions: the paragraphs below a line `TODO:`, each on one line.
    pub fn suggestions(&self) -> Vec<String> {
        self.suggested().into_iter().map(|range| self.said(&range)).collect()
    }

    fn suggested(&self) -> Vec<Range<usize>> {
        let opens = |range: &Range<usize>| self.lines[range.start].trim() == SUGGESTION;
        self.paragraphs().into_iter().filter(|range| range.len() > 1 && opens(range)).collect()
    }

    fn said(&self, range: &Range<usize>) -> String {
        let words = self.lines[range.start + 1..range.end].iter();
        words.flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ")
    }

    /// Keeps, drops or leaves each suggestion.
    pub fn decide(&mut self, choose: impl Fn(&str) -> Choice) {
        for range in self.suggested().into_iter().rev() {
            match choose(&self.said(&range)) {
                Choice::Keep => {
                    self.lines.remove(range.start);
                }
                Choice::Drop => self.remove(range),
                Choice::Leave => {}
            }
        }
    }

    /// Fills placeholders inside lines: `value` sees the section before each, as it is filled by
    /// then, and after it. It gives one line, or `None` to leave the placeholder.
    pub fn fill_inline(&mut self, mut value: impl FnMut(&str, &str) -> Option<String>) {
        let mut rest = self.lines.join("\n");
        let mut done = String::new();
        while let Some((start, end)) = rest.split_once(TODO) {
            done.push_str(start);
            let text = value(&done, end).unwrap_or_else(|| TODO.to_owned());
            done.push_str(&text);
            rest = end.to_owned();
        }
        done.push_str(&rest);
        self.lines = done.split('\n').map(str::to_owned).collect();
    }
}

/// What becomes of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It stands as text.
    Keep,
    /// It goes.
    Drop,
    /// It stays a suggestion.
    Leave,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(body: &str) -> FormSection {
        let lines: Vec<String> = format!("T\n--\n{body}").split('\n').map(str::to_owned).collect();
        FormSection::of(&lines)
    }

    fn check(body: &str, change: impl Fn(&mut FormSection), expected: &str) {
        let mut section = section(body);
        change(&mut section);
        assert_eq!(section.lines.join("\n"), expected, "{body:?}");
    }

    #[test]
    fn fills_the_open_place_or_the_end() {
        check("\nTODO\n\n", |s| s.fill("a\n\nb\n"), "\na\n\nb\n\n");
        check("\na\n\nTODO\n\nb\n", |s| s.fill("x"), "\na\n\nx\n\nb\n");
        check("\na\n\n", |s| s.fill("x"), "\na\n\nx\n\n");
        check("\n\n", |s| s.fill("x"), "\nx\n\n");
        check("", |s| s.fill("x"), "\nx\n");
        let instead = |s: &mut FormSection| {
            s.decide(|_| Choice::Drop);
            s.append("x");
        };
        check("\nTODO:\nDo this.\n", instead, "\nx\n");
        check("\nTODO:\nDo this.\n\n", instead, "\nx\n");
        check("\nNone.\n\nb\n\n\n", |s| s.overwrite("x\ny"), "\nx\ny\n\n\n");
    }

    #[test]
    fn suggestions_are_kept_or_dropped() {
        let body = "\nIntro.\n\nTODO:\nOne\n two.\n\nTODO:\nThree.\n\n";
        let by = |one, three| move |said: &str| if said == "One two." { one } else { three };
        use Choice::{Drop, Keep, Leave};
        check(body, |s| s.decide(by(Keep, Keep)), "\nIntro.\n\nOne\n two.\n\nThree.\n\n");
        check(body, |s| s.decide(by(Keep, Drop)), "\nIntro.\n\nOne\n two.\n\n");
        check(body, |s| s.decide(by(Drop, Leave)), "\nIntro.\n\nTODO:\nThree.\n\n");
        check(body, |s| s.decide(by(Drop, Drop)), "\nIntro.\n\n");
        check("\nTODO:\n\nx\n", |s| s.decide(|_| Drop), "\nTODO:\n\nx\n");
    }

    #[test]
    fn inline_places_see_what_is_around_them() {
        let seen = std::cell::RefCell::new(Vec::new());
        check(
            "\n1. It is TODO, of\n   TODO TODO.\n\n2. TODO\n",
            |s| {
                s.fill_inline(|before, after| {
                    seen.borrow_mut().push((before.len(), after.len()));
                    (seen.borrow().len() != 3).then(|| "x".to_owned())
                });
            },
            "\n1. It is x, of\n   x TODO.\n\n2. x\n",
        );
        assert_eq!(seen.into_inner(), [(10, 28), (19, 16), (21, 11), (31, 1)]);
    }
}
