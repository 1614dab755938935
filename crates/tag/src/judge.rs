//! What one tag of a repository is worth.

use crate::check_name;
use chrono::{DateTime, Utc};
use secpack_git::raw_tag::{self, RawTag};
use secpack_git::{TagObject, TagRef};
use secpack_openpgp::{Authority, Judged, Over, SignatureKind, parse};
use secpack_pack::policy::HashUse;
use secpack_pack::{MemberId, ObjectId, Reason, Verdict};

/// A tag and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedTag {
    /// The whole ref, for example `refs/tags/ann_sec_0123abcd`.
    pub name: String,
    /// The tag object, or whatever the ref points to.
    pub object: ObjectId,
    /// The commit it is about, when it is about one.
    pub commit: Option<ObjectId>,
    /// The member it counts for when good; otherwise the member its name claims.
    pub member: Option<MemberId>,
    /// Verdict and facts.
    pub judged: Judged,
}

/// Judges one tag: first that it is a signed tag of a commit, then its signature, its name, and
/// whether its maker may tag.
pub fn judge_tag(authority: &Authority<'_>, tag: &TagRef) -> JudgedTag {
    let nothing = |verdict| JudgedTag {
        name: format!("refs/tags/{}", tag.name),
        object: tag.target,
        commit: None,
        member: None,
        judged: Judged::refused(verdict),
    };
    let raw = match &tag.object {
        TagObject::Raw(raw) => raw,
        TagObject::NotATag(what) => {
            let text = format!("it is not an annotated tag of a commit, but {what}");
            return nothing(Verdict::new(Reason::Malformed, text));
        }
    };
    match raw_tag::parse(raw) {
        Ok(inside) if inside.target_kind == "commit" => judge_raw(authority, tag, &inside),
        Ok(inside) => {
            let text =
                format!("it tags a {}, not a commit", secpack_pack::escape(inside.target_kind));
            nothing(Verdict::new(Reason::Malformed, text))
        }
        Err(error) => nothing(Verdict::new(Reason::Malformed, error.to_string())),
    }
}

fn judge_raw(authority: &Authority<'_>, tag: &TagRef, inside: &RawTag<'_>) -> JudgedTag {
    let policy = authority.policy.pack();
    let judged = judge_signature(authority, inside);
    let named = check_name(policy, &tag.name, inside.name, &inside.object);
    let claimed = named.as_ref().ok().cloned().flatten();
    let attributed = if judged.verdict.is_good() {
        named
            .map_err(|fault| Verdict::new(Reason::NameMismatch, fault.to_string()))
            .and_then(|claimed| authority.attribute(&judged, claimed.as_ref()))
            .and_then(|member| in_role(authority, member, judged.made))
    } else {
        Err(judged.verdict.clone())
    };
    let (member, judged) = match attributed {
        Ok(member) => (Some(member), judged),
        Err(verdict) => (claimed, judged.with(verdict)),
    };
    JudgedTag {
        name: format!("refs/tags/{}", tag.name),
        object: tag.target,
        commit: Some(inside.object),
        member,
        judged,
    }
}

fn judge_signature(authority: &Authority<'_>, inside: &RawTag<'_>) -> Judged {
    let Some(armored) = inside.signature else {
        return Judged::refused(Verdict::new(Reason::Missing, "it is not signed"));
    };
    match parse(armored, SignatureKind::Binary) {
        Err(verdict) => Judged::refused(verdict),
        Ok(parsed) => {
            let over = Over { bytes: inside.payload, used: HashUse::Tags };
            secpack_openpgp::judge(authority.keyring, &authority.policy, &parsed, over)
        }
    }
}

fn in_role(
    authority: &Authority<'_>,
    member: MemberId,
    made: Option<DateTime<Utc>>,
) -> Result<MemberId, Verdict> {
    let may = made
        .is_some_and(|made| authority.policy.pack().roster().may_tag(&member, made.date_naive()));
    if may {
        return Ok(member);
    }
    let text = format!("{member} did not make tags at that date (by the policy's roles)");
    Err(Verdict::new(Reason::OutOfRole, text))
}
