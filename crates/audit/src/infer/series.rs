//! Series: folders, name patterns and signature patterns out of the files that are signed.
//!
//! A folder's signed files are cut into forms of names. Forms with a number of its own per file
//! make numbered series; what is left makes series by name.

use super::files::Sorted;
use super::seen::Seen;
use super::shape;
use secpack_pack::policy::{Form, SeriesKind};
use secpack_pack::{PackPath, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// A series and what was seen of it.
#[derive(Debug, Clone)]
pub(super) struct SeriesFound {
    pub id: String,
    pub kind: SeriesKind,
    /// Newest first.
    pub paths: Vec<String>,
    /// Newest first.
    pub signatures: Vec<String>,
    pub form: Form,
    pub unsigned: BTreeSet<PackPath>,
    pub documents: Vec<DocumentFound>,
}

/// A document and its signatures.
#[derive(Debug, Clone)]
pub(super) struct DocumentFound {
    pub path: PackPath,
    pub number: Option<u32>,
    pub name: Option<String>,
    pub signatures: Vec<Seen>,
}

impl SeriesFound {
    /// The documents' numbers, ascending.
    pub fn numbers(&self) -> Vec<u32> {
        let numbers: BTreeSet<u32> = self.documents.iter().filter_map(|d| d.number).collect();
        numbers.into_iter().collect()
    }

    pub fn is_numbered(&self) -> bool {
        !self.documents.is_empty() && self.documents.iter().all(|d| d.number.is_some())
    }
}

/// The files of one folder that matter here.
struct Folder<'a> {
    path: &'a str,
    signed: BTreeMap<&'a str, Vec<&'a Seen>>,
    /// Files that could be documents but bear no signature.
    bare: BTreeSet<&'a str>,
}

/// All series, by folder; kinds and ids are given later, when the texts were looked at.
pub(super) fn find(sorted: &Sorted, seen: &[Seen]) -> Vec<SeriesFound> {
    let mut folders: BTreeMap<&str, Folder<'_>> = BTreeMap::new();
    for seen in seen {
        let path = seen.document.folder();
        let empty = || Folder { path, signed: BTreeMap::new(), bare: BTreeSet::new() };
        let folder = folders.entry(path).or_insert_with(empty);
        folder.signed.entry(seen.document.file_name()).or_default().push(seen);
    }
    for path in sorted.plain.iter().chain(&sorted.partly) {
        if let Some(folder) = folders.get_mut(path.folder()) {
            let name = path.file_name();
            if !folder.signed.contains_key(name) {
                folder.bare.insert(name);
            }
        }
    }
    folders.into_values().flat_map(|folder| in_folder(sorted, folder)).collect()
}

fn in_folder(sorted: &Sorted, mut folder: Folder<'_>) -> Vec<SeriesFound> {
    let mut found = numbered(&mut folder);
    found.extend(named(&mut folder, &found));
    let other = folder.bare.iter().filter_map(|name| whole(folder.path, name).parse().ok());
    let other: BTreeSet<PackPath> = other.collect();
    if let Some(first) = found.first_mut() {
        first.unsigned = other.into_iter().filter(|path| !sorted.keys.contains(path)).collect();
    }
    found
}

