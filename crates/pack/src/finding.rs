//! Something that was found out and that a person should know.

use sha2::{Digest, Sha256};
use std::fmt;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Fails the run unless the policy accepts it by id.
    Error,
    /// Worth reading; does not fail the run.
    Warning,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Error => "error",
            Level::Warning => "warning",
        })
    }
}

/// One finding of a rule at a place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Stable name of this finding over these very bytes; see [`finding_id`].
    pub id: String,
    /// The name of the rule, or the reason code of the verdict.
    pub rule: String,
    /// Its weight.
    pub level: Level,
    /// A path inside the pack or a git ref; empty when it concerns the whole pack.
    pub path: String,
    /// Line in the file, counted from 1.
    pub line: Option<u32>,
    /// What was found, in one line.
    pub text: String,
    /// What to do about it; a command where there is one.
    pub help: String,
    /// Whether the policy accepts it by id.
    pub accepted: bool,
}

impl Finding {
    /// A finding whose id covers the rule, the place and `evidence`: the bytes it speaks of, such
    /// as object ids, so that an accepted id never covers other content later.
    pub fn new(
        rule: &str,
        level: Level,
        path: &str,
        evidence: &[&[u8]],
        text: impl Into<String>,
    ) -> Self {
        Self {
            id: finding_id(rule, path, evidence),
            rule: rule.to_owned(),
            level,
            path: path.to_owned(),
            line: None,
            text: text.into(),
            help: String::new(),
            accepted: false,
        }
    }

    /// The same finding with a line number, counted from 1.
    pub fn at_line(self, line: u32) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same finding with what to do about it.
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }
}

/// `RULE:PATH:DIGEST`, where DIGEST is 24 hex digits (96 bits) of SHA-256 over rule, path and
/// evidence, each preceded by its length.
pub fn finding_id(rule: &str, path: &str, evidence: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in [rule.as_bytes(), path.as_bytes()].iter().chain(evidence) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest: String = hasher.finalize().iter().take(12).map(|b| format!("{b:02x}")).collect();
    format!("{rule}:{path}:{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_covers_every_part() {
        let id = |rule, path, evidence: &[&[u8]]| finding_id(rule, path, evidence);
        let first = id("stale", "a", &[b"x", b"y"]);
        assert!(first.starts_with("stale:a:") && first.len() == "stale:a:".len() + 24);
        assert_eq!(first, id("stale", "a", &[b"x", b"y"]));
        for other in [
            id("bad", "a", &[b"x", b"y"]),
            id("stale", "b", &[b"x", b"y"]),
            id("stale", "a", &[b"xy", b""]),
            id("stale", "a", &[b"xy"]),
        ] {
            assert_ne!(first, other);
        }
    }
}
