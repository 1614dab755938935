//! Documents of the real pack, read with git, and golden files of what was found in them.
//!
//! Only numbers, dates and counts derived from the corpus are kept here, never its sentences.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The bare repository of the real pack. Where it is absent a test says so and passes at home,
/// and fails on the CI machine.
pub fn repository() -> Option<PathBuf> {
    Some(secpack_tests::corpus()?.join("qubes-secpack.git"))
}

/// What git prints, which must be good.
pub fn git(repository: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git").arg("-C").arg(repository).args(arguments).output();
    let output = output.expect("git is a prerequisite of the build");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Paths of files in a folder at a commit, sorted.
pub fn files(repository: &Path, commit: &str, folder: &str) -> Vec<String> {
    let listed = git(repository, &["ls-tree", "-r", "--name-only", commit, folder]);
    let listed = String::from_utf8(listed).expect("paths are UTF-8");
    listed.lines().map(str::to_owned).collect()
}

/// The exact bytes of a file at a commit.
pub fn blob(repository: &Path, commit: &str, path: &str) -> Vec<u8> {
    git(repository, &["cat-file", "blob", &format!("{commit}:{path}")])
}

/// Compares a text with its golden file, or writes that file when `cargo xtask bless` asks.
pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var_os("SECPACK_BLESS").is_some() {
        let folder = path.parent().expect("a golden file lies in a folder");
        std::fs::create_dir_all(folder).expect("the folder can be made");
        std::fs::write(&path, text).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (at, (found, golden)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, golden, "{name}, line {}; hint: cargo xtask bless", at + 1);
    }
    assert_eq!(text, expected, "{name}; hint: cargo xtask bless");
}
