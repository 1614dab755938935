//! Branches: which of them readers clone, and where documents wait for signatures.

use super::{Contradiction, Policy, check::at};
use crate::{DocumentId, Pattern, Values};
use serde::Deserialize;

/// Which branches are published, and how branches of signing events are named.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branches {
    /// What readers clone: nothing incomplete may get there.
    #[serde(default = "published")]
    pub published: Vec<String>,
    /// Names of signing events. The first one for which a document has all values is its own;
    /// what any of them fits is a branch of a signing event.
    #[serde(default = "events")]
    pub events: Vec<Pattern>,
}

fn published() -> Vec<String> {
    ["main", "master"].map(str::to_owned).to_vec()
}

fn events() -> Vec<Pattern> {
    let patterns = ["sign/{series}-{number:3}", "sign/{series}-{name}", "sign/{series}"];
    patterns.map(|pattern| pattern.parse().expect("a valid pattern")).to_vec()
}

impl Default for Branches {
    fn default() -> Self {
        Self { published: published(), events: events() }
    }
}

impl Policy {
    /// The branch on which a document waits for signatures, without `refs/heads/`; `None` when no
    /// pattern can name it.
    pub fn event_branch(&self, id: &DocumentId) -> Option<String> {
        let values = Values { series: Some(id.series.as_str().to_owned()), ..id.values() };
        self.branches().events.iter().find_map(|pattern| pattern.render(&values))
    }

    /// Whether a branch is one of a signing event, by its name.
    pub fn is_event_branch(&self, branch: &str) -> bool {
        self.branches().events.iter().any(|pattern| pattern.matches(branch).is_some())
    }

    /// Whether readers clone this branch.
    pub fn is_published(&self, branch: &str) -> bool {
        self.branches().published.iter().any(|name| name == branch)
    }
}

/// Two documents must not share a branch by accident, and no event is published.
pub(super) fn contradictions(policy: &Policy) -> Vec<Contradiction> {
    let place = "[branches]";
    let mut found = Vec::new();
    if policy.branches().published.is_empty() {
        found.push(at(place, "published names no branch"));
    }
    for pattern in &policy.branches().events {
        if !pattern.has_series() || !pattern.as_str().contains('/') {
            let why = "needs {series}, and a folder before it such as sign/";
            found.push(at(place, format!("events: {pattern} {why}")));
        }
    }
    for branch in policy.branches().published.iter().filter(|name| policy.is_event_branch(name)) {
        let shown = crate::escape(branch);
        found.push(at(place, format!("{shown} is published and fits a pattern of events")));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{DocumentId, Policy, PolicyError};

    const POLICY: &str = r#"
schema = "secpack/policy/1"
version = 1
name = "Test"
[[series]]
id = "note"
kind = "statement"
paths = ["n/{name}.txt", "n/{number:3}-{year}.txt"]
signatures = ["{document}.sig.{member}"]
"#;

    fn note(number: Option<u32>, name: Option<&str>) -> DocumentId {
        let series = "note".parse().expect("a name");
        DocumentId { series, number, year: None, quarter: None, name: name.map(str::to_owned) }
    }

    #[test]
    fn a_document_has_one_branch() {
        let policy = Policy::parse(POLICY).expect("valid");
        let branch = |id: DocumentId| policy.event_branch(&id).expect("named");
        assert_eq!(branch(note(Some(7), None)), "sign/note-007");
        assert_eq!(branch(note(None, Some("btc"))), "sign/note-btc");
        assert_eq!(branch(note(None, None)), "sign/note");
        for name in ["sign/note-007", "sign/note-btc", "sign/note"] {
            assert!(policy.is_event_branch(name) && !policy.is_published(name), "{name}");
        }
        assert!(policy.is_published("main") && !policy.is_event_branch("main"));
        assert!(!policy.is_event_branch("signing"));
    }

    #[test]
    fn contradictions_are_named() {
        for (table, says) in [
            ("published = []", "names no branch"),
            ("events = [\"sign/{number}\"]", "needs {series}"),
            ("events = [\"{series}-{number}\"]", "a folder before it"),
            ("published = [\"sign/note-1\"]", "fits a pattern of events"),
        ] {
            let error = Policy::parse(&format!("{POLICY}[branches]\n{table}\n"));
            let Err(PolicyError::Contradictions(found)) = error else { panic!("{table} accepted") };
            assert!(found.len() == 1 && found[0].text.contains(says), "{found:?}");
        }
    }
}
