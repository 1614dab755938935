//! Opening: the draft goes onto the branch, with a commit that touches neither HEAD nor a file.

use super::EventError;
use super::clash;
use super::error::Tree;
use super::place::{Place, Refs, branch_of};
use super::state::pack_at;
use chrono::{DateTime, Utc};
use secpack_audit::tally_of;
use secpack_git::{CommitRequest, Note, RefName, Repository, blob_id};
use secpack_openpgp::Authority;
use secpack_pack::policy::FILE as POLICY_FILE;
use secpack_pack::{
    Content, Document, FileKind, MemberId, ObjectId, Pack, PackPath, Policy, SignatureFile,
};
use secpack_signing::judge_signature;

/// What opening did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The branch is new.
    New,
    /// The branch got a new text or new signatures.
    Updated,
    /// The branch has all of this already.
    Unchanged,
    /// Everyone signed already: there is nothing to wait for, and no branch was made.
    Complete,
}

/// An open event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// The commit it is at; `None` when the document is complete.
    pub tip: Option<ObjectId>,
    /// What was done.
    pub outcome: Outcome,
    /// Members whose signatures over another text were taken off the branch; its history keeps them.
    pub void: Vec<MemberId>,
}

/// A document that waits for signatures, and the evidence of freshness beside it.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The document.
    pub document: &'a Document,
    /// What its evidence file holds; `None` when it has none.
    pub evidence: Option<&'a [u8]>,
}

impl<'a> Offer<'a> {
    /// A document with the evidence that lies beside it in a pack.
    pub fn of(pack: &'a Pack, document: &'a Document) -> Self {
        let file = pack.policy.evidence_path(document).and_then(|path| pack.file(&path));
        let evidence = file.and_then(|file| match (file.kind, &file.content) {
            (FileKind::Regular, Content::Bytes(bytes)) => Some(&**bytes),
            (_, _) => None,
        });
        Self { document, evidence }
    }
}

/// Puts a document, its evidence and the good signatures beside it onto the branch of its event.
/// What is there already is left alone, so it can be done again.
///
/// # Errors
/// [`EventError`]; nothing was changed then.
pub fn open(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    offer: Offer<'_>,
    time: DateTime<Utc>,
) -> Result<Opened, EventError> {
    let document = offer.document;
    let branch = branch_of(&pack.policy, document)?;
    let place = Refs::read(repository)?.place(&branch);
    let tips = place.tips(repository)?;
    let Some(tip) = tips.first().copied() else {
        return begin(repository, authority, pack, offer, &place, time);
    };
    for (path, bytes) in own_files(&pack.policy, offer) {
        refuse_older(repository, &path, bytes, &place, tip)?;
    }
    clash::refuse(repository, pack, document, &place, &tips)?;
    let files = lacking(repository, authority, pack, offer, tip)?;
    let removed = unfit(repository, authority, document, tip, &files)?;
    let void: Vec<MemberId> = removed.iter().filter_map(|file| file.member.clone()).collect();
    let mut removed: Vec<PackPath> = removed.into_iter().map(|file| file.path).collect();
    removed.extend(left_evidence(repository, pack, offer, tip, &files)?);
    let (tip, outcome) = if files.is_empty() && removed.is_empty() {
        must_not_differ(repository, document, &place, &tips)?;
        (tip, Outcome::Unchanged)
    } else {
        must_not_differ(repository, document, &place, &tips)?;
        must_be_newest(repository, &place, &tips)?;
        refuse_elsewhere(repository, &branch)?;
        if place.local.is_none() {
            repository.keep(&RefName::branch(&branch)?, tip)?;
        }
        let message = format!("New for the signing of {}", pack.policy.label_of(&document.id));
        let changed = (&files, &*removed);
        (commit(repository, &branch, tip, changed, &message, time)?, Outcome::Updated)
    };
    Ok(Opened { branch, tip: Some(tip), outcome, void })
}

type Files = Vec<(PackPath, Vec<u8>)>;

/// What a pack begins with: the policy and what is beside it, and keys that are no secret. Whatever
/// else lies in the folder is nobody's to see.
fn parts(pack: &Pack) -> Vec<PackPath> {
    let is_secret = |path: &PackPath| {
        let content = pack.file(path).map(|file| &file.content);
        let Some(Content::Bytes(bytes)) = content else { return false };
        bytes.windows(SECRET.len()).any(|window| window == SECRET)
    };
    let begins = |path: &&PackPath| {
        let of = pack.policy.signature_place(path).map(|(of, _)| of);
        let of = of.as_ref().unwrap_or(path);
        of.as_str() == POLICY_FILE || path.as_str() == ".gitattributes"
    };
    let files = pack.files().map(|file| &file.path).filter(begins);
    files.chain(pack.keys.keys()).filter(|path| !is_secret(path)).cloned().collect()
}

