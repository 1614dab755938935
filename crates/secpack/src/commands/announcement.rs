//! `secpack verify --announcement`: a page, post or mail that carries a document.

use crate::arguments::{Global, VerifyArgs};
use crate::commands::explain;
use crate::commands::files::{codes, print_file};
use crate::commands::reading::{reading, remembering, source};
use crate::commands::verify::print_finding;
use crate::fault::{look_at, look_into};
use crate::{Exit, Fault, output};
use secpack_audit::{AnnouncementError, AnnouncementReport, judge_announcement, read_announcement};
use secpack_pack::escape;
use std::io::Read;
use std::path::Path;

/// Largest announcement that is read, in bytes; one more is read to notice.
const CAP: u64 = 4 * 1024 * 1024;

pub fn run(global: &Global, arguments: &VerifyArgs, path: &Path) -> Result<Exit, Fault> {
    let reading = reading(global, &arguments.single, arguments.anchor.clone(), &[])?;
    let reading = remembering(arguments, reading)?;
    let name = path.display().to_string();
    let bytes = read(path)?;
    let failed = |error: AnnouncementError| {
        let (advice, hint) = advice(&error, path);
        Fault::from(error).adding(advice).hint(hint)
    };
    let found = read_announcement(&bytes).map_err(failed)?;
    let report = judge_announcement(&reading, &found, &name).map_err(failed)?;
    if global.json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(Exit::good_if(report.is_good()))
}

/// What a person can do, and what to type for it.
fn advice(error: &AnnouncementError, path: &Path) -> (&'static str, String) {
    let alone = || "secpack verify DOCUMENT --signature FILE".to_owned();
    match error {
        AnnouncementError::NoSignature => {
            ("save text and signatures as files of their own:", alone())
        }
        AnnouncementError::NoDocument => ("save the text as a file of its own:", alone()),
        AnnouncementError::TooLarge(_) => ("save the page or the mail alone", look_at(path)),
        AnnouncementError::NotText => {
            ("save the page as HTML, or the mail with its header (.eml)", look_into(path))
        }
        AnnouncementError::Audit(_) => ("the clone may not be whole", "git fsck --full".to_owned()),
    }
}

/// The file, or standard input for `-`.
fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let named = |e: std::io::Error| Fault::at(path, e);
    let mut bytes = Vec::new();
    let capped = if path == Path::new("-") {
        std::io::stdin().lock().take(CAP + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).map_err(named)?.take(CAP + 1).read_to_end(&mut bytes)
    };
    capped.map_err(named)?;
    Ok(bytes)
}

fn print(report: &AnnouncementReport) {
    let announced = &report.announced;
    output::line(format!("{} ({})", escape(&announced.heading), escape(&announced.place)));
    print_file(&report.judged.document);
    report.judged.findings.iter().filter(|f| !f.accepted).for_each(print_finding);
    if announced.equals_pack == Some(true) {
        output::line("  the pack has exactly this text");
    }
    let undone = report.undone();
    let outcome = match (report.is_good(), announced.undone.is_empty()) {
        (true, true) => format!("{}: {undone}", output::good("good")),
        (true, false) => format!("{} after undoing: {undone}", output::good("good")),
        (false, _) => format!("{}: do not rely on it", output::bad("not good")),
    };
    let unknown = match report.judged.policy {
        Some(_) => "",
        None => "; nothing says whether its signers may sign this",
    };
    output::line(format!("{outcome}{unknown}"));
    announced.notes.iter().for_each(|note| output::note(&escape(note)));
    if announced.equals_pack.is_none() && report.judged.policy.is_some() {
        output::note("no pack was given that has this document, so nothing was compared");
    }
    output::note(&source(report.judged.policy.as_ref()));
    if !report.is_good() {
        let document = std::slice::from_ref(&report.judged.document);
        output::hint(&explain::more(codes(document, &report.judged.findings)));
    }
}
