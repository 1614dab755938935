//! A canary as a program sees it: a read-only view over the text of any era.
//!
//! Fields are found by what they are, not by the sentence around them: wording changes over the
//! years, a date or a fingerprint does not. What an era lacks is `None` or empty.

mod notices;
mod proof;
mod statements;

pub(crate) use notices::replaced;
pub(crate) use proof::is_headline;
pub use proof::{Proof, ProofBlock, ProofSource};
pub use statements::Statement;

use crate::{Error, Window};
use chrono::NaiveDate;
use secpack_pack::Fingerprint;
use secpack_pack::plaintext::{Layout, MAX_BYTES, Section, find_date, lines};
use serde::Serialize;

/// A canary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Canary<'t> {
    /// The first line that is not blank, without indentation.
    pub heading: &'t str,
    /// The last number in the heading.
    pub number: Option<u32>,
    /// The date of issue.
    pub date: Option<NaiveDate>,
    /// How many bulletins it says there are.
    pub count: Option<u32>,
    /// The fingerprint that it states.
    pub fingerprint: Option<Fingerprint>,
    /// When it says the next one comes.
    pub window: Option<Window>,
    /// Whether it says that no other follows: in words, and without a next window.
    pub last: bool,
    /// The number of the canary that its announcements say it replaces.
    pub replaces: Option<u32>,
    /// The numbered statements.
    pub statements: Vec<Statement<'t>>,
    /// The text of the announcements, blank lines around it left out.
    pub announcements: Option<&'t str>,
    /// The proof of freshness.
    pub proof: Proof<'t>,
    /// Sections, with their headings and line ranges.
    pub sections: Vec<Section<'t>>,
    #[serde(skip)]
    pub(crate) layout: Layout<'t>,
}

impl<'t> Canary<'t> {
    /// Reads a canary.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 1 MiB, [`Error::NoHeading`] when there is no
    /// line before the first section.
    pub fn parse(text: &'t str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLarge(text.len()));
        }
        let layout = Layout::of(text);
        let heading = layout.heading().ok_or(Error::NoHeading)?.text;
        let statements = statements::statements(&layout);
        let proof = layout.section_about(&["freshness"]).map(proof::proof).unwrap_or_default();
        let announcements = layout.section_about(&["announcement"]).map(|s| s.body.trim());
        let window = statements.iter().find_map(|statement| Window::find(statement.text));
        let prose = statements.iter().map(|statement| statement.text).chain(announcements);
        let last = window.is_none() && prose.into_iter().any(notices::ends);
        Ok(Self {
            heading,
            number: layout.number(),
            date: statements.iter().find_map(|statement| find_date(statement.text)),
            count: statements.iter().find_map(statements::count),
            fingerprint: statements.iter().find_map(statements::fingerprint),
            window,
            last,
            replaces: announcements.and_then(notices::replaced),
            announcements,
            statements,
            proof,
            sections: layout.sections.clone(),
            layout,
        })
    }

    /// The bytes that were read.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.layout.to_text().into_bytes()
    }

    /// Whether something was announced: there is a text, and it is not `None.`
    pub fn announces(&self) -> bool {
        let nothing = |text: &str| text.is_empty() || text.trim_end_matches('.') == "None";
        self.announcements.is_some_and(|text| !nothing(text))
    }

    /// How many lines stand after the last section; part of what a draft must not change.
    pub(crate) fn footer_lines(&self) -> usize {
        lines(self.layout.footer).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{CANARY, day};
    use proptest::prelude::*;

    #[test]
    fn the_sample_in_full() {
        let view = Canary::parse(CANARY).expect("a view");
        assert_eq!(
            (view.number, view.date, view.count),
            (Some(7), Some(day("2024-12-03")), Some(12))
        );
        let fingerprint = view.fingerprint.as_ref().map(Fingerprint::as_str);
        assert_eq!(fingerprint, Some("00112233445566778899AABBCCDDEEFF00112233"));
        let window = view.window.map(|window| window.to_string());
        assert_eq!(window.as_deref(), Some("first fourteen days of March 2025"));
        let numbers: Vec<u32> = view.statements.iter().map(|s| s.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert_eq!((view.announcements, view.announces()), (Some("None."), false));
        assert_eq!(view.to_bytes(), CANARY.as_bytes());
    }

    #[test]
    fn what_is_no_canary() {
        assert!(matches!(Canary::parse("\n"), Err(Error::NoHeading)));
        let bare = Canary::parse("hello").expect("a view");
        assert!(bare.statements.is_empty() && bare.date.is_none() && !bare.announces());
    }

    #[test]
    fn only_a_canary_without_a_window_is_the_last() {
        let said = CANARY.replace("None.", "This is the last canary that Ann signs.");
        assert!(!Canary::parse(&said).expect("a view").last);
        let window = "The next canary is planned for the first fourteen days of March\n   2025.";
        let ended = CANARY.replace(window, "This is the last canary.");
        let view = Canary::parse(&ended).expect("a view");
        assert!(view.last && view.window.is_none());
        let silent = CANARY.replace(window, "We say nothing.");
        assert!(!Canary::parse(&silent).expect("a view").last);
    }

    proptest! {
        #[test]
        fn any_text_prints_back(text in "(?s)([A-Za-z0-9 .$-]|\n|1\\. |Source: |Proof of freshness\n-----\n)*") {
            if let Ok(view) = Canary::parse(&text) {
                prop_assert_eq!(view.to_bytes(), text.into_bytes());
            }
        }
    }
}