pub(super) fn whole(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Series of names with a number, their names taken out of the folder.
fn numbered(folder: &mut Folder<'_>) -> Vec<SeriesFound> {
    let all = folder.signed.keys().chain(&folder.bare).copied();
    let mut groups: Vec<Vec<&str>> = shape::group(all);
    groups.retain(|names| is_series(folder, names));
    // The largest form leads; another form of the same series has the same beginning, and numbers
    // that the first does not have.
    groups.sort_by_key(|names| (std::cmp::Reverse(names.len()), names.first().copied()));
    let lonely = groups.iter().filter(|names| names.len() > 1).count() == 0;
    let mut series: Vec<Vec<Vec<&str>>> = Vec::new();
    for names in groups {
        let kin = series.iter_mut().find(|forms| is_kin(forms, &names));
        match kin {
            Some(forms) => forms.push(names),
            None if names.len() > 1 || lonely => series.push(vec![names]),
            None => {}
        }
    }
    // Versions in file names are numbers too; only where most files are counted is it a count.
    let counted = series.iter().flatten().flatten().count();
    if counted * 2 < folder.signed.len() {
        return Vec::new();
    }
    series.into_iter().filter_map(|forms| numbered_series(folder, forms)).collect()
}

/// At least half of the files are signed, and no number stands twice.
fn is_series(folder: &Folder<'_>, names: &[&str]) -> bool {
    let signed = names.iter().filter(|name| folder.signed.contains_key(*name)).count();
    let numbers: BTreeSet<u32> = names.iter().filter_map(|name| number(name)).collect();
    signed * 2 >= names.len()
        && signed > 0
        && numbers.len() == names.len()
        && shape::pattern(folder.path, names).is_some()
}

fn number(name: &str) -> Option<u32> {
    shape::pieces(name)?.into_iter().find_map(|piece| match piece {
        shape::Piece::Number(digits) => digits.parse().ok(),
        shape::Piece::Text(_) | shape::Piece::Year | shape::Piece::Quarter => None,
    })
}

fn is_kin(forms: &[Vec<&str>], names: &[&str]) -> bool {
    let beginning = |name: &str| {
        let end = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
        name[..end].to_owned()
    };
    let ending = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let (Some(one), Some(other)) = (forms.first().and_then(|f| f.first()), names.first()) else {
        return false;
    };
    let taken: BTreeSet<u32> = forms.iter().flatten().filter_map(|name| number(name)).collect();
    beginning(one) == beginning(other)
        && ending(one) == ending(other)
        && names.iter().filter_map(|name| number(name)).all(|number| !taken.contains(&number))
}

fn numbered_series(folder: &mut Folder<'_>, mut forms: Vec<Vec<&str>>) -> Option<SeriesFound> {
    forms.sort_by_key(|names| std::cmp::Reverse(names.iter().filter_map(|n| number(n)).max()));
    let paths: Vec<String> =
        forms.iter().filter_map(|names| shape::pattern(folder.path, names)).collect();
    let mut documents: Vec<DocumentFound> = Vec::new();
    for name in forms.iter().flatten() {
        documents.push(document(folder, name, number(name), None)?);
    }
    documents.sort_by_key(|document| (document.number, document.path.clone()));
    Some(series(paths, documents))
}

/// Takes a file out of the folder.
fn document(
    folder: &mut Folder<'_>,
    file: &str,
    number: Option<u32>,
    name: Option<String>,
) -> Option<DocumentFound> {
    let path = whole(folder.path, file).parse().ok()?;
    folder.bare.remove(file);
    let signatures = folder.signed.remove(file).unwrap_or_default();
    Some(DocumentFound {
        path,
        number,
        name,
        signatures: signatures.into_iter().cloned().collect(),
    })
}

fn series(paths: Vec<String>, documents: Vec<DocumentFound>) -> SeriesFound {
    let signatures = || documents.iter().flat_map(|d| &d.signatures);
    let form = match (signatures().any(is_inside), signatures().any(|s| !is_inside(s))) {
        (true, false) => Form::Clearsigned,
        (true, true) => Form::Either,
        (false, _) => Form::Detached,
    };
    SeriesFound {
        id: String::new(),
        kind: SeriesKind::Statement,
        paths,
        signatures: signature_patterns(&documents),
        form,
        unsigned: BTreeSet::new(),
        documents,
    }
}

fn is_inside(seen: &Seen) -> bool {
    seen.file == seen.document
}

/// Patterns of signature files, that of the newest signature first.
fn signature_patterns(documents: &[DocumentFound]) -> Vec<String> {
    let mut newest: BTreeMap<&str, (Option<chrono::DateTime<chrono::Utc>>, usize)> =
        BTreeMap::new();
    for seen in documents.iter().flat_map(|d| &d.signatures) {
        let Some(pattern) = &seen.pattern else { continue };
        let entry = newest.entry(pattern).or_default();
        entry.0 = entry.0.max(seen.evidence.as_ref().map(|e| e.made));
        entry.1 += 1;
    }
    let mut patterns: Vec<_> = newest.into_iter().collect();
    patterns.sort_by_key(|(pattern, order)| (std::cmp::Reverse(*order), *pattern));
    patterns.into_iter().map(|(pattern, _)| pattern.to_owned()).collect()
}

/// Series of the signed files that have no number of their own, by the ending of their names.
fn named(folder: &mut Folder<'_>, numbered: &[SeriesFound]) -> Vec<SeriesFound> {
    let mut by_ending: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in folder.signed.keys() {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        by_ending.entry(ending.to_owned()).or_default().push((*name).to_owned());
    }
    let mut found = Vec::new();
    for (ending, names) in by_ending {
        match common_pattern(folder, &ending, &names, numbered) {
            Some(pattern) => found.extend(by_pattern(folder, &pattern)),
            None => found.extend(by_list(folder, &names)),
        }
    }
    found
}

/// `FOLDER/{name}.ENDING`, with the beginning that all names share where other series have the
/// same ending; `None` when it would take in more than it should.
fn common_pattern(
    folder: &Folder<'_>,
    ending: &str,
    names: &[String],
    numbered: &[SeriesFound],
) -> Option<Pattern> {
    if folder.path.is_empty() || ending.is_empty() || names.iter().any(|n| n.contains(['{', '*'])) {
        return None;
    }
    let suffix = format!(".{ending}");
    let crowded = numbered.iter().flat_map(|s| &s.paths).any(|path| path.ends_with(&suffix));
    let beginning = if crowded { shared_beginning(names)? } else { "" };
    let text = whole(folder.path, &format!("{beginning}{{name}}{suffix}"));
    let pattern: Pattern = text.parse().ok()?;
    let fits = |name: &str| pattern.matches(&whole(folder.path, name)).is_some();
    let documents = numbered.iter().flat_map(|series| &series.documents);
    let taken = documents.filter(|d| pattern.matches(d.path.as_str()).is_some()).count();
    let bare = folder.bare.iter().filter(|name| fits(name) && !is_boilerplate(name)).count();
    (names.iter().all(|name| fits(name)) && taken == 0 && bare <= names.len()).then_some(pattern)
}

/// What two or more names share up to a separator.
fn shared_beginning(names: &[String]) -> Option<&str> {
    let (first, rest) = names.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let same =
        |other: &String| first.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let length = rest.iter().map(same).min()?;
    let head = first.get(..length)?;
    head.rfind(['-', '_']).map(|at| &head[..=at])
}

fn by_pattern(folder: &mut Folder<'_>, pattern: &Pattern) -> Option<SeriesFound> {
    let bare = folder.bare.iter().filter(|name| !is_boilerplate(name));
    let names: Vec<String> = folder.signed.keys().chain(bare).map(|n| (*n).to_owned()).collect();
    let mut documents = Vec::new();
    for name in names {
        let Some(found) = pattern.matches(&whole(folder.path, &name)) else { continue };
        documents.push(document(folder, &name, None, found.name)?);
    }
    documents.sort_by(|one, two| one.path.cmp(&two.path));
    Some(series(vec![pattern.as_str().to_owned()], documents))
}

/// Files listed one by one; those with the same names beside them make one series.
fn by_list(folder: &mut Folder<'_>, names: &[String]) -> Vec<SeriesFound> {
    let mut by_signers: BTreeMap<BTreeSet<String>, Vec<DocumentFound>> = BTreeMap::new();
    for name in names.iter().filter(|name| !name.contains(['{', '*'])) {
        let Some(document) = document(folder, name, None, None) else { continue };
        let signers = document.signatures.iter().map(|seen| match (&seen.member, &seen.evidence) {
            (Some(member), _) => member.as_str().to_owned(),
            (None, Some(evidence)) => evidence.key.to_string(),
            (None, None) => String::new(),
        });
        by_signers.entry(signers.collect()).or_default().push(document);
    }
    let groups = by_signers.into_values();
    groups
        .map(|documents| {
            let paths = documents.iter().map(|d| d.path.as_str().to_owned()).collect();
            series(paths, documents)
        })
        .collect()
}

/// Files that stand beside documents everywhere and are none.
fn is_boilerplate(name: &str) -> bool {
    let name = name.to_lowercase();
    ["readme", "template", "license", "licence", "copying"].iter().any(|word| name.contains(word))
}