const SECRET: &[u8] = b"PRIVATE KEY";

/// A new branch at HEAD. It always has a commit of its own, so that a branch that is merely where
/// HEAD is does not count as one.
fn begin(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    offer: Offer<'_>,
    place: &Place,
    time: DateTime<Utc>,
) -> Result<Opened, EventError> {
    let document = offer.document;
    let branch = place.branch.clone();
    let head = repository.head()?.ok_or_else(|| EventError::NoCommit(parts(pack)))?;
    if tally_of(repository, authority, pack, document, &[head])?.is_met() {
        return Ok(Opened { branch, tip: None, outcome: Outcome::Complete, void: Vec::new() });
    }
    if let Some(old) = place.local {
        // An ended event keeps all of it.
        refuse_checked_out(repository, &branch)?;
        repository.drop_branch(&branch, old)?;
    }
    let files = lacking(repository, authority, pack, offer, head)?;
    let removed = unfit(repository, authority, document, head, &files)?;
    let void: Vec<MemberId> = removed.iter().filter_map(|file| file.member.clone()).collect();
    let removed: Vec<PackPath> = removed.into_iter().map(|file| file.path).collect();
    let label = pack.policy.label_of(&document.id);
    let message = match place.kept.len() {
        0 => format!("Open the signing of {label}"),
        before => format!("Open the signing of {label} again, after {before} that ended"),
    };
    let name = RefName::branch(&branch)?;
    let tip = if files.is_empty() && removed.is_empty() {
        let author = repository.identity()?;
        let note = Note { parents: &[head], message: &message, author: &author, time };
        let commit = repository.write_note(&note)?;
        repository.keep(&name, commit)?;
        commit
    } else {
        // Only what can be stored gets a branch: the identity is asked for first.
        repository.identity()?;
        repository.keep(&name, head)?;
        commit(repository, &branch, head, (&files, &removed), &message, time)?
    };
    Ok(Opened { branch, tip: Some(tip), outcome: Outcome::New, void })
}

fn commit(
    repository: &Repository,
    branch: &str,
    parent: ObjectId,
    (files, removed): (&Files, &[PackPath]),
    message: &str,
    time: DateTime<Utc>,
) -> Result<ObjectId, EventError> {
    let author = &repository.identity()?;
    let parent = Some(parent);
    let request = CommitRequest { branch, parent, files, removed, message, author, time };
    Ok(repository.commit_files(&request)?)
}

/// The document, its evidence and its good signatures, as far as a commit does not have them. A
/// good signature that it has is never replaced.
fn lacking(
    repository: &Repository,
    authority: &Authority<'_>,
    pack: &Pack,
    offer: Offer<'_>,
    commit: ObjectId,
) -> Result<Files, EventError> {
    let document = offer.document;
    if document.bytes.is_none() {
        return Err(EventError::NoText(document.path.clone()));
    }
    let there = pack_at(repository, &pack.policy, commit, &document.path)?;
    let mut files = Vec::new();
    for (path, bytes) in own_files(&pack.policy, offer) {
        if repository.blob_at(commit, &path)? != Some(blob_id(bytes)?) {
            files.push((path, bytes.to_vec()));
        }
    }
    let is_good = |file| judge_signature(authority, document, file).judged.verdict.is_good();
    for file in pack.signatures_of(&document.path).filter(|file| file.path != document.path) {
        let held = there.signatures.get(&file.path).is_some_and(is_good);
        if let Some(bytes) = file.bytes.as_deref().filter(|_| !held && is_good(file)) {
            files.push((file.path.clone(), bytes.to_vec()));
        }
    }
    Ok(files)
}

/// Evidence on the branch that belongs to the text before this one, when this one brings none.
fn left_evidence(
    repository: &Repository,
    pack: &Pack,
    offer: Offer<'_>,
    tip: ObjectId,
    files: &Files,
) -> Result<Option<PackPath>, EventError> {
    let is_new = files.iter().any(|(path, _)| *path == offer.document.path);
    let path = pack.policy.evidence_path(offer.document);
    let Some(path) = path.filter(|_| is_new && offer.evidence.is_none()) else { return Ok(None) };
    Ok(repository.blob_at(tip, &path)?.map(|_| path))
}

