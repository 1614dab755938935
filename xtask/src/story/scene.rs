//! A folder to play a story in, and commands that see nothing of the user's: no home, no key, no
//! configuration, no network.

#![expect(clippy::disallowed_methods, reason = "writes into the story's own folder only")]

use crate::failure::{Failure, Outcome};
use crate::given::Given;
use crate::prerequisites::{self, Purpose};
use crate::program::{self, Profile};
use crate::temporary::TemporaryFolder;
use crate::{output, process, workspace};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Variables without which programs may not start, or not know where short-lived files go.
const PASSED_ON: [&str; 3] = ["PATH", "TMPDIR", "LD_LIBRARY_PATH"];

/// The folder that stands for everybody's home.
const HOME: &str = "home";

/// A story's folder and the program that acts in it.
pub struct Scene {
    root: PathBuf,
    secpack: PathBuf,
}

impl Scene {
    /// The story's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A folder or file of the story.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// A `secpack` command in a folder of the story.
    pub fn secpack(&self, folder: &Path, arguments: &[&str]) -> Command {
        self.command(self.secpack.as_os_str(), folder, arguments)
    }

    /// A `git` command in a folder of the story.
    pub fn git(&self, folder: &Path, arguments: &[&str]) -> Command {
        self.command(OsStr::new("git"), folder, arguments)
    }

    /// Any command in a folder of the story.
    pub fn command(&self, program: &OsStr, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = process::command(program, arguments);
        command.current_dir(folder).env_clear();
        for name in PASSED_ON {
            if let Some(value) = workspace::variable(name) {
                command.env(name, value);
            }
        }
        let home = self.path(HOME);
        command.env("XDG_CONFIG_HOME", home.join(".config"));
        command.env("XDG_DATA_HOME", home.join(".local/share"));
        command.env("GNUPGHOME", home.join(".gnupg")).env("HOME", home);
        command.env("LC_ALL", "C").env("TZ", "UTC").env("NO_COLOR", "1");
        self.shield_git(&mut command);
        command
    }

    /// Git reads no configuration but the repository's own, finds no repository above the story's
    /// folder, asks nobody and speaks to no network. Whoever owns the corpus, it is only data.
    fn shield_git(&self, command: &mut Command) {
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CEILING_DIRECTORIES", &self.root);
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", "file");
        command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "safe.directory");
        command.env("GIT_CONFIG_VALUE_0", "*");
    }

    /// Makes a folder of the story.
    pub fn make_folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        fs::create_dir_all(&path).map_err(Failure::file(&path))?;
        Ok(path)
    }

    /// Writes a file of the story.
    pub fn write(&self, name: impl AsRef<Path>, text: &str) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        fs::write(&path, text).map_err(Failure::file(&path))?;
        Ok(path)
    }

    /// Copies a file to a place of the story.
    pub fn copy(&self, from: &Path, name: impl AsRef<Path>) -> Outcome {
        fs::copy(from, self.path(name)).map_err(Failure::file(from)).map(drop)
    }
}

/// One line about who does what.
pub fn tell(who: &str, what: &str) {
    output::line(&format!("{who:<10}{what}"));
}

/// Builds the program and plays a story in the folder of `--out`, or else in a temporary one that
/// is gone afterwards unless `--keep` is given. A story that fails leaves its folder behind.
pub fn play(given: &Given, story: impl FnOnce(&Scene) -> Outcome) -> Outcome {
    prerequisites::require(Purpose::Build, given.missing())?;
    let place = Place::new(given.path("--out")?)?;
    let secpack = program::build(Profile::Plain)?;
    let scene = Scene { root: place.path().to_path_buf(), secpack };
    let outcome = scene.make_folder(HOME).and_then(|_| story(&scene));
    if let Err(reason) = outcome {
        return Err(Failure::Story { reason: Box::new(reason), folder: place.keep() });
    }
    close(place, given)
}

fn close(place: Place, given: &Given) -> Outcome {
    if matches!(place, Place::Given(_)) || given.has("--keep") {
        let folder = place.keep();
        let names = folders(&folder)?.join(", ");
        tell("kept", &format!("in {}: {names}", folder.display()));
        return Ok(());
    }
    tell("kept", "nothing: the folder is removed; --out DIR keeps all of it");
    Ok(())
}

/// The folders of a finished story, for a person who wants to look into them.
fn folders(root: &Path) -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(root).map_err(Failure::file(root))?.flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != HOME);
    names.sort();
    Ok(names)
}

/// Where a story is played.
enum Place {
    Given(PathBuf),
    Temporary(TemporaryFolder),
}

impl Place {
    /// A folder that was asked for must be empty, so that nothing of the user's is written over.
    fn new(out: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(out) = out else { return Ok(Self::Temporary(TemporaryFolder::new("story")?)) };
        fs::create_dir_all(&out).map_err(Failure::file(&out))?;
        let mut entries = fs::read_dir(&out).map_err(Failure::file(&out))?;
        if entries.next().is_some() {
            return Err(Failure::Absent {
                what: format!("{} is not empty", out.display()),
                hint: "choose a folder that is empty or not there: --out DIR".to_owned(),
            });
        }
        Ok(Self::Given(out))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    fn keep(self) -> PathBuf {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.keep(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_folder_is_played_in() {
        let folder = TemporaryFolder::new("scene-test").unwrap();
        let inner = folder.path().join("inner");
        assert!(Place::new(Some(inner.clone())).is_ok());
        assert_eq!(Place::new(Some(inner)).unwrap().path(), folder.path().join("inner"));
        let refused = Place::new(Some(folder.path().to_path_buf())).map(|_| ());
        assert!(refused.unwrap_err().to_string().ends_with(" is not empty"));
    }

    #[test]
    fn commands_see_nothing_of_the_user() {
        let scene = Scene { root: PathBuf::from("/story"), secpack: PathBuf::from("/secpack") };
        let git = scene.git(Path::new("/story/ann"), &["status"]);
        let home = git.get_envs().find(|(name, _)| *name == "HOME");
        assert_eq!(home, Some((OsStr::new("HOME"), Some(OsStr::new("/story/home")))));
        assert!(git.get_envs().all(|(name, _)| name != "SSH_AUTH_SOCK"));
        assert_eq!(git.get_current_dir(), Some(Path::new("/story/ann")));
    }
}
