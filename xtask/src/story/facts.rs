//! What the members of a story know when they draft: made-up facts, and a made-up proof of
//! freshness instead of one fetched from the network.

use super::Scene;
use crate::failure::Failure;
use crate::process;
use std::path::PathBuf;

/// A package that mends what the bulletin describes.
pub struct Package {
    /// The release, as the policy names it.
    pub release: String,
    /// Where in the release.
    pub place: String,
}

/// Writes the facts of a bulletin; `secpack bulletin new --facts` makes the text of it.
pub fn write_facts(scene: &Scene, packages: &[Package]) -> Result<PathBuf, Failure> {
    let mut text = FACTS.to_owned();
    for Package { release, place } in packages {
        text.push_str(&format!(
            "\n[[packages]]\nrelease = \"{release}\"\nplace = \"{place}\"\nname = \"parser\"\nversion = \"1.0.3-1\"\n"
        ));
    }
    scene.write("facts.toml", &text)
}

/// A source that a canary cites to show that it was not made before its date.
pub struct Source {
    /// As the policy names it.
    pub name: String,
    /// Where a member would read it.
    pub url: String,
}

/// Writes a proof of freshness as `secpack/freshness/1`. It is made up, headlines and block alike:
/// a story must run without a network, and what it makes is thrown away.
pub fn write_freshness(scene: &Scene, sources: &[Source]) -> Result<PathBuf, Failure> {
    let mut date = process::command("date", ["-u", "+%Y-%m-%dT%H:%M:%SZ"]);
    let date = process::output(&mut date)?;
    let sources: Vec<String> = sources.iter().map(source).collect();
    let text = format!(
        "{{\n  \"schema\": \"secpack/freshness/1\",\n  \"date\": \"{}\",\n  \"sources\": [{}],\n  \
         \"block\": {{ \"name\": \"Made-up chain\", \"hash\": \"{BLOCK}\" }}\n}}\n",
        date.trim(),
        sources.join(", "),
    );
    scene.write("freshness.json", &text)
}

fn source(source: &Source) -> String {
    let Source { name, url } = source;
    let titles: Vec<String> =
        (1..=TITLES).map(|number| format!("\"Made-up headline {number} of {name}\"")).collect();
    let titles = titles.join(", ");
    format!("{{ \"name\": \"{name}\", \"url\": \"{url}\", \"titles\": [{titles}] }}")
}

/// How many headlines of each source are cited.
const TITLES: u32 = 5;

/// The hash of no block.
const BLOCK: &str = "00000000000000000000000000000000000000000000000000000000cafecafe";

const FACTS: &str = r#"title = "Buffer overflow in the parser of file names"
user_action = "Install the update below. Nothing else is to be done."
summary = """
The parser of file names copies up to 255 bytes into a buffer of 128 \
bytes. A file name that is long enough overwrites what lies behind it. \
The report [@report] explains how this was found."""
impact = """
Whoever can make a user open a folder can run code with the rights of \
that user."""
affected = "All releases since 1.0 are affected."
patching = "Restart all programs that were running during the update."
credits = ["Nobody: this bulletin is part of a rehearsal."]

[[references]]
key = "report"
label = "Report"
url = "https://example.org/reports/1"
"#;
