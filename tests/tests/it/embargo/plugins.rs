//! Identities that a plugin uses: a real plugin over the real protocol, run only when it is named.

use super::{MARKER, Secret};
use secpack_tests::{Run, ages};
use std::path::{Path, PathBuf};

const PLUGIN: &str = env!("CARGO_BIN_EXE_age-plugin-secpacktest");
const NAMED: [&str; 2] = ["--allow-plugin", "secpacktest"];

/// A sealed draft, and a plugin that knows ben's key.
struct Case {
    secret: Secret,
    sealed: String,
}

impl Case {
    fn new() -> Self {
        let secret = Secret::new();
        let sealed = secret.seal();
        let case = Self { secret, sealed };
        link(&case.secret.team.sandbox.path("plugins"));
        case
    }

    /// An identity file for the plugin, which then behaves like this.
    fn identity(&self, mode: &str) -> String {
        let ben = self.secret.at("ben.age-key");
        let sandbox = &self.secret.team.sandbox;
        let made = sandbox.run(Path::new(PLUGIN), ".", &[mode, &ben], &[]).ends(0);
        let name = format!("{mode}.plugin-key");
        sandbox.write(&name, made.stdout);
        self.secret.at(&name)
    }

    /// The search path with these in front.
    fn path(&self, folders: &[&str]) -> String {
        let usual = std::env::var("PATH").unwrap_or_default();
        folders.iter().rev().fold(usual, |path, folder| format!("{folder}:{path}"))
    }

    /// Opens with an identity and a search path, from within the pack.
    fn open(&self, identity: &str, more: &[&str], path: &str) -> Run {
        let out = self.secret.at("opened");
        let open = ["--now", secpack_tests::NOW, "embargo", "open", &self.sealed];
        let rest = ["--identity", identity, "--out", &out];
        let all = [&open[..], &rest, more].concat();
        let program = Path::new(super::PROGRAM);
        self.secret.team.sandbox.run(program, "pack", &all, &[("PATH", path)])
    }

    fn usual(&self) -> String {
        self.path(&[&self.secret.at("plugins")])
    }

    /// Nothing is opened, and no byte changes.
    fn refused(&self, mode: &str, more: &[&str], path: &str, expected: &str) -> Run {
        let identity = self.identity(mode);
        let before = self.secret.team.sandbox.contents(".");
        let run = self.open(&identity, more, path).ends(2);
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
        assert!(run.stderr.contains("hint: "), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
        assert_eq!(before, self.secret.team.sandbox.contents("."));
        run
    }

    fn is_opened(&self) {
        let sandbox = &self.secret.team.sandbox;
        let opened = sandbox.read("opened/sb-002-2026.txt");
        assert_eq!(opened, sandbox.read("draft/sb-002-2026.txt"));
    }
}

fn link(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    std::os::unix::fs::symlink(PLUGIN, folder.join("age-plugin-secpacktest")).expect("a link");
}

#[test]
fn a_plugin_opens_once_it_is_named_and_the_hint_names_it() {
    let case = Case::new();
    let refused = case.refused("good", &[], &case.usual(), "plugins are off unless you name them");
    let hint = refused.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a hint");
    let (_, typed) = hint.split_once("secpack ").expect("a command");
    assert!(typed.ends_with(" --allow-plugin secpacktest"), "{typed}");
    let script = format!("exec {} {typed}", super::PROGRAM);
    let sandbox = &case.secret.team.sandbox;
    let usual = case.usual();
    let path = [("PATH", usual.as_str())];
    sandbox.run(Path::new("sh"), "pack", &["-c", &script], &path).ends(0);
    case.is_opened();
    let guard = ["--now", secpack_tests::NOW, "embargo", "guard", "--identity"];
    let identity = case.identity("good");
    let guard = [&guard[..], &[&identity], &NAMED].concat();
    sandbox.run(Path::new(super::PROGRAM), "pack", &guard, &path).ends(0);
}

#[test]
fn stock_age_and_rage_open_the_same_file_by_the_same_plugin() {
    let case = Case::new();
    let identity = case.identity("good");
    let decrypt = ["-d", "-i", &identity, &case.sealed];
    let path = case.usual();
    let sandbox = &case.secret.team.sandbox;
    for tool in ages() {
        let inside = sandbox.run(&tool, ".", &decrypt, &[("PATH", &path)]).ends(0);
        assert!(inside.stdout.contains(MARKER), "{}", inside.stdout);
    }
    case.open(&identity, &NAMED, &path).ends(0);
    case.is_opened();
}

#[test]
fn no_other_name_helps() {
    let case = Case::new();
    let plugins = case.secret.team.sandbox.path("plugins");
    std::os::unix::fs::symlink(PLUGIN, plugins.join("age-plugin-other")).expect("a link");
    let other = ["--allow-plugin", "other"];
    case.refused("good", &other, &case.usual(), "plugins are off unless you name them");
    let identity = case.identity("good");
    for bad in ["../secpacktest", "SECPACKTEST", "age-plugin-secpacktest", ""] {
        let run = case.open(&identity, &["--allow-plugin", bad], &case.usual()).ends(2);
        assert!(run.stderr.contains("a plugin is called by"), "{bad}: {}", run.stderr);
    }
}

#[test]
fn a_plugin_that_is_missing_or_fails_is_named_and_nothing_is_written() {
    let case = Case::new();
    let usual = case.usual();
    let missing = "no program age-plugin-secpacktest is found in PATH";
    case.refused("good", &NAMED, &case.path(&[]), missing);
    case.refused("end", &NAMED, &usual, "the plugin secpacktest failed");
    case.refused("wrong", &NAMED, &usual, "secpacktest gave a key that does not fit");
    case.refused("report", &NAMED, &usual, "the plugin secpacktest reports: the key is");
    // Nobody sits at the terminal of a test, so nobody types a PIN.
    let pin = case.refused("pin", &NAMED, &usual, "reports: no PIN, no key");
    assert!(pin.stderr.contains("plugin secpacktest: touch"), "{}", pin.stderr);
    // Who can read without the plugin is not held up by it.
    let (broken, ben) = (case.identity("end"), case.secret.at("ben.age-key"));
    let both = [&NAMED[..], &["--identity", &ben]].concat();
    case.open(&broken, &both, &usual).ends(0);
    case.is_opened();
}

#[test]
fn what_lies_in_the_pack_or_the_current_folder_is_never_run() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new();
    let sandbox = &case.secret.team.sandbox;
    let trap = format!("#!/bin/sh\ntouch {}\n", case.secret.at("trapped"));
    for place in ["pack/age-plugin-secpacktest", "pack/bin/age-plugin-secpacktest"] {
        sandbox.write(place, &trap);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(sandbox.path(place), mode).expect("a mode");
    }
    let missing = "no program age-plugin-secpacktest is found in PATH";
    for relative in [&["."][..], &["bin"], &["", "./bin"], &["../pack"]] {
        case.refused("good", &NAMED, &case.path(relative), missing);
    }
    // The benign twin: behind them comes an absolute folder.
    let identity = case.identity("good");
    let path = case.path(&[".", "", "bin", &case.secret.at("plugins")]);
    case.open(&identity, &NAMED, &path).ends(0);
    case.is_opened();
    assert!(!PathBuf::from(case.secret.at("trapped")).exists());
}

