//! What a person configured for git on their own machine. A pack's repository has a configuration
//! too; whoever made that pack wrote it, so it is never asked which program to run.

use std::path::PathBuf;

/// A text that the user's own or the machine's configuration of git sets. The configuration of any
/// repository is left out.
pub fn own_text(key: &str) -> Option<String> {
    git2::Config::open_default().ok()?.snapshot().ok()?.get_string(key).ok()
}

/// A path that the user's own or the machine's configuration of git sets, with `~` replaced.
/// The configuration of any repository is left out.
pub fn own_path(key: &str) -> Option<PathBuf> {
    git2::Config::open_default().ok()?.snapshot().ok()?.get_path(key).ok()
}
