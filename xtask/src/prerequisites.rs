//! What the build lacks on this machine, and the one command that installs it.
//!
//! Checked before every build, because cargo would find out only minutes later and say so in the
//! words of a build script.

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::probe::Need;
use crate::process;
use crate::workspace::{is_root, on_path};

/// What the machine must be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Build and run `secpack`.
    Build,
    /// Build it and run all tests.
    Test,
}

/// Whether what is missing may be installed or only named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Run the command that installs it.
    Install,
    /// Print that command and stop.
    Report,
}

/// Programs that install packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
}

/// Fails, with the one command that helps, when the machine lacks something; or runs that command.
pub fn require(purpose: Purpose, missing: Missing) -> Outcome {
    let lacking = lacking(purpose);
    if lacking.is_empty() {
        return Ok(());
    }
    let Some(manager) = manager().filter(|_| missing == Missing::Install) else {
        return Err(failure(&lacking));
    };
    let command = install_command(manager, &lacking, is_root());
    output::line(&format!("setup: {command}"));
    process::run(&mut process::command("sh", ["-c", &command]))?;
    recheck(purpose)
}

/// Everything of `purpose` that is not here. What no package of this system brings is left to the
/// tests, which skip.
pub fn lacking(purpose: Purpose) -> Vec<Need> {
    let brought = |need: &Need| manager().is_none_or(|manager| packages(manager, *need).is_some());
    needs(purpose).iter().copied().filter(|need| brought(need) && !need.is_present()).collect()
}

/// Everything that `purpose` asks for.
pub fn needs(purpose: Purpose) -> &'static [Need] {
    match purpose {
        Purpose::Build => {
            &[Need::CCompiler, Need::PkgConfig, Need::Nettle, Need::LibClang, Need::Git]
        }
        Purpose::Test => &[
            Need::CCompiler,
            Need::PkgConfig,
            Need::Nettle,
            Need::LibClang,
            Need::Git,
            Need::Gpg,
            Need::Strace,
            Need::Age,
            Need::Tmux,
            Need::SystemdAnalyze,
            Need::CardReader,
        ],
    }
}

/// The name under which a need is shown.
pub fn name(need: Need) -> &'static str {
    match need {
        Need::CCompiler => "C compiler",
        Need::PkgConfig => "pkg-config",
        Need::Nettle => "nettle >= 3.6 with headers",
        Need::LibClang => "libclang",
        Need::Git => "git",
        Need::Gpg => "gpg (for tests)",
        Need::Strace => "strace (for tests)",
        Need::Age => "age (for tests)",
        Need::Tmux => "tmux and pinentry-curses (for tests)",
        Need::SystemdAnalyze => "systemd-analyze (for tests)",
        Need::CardReader => "reader for virtual smartcards (for tests)",
    }
}

/// An installation that went well and still left something out must not lead into a broken build.
fn recheck(purpose: Purpose) -> Outcome {
    let lacking = lacking(purpose);
    if lacking.is_empty() { Ok(()) } else { Err(failure(&lacking)) }
}

fn failure(lacking: &[Need]) -> Failure {
    Failure::Missing {
        names: lacking.iter().copied().map(name).collect(),
        install: manager().map(|manager| install_command(manager, lacking, is_root())),
    }
}

fn manager() -> Option<Manager> {
    if on_path("apt-get").is_some() {
        return Some(Manager::Apt);
    }
    on_path("dnf").map(|_| Manager::Dnf)
}

/// `None` where the system has no package for it.
fn packages(manager: Manager, need: Need) -> Option<&'static str> {
    Some(match (manager, need) {
        // Debian's gcc only recommends the C library's headers, so they are named.
        (Manager::Apt, Need::CCompiler) => "gcc libc6-dev",
        (Manager::Apt, Need::PkgConfig) => "pkg-config",
        (Manager::Apt, Need::Nettle) => "nettle-dev",
        (Manager::Apt, Need::LibClang) => "libclang-dev",
        (Manager::Apt, Need::Gpg) => "gnupg",
        (Manager::Dnf, Need::CCompiler) => "gcc",
        (Manager::Dnf, Need::PkgConfig) => "pkgconf",
        (Manager::Dnf, Need::Nettle) => "nettle-devel",
        (Manager::Dnf, Need::LibClang) => "clang-devel",
        (Manager::Apt, Need::Tmux) => "tmux pinentry-curses",
        (Manager::Dnf, Need::Gpg) => "gnupg2",
        (Manager::Dnf, Need::Tmux) => "tmux pinentry",
        (Manager::Apt | Manager::Dnf, Need::Git) => "git",
        (Manager::Apt | Manager::Dnf, Need::Strace) => "strace",
        (Manager::Apt | Manager::Dnf, Need::Age) => "age",
        (Manager::Apt | Manager::Dnf, Need::SystemdAnalyze) => "systemd",
        (Manager::Apt, Need::CardReader) => "scdaemon pcscd vsmartcard-vpcd",
        (Manager::Dnf, Need::CardReader) => return None,
    })
}

/// A fresh Debian machine has no package lists at all, so apt is asked to fetch them first.
fn install_command(manager: Manager, lacking: &[Need], root: bool) -> String {
    let names: Vec<&str> = lacking.iter().filter_map(|need| packages(manager, *need)).collect();
    let names = names.join(" ");
    let sudo = if root { "" } else { "sudo " };
    match manager {
        Manager::Apt => {
            format!("{sudo}apt-get update && {sudo}apt-get install -y {names}")
        }
        Manager::Dnf => format!("{sudo}dnf install -y {names}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AS_ROOT: bool = true;
    const AS_USER: bool = false;

    #[test]
    fn one_command_installs_what_is_missing() {
        let all = needs(Purpose::Test);
        assert_eq!(
            install_command(Manager::Apt, all, AS_ROOT),
            "apt-get update && apt-get install -y gcc libc6-dev pkg-config nettle-dev libclang-dev git gnupg strace age \
             tmux pinentry-curses systemd scdaemon pcscd vsmartcard-vpcd"
        );
        assert_eq!(
            install_command(Manager::Dnf, all, AS_USER),
            "sudo dnf install -y gcc pkgconf nettle-devel clang-devel git gnupg2 strace age tmux pinentry systemd"
        );
        assert_eq!(
            install_command(Manager::Apt, &[Need::Nettle], AS_USER),
            "sudo apt-get update && sudo apt-get install -y nettle-dev"
        );
    }

    #[test]
    fn second_opinions_and_strace_are_asked_for_by_tests_only() {
        for need in
            [Need::Gpg, Need::Strace, Need::Age, Need::Tmux, Need::SystemdAnalyze, Need::CardReader]
        {
            assert!(!needs(Purpose::Build).contains(&need));
            assert!(needs(Purpose::Test).contains(&need));
        }
        assert!(needs(Purpose::Build).iter().all(|need| needs(Purpose::Test).contains(need)));
    }
}
