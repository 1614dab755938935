//! The members of a team and what each may sign.

use super::{Member, Role};
use crate::{DocumentId, Fingerprint, MemberId, SeriesId};
use chrono::NaiveDate;

/// Members and roles.
#[derive(Debug, Clone)]
pub struct Roster {
    members: Vec<Member>,
    roles: Vec<Role>,
}

impl Roster {
    pub(super) fn new(members: Vec<Member>, roles: Vec<Role>) -> Self {
        Self { members, roles }
    }

    /// Members in the order of the policy.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Roles in the order of the policy.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The member with this id or alias.
    pub fn named(&self, name: &str) -> Option<&Member> {
        self.members
            .iter()
            .find(|m| m.id.as_str() == name || m.aliases.iter().any(|a| a.as_str() == name))
    }

    /// The member to whom this primary key is pinned.
    pub fn owner_of(&self, primary: &Fingerprint) -> Option<&Member> {
        self.members.iter().find(|m| m.fingerprints.contains(primary))
    }

    /// Whether the member may sign this document on this day. Without a day only the number
    /// is looked at.
    pub fn may_sign(&self, member: &MemberId, id: &DocumentId, day: Option<NaiveDate>) -> bool {
        self.roles.iter().any(|role| {
            &role.member == member
                && role.signs.contains(&id.series)
                && role.covers_number(id.number)
                && role.covers_day(day)
        })
    }

    /// Whether the member may make tags on this day.
    pub fn may_tag(&self, member: &MemberId, day: NaiveDate) -> bool {
        self.roles.iter().any(|role| {
            &role.member == member
                && role.signs.iter().any(|s| s.as_str() == Self::TAG)
                && role.covers_day(Some(day))
        })
    }

    /// Members whose role covers this document, in the order of the policy.
    pub fn signers_of(&self, id: &DocumentId, day: Option<NaiveDate>) -> Vec<MemberId> {
        self.members
            .iter()
            .filter(|member| self.may_sign(&member.id, id, day))
            .map(|member| member.id.clone())
            .collect()
    }

    /// The word in `signs` that stands for signed tags.
    pub const TAG: &'static str = "tag";
}

impl Role {
    fn covers_number(&self, number: Option<u32>) -> bool {
        match (&self.numbers, number) {
            (None, _) => true,
            (Some(set), Some(number)) => set.contains(number),
            (Some(_), None) => false,
        }
    }

    fn covers_day(&self, day: Option<NaiveDate>) -> bool {
        let Some(day) = day else { return true };
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether the role speaks of this series.
    pub fn is_for(&self, series: &SeriesId) -> bool {
        self.signs.contains(series)
    }
}
