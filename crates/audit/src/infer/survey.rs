//! Everything that was found out about a pack, in the order in which one thing follows from
//! another: files, certificates, signatures, series, members, roots, roles, rules.

use super::canaries::{self, CanaryFound};
use super::certificates;
use super::files::Sorted;
use super::groups::{self, Certifications, GroupFound, RootFound};
use super::hashes::{self, HashFound};
use super::headings::{self, TextFound};
use super::naming;
use super::people::{self, People};
use super::roles::{self, RequireFound, RoleFound};
use super::seen::{Evidence, Eyes, SeenTag};
use super::series::{self, SeriesFound};
use super::tag_names::{self, TagName};
use super::tags::{self, TagsFound};
use super::{InferError, InferRequest};
use crate::AuditError;
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Fingerprint, ObjectId, PackPath};
use std::collections::{BTreeMap, BTreeSet};

/// All that goes into the policy.
pub(super) struct Survey {
    pub commit: Option<ObjectId>,
    pub roots: Vec<RootFound>,
    pub groups: Vec<GroupFound>,
    pub people: People,
    pub roles: Vec<RoleFound>,
    pub series: Vec<SeriesFound>,
    /// Which group signs a series.
    pub by_group: BTreeMap<String, String>,
    pub requirements: Vec<RequireFound>,
    pub hashes: Vec<HashFound>,
    /// How many signatures need refreshed self-signatures to count.
    pub refreshed: usize,
    pub tags: TagsFound,
    pub texts: Vec<(String, TextFound)>,
    pub canaries: Vec<CanaryFound>,
    /// Files with a signed block inside other text.
    pub partly: BTreeSet<PackPath>,
}

pub(super) fn survey(request: &InferRequest<'_>) -> Result<Survey, InferError> {
    let repository = request.repository;
    let progress = request.progress;
    let head = repository.head().map_err(AuditError::from)?;
    let commit = request.snapshot.commit.or(head);
    let refs = repository.tags().map_err(AuditError::from)?;
    let tips = crate::verify::tips(commit, &refs);

    progress("reading every key of history");
    let sorted = Sorted::new(&request.snapshot.files);
    let certificates = certificates::gather(repository, &sorted, &tips)?;
    let eyes = Eyes::new(&certificates.keyring, request.now);

    progress("judging every signature");
    let seen = eyes.documents(repository, &sorted, &tips)?;
    let mut series = series::find(&sorted, &seen);
    naming::name(&sorted, &mut series);
    let known = series
        .iter()
        .flat_map(|series| &series.documents)
        .flat_map(|document| &document.signatures)
        .filter_map(|seen| seen.member.as_ref().map(|member| member.as_str().to_owned()))
        .collect();
    let tags = tag_names::find(eyes.tags(&refs), &known);
    let commits = eyes.commits(repository, commit)?;

    progress("finding members, roots and rules");
    let keys: BTreeSet<&PackPath> = certificates.now.iter().chain(&certificates.former).collect();
    let others = sorted.files.keys().filter(|path| !keys.contains(path)).collect();
    let mut groups = groups::groups(&certificates, &others);
    let by_group = by_group(&series, &groups);
    let people = find_people(&eyes, &series, &tags, &commits, &by_group);
    let certifications = Certifications::find(&certificates.keyring, &eyes.lenient, request.now);
    let mut stated = canaries::stated(&sorted, &series);
    stated.retain(|key, _| certificates.keyring.contains(key));
    let is_member = |key: &Fingerprint| people.owner(key).is_some();
    let roots = groups::roots(&certifications, &mut groups, &stated, &is_member);
    let tags_found = tags::find(&tags, &people, &commits, commit);
    let commit_evidence: Vec<Evidence> = if tags_found.required {
        commits.into_iter().map(|(_, e)| e).collect()
    } else {
        Vec::new()
    };
    let tags: Vec<SeenTag> = tags.into_iter().map(|(tag, _)| tag).collect();

    let evidence = all_evidence(&series, &tags, &commit_evidence);
    let documents = || series.iter().flat_map(|s| &s.documents).flat_map(|d| &d.signatures);
    let tag_evidence = tags.iter().filter_map(|tag| tag.evidence.as_ref()).chain(&commit_evidence);
    let by_members = tag_evidence.filter(|evidence| is_member(&evidence.key));
    let weak = certifications.weak(&certificates.keyring, &groups, &roots, request.now);
    let mut hashes =
        hashes::of_signatures("documents", documents().filter_map(|seen| seen.evidence.as_ref()));
    hashes.extend(hashes::of_signatures("tags", by_members));
    hashes.extend(hashes::of_self_signatures(&eyes, &evidence));
    hashes.extend(hashes::of_certifications(weak));
    Ok(Survey {
        commit,
        roles: roles::find(&people, &series, &by_group, &tags, &commit_evidence),
        requirements: roles::requirements(&people, &series, &by_group),
        refreshed: hashes::refreshed(&eyes, &evidence),
        hashes,
        texts: texts(&sorted, &series),
        canaries: canaries::find(&sorted, &series, &roots),
        tags: tags_found,
        roots,
        groups,
        people,
        series,
        by_group,
        partly: sorted.partly,
    })
}

fn by_group(series: &[SeriesFound], groups: &[GroupFound]) -> BTreeMap<String, String> {
    let group_of = |key: &Fingerprint| {
        let group = groups.iter().find(|group| group.keys.contains(key));
        group.map(|group| group.id.clone())
    };
    roles::by_group(series, &group_of)
}

/// Who signs commits is somebody only where no tag says who is.
fn find_people(
    eyes: &Eyes<'_>,
    series: &[SeriesFound],
    tags: &[(SeenTag, Option<TagName>)],
    commits: &[(ObjectId, Evidence)],
    by_group: &BTreeMap<String, String>,
) -> People {
    let tagged = tags.iter().any(|(tag, _)| tag.evidence.is_some());
    let commits: Vec<Evidence> = commits.iter().map(|(_, evidence)| evidence.clone()).collect();
    people::find(&people::Sources {
        keyring: eyes.keyring,
        lenient: &eyes.lenient,
        now: eyes.now,
        series,
        tags,
        commits: if tagged { &[] } else { &commits },
        by_group: &by_group.keys().cloned().collect(),
    })
}

fn all_evidence<'s>(
    series: &'s [SeriesFound],
    tags: &'s [SeenTag],
    commits: &'s [Evidence],
) -> Vec<&'s Evidence> {
    let documents = series.iter().flat_map(|series| &series.documents);
    let signatures = documents.flat_map(|document| &document.signatures);
    let signatures = signatures.filter_map(|seen| seen.evidence.as_ref());
    let tags = tags.iter().filter_map(|tag| tag.evidence.as_ref());
    signatures.chain(tags).chain(commits).collect()
}

fn texts(sorted: &Sorted, series: &[SeriesFound]) -> Vec<(String, TextFound)> {
    let worded = |kind| matches!(kind, SeriesKind::Bulletin | SeriesKind::Canary);
    let series = series.iter().filter(|series| worded(series.kind));
    series
        .flat_map(|one| headings::find(sorted, one).into_iter().map(|text| (one.id.clone(), text)))
        .collect()
}
