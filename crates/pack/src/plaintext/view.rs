//! What every template sees of the policy: the heading and the sections of the document.

use crate::DocumentId;
use crate::policy::TextRules;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// One section as a template prints it.
#[derive(Debug, Serialize)]
pub struct SectionView<'a> {
    title: &'a str,
    underline: String,
    optional: bool,
}

impl SectionView<'_> {
    /// Its heading.
    pub fn title(&self) -> &str {
        self.title
    }
}

/// The sections of the policy, or these titles (and whether each is optional) where it names none.
pub fn section_views<'a>(
    rules: &'a TextRules,
    default: &[(&'a str, bool)],
) -> Vec<SectionView<'a>> {
    let extra = rules.underline_extra.unwrap_or(0);
    let view = |title: &'a str, optional| {
        let underline = "-".repeat(title.width() + extra);
        SectionView { title, underline, optional }
    };
    if rules.sections.is_empty() {
        return default.iter().map(|(title, optional)| view(title, *optional)).collect();
    }
    rules.sections.iter().map(|section| view(&section.title, section.optional)).collect()
}

/// The heading line of a document: the policy's, or its series and number. `None` when the
/// policy's asks for more than the document has.
pub fn write_heading(rules: &TextRules, id: &DocumentId) -> Option<String> {
    match &rules.heading {
        Some(pattern) => pattern.render(&id.values()),
        None => Some(id.to_string()),
    }
}
