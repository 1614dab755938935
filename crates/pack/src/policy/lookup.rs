//! Questions to a policy: who must sign, which rules apply, what is accepted.

use super::{CanaryRules, HashUse, Policy, Requirement, Series, SeriesKind, Signers, TextRules};
use crate::{DocumentId, GroupId, MemberId, NumberSet};
use chrono::NaiveDate;

/// Who must sign one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Each of these members.
    Each(Vec<MemberId>),
    /// At least `count` distinct members of these.
    AtLeast {
        /// At least one.
        count: u32,
        /// Who may.
        of: Vec<MemberId>,
    },
    /// One key of a group.
    Group(GroupId),
    /// Nobody, for the reason given.
    Nobody(String),
}

impl Policy {
    /// Who must sign this document. `day` is the document's date where it is known; roles with
    /// dates are judged by it.
    pub fn need(&self, id: &DocumentId, day: Option<NaiveDate>) -> Need {
        let matching = |exception: bool| {
            self.requirements().iter().find(|r| r.reason.is_some() == exception && r.covers(id))
        };
        let in_role = || self.roster().signers_of(id, day);
        match matching(true).or_else(|| matching(false)) {
            None => Need::Each(in_role()),
            Some(requirement) => match &requirement.signers {
                Signers::All => Need::Each(in_role()),
                Signers::Count(count) => Need::AtLeast { count: *count, of: in_role() },
                Signers::Named(members) => Need::Each(members.clone()),
                Signers::Group(group) => Need::Group(group.clone()),
                Signers::Nobody => Need::Nobody(requirement.reason.clone().unwrap_or_default()),
            },
        }
    }

    /// The text rules for this document, if any.
    pub fn text_rules_for(&self, id: &DocumentId) -> Option<&TextRules> {
        self.text_rules()
            .iter()
            .find(|rules| rules.series == id.series && covers(rules.numbers.as_ref(), id.number))
    }

    /// The canary rules for this document, if any.
    pub fn canary_rules_for(&self, id: &DocumentId) -> Option<&CanaryRules> {
        self.canary_rules()
            .iter()
            .find(|rules| rules.series == id.series && covers(rules.numbers.as_ref(), id.number))
    }

    /// The first series of a kind.
    pub fn series_of_kind(&self, kind: SeriesKind) -> Option<&Series> {
        self.series().iter().find(|series| series.kind == kind)
    }

    /// Why a hash that is weak today counts for this use on this day, if it does.
    pub fn hash_reason(&self, algorithm: &str, used: HashUse, day: NaiveDate) -> Option<&str> {
        self.hash_rules()
            .iter()
            .find(|rule| {
                rule.algorithm.eq_ignore_ascii_case(algorithm)
                    && rule.uses.contains(&used)
                    && day <= rule.until
            })
            .map(|rule| rule.reason.as_str())
    }

    /// Why this finding is accepted, if it is.
    pub fn accepts(&self, finding_id: &str) -> Option<&str> {
        self.accepted()
            .iter()
            .find(|accepted| accepted.ids.iter().any(|id| id == finding_id))
            .map(|accepted| accepted.reason.as_str())
    }
}

impl Requirement {
    fn covers(&self, id: &DocumentId) -> bool {
        let name_fits = match (&self.names, &id.name) {
            (None, _) => true,
            (Some(names), Some(name)) => names.contains(name),
            (Some(_), None) => false,
        };
        self.series == id.series && covers(self.numbers.as_ref(), id.number) && name_fits
    }
}

fn covers(numbers: Option<&NumberSet>, number: Option<u32>) -> bool {
    match (numbers, number) {
        (None, _) => true,
        (Some(set), Some(number)) => set.contains(number),
        (Some(_), None) => false,
    }
}
