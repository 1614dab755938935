//! Builds `secpack` from this checkout, with the locked dependencies.

use crate::failure::{Failure, Outcome};
use crate::{process, workspace};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

/// How a build trades its own time for the program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Fast, and slow to build: for real packs and for measuring.
    Optimised,
    /// Quick to build, and what tests have built already.
    Plain,
}

/// Builds the program and returns where cargo put it. Cargo is asked, because the target folder
/// may be set in the environment or in a configuration file that we do not read.
pub fn build(profile: Profile) -> Result<PathBuf, Failure> {
    let mut build = command(profile);
    build.arg("--message-format=json-render-diagnostics");
    let mut program = None;
    let status = process::each_line(&mut build, |line| {
        program = executable(&String::from_utf8_lossy(line)).or(program.take());
    })?;
    require_success(profile, status)?;
    program.ok_or_else(|| Failure::Absent {
        what: "cargo built no program named secpack".to_owned(),
        hint: human_build(profile),
    })
}

/// The triple of the machine that the build is for, as `rustc` names it.
pub fn host() -> Result<String, Failure> {
    let rustc = workspace::variable("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = process::capture(&mut process::command(rustc, ["-vV"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::Absent {
        what: "rustc does not name its host".to_owned(),
        hint: "rustc -vV".to_owned(),
    })
}

fn command(profile: Profile) -> Command {
    let mut build = workspace::cargo(&["build", "--locked", "--package", "secpack"]);
    match profile {
        Profile::Optimised => build.arg("--release"),
        Profile::Plain => &mut build,
    };
    build
}

fn require_success(profile: Profile, status: ExitStatus) -> Outcome {
    if status.success() {
        return Ok(());
    }
    Err(Failure::Ended { command: human_build(profile), status })
}

/// The build without the message format, which is for us and not for people.
fn human_build(profile: Profile) -> String {
    process::describe(&command(profile))
}

/// The program in one line of cargo's JSON messages. Only finished binaries have an executable;
/// reading one string does not deserve a JSON parser, and cargo writes each message on one line.
fn executable(message: &str) -> Option<PathBuf> {
    let (_, rest) = message.split_once(r#""executable":""#)?;
    let (path, _) = rest.split_once('"')?;
    let path = PathBuf::from(path.replace(r"\\", r"\"));
    (path.file_stem()? == "secpack").then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: Option<&str>) {
        assert_eq!(executable(message), expected.map(PathBuf::from));
    }

    #[test]
    fn finds_the_program_in_cargos_messages() {
        check(r#"{"reason":"compiler-artifact","executable":null,"fresh":true}"#, None);
        check(r#"{"reason":"compiler-artifact","executable":"/t/other"}"#, None);
        check(r#"{"executable":"/t/release/secpack","fresh":true}"#, Some("/t/release/secpack"));
        check(r#"{"reason":"build-finished","success":true}"#, None);
    }
}
