//! How often a member is asked, on a real pseudo-terminal: a document and its tag, at most twice
//! with every signer. And what is hinted at is typed.

use super::programs::split_gpg;
use super::{Keys, NOW, PASSPHRASE, PROGRAM, agent};
use crate::terminal::on_terminal;

/// Signs a document and tags its commit on a terminal; returns what the terminal showed.
pub fn document_and_tag(keys: &Keys, member: &str, with: &str, lines: &[&[&str]; 2]) -> String {
    let path = keys.draft();
    let home = keys.sandbox.path("gnupg").display().to_string();
    let start = format!("env SPLIT_GPG_ASKS=1 GNUPGHOME={home} {PROGRAM} --now {NOW}");
    let sign = format!("{start} sign {path} --as {member} {with}");
    let signed = on_terminal(keys, &sign, lines[0]).ends(0).stdout;
    keys.gpg_accepts(&path, member);
    keys.commit("A bulletin");
    let tagged = on_terminal(keys, &format!("{start} tag --as {member} {with}"), lines[1]).ends(0);
    signed + &tagged.stdout
}

pub fn asked(shown: &str) -> usize {
    ["Type yes", "Passphrase of", "vault asks"].iter().map(|w| shown.matches(w).count()).sum()
}

#[test]
fn an_agent_or_gpg_with_a_passphrase_asks_twice_in_all() {
    for with in ["--with agent", "--program gpg"] {
        let keys = Keys::new();
        agent::pinentry(&keys, &format!("echo 'D {PASSPHRASE}'; echo OK"));
        let shown = document_and_tag(&keys, "carol", with, &[&[""], &["yes"]]);
        let pins = agent::told(&keys).matches("GETPIN").count();
        assert_eq!((asked(&shown), pins), (1, 1), "{with}: {shown}");
    }
}

#[test]
fn a_signer_that_asks_is_the_only_one_who_asks() {
    let keys = Keys::new();
    let program = split_gpg(&keys);
    let with = format!("--program {program} --signer-asks");
    let shown = document_and_tag(&keys, "ann", &with, &[&["y"], &["y"]]);
    assert_eq!(asked(&shown), 2, "{shown}");
}

#[test]
fn keys_without_a_passphrase_ask_once_each() {
    let keys = Keys::new();
    let shown = document_and_tag(&keys, "ann", "--with agent", &[&["yes"], &["yes"]]);
    assert_eq!(asked(&shown), 2, "{shown}");
}

/// The command behind `hint: `, as it was printed.
pub fn hint(stderr: &str) -> &str {
    let hint = stderr.lines().find_map(|line| line.strip_prefix("hint: "));
    hint.unwrap_or_else(|| panic!("no hint in {stderr}"))
}

#[test]
fn what_is_hinted_at_works_when_typed() {
    let keys = Keys::new();
    let path = keys.draft();
    let digest = "0123456789abcdef";
    for (arguments, wanted) in [
        (vec!["sign", &path, "--as", "ann", "--with", "agent"], 0),
        (vec!["sign", &path, "--as", "ben", "--with", "agent", "--yes", digest], 0),
        (vec!["sign", &path, "--as", "carol", "--with", "agent", "--yes", "01"], 2),
        (vec!["sign", &path, "--as", "nobody", "--with", "agent"], 0),
        (vec!["sign", &path, "--with", "agent"], 0),
        (vec!["tag", "--as", "ann", "--with", "agent"], 0),
        (vec!["tag", "--as", "ben", "--with", "agent", "--yes", "0123"], 0),
    ] {
        let run = keys.run(&arguments);
        assert_ne!(run.code, 0, "{arguments:?}");
        let typed = hint(&run.stderr).replacen("secpack", PROGRAM, 1);
        let again = keys.sandbox.run("sh".as_ref(), "pack", &["-c", &typed], &[]);
        // Carol's agent cannot ask her here: then only the text is settled.
        assert!(again.code == wanted, "{typed}: {}", again.stderr);
    }
}
