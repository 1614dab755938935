//! Where answers come from: folders, files, branches, whole remotes. What is the remote's is
//! fetched first.

use crate::Fault;
use crate::fault::look_at;
use crate::session::Session;
use secpack_git::RefName;
use secpack_pack::{Content, ObjectId, PackPath, escape, shell_word};
use secpack_signing::{Candidate, MAX_PARCEL, MAX_SIGNATURE, Parcel, unpack};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// How deep folders are searched.
const DEPTH: usize = 8;
/// Files of a folder that are looked into although they are larger than a signature.
const PARCELS: [&str; 5] = ["eml", "mbox", "tar", "tgz", "gz"];

/// What was found at a source.
#[derive(Default)]
pub struct Found {
    /// Signatures, and what is none.
    pub parcel: Parcel,
    /// Evidence of freshness on branches.
    pub evidence: Vec<Evidence>,
}

/// Evidence of freshness beside a canary whose text is the one that is here.
pub struct Evidence {
    /// Where it was found.
    pub source: String,
    /// Its path in the pack.
    pub path: PackPath,
    /// The path of its canary.
    pub canary: PackPath,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// Reads everything that `from` names.
///
/// # Errors
/// When it names nothing, or cannot be read.
pub fn read(session: &Session, from: &str, found: &mut Found) -> Result<(), Fault> {
    let path = Path::new(from);
    if path.is_dir() {
        return folder(path, path, DEPTH, &mut found.parcel);
    }
    if path.is_file() {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        unpack(from, &name, &whole(path)?, &mut found.parcel);
        return Ok(());
    }
    branch(session, from, found)
}

/// The bytes of a file, which must not be larger than anything that is taken apart.
fn whole(path: &Path) -> Result<Vec<u8>, Fault> {
    let named = |e: std::io::Error| Fault::at(path, e);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(named)?;
    file.take(MAX_PARCEL + 1).read_to_end(&mut bytes).map_err(named)?;
    if bytes.len() as u64 <= MAX_PARCEL {
        return Ok(bytes);
    }
    let shown = path.display();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Err(Fault::new(format!("{shown} is larger than 16 MiB"))
        .hint(format!("ls -l {}", shell_word(&folder.to_string_lossy()))))
}

fn folder(top: &Path, folder: &Path, depth: usize, parcel: &mut Parcel) -> Result<(), Fault> {
    let named = |e: std::io::Error| Fault::at(folder, e);
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).map_err(named)?.collect::<Result<_, _>>().map_err(named)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type().map_err(named)?;
        if kind.is_dir() && depth > 0 && entry.file_name() != ".git" {
            self::folder(top, &path, depth - 1, parcel)?;
        } else if kind.is_file() && is_looked_at(&path, entry.metadata().map_err(named)?.len()) {
            let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().into_owned();
            unpack(&path.display().to_string(), &name, &whole(&path)?, parcel);
        }
    }
    Ok(())
}

fn is_looked_at(path: &Path, size: u64) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let is_parcel = PARCELS.iter().any(|known| known.eq_ignore_ascii_case(extension));
    size <= MAX_SIGNATURE as u64 || is_parcel
}

/// Signature files of a branch, or of every branch of a remote.
fn branch(session: &Session, name: &str, found: &mut Found) -> Result<(), Fault> {
    let repository = &session.repository;
    let remotes = repository.remotes()?;
    if remotes.iter().any(|known| known == name) {
        repository.fetch(name, &[&format!("+refs/heads/*:refs/remotes/{name}/*")])?;
        for (full, id) in repository.remote_refs(name)? {
            if let Some(branch) = full.strip_prefix("refs/heads/") {
                commit(session, &format!("{name}/{branch}"), id, found)?;
            }
        }
        return Ok(());
    }
    if let Some((remote, branch)) = name.split_once('/')
        && remotes.iter().any(|known| known == remote)
        && RefName::branch(branch).is_ok()
        && repository.remote_refs(remote)?.iter().any(|(r, _)| *r == format!("refs/heads/{branch}"))
    {
        let refspec = format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}");
        repository.fetch(remote, &[refspec.as_str()])?;
    }
    let tip = repository.resolve(name).map_err(|_| {
        let path = Path::new(name);
        let is_path = path.is_absolute() || name.starts_with('.') || path.extension().is_some();
        Fault::new(format!("\"{}\" is no folder, file, branch or remote", escape(name)))
            .hint(if is_path { look_at(path) } else { "git branch --all".to_owned() })
    })?;
    commit(session, name, tip, found)
}

/// The signature files of a commit, and the evidence of canaries. Their paths say what they are.
fn commit(session: &Session, name: &str, commit: ObjectId, found: &mut Found) -> Result<(), Fault> {
    let paths = session.repository.paths(commit)?;
    evidence(session, name, &paths, found)?;
    for (path, id) in paths {
        let here = session.pack.file(&path).map(|file| file.id);
        if session.pack.policy.signature_place(&path).is_none() || here == Some(id) {
            continue;
        }
        if let Content::Bytes(bytes) = session.repository.read_blob(id)? {
            let (source, blocks) = (format!("{name}:{path}"), Vec::new());
            let name = path.as_str().to_owned();
            found.parcel.candidates.push(Candidate { source, name, bytes, blocks });
        }
    }
    Ok(())
}

/// Evidence that is not here, of canaries with the very text that is here. What is here stays.
fn evidence(
    session: &Session,
    name: &str,
    paths: &[(PackPath, ObjectId)],
    found: &mut Found,
) -> Result<(), Fault> {
    let pack = &session.pack;
    let there: BTreeMap<&PackPath, ObjectId> = paths.iter().map(|(p, id)| (p, *id)).collect();
    for (path, id) in paths.iter().filter(|(path, _)| pack.file(path).is_none()) {
        let Some(canary) = pack.policy.evidence_of(path) else { continue };
        let same_text = pack.file(&canary).is_some_and(|f| there.get(&canary) == Some(&f.id));
        if !same_text {
            continue;
        }
        let Content::Bytes(bytes) = session.repository.read_blob(*id)? else { continue };
        let is_same = |other: &Evidence| &other.path == path && other.bytes == bytes;
        if !found.evidence.iter().any(is_same) {
            let (source, path) = (format!("{name}:{path}"), path.clone());
            found.evidence.push(Evidence { source, path, canary, bytes });
        }
    }
    Ok(())
}
