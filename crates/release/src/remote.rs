//! What the remote has, and whether a push would be taken there.

use crate::plan::{PlanError, Request, tag_name};
use crate::publish::{good_tags, lagging};
use crate::step::{Planned, Ready, RefChange, Step, Why, commit_by_git};
use secpack_git::RefName;
use secpack_openpgp::Authority;
use secpack_pack::{ObjectId, PackPath, escape, shell_word};

/// Refs of a remote.
type Refs = Vec<(String, ObjectId)>;

/// The push, and the look at what strangers get.
pub(crate) fn push_steps(
    request: &Request<'_>,
    authority: &Authority<'_>,
    uncommitted: &[PackPath],
    (made, finished): (Option<ObjectId>, Option<ObjectId>),
) -> Result<[Planned; 2], PlanError> {
    let branch = request.repository.head_branch().ok_or(PlanError::NoBranch)?;
    let remote = request.remote().to_owned();
    let confirm = Planned::new(Step::Confirm { remote: remote.clone() }, Ready::Ready);
    let refs = match known(request, &branch, uncommitted)? {
        Ok(refs) => refs,
        Err(reason) => {
            let ready = Ready::blocked(vec![reason]);
            let push = Step::Push { remote, branch, moves: Vec::new() };
            return Ok([Planned::new(push, ready), confirm]);
        }
    };
    let moves = moves(request, authority, &refs, &branch, made)?;
    let is_there = |change: &RefChange| change.to.is_some() && change.from == change.to;
    let done = finished.is_some() && moves.iter().all(is_there);
    let taken = moves.iter().filter_map(|change| taken_tag(&remote, change));
    let reasons: Vec<Why> = behind(request, &refs, &branch)?.into_iter().chain(taken).collect();
    let ready = match (reasons.is_empty(), done) {
        (false, _) => Ready::blocked(reasons),
        (true, true) => Ready::Done,
        (true, false) => Ready::Ready,
    };
    Ok([Planned::new(Step::Push { remote, branch, moves }, ready), confirm])
}

/// The refs that go there: the branch, and every good tag of its commit.
fn moves(
    request: &Request<'_>,
    authority: &Authority<'_>,
    theirs: &Refs,
    branch: &str,
    made: Option<ObjectId>,
) -> Result<Vec<RefChange>, PlanError> {
    let at = |name: &str| theirs.iter().find(|(n, _)| n == name).map(|(_, id)| *id);
    let name = format!("refs/heads/{branch}");
    let mut moves = vec![RefChange { from: at(&name), to: made, name: Some(name) }];
    let tags = match made {
        Some(commit) => good_tags(request.repository, authority, commit)?,
        None => Vec::new(),
    };
    for tag in tags {
        let name = format!("refs/tags/{}", tag.name);
        moves.push(RefChange { from: at(&name), to: Some(tag.target), name: Some(name) });
    }
    let own = tag_name(request, made);
    if own.is_none() || moves.iter().all(|change| change.name != own) {
        let from = own.as_deref().and_then(at);
        moves.push(RefChange { name: own, from, to: None });
    }
    Ok(moves)
}

/// Why a tag cannot go there: the remote has another one of its name.
fn taken_tag(remote: &str, change: &RefChange) -> Option<Why> {
    let name = change.name.as_deref().filter(|name| name.starts_with("refs/tags/"))?;
    let there = change.from.filter(|from| Some(*from) != change.to)?;
    let text =
        format!("{} has another {} already ({})", escape(remote), escape(name), there.short(12));
    let look = format!("git ls-remote {} {}", shell_word(remote), shell_word(name));
    Some(Why::ending(&format!("{text}; look at it"), look))
}

/// The remote's refs, unless there is no such remote or its readers look elsewhere: then why.
fn known(
    request: &Request<'_>,
    branch: &str,
    uncommitted: &[PackPath],
) -> Result<Result<Refs, Why>, PlanError> {
    let (repository, remote) = (request.repository, request.remote());
    if let Some(reason) = is_unknown(request, remote)? {
        return Ok(Err(reason));
    }
    let cloned = repository.remote_head_branch(remote)?;
    if let Some(cloned) = cloned.filter(|cloned| cloned != branch) {
        let text = format!(
            "you are on {}, but readers of {} clone {}; type",
            escape(branch),
            escape(remote),
            escape(&cloned)
        );
        // Another work tree may have that branch.
        let place = repository.checked_out_at(&cloned)?.filter(|_| cloned != branch);
        let go = match place {
            Some(place) => format!("cd {}", shell_word(&place.to_string_lossy())),
            None => {
                let checkout = format!("git checkout {}", shell_word(&cloned));
                match is_fetched(request, &cloned)? {
                    true => checkout,
                    false => format!("git fetch {} && {checkout}", shell_word(remote)),
                }
            }
        };
        // What is not committed is in this work tree alone, and may be in the way of that branch.
        let commit = commit_by_git(uncommitted, &request.message());
        let first = commit.map_or(go.clone(), |commit| format!("{commit} && {go}"));
        // Readers may look at every commit of their branch; one merge commit has all signatures.
        let merge = "git merge --no-ff --no-edit --autostash";
        let command = format!("{first} && {merge} {}", shell_word(branch));
        return Ok(Err(Why::ending(&text, command)));
    }
    Ok(Ok(repository.remote_refs(remote)?))
}

