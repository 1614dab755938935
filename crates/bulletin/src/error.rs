//! Everything that can go wrong while a bulletin is drafted or read.

use secpack_pack::plaintext::{TemplateError, ValueError};

/// Why there is no draft, or no view of a text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value of the facts may not enter a draft.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The template gives no text.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The policy's heading cannot be written for this document, for example without a year.
    #[error("the heading \"{pattern}\" cannot be written for {id}")]
    Heading {
        /// The heading in the policy.
        pattern: String,
        /// The document.
        id: String,
    },
    /// The policy's date form asks for more than a date has.
    #[error("the date form \"{0}\" of the policy does not write a date")]
    DateForm(String),
    /// Two references in the facts have the same key.
    #[error("references: the key \"{0}\" stands twice")]
    ReferenceTwice(String),
    /// The key of a reference is not a word.
    #[error("references: \"{0}\" is not a key; use letters, digits and . _ - only")]
    ReferenceKey(String),
    /// A bulletin is withdrawn once.
    #[error("the text says already that it is withdrawn")]
    Withdrawn,
    /// A package in one line is not of the form.
    #[error("\"{0}\" is not RELEASE/PLACE/NAME/VERSION")]
    PackageLine(String),
    /// A list of upstream advisories is not of the form that is read here.
    #[error("the list of advisories cannot be read: {0}")]
    AdvisoryList(String),
    /// The list does not have the advisory.
    #[error("the list of advisories does not have {0}")]
    NoAdvisory(String),
    /// The text of an advisory lacks what is looked for.
    #[error("the text of the advisory has {0}")]
    AdvisoryText(&'static str),
    /// No suggestion of the template begins like this.
    #[error("no suggestion of the template begins with \"{start}\"; there are: {all}")]
    NoSuggestion {
        /// What `keep` or `drop` says.
        start: String,
        /// How the suggestions begin.
        all: String,
    },
    /// A value made the draft another document than the template describes.
    #[error(
        "the draft does not read back as it was meant: {0}; look for a title, a credit or a quotation that looks like a heading or a list"
    )]
    Structure(String),
    /// The text has more than 1 MiB.
    #[error("the text has {0} bytes; at most 1 MiB is read")]
    TooLarge(usize),
    /// There is no line before the first section.
    #[error("the text has no heading")]
    NoHeading,
}
