//! What the outside tells xtask: arguments, environment, where the workspace lies, what time it is.

#![expect(clippy::disallowed_methods, reason = "xtask is a rim: the environment enters here only")]

use crate::process;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The version that all packages of this workspace share.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The arguments without the program's own name.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().skip(1).collect()
}

/// An environment variable; empty counts as not set.
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The folder for short-lived files.
pub fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

/// A point in time to measure from.
pub fn clock() -> Instant {
    Instant::now()
}

/// The root of the workspace. `cargo run` says where it is now; the place at build time is the
/// fallback for a binary that is started by hand.
pub fn root() -> PathBuf {
    let manifest = variable("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folder = manifest.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    folder.parent().map_or_else(|| folder.clone(), Path::to_path_buf)
}

/// The real pack that measurements and some tests use, whether or not it is there.
pub fn corpus() -> PathBuf {
    match variable("SECPACK_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => root().join("../shared/corpus"),
    }
}

/// A cargo command in the workspace root, with the cargo that started us.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = variable("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = process::command(cargo, arguments);
    command.current_dir(root());
    command
}

/// Whether this process runs as root. The owner of `/proc/self` is the effective user.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}

/// Where `name` lies on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file)
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
