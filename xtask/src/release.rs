//! `cargo xtask release`: a release of a pack with a `secpack` built from this very checkout.
//!
//! The release itself is `secpack release`; nothing of it is repeated here. What xtask adds stands
//! around it: the machine is ready, the program is built from locked sources, and afterwards the
//! pack is fetched as a stranger would fetch it and verified again.

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Missing, Purpose};
use crate::program::{self, Profile};
use crate::temporary::TemporaryFolder;
use crate::{output, process};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, ExitStatus};

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "release",
    summary: "build secpack, release documents with it, verify a fresh clone",
    help: "usage: cargo xtask release [--install] DOC... [ARGUMENTS OF secpack release]

Builds secpack from this checkout and runs `secpack release` with all arguments as they are, in the
current folder. Without --execute that shows the plan. With --execute, and once the release is
through, the pack's remote is cloned into a temporary folder and verified there.

  --install       (first argument only) first install what the build lacks
  --pack DIR      the pack, when it is not the current folder
  --remote NAME   where it is published (origin)
  --identity and --guard-key tell the release how to know drafts under embargo
  --policy, --anchor and --now are also given to the final `secpack verify`

example: cargo xtask release --pack ../security-pack QSB-109 --execute",
    run,
};

/// Options that mean the same to `secpack release` and to the verification after it.
const SHARED: [&str; 3] = ["--policy", "--anchor", "--now"];

fn run(arguments: &[OsString]) -> Outcome {
    let (missing, arguments) = split_install(arguments);
    if arguments.is_empty() {
        return Err(Failure::usage("release needs at least one DOC", "release --help"));
    }
    prerequisites::require(Purpose::Build, missing)?;
    let secpack = program::build(Profile::Optimised)?;
    let mut release = process::command(&secpack, ["release"]);
    release.args(arguments);
    let status = process::status(&mut release)?;
    judge(&release, status)?;
    if arguments.iter().any(|argument| argument == "--execute") {
        verify_clone(&secpack, arguments)?;
    }
    Ok(())
}

fn split_install(arguments: &[OsString]) -> (Missing, &[OsString]) {
    match arguments {
        [first, rest @ ..] if first == "--install" => (Missing::Install, rest),
        [..] => (Missing::Report, arguments),
    }
}

/// `secpack` uses the same exit codes as we do, so its 1 stays a 1: somebody is still missing, or
/// something is not good, and it has said what. Once that is mended the same command goes on.
fn judge(release: &Command, status: ExitStatus) -> Outcome {
    let command = process::describe(release);
    match status.code() {
        Some(0) => Ok(()),
        Some(1) => {
            let hint = command.replacen("secpack", "cargo xtask", 1);
            Err(Failure::Step { command, status, hint })
        }
        Some(_) | None => Err(Failure::Ended { command, status }),
    }
}

/// The clone is fresh, so nothing that only this machine has can make it look good.
fn verify_clone(secpack: &Path, arguments: &[OsString]) -> Outcome {
    let pack = value_of(arguments, "--pack").unwrap_or_else(|| OsString::from("."));
    let remote = value_of(arguments, "--remote").unwrap_or_else(|| OsString::from("origin"));
    let url = process::capture(git(&pack, ["remote", "get-url", "--"]).arg(remote))?;
    let folder = TemporaryFolder::new("release")?;
    let clone = folder.path().join("pack");
    // A relative URL is relative to the pack, which is why git clones from there.
    process::run(git(&pack, ["clone", "--quiet", "--", &url]).arg(&clone))?;
    let mut verify = process::command(secpack, [OsStr::new("verify"), clone.as_os_str()]);
    verify.args(shared_options(arguments));
    let status = process::status(&mut verify)?;
    match status.code() {
        Some(0) => {
            output::line(&format!("release: a fresh clone of {url} verifies"));
            Ok(())
        }
        Some(1) => {
            let repeat = format!("git clone {url} clone && secpack verify clone");
            Err(Failure::Clone { url, repeat })
        }
        Some(_) | None => Err(Failure::Ended { command: process::describe(&verify), status }),
    }
}

fn git<const N: usize>(pack: &OsStr, arguments: [&str; N]) -> Command {
    let mut git = process::command("git", [OsStr::new("-C"), pack]);
    git.args(arguments);
    git
}

fn shared_options(arguments: &[OsString]) -> Vec<OsString> {
    let mut options = Vec::new();
    for name in SHARED {
        if let Some(value) = value_of(arguments, name) {
            options.extend([OsString::from(name), value]);
        }
    }
    options
}

/// The value of `--name VALUE` or `--name=VALUE`; the last one counts.
fn value_of(arguments: &[OsString], name: &str) -> Option<OsString> {
    let mut found = None;
    for (at, argument) in arguments.iter().enumerate() {
        if argument == name {
            found = arguments.get(at + 1).cloned();
        } else if let Some(value) = joined_value(argument, name) {
            found = Some(value);
        }
    }
    found
}

fn joined_value(argument: &OsStr, name: &str) -> Option<OsString> {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let value = argument.as_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
    Some(OsString::from_vec(value.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn options_are_read_in_both_forms() {
        let check = |arguments: &[&str], expected: Option<&str>| {
            assert_eq!(value_of(&words(arguments), "--pack"), expected.map(OsString::from));
        };
        check(&["QSB-109", "--pack", "here"], Some("here"));
        check(&["--pack=here", "QSB-109"], Some("here"));
        check(&["--pack=", "x"], Some(""));
        check(&["--packed=here"], None);
        check(&["QSB-109"], None);
        check(&["--pack", "a", "--pack=b"], Some("b"));
    }

    #[test]
    fn verification_gets_the_options_that_it_shares() {
        let given = words(&["DOC", "--now=2026-01-01", "--execute", "--policy", "p.toml"]);
        let expected = words(&["--policy", "p.toml", "--now", "2026-01-01"]);
        assert_eq!(shared_options(&given), expected);
    }

    #[test]
    fn install_is_ours_only_in_front() {
        let given = words(&["--install", "DOC"]);
        assert_eq!(split_install(&given), (Missing::Install, &given[1..]));
        let given = words(&["DOC", "--install"]);
        assert_eq!(split_install(&given), (Missing::Report, &given[..]));
    }
}
