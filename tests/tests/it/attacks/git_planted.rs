//! Programs that a repository asks for: hooks, filters, text conversion, monitors, helpers. Stock
//! git runs some of them; we run none.

use super::{read, released, second};
use secpack_tests::Team;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// Hooks that git knows.
const HOOKS: [&str; 16] = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-rewrite",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "prepare-commit-msg",
    "reference-transaction",
    "pre-rebase",
];

/// Keys of git's configuration that name a program.
const KEYS: [&str; 22] = [
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "sequence.editor",
    "gpg.program",
    "gpg.openpgp.program",
    "gpg.ssh.program",
    "gpg.x509.program",
    "gpg.ssh.defaultKeyCommand",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "diff.evil.textconv",
    "diff.evil.command",
    "diff.external",
    "merge.evil.driver",
    "credential.helper",
    "uploadpack.packObjectsHook",
];

/// Plants one program per place; each leaves a file with its own name when it runs.
fn plant(team: &Team) -> usize {
    let program = |name: &str| -> PathBuf {
        let path = team.sandbox.path(&format!("programs/{name}"));
        let ran = team.sandbox.path("ran").display().to_string();
        let text = format!("#!/bin/sh\nmkdir -p {ran}\n: > {ran}/{name}\ncat\nexit 0\n");
        team.sandbox.write(&format!("programs/{name}"), text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        path
    };
    for hook in HOOKS {
        let place = team.sandbox.path(&format!("pack/.git/hooks/{hook}"));
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("made");
        std::fs::copy(program(hook), &place).expect("planted");
    }
    for key in KEYS {
        let path = program(key).display().to_string();
        team.sandbox.git("pack", &["config", key, &path]);
    }
    let aliased = format!("!{}", program("alias").display());
    team.sandbox.git("pack", &["config", "alias.status", &aliased]);
    team.sandbox.git("pack", &["config", "filter.evil.required", "true"]);
    team.sandbox.git("pack", &["config", "commit.gpgSign", "true"]);
    team.sandbox.git("pack", &["config", "tag.gpgSign", "true"]);
    let module =
        format!("[submodule \"m\"]\n\tpath = m\n\turl = ext::{aliased}\n\tupdate = {aliased}\n");
    team.sandbox.write("pack/.gitmodules", module);
    let attributes = "* filter=evil diff=evil merge=evil\n* -text -whitespace\n";
    team.sandbox.write("pack/.git/info/attributes", attributes);
    team.sandbox.write("pack/.gitattributes", attributes);
    HOOKS.len() + KEYS.len() + 1
}

/// The programs that ran since the last time.
fn ran(team: &Team) -> Vec<String> {
    let folder = team.sandbox.path("ran");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let _ = std::fs::remove_dir_all(folder);
    names
}

#[test]
fn none_of_them_runs() {
    let (team, path) = released();
    let planted = plant(&team);
    assert!(planted >= 25, "{planted}");
    // They would work: stock git runs some of them without being asked.
    let _ = team.sandbox.run(std::path::Path::new("git"), "pack", &["diff", "--stat"], &[]);
    super::write(&team, &path, read(&team, &path));
    let _ = team.sandbox.run(std::path::Path::new("git"), "pack", &["status"], &[]);
    let _ = team.sandbox.run(std::path::Path::new("git"), "pack", &["add", "-A"], &[]);
    assert!(!ran(&team).is_empty(), "the plant itself is dead");
    team.verify();
    assert_eq!(ran(&team), [""; 0], "verify");
    for arguments in [
        &["verify", "--history"][..],
        &["verify", "--commit", "HEAD"],
        &["status"],
        &["keys", "list"],
        &["keys", "export"],
        &["policy", "show"],
        &["policy", "check"],
        &["bulletin", "lint", "SB-001"],
        &["bulletin", "show", "SB-001"],
        &["explain", "good"],
        &["collect", "."],
        &["collect", "HEAD"],
    ] {
        let run = team.run(arguments);
        assert_eq!(ran(&team), [""; 0], "{arguments:?} {run:?}");
    }
    let other = second(&team);
    assert_eq!(ran(&team), [""; 0], "sign");
    team.tag("ben");
    assert_eq!(ran(&team), [""; 0], "tag");
    let key = team.key_of("ann");
    let released = team.run(&["release", &other, "--as", "ann", "--key", &key]);
    assert_eq!(ran(&team), [""; 0], "release, the plan: {released:?}");
}

/// Git is started for the push alone, and only a push runs the hooks of a push: a member installs
/// those in their own clone; they never come with a pack.
#[test]
fn a_release_runs_the_hooks_of_a_push_alone() {
    let (team, _) = released();
    team.sandbox.git(".", &["init", "-q", "--bare", "up.git"]);
    let url = team.sandbox.path("up.git").display().to_string();
    team.sandbox.git("pack", &["remote", "add", "origin", &url]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "HEAD:refs/heads/main"]);
    let other = second(&team);
    plant(&team);
    std::fs::remove_file(team.sandbox.path("pack/.gitmodules")).expect("removed");
    team.sandbox.write("pack/.gitattributes", read(&team, ".git/info/attributes"));
    let _ = ran(&team);
    let key = team.key_of("ann");
    let arguments =
        ["release", &other, "--as", "ann", "--key", &key, "--anchor", &team.anchor, "--execute"];
    let run = team.run(&arguments);
    assert_eq!(ran(&team), ["pre-push", "reference-transaction"], "{run:?}");
}
