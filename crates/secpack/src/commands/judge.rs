//! One verification with the reader's memory at hand: what `verify` and `watch` share.

use crate::Fault;
use crate::arguments::Global;
use crate::fault::look_at;
use crate::memory::{Store, clock};
use crate::session::load_policy;
use crate::terminal::{self, Progress};
use secpack_audit::memory::ancestry;
use secpack_audit::{Depth, Report, Request, verify};
use secpack_git::{Repository, Snapshot};
use secpack_pack::{Fingerprint, ObjectId, shell_word};
use std::path::Path;

/// What to verify.
pub struct What<'a> {
    /// The path as given.
    pub path: &'a Path,
    /// The commit; `None` for the files on disk, or for HEAD where there are none.
    pub commit: Option<ObjectId>,
    /// What the reader brought.
    pub anchor: Option<Fingerprint>,
    /// How much to look at.
    pub depth: Depth,
}

/// Opens the pack at `path` for reading.
pub fn open(path: &Path) -> Result<Repository, Fault> {
    Repository::open_for_reading(path).map_err(|error| {
        let is_none = matches!(error, secpack_git::Error::NotARepository { .. });
        let fault = Fault::from(error);
        match is_none {
            true => fault
                .adding("a pack is a clone, or a bare repository")
                .hint(around(path).unwrap_or_else(|| look_at(path))),
            false => fault,
        }
    })
}

/// The same command for the pack that a folder lies in, whether an argument or an option named it.
fn around(path: &Path) -> Option<String> {
    let root = Repository::discover_for_reading(path).ok()?.workdir()?.to_owned();
    let (word, root) = (path.display().to_string(), root.display().to_string());
    let typed = terminal::typed().instead(&word, &root);
    (typed != terminal::typed() && word != root).then(|| typed.to_string())
}

/// Verifies a pack. Ancestry is judged before anything else: of a pack that was rolled back
/// nothing is worth judging, not even its policy.
pub fn judge(
    global: &Global,
    repository: &Repository,
    what: What<'_>,
    store: Option<&Store>,
) -> Result<Report, Fault> {
    let path = what.path.display().to_string();
    let seen = store.and_then(Store::seen);
    let mut before = None;
    if let Some(seen) = seen {
        let commit = what.commit.or(repository.head()?).ok_or_else(|| {
            Fault::refused(format!("{path} has no commit; you saw commit {}", seen.head))
                .hint(all_refs(what.path))
        })?;
        let how = ancestry(repository, seen.head, commit)?;
        if let Some(report) = Report::of_rollback(path.clone(), seen, commit, how) {
            return Ok(report);
        }
        before = Some((seen, how));
    }
    let snapshot = snapshot(repository, &what)?;
    let (policy, policy_source) = load_policy(global.policy.as_deref(), &snapshot, what.path)?;
    let progress = Progress::start();
    let mut report = verify(Request {
        repository,
        snapshot,
        path,
        policy,
        policy_source,
        anchor: what.anchor,
        now: clock(seen, terminal::now(global.now)),
        depth: what.depth,
        progress: &|stage| progress.stage(stage),
    })?;
    if store.is_some() {
        report.recall(before);
    }
    Ok(report)
}

fn snapshot(repository: &Repository, what: &What<'_>) -> Result<Snapshot, Fault> {
    match (what.commit, repository.workdir()) {
        (Some(commit), _) => Ok(repository.snapshot(commit)?),
        (None, Some(_)) => Ok(repository.work_tree()?),
        (None, None) => {
            let nothing = || no_commit(what.path);
            Ok(repository.snapshot(repository.head()?.ok_or_else(nothing)?)?)
        }
    }
}

/// A repository whose HEAD leads nowhere; another branch may have what is looked for.
pub fn no_commit(path: &Path) -> Fault {
    Fault::new(format!("{} has no commit yet", path.display())).hint(all_refs(path))
}

fn all_refs(path: &Path) -> String {
    format!("git -C {} for-each-ref", shell_word(&path.display().to_string()))
}
