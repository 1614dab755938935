//! Starting other programs: the only place of the workspace that does, `git`, xtask and the plugins
//! of age (`embargo::talk`) apart.
//!
//! No shell. Input is fed from a thread, so that neither side waits for the other. Nothing that
//! comes back is believed here: it is only kept short, and late programs are killed.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// The most that is read of an answer, in bytes; a signature is below 2 KiB.
pub const MAX_ANSWER: usize = 64 * 1024;
/// The most that is kept of error messages, in bytes.
const MAX_ERRORS: usize = 4 * 1024;
/// What all arguments together stay below, in bytes: Split GPG passes no more to the other machine.
const MAX_ARGUMENTS: usize = 1024;
/// How often a waiting program is looked at.
const TICK: Duration = Duration::from_millis(10);

/// A program to be started.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// Its file, as [`find`] gives it.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [&'a str],
    /// Variables on top of our own environment.
    pub environment: &'a [(&'a str, &'a OsStr)],
    /// Its standard input.
    pub input: &'a [u8],
    /// After this time it is killed.
    pub timeout: Duration,
}

/// Why a program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// No such file on the search path.
    #[error("no program {} is found in PATH", .0.display())]
    NotFound(PathBuf),
    /// A relative path that nobody typed: it would mean another file in every folder.
    #[error("{} is a relative path, which means another program in every folder", .0.display())]
    Relative(PathBuf),
    /// The arguments are longer than some programs take.
    #[error("{program}: {1} bytes of arguments are too many", program = .0.display())]
    Arguments(PathBuf, usize),
    /// It could not be started, or its streams could not be read.
    #[error("{program}: {1}", program = .0.display())]
    Io(PathBuf, #[source] std::io::Error),
    /// It took too long and was killed.
    #[error("{program} gave no answer for {seconds} seconds and was stopped", program = .0.display(), seconds = .1.as_secs())]
    TimedOut(PathBuf, Duration),
    /// It answered more than a signature can be, and was killed.
    #[error("{program} answered more than {MAX_ANSWER} bytes and was stopped", program = .0.display())]
    TooLong(PathBuf),
    /// It said that it failed. Whatever it answered is thrown away.
    #[error("{program} failed ({status}){}", said(errors), program = .program.display())]
    Failed {
        /// Which one.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of its error messages, escaped.
        errors: String,
    },
}

fn said(errors: &str) -> String {
    if errors.is_empty() { String::new() } else { format!(": {errors}") }
}

/// The file of a program: a path as it is, a bare name by the search path, of which only absolute
/// folders count. So nothing that lies in a pack is ever run for being there.
///
/// # Errors
/// [`ProgramError::NotFound`] and [`ProgramError::Relative`].
pub fn find(name: &Path, search: &OsStr) -> Result<PathBuf, ProgramError> {
    if name.is_absolute() {
        return Ok(name.to_owned());
    }
    if name.components().count() != 1 || name.as_os_str().is_empty() {
        return Err(ProgramError::Relative(name.to_owned()));
    }
    std::env::split_paths(search)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
        .ok_or_else(|| ProgramError::NotFound(name.to_owned()))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// Runs a program to its end and returns what it wrote to standard output.
///
/// # Errors
/// [`ProgramError`]; also when it exits with anything but 0.
pub fn run(call: &Call<'_>) -> Result<Vec<u8>, ProgramError> {
    let length: usize = call.arguments.iter().map(|a| a.len() + 1).sum();
    if length >= MAX_ARGUMENTS {
        return Err(ProgramError::Arguments(call.program.to_owned(), length));
    }
    let failed = |error| ProgramError::Io(call.program.to_owned(), error);
    let mut child = prepare(call).spawn().map_err(failed)?;
    feed(&mut child, call.input.to_vec());
    let answer = read(child.stdout.take(), MAX_ANSWER);
    let errors = read(child.stderr.take(), MAX_ERRORS);
    let ended = wait(&mut child, &answer, call);
    if ended.is_err() {
        // It may have ended by itself in the meantime; then there is nothing to stop.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (output, status) = ended?;
    if status.success() {
        return Ok(output);
    }
    let errors = errors.recv_timeout(TICK * 50).ok().and_then(Result::ok).unwrap_or_default();
    let errors = tidy(&errors);
    Err(ProgramError::Failed { program: call.program.to_owned(), status, errors })
}

/// Gives the terminal to a program that a person works with, such as an editor, until it ends.
///
/// # Errors
/// [`ProgramError`]; also when it exits with anything but 0.
#[expect(clippy::disallowed_methods, reason = "the one place that starts a program")]
pub fn attend(program: &Path, arguments: &[OsString]) -> Result<(), ProgramError> {
    let failed = |error| ProgramError::Io(program.to_owned(), error);
    let status = Command::new(program).args(arguments).status().map_err(failed)?;
    if status.success() {
        return Ok(());
    }
    Err(ProgramError::Failed { program: program.to_owned(), status, errors: String::new() })
}

#[expect(clippy::disallowed_methods, reason = "the one place that starts a program")]
fn prepare(call: &Call<'_>) -> Command {
    let mut command = Command::new(call.program);
    command.args(call.arguments).envs(call.environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Writes the input beside everything else. A program that stops reading loses the rest of it; its
/// answer tells whether that mattered.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut stdin) = child.stdin.take() {
        std::thread::spawn(move || drop(stdin.write_all(&input)));
    }
}

/// Reads a stream beside everything else: at most one byte more than `cap`, so that a longer one
/// is told from one that fits.
fn read(
    stream: Option<impl Read + Send + 'static>,
    cap: usize,
) -> Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stream.map_or(Ok(0), |s| s.take(cap as u64 + 1).read_to_end(&mut bytes));
        // Nobody waits any more when the program was given up.
        let _ = sender.send(result.map(|_| bytes));
    });
    receiver
}

