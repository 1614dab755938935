//! What Git hooks and CI refuse: a commit or push that readers of the pack would have to refuse.
//!
//! Only what a commit changes is judged, so old findings do not stop new work. The index or the
//! commits themselves are judged, never the files on disk. Reading starts no program.

mod push;
mod rules;

pub use push::{PushLine, judge_push, parse_lines};

use chrono::{DateTime, Utc};
use rules::RULES;
use secpack_audit::{AuditError, Gathered, Scope, gather};
use secpack_git::Repository;
use secpack_openpgp::{Authority, DatedPolicy, Trust};
use secpack_pack::policy::FILE as POLICY_FILE;
use secpack_pack::{Content, File, FileKind, Finding, Level, ObjectId, Pack, PackPath, Policy};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Why something could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The policy that goes along is none.
    #[error("{POLICY_FILE} is not a valid policy:\n{0}")]
    Policy(String),
    /// Git gave a line that its manual does not know.
    #[error("git gave a line that makes no sense")]
    Line,
    /// The repository could not be read.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
    /// The repository could not be judged.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// Where a commit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// To a branch that readers clone: nothing incomplete may get there.
    Published,
    /// Anywhere else, such as the branch of a signing event.
    Other,
}

/// Paths and blobs of a commit or of the index.
type Tree = BTreeMap<PackPath, ObjectId>;

/// One change and everything that a rule needs.
pub(super) struct Change<'a> {
    pub repository: &'a Repository,
    pub authority: &'a Authority<'a>,
    pub place: Place,
    pub before: Tree,
    pub after: Tree,
    /// Documents that changed, or beside which a signature did, with all that is beside them.
    pub pack: Pack,
    /// The same documents as they were.
    pub old: Pack,
    pub tips: &'a [ObjectId],
}

/// Where a change goes, and what a person would type about it there.
pub(super) struct Place {
    pub line: Line,
    /// The commit to compare with, as a person types it.
    pub base: String,
    /// Whether it is not committed yet.
    pub is_staged: bool,
    /// What takes commits back that no remote has, for a push.
    pub anew: String,
    /// Whether HEAD is where the change is.
    pub is_here: bool,
}

impl<'a> Change<'a> {
    /// With the documents that it changes.
    pub(super) fn new(
        repository: &'a Repository,
        authority: &'a Authority<'a>,
        tips: &'a [ObjectId],
        (before, after): (Tree, Tree),
        place: Place,
    ) -> Result<Self, GateError> {
        let (pack, old) = packs(repository, authority.policy.pack(), &before, &after)?;
        Ok(Self { repository, authority, place, before, after, pack, old, tips })
    }
}

/// Judges what `git commit` is about to commit.
///
/// # Errors
/// [`GateError`].
pub fn judge_staged(
    repository: &Repository,
    policy: Option<Policy>,
    index: Option<&Path>,
    now: DateTime<Utc>,
) -> Result<Vec<Finding>, GateError> {
    let after: Tree = repository.staged(index)?.into_iter().collect();
    let head = repository.head()?;
    let before = tree_of(repository, head)?;
    let Some(policy) = policy_of(repository, policy, &after)? else {
        let restore = format!("git restore --staged -- {POLICY_FILE}");
        return Ok(policy_gone(&before, restore));
    };
    let gathered = keys(repository, &policy, &after, head)?;
    let authority = authority(&policy, &gathered, now);
    let published = repository.head_branch().is_some_and(|branch| policy.is_published(&branch));
    let line = if published { Line::Published } else { Line::Other };
    let tips = all_tips(repository, head)?;
    let (base, anew) = ("HEAD".to_owned(), String::new());
    let place = Place { line, base, is_staged: true, anew, is_here: true };
    judge(&Change::new(repository, &authority, &tips, (before, after), place)?)
}

/// Every rule over one change.
pub(super) fn judge(change: &Change<'_>) -> Result<Vec<Finding>, GateError> {
    // While something is taken away, a rename for example, nothing else is to be done about the rest.
    let mut found = rules::published_stays(change)?;
    if found.is_empty() {
        for rule in RULES {
            found.extend(rule(change)?);
        }
    }
    Ok(found)
}

