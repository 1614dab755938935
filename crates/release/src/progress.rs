//! Who signed, who did not, and since when: per document and member, computed from Git each time.

use crate::event::{self, Draft, Event, EventError, State};
use crate::standing::{Places, Stage, Standing, next_commands};
use chrono::{DateTime, Utc};
use secpack_git::Repository;
use secpack_openpgp::Authority;
use secpack_pack::{
    Document, MemberId, ObjectId, Pack, PackPath, Policy, Reason, Verdict, shell_word,
};
use secpack_signing::Tally;
use std::collections::{BTreeMap, BTreeSet};

/// How far a document is, and what it waits for.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The document.
    pub document: Document,
    /// The text, as a blob.
    pub text: Option<ObjectId>,
    /// Where it stands.
    pub standing: Standing,
    /// Whether it lies in the work tree; else it is judged where its signing event has it.
    pub is_here: bool,
    /// When a commit first had this text, by its committer's clock; `None` when none has it.
    pub since: Option<DateTime<Utc>>,
    /// Its signing event; `None` when there never was one.
    pub event: Option<Event>,
    /// Everyone who must sign or did, sorted by name.
    pub members: Vec<Share>,
    /// What to type next, in this order.
    pub next: Vec<String>,
}

/// One member's share.
#[derive(Debug, Clone)]
pub struct Share {
    /// Who.
    pub member: MemberId,
    /// `good`, `missing`, or why the signature that is there does not count.
    pub verdict: Verdict,
    /// The signature file, when there is one.
    pub path: Option<PackPath>,
    /// For a good signature when it was made; for what is missing or not good the time since which
    /// it is awaited: when the text of today first appeared.
    pub since: Option<DateTime<Utc>>,
}

/// Progress of these documents of the work tree, and, with `All`, of those that only lie on
/// branches of signing events.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// Every document.
    All,
    /// This one.
    One(&'a Document),
}

/// Computes it.
///
/// # Errors
/// [`EventError`] when the repository cannot be read.
pub fn progress(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    asked: Asked<'_>,
) -> Result<Vec<Progress>, EventError> {
    let drafts = event::drafts(repository, &pack.policy)?;
    let places = Places::new(repository, authority, pack)?;
    let mut found = Vec::new();
    let here: Vec<&Document> = match asked {
        Asked::All => pack.documents.values().collect(),
        Asked::One(one) => pack.documents.get(&one.path).into_iter().collect(),
    };
    for document in here {
        let standing = places.of(document)?;
        let text = pack.file(&document.path).map(|file| file.id);
        found.push(Progress::new(document.clone(), text, standing, true));
    }
    let is_asked = |draft: &&Draft| match asked {
        Asked::All => true,
        Asked::One(one) => one.path == draft.document.path,
    };
    for draft in drafts.iter().filter(is_asked) {
        if pack.documents.contains_key(&draft.document.path) {
            continue;
        }
        if let Some(tally) =
            event::tally_at(repository, authority, draft.commit, &draft.document.path)?
        {
            let standing = Standing { stage: stage_of(&tally), tally, uncommitted: Vec::new() };
            let text = repository.blob_at(draft.commit, &draft.document.path)?;
            found.push(Progress::new(draft.document.clone(), text, standing, false));
        }
    }
    let appeared = appeared(repository, &found)?;
    let events = event::list(repository, authority)?;
    for one in &mut found {
        one.since = appeared.get(&one.document.path).copied();
        let branch = pack.policy.event_branch(&one.document.id);
        one.event = events.iter().find(|event| Some(&event.branch) == branch.as_ref()).cloned();
        one.members = shares(&one.standing.tally, one.since);
        one.next = next(repository, &pack.policy, one)?;
    }
    found.sort_by(|a, b| a.document.path.cmp(&b.document.path));
    Ok(found)
}

impl Progress {
    fn new(document: Document, text: Option<ObjectId>, standing: Standing, is_here: bool) -> Self {
        let (members, next) = (Vec::new(), Vec::new());
        Self { document, text, standing, is_here, since: None, event: None, members, next }
    }
}