/// Waits for the answer and the end of the program; both together may take the whole time.
fn wait(
    child: &mut Child,
    answer: &Receiver<std::io::Result<Vec<u8>>>,
    call: &Call<'_>,
) -> Result<(Vec<u8>, ExitStatus), ProgramError> {
    let failed = |error| ProgramError::Io(call.program.to_owned(), error);
    let mut output = None;
    for _ in 0..=call.timeout.as_millis() / TICK.as_millis() {
        match answer.recv_timeout(TICK) {
            Ok(read) => output = Some(read.map_err(failed)?),
            Err(RecvTimeoutError::Timeout) => {}
            // The reader is done and gone; only the end of the program is waited for.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(TICK),
        }
        if output.as_ref().is_some_and(|bytes| bytes.len() > MAX_ANSWER) {
            return Err(ProgramError::TooLong(call.program.to_owned()));
        }
        if output.is_some()
            && let Some(status) = child.try_wait().map_err(failed)?
        {
            return Ok((output.unwrap_or_default(), status));
        }
    }
    Err(ProgramError::TimedOut(call.program.to_owned(), call.timeout))
}

/// The last lines of error messages on one line, escaped.
fn tidy(errors: &[u8]) -> String {
    let text = String::from_utf8_lossy(errors);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    secpack_pack::escape(&lines[lines.len().saturating_sub(3)..].join("; "))
}

/// What `gpgconf` says about the user's own GnuPG.
///
/// # Errors
/// [`ProgramError`].
pub fn gpgconf(
    search: &OsStr,
    arguments: &[&str],
    timeout: Duration,
) -> Result<OsString, ProgramError> {
    use std::os::unix::ffi::OsStringExt;
    let program = find(Path::new("gpgconf"), search)?;
    let call = Call { program: &program, arguments, environment: &[], input: b"", timeout };
    let mut answer = run(&call)?;
    while answer.last().is_some_and(u8::is_ascii_whitespace) {
        answer.pop();
    }
    Ok(OsString::from_vec(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, timeout: Duration) -> Result<Vec<u8>, ProgramError> {
        let arguments = ["-c", script];
        let input = vec![b'x'; 1 << 20];
        let program = Path::new("/bin/sh");
        let call =
            Call { program, arguments: &arguments, environment: &[], input: &input, timeout };
        run(&call)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn answers_come_back_whole() {
        assert_eq!(shell("cat >/dev/null; echo good", LONG).expect("an answer"), b"good\n");
        // One that reads nothing of a long input is no reason to wait or to fail.
        assert_eq!(shell("echo good", LONG).expect("an answer"), b"good\n");
        assert_eq!(shell("exec >&-; cat >/dev/null", LONG).expect("an answer"), b"");
    }

    #[test]
    fn failures_have_their_reason() {
        let failed = shell("echo out; printf 'no\\033[2J key\\n' >&2; exit 3", LONG);
        let text = failed.expect_err("a failure").to_string();
        assert!(text.contains("exit status: 3") && text.contains("no\\u{1b}[2J key"), "{text}");
        let long = shell("yes", LONG).expect_err("a failure").to_string();
        assert!(long.contains("more than 65536 bytes"), "{long}");
        let late = shell("exec sleep 600", Duration::from_millis(50)).expect_err("a failure");
        assert!(late.to_string().contains("was stopped"), "{late}");
        // The program ends, and something that it left behind holds its output open.
        let held = shell("sleep 5 & exit 0", Duration::from_millis(50)).expect_err("a failure");
        assert!(held.to_string().contains("was stopped"), "{held}");
    }

    #[test]
    fn a_program_that_a_person_works_with_may_fail() {
        let shell = |script: &str| attend(Path::new("/bin/sh"), &["-c".into(), script.into()]);
        shell("exit 0").expect("it ended well");
        let error = shell("exit 3").expect_err("a failure").to_string();
        assert_eq!(error, "/bin/sh failed (exit status: 3)");
    }

    #[test]
    fn arguments_stay_below_a_kibibyte() {
        let error = shell(&"#".repeat(1024), LONG).expect_err("a failure");
        assert!(matches!(error, ProgramError::Arguments(_, _)), "{error}");
    }

    #[test]
    fn only_absolute_folders_are_searched() {
        let found = find(Path::new("sh"), OsStr::new("relative:.::/nowhere:/bin"));
        assert_eq!(found.expect("found"), Path::new("/bin/sh"));
        for search in ["", ".", "bin:./bin"] {
            assert!(matches!(
                find(Path::new("sh"), OsStr::new(search)),
                Err(ProgramError::NotFound(_))
            ));
        }
        for relative in ["./sh", "bin/sh", "../sh", ""] {
            let found = find(Path::new(relative), OsStr::new("/bin"));
            assert!(matches!(found, Err(ProgramError::Relative(_))), "{relative}");
        }
    }
}
