//! The real pack that tests may read. It is never part of the project.

use std::path::{Path, PathBuf};

/// The master fingerprint of the real pack, from its owners' web site.
pub const TRUTH_ANCHOR: &str = "427F11FD0FAA4B080123F01CDDFA1A3E36879494";

/// The corpus folder: `SECPACK_CORPUS`, or `shared/corpus` beside the workspace.
///
/// # Panics
/// When it is absent in CI.
pub fn corpus() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let given = std::env::var_os("SECPACK_CORPUS").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| workspace.join("../shared/corpus"));
    if folder.join("qubes-secpack.git").is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "the corpus is absent: {}", folder.display());
    eprintln!("the corpus is absent, so this test says nothing: set SECPACK_CORPUS");
    None
}

/// The rows of a tab-separated table with a header line, as lists of fields.
///
/// # Panics
/// When the file cannot be read.
pub fn rows(file: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file).expect("a readable table");
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}
