//! What the memory does to a report. Its findings are added after the policy had its say, so no
//! list of accepted findings covers them.

use super::{Ancestry, Memory, compare, rolled_back};
use crate::report::{
    HeadReport, MemoryReport, MemoryState, PackReport, PolicyReport, Report, Result as Outcome,
    SCHEMA, Summary,
};
use crate::verify::count;
use secpack_pack::{Finding, Level, ObjectId};

impl Report {
    /// Compares with what was seen, and says how the run ends for the memory.
    pub fn recall(&mut self, seen: Option<(&Memory, Ancestry)>) {
        let Some(present) = &self.present else { return };
        let found = seen.map(|(seen, how)| compare(seen, present, how)).unwrap_or_default();
        self.refuse(found);
        let state = match seen {
            _ if !self.is_good() => MemoryState::Refused,
            None => MemoryState::First,
            Some((_, Ancestry::Same)) => MemoryState::Unchanged,
            // All but the first were refused above.
            Some((
                _,
                Ancestry::Newer
                | Ancestry::Older
                | Ancestry::Sibling
                | Ancestry::Unrelated
                | Ancestry::Gone,
            )) => MemoryState::Advanced,
        };
        self.memory = MemoryReport { state, seen_head: seen.map(|(seen, _)| seen.head) };
    }

    /// Findings that fail the run.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.level == Level::Error && !f.accepted)
    }

    fn refuse(&mut self, found: Vec<Finding>) {
        for finding in found {
            let name = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
            };
            count(&mut self.summary.findings, name);
            if finding.level == Level::Error {
                self.result = Outcome::NotGood;
            }
            self.findings.push(finding);
        }
    }

    /// The report of a pack that was rolled back, found before anything else was looked at:
    /// nothing in it is worth judging. `None` when it was not.
    pub fn of_rollback(
        path: String,
        seen: &Memory,
        commit: ObjectId,
        ancestry: Ancestry,
    ) -> Option<Self> {
        let finding = rolled_back(seen.head, commit, ancestry)?;
        let version = seen.policy.as_ref().map(|policy| policy.version).unwrap_or_default();
        let policy = PolicyReport { source: "memory".to_owned(), version, name: seen.pack.clone() };
        let mut report = Self {
            schema: SCHEMA,
            result: Outcome::NotGood,
            pack: PackReport { path, commit: Some(commit), work_tree: false },
            policy,
            anchor: None,
            summary: Summary::default(),
            documents: Vec::new(),
            tags: Vec::new(),
            keys: Vec::new(),
            head: HeadReport { commit: Some(commit), tagged_by: Vec::new(), signature: None },
            canaries: Vec::new(),
            findings: Vec::new(),
            memory: MemoryReport { state: MemoryState::Refused, seen_head: Some(seen.head) },
            present: None,
            history: None,
        };
        report.refuse(vec![finding]);
        Some(report)
    }
}