pub(super) fn tree_of(
    repository: &Repository,
    commit: Option<ObjectId>,
) -> Result<Tree, GateError> {
    match commit {
        Some(commit) => Ok(repository.paths(commit)?.into_iter().collect()),
        None => Ok(Tree::new()),
    }
}

/// The policy that is brought, else the one that goes along; without any nothing says what a
/// document is.
pub(super) fn policy_of(
    repository: &Repository,
    brought: Option<Policy>,
    tree: &Tree,
) -> Result<Option<Policy>, GateError> {
    if brought.is_some() {
        return Ok(brought);
    }
    let Some((_, id)) = tree.iter().find(|(path, _)| path.as_str() == POLICY_FILE) else {
        return Ok(None);
    };
    let Content::Bytes(bytes) = repository.read_blob(*id)? else { return Ok(None) };
    let text = std::str::from_utf8(&bytes).map_err(|e| GateError::Policy(e.to_string()))?;
    Policy::parse(text).map(Some).map_err(|error| GateError::Policy(error.to_string()))
}

/// Without its policy nothing says any more what a document is, and no reader finds it good.
pub(super) fn policy_gone(before: &Tree, help: String) -> Vec<Finding> {
    let was_there = before.keys().any(|path| path.as_str() == POLICY_FILE);
    let text = "readers judge the pack by it, and this takes it away";
    let finding = Finding::new("vanished", Level::Error, POLICY_FILE, &[], text).with_help(help);
    if was_there { vec![finding] } else { Vec::new() }
}

/// Certificates of the tree and of all history behind it.
pub(super) fn keys(
    repository: &Repository,
    policy: &Policy,
    tree: &Tree,
    commit: Option<ObjectId>,
) -> Result<Gathered, GateError> {
    let files = read(repository, tree, &|path| policy.key_group(path).is_some())?;
    let pack = Pack::assemble(policy.clone(), files);
    let tips = secpack_audit::tips(commit, &repository.tags()?);
    Ok(gather(repository, &pack, &tips, Scope::History)?)
}

pub(super) fn authority<'a>(
    policy: &'a Policy,
    gathered: &'a Gathered,
    now: DateTime<Utc>,
) -> Authority<'a> {
    let dated = DatedPolicy::new(policy, now);
    Authority::new(&gathered.keyring, dated, gathered.groups.clone(), &Trust::Policy)
}

/// Where earlier texts are looked for.
pub(super) fn all_tips(
    repository: &Repository,
    commit: Option<ObjectId>,
) -> Result<Vec<ObjectId>, GateError> {
    let mut tips = repository.branches()?;
    tips.extend(commit);
    Ok(tips)
}

/// What changed, as it is and as it was.
fn packs(
    repository: &Repository,
    policy: &Policy,
    before: &Tree,
    after: &Tree,
) -> Result<(Pack, Pack), GateError> {
    let mut changed: BTreeSet<PackPath> = BTreeSet::new();
    for (path, id) in before.iter().chain(after) {
        let is_same = before.get(path) == Some(id) && after.get(path) == Some(id);
        if !is_same {
            changed.extend(document_of(policy, path));
        }
    }
    let is_wanted =
        |path: &PackPath| document_of(policy, path).is_some_and(|d| changed.contains(&d));
    let after = Pack::assemble(policy.clone(), read(repository, after, &is_wanted)?);
    let before = Pack::assemble(policy.clone(), read(repository, before, &is_wanted)?);
    Ok((after, before))
}

/// The document that a path is, or stands beside.
fn document_of(policy: &Policy, path: &PackPath) -> Option<PackPath> {
    match policy.signature_place(path) {
        Some((document, _)) => Some(document),
        None => policy.identify(path).map(|_| path.clone()),
    }
}

fn read(
    repository: &Repository,
    tree: &Tree,
    wanted: &dyn Fn(&PackPath) -> bool,
) -> Result<Vec<File>, GateError> {
    let mut files = Vec::new();
    for (path, id) in tree.iter().filter(|(path, _)| wanted(path)) {
        let (path, kind, content) = (path.clone(), FileKind::Regular, repository.read_blob(*id)?);
        files.push(File { path, kind, id: *id, content });
    }
    Ok(files)
}
