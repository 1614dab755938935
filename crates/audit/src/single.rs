//! Single documents outside a clone: a text, the signatures beside it, and whatever says who may
//! sign it: a pack, a policy with certificates, or certificates alone.
//!
//! With certificates alone only the cryptography is judged, and the report says so.

mod identify;
mod judge;
mod past;
mod report;

pub use identify::NameError;
pub(crate) use judge::{Own, bare_detached, bare_finding, bare_report};
pub use report::{FileReport, SingleReport};

use crate::gather::groups;
use crate::memory::Memory;
use crate::verify::trust;
use crate::{AuditError, Gathered, PolicySource, Scope, anchor, gather, policy_chain, tips};
use chrono::{DateTime, Utc};
use secpack_git::{Repository, Snapshot};
use secpack_openpgp::{Authority, DatedPolicy, Keyring, Trust};
use secpack_pack::{
    Document, Finding, Fingerprint, ObjectId, Pack, PackPath, Policy, SignatureFile,
};

/// A policy that names nobody: what certificates alone are judged by.
const NOBODY: &str =
    "schema = \"secpack/policy/1\"\nversion = 0\nname = \"no policy\"\nseries = []\n";

/// Why a single document could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum SingleError {
    /// The repository could not be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// No series of the policy has files of that name.
    #[error("the policy has no document named \"{}\"", secpack_pack::escape(.0))]
    UnknownName(String),
    /// The name of a file is none inside a pack, or that of several documents.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No signature stands beside the document, nor inside it.
    #[error("{} has no signature beside it", secpack_pack::escape(.0))]
    NoSignature(String),
    /// None of the given files holds a certificate that can be read.
    #[error("no certificate could be read: {0}")]
    NoCertificate(String),
}

/// Everything that single documents are judged with.
pub struct Reading {
    repository: Option<Repository>,
    pack: Pack,
    gathered: Gathered,
    tips: Vec<ObjectId>,
    /// `None` when there is no policy at all.
    source: Option<PolicySource>,
    anchor: Option<Fingerprint>,
    now: DateTime<Utc>,
    /// The commit that the pack is at.
    commit: Option<ObjectId>,
    /// What the reader saw of this pack before.
    seen: Option<Memory>,
    /// Set when the pack is older than what the reader saw.
    rolled_back: Option<Finding>,
}

/// A file by its name, and its bytes.
#[derive(Debug, Clone)]
pub struct NamedFile {
    /// The last part of its path.
    pub name: String,
    /// Its exact bytes.
    pub bytes: Vec<u8>,
}

impl Reading {
    /// With the policy and certificates of a pack.
    ///
    /// # Errors
    /// [`AuditError`] when the repository cannot be read.
    pub fn of_pack(
        repository: Repository,
        snapshot: Snapshot,
        policy: (Policy, PolicySource),
        anchor: Option<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<Self, AuditError> {
        let head = snapshot.commit.or(repository.head()?);
        let pack = Pack::assemble(policy.0, snapshot.files);
        let tips = tips(head, &repository.tags()?);
        let gathered = gather(&repository, &pack, &tips, Scope::History)?;
        let source = Some(policy.1);
        Ok(Self {
            repository: Some(repository),
            pack,
            gathered,
            tips,
            source,
            anchor,
            now,
            commit: head,
            seen: None,
            rolled_back: None,
        })
    }

    /// With certificate files that the reader brought, and a policy where they brought one.
    ///
    /// # Errors
    /// [`SingleError::NoCertificate`] when one of the files cannot be read whole.
    pub fn of_keys(
        keys: &[(String, Vec<u8>)],
        policy: Option<(Policy, PolicySource)>,
        anchor: Option<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<Self, SingleError> {
        let keyring = Keyring::gather(keys.iter().map(|(path, bytes)| (path.as_str(), &**bytes)));
        let lost = keyring.problems().iter().find(|p| p.lost == secpack_openpgp::Lost::Block);
        if let Some(problem) = lost {
            let text = format!("{}: {}", secpack_pack::escape(&problem.source), problem.text);
            return Err(SingleError::NoCertificate(text));
        }
        let (policy, source) = match policy {
            Some((policy, source)) => (policy, Some(source)),
            None => (Policy::parse(NOBODY).expect("a valid policy"), None),
        };
        let groups = groups(&policy, &keyring);
        let gathered = Gathered { keyring, groups };
        let pack = Pack::assemble(policy, Vec::new());
        Ok(Self {
            repository: None,
            pack,
            gathered,
            tips: Vec::new(),
            source,
            anchor,
            now,
            commit: None,
            seen: None,
            rolled_back: None,
        })
    }

    /// Who is who.
    pub fn authority(&self) -> Authority<'_> {
        let policy = DatedPolicy::new(&self.pack.policy, self.now);
        let groups = self.gathered.groups.clone();
        Authority::new(&self.gathered.keyring, policy, groups, &self.trust())
    }

    /// Keys from outside a pack lie in no key group, so only an anchor asks for certifications.
    fn trust(&self) -> Trust {
        match (&self.source, &self.repository, &self.anchor) {
            (Some(source), Some(_), anchor) => trust(source, anchor.as_ref()),
            (_, _, Some(anchor)) => Trust::Anchor(anchor.clone()),
            (_, _, None) => Trust::Policy,
        }
    }

    /// The time that is judged by.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The pack that documents are compared with; empty when none was given.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Every certificate that signatures are judged with.
    pub fn keyring(&self) -> &Keyring {
        &self.gathered.keyring
    }

    /// Whether anything says who may sign.
    pub fn has_policy(&self) -> bool {
        self.source.is_some()
    }

    /// What is wrong with the anchor or with the pack's own policy; nothing judged by them can be
    /// good then.
    pub(crate) fn findings(&self, authority: &Authority<'_>) -> Result<Vec<Finding>, AuditError> {
        let mut found: Vec<Finding> = self.rolled_back.iter().cloned().collect();
        if let (Some(fingerprint), Some(_)) = (&self.anchor, &self.source) {
            let report = anchor::report(&self.pack.policy, fingerprint);
            found.extend(anchor::findings(&self.pack.policy, authority.keyring, &report));
        }
        if let (Some(PolicySource::Pack), Some(repository)) = (&self.source, &self.repository) {
            let trust = self.trust();
            let (pack, tips) = (&self.pack, &self.tips);
            found.extend(policy_chain::findings(repository, authority, pack, tips, &trust)?);
        }
        Ok(found)
    }

    /// A signature beside a document: for whom, by the patterns of the policy. A name that fits
    /// none claims nobody.
    pub(crate) fn signature(&self, document: &Document, file: &NamedFile) -> Option<SignatureFile> {
        let path = beside(document.path.folder(), &file.name)?;
        let place = self.pack.policy.signature_place(&path);
        let member = place.filter(|(of, _)| of == &document.path).and_then(|(_, member)| member);
        let bytes = Some(file.bytes.as_slice().into());
        Some(SignatureFile { document: document.path.clone(), member, path, bytes })
    }
}

fn beside(folder: &str, name: &str) -> Option<PackPath> {
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    path.parse().ok()
}
