//! How tags are named and worded, and whether HEAD is tagged or signed itself.

use super::people::People;
use super::seen::{Evidence, SeenTag};
use super::tag_names::TagName;
use chrono::{DateTime, Utc};
use secpack_pack::ObjectId;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The `[tags]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TagsFound {
    /// Newest first, with how many tags are named so.
    pub patterns: Vec<(String, usize)>,
    pub message: Option<String>,
    pub head: u32,
    pub required: bool,
    /// Tags whose names follow no form.
    pub odd: Vec<String>,
    pub tags: usize,
    pub commits: usize,
}

pub(super) fn find(
    tags: &[(SeenTag, Option<TagName>)],
    people: &People,
    commits: &[(ObjectId, Evidence)],
    head: Option<ObjectId>,
) -> TagsFound {
    let by_member = |evidence: &Evidence| people.owner(&evidence.key).is_some();
    let is_good = |tag: &SeenTag| tag.evidence.as_ref().is_some_and(by_member);
    let good: Vec<&(SeenTag, Option<TagName>)> =
        tags.iter().filter(|(tag, _)| is_good(tag)).collect();
    let on_head = good.iter().any(|(tag, _)| Some(tag.commit) == head);
    let newest = commits.first();
    let signed_head = newest.is_some_and(|(id, e)| Some(*id) == head && by_member(e));
    TagsFound {
        patterns: patterns(tags),
        message: message(&good),
        head: u32::from(on_head),
        required: good.is_empty() && signed_head,
        odd: tags.iter().filter(|(_, n)| n.is_none()).map(|(tag, _)| tag.name.clone()).collect(),
        tags: tags.len(),
        commits: commits.len(),
    }
}

/// The pattern of the newest tag first: it names new ones.
fn patterns(tags: &[(SeenTag, Option<TagName>)]) -> Vec<(String, usize)> {
    let mut found: BTreeMap<&str, (Option<DateTime<Utc>>, usize)> = BTreeMap::new();
    for (tag, name) in tags {
        let Some(name) = name else { continue };
        let entry = found.entry(&name.pattern).or_default();
        entry.0 = entry.0.max(tag.evidence.as_ref().map(|evidence| evidence.made));
        entry.1 += 1;
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(pattern, (newest, count))| (Reverse(*newest), Reverse(*count), *pattern));
    found.into_iter().map(|(pattern, (_, count))| (pattern.to_owned(), count)).collect()
}

/// The commonest wording of the newest tags, the commit's id replaced.
fn message(good: &[&(SeenTag, Option<TagName>)]) -> Option<String> {
    const NEWEST: usize = 50;
    let mut newest: Vec<&SeenTag> = good.iter().map(|(tag, _)| tag).collect();
    newest.sort_by_key(|tag| (Reverse(tag.evidence.as_ref().map(|e| e.made)), &tag.name));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for tag in newest.into_iter().take(NEWEST) {
        let text = tag.message.trim_end();
        let worded = text.replace(&tag.commit.to_string(), "{commit}");
        if worded != text && worded.len() <= 200 && worded.lines().count() == 1 {
            *counts.entry(worded).or_default() += 1;
        }
    }
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(text, _)| text)
}
