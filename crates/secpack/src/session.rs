//! What nearly every command needs: the repository, its files, the policy and all certificates.

use crate::arguments::Global;
use crate::fault::{look_at, numbered, word};
use crate::typed::Typed;
use crate::{Fault, terminal};
use chrono::{DateTime, Utc};
use secpack_audit::{Gathered, PolicySource, Scope, gather};
use secpack_git::{Error, Repository, Snapshot};
use secpack_openpgp::{Authority, DatedPolicy, Trust};
use secpack_pack::{Content, FileKind, Pack, Policy};
use std::path::{Path, PathBuf};

pub use secpack_pack::policy::FILE as POLICY_FILE;

/// An opened pack.
pub struct Session {
    /// The repository.
    pub repository: Repository,
    /// The files on disk, sorted by the policy.
    pub pack: Pack,
    /// Certificates and their groups.
    pub gathered: Gathered,
    /// The time taken for now.
    pub now: DateTime<Utc>,
}

impl Session {
    /// Opens the pack around `--pack` or the current folder, for commands that write.
    ///
    /// # Errors
    /// When there is no work tree, no policy, or either cannot be read.
    pub fn open(global: &Global) -> Result<Self, Fault> {
        let now = terminal::now(global.now);
        let (repository, start) = locate(global)?;
        let head = repository.head()?;
        let snapshot = repository.work_tree()?;
        let root = repository.workdir().unwrap_or(&start);
        let (policy, _) = load_policy(global.policy.as_deref(), &snapshot, root)?;
        let tips = secpack_audit::tips(head, &repository.tags()?);
        let pack = Pack::assemble(policy, snapshot.files);
        let gathered = gather(&repository, &pack, &tips, Scope::History)?;
        Ok(Self { repository, pack, gathered, now })
    }

    /// Who is who, at now.
    pub fn authority(&self) -> Authority<'_> {
        Authority::new(
            &self.gathered.keyring,
            DatedPolicy::new(&self.pack.policy, self.now),
            self.gathered.groups.clone(),
            &Trust::Policy,
        )
    }

    /// The work tree's folder.
    pub fn root(&self) -> PathBuf {
        self.repository.workdir().map(Path::to_owned).unwrap_or_default()
    }

    /// Where a path of the pack lies on disk.
    pub fn on_disk(&self, path: &secpack_pack::PackPath) -> PathBuf {
        self.root().join(path.as_str())
    }
}

/// The repository around `--pack` or the current folder, for commands that write, and where it was
/// looked for.
///
/// # Errors
/// When there is none, or it has no work tree.
pub fn locate(global: &Global) -> Result<(Repository, PathBuf), Fault> {
    let start = match &global.pack {
        Some(path) => path.clone(),
        None => terminal::current_folder()?,
    };
    let repository = Repository::discover(&start).map_err(|error| match error {
        Error::NotARepository { .. } => Fault::from(error)
            .adding("a pack elsewhere is named with --pack DIR; a new one is made by secpack init")
            .hint(match meant().filter(|_| global.pack.is_none()) {
                None if request().is_some() => request().unwrap_or_default(),
                Some(root) => terminal::typed().with(&["--pack", &root]).to_string(),
                None => "secpack init --help".to_owned(),
            }),
        Error::Io { .. } => Fault::from(error).hint(look_at(&start)),
        error => Fault::from(error),
    })?;
    if repository.workdir().is_none() {
        // Git's own folder looks like a bare repository from inside.
        let absolute = start.canonicalize().unwrap_or_else(|_| start.clone());
        let own = absolute.ancestors().find(|above| above.ends_with(".git"));
        if let Some(root) = own.and_then(Path::parent) {
            let text = format!("{} is the inside of git's own folder", start.display());
            let there = Repository::open(root).is_ok_and(|found| found.workdir().is_some());
            if there {
                return Err(Fault::new(text).hint(format!("cd {}", word(root))));
            }
        }
        return Err(Fault::new(format!("{} is a bare repository", start.display()))
            .hint(format!("git clone {} PACK", word(&start))));
    }
    Ok((repository, start))
}

