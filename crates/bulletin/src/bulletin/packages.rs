//! Packages that mend a problem, per release:
//!
//! ```text
//!   For Example OS 4.2, in templates:
//!   - parser packages, version 4.17.5-4
//! ```

use secpack_pack::plaintext::Line;
use serde::Serialize;

/// A package and its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Package<'t> {
    /// The release that its block names.
    pub release: &'t str,
    /// Where in the release, where the block says so.
    pub place: Option<&'t str>,
    /// Its name, without the word "packages".
    pub name: &'t str,
    /// Its versions; several where a package exists in several branches.
    pub versions: Vec<&'t str>,
    /// The line of the item, counted from 1.
    pub line: u32,
}

/// Every item below a line `For RELEASE, in PLACE:`, up to the first blank line after the items.
pub(super) fn packages<'t>(lines: &[Line<'t>]) -> Vec<Package<'t>> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((release, place)) = block_heading(line.text) else { continue };
        let below = lines[at + 1..].iter().skip_while(|line| line.is_blank());
        let block = below.take_while(|line| !line.is_blank() && block_heading(line.text).is_none());
        let items = block.filter_map(|line| Some((line.number, item(line.text)?)));
        found.extend(items.map(|(line, text)| {
            let (name, versions) = name_and_versions(text);
            Package { release, place, name, versions, line }
        }));
    }
    found
}

/// The release and the place of a line `For RELEASE, in PLACE:`.
pub(crate) fn block_heading(line: &str) -> Option<(&str, Option<&str>)> {
    let inner = line.trim().strip_prefix("For ")?.strip_suffix(':')?;
    let (release, place) = match inner.split_once(", ") {
        Some((release, place)) => (release, Some(place.strip_prefix("in ").unwrap_or(place))),
        None => (inner, None),
    };
    // A sentence that happens to start and end like one is longer than any name.
    (release.split(' ').count() <= 6).then_some((release, place))
}

/// A list of links has the same form, and so has a sentence such as "No packages are needed.", but
/// they name no packages.
fn item(line: &str) -> Option<&str> {
    let bare = line.trim();
    let item = bare.strip_prefix("- ").or_else(|| bare.strip_prefix("* ")).map(str::trim);
    let is_sentence = |item: &str| item.ends_with('.') && name_and_versions(item).1.is_empty();
    item.filter(|item| !item.contains("://") && !is_sentence(item))
}

/// Around the word "version", else before and after the last blank when a digit follows it.
fn name_and_versions(text: &str) -> (&str, Vec<&str>) {
    let (bare, noted) = text.split_once(" (").unwrap_or((text, ""));
    let behind = noted.split_once(')').map_or("", |(_, behind)| behind);
    let after =
        |text| ["versions ", "version "].into_iter().find_map(|word| str::split_once(text, word));
    let worded = after(bare).or_else(|| after(behind).map(|(_, versions)| (bare, versions)));
    let spaced = || bare.rsplit_once(' ').filter(|(_, version)| is_version(version));
    let Some((name, versions)) = worded.or_else(spaced) else {
        return (package_name(text), Vec::new());
    };
    let versions = versions.split(',').filter_map(|piece| piece.split_whitespace().next());
    let versions = versions.map(|version| version.trim_end_matches('.'));
    (package_name(name), versions.filter(|version| is_version(version)).collect())
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn package_name(text: &str) -> &str {
    let bare = text.trim().trim_end_matches(',');
    let bare =
        bare.strip_suffix(" packages").or_else(|| bare.strip_suffix(" package")).unwrap_or(bare);
    bare.trim_end_matches(',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use secpack_pack::plaintext::lines;

    fn check(text: &str, expected: &[(&str, Option<&str>, &str, &[&str])]) {
        let found = packages(&lines(text));
        let found: Vec<_> =
            found.iter().map(|p| (p.release, p.place, p.name, p.versions.as_slice())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn forms_of_all_eras() {
        check(
            "  For A 4.2, in dom0:\n  - Xen packages, version 4.17.5-4\n",
            &[("A 4.2", Some("dom0"), "Xen", &["4.17.5-4"])],
        );
        check(
            "For A R2:\n\n* one package version 1.0\n* two 2.0\n\n* no",
            &[("A R2", None, "one", &["1.0"]), ("A R2", None, "two", &["2.0"])],
        );
        check(
            "For A:\n - Linux kernel packages, versions 5.1-1, 4.2-1 (for some)\n",
            &[("A", None, "Linux kernel", &["5.1-1", "4.2-1"])],
        );
        check(
            "For A:\n - Kernel packages (for some), versions 5.1, 4.2\n",
            &[("A", None, "Kernel", &["5.1", "4.2"])],
        );
        check("For A:\n - a-059-4\n", &[("A", None, "a-059-4", &[])]);
        check("For A:\n - a, version 4.2.1.\n", &[("A", None, "a", &["4.2.1"])]);
        check("For A:\n - a, version TODO\n", &[("A", None, "a", &[])]);
        check("For A:\n  $ sudo update\n", &[]);
        check("For A: not affected\n", &[]);
        check("For A:\n - No packages are needed, since it is not affected.\n", &[]);
        check("For more, see:\n * https://example.org/\n", &[]);
        check(
            "For A:\n- a 1\nFor B:\n- b 2\n",
            &[("A", None, "a", &["1"]), ("B", None, "b", &["2"])],
        );
    }
}