fn stage_of(tally: &Tally) -> Stage {
    match tally.state {
        secpack_signing::State::Broken => Stage::Broken,
        secpack_signing::State::Complete => Stage::Signed,
        secpack_signing::State::Incomplete if tally.signed.is_empty() => Stage::Draft,
        secpack_signing::State::Incomplete => Stage::Signing,
    }
}

/// When the text that each unfinished document has now first appeared in any commit.
fn appeared(
    repository: &Repository,
    found: &[Progress],
) -> Result<BTreeMap<PackPath, DateTime<Utc>>, EventError> {
    let open = found.iter().filter(|one| one.standing.stage != Stage::Tagged);
    let texts: BTreeMap<&PackPath, ObjectId> =
        open.filter_map(|one| Some((&one.document.path, one.text?))).collect();
    let mut times = BTreeMap::new();
    if texts.is_empty() {
        return Ok(times);
    }
    let mut tips = secpack_audit::tips(repository.head()?, &repository.tags()?);
    tips.extend(repository.branches()?);
    let tips: Vec<ObjectId> = tips.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    for version in repository.blob_versions(&tips, &|path| texts.contains_key(path))? {
        if texts.get(&version.path) == Some(&version.id) {
            let time = repository.commit(version.commit)?.committer_time;
            let first = times.entry(version.path).or_insert(time);
            *first = time.min(*first);
        }
    }
    Ok(times)
}

fn shares(tally: &Tally, appeared: Option<DateTime<Utc>>) -> Vec<Share> {
    let mut shares: BTreeMap<MemberId, Share> = BTreeMap::new();
    for member in tally.required() {
        let verdict = Verdict::new(Reason::Missing, "");
        let share = Share { member: member.clone(), verdict, path: None, since: appeared };
        shares.insert(member, share);
    }
    for signature in &tally.signatures {
        let Some(member) = &signature.member else { continue };
        let is_good = signature.judged.verdict.is_good();
        let since = if is_good { signature.judged.made } else { appeared };
        let known = shares.get(member).is_some_and(|share| share.verdict.is_good());
        if !known {
            let (verdict, path) = (signature.judged.verdict.clone(), Some(signature.path.clone()));
            shares.insert(member.clone(), Share { member: member.clone(), verdict, path, since });
        }
    }
    shares.into_values().collect()
}

/// What to type: first what brings this work tree and the event together, then the signatures.
fn next(
    repository: &Repository,
    policy: &Policy,
    one: &Progress,
) -> Result<Vec<String>, EventError> {
    let path = shell_word(one.document.path.as_str());
    let open = one.event.as_ref().and_then(|event| match &event.state {
        State::Open(open) => Some((event, open)),
        State::Never | State::Ended(_) => None,
    });
    if !one.is_here {
        let branch = open.map(|(event, _)| shell_word(&event.branch));
        return Ok(branch.map(|branch| format!("git checkout {branch}")).into_iter().collect());
    }
    let mut next = Vec::new();
    if let Some((_, open)) = open.filter(|_| one.standing.stage != Stage::Tagged) {
        let shown = shell_word(&open.shown);
        let theirs = open.text.filter(|text| one.text != Some(*text));
        match theirs {
            Some(_) if is_older(repository, one, open.tip)? => {
                next.push(format!("git checkout {shown} -- {path}"));
            }
            Some(_) => next.push(format!("secpack event open {path}")),
            None if has_more(one, open.tally.as_ref()) => {
                next.push(format!("secpack collect {shown}"));
            }
            None => {}
        }
    }
    next.extend(next_commands(policy, &one.document, &one.standing));
    if open.is_some() && one.standing.stage == Stage::Tagged {
        next.push(format!("secpack event close {path}"));
    }
    Ok(next)
}

/// Whether the text here is one that the branch had before.
fn is_older(repository: &Repository, one: &Progress, tip: ObjectId) -> Result<bool, EventError> {
    let path = &one.document.path;
    let versions = repository.blob_versions(&[tip], &|candidate| candidate == path)?;
    Ok(versions.iter().any(|version| one.text == Some(version.id)))
}

/// Whether somebody signed on the branch whose signature is not good here.
fn has_more(one: &Progress, there: Option<&Tally>) -> bool {
    there.is_some_and(|there| !there.signed.is_subset(&one.standing.tally.signed))
}
