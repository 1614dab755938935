//! `secpack.toml`: who must sign what, with what, since when.
//!
//! [`Policy::parse`] reads the file strictly and refuses contradictions; afterwards only typed
//! values travel. Every key is documented in docs/pack-format.md.

mod branches;
mod check;
pub mod edit;
mod embargo;
mod file;
mod lookup;
mod roster;
mod series;
mod texts;
mod written;

pub use branches::Branches;
pub use embargo::{Embargo, Recipient, RecipientKey, RecipientKeyError, Said, SealedForm, Track};
pub use file::{
    Accepted, CommitSignatures, Form, HashRule, HashUse, KeyGroup, Member, Refreshed, Requirement,
    Role, Root, Series, SeriesKind, Signers, Tags, Validity,
};
pub use lookup::Need;
pub use roster::Roster;
pub use series::EVIDENCE;
pub use texts::{BlockApi, CanaryRules, FreshnessSource, Section, TextRules, Upstream};

use std::fmt;

/// The schema that this version reads and writes.
pub const SCHEMA: &str = "secpack/policy/1";

/// Where a pack keeps its policy.
pub const FILE: &str = "secpack.toml";

/// A policy that was read strictly and holds no contradiction.
#[derive(Debug, Clone)]
pub struct Policy {
    file: file::PolicyFile,
    roster: Roster,
}

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, an unknown or missing key, or a value of the wrong form. Names line and column.
    #[error("{0}")]
    Syntax(String),
    /// Another schema than [`SCHEMA`].
    #[error("schema = \"{0}\" is not known here; this version reads \"{SCHEMA}\"")]
    Schema(String),
    /// Every key is well formed, but together they contradict each other.
    #[error("{}", list(.0))]
    Contradictions(Vec<Contradiction>),
}

/// One contradiction inside a policy: the key and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The table or key, for example `[[require]] 2`.
    pub place: String,
    /// What is wrong, in one line.
    pub text: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

fn list(contradictions: &[Contradiction]) -> String {
    contradictions.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Policy {
    /// Reads a policy from the text of `secpack.toml`.
    ///
    /// # Errors
    /// [`PolicyError::Syntax`] with line and column for unknown keys and malformed values,
    /// [`PolicyError::Schema`], and [`PolicyError::Contradictions`] with all of them at once.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: file::PolicyFile = toml::from_str(text)
            .map_err(|error| PolicyError::Syntax(error.to_string().trim_end().to_owned()))?;
        if file.schema != SCHEMA {
            return Err(PolicyError::Schema(crate::escape(&file.schema)));
        }
        let roster = Roster::new(file.member.clone(), file.role.clone());
        let policy = Self { file, roster };
        let contradictions = check::contradictions(&policy);
        if contradictions.is_empty() {
            Ok(policy)
        } else {
            Err(PolicyError::Contradictions(contradictions))
        }
    }

    /// The name of the pack, for people.
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// The version of the policy; it only goes up.
    pub fn version(&self) -> u32 {
        self.file.version
    }

    /// The members and their roles.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Every series, in the order of the file.
    pub fn series(&self) -> &[Series] {
        &self.file.series
    }

    /// Roots, in the order of the file.
    pub fn roots(&self) -> &[Root] {
        &self.file.root
    }

    /// Key groups, in the order of the file.
    pub fn key_groups(&self) -> &[KeyGroup] {
        &self.file.keys
    }

    /// Requirements as written, exceptions included.
    pub fn requirements(&self) -> &[Requirement] {
        &self.file.require
    }

    /// Dated rules for weak hashes.
    pub fn hash_rules(&self) -> &[HashRule] {
        &self.file.hash
    }

    /// How validity is judged.
    pub fn validity(&self) -> &Validity {
        &self.file.validity
    }

    /// How tags are named, worded and counted.
    pub fn tags(&self) -> &Tags {
        &self.file.tags
    }

    /// Which branches are published, and how branches of signing events are named.
    pub fn branches(&self) -> &Branches {
        &self.file.branches
    }

    /// Accepted old findings.
    pub fn accepted(&self) -> &[Accepted] {
        &self.file.accepted
    }

    /// Text rules, in the order of the file.
    pub fn text_rules(&self) -> &[TextRules] {
        &self.file.text
    }

    /// Where the advisory with this id is published, where the policy says so.
    pub fn advisory_url(&self, id: &str) -> Option<String> {
        self.file.upstream.iter().find_map(|upstream| {
            let number = upstream.id.matches(id)?.number;
            upstream.url.render(&crate::Values { number, ..crate::Values::default() })
        })
    }

    /// Rules for canaries, in the order of the file.
    pub fn canary_rules(&self) -> &[CanaryRules] {
        &self.file.canary
    }
}
