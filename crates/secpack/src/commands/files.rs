//! `secpack verify FILE...`: single documents with the signatures beside them.

use crate::arguments::{Global, VerifyArgs};
use crate::commands::reading::{file, judged_by, reading, remembering};
use crate::commands::{explain, verify::print_finding};
use crate::fault::word;
use crate::{Exit, Fault, output, terminal};
use secpack_audit::{FileReport, NamedFile, SignatureReport, SingleReport};
use secpack_pack::policy::EVIDENCE;
use secpack_pack::{Finding, Reason, escape};
use std::path::{Path, PathBuf};

/// What stands between a document's name and the name of a signature beside it.
const SUFFIXES: [&str; 3] = ["sig", "sign", "asc"];

/// How an armored signature begins.
const ARMOR: &[u8] = b"-----BEGIN PGP SIGNATURE-----";

/// What the paths on the command line are.
pub enum Chosen<'a> {
    /// At most one folder: a pack.
    Pack(Option<&'a Path>),
    /// Regular files.
    Files(&'a [PathBuf]),
}

/// Tells a pack from single files.
///
/// # Errors
/// When both are named, or several packs.
pub fn chosen(paths: &[PathBuf]) -> Result<Chosen<'_>, Fault> {
    match paths {
        [] => Ok(Chosen::Pack(None)),
        files if files.iter().all(|path| path.is_file()) => Ok(Chosen::Files(files)),
        [pack] if !pack.exists() => Err(Fault::at(pack, "no such file or folder")),
        [pack] => Ok(Chosen::Pack(Some(pack))),
        [first, ..] => {
            let other = paths.iter().find(|path| !path.is_file()).unwrap_or(first);
            let pack = if other.is_dir() { other } else { first };
            Err(Fault::new(format!("{} is not a regular file", other.display()))
                .adding("one pack is verified at a time:")
                .hint(format!("secpack verify {}", word(pack))))
        }
    }
}

pub fn run(global: &Global, arguments: &VerifyArgs, paths: &[PathBuf]) -> Result<Exit, Fault> {
    let reading = reading(global, &arguments.single, arguments.anchor.clone(), paths)?;
    let reading = remembering(arguments, reading)?;
    let files = documents(paths, &arguments.single.signature)?;
    let report = reading.judge(&files).map_err(|error| match &error {
        secpack_audit::SingleError::NoSignature(_) => {
            Fault::from(error).hint(terminal::typed().with(&["--signature", "FILE"]).to_string())
        }
        secpack_audit::SingleError::UnknownName(_) => Fault::from(error)
            .adding("a file is judged by the name that it has in the pack; these are known:")
            .hint("secpack policy show"),
        secpack_audit::SingleError::Name(secpack_audit::NameError::Several { .. }) => {
            Fault::from(error).hint("secpack verify")
        }
        secpack_audit::SingleError::Name(secpack_audit::NameError::Path(_)) => {
            Fault::from(error).hint("secpack policy show")
        }
        secpack_audit::SingleError::NoCertificate(_) => {
            Fault::from(error).hint("secpack verify --help")
        }
        secpack_audit::SingleError::Audit(_) => Fault::from(error),
    })?;
    if global.json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(Exit::good_if(report.is_good()))
}

/// The document that a signature lies beside, with all that lie there.
fn with_document(signature: &Path) -> Option<String> {
    let shown = signature.to_str()?;
    let ends = SUFFIXES.iter().filter_map(|suffix| shown.rfind(&format!(".{suffix}")));
    let document = ends.map(|end| Path::new(&shown[..end])).find(|document| document.is_file())?;
    Some(terminal::typed().instead(shown, document.to_str()?).to_string())
}

/// Sorts files into documents and their signatures, and looks for more beside the documents.
fn documents(
    paths: &[PathBuf],
    given: &[PathBuf],
) -> Result<Vec<(NamedFile, Vec<NamedFile>)>, Fault> {
    let mut documents: Vec<(&PathBuf, NamedFile)> = Vec::new();
    let mut signatures: Vec<NamedFile> = given.iter().map(|p| file(p)).collect::<Result<_, _>>()?;
    for path in paths {
        let read = file(path)?;
        if read.bytes.starts_with(ARMOR) || read.name.ends_with(EVIDENCE) {
            signatures.push(read);
        } else {
            documents.push((path, read));
        }
    }
    if documents.is_empty() {
        let hint = paths.first().and_then(|path| with_document(path));
        return Err(Fault::new("only signatures are named, and no document")
            .hint(hint.unwrap_or_else(|| "secpack verify DOCUMENT --signature FILE".to_owned())));
    }
    if let Some(other) = signatures.iter().find(|file| is_of_another(file, &documents)) {
        let named = documents[0].0;
        return Err(Fault::new(format!(
            "by its name {} is evidence of none of these documents",
            escape(&other.name)
        ))
        .hint(format!(
            "secpack canary freshness verify {} --evidence {}",
            word(named),
            paths
                .iter()
                .find(|path| path.ends_with(&other.name))
                .map_or("FILE".to_owned(), |p| word(p))
        )));
    }
    let single = documents.len() == 1;
    let mut found = Vec::new();
    for (path, document) in documents {
        let mut its: Vec<NamedFile> = signatures
            .iter()
            .filter(|other| single || is_beside(&document.name, &other.name))
            .cloned()
            .collect();
        let is_evidence = |file: &NamedFile| file.name.ends_with(EVIDENCE);
        if its.iter().all(is_evidence) {
            its.extend(beside(path, &document.name)?);
        }
        if !its.iter().any(is_evidence) {
            its.extend(evidence(path, &document.name)?);
        }
        found.push((document, its));
    }
    Ok(found)
}

