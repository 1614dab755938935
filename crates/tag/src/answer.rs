//! Taking in a tag that was signed elsewhere: judged as one that was signed here.

use crate::request::{MAX_TAG, as_built};
use crate::{JudgedTag, TagPlan, judge_tag, plan};
use secpack_git::raw_tag::{self, RawTag};
use secpack_git::{TagObject, TagRef};
use secpack_openpgp::{Authority, refuse_fresh};
use secpack_pack::{Reason, Verdict, escape};

/// Room for a signature behind the tag.
const MAX_ANSWER: usize = 2 * MAX_TAG;

/// What becomes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagAnswer {
    /// Good and new: to be stored.
    Take(TagPlan),
    /// The very same tag, or another good one of its name, is there already.
    Known(TagPlan),
}

/// Whether bytes can be a tag object at all: nothing else that is collected begins so.
pub fn is_tag_object(bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(b"object ").unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count() >= 40
}

/// Judges a whole tag object that came as an answer, beside the tags that are there.
///
/// # Errors
/// The verdict, when it is not good, not the tag that this policy names, or its name is taken by
/// one that is not good.
pub fn judge_answer(
    authority: &Authority<'_>,
    existing: &[TagRef],
    raw: &[u8],
) -> Result<TagAnswer, Verdict> {
    let malformed = |text: String| Verdict::new(Reason::Malformed, text);
    if raw.len() > MAX_ANSWER {
        return Err(malformed("the tag is larger than 64 KiB".to_owned()));
    }
    let inside = raw_tag::parse(raw).map_err(|error| malformed(error.to_string()))?;
    let judged = judge(authority, &inside, raw);
    if !judged.judged.verdict.is_good() {
        return Err(judged.judged.verdict);
    }
    if let Some(primary) = &judged.judged.primary {
        refuse_fresh(&judged.judged, primary)?;
    }
    let planned = as_planned(authority, &judged, &inside)?;
    let Some(there) = existing.iter().find(|tag| tag.name == planned.name) else {
        return Ok(TagAnswer::Take(planned));
    };
    let verdict = judge_tag(authority, there).judged.verdict;
    if verdict.is_good() {
        return Ok(TagAnswer::Known(planned));
    }
    let name = escape(&planned.name);
    let text = format!("a tag {name} stands there already ({})", verdict.reason);
    Err(Verdict::new(Reason::Duplicate, text))
}

fn judge(authority: &Authority<'_>, inside: &RawTag<'_>, raw: &[u8]) -> JudgedTag {
    let tag = TagRef {
        name: inside.name.to_owned(),
        target: inside.object,
        object: TagObject::Raw(raw.to_vec()),
    };
    judge_tag(authority, &tag)
}

/// The tag that the policy names for this member and commit, which the answer must be.
fn as_planned(
    authority: &Authority<'_>,
    judged: &JudgedTag,
    inside: &RawTag<'_>,
) -> Result<TagPlan, Verdict> {
    let other = |text: String| Verdict::new(Reason::NameMismatch, text);
    let member = judged.member.as_ref();
    let member = member.ok_or_else(|| other("it is nobody's".to_owned()))?;
    let planned = plan(authority.policy.pack(), member, inside.object)
        .map_err(|error| other(error.to_string()))?;
    if planned.name != inside.name {
        let wanted = escape(&planned.name);
        return Err(other(format!("a tag by {member} of that commit is named {wanted}")));
    }
    let built = as_built(inside).map(|(_, message)| message);
    let wanted = raw_tag::message(&planned.message);
    if built.as_deref() != Some(&*wanted) {
        let text = "it is not worded as the policy says".to_owned();
        return Err(Verdict::new(Reason::Malformed, text));
    }
    Ok(planned)
}
