//! Contradictions that make a policy unusable: named all at once, each with its place.

use super::{Contradiction, Form, Policy, Requirement, Roster, SeriesKind, Signers};
use crate::{MemberId, NumberSet, SeriesId};
use std::collections::BTreeMap;

pub(super) fn contradictions(policy: &Policy) -> Vec<Contradiction> {
    let rules: [fn(&Policy) -> Vec<Contradiction>; 9] = [
        members_are_distinct,
        keys_have_one_owner,
        roles_name_what_exists,
        series_are_usable,
        requirements_can_be_met,
        requirements_do_not_overlap,
        references_resolve,
        super::branches::contradictions,
        super::embargo::contradictions,
    ];
    rules.iter().flat_map(|rule| rule(policy)).collect()
}

pub(super) fn at(place: impl Into<String>, text: impl Into<String>) -> Contradiction {
    Contradiction { place: place.into(), text: text.into() }
}

fn members_are_distinct(policy: &Policy) -> Vec<Contradiction> {
    let mut seen: BTreeMap<&MemberId, &MemberId> = BTreeMap::new();
    let mut found = Vec::new();
    for member in policy.roster().members() {
        for name in std::iter::once(&member.id).chain(&member.aliases) {
            if let Some(other) = seen.insert(name, &member.id) {
                found.push(at(
                    format!("[[member]] {}", member.id),
                    format!("the name \"{name}\" belongs to \"{other}\" already"),
                ));
            }
        }
    }
    found
}

fn keys_have_one_owner(policy: &Policy) -> Vec<Contradiction> {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    let mut found = Vec::new();
    let members = policy.roster().members().iter();
    let member_keys = members.flat_map(|member| {
        member.fingerprints.iter().map(move |f| (f, format!("member \"{}\"", member.id)))
    });
    let root_keys = policy.roots().iter().map(|r| (&r.fingerprint, format!("root \"{}\"", r.id)));
    for (fingerprint, owner) in member_keys.chain(root_keys) {
        if let Some(other) = seen.insert(fingerprint.as_str(), owner.clone()) {
            found.push(at(owner, format!("the key {fingerprint} belongs to {other} already")));
        }
    }
    for member in policy.roster().members().iter().filter(|m| m.fingerprints.is_empty()) {
        found.push(at(format!("[[member]] {}", member.id), "has no fingerprint"));
    }
    found
}

fn roles_name_what_exists(policy: &Policy) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (index, role) in policy.roster().roles().iter().enumerate() {
        let place = format!("[[role]] {}", index + 1);
        if !policy.roster().members().iter().any(|m| m.id == role.member) {
            found.push(at(&place, format!("no [[member]] has the id \"{}\"", role.member)));
        }
        for series in &role.signs {
            if series.as_str() != Roster::TAG && policy.find_series(series).is_none() {
                found.push(at(&place, format!("no [[series]] has the id \"{series}\"")));
            }
        }
        if let (Some(from), Some(until)) = (role.from, role.until)
            && from > until
        {
            found.push(at(&place, format!("from {from} is after until {until}")));
        }
    }
    found
}

fn series_are_usable(policy: &Policy) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut seen: Vec<&SeriesId> = Vec::new();
    for series in policy.series() {
        let place = format!("[[series]] {}", series.id);
        if seen.contains(&&series.id) || series.id.as_str() == Roster::TAG {
            found.push(at(&place, "the id is taken already"));
        }
        seen.push(&series.id);
        if series.paths.is_empty() {
            found.push(at(&place, "paths is empty"));
        }
        let numbered = matches!(series.kind, SeriesKind::Bulletin | SeriesKind::Canary);
        if numbered && !series.paths.iter().all(|p| p.has_number()) {
            found.push(at(&place, "every path of bulletins and canaries needs {number}"));
        }
        if series.paths.iter().chain(&series.label).any(|p| p.has_series()) {
            found.push(at(&place, "{series} is a placeholder for [branches] only"));
        }
        if series.form != Form::Clearsigned && series.signatures.is_empty() {
            found.push(at(&place, "signatures is empty, and the form is not \"clearsigned\""));
        }
        for pattern in &series.signatures {
            if !pattern.as_str().starts_with("{document}") {
                found.push(at(
                    &place,
                    format!("signatures: {pattern} does not start with {{document}}"),
                ));
            }
        }
    }
    found
}

