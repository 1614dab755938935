//! The top level says what this project is; it does not collect things.

use super::files;
use std::collections::BTreeSet;

const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".gitattributes",
    ".gitignore",
    ".rustfmt.toml",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "crates",
    "docs",
    "templates",
    "tests",
    "xtask",
];

/// Only what git tracks or would track is compared, so build output and ignored work folders of
/// a developer do not matter.
#[test]
fn the_top_level_is_what_the_design_says() {
    let files = files();
    let found: BTreeSet<&str> = files.iter().filter_map(|file| file.split('/').next()).collect();
    let expected: BTreeSet<&str> = TOP.iter().copied().collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    assert!(extra.is_empty() && missing.is_empty(), "extra: {extra:?}, missing: {missing:?}");
}
