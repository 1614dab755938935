//! A verification that shares nothing with the run that asks for it: this same program in a process
//! of its own, with an empty home and no variables, reads everything from disk again.

use crate::arguments::Global;
use secpack_pack::{Fingerprint, ObjectId};
use serde::Deserialize;
use std::io::{Error, Result};
use std::path::Path;
use std::process::{Command, Stdio};

/// Verifies a commit of a repository; returns what is not good, one line each. `home` is an empty
/// folder.
///
/// # Errors
/// When the program could not be started or could not find out.
pub fn verify(
    global: &Global,
    anchor: Option<&Fingerprint>,
    home: &Path,
    (repository, commit): (&Path, ObjectId),
) -> Result<Vec<String>> {
    let mut command = command(global, anchor, home)?;
    command.arg("--commit").arg(commit.to_string()).arg(repository);
    let output = command.output()?;
    let report = serde_json::from_slice::<Report>(&output.stdout);
    match (output.status.code(), report) {
        (Some(0), Ok(report)) if report.result == "good" => Ok(Vec::new()),
        (Some(1), Ok(report)) => Ok(report.faults()),
        (_, _) => {
            let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
            Err(Error::other(format!("secpack verify ended with {}:\n{said}", output.status)))
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "starts this same program, and nothing else")]
fn command(global: &Global, anchor: Option<&Fingerprint>, home: &Path) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env_clear().env("HOME", home).env("LC_ALL", "C.UTF-8");
    for name in ["PATH", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.current_dir(home).stdin(Stdio::null());
    command.args(["verify", "--json", "--no-memory"]);
    if let Some(anchor) = anchor {
        command.args(["--anchor", anchor.as_str()]);
    }
    if let Some(policy) = &global.policy {
        command.arg("--policy").arg(std::path::absolute(policy)?);
    }
    if let Some(now) = global.now {
        command.args(["--now", &now.to_rfc3339()]);
    }
    Ok(command)
}

/// The part of `secpack/verify/1` that matters here.
#[derive(Deserialize)]
struct Report {
    result: String,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    rule: String,
    level: String,
    path: String,
    text: String,
    accepted: bool,
}

impl Report {
    fn faults(&self) -> Vec<String> {
        let counts = |finding: &&Finding| finding.level == "error" && !finding.accepted;
        let line = |f: &Finding| format!("{}: {} [{}]", f.path, f.text, f.rule);
        let faults: Vec<String> = self.findings.iter().filter(counts).map(line).collect();
        if faults.is_empty() { vec!["the report names no finding".to_owned()] } else { faults }
    }
}