fn requirements_can_be_met(policy: &Policy) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (index, requirement) in policy.requirements().iter().enumerate() {
        let place = format!("[[require]] {}", index + 1);
        if policy.find_series(&requirement.series).is_none() {
            found.push(at(&place, format!("no [[series]] has the id \"{}\"", requirement.series)));
        }
        found.extend(signers_exist(policy, requirement).map(|text| at(&place, text)));
    }
    found
}

fn signers_exist(policy: &Policy, requirement: &Requirement) -> Option<String> {
    let known = |member: &MemberId| policy.roster().members().iter().any(|m| &m.id == member);
    let in_role = || {
        let roles = policy.roster().roles().iter();
        let mut members: Vec<&MemberId> =
            roles.filter(|r| r.is_for(&requirement.series)).map(|r| &r.member).collect();
        members.sort();
        members.dedup();
        members.len() as u64
    };
    match &requirement.signers {
        Signers::Count(count) if u64::from(*count) > in_role() => {
            Some(format!("{count} signatures are asked of {} members with that role", in_role()))
        }
        Signers::Named(members) if members.is_empty() => Some("names nobody".to_owned()),
        Signers::Named(members) => members
            .iter()
            .find(|member| !known(member))
            .map(|member| format!("no [[member]] has the id \"{member}\"")),
        Signers::Group(group) if !policy.key_groups().iter().any(|g| &g.group == group) => {
            Some(format!("no [[keys]] has the group \"{group}\""))
        }
        Signers::Nobody if requirement.reason.is_none() => {
            Some("signers = \"none\" needs a reason".to_owned())
        }
        Signers::All | Signers::Count(_) | Signers::Group(_) | Signers::Nobody => None,
    }
}

/// Plain requirements must not overlap each other, nor exceptions each other.
fn requirements_do_not_overlap(policy: &Policy) -> Vec<Contradiction> {
    let all = policy.requirements();
    let mut found = Vec::new();
    for (index, first) in all.iter().enumerate() {
        for (offset, second) in all.iter().enumerate().skip(index + 1) {
            let same_kind = first.reason.is_some() == second.reason.is_some();
            if first.series == second.series && same_kind && share_documents(first, second) {
                found.push(at(
                    format!("[[require]] {}", offset + 1),
                    format!("speaks of the same documents as [[require]] {}", index + 1),
                ));
            }
        }
    }
    found
}

fn share_documents(first: &Requirement, second: &Requirement) -> bool {
    let numbers = |r: &Requirement| r.numbers.clone().unwrap_or_else(NumberSet::all);
    let names_meet = match (&first.names, &second.names) {
        (Some(a), Some(b)) => a.iter().any(|name| b.contains(name)),
        (None, _) | (_, None) => true,
    };
    numbers(first).overlaps(&numbers(second)) && names_meet
}

