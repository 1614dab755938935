//! What would stop a release half-way and can be known before it begins, with what to type.

use crate::plan::{PlanError, Request};
use crate::step::{Why, commit_by_git};
use secpack_git::Repository;
use secpack_openpgp::holds_secret_key;
use secpack_pack::policy::FILE as POLICY_FILE;
use secpack_pack::{Content, ObjectId, PackPath, shell_word};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Why nobody can commit or tag here: git does not know who does it.
pub(crate) fn lacks_identity(repository: &Repository) -> Result<Option<Why>, PlanError> {
    match repository.identity() {
        Ok(_) => Ok(None),
        Err(error @ secpack_git::Error::NoIdentity { .. }) => Ok(Some(Why::ending(
            &format!("{error}; type"),
            "git config user.name \"Your Name\" && git config user.email you@example.org"
                .to_owned(),
        ))),
        Err(error) => Err(error.into()),
    }
}

/// What leads back to a branch from a HEAD that is on none; nothing that was committed is left.
///
/// # Errors
/// When the repository cannot be read.
pub fn back_to_branch(request: &Request<'_>) -> Result<String, secpack_git::Error> {
    const LOOK: &str = "git status";
    let repository = request.repository;
    let under_way = ["rebase-merge", "rebase-apply", "BISECT_LOG"];
    let folder = repository.git_dir();
    if under_way.iter().any(|name| folder.join(name).exists()) {
        return Ok(LOOK.to_owned());
    }
    let own = repository.branch_list()?.into_iter().filter(|branch| branch.remote.is_none());
    let Some(head) = repository.head()? else {
        let names: Vec<String> = own.map(|branch| branch.name).collect();
        let chosen = names.iter().find(|name| request.pack.policy.is_published(name));
        let to = |name: &String| shell_word(&format!("refs/heads/{name}"));
        return Ok(match chosen.or(names.first()) {
            Some(name) => format!("git symbolic-ref HEAD {}", to(name)),
            None => LOOK.to_owned(),
        });
    };
    let mut with_head = Vec::new();
    for branch in own {
        if repository.is_ancestor(head, branch.tip)? {
            with_head.push(branch.name);
        }
    }
    let chosen = with_head.iter().find(|name| request.pack.policy.is_published(name));
    let Some(branch) = chosen.or(with_head.first()) else {
        return Ok(format!("git switch -c work-{}", head.short(8)));
    };
    Ok(match repository.checked_out_at(branch)? {
        Some(place) => format!("cd {}", shell_word(&place.to_string_lossy())),
        None => format!("git checkout {}", shell_word(branch)),
    })
}

/// Secret keys in the pack, which readers would have with it, and what takes each out again without
/// losing it: among key files, and whatever HEAD has.
pub(crate) fn secret_keys(
    request: &Request<'_>,
    head: Option<ObjectId>,
) -> Result<Vec<Why>, PlanError> {
    let mut reasons = Vec::new();
    for file in request.pack.files() {
        let Content::Bytes(bytes) = &file.content else { continue };
        let is_key_file = request.pack.keys.contains_key(&file.path);
        let is_secret = match is_key_file {
            true => holds_secret_key(bytes),
            false => bytes.starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK-----"),
        };
        if !is_secret {
            continue;
        }
        let at_head = |head| secret_at(request.repository, head, &file.path);
        let is_committed = head.map(at_head).transpose()?.unwrap_or_default();
        if !is_key_file && !is_committed {
            continue;
        }
        reasons.push(match head.filter(|_| is_committed) {
            Some(head) => committed_secret(request, head, &file.path)?,
            None => {
                let text =
                    format!("{} holds a secret key, which must not be in the pack", file.path);
                Why::with(text, back_to_head(request.repository, head, &file.path)?)
            }
        });
    }
    if let Some(head) = head.filter(|_| reasons.is_empty()) {
        reasons.extend(secret_on_the_way(request, head)?);
    }
    Ok(reasons)
}

/// A secret key that a commit has which would go to the remote with HEAD, although HEAD has it no
/// more: whoever clones the pack has that commit as well.
fn secret_on_the_way(request: &Request<'_>, head: ObjectId) -> Result<Option<Why>, PlanError> {
    let repository = request.repository;
    let branch = repository.head_branch().unwrap_or_default();
    let Ok(at) = repository.resolve(&format!("refs/remotes/{}/{branch}", request.remote())) else {
        return Ok(None);
    };
    let (commits, _) = repository.first_parents(head, &[at])?;
    let mut seen = BTreeSet::new();
    for commit in commits {
        for (path, id) in repository.paths(commit)? {
            let is_key_file = request.pack.policy.key_group(&path).is_some();
            if is_key_file && seen.insert(id) && secret_at(repository, commit, &path)? {
                let commit = commit.short(12);
                let text = format!("commit {commit} has a secret key as {path}, and would go out");
                let text = format!("{text}; the commits since {} are made anew", at.short(12));
                return Ok(Some(Why::with(text, format!("git reset --soft {}", at.short(12)))));
            }
        }
    }
    Ok(None)
}

/// Whether a commit has a secret key there; a certificate of that name is none.
fn secret_at(
    repository: &Repository,
    commit: ObjectId,
    path: &PackPath,
) -> Result<bool, PlanError> {
    let Some(blob) = repository.blob_at(commit, path)? else { return Ok(false) };
    Ok(matches!(repository.read_blob(blob)?, Content::Bytes(bytes) if holds_secret_key(&bytes)))
}

