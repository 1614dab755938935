//! `lint --watch`: the rules again after every save, in a second pane beside an editor.

use super::{settle, text_findings};
use crate::session::Session;
use crate::{Exit, Fault, output};
use secpack_pack::plaintext::lines;
use secpack_pack::{Document, Finding, escape};
use std::time::Duration;

/// How often the file is looked at.
const TICK: Duration = Duration::from_millis(300);

/// Reads the file again and again, and shows the findings whenever it changed. Ctrl-C ends it.
///
/// # Errors
/// When the file is not there at the start.
pub fn run(session: &Session, document: &Document) -> Result<Exit, Fault> {
    let place = session.on_disk(&document.path);
    let mut seen: Vec<u8> = std::fs::read(&place)?;
    show(session, document, &seen);
    loop {
        std::thread::sleep(TICK);
        // An editor that saves by renaming leaves no file for a moment.
        if let Ok(now) = std::fs::read(&place)
            && now != seen
        {
            show(session, document, &now);
            seen = now;
        }
    }
}

/// Shows the findings below their lines, and returns them; accepted ones are left out.
pub fn show(session: &Session, document: &Document, bytes: &[u8]) -> Vec<Finding> {
    let found = text_findings(session, &document.id, &document.path, bytes);
    let found: Vec<Finding> = settle(session, found).into_iter().filter(|f| !f.accepted).collect();
    output::line(format!("---- {} ----", document.path));
    let text = String::from_utf8_lossy(bytes);
    let all = lines(&text);
    for finding in &found {
        let line = finding.line.and_then(|number| all.get(number as usize - 1));
        if let Some(line) = line {
            output::line(format!("{:>5} | {}", line.number, escape(line.text)));
        }
        output::line(format!("      ^ {}[{}]: {}", finding.level, finding.rule, finding.text));
    }
    output::line(match found.len() {
        0 => output::good("good"),
        1 => output::doubtful("1 finding"),
        n => output::doubtful(&format!("{n} findings")),
    });
    found
}
