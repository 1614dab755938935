//! Key groups by folder, and the keys that certify others.

use super::certificates::Certificates;
use super::lenient::Leniency;
use super::naming::{free, plain};
use chrono::{DateTime, Utc};
use secpack_openpgp::{Certification, DatedPolicy, Keyring};
use secpack_pack::{Fingerprint, PackPath, Pattern, Policy};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Folder names for keys that are not in use any more.
const RETIRED: [&str; 6] = ["retired", "old", "expired", "revoked", "former", "archive"];

/// A group of key files.
#[derive(Debug, Clone)]
pub(super) struct GroupFound {
    pub id: String,
    pub patterns: Vec<String>,
    /// Certificates in files that these patterns cover, in history too.
    pub keys: BTreeSet<Fingerprint>,
    pub files: usize,
    /// The root that certifies all of them.
    pub certified_by: Option<String>,
}

/// A key that certifies others.
#[derive(Debug, Clone)]
pub(super) struct RootFound {
    pub id: String,
    pub key: Fingerprint,
    /// How many other certificates it certifies.
    pub certifies: usize,
    /// How many canaries state its fingerprint.
    pub stated: usize,
}

/// Groups of the key files of the snapshot, and one for files of history alone.
pub(super) fn groups(certificates: &Certificates, others: &BTreeSet<&PackPath>) -> Vec<GroupFound> {
    let mut taken = BTreeSet::new();
    let mut by_folder: BTreeMap<&str, BTreeSet<&PackPath>> = BTreeMap::new();
    for path in &certificates.now {
        by_folder.entry(home(path.folder())).or_default().insert(path);
    }
    let mut found = Vec::new();
    let mut known: Vec<Pattern> = Vec::new();
    for (folder, files) in by_folder {
        let leaf = folder.rsplit('/').next().unwrap_or_default();
        let id = free(if leaf.is_empty() { "keys" } else { leaf }, &mut taken);
        let patterns = globs(&files, others);
        known.extend(patterns.iter().filter_map(|pattern| pattern.parse().ok()));
        found.push(group(id, patterns, files.len()));
    }
    let is_known = |path: &&PackPath| known.iter().any(|p| p.matches(path.as_str()).is_some());
    let former: BTreeSet<&PackPath> = certificates.former.iter().filter(|p| !is_known(p)).collect();
    if !former.is_empty() {
        let patterns = globs(&former, others);
        found.push(group(free("former", &mut taken), patterns, former.len()));
    }
    fill(&certificates.keyring, &mut found);
    found
}

fn group(id: String, patterns: Vec<String>, files: usize) -> GroupFound {
    GroupFound { id, patterns, keys: BTreeSet::new(), files, certified_by: None }
}

/// The folder without a last part that says "retired".
fn home(folder: &str) -> &str {
    match folder.rsplit_once('/') {
        Some((above, leaf)) if RETIRED.contains(&leaf) => above,
        Some(_) | None => folder,
    }
}

/// `FOLDER/*.ENDING` where that covers key files alone, else the files one by one.
fn globs(files: &BTreeSet<&PackPath>, others: &BTreeSet<&PackPath>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for path in files.iter().filter(|path| !path.as_str().contains(['{', '}', '*'])) {
        let ending = path.file_name().rsplit_once('.').map(|(_, ending)| ending);
        let glob = ending.filter(|_| !path.folder().is_empty()).map(|ending| {
            let folder = path.folder();
            format!("{folder}/*.{ending}")
        });
        let alone = glob.filter(|glob| {
            let pattern: Result<Pattern, _> = glob.parse();
            pattern.is_ok_and(|p| others.iter().all(|other| p.matches(other.as_str()).is_none()))
        });
        found.insert(alone.unwrap_or_else(|| path.as_str().to_owned()));
    }
    found.into_iter().collect()
}

/// Puts each certificate into the first group whose patterns cover one of its files.
fn fill(keyring: &Keyring, groups: &mut [GroupFound]) {
    let patterns: Vec<Vec<Pattern>> = groups
        .iter()
        .map(|group| group.patterns.iter().filter_map(|p| p.parse().ok()).collect())
        .collect();
    for key in keyring.fingerprints() {
        for source in keyring.sources(key) {
            let covers = |list: &Vec<Pattern>| list.iter().any(|p| p.matches(source).is_some());
            if let Some(at) = patterns.iter().position(covers) {
                groups[at].keys.insert(key.clone());
            }
        }
    }
}

