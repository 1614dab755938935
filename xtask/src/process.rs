//! Starts other programs. Every failure names the program and how it ended.

#![expect(clippy::disallowed_methods, reason = "driving cargo, git and secpack is xtask's purpose")]

use crate::failure::{Failure, Outcome};
use crate::output;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

/// A command that is not started yet: no shell, no words split.
pub fn command<I, S>(program: impl AsRef<OsStr>, arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// Runs to the end with our own streams; anything but exit code 0 is a failure to find out.
pub fn run(command: &mut Command) -> Outcome {
    let status = status(command)?;
    require_success(command, status)
}

/// Runs to the end with our own streams and says how it ended.
pub fn status(command: &mut Command) -> Result<ExitStatus, Failure> {
    command.status().map_err(cannot_start(command))
}

/// What the command writes to stdout, without the line end; stderr stays ours.
pub fn capture(command: &mut Command) -> Result<String, Failure> {
    let output = command.stderr(Stdio::inherit()).output().map_err(cannot_start(command))?;
    require_success(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// What the command writes to stdout, while nothing of it is shown. When it does not end with 0,
/// the failure carries all that it wrote.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let output = quietly(command)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Like `output`, but what it writes to stderr.
pub fn remarks(command: &mut Command) -> Result<String, Failure> {
    let output = quietly(command)?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Whether the command starts and ends with 0; nothing of it is shown.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs to the end, hands each line of stdout to `see`, and says how it ended.
pub fn each_line(command: &mut Command, mut see: impl FnMut(&[u8])) -> Result<ExitStatus, Failure> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(cannot_start(command))?;
    let read = read_lines(&mut child, &mut see);
    let ended = child.wait();
    read.and(ended).map_err(cannot_start(command))
}

/// Like `each_line`, and each line is also shown as soon as it is there.
pub fn tee(command: &mut Command, mut see: impl FnMut(&[u8])) -> Result<ExitStatus, Failure> {
    each_line(command, |line| {
        output::pass_on(line);
        see(line);
    })
}

/// Starts the command, with nothing of it shown, and kills it after a time. Whether it had ended.
pub fn killed_after(command: &mut Command, delay: Duration) -> Result<bool, Failure> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(cannot_start(command))?;
    std::thread::sleep(delay);
    let ended = child.try_wait().map_err(cannot_start(command))?.is_some();
    child.kill().and_then(|()| child.wait()).map_err(cannot_start(command))?;
    Ok(ended)
}

/// The command as a person would type it; the program without its folder.
pub fn describe(command: &Command) -> String {
    let mut words = vec![program_name(command)];
    words.extend(command.get_args().map(|word| quote(&word.to_string_lossy())));
    words.join(" ")
}

fn read_lines(child: &mut Child, see: &mut impl FnMut(&[u8])) -> std::io::Result<()> {
    let stdout = child.stdout.take().expect("stdout was asked for as a pipe");
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        see(&line);
        line.clear();
    }
    Ok(())
}

fn quietly(command: &mut Command) -> Result<Output, Failure> {
    let output = command.stdin(Stdio::null()).output().map_err(cannot_start(command))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    Err(Failure::Refused {
        command: describe(command),
        folder: command.get_current_dir().map(Path::to_path_buf).unwrap_or_default(),
        status: output.status,
        said: String::from_utf8_lossy(&said).trim_end().to_owned(),
    })
}

fn require_success(command: &Command, status: ExitStatus) -> Outcome {
    if status.success() {
        return Ok(());
    }
    Err(Failure::Ended { command: describe(command), status })
}

fn cannot_start(command: &Command) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let program = program_name(command);
    move |source| Failure::Start { program, source }
}

fn program_name(command: &Command) -> String {
    let path = Path::new(command.get_program());
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Quotes a word for a POSIX shell where that is needed, so that a hint can be pasted.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_can_be_pasted() {
        let check = |arguments: &[&str], expected: &str| {
            assert_eq!(describe(&command("/somewhere/cargo", arguments)), expected);
        };
        check(&["test", "--locked"], "cargo test --locked");
        check(&["a b", ""], "cargo 'a b' ''");
        check(&["it's"], r"cargo 'it'\''s'");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = run(&mut command("secpack-no-such-program", [""; 0])).unwrap_err();
        assert!(failure.to_string().starts_with("cannot start `secpack-no-such-program`"));
        assert_eq!(failure.exit_code(), 2);
    }

    #[test]
    fn lines_arrive_whole_and_in_order() {
        let mut lines = Vec::new();
        let mut printf = command("printf", ["one\ntwo\nthree"]);
        let status = each_line(&mut printf, |line| lines.push(line.to_vec())).unwrap();
        assert!(status.success());
        assert_eq!(lines, [b"one\n".to_vec(), b"two\n".to_vec(), b"three".to_vec()]);
    }
}
