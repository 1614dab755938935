//! A push: each commit that a published branch gets, and the newest one of any other branch.

use super::{
    Change, GateError, Line, Place, all_tips, authority, judge, keys, policy_gone, policy_of,
    tree_of,
};
use chrono::{DateTime, Utc};
use secpack_git::Repository;
use secpack_pack::{Finding, Level, ObjectId, Policy, Reason, shell_word};

/// One ref that is pushed, as git tells a `pre-push` hook (githooks(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushLine {
    /// The object that goes; `None` for a ref that shall be removed.
    pub local: Option<ObjectId>,
    /// The ref on the remote: untrusted text.
    pub remote_ref: String,
    /// Where the remote has it; `None` when it does not.
    pub remote: Option<ObjectId>,
}

/// Reads the lines that git gives a `pre-push` hook.
///
/// # Errors
/// [`GateError::Line`] for anything else.
pub fn parse_lines(text: &str) -> Result<Vec<PushLine>, GateError> {
    text.lines().map(|line| parse(line).ok_or(GateError::Line)).collect()
}

/// `LOCAL-REF LOCAL-OID REMOTE-REF REMOTE-OID`; zeros stand for nothing.
fn parse(line: &str) -> Option<PushLine> {
    let mut words = line.split(' ');
    let (_, local, remote_ref, remote) =
        (words.next()?, words.next()?, words.next()?, words.next()?);
    let object = |text: &str| -> Option<Option<ObjectId>> {
        if text.len() == 40 && text.bytes().all(|b| b == b'0') {
            return Some(None);
        }
        text.parse().ok().map(Some)
    };
    let (local, remote) = (object(local)?, object(remote)?);
    words.next().is_none().then(|| PushLine { local, remote_ref: remote_ref.to_owned(), remote })
}

/// Judges what `git push` is about to send to a remote. Tags and other refs are not looked at.
///
/// # Errors
/// [`GateError`].
pub fn judge_push(
    repository: &Repository,
    policy: Option<&Policy>,
    remote: &str,
    lines: &[PushLine],
    now: DateTime<Utc>,
) -> Result<Vec<Finding>, GateError> {
    let mut found = Vec::new();
    for line in lines {
        if let Some(branch) = line.remote_ref.strip_prefix("refs/heads/") {
            found.extend(judge_branch(repository, policy, remote, branch, line, now)?);
        }
    }
    Ok(found)
}

fn judge_branch(
    repository: &Repository,
    brought: Option<&Policy>,
    remote: &str,
    branch: &str,
    line: &PushLine,
    now: DateTime<Utc>,
) -> Result<Vec<Finding>, GateError> {
    let seen = line.remote.filter(|commit| repository.commit(*commit).is_ok());
    let Some(tip) = line.local.or(seen) else { return Ok(Vec::new()) };
    let tree = tree_of(repository, Some(tip))?;
    let Some(policy) = policy_of(repository, brought.cloned(), &tree)? else {
        let before = tree_of(repository, seen)?;
        let known = seen.map_or_else(|| fetched(repository, remote), |seen| Ok(vec![seen]))?;
        return match line.local {
            Some(tip) => Ok(policy_gone(&before, anew(repository, tip, seen, &known)?)),
            None => Ok(Vec::new()),
        };
    };
    let is_published = policy.is_published(branch);
    if let Some(finding) = went_back(repository, branch, line, seen)?.filter(|_| is_published) {
        return Ok(vec![finding]);
    }
    if line.local.is_none() {
        return Ok(Vec::new());
    }
    let known = match seen {
        Some(seen) => vec![seen],
        None => fetched(repository, remote)?,
    };
    let gathered = keys(repository, &policy, &tree, Some(tip))?;
    let authority = authority(&policy, &gathered, now);
    let tips = all_tips(repository, Some(tip))?;
    let anew = anew(repository, tip, seen, &known)?;
    let mut found = Vec::new();
    for (before, after) in steps(repository, tip, &known, is_published)? {
        let base = before.map_or_else(|| "HEAD".to_owned(), |commit| commit.short(12));
        let line = if is_published { Line::Published } else { Line::Other };
        let trees = (tree_of(repository, before)?, tree_of(repository, Some(after))?);
        let is_here = repository.head()? == Some(tip);
        let place = Place { line, base, is_staged: false, anew: anew.clone(), is_here };
        found.extend(judge(&Change::new(repository, &authority, &tips, trees, place)?)?);
    }
    found.dedup();
    Ok(found)
}