/// What an offer brings besides signatures: its text, and its evidence.
fn own_files<'a>(
    policy: &Policy,
    offer: Offer<'a>,
) -> impl Iterator<Item = (PackPath, &'a [u8])> + use<'a> {
    let text = offer.document.bytes.as_deref();
    let text = text.map(|bytes| (offer.document.path.clone(), bytes));
    text.into_iter().chain(policy.evidence_path(offer.document).zip(offer.evidence))
}

/// Somebody else may have put a newer text or evidence there; an old copy must not undo it.
fn refuse_older(
    repository: &Repository,
    path: &PackPath,
    bytes: &[u8],
    place: &Place,
    tip: ObjectId,
) -> Result<(), EventError> {
    let (ours, now) = (blob_id(bytes)?, repository.blob_at(tip, path)?);
    if now.is_none_or(|now| now == ours) {
        return Ok(());
    }
    let versions = repository.blob_versions(&[tip], &|known| known == path)?;
    match versions.into_iter().find(|version| version.id == ours) {
        Some(version) => {
            let (path, branch) = (path.clone(), place.shown(tip));
            Err(EventError::Older { path, branch, commit: version.commit })
        }
        None => Ok(()),
    }
}

/// A commit here on top of an old state would have to be merged by hand later.
fn must_be_newest(
    repository: &Repository,
    place: &Place,
    tips: &[ObjectId],
) -> Result<(), EventError> {
    let Some(local) = place.local else { return Ok(()) };
    let ahead = place.remotes.iter().find(|(_, theirs)| *theirs != local && tips.contains(theirs));
    let Some((remote, _)) = ahead else { return Ok(()) };
    let (remote, branch) = (remote.clone(), place.branch.clone());
    let is_checked_out = repository.head_branch().as_deref() == Some(&*branch);
    Err(EventError::Behind { remote, branch, is_checked_out })
}

/// A branch and its remote that both have commits of their own cannot be pushed.
fn must_not_differ(
    repository: &Repository,
    document: &Document,
    place: &Place,
    tips: &[ObjectId],
) -> Result<(), EventError> {
    let Some(local) = place.local.filter(|local| tips.contains(local)) else { return Ok(()) };
    let other = place.remotes.iter().find(|(_, theirs)| *theirs != local && tips.contains(theirs));
    let Some((remote, theirs)) = other else { return Ok(()) };
    let (remote, branch, path) = (remote.clone(), place.branch.clone(), document.path.clone());
    let (tree, beside) = (repository.checked_out_at(&branch)?, repository.common_dir()?);
    let beside = beside.join("secpack-merge");
    let mut tree = tree.map(|root| Box::new(Tree { root, same: Vec::new() }));
    for (file, id) in repository.paths(*theirs)? {
        let Some(Tree { root, same }) = tree.as_deref_mut() else { break };
        let here = std::fs::read(root.join(file.as_str())).ok();
        let is_same = here.is_some_and(|bytes| blob_id(&bytes).is_ok_and(|here| here == id));
        if is_same && repository.blob_at(local, &file)?.is_none() {
            same.push(file);
        }
    }
    Err(EventError::Diverged { remote, branch, path, tree, beside })
}

/// Signatures on the branch that are not good over this text, and that no better one replaces: the
/// hooks of others would refuse a branch with them.
fn unfit(
    repository: &Repository,
    authority: &Authority<'_>,
    document: &Document,
    commit: ObjectId,
    files: &Files,
) -> Result<Vec<SignatureFile>, EventError> {
    let there = pack_at(repository, authority.policy.pack(), commit, &document.path)?;
    let is_replaced = |path: &PackPath| files.iter().any(|(new, _)| new == path);
    let is_unfit = |file: &&SignatureFile| {
        let judged = judge_signature(authority, document, file);
        !is_replaced(&file.path) && !judged.judged.verdict.is_good()
    };
    let beside = there.signatures_of(&document.path).filter(|file| file.path != document.path);
    Ok(beside.filter(is_unfit).cloned().collect())
}

/// A branch that another work tree has is not moved under it: its files would be an older text.
fn refuse_elsewhere(repository: &Repository, branch: &str) -> Result<(), EventError> {
    if repository.head_branch().as_deref() == Some(branch) {
        return Ok(());
    }
    refuse_checked_out(repository, branch)
}

/// A branch that is worked on cannot go.
pub(super) fn refuse_checked_out(repository: &Repository, branch: &str) -> Result<(), EventError> {
    let Some(place) = repository.checked_out_at(branch)? else { return Ok(()) };
    let place = Some(place).filter(|place| repository.workdir() != Some(place));
    let instead = "--detach".to_owned();
    Err(EventError::CheckedOut { branch: branch.to_owned(), place, instead })
}
