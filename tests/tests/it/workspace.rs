//! The workspace keeps its own rules: arrows, licences, layout, text, decisions.
//!
//! Rules that only stand in a document are broken within a month; here each one is a test.

mod arrows;
mod decisions;
mod layout;
mod licences;
mod text;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("this package lies in a folder of the workspace").to_path_buf()
}

/// Every file that git tracks or would track, relative to the root; deleted ones are left out.
/// New files count before they are committed, so that a commit never needs a second one.
fn files() -> Vec<String> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(arguments).current_dir(root()).output();
    let output = output.expect("git is a prerequisite of the build");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("our file names are UTF-8");
    let names = names.split('\0').filter(|name| !name.is_empty());
    let mut files: Vec<String> =
        names.filter(|name| root().join(name).is_file()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

/// The text of a file of the workspace.
fn read(file: &str) -> String {
    let path = root().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A manifest of the workspace.
fn manifest(file: &str) -> toml::Table {
    read(file).parse().unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Fails with every violation at once, because they are mended together.
fn none(what: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{what}:\n  {}", violations.join("\n  "));
}
