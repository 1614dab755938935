//! Remotes: what they have, fetching, and pushing all or nothing.
//!
//! The network is left to the `git` program, which people have configured already. Only remotes
//! that the repository names are talked to, and only in repositories opened for writing, because
//! fetching believes the configuration.

use crate::program::{self, Answer, Hooks};
use crate::{Error, RefName, Repository, Result};
use secpack_pack::{ObjectId, escape};
use std::path::Path;

/// One ref that a push sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRef {
    /// The local object that it shall point to.
    pub local: ObjectId,
    /// The ref on the remote.
    pub remote: RefName,
    /// Where the remote has it now; `None` when it must not exist there.
    pub expected: Option<ObjectId>,
}

impl Repository {
    /// The names of the remotes, sorted.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable configuration.
    pub fn remotes(&self) -> Result<Vec<String>> {
        let names = self.inner.remotes().map_err(Error::git("its remotes"))?;
        let mut names: Vec<String> =
            names.iter_bytes().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        names.sort();
        Ok(names)
    }

    /// The URL that is fetched from, untrusted text. A password in it is left out, so that it can
    /// be shown.
    ///
    /// # Errors
    /// [`Error::NoRemote`].
    pub fn remote_url(&self, remote: &str) -> Result<String> {
        let no_remote = |_| Error::NoRemote { name: remote.to_owned() };
        let found = self.inner.find_remote(remote).map_err(no_remote)?;
        Ok(without_password(&String::from_utf8_lossy(found.url_bytes())))
    }

    /// Every ref of a remote with the object it points to, as `git ls-remote --refs` lists them.
    ///
    /// # Errors
    /// [`Error::ReadingOnly`], [`Error::NoRemote`], [`Error::NoProgram`], [`Error::Program`].
    pub fn remote_refs(&self, remote: &str) -> Result<Vec<(String, ObjectId)>> {
        let command = "ls-remote";
        let remote = self.checked_remote(remote)?;
        let arguments = ["--quiet", "--refs", "--", remote].map(str::to_owned);
        let answer = succeeded(command, program::git(self, Hooks::Off, command, &arguments)?)?;
        let text = std::str::from_utf8(&answer.stdout).map_err(|_| Error::Answer { command })?;
        text.lines().map(|line| ref_line(line).ok_or(Error::Answer { command })).collect()
    }

    /// The branch that a clone of the remote checks out, without `refs/heads/`; `None` when its
    /// `HEAD` names no branch that exists, as in an empty repository.
    ///
    /// # Errors
    /// As [`Repository::remote_refs`].
    pub fn remote_head_branch(&self, remote: &str) -> Result<Option<String>> {
        let command = "ls-remote";
        let remote = self.checked_remote(remote)?;
        let arguments = ["--quiet", "--symref", "--", remote, "HEAD"].map(str::to_owned);
        let answer = succeeded(command, program::git(self, Hooks::Off, command, &arguments)?)?;
        let text = std::str::from_utf8(&answer.stdout).map_err(|_| Error::Answer { command })?;
        let Some(branch) = text.lines().find_map(head_line) else { return Ok(None) };
        RefName::branch(branch)?;
        Ok(Some(branch.to_owned()))
    }

    /// Fetches refspecs such as `refs/heads/main:refs/remotes/origin/main` and nothing else: no
    /// other tags, no submodules.
    ///
    /// # Errors
    /// [`Error::BadName`] for a refspec, and those of [`Repository::remote_refs`].
    pub fn fetch(&self, remote: &str, refspecs: &[&str]) -> Result<()> {
        let remote = self.checked_remote(remote)?;
        let options =
            ["--quiet", "--no-tags", "--no-prune", "--no-recurse-submodules", "--", remote];
        let mut arguments = options.map(str::to_owned).to_vec();
        for refspec in refspecs {
            arguments.push(checked_refspec(refspec)?.to_owned());
        }
        succeeded("fetch", program::git(self, Hooks::Off, "fetch", &arguments)?).map(drop)
    }

    /// Pushes all of these refs or none. Each must still be on the remote where `expected` says; a
    /// branch only ever moves forward. A ref that is there already is left alone, so a push can be
    /// repeated. The team's `pre-push` hook runs.
    ///
    /// # Errors
    /// [`Error::PushRejected`] with git's reason for each ref, [`Error::NotFastForward`], and those
    /// of [`Repository::remote_refs`].
    pub fn push(&self, remote: &str, updates: &[PushRef]) -> Result<()> {
        let remote = self.checked_remote(remote)?;
        updates.iter().try_for_each(|update| self.check_forward(update))?;
        if updates.is_empty() {
            return Ok(());
        }
        // A remote that is set to be mirrored takes no single refs, and most take no signed push.
        let settings = [format!("remote.{remote}.mirror=false"), "push.gpgSign=false".to_owned()];
        let arguments = push_arguments(remote, updates);
        let answer = program::git_with(self, Hooks::Run, &settings, "push", &arguments)?;
        let rejected = rejected(&answer.stdout);
        if answer.status.success() || rejected.is_empty() {
            return succeeded("push", answer).map(drop);
        }
        let said = remote_words(&answer.stderr);
        Err(Error::PushRejected { remote: remote.to_owned(), rejected, said })
    }

