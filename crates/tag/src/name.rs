//! What a tag's name says, and whether that is true.

use secpack_pack::{MemberId, ObjectId, Policy};

/// Why a tag's name does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameFault {
    /// The ref bears another name than the tag object inside.
    Ref {
        /// The name inside the object, escaped.
        inside: String,
    },
    /// No pattern of the policy fits.
    Pattern,
    /// The hex digits are not those of the commit it points to.
    Commit,
}

impl std::fmt::Display for NameFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NameFault::Ref { inside } => write!(f, "the tag inside is named {inside}"),
            NameFault::Pattern => f.write_str("its name fits no tag pattern of the policy"),
            NameFault::Commit => {
                f.write_str("the hex digits in its name are not those of its commit")
            }
        }
    }
}

/// The member that a tag's name claims; `None` where its name claims nobody the policy knows.
///
/// # Errors
/// [`NameFault`], when the outside, the inside and the commit do not agree.
pub fn check_name(
    policy: &Policy,
    ref_name: &str,
    inside: &str,
    commit: &ObjectId,
) -> Result<Option<MemberId>, NameFault> {
    if ref_name != inside {
        return Err(NameFault::Ref { inside: secpack_pack::escape(inside) });
    }
    let found = policy.tags().patterns.iter().find_map(|pattern| pattern.matches(ref_name));
    let found = found.ok_or(NameFault::Pattern)?;
    if found.commit.is_some_and(|hex| !commit.to_string().starts_with(&hex)) {
        return Err(NameFault::Commit);
    }
    let member = found.member.as_deref().and_then(|name| policy.roster().named(name));
    Ok(member.map(|member| member.id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        schema = "secpack/policy/1"
        version = 1
        name = "Test"
        [[member]]
        id = "ann"
        aliases = ["a"]
        fingerprints = ["00112233445566778899AABBCCDDEEFF00112233"]
        [[series]]
        id = "note"
        kind = "statement"
        paths = ["n/{name}.txt"]
        signatures = ["{document}.sig.{member}"]
        [tags]
        patterns = ["{member}_sec_{commit:8}", "{member}_{commit:8}"]
    "#;

    fn check(ref_name: &str, inside: &str) -> Result<Option<String>, NameFault> {
        let policy = Policy::parse(POLICY).expect("valid policy");
        let commit = "0123456789012345678901234567890123456789".parse().expect("valid id");
        check_name(&policy, ref_name, inside, &commit).map(|m| m.map(|m| m.to_string()))
    }

    #[test]
    fn outside_inside_and_commit_must_agree() {
        let same = |name: &str| check(name, name);
        assert_eq!(same("ann_sec_01234567"), Ok(Some("ann".to_owned())));
        assert_eq!(same("a_01234567"), Ok(Some("ann".to_owned())));
        assert_eq!(same("eve_01234567"), Ok(None));
        assert_eq!(same("ann_sec_01234568"), Err(NameFault::Commit));
        assert_eq!(same("v1"), Err(NameFault::Pattern));
        let other = check("v1", "ann_sec_01234567");
        assert_eq!(other, Err(NameFault::Ref { inside: "ann_sec_01234567".to_owned() }));
    }
}