fn references_resolve(policy: &Policy) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let root = |id: &crate::RootId| policy.roots().iter().any(|r| &r.id == id);
    for group in policy.key_groups() {
        if let Some(id) = group.certified_by.as_ref().filter(|id| !root(id)) {
            found.push(at(
                format!("[[keys]] {}", group.group),
                format!("no [[root]] has the id \"{id}\""),
            ));
        }
    }
    for rules in policy.canary_rules() {
        let place = format!("[[canary]] {}", rules.series);
        for series in std::iter::once(&rules.series).chain(&rules.counts) {
            if policy.find_series(series).is_none() {
                found.push(at(&place, format!("no [[series]] has the id \"{series}\"")));
            }
        }
        if let Some(id) = rules.fingerprint.as_ref().filter(|id| !root(id)) {
            found.push(at(&place, format!("no [[root]] has the id \"{id}\"")));
        }
    }
    for rules in policy.text_rules() {
        if policy.find_series(&rules.series).is_none() {
            found.push(at("[[text]]", format!("no [[series]] has the id \"{}\"", rules.series)));
        }
    }
    let members = u32::try_from(policy.roster().members().len()).unwrap_or(u32::MAX);
    if policy.tags().head > members {
        found.push(at(
            "[tags]",
            format!("head = {} is more than there are members", policy.tags().head),
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{Policy, PolicyError};

    const VALID: &str = r#"
schema = "secpack/policy/1"
version = 1
name = "Test"
[[root]]
id = "master"
fingerprint = "00112233445566778899AABBCCDDEEFF00112233"
[[keys]]
group = "members"
paths = ["keys/*.asc"]
certified_by = "master"
[[member]]
id = "ann"
fingerprints = ["11112233445566778899AABBCCDDEEFF00112233"]
[[member]]
id = "ben"
fingerprints = ["22222233445566778899AABBCCDDEEFF00112233"]
[[role]]
member = "ann"
signs = ["note", "tag"]
[[role]]
member = "ben"
signs = ["note"]
[[series]]
id = "note"
kind = "statement"
paths = ["n/{name}.txt"]
signatures = ["{document}.sig.{member}"]
[[require]]
series = "note"
signers = 2
[tags]
head = 1
"#;

    /// One mutation of the valid policy, and what the one contradiction says.
    fn check(from: &str, to: &str, place: &str, says: &str) {
        let text = VALID.replacen(from, to, 1);
        assert_ne!(text, VALID, "{from} is not in the sample");
        match Policy::parse(&text) {
            Err(PolicyError::Contradictions(found)) => {
                let [one] = found.as_slice() else { panic!("{found:?}") };
                assert_eq!(one.place, place, "{one}");
                assert!(one.text.contains(says), "{one}");
            }
            other => panic!("{from} -> {to}: {other:?}"),
        }
    }

    #[test]
    fn the_sample_is_valid() {
        assert!(Policy::parse(VALID).is_ok());
    }

    #[test]
    fn each_contradiction_is_named() {
        check(
            "id = \"ben\"",
            "id = \"ben\"\naliases = [\"ann\"]",
            "[[member]] ben",
            "belongs to \"ann\"",
        );
        check("222222", "111122", "member \"ben\"", "belongs to member \"ann\"");
        check("222222", "001122", "root \"master\"", "belongs to member \"ben\"");
        check(
            "fingerprints = [\"2222",
            "fingerprints = []#[\"2222",
            "[[member]] ben",
            "no fingerprint",
        );
        check(
            "member = \"ben\"",
            "member = \"ben\"\nfrom = 2026-02-01\nuntil = 2026-01-01",
            "[[role]] 2",
            "is after until",
        );
        check(
            "signs = [\"note\", \"tag\"]",
            "signs = [\"note\", \"tag\", \"x\"]",
            "[[role]] 1",
            "\"x\"",
        );
        check("signers = 2", "signers = 3", "[[require]] 1", "3 signatures are asked of 2 members");
        check("signers = 2", "signers = []", "[[require]] 1", "names nobody");
        check("signers = 2", "signers = [\"eve\"]", "[[require]] 1", "\"eve\"");
        check("signers = 2", "signers = \"none\"", "[[require]] 1", "needs a reason");
        check("signers = 2", "signers = { group = \"x\" }", "[[require]] 1", "group \"x\"");
        check("certified_by = \"master\"", "certified_by = \"x\"", "[[keys]] members", "\"x\"");
        check("n/{name}.txt", "n/{series}-{name}.txt", "[[series]] note", "for [branches] only");
        check("head = 1", "head = 3", "[tags]", "more than there are members");
        check("paths = [\"n/{name}.txt\"]", "paths = []", "[[series]] note", "paths is empty");
        check(
            "{document}.sig",
            "x{document}.sig",
            "[[series]] note",
            "does not start with {document}",
        );
    }

    #[test]
    fn ranges_must_not_overlap_unless_one_is_an_exception() {
        let second = |extra: &str| {
            format!(
                "signers = 2\nnumbers = \"1-9\"\n[[require]]\nseries = \"note\"\nsigners = 1\nnumbers = \"9-\"{extra}"
            )
        };
        check("signers = 2", &second(""), "[[require]] 2", "same documents as [[require]] 1");
        let exception = VALID.replacen("signers = 2", &second("\nreason = \"why\""), 1);
        assert!(Policy::parse(&exception).is_ok());
    }

    #[test]
    fn thresholds_that_accept_anything_are_refused() {
        for bad in ["signers = 0", "signers = -1", "signers = \"some\"", "signers = 1.5"] {
            let text = VALID.replacen("signers = 2", bad, 1);
            assert!(matches!(Policy::parse(&text), Err(PolicyError::Syntax(_))), "{bad}");
        }
    }

    #[test]
    fn unknown_keys_name_line_and_key() {
        let text = VALID.replacen("kind = ", "knd = ", 1);
        let Err(PolicyError::Syntax(message)) = Policy::parse(&text) else { panic!("accepted") };
        assert!(message.contains("knd") && message.contains("line"), "{message}");
    }
}
