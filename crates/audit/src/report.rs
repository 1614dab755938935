//! The report as data: `secpack verify --json` prints exactly this.
//!
//! Fields are only ever added within one schema version.

use chrono::NaiveDate;
use secpack_pack::{Finding, Fingerprint, MemberId, ObjectId, PackPath, Reason, RootId, SeriesId};
use serde::Serialize;
use std::collections::BTreeMap;

/// The schema of [`Report`].
pub const SCHEMA: &str = "secpack/verify/1";

/// Whether everything that was judged is good or accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Result {
    /// No finding of level error that the policy does not accept.
    Good,
    /// At least one such finding.
    NotGood,
}

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The name and version of this format.
    pub schema: &'static str,
    /// The outcome.
    pub result: Result,
    /// What was judged.
    pub pack: PackReport,
    /// By which policy.
    pub policy: PolicyReport,
    /// Under which anchor.
    pub anchor: Option<AnchorReport>,
    /// Counts over everything judged.
    pub summary: Summary,
    /// Documents, by path.
    pub documents: Vec<DocumentReport>,
    /// Tags, by ref.
    pub tags: Vec<TagReport>,
    /// Certificates, by path, then in the order of the file.
    pub keys: Vec<KeyReport>,
    /// The commit that was judged and who tagged it.
    pub head: HeadReport,
    /// The newest complete canary of each series.
    pub canaries: Vec<CanaryReport>,
    /// Findings, sorted by level, path and rule; those of the reader's memory come last.
    pub findings: Vec<Finding>,
    /// What the reader's memory says.
    pub memory: MemoryReport,
    /// What is there now, for the memory; only with an anchor and a commit.
    #[serde(skip)]
    pub present: Option<crate::memory::Present>,
    /// Every commit of the main line; only when history was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<crate::HistoryReport>,
}

/// What was judged.
#[derive(Debug, Clone, Serialize)]
pub struct PackReport {
    /// The path as given.
    pub path: String,
    /// The commit, if there is one.
    pub commit: Option<ObjectId>,
    /// Whether the files were those of the work tree instead of the commit's.
    pub work_tree: bool,
}

/// By which policy.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyReport {
    /// `pack`, or the path of the file that was given; `memory` when a rollback was found before
    /// any policy was read.
    pub source: String,
    /// Its version.
    pub version: u32,
    /// The name of the pack in it.
    pub name: String,
}

/// Under which anchor.
#[derive(Debug, Clone, Serialize)]
pub struct AnchorReport {
    /// The fingerprint that the reader brought.
    pub fingerprint: Fingerprint,
    /// The root of the policy that it is, if it is one.
    pub root: Option<RootId>,
}

/// Counts over everything judged.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Documents by state.
    pub documents: Counts,
    /// Signatures by verdict; `missing` counts required signatures without a file.
    pub signatures: Counts,
    /// Tags by verdict.
    pub tags: Counts,
    /// Certificates by verdict.
    pub keys: Counts,
    /// Findings by level, and accepted ones.
    pub findings: Counts,
    /// Only when history was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<HistorySummary>,
}

/// Counts by name.
pub type Counts = BTreeMap<&'static str, u64>;

/// Counts over the commits of the main line.
#[derive(Debug, Clone, Serialize)]
pub struct HistorySummary {
    /// Commits looked at.
    pub commits: u64,
    /// Distinct pairs of signature and text.
    pub pairs: u64,
    /// Commits at which some signature does not match its text.
    pub stale_commits: u64,
}

/// One document.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentReport {
    /// Where it lies.
    pub path: PackPath,
    /// Its series.
    pub series: SeriesId,
    /// Its number.
    pub number: Option<u32>,
    /// The year in its path.
    pub year: Option<u16>,
    /// `complete`, `incomplete` or `broken`.
    pub state: &'static str,
    /// Members of whom a signature is asked.
    pub required: Vec<MemberId>,
    /// Its signatures, by path.
    pub signatures: Vec<SignatureReport>,
}

/// One signature file.
#[derive(Debug, Clone, Serialize)]
pub struct SignatureReport {
    /// Where it lies; the document itself when clearsigned.
    pub path: PackPath,
    /// The member it counts for, or whose name it bears.
    pub member: Option<MemberId>,
    /// Its reason code.
    pub verdict: Reason,
    /// One line more, or empty.
    pub detail: String,
    /// The key that made it.
    pub signer: Option<Fingerprint>,
    /// When, RFC 3339 in UTC.
    pub made: Option<String>,
    /// Its hash algorithm.
    pub hash: Option<String>,
}

