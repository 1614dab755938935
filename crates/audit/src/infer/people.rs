//! Members: the names in file and tag names, and the keys that sign under them.
//!
//! A name is an alias when the key it signs with most belongs to another name, the one that uses
//! that key most. One slip, such as a signature saved under a colleague's name, changes nothing.

use super::naming;
use super::seen::{Evidence, SeenTag};
use super::series::SeriesFound;
use super::tag_names::TagName;
use chrono::{DateTime, Duration, Utc};
use secpack_openpgp::{DatedPolicy, Keyring};
use secpack_pack::{Fingerprint, Policy};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How long without a tag before somebody counts as gone, in days.
pub(super) const GONE: i64 = 180;

/// How a key was used under one name.
#[derive(Debug, Clone, Default)]
pub(super) struct Use {
    pub documents: usize,
    pub tags: usize,
    pub last_tag: Option<DateTime<Utc>>,
}

/// A member, as inferred.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub id: String,
    pub aliases: BTreeSet<String>,
    pub keys: BTreeMap<Fingerprint, Use>,
    /// Keys that signed old tags under these names, and nothing else.
    pub left_out: BTreeMap<Fingerprint, Use>,
}

/// Everybody, and names that make no member.
#[derive(Debug, Default)]
pub(super) struct People {
    /// By id.
    pub members: Vec<Person>,
    /// Names of old tags alone, with how many tags they have.
    pub former: BTreeMap<String, usize>,
}

/// All that bears names and keys.
pub(super) struct Sources<'a> {
    pub keyring: &'a Keyring,
    pub lenient: &'a Policy,
    pub now: DateTime<Utc>,
    pub series: &'a [SeriesFound],
    pub tags: &'a [(SeenTag, Option<TagName>)],
    /// Signatures of commits, where these stand for tags.
    pub commits: &'a [Evidence],
    /// Ids of series that a key group signs, not members.
    pub by_group: &'a BTreeSet<String>,
}

type Uses = BTreeMap<String, BTreeMap<Fingerprint, Use>>;

impl People {
    pub fn owner(&self, key: &Fingerprint) -> Option<&Person> {
        self.members.iter().find(|member| member.keys.contains_key(key))
    }
}

pub(super) fn find(sources: &Sources<'_>) -> People {
    let mut uses = Uses::new();
    for_documents(sources, &mut uses);
    for_tags(sources, &mut uses);
    let unnamed = unnamed(sources);
    let mut people = gather(&uses, &unnamed);
    add_unnamed(sources, &unnamed, &mut people);
    people.members.sort_by(|one, two| one.id.cmp(&two.id));
    people
}

fn for_documents(sources: &Sources<'_>, uses: &mut Uses) {
    let documents = sources.series.iter().flat_map(|series| &series.documents);
    for seen in documents.flat_map(|document| &document.signatures) {
        if let (Some(member), Some(evidence)) = (&seen.member, &seen.evidence) {
            let keys = uses.entry(member.as_str().to_owned()).or_default();
            keys.entry(evidence.key.clone()).or_default().documents += 1;
        }
    }
}

fn for_tags(sources: &Sources<'_>, uses: &mut Uses) {
    for (tag, name) in sources.tags {
        let member = name.as_ref().and_then(|name| name.member.as_ref());
        if let (Some(member), Some(evidence)) = (member, &tag.evidence) {
            let keys = uses.entry(member.clone()).or_default();
            let used = keys.entry(evidence.key.clone()).or_default();
            used.tags += 1;
            used.last_tag = used.last_tag.max(Some(evidence.made));
        }
    }
}

/// Keys that signed documents or commits without a name beside them.
fn unnamed(sources: &Sources<'_>) -> BTreeMap<Fingerprint, usize> {
    let mut found: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    let series = sources.series.iter().filter(|series| !sources.by_group.contains(&series.id));
    let documents = series.flat_map(|series| &series.documents);
    let signatures = documents.flat_map(|d| &d.signatures).filter(|seen| seen.member.is_none());
    let evidence = signatures.filter_map(|seen| seen.evidence.as_ref());
    for evidence in evidence.chain(sources.commits) {
        *found.entry(evidence.key.clone()).or_default() += 1;
    }
    found
}

/// The name that uses each key most.
fn top_users(uses: &Uses) -> BTreeMap<&Fingerprint, &str> {
    let mut ranked: Vec<(&Fingerprint, Reverse<usize>, Reverse<usize>, &str)> = Vec::new();
    for (name, keys) in uses {
        for (key, used) in keys {
            ranked.push((key, Reverse(used.documents), Reverse(used.tags), name));
        }
    }
    ranked.sort();
    let mut top = BTreeMap::new();
    for (key, _, _, name) in ranked {
        top.entry(key).or_insert(name);
    }
    top
}

