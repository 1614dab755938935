//! A pack, read once: its policy, documents, signature files and keys, sorted by path.

use crate::{Document, Finding, Level, ObjectId, PackPath, Policy, SignatureFile};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One file of a snapshot, as the repository or the work tree has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies.
    pub path: PackPath,
    /// What it is.
    pub kind: FileKind,
    /// The git blob id of its content.
    pub id: ObjectId,
    /// Its bytes.
    pub content: Content,
}

/// What a tree entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file, executable or not.
    Regular,
    /// A symbolic link; the content is its target.
    Link,
    /// A submodule entry.
    Gitlink,
}

/// The bytes of a file, or the knowledge that they are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The exact bytes.
    Bytes(Arc<[u8]>),
    /// The object is not in the repository.
    Absent,
    /// Larger than the cap; the size in bytes.
    TooLarge(u64),
}

/// A file that holds certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// Where it lies.
    pub path: PackPath,
    /// Its bytes, a link followed inside the pack; `None` when they are missing.
    pub bytes: Option<Arc<[u8]>>,
}

/// A loaded snapshot. Nothing in it changes any more.
#[derive(Debug, Clone)]
pub struct Pack {
    /// The policy it is judged by.
    pub policy: Policy,
    /// Documents, by path.
    pub documents: BTreeMap<PackPath, Document>,
    /// Signature files, by path. A clearsigned document appears here under its own path.
    pub signatures: BTreeMap<PackPath, SignatureFile>,
    /// Key files, by path.
    pub keys: BTreeMap<PackPath, KeyFile>,
    /// What is wrong with the layout itself.
    pub findings: Vec<Finding>,
    files: BTreeMap<PackPath, File>,
}

impl Pack {
    /// Sorts files into documents, signatures and keys by the policy's patterns.
    pub fn assemble(policy: Policy, files: Vec<File>) -> Self {
        let files = files.into_iter().map(|file| (file.path.clone(), file)).collect();
        let mut pack = Self {
            policy,
            documents: BTreeMap::new(),
            signatures: BTreeMap::new(),
            keys: BTreeMap::new(),
            findings: Vec::new(),
            files,
        };
        pack.find_documents();
        pack.find_signatures();
        pack.find_keys();
        pack.find_strays();
        pack
    }

    /// The file at `path`, whatever it is.
    pub fn file(&self, path: &PackPath) -> Option<&File> {
        self.files.get(path)
    }

    /// Every file, by path.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// The signature files beside one document.
    pub fn signatures_of<'a>(
        &'a self,
        document: &'a PackPath,
    ) -> impl Iterator<Item = &'a SignatureFile> {
        self.signatures.values().filter(move |signature| &signature.document == document)
    }

    /// The documents of one series in the order of their numbers, then paths.
    pub fn series<'a>(&'a self, series: &'a crate::SeriesId) -> Vec<&'a Document> {
        let mut found: Vec<&Document> =
            self.documents.values().filter(|document| &document.id.series == series).collect();
        found.sort_by_key(|document| (document.id.number, document.path.clone()));
        found
    }

    /// The bytes of a regular file; links are refused here, so `None` for them too.
    fn regular(&self, path: &PackPath) -> Option<Arc<[u8]>> {
        let file = self.files.get(path)?;
        match (&file.kind, &file.content) {
            (FileKind::Regular, Content::Bytes(bytes)) => Some(Arc::clone(bytes)),
            _ => None,
        }
    }

    fn find_documents(&mut self) {
        let mut found = BTreeMap::new();
        for path in self.files.keys() {
            if let Some(id) = self.policy.identify(path) {
                let bytes = self.regular(path);
                found.insert(path.clone(), Document { id, path: path.clone(), bytes });
            }
        }
        let mut seen: BTreeMap<crate::DocumentId, PackPath> = BTreeMap::new();
        for document in found.values() {
            let mut key = document.id.clone();
            if key.number.is_some() {
                key.year = None;
                key.quarter = None;
            }
            if let Some(first) = seen.insert(key, document.path.clone()) {
                self.findings.push(
                    Finding::new(
                        "duplicate",
                        Level::Error,
                        document.path.as_str(),
                        &[first.as_str().as_bytes()],
                        format!("{} stands a second time; the first is {first}", document.id),
                    )
                    .with_help("remove one of the two files"),
                );
            }
        }
        self.documents = found;
    }

    fn find_signatures(&mut self) {
        let mut found = BTreeMap::new();
        for path in self.files.keys() {
            if let Some((document, member)) = self.policy.signature_place(path) {
                let bytes = self.regular(path);
                let file = SignatureFile { document, member, path: path.clone(), bytes };
                found.insert(path.clone(), file);
            }
        }
        for document in self.documents.values() {
            if self.policy.is_clearsigned(document) {
                let file = SignatureFile {
                    document: document.path.clone(),
                    member: None,
                    path: document.path.clone(),
                    bytes: document.bytes.clone(),
                };
                found.insert(document.path.clone(), file);
            }
        }
        for file in found.values() {
            if !self.documents.contains_key(&file.document) {
                self.findings.push(no_document(&file.path, &file.document));
            }
        }
        self.signatures = found;
    }

    fn find_keys(&mut self) {
        let mut found = BTreeMap::new();
        for (path, file) in &self.files {
            if self.policy.key_group(path).is_none() {
                continue;
            }
            let bytes = self.follow(file);
            found.insert(path.clone(), KeyFile { path: path.clone(), bytes });
        }
        self.keys = found;
    }

    /// A key file's bytes; one symbolic link inside the pack is followed.
    fn follow(&self, file: &File) -> Option<Arc<[u8]>> {
        let Content::Bytes(bytes) = &file.content else { return None };
        match file.kind {
            FileKind::Regular => Some(Arc::clone(bytes)),
            FileKind::Link => {
                let target = std::str::from_utf8(bytes).ok()?;
                self.regular(&file.path.resolve(target).ok()?)
            }
            FileKind::Gitlink => None,
        }
    }

    /// Files inside a series' folder that no pattern knows: most often a mistyped name.
    fn find_strays(&mut self) {
        let stray: Vec<PackPath> = self
            .files
            .keys()
            .filter(|path| {
                !self.documents.contains_key(*path)
                    && !self.signatures.contains_key(*path)
                    && !self.keys.contains_key(*path)
                    && self.policy.is_series_folder(path)
                    && !self.policy.is_unsigned(path)
            })
            .cloned()
            .collect();
        for path in stray {
            let finding = match self.policy.orphan_signature(&path) {
                Some(document) => no_document(&path, &document),
                None => Finding::new(
                    "stray",
                    Level::Warning,
                    path.as_str(),
                    &[],
                    "lies among documents but matches no name pattern of the policy",
                )
                .with_help("rename it, or list it under `unsigned` of its series"),
            };
            self.findings.push(finding);
        }
    }
}

fn no_document(path: &PackPath, document: &PackPath) -> Finding {
    let text = format!("a signature without its document {document}");
    Finding::new("no-document", Level::Error, path.as_str(), &[], text)
        .with_help(format!("put {document} back, or rename or remove this file"))
}
