//! `secpack policy infer`: a first policy for a pack that has none.

use super::judge::{no_commit, open};
use super::verify;
use crate::arguments::{Global, InferArgs};
use crate::terminal::{self, Progress};
use crate::{Fault, output};
use secpack_audit::infer::{Baseline, InferRequest, infer};
use secpack_pack::shell_word;
use std::path::Path;

/// Looks at the commit that HEAD is at: what is on disk and nowhere else is not the pack yet.
pub fn run(global: &Global, arguments: &InferArgs) -> Result<(), Fault> {
    let path = verify::place(global, arguments.path.as_deref())?;
    let repository = open(&path)?;
    let head = repository.head()?.ok_or_else(|| no_commit(&path))?;
    let progress = Progress::start();
    let baseline = if arguments.accept { Baseline::Accepted } else { Baseline::Proposed };
    let text = infer(&InferRequest {
        repository: &repository,
        snapshot: repository.snapshot(head)?,
        name: name(&path),
        now: terminal::now(global.now),
        baseline,
        progress: &|stage| progress.stage(stage),
    })?;
    drop(progress);
    match &arguments.out {
        None => output::raw(&text),
        Some(file) => {
            secpack_signing::write_new(file, text.as_bytes())?;
            output::line(format!("inferred: {}", file.display()));
            let word = |path: &Path| shell_word(&path.display().to_string());
            output::note("Read it first: it is what somebody did, not what should be.");
            output::hint(&format!("secpack verify {} --policy {}", word(&path), word(file)));
        }
    }
    Ok(())
}

/// The folder's own name, without `.git`.
fn name(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = real.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "pack".to_owned());
    name.strip_suffix(".git").map_or(name.clone(), str::to_owned)
}
