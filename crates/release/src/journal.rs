//! What a release is about to do, written down before each effect: `release.json` in the folder
//! `secpack` of git's own folder.
//!
//! Progress is never read from here: every step finds out for itself whether it is done. The
//! journal says whose half-done work lies there, how to take it up again, and what may be taken
//! back. It is staged, synced, renamed, and its folder synced; it goes when nothing is left to do.

use crate::lock::Holder;
use secpack_git::{RefName, Repository};
use secpack_pack::{ObjectId, PackPath, escape};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const SCHEMA: &str = "secpack/release/1";
const NAME: &str = "release.json";
/// What unfinished files of the one writer begin with.
const UNFINISHED: &str = ".secpack-";

/// One effect that is about to happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "intent")]
pub enum Intent {
    /// The branch goes to a new commit.
    Commit {
        /// The commit, which is stored already.
        to: ObjectId,
        /// The files that it adds or changes.
        paths: Vec<PackPath>,
    },
    /// A new tag.
    Tag {
        /// Without `refs/tags/`.
        name: String,
        /// The tag, which is stored already.
        to: ObjectId,
    },
    /// The push: from here on nothing can be taken back unless the remote says it has nothing.
    Push {
        /// Whole refs and where they go.
        refs: Vec<(String, ObjectId)>,
    },
    /// The remote said that it has everything.
    Pushed,
    /// What was made here is being taken back.
    Abort,
}

/// An unfinished release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    schema: String,
    /// Who began it, and who took it up again.
    pub by: Vec<Holder>,
    /// The folder in which the command was typed.
    pub folder: PathBuf,
    /// The command, without the program's name.
    pub command: Vec<String>,
    /// The documents.
    pub documents: Vec<PackPath>,
    /// The remotes; the first is the truth.
    pub remotes: Vec<String>,
    /// The branch.
    pub branch: String,
    /// Where the branch was.
    pub before: Option<ObjectId>,
    /// What was about to happen, in order.
    pub intents: Vec<Intent>,
}

/// Why the journal cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It is there and cannot be read.
    #[error("{path}: {1}", path = escape(&.0.to_string_lossy()))]
    Io(PathBuf, #[source] std::io::Error),
    /// It is there and makes no sense.
    #[error("{path} is no journal of a release: {1}", path = escape(&.0.to_string_lossy()))]
    Malformed(PathBuf, #[source] serde_json::Error),
    /// It was written by another version of this program.
    #[error("{path} has the schema \"{1}\"", path = escape(&.0.to_string_lossy()))]
    Schema(PathBuf, String),
    /// It cannot be written.
    #[error(transparent)]
    Store(#[from] secpack_signing::StoreError),
    /// The repository does not say where it lies.
    #[error(transparent)]
    Git(#[from] secpack_git::Error),
}

/// The folder with journal and lock.
///
/// # Errors
/// When the repository cannot be read.
pub fn folder(repository: &Repository) -> Result<PathBuf, secpack_git::Error> {
    Ok(repository.common_dir()?.join("secpack"))
}

/// A journal at the place where it is kept.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    /// What it says; `None` when no release is unfinished.
    pub journal: Option<Journal>,
    /// When it was last written.
    pub written: Option<SystemTime>,
}

impl Kept {
    /// Reads what is there. Nothing is changed.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn read(repository: &Repository) -> Result<Self, JournalError> {
        let path = folder(repository)?.join(NAME);
        let failed = |e| JournalError::Io(path.clone(), e);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path, journal: None, written: None });
            }
            Err(error) => return Err(failed(error)),
        };
        let written = std::fs::metadata(&path).and_then(|meta| meta.modified()).map_err(failed)?;
        let journal: Journal = serde_json::from_slice(&text)
            .map_err(|error| JournalError::Malformed(path.clone(), error))?;
        if journal.schema != SCHEMA {
            return Err(JournalError::Schema(path, journal.schema));
        }
        Ok(Self { path, journal: Some(journal), written: Some(written) })
    }

    /// Takes away what a run that was killed left half written here. The lock must be held.
    #[expect(clippy::disallowed_methods, reason = "unfinished files of our own, under the lock")]
    pub fn sweep(&self) {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Begins a journal, or notes in the one that is there who goes on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&mut self, journal: Journal) -> Result<(), JournalError> {
        let mut journal = match self.journal.take() {
            Some(mut there) => {
                there.by.extend(journal.by);
                there
            }
            None => journal,
        };
        journal.intents.retain(|intent| *intent != Intent::Abort);
        self.journal = Some(journal);
        self.save()
    }

    /// Writes down what is about to happen.
    ///
    /// # Errors
    /// When it cannot be written; then it must not happen.
    pub fn intend(&mut self, intent: Intent) -> Result<(), JournalError> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        journal.add(intent);
        self.save()
    }

    /// Nothing is left to do.
    ///
    /// # Errors
    /// When the file cannot be removed.
    #[expect(clippy::disallowed_methods, reason = "a finished release needs no journal")]
    pub fn close(&mut self) -> Result<(), JournalError> {
        let failed = |e| JournalError::Io(self.path.clone(), e);
        match std::fs::remove_file(&self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        self.journal = None;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn save(&mut self) -> Result<(), JournalError> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let malformed = |error| JournalError::Malformed(self.path.clone(), error);
        let text = serde_json::to_vec_pretty(journal).map_err(malformed)?;
        secpack_signing::replace_file(&self.path, &text)?;
        self.written = std::fs::metadata(&self.path).and_then(|meta| meta.modified()).ok();
        Ok(())
    }
}

impl Journal {
    /// A journal with nothing intended yet.
    pub fn new(by: Holder, folder: PathBuf, command: Vec<String>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            by: vec![by],
            folder,
            command,
            documents: Vec::new(),
            remotes: Vec::new(),
            branch: String::new(),
            before: None,
            intents: Vec::new(),
        }
    }

    /// An intent takes the place of an earlier one about the same thing.
    fn add(&mut self, mut intent: Intent) {
        let mut earlier = Vec::new();
        self.intents.retain(|there| match (there, &intent) {
            (Intent::Commit { paths, .. }, Intent::Commit { .. }) => {
                earlier.extend(paths.iter().cloned());
                false
            }
            (Intent::Tag { name: one, .. }, Intent::Tag { name: two, .. }) => one != two,
            (there, intent) => std::mem::discriminant(there) != std::mem::discriminant(intent),
        });
        if let Intent::Commit { paths, .. } = &mut intent {
            earlier.retain(|path| !paths.contains(path));
            paths.extend(earlier);
        }
        self.intents.push(intent);
    }

    /// Whether the remote said that it has everything.
    pub fn is_pushed(&self) -> bool {
        self.intents.contains(&Intent::Pushed)
    }

    /// The refs here that the release may have been about to move.
    ///
    /// # Errors
    /// When the journal names a ref that cannot be one.
    pub fn refs(&self) -> Result<Vec<RefName>, secpack_git::Error> {
        let mut refs = vec![RefName::branch(&self.branch)?];
        for intent in &self.intents {
            if let Intent::Tag { name, .. } = intent {
                refs.push(RefName::tag(name)?);
            }
        }
        Ok(refs)
    }

    /// Whose it is, for a person.
    pub fn who(&self) -> String {
        self.by.first().map_or_else(|| "nobody".to_owned(), Holder::to_string)
    }

    /// The documents, for a person.
    pub fn what(&self) -> String {
        let names: Vec<&str> = self.documents.iter().map(PackPath::as_str).collect();
        names.join(", ")
    }
}