/// Who certifies whom, weak hashes and all.
pub(super) struct Certifications {
    by_root: BTreeMap<Fingerprint, BTreeMap<Fingerprint, Certification>>,
}

impl Certifications {
    pub fn find(keyring: &Keyring, lenient: &Policy, now: DateTime<Utc>) -> Self {
        let dated = DatedPolicy::new(lenient, now);
        let mut by_root: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for root in keyring.fingerprints() {
            for key in keyring.fingerprints().filter(|key| *key != root) {
                if let Ok(certification) = keyring.certification(key, root, &dated) {
                    by_root.entry(root.clone()).or_default().insert(key.clone(), certification);
                }
            }
        }
        Self { by_root }
    }

    fn count(&self, root: &Fingerprint) -> usize {
        self.by_root.get(root).map_or(0, BTreeMap::len)
    }

    /// Whether a root certifies every other certificate of a group.
    fn covers(&self, root: &Fingerprint, group: &GroupFound) -> bool {
        let others: Vec<&Fingerprint> = group.keys.iter().filter(|key| *key != root).collect();
        let certified =
            |key: &&Fingerprint| self.by_root.get(root).is_some_and(|keys| keys.contains_key(*key));
        !others.is_empty() && others.iter().all(certified)
    }

    /// The last day of a weak certification that some group rests on, by hash.
    pub fn weak(
        &self,
        keyring: &Keyring,
        groups: &[GroupFound],
        roots: &[RootFound],
        now: DateTime<Utc>,
    ) -> BTreeMap<String, DateTime<Utc>> {
        let strong = Leniency::STRONG.policy();
        let dated = DatedPolicy::new(&strong, now);
        let mut last: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for group in groups {
            let root = roots.iter().find(|root| Some(&root.id) == group.certified_by.as_ref());
            let Some(made) = root.and_then(|root| self.by_root.get(&root.key)) else { continue };
            for (key, certification) in made.iter().filter(|(key, _)| group.keys.contains(*key)) {
                if keyring.certification(key, &certification.root, &dated).is_err() {
                    let entry =
                        last.entry(certification.hash.clone()).or_insert(certification.made);
                    *entry = (*entry).max(certification.made);
                }
            }
        }
        last
    }
}

/// The root that certifies most, every key that canaries state, and whoever certifies a group
/// that no other root does. Members' keys are never roots.
pub(super) fn roots(
    certifications: &Certifications,
    groups: &mut [GroupFound],
    stated: &BTreeMap<Fingerprint, usize>,
    is_member: &dyn Fn(&Fingerprint) -> bool,
) -> Vec<RootFound> {
    let stated_of = |key: &Fingerprint| stated.get(key).copied().unwrap_or(0);
    let keys = certifications.by_root.keys().chain(stated.keys());
    let mut ranked: Vec<&Fingerprint> = keys.filter(|key| !is_member(key)).collect();
    ranked.sort_by_key(|key| (Reverse(stated_of(key)), Reverse(certifications.count(key)), *key));
    ranked.dedup();
    let mut taken = BTreeSet::new();
    let mut found: Vec<RootFound> = Vec::new();
    for key in ranked {
        let mut news = groups.iter_mut().filter(|group| group.certified_by.is_none());
        let covers = news.any(|group| certifications.covers(key, group));
        if stated_of(key) > 0 || covers || (found.is_empty() && certifications.count(key) > 1) {
            let wish = if found.is_empty() { "master".to_owned() } else { name(groups, key) };
            let id = free(&wish, &mut taken);
            for group in groups.iter_mut().filter(|group| group.certified_by.is_none()) {
                if certifications.covers(key, group) {
                    group.certified_by = Some(id.clone());
                }
            }
            let (certifies, stated) = (certifications.count(key), stated_of(key));
            found.push(RootFound { id, key: key.clone(), certifies, stated });
        }
    }
    found
}

fn name(groups: &[GroupFound], key: &Fingerprint) -> String {
    let group = groups.iter().find(|group| group.keys.contains(key));
    group.map_or("root".to_owned(), |group| plain(&group.id))
}
