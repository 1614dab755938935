//! Whose key is it, and does the root that must certify it do so?

use crate::{Certification, DatedPolicy, Judged, Keyring};
use secpack_pack::policy::Signers;
use secpack_pack::{Fingerprint, GroupId, MemberId, Reason, RootId, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Certificates, policy and who vouches for whom: all that is needed to say whose a signature is.
#[derive(Debug)]
pub struct Authority<'a> {
    /// Every certificate of the pack.
    pub keyring: &'a Keyring,
    /// The pack's policy with its dates.
    pub policy: DatedPolicy<'a>,
    groups: BTreeMap<Fingerprint, BTreeSet<GroupId>>,
    standing: BTreeMap<Fingerprint, Result<Option<Certification>, Verdict>>,
}

/// Where the policy itself comes from, which decides how far its key groups are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The reader brought the policy: its key groups say who must be certified.
    Policy,
    /// The policy comes out of the pack: every key that it lets sign must be certified by this
    /// anchor, whatever the policy says.
    Anchor(Fingerprint),
}

impl<'a> Authority<'a> {
    /// `groups` says in which key groups of the policy each certificate lies.
    pub fn new(
        keyring: &'a Keyring,
        policy: DatedPolicy<'a>,
        groups: BTreeMap<Fingerprint, BTreeSet<GroupId>>,
        trust: &Trust,
    ) -> Self {
        let mut authority = Self { keyring, policy, groups, standing: BTreeMap::new() };
        let members = authority.policy.pack().roster().members().iter();
        let pinned = members.flat_map(|member| member.fingerprints.iter());
        let all: BTreeSet<Fingerprint> = pinned.chain(authority.groups.keys()).cloned().collect();
        let standing = all.into_iter().map(|f| (f.clone(), authority.find_standing(&f, trust)));
        authority.standing = standing.collect();
        authority
    }

    /// The member whose key made a good signature.
    ///
    /// `claimed` is the name that the file or tag bears. The verdict is the judged one when that
    /// is not good already, `wrong-member`, `out-of-role` for keys of no member, or
    /// `uncertified-key`.
    pub fn attribute(
        &self,
        judged: &Judged,
        claimed: Option<&MemberId>,
    ) -> Result<MemberId, Verdict> {
        if !judged.verdict.is_good() {
            return Err(judged.verdict.clone());
        }
        let primary = judged.primary.as_ref().ok_or_else(no_signer)?;
        let owner = self.policy.pack().roster().owner_of(primary).map(|member| &member.id);
        match (owner, claimed) {
            (Some(owner), Some(claimed)) if owner != claimed => {
                Err(Verdict::new(Reason::WrongMember, format!("made by {owner}, not by {claimed}")))
            }
            (None, Some(claimed)) if self.is_member(claimed) => Err(Verdict::new(
                Reason::WrongMember,
                format!("made by {primary}, which is no key of {claimed}"),
            )),
            (None, _) => Err(Verdict::new(
                Reason::OutOfRole,
                format!("made by {primary}, a key of the pack that belongs to no member"),
            )),
            (Some(owner), _) => {
                self.certified(primary)?;
                Ok(owner.clone())
            }
        }
    }

    fn is_member(&self, id: &MemberId) -> bool {
        self.policy.pack().roster().members().iter().any(|m| &m.id == id)
    }

    /// The certification that the policy asks for, `None` where it asks for none.
    ///
    /// # Errors
    /// A verdict `uncertified-key`.
    pub fn certified(&self, primary: &Fingerprint) -> Result<Option<&Certification>, Verdict> {
        match self.standing.get(primary) {
            Some(Ok(certification)) => Ok(certification.as_ref()),
            Some(Err(verdict)) => Err(verdict.clone()),
            None => Ok(None),
        }
    }

    /// Whether a certificate counts for a key group: it lies in its files, and it is one of those
    /// that the policy pins. Where it pins none, members' keys never count: whoever can write to
    /// the repository can put any certificate into a file.
    pub fn is_in_group(&self, primary: &Fingerprint, group: &GroupId) -> bool {
        let policy = self.policy.pack();
        let pins = policy.key_groups().iter().find(|g| &g.group == group).map(|g| &g.fingerprints);
        let counts = match pins {
            Some(pins) if !pins.is_empty() => pins.contains(primary),
            Some(_) | None => policy.roster().owner_of(primary).is_none(),
        };
        counts && self.groups.get(primary).is_some_and(|groups| groups.contains(group))
    }

    fn find_standing(
        &self,
        primary: &Fingerprint,
        trust: &Trust,
    ) -> Result<Option<Certification>, Verdict> {
        let mut found = None;
        for root in self.roots_for(primary, trust) {
            found = Some(self.keyring.certification(primary, &root, &self.policy)?);
        }
        Ok(found)
    }

    /// The roots that must certify this certificate.
    fn roots_for(&self, primary: &Fingerprint, trust: &Trust) -> BTreeSet<Fingerprint> {
        let policy = self.policy.pack();
        let is_members = policy.roster().owner_of(primary).is_some();
        let by_group = self.groups.get(primary).into_iter().flatten().filter_map(|group| {
            let group = policy.key_groups().iter().find(|g| &g.group == group)?;
            self.root(group.certified_by.as_ref()?)
        });
        let by_anchor = match trust {
            Trust::Anchor(anchor) if is_members || self.is_asked_to_sign(primary) => {
                Some(anchor.clone())
            }
            Trust::Anchor(_) | Trust::Policy => None,
        };
        by_group.chain(by_anchor).collect()
    }

    /// Whether the policy has documents signed by a key group in which this certificate lies.
    fn is_asked_to_sign(&self, primary: &Fingerprint) -> bool {
        self.policy.pack().requirements().iter().any(|requirement| match &requirement.signers {
            Signers::Group(group) => self.is_in_group(primary, group),
            Signers::All | Signers::Count(_) | Signers::Named(_) | Signers::Nobody => false,
        })
    }

    fn root(&self, id: &RootId) -> Option<Fingerprint> {
        let roots = self.policy.pack().roots();
        roots.iter().find(|root| &root.id == id).map(|root| root.fingerprint.clone())
    }
}

fn no_signer() -> Verdict {
    Verdict::new(Reason::UnknownKey, "no key is known for it")
}
