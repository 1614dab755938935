//! Why raw bytes are refused by the parsers of tags, commits and trees.

/// Why raw bytes are not a well-formed commit, tree or tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// A header line is missing, doubled, out of order or unknown.
    #[error("its header lines are not the expected ones")]
    Header,
    /// A header holds a NUL byte or the blank line after the headers is missing.
    #[error("its header does not end")]
    Unterminated,
    /// An object id is not 40 lower-case hex digits.
    #[error("it holds a broken object id")]
    Id,
    /// The kind of the tagged object is unknown.
    #[error("it tags an unknown kind of object")]
    Kind,
    /// The tag's name is empty, not UTF-8, or has control characters.
    #[error("its name is empty, not UTF-8, or holds control characters")]
    Name,
    /// The tag's name is not that of its ref.
    #[error("its name is not that of its ref")]
    OtherName,
    /// An author, committer or tagger line is not `name <email> seconds zone`.
    #[error("it does not say well-formed who made it and when")]
    Stamp,
    /// A signature that does not end, or ends twice.
    #[error("its signature does not end")]
    SignatureEnd,
    /// Bytes follow the signature.
    #[error("there is text after its signature")]
    AfterSignature,
    /// Signed with something else than a detached OpenPGP signature, or signed twice.
    #[error("it carries a signature of another kind, or several")]
    OtherSignature,
    /// A tree entry that does not parse.
    #[error("it has a broken entry")]
    Entry,
    /// Tree entries out of order, or two of one name.
    #[error("its entries are out of order, or two have one name")]
    Order,
}
