//! Do the signatures suffice? The only counter of signatures in the workspace.

use crate::JudgedSignature;
use secpack_pack::policy::Need;
use secpack_pack::{MemberId, Reason, Verdict};
use std::collections::BTreeSet;

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Everyone who must sign did, and nothing beside it is wrong.
    Complete,
    /// Somebody has not signed yet.
    Incomplete,
    /// Some signature beside it is not good.
    Broken,
}

impl State {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Complete => "complete",
            State::Incomplete => "incomplete",
            State::Broken => "broken",
        }
    }
}

/// The signatures of one document, counted.
#[derive(Debug, Clone)]
pub struct Tally {
    /// What the policy asks for.
    pub need: Need,
    /// Distinct members with a good signature.
    pub signed: BTreeSet<MemberId>,
    /// Members who must sign and have no good signature.
    pub short_of: Vec<MemberId>,
    /// Every signature file, the second one of a person marked `duplicate`.
    pub signatures: Vec<JudgedSignature>,
    /// Where the document stands.
    pub state: State,
}

impl Tally {
    /// Signature files that are not good.
    pub fn broken(&self) -> impl Iterator<Item = &JudgedSignature> {
        self.signatures.iter().filter(|s| !s.judged.verdict.is_good())
    }

    /// Members who must sign and of whom there is no file at all, not even a bad one.
    pub fn without_file(&self) -> impl Iterator<Item = &MemberId> {
        let has_file = |member: &MemberId| self.broken().any(|s| s.member.as_ref() == Some(member));
        self.short_of.iter().filter(move |member| !has_file(member))
    }

    /// Whether the document counts as authentic.
    pub fn is_met(&self) -> bool {
        self.state == State::Complete
    }

    /// The members of whom a signature is asked, whoever signed already.
    pub fn required(&self) -> Vec<MemberId> {
        match &self.need {
            Need::Each(members) => members.clone(),
            Need::AtLeast { of, .. } => of.clone(),
            Need::Group(_) | Need::Nobody(_) => Vec::new(),
        }
    }
}

/// Counts distinct people. A person counts once, however many files bear a signature of theirs;
/// nobody at all never suffices.
pub fn tally(need: Need, mut signatures: Vec<JudgedSignature>) -> Tally {
    mark_duplicates(&mut signatures);
    let good = || signatures.iter().filter(|s| s.judged.verdict.is_good());
    let signed: BTreeSet<MemberId> = good().filter_map(|s| s.member.clone()).collect();
    let short_of = short_of(&need, &signed);
    let met = match &need {
        Need::Each(members) => !members.is_empty() && short_of.is_empty(),
        Need::AtLeast { count, of } => {
            let counted = of.iter().filter(|m| signed.contains(*m)).count() as u64;
            *count > 0 && counted >= u64::from(*count)
        }
        Need::Group(_) => good().any(|s| s.member.is_none()),
        Need::Nobody(_) => true,
    };
    let broken = signatures.iter().any(|s| breaks(&need, s));
    let state = match (broken, met) {
        (true, _) => State::Broken,
        (false, true) => State::Complete,
        (false, false) => State::Incomplete,
    };
    Tally { need, signed, short_of, signatures, state }
}

/// Whether one signature spoils the document. A document that needs none may be unsigned; a
/// clearsigned place without any signature is merely not signed yet.
fn breaks(need: &Need, signature: &JudgedSignature) -> bool {
    match (&signature.judged.verdict.reason, need) {
        (Reason::Good, _) | (Reason::Missing, _) => false,
        (_, Need::Nobody(_) | Need::Each(_) | Need::AtLeast { .. } | Need::Group(_)) => true,
    }
}

fn short_of(need: &Need, signed: &BTreeSet<MemberId>) -> Vec<MemberId> {
    let missing = |members: &[MemberId]| -> Vec<MemberId> {
        members.iter().filter(|member| !signed.contains(*member)).cloned().collect()
    };
    match need {
        Need::Each(members) => missing(members),
        Need::AtLeast { count, of } => {
            let counted = of.iter().filter(|m| signed.contains(*m)).count() as u64;
            if counted >= u64::from(*count) { Vec::new() } else { missing(of) }
        }
        Need::Group(_) | Need::Nobody(_) => Vec::new(),
    }
}

fn mark_duplicates(signatures: &mut [JudgedSignature]) {
    let mut seen: BTreeSet<MemberId> = BTreeSet::new();
    for signature in signatures.iter_mut().filter(|s| s.judged.verdict.is_good()) {
        let Some(member) = &signature.member else { continue };
        if !seen.insert(member.clone()) {
            let text = format!("a second signature of {member} over the same document");
            signature.judged.verdict = Verdict::new(Reason::Duplicate, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secpack_openpgp::Judged;

    fn member(name: &str) -> MemberId {
        name.parse().expect("valid name")
    }

    fn signature(name: &str, path: &str, reason: Reason) -> JudgedSignature {
        JudgedSignature {
            path: path.parse().expect("valid path"),
            member: Some(member(name)),
            judged: Judged::refused(Verdict::new(reason, "")),
        }
    }

    fn good(name: &str) -> JudgedSignature {
        signature(name, &format!("d.sig.{name}"), Reason::Good)
    }

    fn each(names: &[&str]) -> Need {
        Need::Each(names.iter().map(|n| member(n)).collect())
    }

    fn check(need: Need, signatures: Vec<JudgedSignature>, state: State, short_of: &[&str]) {
        let tally = tally(need, signatures);
        let short: Vec<&str> = tally.short_of.iter().map(|m| m.as_str()).collect();
        assert_eq!((tally.state, short.as_slice()), (state, short_of));
    }

    #[test]
    fn each_must_sign() {
        check(each(&["ann", "ben"]), vec![good("ann"), good("ben")], State::Complete, &[]);
        check(each(&["ann", "ben"]), vec![good("ann")], State::Incomplete, &["ben"]);
        check(each(&["ann"]), vec![], State::Incomplete, &["ann"]);
    }

    #[test]
    fn nobody_never_suffices() {
        check(each(&[]), vec![], State::Incomplete, &[]);
        check(each(&[]), vec![good("ann")], State::Incomplete, &[]);
        check(Need::AtLeast { count: 0, of: vec![member("ann")] }, vec![], State::Incomplete, &[]);
    }

    #[test]
    fn a_person_counts_once() {
        let need = Need::AtLeast { count: 2, of: vec![member("ann"), member("ben")] };
        let twice = vec![good("ann"), signature("ann", "d.sign.ann", Reason::Good)];
        check(need, twice, State::Broken, &["ben"]);
    }

    #[test]
    fn outsiders_do_not_count_and_bad_ones_spoil() {
        let need = Need::AtLeast { count: 1, of: vec![member("ann")] };
        check(need, vec![good("eve")], State::Incomplete, &["ann"]);
        let spoiled = vec![good("ann"), signature("ben", "d.sig.ben", Reason::Bad)];
        check(each(&["ann"]), spoiled, State::Broken, &[]);
    }
}
