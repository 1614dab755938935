//! What single files are judged with: a pack, or the certificates and policy that were given.

use crate::arguments::{Global, SingleArgs, VerifyArgs};
use crate::commands::judge::{no_commit, open};
use crate::commands::keys::look_at;
use crate::memory::{Store, clock};
use crate::session::{POLICY_FILE, load_policy, policy_of};
use crate::{Fault, keys, terminal};
use secpack_audit::{NamedFile, PolicySource, Reading, SingleReport};
use secpack_git::Repository;
use secpack_pack::{Fingerprint, Policy};
use std::path::{Path, PathBuf};

/// Largest document or signature that is read, in bytes.
const CAP: u64 = 4 * 1024 * 1024;

/// Opens the pack of `--pack`, or the files of `--key`.
///
/// # Errors
/// When neither is given, or both are.
pub fn reading(
    global: &Global,
    arguments: &SingleArgs,
    anchor: Option<Fingerprint>,
    files: &[PathBuf],
) -> Result<Reading, Fault> {
    match (&global.pack, arguments.key.is_empty()) {
        (Some(pack), true) => of_pack(global, pack, anchor),
        (Some(_), false) => {
            Err(Fault::new("both a pack and certificates are given, and the pack has its own")
                .hint(terminal::typed().without("--key").to_string()))
        }
        (None, false) => of_keys(global, arguments, anchor),
        (None, true) => Err(Fault::new("nothing says whose signatures these should be")
            .adding("name a clone of the pack, or certificates with --key FILE:")
            .hint(terminal::typed().with(&["--pack", &around(files)]).to_string())),
    }
}

/// The pack in which the person or a file stands, else a gap.
fn around(files: &[PathBuf]) -> String {
    let here = terminal::current_folder().unwrap_or_default();
    let folders = files.iter().filter_map(|file| Some(here.join(file.parent()?)));
    let root = std::iter::once(here.clone()).chain(folders).find_map(|folder| {
        let root = Repository::discover_for_reading(&folder).ok()?.workdir()?.to_owned();
        root.join(POLICY_FILE).is_file().then_some(root)
    });
    root.map_or("DIR".to_owned(), |root| root.display().to_string())
}

/// The same, with what the reader saw of that pack before. Looking at one file teaches nothing
/// about the whole pack, so nothing is remembered.
///
/// # Errors
/// When the pack or the memory cannot be read.
pub fn remembering(arguments: &VerifyArgs, reading: Reading) -> Result<Reading, Fault> {
    let Some(anchor) = arguments.anchor.as_ref().filter(|_| !arguments.no_memory) else {
        return Ok(reading);
    };
    match Store::open(&arguments.memory, anchor)?.into_seen() {
        Some(seen) => {
            clock(Some(&seen), reading.now());
            Ok(reading.remembering(seen)?)
        }
        None => Ok(reading),
    }
}

/// Opens a pack, bare or not, to judge single files by it.
pub fn of_pack(
    global: &Global,
    path: &Path,
    anchor: Option<Fingerprint>,
) -> Result<Reading, Fault> {
    let repository = open(path)?;
    let snapshot = match (repository.workdir(), repository.head()?) {
        (Some(_), _) => repository.work_tree()?,
        (None, Some(head)) => repository.snapshot(head)?,
        (None, None) => return Err(no_commit(path)),
    };
    let policy = load_policy(global.policy.as_deref(), &snapshot, path)?;
    Ok(Reading::of_pack(repository, snapshot, policy, anchor, terminal::now(global.now))?)
}

fn of_keys(
    global: &Global,
    arguments: &SingleArgs,
    anchor: Option<Fingerprint>,
) -> Result<Reading, Fault> {
    let read = |path: &std::path::PathBuf| Ok((path.display().to_string(), keys::read(path)?));
    let files = arguments.key.iter().map(read).collect::<Result<Vec<_>, Fault>>()?;
    let policy = global.policy.as_deref().map(policy).transpose()?;
    Reading::of_keys(&files, policy, anchor, terminal::now(global.now)).map_err(|error| {
        let first = arguments.key.first().map(|file| look_at(file));
        Fault::from(error).hint(first.unwrap_or_else(|| "secpack verify --help".to_owned()))
    })
}

fn policy(path: &Path) -> Result<(Policy, PolicySource), Fault> {
    Ok((policy_of(path)?, PolicySource::File(path.display().to_string())))
}

/// Reads one file with its size capped.
///
/// # Errors
/// Names the file.
pub fn file(path: &Path) -> Result<NamedFile, Fault> {
    let named = |e: std::io::Error| Fault::at(path, e);
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > CAP {
        return Err(Fault::at(path, format!("{size} bytes is too large for a document")));
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Fault::at(path, "its name is not text"))?;
    Ok(NamedFile { name: name.to_owned(), bytes: std::fs::read(path).map_err(named)? })
}

/// By what a report was judged, in one line.
pub fn judged_by(report: &SingleReport) -> String {
    source(report.policy.as_ref())
}

/// The same for any report.
pub fn source(policy: Option<&secpack_audit::PolicyReport>) -> String {
    match policy {
        None => "judged by the given certificates alone: nothing says whether their owners may sign this".to_owned(),
        Some(policy) if policy.source == "pack" => {
            format!("judged by {POLICY_FILE} of {} (version {})", secpack_pack::escape(&policy.name), policy.version)
        }
        Some(policy) => {
            format!("judged by {} (version {})", secpack_pack::escape(&policy.source), policy.version)
        }
    }
}
