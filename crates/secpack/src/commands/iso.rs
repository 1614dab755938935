//! `secpack verify --iso`: an image against the signed digests in the pack.

use crate::arguments::{Global, VerifyArgs};
use crate::commands::explain;
use crate::commands::files::{codes, print_file};
use crate::commands::reading::{of_pack, remembering, source};
use crate::commands::verify::{place, print_finding};
use crate::terminal::Progress;
use crate::{Exit, Fault, fault::word, output};
use secpack_audit::{Algorithm, Computed, ImageReport, listed};
use secpack_pack::escape;
use sha2::{Digest, Sha256, Sha512};
use std::io::Read;
use std::path::Path;

/// Bytes that are hashed between two looks at the progress.
const CHUNK: usize = 4 * 1024 * 1024;

pub fn run(
    global: &Global,
    arguments: &VerifyArgs,
    image: &Path,
    pack: Option<&Path>,
) -> Result<Exit, Fault> {
    let path = place(global, pack)?;
    let reading = of_pack(global, &path, arguments.anchor.clone())?;
    let reading = remembering(arguments, reading)?;
    let name = image.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Fault::at(image, "it names no file"))?;
    if !image.is_file() {
        return Err(Fault::at(image, "there is no such image"));
    }
    let found = listed(&reading, name).map_err(|error| {
        Fault::from(error)
            .adding("an image is looked for under the name that it was published with; all names:")
            .hint(format!("git -C {} grep -hi '\\.iso' HEAD || secpack policy show", word(&path)))
    })?;
    let computed = hash(image, name)?;
    let report = reading.judge_image(name, &found, &computed)?;
    if global.json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(Exit::good_if(report.is_good()))
}

/// Both digests in one pass, whatever the size of the image.
fn hash(image: &Path, name: &str) -> Result<Computed, Fault> {
    let named = |e: std::io::Error| Fault::at(image, e);
    let mut file = std::fs::File::open(image).map_err(named)?;
    let size = file.metadata().map_err(named)?.len().max(1);
    let progress = Progress::start();
    let (mut sha256, mut sha512) = (Sha256::new(), Sha512::new());
    let mut buffer = vec![0; CHUNK];
    let mut done: u64 = 0;
    loop {
        let count = file.read(&mut buffer).map_err(named)?;
        if count == 0 {
            break;
        }
        let chunk = &buffer[..count];
        both(|| sha256.update(chunk), || sha512.update(chunk));
        done += count as u64;
        progress.stage(&format!("hashing {}: {} %", escape(name), done * 100 / size));
    }
    let sha256 = (Algorithm::Sha256, hex(&sha256.finalize()));
    let sha512 = (Algorithm::Sha512, hex(&sha512.finalize()));
    Ok([sha256, sha512].into())
}

/// The two hashes of one chunk at the same time.
fn both(first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        scope.spawn(first);
        second();
    });
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn print(report: &ImageReport) {
    report.documents.iter().for_each(print_file);
    let names = |algorithms: &[Algorithm]| {
        algorithms.iter().map(|a| a.name()).collect::<Vec<_>>().join(", ")
    };
    if !report.matched.is_empty() {
        output::line(format!("  {} as listed", names(&report.matched)));
    }
    report.findings.iter().filter(|f| !f.accepted).for_each(print_finding);
    if report.is_good() {
        output::line(format!("{}: {}", output::good("good"), escape(&report.image)));
    } else {
        let text = format!("{}: do not use {}", output::bad("not good"), escape(&report.image));
        output::line(text);
    }
    if !report.ignored.is_empty() {
        let text = format!("ignored: {}, which prove nothing today", names(&report.ignored));
        output::note(&text);
    }
    output::note(&source(report.policy.as_ref()));
    if !report.is_good() {
        output::hint(&explain::more(codes(&report.documents, &report.findings)));
    }
}
