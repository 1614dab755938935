//! Everything that can go wrong while a canary is drafted or read.

use secpack_pack::plaintext::{TemplateError, ValueError};

/// Why there is no draft, no view or no proof.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value may not enter a draft.
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
    /// Not a window such as `first fourteen days` or `first two weeks of March 2025`.
    #[error("\"{0}\" is not a window such as \"first fourteen days of March 2025\"")]
    Window(String),
    /// A value made the rendered text another document than the template describes.
    #[error(
        "the rendered canary does not read back as it was meant: {0}; look for a headline or an announcement that looks like a heading, a statement or a source"
    )]
    Structure(String),
    /// The evidence is not JSON of the schema that this version reads.
    #[error("the proof of freshness cannot be read: {0}")]
    Freshness(String),
    /// It is no RSS or Atom feed that is read.
    #[error("it is no feed that is read: {0}")]
    Feed(String),
    /// A block hash is not 64 lower-case hex digits.
    #[error("\"{0}\" is not the hash of a block (64 lower-case hex digits)")]
    BlockHash(String),
    /// A block header does not bear out its hash.
    #[error("the block header proves nothing: {0}")]
    BlockHeader(&'static str),
    /// The text has more than 1 MiB.
    #[error("the text has {0} bytes; at most 1 MiB is read")]
    TooLarge(usize),
    /// There is no line before the first section.
    #[error("the text has no heading")]
    NoHeading,
}