/// Whether the branch is here, or was fetched from the remote.
fn is_fetched(request: &Request<'_>, branch: &str) -> Result<bool, PlanError> {
    let is_its = |of: &Option<String>| of.as_deref().is_none_or(|of| of == request.remote());
    let branches = request.repository.branch_list()?;
    Ok(branches.iter().any(|found| found.name == branch && is_its(&found.remote)))
}

/// Why nothing is committed here yet: the remote has the commits, as when a pack was put back
/// without its repository. What lies on disk stays as it is.
pub(crate) fn begun_there(request: &Request<'_>) -> Option<Why> {
    let (repository, remote) = (request.repository, request.remote());
    let own = repository.head_branch()?;
    // Commits of a branch that is here are not left behind.
    let here = repository.branch_list().ok()?;
    let here: Vec<&str> = here
        .iter()
        .filter(|branch| branch.remote.is_none())
        .map(|branch| branch.name.as_str())
        .collect();
    let published = here.iter().find(|name| request.pack.policy.is_published(name));
    if let Some(branch) = published.or(here.first()) {
        let text =
            format!("HEAD is on {}, which has no commit; {} has", escape(&own), escape(branch));
        let to = shell_word(&format!("refs/heads/{branch}"));
        return Some(Why::ending(
            &format!("{text}; go there"),
            format!("git symbolic-ref HEAD {to}"),
        ));
    }
    // A remote that does not answer is told of where it is needed.
    let theirs = repository.remote_refs(remote).ok()?;
    let cloned = repository.remote_head_branch(remote).ok().flatten().unwrap_or(own.clone());
    theirs.iter().find(|(name, _)| *name == format!("refs/heads/{cloned}"))?;
    let switch =
        format!("git symbolic-ref HEAD {} && ", shell_word(&format!("refs/heads/{cloned}")));
    let switch = if cloned == own { String::new() } else { switch };
    let (word, place) = (shell_word(remote), shell_word(&format!("{remote}/{cloned}")));
    let text = format!("no commit is here, and {} has some; get them first", escape(remote));
    Some(Why::ending(&text, format!("git fetch {word} && {switch}git reset -q {place}")))
}

fn is_unknown(request: &Request<'_>, remote: &str) -> Result<Option<Why>, PlanError> {
    if request.repository.remotes()?.iter().any(|known| known == remote) {
        return Ok(None);
    }
    let text = format!("there is no remote \"{}\"", escape(remote));
    let is_place = remote.contains(['/', ':']);
    let is_name = RefName::branch(remote).is_ok() && !remote.starts_with('-');
    Ok(Some(match (is_place, is_name) {
        (true, _) => {
            let text = format!("{text}; a remote has a name, by which it is released to; add it");
            Why::ending(&text, format!("git remote add NAME {}", shell_word(remote)))
        }
        (false, true) => Why::ending(
            &format!("{text}; add it"),
            format!("git remote add {} URL", shell_word(remote)),
        ),
        (false, false) => {
            Why::ending(&format!("{text}; those there are"), "git remote --verbose".to_owned())
        }
    }))
}

/// Why the remote's branch is not one that ours goes on from.
fn behind(request: &Request<'_>, theirs: &Refs, branch: &str) -> Result<Option<Why>, PlanError> {
    let (repository, remote) = (request.repository, request.remote());
    let name = format!("refs/heads/{branch}");
    let at = theirs.iter().find(|(found, _)| *found == name).map(|(_, id)| *id);
    let (Some(at), Some(ours)) = (at, repository.head()?) else { return Ok(None) };
    if at == ours || (repository.commit(at).is_ok() && repository.is_ancestor(at, ours)?) {
        return Ok(None);
    }
    let tagged = tagged_by(request, theirs, at);
    let by =
        if tagged.is_empty() { String::new() } else { format!(", tagged {}", tagged.join(", ")) };
    let there = format!("{}{by}", at.short(12));
    let (text, command) = match catch_up(request, ours, at, branch)? {
        CatchUp::Type(command) => {
            let text = format!("{remote} has commits on {branch} that are not here ({there})");
            (format!("{text}; get them first"), command)
        }
        CatchUp::Differs(path) => {
            let text = format!("{remote} has another {path} on {branch} ({there}) than lies here");
            let text = format!(
                "{text}; compare them; if they are two documents, yours gets another number by \
                 secpack bulletin renumber"
            );
            (text, compare(at, &path))
        }
    };
    Ok(Some(Why::ending(&text, command)))
}

/// How the commits of the remote come here.
enum CatchUp {
    /// By a command.
    Type(String),
    /// Not before somebody chose between their bytes and ours of this path.
    Differs(PackPath),
}

