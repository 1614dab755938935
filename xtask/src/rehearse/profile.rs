//! The few values of a profile that a rehearsal needs to draft what the profile asks for.
//!
//! Profiles are TOML files of ours, written one value per line. Reading three kinds of line does
//! not deserve a TOML parser; what is misread here, `secpack` finds.

use crate::story::{Package, Source};

/// A package for each release that gets fixes now.
pub fn packages(profile: &str) -> Vec<Package> {
    let mut lines = profile.lines().filter_map(|line| line.strip_prefix("releases = "));
    let releases = lines.next_back().map(quoted).unwrap_or_default();
    releases.into_iter().map(|release| Package { release, place: "dom0".to_owned() }).collect()
}

/// The newspapers that a canary cites.
pub fn sources(profile: &str) -> Vec<Source> {
    let tables = profile.split("[[canary.sources]]\n").skip(1);
    let feeds = tables.filter(|table| table.starts_with("kind = \"feed\"\n"));
    feeds
        .filter_map(|table| Some(Source { name: value(table, "name")?, url: value(table, "url")? }))
        .collect()
}

fn value(table: &str, key: &str) -> Option<String> {
    let line = table.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
    quoted(line).into_iter().next()
}

/// Every string between quotes; our profiles need no escapes.
fn quoted(line: &str) -> Vec<String> {
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str =
        "[[text]]\nreleases = [\"A 1\"]\n\n[[text]]\nreleases = [\"A 2\", \"A 3\"]\n
[[canary.sources]]\nkind = \"feed\"\nname = \"Daily\"\nurl = \"https://daily.example\"\ntitles = 5\n
[[canary.sources]]\nkind = \"bitcoin\"\nname = \"Chain\"\nurl = \"https://chain.example\"\n";

    #[test]
    fn the_newest_releases_get_packages() {
        let releases: Vec<String> = packages(PROFILE).into_iter().map(|p| p.release).collect();
        assert_eq!(releases, ["A 2", "A 3"]);
        assert!(packages("").is_empty());
    }

    #[test]
    fn feeds_are_cited() {
        let sources = sources(PROFILE);
        assert_eq!(sources.len(), 1);
        assert_eq!((&*sources[0].name, &*sources[0].url), ("Daily", "https://daily.example"));
    }
}
