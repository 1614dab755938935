//! `secpack embargo open`: into a private folder, and only what its author signed.

use super::read;
use crate::arguments::{Global, OpenArgs};
use crate::session::Session;
use crate::{Exit, Fault, output, private};
use secpack_release::Lists;
use serde_json::json;

pub fn run(global: &Global, arguments: &OpenArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    read::rules(&session)?;
    let (authority, identities) = (session.authority(), read::identities(&arguments.identity)?);
    let (letter, _) = read::letter(&authority, &arguments.sealed, &identities, Lists::MustAgree)?;
    let name = letter.document.file_name();
    let mut files = vec![(name, letter.text.as_str())];
    if let Some(facts) = &letter.facts {
        files.push(("facts.toml", facts));
    }
    private::write_folder(&arguments.out, &files)?;
    let place = arguments.out.join(name);
    if global.json {
        output::json(&json!({
            "schema": "secpack/embargo-open/1",
            "sealed": letter.id, "author": letter.author, "until": letter.until,
            "document": letter.document, "draft": place.display().to_string(),
        }))?;
        return Ok(Exit::Good);
    }
    output::line(format!("opened: {}", place.display()));
    output::note(&format!("  sealed by {} on {}", letter.author, letter.sealed.date_naive()));
    output::note(&format!("  under embargo until {}", letter.until.format("%Y-%m-%d %H:%M UTC")));
    Ok(Exit::Good)
}
