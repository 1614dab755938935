//! Running the rules for a document's text and showing what they find.

mod edit;
mod watch;

pub use edit::run as edit;

use crate::arguments::{Global, LintArgs};
use crate::commands::print_finding;
use crate::session::Session;
use crate::{Exit, Fault, documents, drafts, fault::numbered, output};
use chrono::NaiveDate;
use secpack_bulletin::{Bulletin, PackFacts};
use secpack_pack::policy::{SeriesKind, TextRules};
use secpack_pack::{Content, Document, DocumentId, Finding, Level, PackPath, Policy, shell_word};
use std::collections::BTreeSet;

/// What the rules find in a document as it is on disk. Series without rules of their own give
/// nothing.
pub fn findings(session: &Session, document: &Document) -> Vec<Finding> {
    let bytes = document.bytes.as_deref().unwrap_or_default();
    let text = secpack_audit::text_of(&session.pack.policy, document);
    let inside = text.as_deref().map_or(bytes, str::as_bytes);
    let mut found = text_findings(session, &document.id, &document.path, inside);
    found.extend(secpack_audit::against_draft(&session.pack, document));
    settle(session, found)
}

fn text_findings(
    session: &Session,
    id: &DocumentId,
    path: &PackPath,
    bytes: &[u8],
) -> Vec<Finding> {
    let policy = &session.pack.policy;
    match policy.find_series(&id.series).map(|series| series.kind) {
        Some(SeriesKind::Bulletin) => {
            let rules = policy.text_rules_for(id);
            let words = rules.and_then(|rules| words(session, rules));
            let facts = PackFacts {
                today: session.now.date_naive(),
                earlier: earlier(session, id),
                words: words.as_ref(),
            };
            secpack_bulletin::lint(bytes, id, path, rules, facts)
        }
        Some(SeriesKind::Canary) => crate::commands::canary_findings(session, id, path, bytes),
        Some(SeriesKind::Policy) => policy_version(session, path, bytes).into_iter().collect(),
        Some(SeriesKind::Digest | SeriesKind::Statement) | None => Vec::new(),
    }
}

/// The pack's own list of words, where the policy names one.
fn words(session: &Session, rules: &TextRules) -> Option<BTreeSet<String>> {
    let file = session.pack.file(rules.words.as_ref()?)?;
    let Content::Bytes(bytes) = &file.content else { return None };
    Some(secpack_bulletin::words(std::str::from_utf8(bytes).ok()?))
}

/// The newest date of the documents of a series with lower numbers.
fn earlier(session: &Session, id: &DocumentId) -> Option<NaiveDate> {
    let all = session.pack.series(&id.series).into_iter();
    let before = all.filter(|document| document.id.number < id.number);
    let date = |document: &Document| {
        Bulletin::parse(std::str::from_utf8(document.bytes.as_deref()?).ok()?).ok()?.date
    };
    before.filter_map(date).max()
}

/// A policy that differs from the committed one must have a higher version.
fn policy_version(session: &Session, path: &PackPath, bytes: &[u8]) -> Option<Finding> {
    let repository = &session.repository;
    let head = repository.head().ok()??;
    let committed = repository.blob_at(head, path).ok()??;
    let Content::Bytes(before) = repository.read_blob(committed).ok()? else { return None };
    let older = Policy::parse(std::str::from_utf8(&before).ok()?).ok()?;
    let newer = Policy::parse(std::str::from_utf8(bytes).ok()?).ok()?;
    if *before == *bytes || newer.version() > older.version() {
        return None;
    }
    let text = format!(
        "it differs from the committed version {} and says version = {}",
        older.version(),
        newer.version()
    );
    Some(
        Finding::new("policy-version", Level::Error, path.as_str(), &[bytes], text)
            .with_help("raise `version` with every change"),
    )
}

/// Marks what the policy accepts.
fn settle(session: &Session, mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        finding.accepted = session.pack.policy.accepts(&finding.id).is_some();
    }
    findings
}

fn is_error(finding: &Finding) -> bool {
    finding.level == Level::Error && !finding.accepted
}

/// What keeps a text from being signed, one line each.
pub fn errors(session: &Session, document: &Document) -> Vec<String> {
    let errors = findings(session, document).into_iter().filter(is_error);
    let line = |f: Finding| match f.line {
        Some(line) => format!("line {line}: {} [{}]", f.text, f.rule),
        None => format!("{} [{}]", f.text, f.rule),
    };
    errors.map(line).collect()
}

