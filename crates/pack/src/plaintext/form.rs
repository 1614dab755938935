//! A template in the style of a pack: the text itself, with `TODO` where a value goes.
//!
//! Nothing in it is executed, and what it says already is never wrapped or changed. Values are
//! put in by section and order; whatever nobody fills stays `TODO` and is listed by the linter.
//! A paragraph below a line `TODO:` is a suggestion, which a person keeps or drops.

mod section;

pub use section::{Choice, FormSection};

use super::wrap::center_under;
use super::{Layout, Section};
use unicode_width::UnicodeWidthStr;

/// What stands where a value goes.
pub const TODO: &str = "TODO";

/// A form that is being filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    head: Vec<String>,
    sections: Vec<FormSection>,
    footer: Vec<String>,
    /// Twice the column in the middle of the heading, under which lines are centred.
    axis: usize,
    /// How many characters longer than its heading an underline is.
    extra: usize,
}

/// Whether a template is a form, and no template of the template language.
pub fn is_form(template: &str) -> bool {
    !["{{", "{%", "{#"].iter().any(|mark| template.contains(mark))
}

impl Form {
    /// Takes a template apart. Every text is a form, if only without sections.
    pub fn parse(template: &str) -> Self {
        let layout = Layout::of(template);
        let all: Vec<String> = template.split('\n').map(str::to_owned).collect();
        let first = |section: &Section<'_>| section.line as usize - 1;
        let end = all.len() - layout.footer.matches('\n').count() - 1;
        let end = if layout.footer.is_empty() { all.len() } else { end };
        let starts: Vec<usize> = layout.sections.iter().map(first).collect();
        let ends = starts.iter().skip(1).copied().chain([end]);
        let sections =
            starts.iter().zip(ends).map(|(start, end)| FormSection::of(&all[*start..end]));
        let head = all[..starts.first().copied().unwrap_or(end)].to_vec();
        let extra = layout
            .sections
            .first()
            .map_or(0, |section| section.underline.width().saturating_sub(section.title.width()));
        Self {
            axis: axis(&head),
            extra,
            sections: sections.collect(),
            footer: all[end..].to_vec(),
            head,
        }
    }

    /// The text as it is now.
    pub fn to_text(&self) -> String {
        let sections = self.sections.iter().flat_map(FormSection::all_lines);
        let lines = self.head.iter().chain(sections).chain(&self.footer);
        lines.map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Puts the heading in place of the first line, where that has a placeholder. Its
    /// indentation stays.
    pub fn fill_heading(&mut self, heading: &str) {
        if let Some(line) = self.head.iter_mut().find(|line| !line.trim().is_empty())
            && line.contains(TODO)
        {
            let indent = line.len() - line.trim_start().len();
            *line = format!("{}{heading}", &line[..indent]);
        }
    }

    /// Fills the next line of the head that is nothing but a placeholder, centred below the
    /// heading; `None` leaves it as it is, for the next value to find the line after it.
    pub fn fill_centred(&mut self, values: &[Option<&str>], width: usize) {
        let open: Vec<usize> = (0..self.head.len()).filter(|at| is_open(&self.head[*at])).collect();
        for (at, value) in open.iter().zip(values).rev() {
            if let Some(value) = value {
                let lines = center_under(value, self.axis, width);
                self.head.splice(at..=at, lines.lines().map(str::to_owned));
            }
        }
    }

    /// Adds a line below the head, centred below the heading.
    pub fn add_centred(&mut self, line: &str, width: usize) {
        let last = self.head.iter().rposition(|line| !line.trim().is_empty());
        let at = last.map_or(0, |last| last + 1);
        let text = center_under(line, self.axis, width);
        let new = std::iter::once(String::new()).chain(text.lines().map(str::to_owned));
        self.head.splice(at..at, new);
    }

    /// The first section whose title holds one of these lower-case words, letter case aside.
    pub fn section(&mut self, words: &[&str]) -> Option<&mut FormSection> {
        self.sections.iter_mut().find(|section| section.is_about(words))
    }

    /// The section with this title; where there is none, a new one is put before the first
    /// section that comes later in `order`, or at the end.
    pub fn section_or_new(&mut self, title: &str, order: &[&str]) -> &mut FormSection {
        let words = [title.to_lowercase()];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let at = match self.sections.iter().position(|section| section.is_about(&words)) {
            Some(at) => at,
            None => self.insert(title, order),
        };
        &mut self.sections[at]
    }

    fn insert(&mut self, title: &str, order: &[&str]) -> usize {
        let rank = |title: &str| order.iter().position(|known| *known == title);
        let later = |section: &FormSection| rank(section.title()) > rank(title);
        let at = self.sections.iter().position(later).unwrap_or(self.sections.len());
        let underline = "-".repeat(title.width() + self.extra);
        let lines = [title, &underline, "", TODO, ""].map(str::to_owned);
        self.sections.insert(at, FormSection::of(&lines));
        at
    }

    /// Every section, in order.
    pub fn sections_mut(&mut self) -> &mut [FormSection] {
        &mut self.sections
    }
}

/// Whether a line is nothing but a placeholder.
fn is_open(line: &str) -> bool {
    line.trim() == TODO
}

fn axis(head: &[String]) -> usize {
    let heading = head.iter().find(|line| !line.trim().is_empty());
    heading.map_or(0, |line| {
        let bare = line.trim();
        2 * (line.trim_end().width() - bare.width()) + bare.width()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "\n   ===[ Pack TODO ]===\n\n          TODO\n\n          TODO\n\nOne\n----\n\nTODO:\nDo this\nor that.\n\nTODO:\nOr nothing.\n\nTwo\n----\n\nWords.\n\nTODO\n\n--\nThe TODO team\n";

    #[test]
    fn an_empty_form_prints_back() {
        for text in
            [FORM, "", "\n", "a\n---\nb", "x\n\nA\n---\n\n--\nfoot", "TODO\r\n\n\nA\n----\n \n\n"]
        {
            assert_eq!(Form::parse(text).to_text(), text, "{text:?}");
        }
    }

    #[test]
    fn the_head_is_centred_below_the_heading() {
        let mut form = Form::parse(FORM);
        form.fill_heading("===[ Pack 012 ]===");
        form.fill_centred(&[Some("2024-01-02"), None], 40);
        assert!(form.to_text().starts_with(
            "\n   ===[ Pack 012 ]===\n\n       2024-01-02\n\n          TODO\n\nOne\n"
        ));
        form.fill_centred(&[Some("a title that needs two lines")], 24);
        assert!(
            form.to_text().contains("\n   a title that needs\n        two lines\n\nOne"),
            "{}",
            form.to_text()
        );
    }

    #[test]
    fn a_new_section_stands_in_its_order() {
        let mut form = Form::parse(FORM);
        form.section_or_new("Before", &["Before", "One", "Two"]).fill("x");
        form.section_or_new("Last", &["Last"]).fill("y");
        form.section_or_new("Two", &[]).fill("z");
        let text = form.to_text();
        assert!(text.contains("\n\nBefore\n-------\n\nx\n\nOne\n----\n"), "{text}");
        assert!(text.contains("Words.\n\nz\n\nLast\n-----\n\ny\n\n--\n"), "{text}");
    }

    #[test]
    fn forms_are_told_from_templates() {
        assert!(is_form(FORM));
        assert!(is_form("{ } %} TODO"));
        assert!(!is_form("{{ TODO }}") && !is_form("{% if a %}") && !is_form("{# a #}"));
    }
}
