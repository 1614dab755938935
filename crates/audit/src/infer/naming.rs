//! What a series is, by the words in its newest texts and names, and what it is called.

use super::files::Sorted;
use super::series::SeriesFound;
use secpack_openpgp::cleartext;
use secpack_pack::PackPath;
use secpack_pack::policy::SeriesKind;
use std::collections::BTreeSet;

/// Gives every series its kind and an id of its own.
pub(super) fn name(sorted: &Sorted, series: &mut [SeriesFound]) {
    for one in series.iter_mut() {
        one.kind = kind(sorted, one);
    }
    let kinds: Vec<SeriesKind> = series.iter().map(|one| one.kind).collect();
    let mut taken: BTreeSet<String> = BTreeSet::from(["tag".to_owned()]);
    for one in series.iter_mut() {
        let alone = kinds.iter().filter(|kind| **kind == one.kind).count() == 1;
        one.id = free(&wish(one, alone), &mut taken);
    }
}

/// The text of a document as a reader sees it.
pub(super) fn text_of(sorted: &Sorted, path: &PackPath) -> Option<String> {
    let bytes = sorted.bytes(path)?;
    if sorted.clearsigned.contains(path) {
        return cleartext::split(&bytes).ok().map(|inside| inside.text);
    }
    String::from_utf8(bytes.to_vec()).ok()
}

fn kind(sorted: &Sorted, series: &SeriesFound) -> SeriesKind {
    let newest = series.documents.last();
    let text = newest.and_then(|d| text_of(sorted, &d.path)).unwrap_or_default();
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let by_words = |words: &str| {
        let words = words.to_lowercase();
        let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
        if any(&["canar"]) {
            Some(SeriesKind::Canary)
        } else if any(&["bulletin", "advisor", "security notice"]) {
            Some(SeriesKind::Bulletin)
        } else {
            None
        }
    };
    let path = newest.map(|d| d.path.as_str()).unwrap_or_default();
    let found = by_words(heading).or_else(|| by_words(path));
    match found {
        // A letter beside the canaries is none: only numbered series are.
        Some(kind) if series.is_numbered() => kind,
        Some(_) | None if is_digest(path, &text) => SeriesKind::Digest,
        Some(_) | None => SeriesKind::Statement,
    }
}

/// Lines of a checksum and a file name, as `sha256sum` writes them.
fn is_digest(path: &str, text: &str) -> bool {
    let path = path.to_lowercase();
    let named = ["digest", "checksum", "sha256", "sha512"].iter().any(|word| path.contains(word));
    let is_sum = |line: &str| {
        line.split_once(' ').is_some_and(|(sum, _)| {
            matches!(sum.len(), 32 | 40 | 64 | 96 | 128)
                && sum.bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    named || text.lines().any(is_sum)
}

fn wish(series: &SeriesFound, alone: bool) -> String {
    let word = match series.kind {
        SeriesKind::Bulletin => "bulletin",
        SeriesKind::Canary => "canary",
        SeriesKind::Digest => "digest",
        SeriesKind::Policy => "policy",
        SeriesKind::Statement => return statement(series),
    };
    if alone { word.to_owned() } else { format!("{word}-{}", distinction(series)) }
}

/// What sets a series apart from others of its kind: the member that its names end with, where
/// each signs a copy of their own, else the folder.
fn distinction(series: &SeriesFound) -> String {
    let path = series.paths.first().map(String::as_str).unwrap_or_default();
    let copy = [".sig.", ".sign.", ".asc."].iter().find_map(|ending| path.rsplit_once(ending));
    if let Some((_, member)) = copy {
        return member.to_owned();
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The last word before the name, else the folder with the ending.
fn statement(series: &SeriesFound) -> String {
    let path = series.paths.first().map(String::as_str).unwrap_or_default();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let leaf = folder.rsplit('/').next().unwrap_or_default();
    let stem = file.split(['{', '.']).next().unwrap_or_default();
    let mut words = stem.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty());
    match (words.next_back(), leaf) {
        (Some(word), _) => word.to_owned(),
        (None, "") => "statement".to_owned(),
        (None, leaf) => {
            let ending = file.rsplit('.').next().filter(|ending| *ending != "txt");
            ending.map_or(leaf.to_owned(), |ending| format!("{leaf}-{ending}"))
        }
    }
}

/// The name with a number behind it when it is taken.
pub(super) fn free(wish: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = plain(wish);
    let numbers = (2..).map(|n| format!("{plain}-{n}"));
    let found = std::iter::once(plain.clone()).chain(numbers).find(|name| !taken.contains(name));
    let name = found.expect("there are more numbers than names");
    taken.insert(name.clone());
    name
}

/// A text as a short name: lower case, only what a name may hold, not empty.
pub(super) fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let kept = lower.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' });
    let short: String = kept.take(26).collect();
    let trimmed = short.trim_matches(['-', '_']);
    if trimmed.is_empty() { "unnamed".to_owned() } else { trimmed.to_owned() }
}

/// What people call a document of a numbered series: `QSB-{number:3}` for `qsb-{number:3}-...`.
pub(super) fn label(series: &SeriesFound) -> Option<String> {
    let file = series.paths.first()?.rsplit('/').next()?;
    let at = file.find("{number")?;
    let end = at + file[at..].find('}')? + 1;
    let (before, number) = (&file[..at], &file[at..end]);
    let prefix: String = before.split('{').next()?.trim_end_matches(['-', '_', '.']).to_owned();
    let prefix = match series.kind {
        SeriesKind::Bulletin if !prefix.is_empty() => prefix.to_uppercase(),
        _ => {
            let mut letters = series.id.chars();
            letters.next()?.to_uppercase().chain(letters).collect()
        }
    };
    Some(format!("{prefix}-{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_and_their_own() {
        for text in ["QSBs", "../x y", "", "-_-", "Ünïcödé", &"x".repeat(90)] {
            let name = plain(text);
            assert!(name.parse::<secpack_pack::SeriesId>().is_ok(), "{text:?} gave {name:?}");
        }
        let mut taken = BTreeSet::new();
        assert_eq!((free("a", &mut taken), free("a", &mut taken)), ("a".into(), "a-2".into()));
    }

    #[test]
    fn digests_are_known_by_their_lines() {
        let sum = "0123456789abcdef0123456789abcdef";
        assert!(is_digest("x", &format!("{sum} *file.iso\n")));
        assert!(is_digest("digests/a", ""));
        assert!(!is_digest("x", "a line of words\n"));
    }
}