/// Shows what is different between their file and the one on disk, which git may not track.
fn compare(at: ObjectId, path: &PackPath) -> String {
    let theirs = shell_word(&format!("{}:{path}", at.short(12)));
    format!("git diff {theirs} -- {}", shell_word(path.as_str()))
}

/// What to type when somebody else was first, while HEAD has what this release made on top of
/// `before`: it is taken back, and their commits come here. Where they published other bytes of the
/// same document, these are looked at first.
///
/// # Errors
/// When the repository or the remote cannot be read.
pub fn after_others(request: &Request<'_>, before: Option<ObjectId>) -> Result<String, PlanError> {
    let (repository, remote) = (request.repository, shell_word(request.remote()));
    let branch = repository.head_branch().ok_or(PlanError::NoBranch)?;
    let name = format!("refs/heads/{branch}");
    let theirs = repository.remote_refs(request.remote())?;
    let Some((_, at)) = theirs.into_iter().find(|(found, _)| *found == name) else {
        return Ok(format!("git ls-remote {remote}"));
    };
    let Some(before) = before else {
        return Ok(format!("git fetch {remote}"));
    };
    if at == before {
        return Ok(format!("git ls-remote --tags {remote}"));
    }
    for document in &request.documents {
        let ours = request.pack.file(&document.path).map(|file| file.id);
        let theirs = repository.blob_at(at, &document.path)?;
        if theirs.is_some()
            && theirs != ours
            && theirs != repository.blob_at(before, &document.path)?
        {
            return Ok(compare(at, &document.path));
        }
    }
    Ok(match catch_up(request, before, at, &branch)? {
        CatchUp::Type(command) => format!("secpack release --abort && {command}"),
        CatchUp::Differs(path) => compare(at, &path),
    })
}

/// What brings the commits of the remote here. Git refuses to write over files that it does not
/// track, even with the same bytes: those are taken first. What is another file is looked at.
fn catch_up(
    request: &Request<'_>,
    ours: ObjectId,
    at: ObjectId,
    branch: &str,
) -> Result<CatchUp, PlanError> {
    let (repository, remote) = (request.repository, shell_word(request.remote()));
    if repository.commit(at).is_err() {
        return Ok(CatchUp::Type(format!("git fetch {remote}")));
    }
    let mut same = Vec::new();
    for (path, id) in repository.paths(at)? {
        let Some(here) = request.pack.file(&path).map(|file| file.id) else { continue };
        match repository.blob_at(ours, &path)? {
            None if here == id => same.push(shell_word(path.as_str())),
            None => return Ok(CatchUp::Differs(path)),
            Some(_) => {}
        }
    }
    let is_apart = !repository.is_ancestor(ours, at)?;
    for document in request.documents.iter().filter(|_| is_apart) {
        let path = &document.path;
        let theirs = repository.blob_at(at, path)?;
        // Git would try to merge two texts, and no signature is good over what comes of that.
        if theirs.is_some() && theirs != repository.blob_at(ours, path)? {
            return Ok(CatchUp::Differs(path.clone()));
        }
    }
    let same = same.join(" ");
    Ok(CatchUp::Type(if is_apart {
        let pull = "git pull --rebase=false --no-edit --autostash";
        let pull = format!("{pull} {remote} {}", shell_word(branch));
        // Their commit has the same bytes, so nothing is lost.
        if same.is_empty() { pull } else { format!("rm {same} && {pull}") }
    } else {
        let pull = format!("git merge --ff-only --autostash {}", at.short(12));
        match same.is_empty() {
            true => pull,
            false => format!("git checkout {} -- {same} && {pull}", at.short(12)),
        }
    }))
}

/// Tags of the remote that are named after a commit, as the policy names members' tags.
fn tagged_by(request: &Request<'_>, theirs: &Refs, commit: ObjectId) -> Vec<String> {
    let members = request.pack.policy.roster().members().iter();
    let names = members.filter_map(|member| {
        let plan = secpack_tag::plan(&request.pack.policy, &member.id, commit).ok()?;
        let name = format!("refs/tags/{}", plan.name);
        theirs.iter().any(|(found, _)| *found == name).then_some(plan.name)
    });
    names.collect()
}

/// One step for each remote that follows. One that cannot be reached does not stop a release.
pub(crate) fn mirror_steps(request: &Request<'_>) -> Result<Vec<Planned>, PlanError> {
    let mut steps = Vec::new();
    for remote in request.remotes.iter().skip(1) {
        let ready = match is_unknown(request, remote)? {
            Some(reason) => Ready::blocked(vec![reason]),
            None => match lagging(request.repository, request.remote(), remote) {
                Ok(lagging) if lagging.is_empty() => Ready::Done,
                Ok(_) | Err(_) => Ready::Ready,
            },
        };
        steps.push(Planned::new(Step::Mirror { remote: remote.clone() }, ready));
    }
    Ok(steps)
}
