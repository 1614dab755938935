//! Where the team's hooks lie.

use crate::place::common_dir;
use crate::{Error, Repository, Result};
use git2::ErrorCode;
use std::path::PathBuf;

impl Repository {
    /// The folder that git looks for hooks in: `core.hooksPath`, else `hooks` beside the refs.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable configuration.
    pub fn hooks_folder(&self) -> Result<PathBuf> {
        let fault = || Error::git("its configuration");
        let config = self.inner.config().map_err(fault())?;
        match config.get_path("core.hooksPath") {
            // A relative path starts where git runs hooks.
            Ok(path) => Ok(self.workdir().unwrap_or(self.git_dir()).join(path)),
            Err(error) if error.code() == ErrorCode::NotFound => self.own_hooks_folder(),
            Err(source) => Err(fault()(source)),
        }
    }

    /// The repository's own folder of hooks, whatever `core.hooksPath` names.
    ///
    /// # Errors
    /// [`Error::Io`] for a linked work tree whose repository cannot be found.
    pub fn own_hooks_folder(&self) -> Result<PathBuf> {
        Ok(common_dir(self.git_dir())?.join("hooks"))
    }
}
