//! What a canary states, as values that the program knows or was given.

use crate::{Error, Freshness, Window};
use chrono::NaiveDate;
use secpack_pack::Fingerprint;
use secpack_pack::plaintext::Door;
use secpack_pack::policy::{CanaryRules, TextRules};

/// The facts of one canary. Its number and year come from its `DocumentId`; what is `None` stands
/// as `TODO` in the draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The date of issue.
    pub date: Option<NaiveDate>,
    /// How many bulletins there are on that day.
    pub bulletins: Option<u32>,
    /// The fingerprint of the root.
    pub fingerprint: Option<Fingerprint>,
    /// When the next canary comes.
    pub next: Option<Window>,
    /// Whether none follows; then there is no `next`.
    pub last: bool,
    /// What people call the published canary that this one replaces, for example `Canary-007`.
    pub replaces: Option<String>,
    /// Prose; `None` announces nothing.
    pub announcements: Option<String>,
    /// Prose below the notes: what the announcements cite.
    pub footnotes: Option<String>,
    /// The proof of freshness.
    pub freshness: Option<Freshness>,
}

/// What the policy says of the canaries of a series.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// The name of the pack, as the statements call it.
    pub pack: &'a str,
    /// Heading, sections, width, footer.
    pub text: &'a TextRules,
    /// Statements, dates, schedule.
    pub rules: &'a CanaryRules,
}

impl Facts {
    /// The same facts with blank lines around the announcements gone.
    pub(crate) fn checked(&self) -> Result<Facts, Error> {
        let prose = |field: &str, text: &Option<String>| match text {
            Some(text) => Door::prose(field, text),
            None => Ok(None),
        };
        let announcements = prose("announcements", &self.announcements)?;
        let footnotes = prose("footnotes", &self.footnotes)?;
        Ok(Facts { announcements, footnotes, ..self.clone() })
    }
}
