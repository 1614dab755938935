//! `secpack collect`: signatures from folders and branches; only good ones are kept.

use crate::arguments::{CollectArgs, Global};
use crate::session::Session;
use crate::{Exit, Fault, output};
use secpack_pack::{Content, ObjectId};
use secpack_signing::{Candidate, Collected, collect, replace_file, write_new};
use std::path::Path;
use std::sync::Arc;

/// Largest file of a folder that is looked at, in bytes; signatures are below 1 KiB.
const CAP: u64 = 64 * 1024;
/// How deep folders are searched.
const DEPTH: usize = 8;

pub fn run(global: &Global, arguments: &CollectArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let mut candidates = Vec::new();
    for from in &arguments.from {
        candidates.extend(candidates_from(&session, from)?);
    }
    let mut refused = 0;
    let mut taken = 0;
    candidates.sort_by(|a: &Candidate, b| (&a.name, &a.bytes).cmp(&(&b.name, &b.bytes)));
    candidates.dedup_by(|a, b| (&a.name, &a.bytes) == (&b.name, &b.bytes));
    for result in collect(&authority, &session.pack, candidates) {
        match result {
            Collected::Take { path, bytes, judged } => {
                let place = session.on_disk(&path);
                // Collect never offers to replace a good signature, so what stands there is not.
                if place.exists() {
                    replace_file(&place, &bytes)?
                } else {
                    write_new(&place, &bytes)?
                }
                let member = judged.member.map(|m| m.to_string()).unwrap_or_default();
                output::line(format!("taken: {path} ({member})"));
                taken += 1;
            }
            Collected::Known(path) => output::line(format!("known: {path}")),
            Collected::Refused { source, verdict } => {
                output::line(format!(
                    "not taken: {} ({}) {}",
                    secpack_pack::escape(&source),
                    verdict.reason,
                    verdict.detail
                ));
                refused += 1;
            }
        }
    }
    if refused > 0 {
        output::hint(
            "ask their makers to sign the text as it is now: secpack sign DOC --as MEMBER",
        );
    } else if taken == 0 {
        output::note("nothing new was found");
    }
    Ok(Exit::good_if(refused == 0))
}

fn candidates_from(session: &Session, from: &str) -> Result<Vec<Candidate>, Fault> {
    let folder = Path::new(from);
    if folder.is_dir() {
        let mut found = Vec::new();
        walk(folder, folder, DEPTH, &mut found)?;
        return Ok(found);
    }
    if folder.is_file() {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = std::fs::read(folder).map_err(|e| Fault::new(format!("{from}: {e}")))?;
        return Ok(vec![Candidate { source: from.to_owned(), name, bytes: Arc::from(bytes) }]);
    }
    from_branch(session, from)
}

/// Signature files of a branch, or of every branch of a remote. What is the remote's is fetched
/// first.
fn from_branch(session: &Session, name: &str) -> Result<Vec<Candidate>, Fault> {
    let repository = &session.repository;
    let remotes = repository.remotes()?;
    if remotes.iter().any(|known| known == name) {
        repository.fetch(name, &[&format!("+refs/heads/*:refs/remotes/{name}/*")])?;
        let theirs = repository.remote_refs(name)?;
        let branches =
            theirs.iter().filter_map(|(r, id)| Some((r.strip_prefix("refs/heads/")?, *id)));
        let mut found = Vec::new();
        for (branch, commit) in branches {
            found.extend(from_commit(session, &format!("{name}/{branch}"), commit)?);
        }
        return Ok(found);
    }
    if let Some((remote, branch)) = name.split_once('/')
        && remotes.iter().any(|known| known == remote)
    {
        let refspec = format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}");
        repository.fetch(remote, &[refspec.as_str()])?;
    }
    let commit = repository.resolve(name).map_err(|_| {
        Fault::new(format!("{} is no folder, branch or remote", secpack_pack::escape(name)))
            .hint("git branch --all shows the branches, git remote the remotes")
    })?;
    from_commit(session, name, commit)
}

fn from_commit(session: &Session, name: &str, commit: ObjectId) -> Result<Vec<Candidate>, Fault> {
    let snapshot = session.repository.snapshot(commit)?;
    let candidates = snapshot.files.into_iter().filter_map(|file| match file.content {
        Content::Bytes(bytes) => Some(Candidate {
            source: format!("{name}:{}", file.path),
            name: file.path.as_str().to_owned(),
            bytes,
        }),
        Content::Absent | Content::TooLarge(_) => None,
    });
    Ok(candidates.collect())
}

fn walk(top: &Path, folder: &Path, depth: usize, found: &mut Vec<Candidate>) -> Result<(), Fault> {
    let named = |e: std::io::Error| Fault::new(format!("{}: {e}", folder.display()));
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).map_err(named)?.collect::<Result<_, _>>().map_err(named)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type().map_err(named)?;
        if kind.is_dir() && depth > 0 && entry.file_name() != ".git" {
            walk(top, &path, depth - 1, found)?;
        } else if kind.is_file() && entry.metadata().map_err(named)?.len() <= CAP {
            let bytes =
                std::fs::read(&path).map_err(|e| Fault::new(format!("{}: {e}", path.display())))?;
            let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().into_owned();
            found.push(Candidate {
                source: path.display().to_string(),
                name,
                bytes: Arc::from(bytes),
            });
        }
    }
    Ok(())
}
