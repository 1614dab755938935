//! Starting the `git` program: the only process this room starts, for fetch, push and ls-remote.
//!
//! No shell; names reach it only through types that cannot be options; what an enclosing git (a
//! hook, for instance) left in the environment does not redirect it.

use crate::{Error, Repository, Result};
use std::io::Read;
use std::process::{Child, Command, Stdio};

/// The most that is read of an answer, in bytes.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;
/// The most that is kept of error messages, in bytes.
const MAX_STDERR: u64 = 64 * 1024;

/// Variables that would make git work on another repository, or with other objects, than the one
/// it is started for. What else people set there, credentials for instance, is theirs to set.
const REDIRECTING: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
];

/// Settings for every call: nothing that the repository configures may start a program on the side.
const SETTINGS: [&str; 10] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "protocol.ext.allow=never",
    "-c",
    "fetch.writeCommitGraph=false",
];

/// Whether the team's own hooks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hooks {
    /// They do: a team's `pre-push` hook is wanted.
    Run,
    /// They do not.
    Off,
}

/// What a program said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub stdout: Vec<u8>,
    pub stderr: String,
    pub status: std::process::ExitStatus,
}

/// Runs `git COMMAND ARGUMENTS` in this repository. The caller puts `--` before operands.
///
/// # Errors
/// [`Error::NoProgram`], and [`Error::Answer`] for an answer of more than 64 MiB. A failure of the
/// command itself is the caller's to judge.
pub(crate) fn git(
    repository: &Repository,
    hooks: Hooks,
    command: &'static str,
    arguments: &[String],
) -> Result<Answer> {
    git_with(repository, hooks, &[], command, arguments)
}

/// The same with settings of its own, such as `push.gpgSign=false`.
///
/// # Errors
/// As [`git`].
pub(crate) fn git_with(
    repository: &Repository,
    hooks: Hooks,
    settings: &[String],
    command: &'static str,
    arguments: &[String],
) -> Result<Answer> {
    let mut program = prepare(repository, hooks);
    program.args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]));
    program.arg(command).args(arguments);
    let child = program.spawn().map_err(|source| Error::NoProgram { source })?;
    collect(child).map_err(|source| Error::NoProgram { source })?.ok_or(Error::Answer { command })
}

#[expect(clippy::disallowed_methods, reason = "the one place of this room that starts a process")]
fn prepare(repository: &Repository, hooks: Hooks) -> Command {
    let mut program = Command::new("git");
    for variable in REDIRECTING {
        program.env_remove(variable);
    }
    program.args(["--no-pager", "--no-replace-objects"]).args(SETTINGS);
    if hooks == Hooks::Off {
        program.args(["-c", "core.hooksPath=/dev/null"]);
    }
    program.arg("--git-dir").arg(repository.git_dir());
    if let Some(work_tree) = repository.workdir() {
        program.arg("--work-tree").arg(work_tree);
    }
    // Where git goes by itself when it finds the repository: a relative URL starts from here.
    program.current_dir(repository.workdir().unwrap_or(repository.git_dir()));
    program.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// Reads both streams to their ends, errors beside the answer so that neither blocks the other;
/// `None` when the answer is too long.
fn collect(mut child: Child) -> std::io::Result<Option<Answer>> {
    let errors = child.stderr.take().map(|stderr| std::thread::spawn(move || first_part(stderr)));
    let mut stdout = Vec::new();
    if let Some(answer) = &mut child.stdout {
        answer.take(MAX_ANSWER + 1).read_to_end(&mut stdout)?;
    }
    let too_long = stdout.len() as u64 > MAX_ANSWER;
    if too_long {
        child.kill()?;
    }
    let status = child.wait()?;
    let stderr = errors.and_then(|reader| reader.join().ok()).unwrap_or_default();
    Ok((!too_long).then_some(Answer { stdout, stderr, status }))
}

/// The beginning of the error messages; the rest is read away so that the program can end.
fn first_part(mut stderr: impl Read) -> String {
    let mut text = Vec::new();
    let kept = stderr.by_ref().take(MAX_STDERR).read_to_end(&mut text);
    let drained = kept.and_then(|_| std::io::copy(&mut stderr, &mut std::io::sink()));
    drop(drained);
    String::from_utf8_lossy(&text).trim_end().to_owned()
}