/// Refuses a text with an error in it: once signed, mending it costs every signature.
///
/// # Errors
/// Names the errors.
pub fn must_be_clean(session: &Session, document: &Document) -> Result<(), Fault> {
    let lines = errors(session, document);
    if lines.is_empty() {
        return Ok(());
    }
    let kind = session.pack.policy.find_series(&document.id.series).map(|s| s.kind);
    let path = shell_word(document.path.as_str());
    let hint = match kind {
        Some(SeriesKind::Policy) => numbered(&session.on_disk(&document.path)),
        Some(SeriesKind::Canary) => format!("secpack canary lint {path}"),
        Some(SeriesKind::Bulletin | SeriesKind::Digest | SeriesKind::Statement) | None => {
            format!("secpack bulletin lint {path}")
        }
    };
    Err(Fault::refused(format!(
        "{} is not ready to be signed:\n{}",
        document.path,
        lines.join("\n")
    ))
    .hint(hint))
}

/// `lint` with its options: mends first where that is asked for.
///
/// # Errors
/// When a signed text would be changed, or the pack cannot be read again.
pub fn run(
    global: &Global,
    session: &Session,
    document: &Document,
    arguments: &LintArgs,
) -> Result<Exit, Fault> {
    if arguments.watch {
        return watch::run(session, document);
    }
    if !arguments.fix {
        return report(global, session, document);
    }
    drafts::mend(session, document)?;
    let again = Session::open(global)?;
    report(global, &again, documents::find(&again, document.path.as_str())?)
}

/// Prints what the rules find; exit code 1 when an error is among it.
///
/// # Errors
/// When JSON cannot be written.
pub fn report(global: &Global, session: &Session, document: &Document) -> Result<Exit, Fault> {
    let findings = findings(session, document);
    if global.json {
        output::json(&findings)?;
    } else {
        findings.iter().filter(|f| !f.accepted).for_each(print_finding);
        let errors = findings.iter().filter(|f| is_error(f)).count();
        let open = findings.iter().filter(|f| !f.accepted).count();
        match (errors, open) {
            (0, 0) => output::line(format!(
                "{}: {} is ready to be signed",
                output::good("good"),
                document.path
            )),
            (0, 1) => output::line(format!("{}: 1 warning, no error", output::good("good"))),
            (0, n) => output::line(format!("{}: {n} warnings, no error", output::good("good"))),
            (1, _) => output::line(format!(
                "{}: 1 error keeps it from being signed",
                output::bad("not good")
            )),
            (n, _) => output::line(format!(
                "{}: {n} errors keep it from being signed",
                output::bad("not good")
            )),
        }
        if errors > 0 {
            output::hint(&mended_by(session, document, &findings));
        }
    }
    Ok(Exit::good_if(!findings.iter().any(is_error)))
}

/// What mends a text: an editor, a new proof, or for what is signed a look at who did.
fn mended_by(session: &Session, document: &Document, findings: &[Finding]) -> String {
    let path = shell_word(document.path.as_str());
    let mut errors = findings.iter().filter(|finding| is_error(finding));
    let command = drafts::command(session, document);
    if !drafts::signatures(session, document).is_empty() {
        return format!("secpack status {path}");
    }
    match command == "canary" && errors.all(|finding| finding.rule.starts_with("proof")) {
        true => format!("secpack canary refresh {path} --freshness FILE"),
        false => format!("secpack {command} edit {path}"),
    }
}

/// Says what is still to be done in a fresh draft, in a few lines.
pub fn report_draft(session: &Session, id: &DocumentId, path: &PackPath, bytes: &[u8]) {
    let todo: Vec<Finding> = text_findings(session, id, path, bytes);
    let errors = todo.iter().filter(|f| f.level == Level::Error);
    for finding in errors {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        output::note(&format!("  {path}{line}: {}", finding.text));
    }
}

/// The title of a bulletin, for a person who is about to sign it.
pub fn title(session: &Session, document: &Document) -> Option<String> {
    let series = session.pack.policy.find_series(&document.id.series)?;
    if series.kind != SeriesKind::Bulletin {
        return None;
    }
    let text = std::str::from_utf8(document.bytes.as_deref()?).ok()?;
    let title = Bulletin::parse(text).ok()?.title.join(" ");
    (!title.is_empty()).then(|| secpack_pack::escape(&title))
}
