//! The shape of `secpack.toml`, as serde reads it. Unknown keys are refused everywhere.

use super::branches::Branches;
use super::embargo::{Embargo, Recipient, Track};
use super::texts::{CanaryRules, TextRules, Upstream};
use super::written::{date, required_date, signers};
use crate::{Fingerprint, GroupId, MemberId, NumberSet, PackPath, Pattern, RootId, SeriesId};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    pub schema: String,
    pub version: u32,
    pub name: String,
    #[serde(default)]
    pub root: Vec<Root>,
    #[serde(default)]
    pub keys: Vec<KeyGroup>,
    #[serde(default)]
    pub member: Vec<Member>,
    #[serde(default)]
    pub role: Vec<Role>,
    pub series: Vec<Series>,
    #[serde(default)]
    pub require: Vec<Requirement>,
    #[serde(default)]
    pub text: Vec<TextRules>,
    #[serde(default)]
    pub canary: Vec<CanaryRules>,
    #[serde(default)]
    pub upstream: Vec<Upstream>,
    #[serde(default)]
    pub hash: Vec<HashRule>,
    #[serde(default)]
    pub validity: Validity,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub branches: Branches,
    #[serde(default)]
    pub accepted: Vec<Accepted>,
    pub embargo: Option<Embargo>,
    #[serde(default)]
    pub recipient: Vec<Recipient>,
    #[serde(default)]
    pub track: Vec<Track>,
}

/// A key that certifies others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// Its name in the policy.
    pub id: RootId,
    /// Its pinned primary fingerprint.
    pub fingerprint: Fingerprint,
}

/// A group of certificates in the pack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyGroup {
    /// Its name in the policy.
    pub group: GroupId,
    /// Globs of the files that hold them.
    pub paths: Vec<Pattern>,
    /// The root that must certify each of them, or none.
    pub certified_by: Option<RootId>,
    /// The only certificates that count for this group where it signs documents; without any,
    /// whatever lies in its files does.
    #[serde(default)]
    pub fingerprints: Vec<Fingerprint>,
}

/// A team member and the keys that are theirs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The short name in file and tag names.
    pub id: MemberId,
    /// Other names the same person signed under.
    #[serde(default)]
    pub aliases: Vec<MemberId>,
    /// Pinned primary fingerprints; subkeys follow the primary key.
    pub fingerprints: Vec<Fingerprint>,
}

/// What a member signs, and when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Whose role.
    pub member: MemberId,
    /// Series names, and `tag` for signed tags.
    pub signs: Vec<SeriesId>,
    /// Document numbers; all when absent.
    pub numbers: Option<NumberSet>,
    /// First day, UTC.
    #[serde(default, deserialize_with = "date")]
    pub from: Option<NaiveDate>,
    /// Last day, UTC, inclusive.
    #[serde(default, deserialize_with = "date")]
    pub until: Option<NaiveDate>,
}

/// What a series is, which decides the rules for its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeriesKind {
    /// Security bulletins.
    Bulletin,
    /// Warrant canaries.
    Canary,
    /// Digests of release images.
    Digest,
    /// This policy itself.
    Policy,
    /// Any other signed file.
    Statement,
}

/// How a series is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Signature files beside the document.
    #[default]
    Detached,
    /// The document carries its signature (cleartext signature framework).
    Clearsigned,
    /// Either of the two.
    Either,
}

/// A kind of document: where it lies, what signs it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Its name.
    pub id: SeriesId,
    /// Its kind.
    pub kind: SeriesKind,
    /// How people call a document, for example `QSB-{number:3}`.
    pub label: Option<Pattern>,
    /// Path patterns; the first one names new documents.
    pub paths: Vec<Pattern>,
    /// Patterns of signature files; the first one names new signatures.
    #[serde(default)]
    pub signatures: Vec<Pattern>,
    /// How documents are signed.
    #[serde(default)]
    pub form: Form,
    /// Files in the same folders that need no signature.
    #[serde(default)]
    pub unsigned: Vec<Pattern>,
    /// A template inside the pack that wins over the built-in one.
    pub template: Option<PackPath>,
}

/// Who must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signers {
    /// Every member whose role covers the document.
    All,
    /// At least so many of them.
    Count(u32),
    /// Exactly these members, each of them.
    Named(Vec<MemberId>),
    /// At least one key of this group, whoever holds it.
    Group(GroupId),
    /// Nobody: an exception for what was never signed.
    Nobody,
}

/// A requirement for a range of documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The series it speaks of.
    pub series: SeriesId,
    /// `"all"`, `"none"`, a count, a list of members, or `{ group = "..." }`.
    #[serde(deserialize_with = "signers")]
    pub signers: Signers,
    /// Document numbers; all when absent.
    pub numbers: Option<NumberSet>,
    /// Names of documents in series without numbers; all when absent.
    pub names: Option<Vec<String>>,
    /// Makes it an exception, which wins over the plain requirement.
    pub reason: Option<String>,
}

/// What a hash rule applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HashUse {
    /// Signatures over documents.
    Documents,
    /// Signatures of tags and commits.
    Tags,
    /// Self-signatures of certificates.
    SelfSignatures,
    /// Certifications by a root.
    Certifications,
}

/// A weak hash that counts up to a date.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashRule {
    /// The algorithm, for example `SHA1`.
    pub algorithm: String,
    /// Where it counts.
    pub uses: Vec<HashUse>,
    /// Counts for signatures made up to this day, UTC, inclusive.
    #[serde(deserialize_with = "required_date")]
    pub until: NaiveDate,
    /// Why it is accepted.
    pub reason: String,
}

/// What becomes of a signature older than every self-signature of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Refreshed {
    /// It does not count: only self-signatures of its time do.
    #[default]
    Refuse,
    /// It counts: the self-signature was refreshed later.
    Accept,
}

/// How validity is judged.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// Self-signatures that were replaced by newer ones.
    #[serde(default)]
    pub refreshed_self_signatures: Refreshed,
}

/// Whether commits carry signatures of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommitSignatures {
    /// They need none.
    #[default]
    None,
    /// HEAD must be signed by a member.
    Required,
}

/// How tags are named, worded and counted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// Name patterns; the first one names new tags.
    #[serde(default = "tag_patterns")]
    pub patterns: Vec<Pattern>,
    /// The message of new tags; `{commit}` is the full object id.
    #[serde(default = "tag_message")]
    pub message: String,
    /// How many members must have tagged HEAD.
    #[serde(default)]
    pub head: u32,
    /// Signatures inside commits.
    #[serde(default)]
    pub commit_signatures: CommitSignatures,
}

fn tag_patterns() -> Vec<Pattern> {
    vec!["{member}_sec_{commit:8}".parse().expect("a valid pattern")]
}

fn tag_message() -> String {
    "Tag for commit {commit}".to_owned()
}

impl Default for Tags {
    fn default() -> Self {
        Self {
            patterns: tag_patterns(),
            message: tag_message(),
            head: 0,
            commit_signatures: CommitSignatures::None,
        }
    }
}

/// Old findings that a person looked at and accepted, all for one reason.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Ids as reports give them.
    pub ids: Vec<String>,
    /// Why they are accepted.
    pub reason: String,
}