/// A request is answered without a pack.
fn request() -> Option<String> {
    let mut words = terminal::words();
    let sign = words.iter().position(|word| word == "sign")?;
    let is_request = |word: &String| word.ends_with(".request") && Path::new(word).is_file();
    words.iter().find(|word| is_request(word))?;
    words.insert(sign + 1, "request".to_owned());
    Some(Typed::new(words).without("--as").to_string())
}

/// The pack that a word of the command line lies in.
fn meant() -> Option<String> {
    let words = terminal::words();
    let paths = words.iter().map(Path::new).filter(|path| path.exists());
    let root = paths.flat_map(Path::ancestors).find(|above| above.join(POLICY_FILE).is_file())?;
    Some(root.display().to_string()).filter(|root| !root.is_empty())
}

/// The policy: of the file given, else of the snapshot.
///
/// # Errors
/// When there is none, or it is not valid; names the file.
pub fn load_policy(
    given: Option<&Path>,
    snapshot: &Snapshot,
    pack: &Path,
) -> Result<(Policy, PolicySource), Fault> {
    if let Some(path) = given {
        return Ok((policy_of(path)?, PolicySource::File(path.display().to_string())));
    }
    let file = snapshot.files.iter().find(|file| file.path.as_str() == POLICY_FILE);
    let Some(file) = file else {
        return Err(Fault::new(format!(
            "{} holds no {POLICY_FILE}, so nothing says who must sign",
            pack.display()
        ))
        .adding("one that lies elsewhere is given with --policy FILE")
        .hint(first_policy(pack)));
    };
    let place = pack.join(POLICY_FILE);
    let look = match place.is_file() {
        true => numbered(&place),
        false => format!("git -C {} show HEAD:{POLICY_FILE}", word(pack)),
    };
    if file.kind == FileKind::Link {
        let fault = Fault::new(format!("{POLICY_FILE} is a link, which no reader follows"));
        return Err(fault.adding("the file itself must stand there").hint(
            match place.is_symlink() {
                true => format!("ls -l {}", word(&place)),
                false => look,
            },
        ));
    }
    let Content::Bytes(bytes) = &file.content else {
        return Err(Fault::new(format!("{POLICY_FILE}: its object is missing in the repository"))
            .hint(format!("git -C {} fsck --full", word(pack))));
    };
    let text = std::str::from_utf8(bytes).map_err(|_| match place.is_file() {
        true => Fault::not_utf8(&place),
        false => {
            Fault::new(format!("{POLICY_FILE}: it is not UTF-8")).hint(format!("{look} | cat -v"))
        }
    })?;
    Ok((parse_policy(text, POLICY_FILE, &look)?, PolicySource::Pack))
}

/// What brings a policy: the one that was committed, one by what is there, or a new pack.
fn first_policy(pack: &Path) -> String {
    let repository = Repository::open_for_reading(pack).ok();
    let head = repository.as_ref().and_then(|repository| repository.head().ok().flatten());
    let policy = POLICY_FILE.parse().ok();
    let committed = repository
        .zip(head)
        .zip(policy)
        .and_then(|((repository, head), policy)| repository.blob_at(head, &policy).ok().flatten());
    match (head, committed) {
        // A folder in its place is somebody's work.
        (Some(_), Some(_)) if pack.join(POLICY_FILE).exists() => look_at(&pack.join(POLICY_FILE)),
        (Some(_), Some(_)) => format!("git -C {} checkout HEAD -- {POLICY_FILE}", word(pack)),
        (Some(_), None) => format!("secpack policy infer {}", word(pack)),
        (None, _) => "secpack init --help".to_owned(),
    }
}

/// The policy in a file outside of a pack.
///
/// # Errors
/// When it cannot be read, or is not valid; names the file.
pub fn policy_of(path: &Path) -> Result<Policy, Fault> {
    let bytes = std::fs::read(path).map_err(|error| Fault::at(path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| Fault::not_utf8(path))?;
    parse_policy(&text, &path.display().to_string(), &numbered(path))
}

/// A policy from its text; `shown` names it in messages, `look` shows it with its lines.
///
/// # Errors
/// When it is not valid.
pub fn parse_policy(text: &str, shown: &str, look: &str) -> Result<Policy, Fault> {
    Policy::parse(text).map_err(|error| {
        Fault::new(format!("{shown} is not a valid policy:\n{error}"))
            .adding("every key is described in docs/pack-format.md")
            .hint(look)
    })
}
