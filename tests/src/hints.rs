//! Every refusal ends with a hint that works when typed: whatever a test provokes is held to that.

use crate::Run;
use crate::sandbox::Sandbox;
use clap::Parser as _;
use clap::error::ErrorKind;

/// Programs that a hint may call beside our own.
const PROGRAMS: [&str; 26] = [
    "age-keygen",
    "apt",
    "cat",
    "cd",
    "chmod",
    "cp",
    "date",
    "df",
    "diff",
    "echo",
    "git",
    "gpg",
    "gpgconf",
    "grep",
    "gzip",
    "head",
    "ls",
    "man",
    "mkdir",
    "mv",
    "ps",
    "rm",
    "sed",
    "secpack",
    "sha256sum",
    "unset",
];

/// Commands that only look, so that they are typed at once.
const LOOKS: [&str; 32] = [
    "cat ",
    "echo ",
    "git branch --all",
    "git cat-file",
    "git check-ref-format",
    "git count-objects",
    "git diff",
    "git for-each-ref",
    "git fsck",
    "git log",
    "git ls-remote",
    "git remote --verbose",
    "git show",
    "git status",
    "gpg --list-packets",
    "gpg --show-keys",
    "grep ",
    "head ",
    "LC_ALL=C.UTF-8 grep ",
    "ls ",
    "secpack bulletin lint",
    "secpack bulletin show",
    "secpack canary lint",
    "secpack canary status",
    "secpack explain",
    "secpack keys list",
    "secpack keys lint",
    "secpack policy check",
    "secpack policy show",
    "secpack status",
    "secpack verify",
    "sha256sum ",
];

/// What a person looks for in a refusal, with where and how it came about.
pub(crate) struct Refusal<'a> {
    pub sandbox: &'a Sandbox,
    pub inside: &'a str,
    pub arguments: &'a [&'a str],
    pub more: &'a [(&'a str, &'a str)],
    pub run: &'a Run,
}

impl Refusal<'_> {
    /// Holds the refusal to the rule.
    ///
    /// # Panics
    /// When it ends without a hint, or with one that does not work.
    pub fn check(&self) {
        let stderr = format!("\n{}", self.run.stderr);
        // A program that reads JSON reads no hints; what it could not find out still has one.
        let error = stderr.rsplit_once("\nerror: ");
        let (_, behind) = match error {
            Some(parts) => parts,
            None if self.arguments.contains(&"--json") => return,
            None => ("", stderr.as_str()),
        };
        let hints = behind.lines().filter_map(|line| line.strip_prefix("hint: "));
        let all: Vec<&str> = hints.collect();
        assert!(!all.is_empty(), "a refusal without a hint: {:?}\n{stderr}", self.arguments);
        all.iter().for_each(|hint| self.check_one(hint));
    }

    fn check_one(&self, hint: &str) {
        let said = || format!("hint: {hint}\nof: {:?}\n{}", self.arguments, self.run.stderr);
        let words = shlex::split(hint).unwrap_or_else(|| panic!("no line of a shell; {}", said()));
        let first = words.iter().find(|word| !is_setting(word)).expect("a word");
        assert!(PROGRAMS.contains(&first.as_str()), "nothing to type; {}", said());
        if is_a_look(hint) {
            let run = self.sandbox.type_look(self.inside, hint, self.more);
            // What only looks may well find that something is not good.
            let ours = hint.starts_with("secpack ");
            let found_out = run.code == 0 || (ours && run.code == 1) || hint.contains(" fsck ");
            assert!(found_out, "it ends with {}:\n{}\n{}", run.code, run.stderr, said());
            return;
        }
        for command in words.split(|word| word == "&&") {
            let ours = command.iter().skip_while(|word| is_setting(word)).cloned();
            if command.iter().find(|word| !is_setting(word)).is_some_and(|w| w == "secpack") {
                parse(ours.collect(), &said());
            }
        }
    }
}

/// `NAME=VALUE` before a command.
fn is_setting(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

fn is_a_look(hint: &str) -> bool {
    let in_one_piece = !hint.contains(" && ") || hint.starts_with("git cat-file");
    let elsewhere = hint.strip_prefix("git -C ").and_then(|rest| rest.split_once(' '));
    let plain = elsewhere.map(|(_, rest)| format!("git {rest}"));
    let hint = plain.as_deref().unwrap_or(hint);
    let is_help = hint.starts_with("secpack ") && hint.ends_with(" --help");
    in_one_piece && !has_gap(hint) && (is_help || LOOKS.iter().any(|look| hint.starts_with(look)))
}

/// A word in capitals that the person fills in, such as FILE.
fn has_gap(hint: &str) -> bool {
    let is_gap = |word: &str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase());
    hint.split([' ', '/', '=']).any(is_gap)
}

/// Our own command lines must be ones; only a gap may have a value that is none.
fn parse(words: Vec<String>, said: &str) {
    let gap = words.iter().any(|word| has_gap(word));
    match secpack::Cli::try_parse_from(&words) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {}
        Err(error) if gap && error.kind() == ErrorKind::ValueValidation => {}
        Err(error) => panic!("no command of ours: {error}\n{said}"),
    }
}