    /// Clones what a remote has now into a new bare repository, in the same way that
    /// any reader does: nothing is linked or borrowed, no hook or template comes along.
    ///
    /// # Errors
    /// As [`Repository::remote_refs`].
    pub fn clone_remote(&self, remote: &str, into: &Path) -> Result<()> {
        let remote = self.checked_remote(remote)?;
        let url = self.inner.find_remote(remote).map_err(Error::git(remote))?;
        let url = String::from_utf8_lossy(url.url_bytes()).into_owned();
        let options =
            ["--quiet", "--bare", "--no-hardlinks", "--template=", "--"].map(str::to_owned);
        let operands = [url, into.to_string_lossy().into_owned()];
        let arguments: Vec<String> = options.into_iter().chain(operands).collect();
        succeeded("clone", program::git(self, Hooks::Off, "clone", &arguments)?).map(drop)
    }

    /// A remote that the repository names; never an option, an address or a transport.
    fn checked_remote<'a>(&self, remote: &'a str) -> Result<&'a str> {
        self.writable()?;
        let is_plain = !remote.starts_with('-') && !remote.contains(char::is_control);
        if is_plain && self.remotes()?.iter().any(|name| name == remote) {
            return Ok(remote);
        }
        Err(Error::NoRemote { name: remote.to_owned() })
    }

    /// The lease alone would let a branch go back; a tag has no other place to go than where it is.
    fn check_forward(&self, update: &PushRef) -> Result<()> {
        let Some(old) = update.expected.filter(|old| *old != update.local) else { return Ok(()) };
        if update.remote.is_branch() && self.is_ancestor(old, update.local)? {
            return Ok(());
        }
        Err(Error::NotFastForward { name: update.remote.to_string(), old, new: update.local })
    }
}

/// So many lines of a remote are passed on.
const MAX_SAID: usize = 20;

fn push_arguments(remote: &str, updates: &[PushRef]) -> Vec<String> {
    let options = ["--atomic", "--porcelain", "--no-follow-tags", "--recurse-submodules=no"]
        .map(str::to_owned);
    let leases = updates.iter().map(|update| {
        let expected = update.expected.map(|old| old.to_string()).unwrap_or_default();
        format!("--force-with-lease={}:{expected}", update.remote.as_str())
    });
    let refs = updates.iter().map(|update| format!("{}:{}", update.local, update.remote.as_str()));
    let operands = ["--".to_owned(), remote.to_owned()].into_iter().chain(refs);
    options.into_iter().chain(leases).chain(operands).collect()
}

/// Refused refs of `git push --porcelain`: lines `!`, `FROM:TO`, `[reason]`, separated by tabs.
fn rejected(stdout: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stdout);
    let refused = text.lines().filter_map(|line| line.strip_prefix("!\t")?.split_once('\t'));
    let shown = refused.map(|(refs, reason)| {
        let to = refs.split_once(':').map_or(refs, |(_, to)| to);
        escape(&format!("{to} {reason}"))
    });
    shown.collect()
}

/// What the remote's own hooks wrote: git marks it with `remote:`.
fn remote_words(stderr: &str) -> Vec<String> {
    let lines = stderr
        .lines()
        .filter(|line| line.strip_prefix("remote:").is_some_and(|rest| !rest.trim().is_empty()));
    lines.take(MAX_SAID).map(|line| escape(line.trim_end())).collect()
}

fn succeeded(command: &'static str, answer: Answer) -> Result<Answer> {
    if answer.status.success() {
        return Ok(answer);
    }
    Err(Error::Program { command, status: answer.status.to_string(), stderr: answer.stderr })
}

fn ref_line(line: &str) -> Option<(String, ObjectId)> {
    let (id, name) = line.split_once('\t')?;
    Some((name.to_owned(), id.parse().ok()?))
}

/// `ref: refs/heads/main`, a tab, `HEAD`. Other refs that end in `/HEAD` are listed as well.
fn head_line(line: &str) -> Option<&str> {
    line.strip_prefix("ref: refs/heads/")?.strip_suffix("\tHEAD")
}

fn checked_refspec(refspec: &str) -> Result<&str> {
    let fault = refspec.is_empty()
        || refspec.starts_with('-')
        || refspec.contains(|c: char| c.is_control() || c.is_whitespace());
    if fault {
        return Err(Error::BadName { kind: "refspec", name: refspec.to_owned() });
    }
    Ok(refspec)
}

fn without_password(url: &str) -> String {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.split('/').next().unwrap_or(rest);
        let (user, _) = authority.rsplit_once('@')?.0.split_once(':')?;
        let host = &rest[authority.rfind('@')?..];
        Some(format!("{scheme}://{user}{host}"))
    });
    parts.unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests;
