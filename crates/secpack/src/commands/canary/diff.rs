//! `secpack canary diff`: values, statements and sections that two canaries do not share.

use super::find;
use crate::arguments::{CanaryDiffArgs, Global};
use crate::session::Session;
use crate::{Exit, Fault, drafts, fault::look_into, output};
use secpack_audit::text_of;
use secpack_canary::{Canary, Change, SectionChange, StatementChange, ValueChange};
use secpack_pack::{Document, escape, shell_word};
use serde::Serialize;

/// Schema of the JSON.
const SCHEMA: &str = "secpack/canary-diff/1";

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    old: String,
    new: String,
    /// Whether the newer one announces anything.
    announces: bool,
    values: Vec<ValueChange>,
    statements: Vec<StatementChange>,
    sections: Vec<SectionChange>,
}

pub fn run(global: &Global, session: &Session, arguments: &CanaryDiffArgs) -> Result<Exit, Fault> {
    let (before, after) = (find(session, &arguments.old)?, find(session, &arguments.new)?);
    let (old_text, new_text) = (text(session, before)?, text(session, after)?);
    let (old, new) = (parse(before, &old_text)?, parse(after, &new_text)?);
    let report = Report {
        schema: SCHEMA,
        old: before.path.to_string(),
        new: after.path.to_string(),
        announces: new.announces(),
        values: secpack_canary::values(&old, &new),
        statements: secpack_canary::changes(&old, &new),
        sections: secpack_canary::sections(&old, &new),
    };
    if global.json {
        output::json(&report)?;
    } else {
        print(&report);
        if !report.statements.is_empty() && !report.announces {
            let path = shell_word(&report.new);
            let is_draft = drafts::signatures(session, after).is_empty();
            let verb = if is_draft { "canary edit" } else { "status" };
            output::hint(&format!("secpack {verb} {path}"));
        }
    }
    Ok(Exit::good_if(report.statements.is_empty() || report.announces))
}

fn parse<'t>(document: &Document, text: &'t str) -> Result<Canary<'t>, Fault> {
    let lint = format!("secpack canary lint {}", shell_word(document.path.as_str()));
    Canary::parse(text)
        .map_err(|error| Fault::refused(format!("{}: {error}", document.path)).hint(lint))
}

fn text<'s>(
    session: &'s Session,
    document: &'s Document,
) -> Result<std::borrow::Cow<'s, str>, Fault> {
    let unreadable = || {
        let fault = Fault::refused(format!("{} holds no text to compare", document.path));
        fault.hint(look_into(&session.on_disk(&document.path)))
    };
    text_of(&session.pack.policy, document).ok_or_else(unreadable)
}

fn print(report: &Report) {
    for value in &report.values {
        let shown = |side: &Option<String>| side.as_deref().map_or("none".to_owned(), escape);
        output::line(format!("{:<12} {} -> {}", value.what, shown(&value.old), shown(&value.new)));
    }
    for change in &report.statements {
        let quoted = |words: &str| match words {
            "" => "nothing".to_owned(),
            words => format!("\"{}\"", escape(words)),
        };
        let (old, new) = (quoted(&change.old), quoted(&change.new));
        output::line(format!("statement {}: {old} became {new}", change.number));
    }
    for section in &report.sections {
        let what = match section.change {
            Change::Added => "new",
            Change::Dropped => "gone",
            Change::Reworded => "reworded",
        };
        output::line(format!("section \"{}\": {what}", escape(&section.title)));
    }
    output::line(match (report.statements.is_empty(), report.announces) {
        (true, _) => format!("{}: the statements are worded alike", output::good("good")),
        (false, true) => format!(
            "{}: statements changed; the announcements of {} must say why",
            output::doubtful("read"),
            report.new
        ),
        (false, false) => format!(
            "{}: statements changed, and nothing is announced in {}",
            output::bad("not good"),
            report.new
        ),
    });
}
