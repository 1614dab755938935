//! The third clock: a signature says when it was made, and history says when its text first
//! appeared. Whoever has a key that expired or was retired since can still make signatures with a
//! date of then; what they cannot do is to have published the text then.

use crate::AuditError;
use crate::documents::{JudgedDocument, evidence};
use crate::moved::Versions;
use chrono::{DateTime, TimeDelta, Utc};
use secpack_git::{BlobVersion, Repository};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Finding, Level, ObjectId, Pack, PackPath};
use secpack_signing::JudgedSignature;

/// How long a text may have been signed before it appears. Texts under embargo are signed early:
/// in the real pack that was measured, 63 days at most.
const LIMIT: TimeDelta = TimeDelta::days(180);

/// What to do about it.
const HELP: &str = "ask the member when they made it; whoever has an old key can write an old date";

/// What history is looked up in.
pub(crate) struct Past<'a> {
    pub repository: &'a Repository,
    pub pack: &'a Pack,
    pub versions: &'a Versions,
    pub head: Option<ObjectId>,
    pub tips: &'a [ObjectId],
}

/// Findings about good signatures that are much older than their text is public.
pub(crate) fn findings(
    past: &Past<'_>,
    judged: &[JudgedDocument<'_>],
) -> Result<Vec<Finding>, AuditError> {
    let mut found = Vec::new();
    for document in judged.iter().filter(|d| begins_in_the_pack(past.pack, d)) {
        let path = &document.document.path;
        let Some(text) = past.pack.file(path).map(|file| file.id) else { continue };
        let Some(commit) = past.versions.first(path, text) else { continue };
        let at = past.repository.commit(commit)?.committer_time;
        let is_old = |s: &&JudgedSignature| {
            s.judged.verdict.is_good() && s.judged.made.is_some_and(|made| at - made > LIMIT)
        };
        let mut old = document.tally.signatures.iter().filter(is_old).peekable();
        if old.peek().is_none() {
            continue;
        }
        let (beginning, appeared) = past.clocks(text, at)?;
        let is_late = |s: &&JudgedSignature| {
            s.judged.made.is_some_and(|made| appeared - made.max(beginning) > LIMIT)
        };
        found.extend(old.filter(is_late).map(|s| past.finding(path, s, appeared)));
    }
    Ok(found)
}

/// Lists of digests are published beside their images, and often come into a pack much later.
fn begins_in_the_pack(pack: &Pack, judged: &JudgedDocument<'_>) -> bool {
    match pack.policy.find_series(&judged.document.id.series).map(|series| series.kind) {
        Some(SeriesKind::Digest) | None => false,
        Some(
            SeriesKind::Bulletin | SeriesKind::Canary | SeriesKind::Policy | SeriesKind::Statement,
        ) => true,
    }
}

impl Past<'_> {
    /// When history begins, and when a text appeared at any path: a renamed document is younger
    /// than its text.
    fn clocks(
        &self,
        text: ObjectId,
        here: DateTime<Utc>,
    ) -> Result<(DateTime<Utc>, DateTime<Utc>), AuditError> {
        let mut commits: Vec<ObjectId> = self
            .repository
            .blob_versions(self.tips, &|_| true)?
            .into_iter()
            .filter(|version: &BlobVersion| version.id == text)
            .map(|version| version.commit)
            .collect();
        commits.sort();
        commits.dedup();
        let mut appeared = here;
        for commit in commits {
            appeared = appeared.min(self.repository.commit(commit)?.committer_time);
        }
        let mut beginning = appeared;
        for commit in
            self.head.map(|head| self.repository.mainline(head)).transpose()?.unwrap_or_default()
        {
            beginning = beginning.min(self.repository.commit(commit)?.committer_time);
        }
        Ok((beginning, appeared))
    }

    fn finding(
        &self,
        document: &PackPath,
        signature: &JudgedSignature,
        appeared: DateTime<Utc>,
    ) -> Finding {
        let made = signature.judged.made.map(|made| made.date_naive().to_string());
        let said = format!(
            "it says it was made on {}, but its text first appears on {}",
            made.unwrap_or_default(),
            appeared.date_naive()
        );
        let evidence = [evidence(self.pack, &signature.path), evidence(self.pack, document)];
        let evidence: Vec<&[u8]> = evidence.iter().map(Vec::as_slice).collect();
        let path = signature.path.as_str();
        Finding::new("backdated", Level::Error, path, &evidence, said).with_help(HELP)
    }
}
