//! Tools of others that give a second opinion.

use std::path::{Path, PathBuf};

/// Whether a program is on the PATH.
pub fn is_on_path(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

/// Whether a tool is here. At home its absence skips a test and says so.
///
/// # Panics
/// When it is absent in CI, where it is installed.
pub fn has_tool(tool: &str) -> bool {
    let found = is_on_path(tool);
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{tool} is absent");
        println!("skipped: {tool} is absent");
    }
    found
}

/// The file of rage, which the step `rage` of `cargo xtask ci` puts below `target`, wherever other
/// build output goes. At home its absence says that a second opinion is missing.
///
/// # Panics
/// When it is absent in CI, where it is installed.
pub fn rage() -> Option<PathBuf> {
    if is_on_path("rage") {
        return Some("rage".into());
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = tests.with_file_name("target").join("rage/bin/rage");
    let found = file.is_file();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{} is absent", file.display());
        println!("skipped: `cargo xtask ci` brings rage");
    }
    found.then_some(file)
}

/// Stock age and rage, as far as they are here.
///
/// # Panics
/// When one is absent in CI.
pub fn ages() -> Vec<PathBuf> {
    let age = has_tool("age").then(|| PathBuf::from("age"));
    age.into_iter().chain(rage()).collect()
}