/// What takes back the commits that the remote does not have, on the branch that has them; their
/// files stay as they are.
fn anew(
    repository: &Repository,
    tip: ObjectId,
    seen: Option<ObjectId>,
    known: &[ObjectId],
) -> Result<String, GateError> {
    let behind = match seen {
        Some(seen) if repository.is_ancestor(seen, tip)? => Some(seen),
        Some(_) | None => repository.first_parents(tip, known)?.1,
    };
    let Some(base) = behind.map(|base| base.short(12)) else {
        return Ok(format!("git log --oneline {}", tip.short(12)));
    };
    let reset = format!("reset --soft {base}");
    if repository.head()? == Some(tip) {
        return Ok(format!("git {reset}"));
    }
    let own = repository.branch_list()?.into_iter().filter(|branch| branch.remote.is_none());
    let Some(branch) = own.into_iter().find(|branch| branch.tip == tip) else {
        return Ok(format!("git log --oneline {base}..{}", tip.short(12)));
    };
    Ok(match repository.checked_out_at(&branch.name)? {
        Some(place) => format!("git -C {} {reset}", shell_word(&place.to_string_lossy())),
        None => format!("git checkout {} && git {reset}", shell_word(&branch.name)),
    })
}

/// The commits to compare. Readers may look at every commit of a published branch; of another one
/// only the newest counts. To a remote of which nothing is known goes a whole history, which is
/// for `secpack verify` to judge: of that only the newest commit is looked at.
fn steps(
    repository: &Repository,
    tip: ObjectId,
    known: &[ObjectId],
    is_published: bool,
) -> Result<Vec<(Option<ObjectId>, ObjectId)>, GateError> {
    let (chain, base) = repository.first_parents(tip, known)?;
    let parent = |commit| -> Result<Option<ObjectId>, GateError> {
        Ok(repository.commit(commit)?.parents.first().copied())
    };
    match base {
        None => Ok(vec![(parent(tip)?, tip)]),
        Some(_) if chain.is_empty() => Ok(vec![(parent(tip)?, tip)]),
        Some(base) if !is_published => Ok(vec![(Some(base), tip)]),
        Some(_) => chain.into_iter().rev().map(|commit| Ok((parent(commit)?, commit))).collect(),
    }
}

/// Where the branches of a remote were when they were last fetched.
fn fetched(repository: &Repository, remote: &str) -> Result<Vec<ObjectId>, GateError> {
    let branches = repository.branch_list()?.into_iter();
    let of = branches.filter(|branch| branch.remote.as_deref() == Some(remote));
    Ok(of.map(|branch| branch.tip).collect())
}

/// A published branch that would go, or lose commits.
fn went_back(
    repository: &Repository,
    branch: &str,
    line: &PushLine,
    seen: Option<ObjectId>,
) -> Result<Option<Finding>, GateError> {
    let is_forward = match (line.local, seen) {
        (Some(local), Some(seen)) => repository.is_ancestor(seen, local)?,
        (Some(_), None) => true,
        (None, _) => false,
    };
    if is_forward {
        return Ok(None);
    }
    let text = match line.local {
        Some(_) => "readers have commits of it that this push takes away",
        None => "readers clone it, and this push removes it",
    };
    let seen = seen.map_or_else(|| shell_word(branch), |seen| seen.short(12));
    let help = format!("git log --oneline -5 {seen}");
    let code = Reason::RolledBack.code();
    let place = format!("refs/heads/{branch}");
    Ok(Some(Finding::new(code, Level::Error, &place, &[], text).with_help(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_githooks_says() {
        let (a, zero) = ("a".repeat(40), "0".repeat(40));
        let read = parse_lines(&format!("refs/heads/x {a} refs/heads/y {zero}\n")).expect("a line");
        let expected =
            PushLine { local: a.parse().ok(), remote_ref: "refs/heads/y".to_owned(), remote: None };
        assert_eq!(read, [expected]);
        let gone = parse_lines(&format!("(delete) {zero} refs/heads/y {a}\n")).expect("a line");
        assert_eq!((gone[0].local, gone[0].remote.is_some()), (None, true));
        assert!(parse_lines("").expect("nothing").is_empty());
        for bad in ["x", "a b c d", &format!("r {a} r {a} more"), &format!("r {a} r")] {
            assert!(parse_lines(bad).is_err(), "{bad}");
        }
    }
}
