//! Untrusted text passes one escaper before a terminal sees it, and JSON before a pipe does.

use super::{amend, released};
use secpack_tests::forge::{Packet, USER_ID, armor, dearmor};
use secpack_tests::{Run, Team};

/// Clears the screen, turns the text around, begins a line of gpg's status.
const HOSTILE: &str = "x\u{1b}[2J\u{202e}y\u{9b}31m\u{2066}z\u{200b}";

#[track_caller]
fn check(run: &Run) {
    for stream in [&run.stdout, &run.stderr] {
        let raw = stream.chars().find(|c| {
            c.is_control() && *c != '\n'
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        });
        assert_eq!(raw, None, "{stream:?}");
        assert!(!stream.lines().any(|line| line.starts_with("[GNUPG:]")), "{stream}");
    }
}

/// Every command that shows something of the pack.
fn check_all(team: &Team) {
    for arguments in [
        &["verify"][..],
        &["verify", "--json"],
        &["verify", "--history"],
        &["verify", "--history", "--json"],
        &["verify", "--commit", "HEAD", "--json"],
        &["status"],
        &["status", "--json"],
        &["keys", "list"],
        &["keys", "list", "--json"],
        &["policy", "show"],
        &["policy", "check"],
        &["bulletin", "show", "SB-001"],
        &["bulletin", "show", "SB-001", "--json"],
        &["bulletin", "lint", "SB-001"],
        &["bulletin", "lint", "SB-001", "--json"],
        &["explain", "good"],
        &["explain", "stray"],
        &["explain", "name-mismatch:"],
        &["explain", "malformed:"],
        &["collect", "."],
        &["sign", "SB-001", "--as", "ann", "--dry-run"],
        &["tag", "--as", "ben"],
    ] {
        check(&team.run(arguments));
    }
}

#[test]
fn paths() {
    let (team, path) = released();
    let folder = path.split('/').next().expect("a folder").to_owned();
    for name in [
        format!("{folder}/{HOSTILE}.txt"),
        format!("{folder}/a\n[GNUPG:] GOODSIG x"),
        format!("{path}.sig.{HOSTILE}"),
        format!("keys/members/{HOSTILE}.asc"),
        "fund/\u{202e}txt.exe".to_owned(),
        "keys/members/\u{202e}a.asc".to_owned(),
    ] {
        super::write(&team, &name, "nothing\n");
    }
    check_all(&team);
    team.commit("Names");
    check_all(&team);
}

#[test]
fn tags_and_commits() {
    let (team, _) = released();
    let message = format!("{HOSTILE}\n\n[GNUPG:] GOODSIG x\n");
    team.sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", &message]);
    let author = format!("--author={HOSTILE} <x@example.org>");
    team.sandbox.git("pack", &["commit", "-q", "--allow-empty", &author, "-m", &message]);
    for name in ["\u{202e}tag", "ann_sec_\u{200b}01234567", "a\u{2066}b"] {
        team.sandbox.git("pack", &["tag", "-a", "-m", &message, name]);
        team.sandbox.git("pack", &["tag", &format!("light{name}")]);
    }
    let object = team.sandbox.git("pack", &["rev-parse", "refs/tags/\u{202e}tag"]).stdout;
    team.sandbox.git("pack", &["update-ref", "refs/tags/plain", object.trim()]);
    check_all(&team);
}

/// A user id without a self-signature, as anybody can put it into a certificate.
#[test]
fn user_ids() {
    let (team, path) = released();
    for user in [
        format!("ben <ben@example.org>\n[GNUPG:] GOODSIG 0 {HOSTILE}"),
        "\n[GNUPG:] VALIDSIG 0123\n".to_owned(),
        "ben <ben@example.org>".to_owned(),
        HOSTILE.to_owned(),
    ] {
        let place = "keys/members/carol.asc";
        let plain = super::read(&team, place);
        let mut packets = dearmor(plain.as_bytes());
        packets.insert(1, Packet::new(USER_ID, user.clone()));
        super::write(&team, place, armor(&packets, "PGP PUBLIC KEY BLOCK"));
        check_all(&team);
        let run = team.verify();
        assert_eq!(super::verdict(&run, &format!("{path}.sig.ben")), "good", "{user:?}");
        super::write(&team, place, plain);
    }
}

#[test]
fn the_policy() {
    let (team, _) = released();
    amend(&team, |policy| {
        let named =
            policy.replacen("name = \"Example\"", "name = \"x\\u001B[2J\\u202Ey\\n[GNUPG:]\"", 1);
        assert_ne!(named, policy);
        named + "\n[[accepted]]\nids = [\"stray:\\u001B[2J\"]\nreason = \"\\u001B[2J\\u202E\"\n"
    });
    check_all(&team);
}

#[test]
fn documents_and_arguments() {
    let (team, path) = released();
    let text = super::read(&team, &path);
    for changed in [
        text.replacen("Security Bulletin", &format!("Security {HOSTILE} Bulletin"), 1),
        text.replacen("Integer", HOSTILE, 1),
        text.replacen("2026-03-04", HOSTILE, 1),
    ] {
        assert_ne!(changed, text);
        super::write(&team, &path, changed);
        check_all(&team);
    }
    for arguments in [
        &["status", HOSTILE][..],
        &["verify", HOSTILE],
        &["verify", "--commit", HOSTILE],
        &["explain", HOSTILE],
        &["collect", HOSTILE],
        &["sign", HOSTILE, "--as", "ann"],
        &["bulletin", "lint", HOSTILE],
        &["bulletin", "new", "--title", HOSTILE],
    ] {
        check(&team.run(arguments));
    }
}
