//! `secpack keys repair`: a certificate whose armor was damaged on its way.

use super::word;
use crate::arguments::{Global, RepairArgs};
use crate::fault::{OrHint, look_into};
use crate::{Exit, Fault, keys, output};
use secpack_openpgp::{Repaired, repair};
use std::path::Path;

#[derive(serde::Serialize)]
struct RepairRow {
    fingerprint: String,
    repairs: Vec<&'static str>,
    written: Option<String>,
}

/// Shows what is damaged; writes only when the key is the one that was expected.
pub fn run(global: &Global, arguments: &RepairArgs) -> Result<Exit, Fault> {
    let shown = arguments.file.display();
    let repaired = repair(&keys::read(&arguments.file)?)
        .map_err(|error| Fault::refused(format!("{shown}: {error}")))
        .or_hint(shows(&arguments.file))?;
    let expected = arguments.fingerprint.as_ref();
    let out = arguments.out.as_ref().filter(|_| expected == Some(&repaired.fingerprint));
    if let Some(out) = out {
        secpack_signing::write_new(out, repaired.armored.as_bytes())?;
    }
    if global.json {
        output::json(&RepairRow {
            fingerprint: repaired.fingerprint.to_string(),
            repairs: repaired.repairs.iter().map(|r| r.name()).collect(),
            written: out.map(|out| out.display().to_string()),
        })?;
    } else {
        print_repairs(&repaired);
    }
    match (expected, out) {
        (Some(_), Some(out)) => {
            output::note(&format!("written: {}", out.display()));
            Ok(Exit::Good)
        }
        (Some(expected), None) => {
            Err(Fault::refused(format!("{shown} is not the key {expected}; nothing was written"))
                .adding("do not use this key; ask its owner for another copy")
                .hint(look_into(&arguments.file)))
        }
        (None, _) => {
            let fault = "nothing was written: no fingerprint was given to compare with";
            Err(Fault::refused(fault)
                .adding("with the fingerprint that you got from elsewhere:")
                .hint(format!(
                    "secpack keys repair {} --fingerprint FINGERPRINT --out FILE",
                    word(&arguments.file)
                )))
        }
    }
}

/// A look into the file, unless it may hold a secret.
fn shows(file: &Path) -> String {
    let is_secret = keys::read(file)
        .is_ok_and(|bytes| bytes.windows(11).any(|window| window == b"PRIVATE KEY"));
    if is_secret { format!("gpg --show-keys {}", word(file)) } else { look_into(file) }
}

fn print_repairs(repaired: &Repaired) {
    output::line(repaired.fingerprint.spaced());
    for repair in &repaired.repairs {
        output::line(format!("  {:<20} {}", repair.name(), repair.explanation()));
    }
    if repaired.repairs.is_empty() {
        output::line("  nothing is damaged");
    }
}
