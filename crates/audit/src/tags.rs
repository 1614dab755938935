//! Tags: every ref judged, in parallel.

use crate::report::{HeadReport, TagReport, rfc3339};
use rayon::prelude::*;
use secpack_git::TagRef;
use secpack_openpgp::Authority;
use secpack_pack::{Finding, Level, MemberId, ObjectId};
use secpack_tag::{JudgedTag, judge_tag};
use std::collections::BTreeSet;

pub(crate) fn judge(authority: &Authority<'_>, refs: &[TagRef]) -> Vec<JudgedTag> {
    let mut judged: Vec<JudgedTag> = refs.par_iter().map(|tag| judge_tag(authority, tag)).collect();
    judged.sort_by(|a, b| a.name.cmp(&b.name));
    judged
}

pub(crate) fn report(tag: &JudgedTag) -> TagReport {
    let judged = &tag.judged;
    TagReport {
        name: tag.name.clone(),
        verdict: judged.verdict.reason,
        detail: judged.verdict.detail.clone(),
        member: tag.member.clone(),
        signer: judged.signer.clone(),
        commit: tag.commit,
        made: judged.made.map(rfc3339),
        hash: judged.hash.clone(),
    }
}

pub(crate) fn finding(tag: &JudgedTag) -> Option<Finding> {
    let verdict = &tag.judged.verdict;
    if verdict.is_good() {
        return None;
    }
    let commit = tag.commit.map(|c| c.as_bytes().to_vec()).unwrap_or_default();
    let evidence: [&[u8]; 2] = [tag.object.as_bytes(), &commit];
    Some(
        Finding::new(
            verdict.reason.code(),
            Level::Error,
            &tag.name,
            &evidence,
            verdict.detail.clone(),
        )
        .with_help(format!("see: secpack explain {}", verdict.reason)),
    )
}

/// Who tagged the commit that is judged.
pub(crate) fn head(commit: Option<ObjectId>, tags: &[JudgedTag]) -> HeadReport {
    let on_head = tags.iter().filter(|t| t.judged.verdict.is_good() && t.commit == commit);
    let members: BTreeSet<MemberId> = on_head.filter_map(|t| t.member.clone()).collect();
    HeadReport { commit, tagged_by: members.into_iter().collect(), signature: None }
}
