//! Signing with keys that are elsewhere: behind gpg-agent, behind a program, on another machine.
//! Stock gpg makes the keys and keeps them; what it signs is judged by us and the other way round.

use secpack_tests::{NOW, Run, Sandbox, Team};

mod agent;
mod card;
mod hints;
mod programs;
mod prompts;
mod requests;
mod tag_requests;
mod tmux;
mod wrong_answers;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Carol's key has this passphrase; those of ann and ben have none.
const PASSPHRASE: &str = "correct horse";

/// A pack whose members keep their keys in gpg's home: ann a primary RSA key that signs itself, ben
/// an Ed25519 subkey that signs, carol a key with a passphrase. The agents end with it.
struct Keys {
    team: Team,
}

impl std::ops::Deref for Keys {
    type Target = Team;
    fn deref(&self) -> &Team {
        &self.team
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        for home in ["gnupg", "vault"] {
            let home = self.team.sandbox.path(home);
            if home.exists() {
                let home = home.display().to_string();
                let arguments = ["--homedir", &home, "--kill", "all"];
                self.team.sandbox.run("gpgconf".as_ref(), ".", &arguments, &[]);
            }
        }
    }
}

impl Keys {
    fn new() -> Self {
        let sandbox = Sandbox::new(PROGRAM);
        home(&sandbox, "gnupg");
        make_keys(&sandbox);
        let anchor = master(&sandbox);
        for member in ["ann", "ben", "carol"] {
            let export = ["--armor", "--export", &format!("<{member}@example.org>")];
            sandbox.write(&format!("{member}.asc"), sandbox.gpg(".", &export).ends(0).stdout);
            let (plain, out) = (format!("{member}.asc"), format!("{member}-certified.asc"));
            let certify = ["keys", "certify", &plain, "--key", "master.key", "--out", &out];
            sandbox.secpack(".", &[&certify[..], &["--now", NOW]].concat()).ends(0);
        }
        let init = "init pack --name Example --root master=master.asc --member \
            ann=ann-certified.asc --member ben=ben-certified.asc --member carol=carol-certified.asc";
        sandbox.secpack(".", &init.split_whitespace().collect::<Vec<_>>()).ends(0);
        let keys = Self { team: Team { sandbox, anchor, now: NOW } };
        keys.sandbox.git("pack", &["config", "user.name", "Test"]);
        keys.sandbox.git("pack", &["config", "user.email", "test@example.org"]);
        keys.commit("Begin the pack");
        keys
    }

    /// The beginning of a document's digest, as `--yes` wants it.
    fn digest(&self, document: &str, member: &str) -> String {
        let shown = self.run(&["sign", document, "--as", member, "--dry-run"]).ends(0);
        shown.stdout.get(..64).unwrap_or_default().to_owned()
    }

    /// Signs with these arguments, without anybody to ask.
    fn signs(&self, document: &str, member: &str, more: &[&str]) -> Run {
        let digest = self.digest(document, member);
        let sign = ["sign", document, "--as", member, "--yes", &digest];
        self.run(&[&sign[..], more].concat())
    }

    fn signature(&self, document: &str, member: &str) -> String {
        format!("{document}.sig.{member}")
    }

    /// What stock gpg says of a signature file.
    fn gpg_accepts(&self, document: &str, member: &str) {
        let place = self.signature(document, member);
        let verify = ["--status-fd", "1", "--verify", &place, document];
        let said = self.sandbox.gpg("pack", &verify).ends(0).stdout;
        assert!(said.contains("[GNUPG:] VALIDSIG "), "{said}");
    }

    fn fingerprint(&self, member: &str) -> String {
        let user = format!("<{member}@example.org>");
        let listed = self.sandbox.gpg(".", &["--with-colons", "--list-keys", &user]).ends(0);
        let lines = listed.stdout.lines().filter(|line| line.starts_with("fpr:"));
        lines
            .map(|line| line.split(':').nth(9).unwrap_or_default().to_owned())
            .next()
            .expect("a key")
    }
}

/// A home of gpg in which it takes our time for now.
fn home(sandbox: &Sandbox, folder: &str) {
    use std::os::unix::fs::PermissionsExt;
    sandbox.write(&format!("{folder}/gpg.conf"), "faked-system-time 20260304T100000!\n");
    let mode = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(sandbox.path(folder), mode).expect("a mode");
}

fn make_keys(sandbox: &Sandbox) {
    let plain = ["--passphrase", "", "--faked-system-time", "20260101T000000!"];
    let gpg = |arguments: &[&str]| sandbox.gpg(".", &[&plain[..], arguments].concat()).ends(0);
    gpg(&["--quick-gen-key", "Ann <ann@example.org>", "rsa2048", "sign", "never"]);
    gpg(&["--quick-gen-key", "Ben <ben@example.org>", "ed25519", "cert", "never"]);
    let listed = sandbox.gpg(".", &["--with-colons", "--list-keys", "<ben@example.org>"]).stdout;
    let ben = listed.lines().find(|line| line.starts_with("fpr:")).expect("a key").to_owned();
    let ben = ben.split(':').nth(9).expect("a fingerprint").to_owned();
    // Each gpg counts on from the same second, so a slow first one would lie in the second's future.
    let later = ["--faked-system-time", "20260101T010000"];
    gpg(&[&later[..], &["--quick-add-key", &ben, "ed25519", "sign", "never"]].concat());
    let locked = ["--pinentry-mode", "loopback", "--passphrase", PASSPHRASE];
    let locked = [&locked[..], &plain[2..]].concat();
    let carol = ["--quick-gen-key", "Carol <carol@example.org>", "ed25519", "sign", "never"];
    sandbox.gpg(".", &[&locked[..], &carol].concat()).ends(0);
    // Making a key leaves its passphrase in the agent's memory.
    sandbox.run("gpgconf".as_ref(), ".", &["--kill", "gpg-agent"], &[]).ends(0);
}

fn master(sandbox: &Sandbox) -> String {
    let generate = "keys generate master --secret master.key --certificate master.asc \
        --no-passphrase --now 2026-01-01T00:00:00Z";
    let made = sandbox.secpack(".", &generate.split_whitespace().collect::<Vec<_>>()).ends(0);
    made.stdout.trim().to_owned()
}

/// Writes a program for the shell.
fn script(sandbox: &Sandbox, name: &str, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    sandbox.write(name, format!("#!/bin/sh\n{body}\n"));
    let path = sandbox.path(name);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    path.display().to_string()
}