/// Moves a secret key out of the pack; the certificate that HEAD has in its place comes back.
fn back_to_head(
    repository: &Repository,
    head: Option<ObjectId>,
    path: &PackPath,
) -> Result<String, PlanError> {
    let there = head.map(|head| repository.blob_at(head, path)).transpose()?.flatten();
    let out = out_of_pack(repository, path);
    Ok(match there {
        Some(_) => format!("{out} && git checkout HEAD -- {}", shell_word(path.as_str())),
        None => out,
    })
}

/// A secret key that HEAD has: commits that nobody has yet are made anew, and what readers have is
/// taken out of the newest commit at least.
fn committed_secret(
    request: &Request<'_>,
    head: ObjectId,
    path: &PackPath,
) -> Result<Why, PlanError> {
    let repository = request.repository;
    let branch = repository.head_branch().unwrap_or_default();
    let theirs = format!("{}/{branch}", request.remote());
    let text = format!("{path} holds a secret key, and HEAD has it");
    let word = shell_word(path.as_str());
    // The remote knows better than what was fetched from it once.
    let name = format!("refs/heads/{branch}");
    let now = repository.remote_refs(request.remote()).unwrap_or_default();
    let now = now.into_iter().find(|(found, _)| *found == name).map(|(_, id)| id);
    let fetched = repository.resolve(&format!("refs/remotes/{theirs}")).ok();
    let known = now.filter(|id| repository.commit(*id).is_ok()).or(fetched);
    let Some(at) = known else {
        return Ok(Why::with(text, format!("git log -- {word}")));
    };
    if secret_at(repository, at, path)? {
        let text = format!("{text}, and so have readers: it must be revoked, and goes from here");
        let out = out_of_pack(repository, path);
        let commit = format!("git commit -q -m 'Take out a secret key' -- {word}");
        return Ok(Why::with(text, format!("{out} && {commit}")));
    }
    if !repository.is_ancestor(at, head)? {
        return Ok(Why::with(text, format!("git log -- {word}")));
    }
    let text = format!("{text}; {theirs} has not, so the commits since are made anew without it");
    Ok(Why::with(text, format!("git reset --soft {}", at.short(12))))
}

/// The nearest folder above one that is in no repository, where somebody may write: what is put
/// there is never committed.
pub fn outside_repositories(folder: &Path) -> Option<PathBuf> {
    let may = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    let is_fit = |place: &&Path| {
        let found = Repository::discover_for_reading(place);
        matches!(found, Err(secpack_git::Error::NotARepository { .. }))
            && rustix::fs::access(*place, may).is_ok()
    };
    folder.ancestors().skip(1).find(is_fit).map(Path::to_owned)
}

/// Moves a file beside the pack, where nothing is overwritten; the index forgets it as well.
pub fn out_of_pack(repository: &Repository, path: &PackPath) -> String {
    let top = repository.workdir().unwrap_or(repository.git_dir());
    let folder = outside_repositories(top);
    let folder = folder.as_deref().or(top.parent()).unwrap_or(top);
    let beside = folder.join(path.file_name());
    let is_free = |place: &PathBuf| place.symlink_metadata().is_err();
    let numbered = (2..).map(|n| beside.with_file_name(format!("{}-{n}", path.file_name())));
    let free = std::iter::once(beside.clone()).chain(numbered).find(is_free).unwrap_or(beside);
    let (from, to) = (shell_word(path.as_str()), shell_word(&free.to_string_lossy()));
    format!("git rm -q --cached --ignore-unmatch -- {from} && mv {from} {to}")
}

/// Key files and the policy that HEAD does not have as they are on disk, and what to type. The
/// policy may be one of the documents: then the release itself commits it.
pub(crate) fn left_out(
    request: &Request<'_>,
    head: Option<ObjectId>,
) -> Result<Option<Why>, PlanError> {
    let at_head = |path: &PackPath| match head {
        Some(head) => request.repository.blob_at(head, path),
        None => Ok(None),
    };
    let mut missing: Vec<&PackPath> = Vec::new();
    for (path, key) in &request.pack.keys {
        // Whoever typed what adds the others would commit it as well.
        let is_secret = key.bytes.as_deref().is_some_and(holds_secret_key);
        if !is_secret && request.pack.file(path).map(|file| file.id) != at_head(path)? {
            missing.push(path);
        }
    }
    let policy = request.pack.files().find(|file| file.path.as_str() == POLICY_FILE);
    let (mut message, mut begun) = ("Add keys", None);
    if let Some(policy) = policy {
        let before = at_head(&policy.path)?;
        let is_released = request.documents.iter().any(|document| document.path == policy.path);
        if before != Some(policy.id) && !is_released {
            missing.push(&policy.path);
        }
        match (before, missing.contains(&&policy.path)) {
            (None, _) => {
                message = "Begin the pack";
                begun = Some(&policy.path).filter(|path| !missing.contains(path));
            }
            (Some(_), true) => {
                let text = format!("{POLICY_FILE} is not committed as it is; release it first");
                let member = request.member;
                return Ok(Some(Why::ending(
                    &text,
                    format!("secpack release {POLICY_FILE} --as {member} --key FILE --execute"),
                )));
            }
            (Some(_), false) => {}
        }
    }
    let what = match missing.as_slice() {
        [] => return Ok(None),
        [one] => format!("{one} is not committed"),
        [first, others @ ..] => format!("{first} is not committed, nor {} more", others.len()),
    };
    let command = commit_by_git(missing.into_iter().chain(begun), message).unwrap_or_default();
    Ok(Some(Why::ending(&format!("{what}; type"), command)))
}