/// One tag.
#[derive(Debug, Clone, Serialize)]
pub struct TagReport {
    /// The whole ref.
    #[serde(rename = "ref")]
    pub name: String,
    /// Its reason code.
    pub verdict: Reason,
    /// One line more, or empty.
    pub detail: String,
    /// The member it counts for, or whose name it bears.
    pub member: Option<MemberId>,
    /// The key that made it.
    pub signer: Option<Fingerprint>,
    /// The commit it is about.
    pub commit: Option<ObjectId>,
    /// When, RFC 3339 in UTC.
    pub made: Option<String>,
    /// Its hash algorithm.
    pub hash: Option<String>,
}

/// One certificate in one key file.
#[derive(Debug, Clone, Serialize)]
pub struct KeyReport {
    /// The key file.
    pub path: PackPath,
    /// Its primary fingerprint.
    pub fingerprint: Fingerprint,
    /// The root that certifies it, where the policy asks for one.
    pub certified_by: Option<Fingerprint>,
    /// When it expires, RFC 3339 in UTC.
    pub expires: Option<String>,
    /// `good`, `uncertified-key`, `revoked` or `expired`.
    pub verdict: Reason,
}

/// The commit that was judged.
#[derive(Debug, Clone, Serialize)]
pub struct HeadReport {
    /// Its id.
    pub commit: Option<ObjectId>,
    /// Members with a good tag on it.
    pub tagged_by: Vec<MemberId>,
    /// Its own signature; only where the policy asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<CommitReport>,
}

/// The signature inside a commit.
#[derive(Debug, Clone, Serialize)]
pub struct CommitReport {
    /// Its reason code.
    pub verdict: Reason,
    /// One line more, or empty.
    pub detail: String,
    /// The member it counts for.
    pub member: Option<MemberId>,
    /// The key that made it.
    pub signer: Option<Fingerprint>,
    /// When, RFC 3339 in UTC.
    pub made: Option<String>,
    /// Its hash algorithm.
    pub hash: Option<String>,
}

/// The newest complete canary of a series.
#[derive(Debug, Clone, Serialize)]
pub struct CanaryReport {
    /// Where it lies.
    pub path: PackPath,
    /// Its series.
    pub series: SeriesId,
    /// Its number.
    pub number: Option<u32>,
    /// What people call it.
    pub label: String,
    /// Its date of issue.
    pub date: Option<NaiveDate>,
    /// Where the next one stands.
    pub state: CanaryState,
    /// The last day on which the next one is in time, UTC.
    pub due: Option<NaiveDate>,
    /// Days since then, when it is overdue.
    pub days_overdue: Option<u32>,
}

impl CanaryReport {
    /// `Canary-041 of 2024-12-03`, escaped.
    pub fn name(&self) -> String {
        let label = secpack_pack::escape(&self.label);
        self.date.map_or(label.clone(), |date| format!("{label} of {date}"))
    }
}

/// Where the next canary stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CanaryState {
    /// Its window has not begun.
    Early,
    /// It may be published now.
    Open,
    /// Its window is over and it is not there.
    Overdue,
    /// Nothing says when it is due.
    Unscheduled,
    /// None follows: the newest one says that it is the last.
    Ended,
}

/// What the reader's memory says of the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemoryReport {
    /// How it ended.
    pub state: MemoryState,
    /// The commit that was remembered before this run.
    pub seen_head: Option<ObjectId>,
}

impl MemoryReport {
    /// Nothing is remembered or compared.
    pub const OFF: Self = Self { state: MemoryState::Off, seen_head: None };
}

/// How a run ended for the reader's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MemoryState {
    /// Nothing was remembered before; now this is.
    First,
    /// A later commit was found good and is remembered now.
    Advanced,
    /// The commit is the one that was remembered.
    Unchanged,
    /// Not good, or not a successor; the memory is as it was.
    Refused,
    /// Nothing is remembered or compared.
    Off,
}

/// RFC 3339 in UTC, to the second, as everywhere in reports.
pub fn rfc3339(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
