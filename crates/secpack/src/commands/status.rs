//! `secpack status`: where each document stands, computed from the pack and git, never stored.

use crate::arguments::{Global, StatusArgs};
use crate::session::Session;
use crate::{Exit, Fault, documents, output};
use secpack_release::{Places, Standing};
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    document: String,
    path: String,
    stage: &'static str,
    signed: Vec<String>,
    missing: Vec<String>,
    broken: Vec<Broken>,
    next: Vec<String>,
}

#[derive(Serialize)]
struct Broken {
    path: String,
    verdict: &'static str,
    detail: String,
}

pub fn run(global: &Global, arguments: &StatusArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let wanted: Vec<&secpack_pack::Document> = match &arguments.document {
        Some(name) => vec![documents::find(&session, name)?],
        None => session.pack.documents.values().collect(),
    };
    let places = Places::new(&session.repository, &authority, &session.pack)?;
    let mut rows = Vec::new();
    for document in wanted {
        let place = places.of(document)?;
        rows.push(row(&session, document, place));
    }
    if global.json {
        output::json(&rows)?;
    } else {
        print(&rows, arguments.document.is_some());
    }
    Ok(Exit::Good)
}

fn row(session: &Session, document: &secpack_pack::Document, place: Standing) -> Row {
    let next = crate::commands::release::next_commands(&session.pack, document, &place);
    let broken = place.tally.broken().map(|signature| Broken {
        path: signature.path.to_string(),
        verdict: signature.judged.verdict.reason.code(),
        detail: signature.judged.verdict.detail.clone(),
    });
    Row {
        document: session.pack.policy.label_of(&document.id),
        path: document.path.to_string(),
        stage: place.stage.as_str(),
        signed: place.tally.signed.iter().map(ToString::to_string).collect(),
        missing: place.tally.short_of.iter().map(ToString::to_string).collect(),
        broken: broken.collect(),
        next,
    }
}

fn print(rows: &[Row], every: bool) {
    let open: Vec<&Row> = rows.iter().filter(|row| every || !row.next.is_empty()).collect();
    for row in &open {
        let signed =
            if row.signed.is_empty() { "nobody".to_owned() } else { row.signed.join(", ") };
        output::line(format!(
            "{}  {}  signed by {signed}",
            row.document,
            output::doubtful(row.stage)
        ));
        output::line(format!("  {}", row.path));
        if !row.missing.is_empty() {
            output::line(format!("  missing: {}", row.missing.join(", ")));
        }
        for broken in &row.broken {
            output::line(format!(
                "  {}: {} {}",
                output::bad(broken.verdict),
                broken.path,
                broken.detail
            ));
        }
        for next in &row.next {
            output::line(format!("  next: {next}"));
        }
    }
    let done = rows.len() - open.len();
    if done > 0 || open.is_empty() {
        output::line(format!("{done} documents are complete, committed and tagged"));
    }
}