/// The name whose alias each name is; itself for most.
fn main_names<'u>(
    uses: &'u Uses,
    top: &BTreeMap<&Fingerprint, &'u str>,
) -> BTreeMap<&'u str, &'u str> {
    let direct: BTreeMap<&str, &str> = uses
        .iter()
        .filter_map(|(name, keys)| {
            let most = |(key, used): &(&Fingerprint, &Use)| {
                (used.documents, used.tags, Reverse((*key).clone()))
            };
            let (main, _) = keys.iter().max_by_key(most)?;
            Some((name.as_str(), *top.get(main)?))
        })
        .collect();
    let settle = |name: &&'u str| {
        let mut at = *name;
        for _ in 0..direct.len() {
            at = direct.get(at).copied().unwrap_or(at);
        }
        at
    };
    direct.keys().map(|name| (*name, settle(name))).collect()
}

fn gather(uses: &Uses, unnamed: &BTreeMap<Fingerprint, usize>) -> People {
    let top = top_users(uses);
    let mains = main_names(uses, &top);
    let newest = uses.values().flat_map(BTreeMap::values).filter_map(|used| used.last_tag).max();
    let mut people = People::default();
    let ids: BTreeSet<&str> = mains.values().copied().collect();
    for id in ids {
        let names = || mains.iter().filter(|(_, main)| **main == id).map(|(name, _)| *name);
        let mut keys: BTreeMap<Fingerprint, Use> = BTreeMap::new();
        for (key, used) in names().flat_map(|name| &uses[name]) {
            // A key that mostly signs under somebody else's name is theirs.
            if top.get(key).and_then(|name| mains.get(name)) == Some(&id) {
                let entry = keys.entry(key.clone()).or_default();
                entry.documents += used.documents;
                entry.tags += used.tags;
                entry.last_tag = entry.last_tag.max(used.last_tag);
            }
        }
        for (key, used) in &mut keys {
            used.documents += unnamed.get(key).copied().unwrap_or(0);
        }
        let aliases = names().filter(|name| *name != id).map(str::to_owned).collect();
        match member(id, aliases, keys, newest) {
            Ok(person) => people.members.push(person),
            Err(tags) => drop(people.former.insert(id.to_owned(), tags)),
        }
    }
    people
}

/// Pins keys of documents, and a key of tags alone only while it is the one in use: whoever is
/// pinned may sign everything that the member may. `Err` with the number of tags for a name of
/// nothing but old tags.
fn member(
    id: &str,
    aliases: BTreeSet<String>,
    keys: BTreeMap<Fingerprint, Use>,
    newest: Option<DateTime<Utc>>,
) -> Result<Person, usize> {
    let last = keys.values().filter_map(|used| used.last_tag).max();
    let signs = keys.values().any(|used| used.documents > 0);
    let active = last.zip(newest).is_some_and(|(own, all)| own >= all - Duration::days(GONE));
    if !signs && !active {
        return Err(keys.values().map(|used| used.tags).sum());
    }
    let in_use = |used: &Use| used.documents > 0 || (used.last_tag == last && active);
    let (keys, left_out): (BTreeMap<_, _>, BTreeMap<_, _>) =
        keys.into_iter().partition(|(_, used)| in_use(used));
    // Two names that use each other's keys leave one of them without any.
    if keys.is_empty() {
        return Err(left_out.values().map(|used| used.tags).sum());
    }
    Ok(Person { id: id.to_owned(), aliases, keys, left_out })
}

/// Members for keys that nobody's name stands beside, named after their user ids.
fn add_unnamed(sources: &Sources<'_>, unnamed: &BTreeMap<Fingerprint, usize>, people: &mut People) {
    let names = people.members.iter().flat_map(|m| std::iter::once(&m.id).chain(&m.aliases));
    let mut taken: BTreeSet<String> = names.cloned().collect();
    for (key, count) in unnamed {
        if people.owner(key).is_some() {
            continue;
        }
        let dated = DatedPolicy::new(sources.lenient, sources.now);
        let info = sources.keyring.info(key, &dated);
        let user = info.and_then(|info| info.user_ids.first().cloned()).unwrap_or_default();
        let id = naming::free(&short_name(&user), &mut taken);
        let used = Use { documents: *count, ..Use::default() };
        people.members.push(Person {
            id,
            aliases: BTreeSet::new(),
            keys: BTreeMap::from([(key.clone(), used)]),
            left_out: BTreeMap::new(),
        });
    }
}

/// The part of a user id before the `@`, else its first word.
fn short_name(user: &str) -> String {
    let mail = user.rsplit_once('<').map(|(_, mail)| mail).filter(|mail| mail.contains('@'));
    let word = mail.and_then(|mail| mail.split('@').next()).or(user.split_whitespace().next());
    word.unwrap_or("unnamed").to_owned()
}
