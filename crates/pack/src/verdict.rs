//! What one signature is worth.

use std::fmt;

/// The stable reason code of a verdict. Codes may be added; none changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Right key, right text, right time, right role.
    Good,
    /// Right key, but the text changed since.
    Stale,
    /// No candidate key verifies it over this text or any earlier one.
    Bad,
    /// Required and not there.
    Missing,
    /// Made by the key of another member than the one named.
    WrongMember,
    /// The signer had no such role at that number or date.
    OutOfRole,
    /// No certificate in the pack, now or in its history, made it.
    UnknownKey,
    /// The root that must certify the signer's key does not.
    UncertifiedKey,
    /// The key had expired when the signature was made.
    Expired,
    /// Made before its key existed, or dated in the future.
    NotYetValid,
    /// The key is revoked.
    Revoked,
    /// The hash algorithm does not count for a signature of this date.
    WeakHash,
    /// Not a signature of the type asked for, or of a key that may not sign.
    WrongType,
    /// Not exactly one signature packet, or a structure that is refused.
    Malformed,
    /// Verifies, but is not written the one way it must be written.
    NotCanonical,
    /// A second signature that claims the place of the first.
    Duplicate,
    /// The name on the outside differs from the name inside.
    NameMismatch,
    /// Older than what this reader has seen before.
    RolledBack,
    /// Due and not there in time.
    Overdue,
    /// The bytes could not be read: an object or a link target is missing.
    Unreadable,
}

impl Reason {
    /// Every code, in the order of the documentation.
    pub const ALL: [Reason; 20] = [
        Reason::Good,
        Reason::Stale,
        Reason::Bad,
        Reason::Missing,
        Reason::WrongMember,
        Reason::OutOfRole,
        Reason::UnknownKey,
        Reason::UncertifiedKey,
        Reason::Expired,
        Reason::NotYetValid,
        Reason::Revoked,
        Reason::WeakHash,
        Reason::WrongType,
        Reason::Malformed,
        Reason::NotCanonical,
        Reason::Duplicate,
        Reason::NameMismatch,
        Reason::RolledBack,
        Reason::Overdue,
        Reason::Unreadable,
    ];

    /// The code as it stands in reports, for example `wrong-member`.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Good => "good",
            Reason::Stale => "stale",
            Reason::Bad => "bad",
            Reason::Missing => "missing",
            Reason::WrongMember => "wrong-member",
            Reason::OutOfRole => "out-of-role",
            Reason::UnknownKey => "unknown-key",
            Reason::UncertifiedKey => "uncertified-key",
            Reason::Expired => "expired",
            Reason::NotYetValid => "not-yet-valid",
            Reason::Revoked => "revoked",
            Reason::WeakHash => "weak-hash",
            Reason::WrongType => "wrong-type",
            Reason::Malformed => "malformed",
            Reason::NotCanonical => "not-canonical",
            Reason::Duplicate => "duplicate",
            Reason::NameMismatch => "name-mismatch",
            Reason::RolledBack => "rolled-back",
            Reason::Overdue => "overdue",
            Reason::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// A reason and, in one line for people, what exactly was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The code.
    pub reason: Reason,
    /// One line; empty when the code says it all. Untrusted parts are escaped already.
    pub detail: String,
}

impl Verdict {
    /// The one verdict that counts.
    pub fn good() -> Self {
        Self { reason: Reason::Good, detail: String::new() }
    }

    /// A verdict with its detail.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// Whether the signature counts.
    pub fn is_good(&self) -> bool {
        self.reason == Reason::Good
    }
}
