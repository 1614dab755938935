//! What changed since a reader looked last, and what a reader should know today: facts, each in
//! one line. What they mean is for people to say.

use super::present::Title;
use super::{Memory, Present};
use crate::report::{CanaryReport, CanaryState};
use chrono::{DateTime, Days, Utc};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{ObjectId, PackPath, escape};
use serde::Serialize;
use std::sync::Arc;

/// How long before a key expires it is spoken of, in days.
const EXPIRY_DAYS: u64 = 60;
/// How much of a line of a statement is shown, in characters.
const SHOWN: usize = 80;

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// A stable word: `bulletin`, `canary`, `document`, `signature`, `revised`, `statement`,
    /// `policy`, `tagger`, `due`, `overdue` or `expiring`.
    pub kind: &'static str,
    /// Where it lies; empty when it concerns the whole pack.
    pub path: String,
    /// One line for people, untrusted parts escaped.
    pub text: String,
}

/// The bytes of a blob, if they can be had.
pub type ReadBlob<'a> = &'a dyn Fn(ObjectId) -> Option<Arc<[u8]>>;

/// What is there now and was not, or was otherwise, when the reader looked last.
pub fn changes(seen: &Memory, present: &Present, read: ReadBlob<'_>) -> Vec<Change> {
    let mut found: Vec<Change> = present
        .titles
        .iter()
        .filter_map(|(path, title)| document(seen, present, read, path, title))
        .collect();
    found.extend(signatures(seen, present));
    found.extend(policy(seen, present));
    let taggers = present.memory.taggers.difference(&seen.taggers);
    found.extend(taggers.map(|member| change("tagger", "", format!("first tag by {member}"))));
    found
}

/// What a reader should know today, changed or not: canaries that are due, keys that expire.
pub fn standing(present: &Present, canaries: &[CanaryReport], now: DateTime<Utc>) -> Vec<Change> {
    let soon = now + Days::new(EXPIRY_DAYS);
    let expiring = present.expiring.iter().filter(|key| now < key.expires && key.expires <= soon);
    let key = |key: &super::present::Expiring| {
        let days = (key.expires - now).num_days();
        let day = key.expires.date_naive();
        let text =
            format!("key of {} expires on {day}, in {days} days: {}", key.owner, key.fingerprint);
        change("expiring", "", text)
    };
    canaries.iter().filter_map(canary).chain(expiring.map(key)).collect()
}

fn canary(canary: &CanaryReport) -> Option<Change> {
    let due = canary.due?;
    let newest = canary.name();
    match canary.state {
        CanaryState::Early | CanaryState::Unscheduled | CanaryState::Ended => None,
        CanaryState::Open => {
            let text = format!("canary due: the one after {newest} is due by {due}");
            Some(change("due", canary.path.as_str(), text))
        }
        CanaryState::Overdue => {
            let days = canary.days_overdue.unwrap_or_default();
            let text = format!(
                "canary overdue since {days} days: the one after {newest} was due by {due}"
            );
            Some(change("overdue", canary.path.as_str(), text))
        }
    }
}

fn document(
    seen: &Memory,
    present: &Present,
    read: ReadBlob<'_>,
    path: &PackPath,
    title: &Title,
) -> Option<Change> {
    let now = *present.memory.documents.get(path)?;
    let Some(before) = seen.documents.get(path) else { return Some(new(path, title)) };
    let same_digest = || seen.statements.get(path) == present.memory.statements.get(path);
    match title.kind {
        // A digest of our own: a statement must not change by a collision in git's hash.
        SeriesKind::Statement if *before == now && same_digest() => None,
        SeriesKind::Statement => Some(statement(path, read(*before), read(now))),
        // Said with its versions, by [`policy`].
        SeriesKind::Policy => None,
        SeriesKind::Bulletin | SeriesKind::Canary | SeriesKind::Digest if *before == now => None,
        SeriesKind::Bulletin | SeriesKind::Canary | SeriesKind::Digest => {
            let text = format!("revised: {} ({path})", escape(&title.label));
            Some(change("revised", path.as_str(), text))
        }
    }
}

fn new(path: &PackPath, title: &Title) -> Change {
    let (kind, noun) = match title.kind {
        SeriesKind::Bulletin => ("bulletin", "bulletin"),
        SeriesKind::Canary => ("canary", "canary"),
        SeriesKind::Digest => ("document", "digest file"),
        SeriesKind::Policy => ("document", "policy"),
        SeriesKind::Statement => ("document", "statement"),
    };
    let date = title.date.map(|date| format!(" of {date}")).unwrap_or_default();
    let text = format!("new {noun}: {}{date} ({path})", escape(&title.label));
    change(kind, path.as_str(), text)
}

/// The first line that differs, old and new: in a long statement the address is what counts.
fn statement(path: &PackPath, before: Option<Arc<[u8]>>, now: Option<Arc<[u8]>>) -> Change {
    let text = |bytes: Option<Arc<[u8]>>| match bytes {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => "(not to be had)".to_owned(),
    };
    let (before, now) = (text(before), text(now));
    let (mut old, mut new) = (before.lines(), now.lines());
    let (old, new) = loop {
        match (old.next(), new.next()) {
            (None, None) => break ("", ""),
            (one, two) if one != two => break (one.unwrap_or(""), two.unwrap_or("")),
            (Some(_), Some(_)) | (Some(_), None) | (None, Some(_)) => {}
        }
    };
    let text = format!("statement changed: {path}: was \"{}\", is \"{}\"", shown(old), shown(new));
    change("statement", path.as_str(), text)
}

fn shown(line: &str) -> String {
    escape(&line.chars().take(SHOWN).collect::<String>())
}

/// Signatures that are new beside documents that were there; a new document speaks for its own.
fn signatures(seen: &Memory, present: &Present) -> Vec<Change> {
    let known = present.signers.iter().filter(|(path, (document, _))| {
        let moved = || present.memory.signatures.get(*path).is_some_and(|blob| seen.has(*blob));
        let text = |memory: &Memory| memory.documents.get(document).copied();
        let same_text = text(seen).is_some() && text(seen) == text(&present.memory);
        same_text && !seen.signatures.contains_key(*path) && !moved()
    });
    let by = |(path, (_, member)): (&PackPath, &(PackPath, Option<secpack_pack::MemberId>))| {
        let by = member.as_ref().map(|member| format!(" by {member}")).unwrap_or_default();
        change("signature", path.as_str(), format!("new signature{by}: {path}"))
    };
    known.map(by).collect()
}

fn policy(seen: &Memory, present: &Present) -> Option<Change> {
    let (before, now) = (seen.policy.as_ref()?, present.memory.policy.as_ref()?);
    if before == now {
        return None;
    }
    let text = format!("policy: version {} became version {}", before.version, now.version);
    Some(change("policy", secpack_pack::policy::FILE, text))
}

fn change(kind: &'static str, path: &str, text: String) -> Change {
    Change { kind, path: path.to_owned(), text }
}

impl Memory {
    /// Whether some good signature file had this content.
    fn has(&self, blob: ObjectId) -> bool {
        self.signatures.values().any(|seen| *seen == blob)
    }
}