/// Evidence that belongs to no document that was named.
fn is_of_another(file: &NamedFile, documents: &[(&PathBuf, NamedFile)]) -> bool {
    let of = |name: &str| file.name == format!("{name}{EVIDENCE}");
    file.name.ends_with(EVIDENCE) && !documents.iter().any(|(_, document)| of(&document.name))
}

/// Signatures in the document's folder, by name, sorted.
fn beside(path: &Path, name: &str) -> Result<Vec<NamedFile>, Fault> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let named = |e: std::io::Error| Fault::at(folder, e);
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(named)? {
        let other = entry.map_err(named)?.path();
        let is_signature = |n: &str| is_beside(name, n) && !n.ends_with(EVIDENCE);
        let fits = other.file_name().and_then(|n| n.to_str()).is_some_and(is_signature);
        if fits && other.is_file() {
            found.push(other);
        }
    }
    found.sort();
    found.iter().map(|path| file(path)).collect()
}

/// The evidence of freshness in the document's folder.
fn evidence(path: &Path, name: &str) -> Result<Option<NamedFile>, Fault> {
    let place = path.with_file_name(format!("{name}{EVIDENCE}"));
    if place.is_file() { file(&place).map(Some) } else { Ok(None) }
}

fn is_beside(document: &str, other: &str) -> bool {
    let Some(suffix) = other.strip_prefix(document).and_then(|s| s.strip_prefix('.')) else {
        return false;
    };
    let kind = suffix.split('.').next().unwrap_or_default();
    SUFFIXES.contains(&kind) || EVIDENCE.strip_prefix('.') == Some(suffix)
}

fn print(report: &SingleReport) {
    for file in &report.files {
        print_file(file);
    }
    report.findings.iter().filter(|f| !f.accepted).for_each(print_finding);
    if report.is_good() {
        let what = match &report.policy {
            Some(_) => "everything that the policy asks for is there",
            None => {
                "every signature is good and made by a given key; nothing says whether it may sign this"
            }
        };
        output::line(format!("{}: {what}", output::good("good")));
    } else {
        output::line(format!("{}: do not rely on it", output::bad("not good")));
    }
    output::note(&judged_by(report));
    if !report.is_good() {
        output::hint(&explain::more(codes(&report.files, &report.findings)));
    }
}

/// Why files are not good, by code: signatures first.
pub fn codes<'r>(files: &'r [FileReport], findings: &'r [Finding]) -> Vec<&'r str> {
    let signatures = files.iter().flat_map(|file| &file.signatures);
    let bad = signatures.map(|signature| signature.verdict).filter(|v| *v != Reason::Good);
    let inside = files.iter().flat_map(|file| &file.findings);
    bad.map(|verdict| verdict.code()).chain(explain::codes(inside.chain(findings))).collect()
}

/// One document: its signatures, then what is not good.
pub fn print_file(file: &FileReport) {
    let label = file.label.as_deref().map(|l| format!(" ({})", escape(l))).unwrap_or_default();
    let state = file.state.map(|state| format!(": {state}")).unwrap_or_default();
    output::line(format!("{}{label}{state}", escape(&file.file)));
    file.signatures.iter().for_each(print_signature);
    file.findings.iter().filter(|f| !f.accepted).for_each(print_finding);
}

fn print_signature(signature: &SignatureReport) {
    let verdict = match signature.verdict {
        Reason::Good => output::good("good"),
        bad => output::bad(bad.code()),
    };
    let who = match (&signature.member, &signature.signer) {
        (Some(member), Some(signer)) => format!("{member}, {}", signer.spaced()),
        (None, Some(signer)) => signer.spaced(),
        (Some(member), None) => member.to_string(),
        (None, None) => "unknown key".to_owned(),
    };
    let day = signature.made.as_deref().and_then(|m| m.get(..10)).unwrap_or("no date");
    let hash = signature.hash.as_deref().unwrap_or("no hash");
    output::line(format!("  {verdict}  {who}, {day}, {hash}"));
}