#[test]
fn a_pin_is_asked_on_the_terminal_and_words_of_the_plugin_are_escaped() {
    let case = Case::new();
    let identity = case.identity("pin");
    let open = |pin: &str| {
        let command = format!(
            "NO_COLOR=1 PATH={} {} --now {} embargo open {} --identity {identity} --out {} --allow-plugin secpacktest",
            case.usual(),
            super::PROGRAM,
            secpack_tests::NOW,
            case.sealed,
            case.secret.at("opened"),
        );
        let run = crate::terminal::on_terminal(&case.secret.team, &command, &[pin]);
        assert!(run.stdout.contains("plugin secpacktest: touch "), "{}", run.stdout);
        assert!(run.stdout.contains("plugin secpacktest: PIN "), "{}", run.stdout);
        assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
        run
    };
    let wrong = open("4321").ends(2);
    assert!(wrong.stdout.contains("reports: no PIN, no key"), "{}", wrong.stdout);
    assert!(!case.secret.team.sandbox.path("opened").exists());
    open("1234").ends(0);
    case.is_opened();
}

#[test]
fn what_would_print_keys_is_refused() {
    let case = Case::new();
    let identity = case.identity("good");
    let out = case.secret.at("opened");
    let open = ["embargo", "open", &case.sealed, "--identity", &identity, "--out", &out];
    let (path, program) = (case.usual(), Path::new(super::PROGRAM));
    let variables = [("PATH", path.as_str()), ("AGEDEBUG", "plugin")];
    let all = [&open[..], &NAMED].concat();
    let run = case.secret.team.sandbox.run(program, "pack", &all, &variables).ends(2);
    assert!(run.stderr.contains("hint: unset AGEDEBUG"), "{}", run.stderr);
}

#[test]
fn hooks_know_the_plugins_that_were_named_to_them() {
    let case = Case::new();
    let identity = case.identity("good");
    let install = ["hook", "install", "--ci", "none", "--identity", &identity];
    let path = case.usual();
    let sandbox = &case.secret.team.sandbox;
    let all = [&install[..], &NAMED].concat();
    sandbox.run(Path::new(super::PROGRAM), "pack", &all, &[("PATH", &path)]).ends(0);
    let hook = String::from_utf8(sandbox.read("pack/.git/hooks/pre-commit")).expect("UTF-8");
    assert!(hook.contains(" --allow-plugin secpacktest \"$@\""), "{hook}");
}
