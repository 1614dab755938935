//! A member in tmux: one release, a document and its tag, in at most two prompts. They are counted
//! in what the pane shows.

use super::{Keys, NOW, PASSPHRASE, PROGRAM, script};
use secpack_tests::has_tool;

/// One pane with a shell in the pack; it ends with the test.
struct Pane<'a> {
    keys: &'a Keys,
    socket: String,
}

impl Drop for Pane<'_> {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

impl<'a> Pane<'a> {
    fn new(keys: &'a Keys) -> Self {
        let pane = Self { keys, socket: keys.sandbox.path("tmux.sock").display().to_string() };
        let folder = keys.sandbox.path("pack").display().to_string();
        let start = ["-f", "/dev/null", "new-session", "-d", "-x", "180", "-y", "60"];
        pane.tmux(&[&start[..], &["-c", &folder, "env PS1='$ ' sh"]].concat());
        pane.types("GPG_TTY=$(tty); export GPG_TTY");
        pane
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let all = [&["-S", &self.socket], arguments].concat();
        self.keys.sandbox.run("tmux".as_ref(), ".", &all, &[("TERM", "xterm")]).stdout
    }

    fn types(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.tmux(&["send-keys", "Enter"]);
    }

    /// Everything that the pane showed, from the beginning.
    fn shows(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-J", "-S", "-"])
    }

    /// Waits until the pane shows so many of these words; the whole of it.
    fn waits_for(&self, words: &str, times: usize) -> String {
        for _ in 0..300 {
            let shown = self.shows();
            if shown.matches(words).count() >= times {
                return shown;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("{words:?} did not come:\n{}", self.shows());
    }
}

/// Prompts of the program that a pane shows.
fn prompts(shown: &str) -> usize {
    ["Type yes", "Passphrase of"].iter().map(|words| shown.matches(words).count()).sum()
}

/// Carol's key as a file, with its passphrase.
fn key_file(keys: &Keys) {
    let export = ["--pinentry-mode", "loopback", "--passphrase", PASSPHRASE, "--armor"];
    let user = ["--export-secret-keys", "<carol@example.org>"];
    let secret = keys.sandbox.gpg(".", &[&export[..], &user].concat()).ends(0).stdout;
    keys.sandbox.write("carol.key", secret);
}

/// The policy is signed and tagged, and a bare upstream has it.
fn published(keys: &Keys) {
    let loopback = "--pinentry-mode loopback --passphrase";
    let body = format!("exec gpg {loopback} '{PASSPHRASE}' \"$@\"");
    let program = script(&keys.sandbox, "carols-gpg", &body);
    keys.signs("secpack.toml", "ann", &["--with", "agent"]).ends(0);
    keys.signs("secpack.toml", "ben", &["--with", "agent"]).ends(0);
    keys.signs("secpack.toml", "carol", &["--program", &program]).ends(0);
    keys.commit("Sign the policy");
    keys.run(&["tag", "--as", "ann", "--with", "agent", "--yes", &keys.head()]).ends(0);
    let upstream = keys.sandbox.path("upstream.git").display().to_string();
    keys.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", &upstream]);
    keys.sandbox.git("pack", &["remote", "add", "origin", &upstream]);
    keys.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
}

#[test]
fn the_coordinator_is_asked_twice_from_signing_to_the_pushed_release() {
    if !has_tool("tmux") {
        return;
    }
    let keys = Keys::new();
    published(&keys);
    key_file(&keys);
    let path = keys.draft();
    keys.signs(&path, "ann", &["--with", "agent"]).ends(0);
    keys.signs(&path, "ben", &["--with", "agent"]).ends(0);
    let pane = Pane::new(&keys);
    let start = format!("{PROGRAM} --now {NOW}");
    pane.types(&format!("{start} sign {path} --as carol --key ../carol.key"));
    pane.waits_for("Passphrase of", 1);
    pane.types(PASSPHRASE);
    pane.waits_for("signed: ", 1);
    pane.types(&format!("{start} release {path} --as carol --key ../carol.key --execute"));
    pane.waits_for("Passphrase of", 2);
    pane.types(PASSPHRASE);
    let shown = pane.waits_for("released; ", 1);
    assert_eq!(prompts(&shown), 2, "{shown}");
    assert!(!shown.contains(PASSPHRASE), "{shown}");
    let tag = format!("carol_sec_{}", &keys.head()[..8]);
    keys.sandbox.git("pack", &["tag", "-v", &tag]);
    let theirs = keys.sandbox.git("upstream.git", &["rev-parse", "main"]).stdout;
    assert_eq!(theirs.trim(), keys.head());
}

#[test]
fn a_key_file_with_a_passphrase_asks_twice_for_a_document_and_its_tag() {
    if !has_tool("tmux") {
        return;
    }
    let keys = Keys::new();
    let path = keys.draft();
    key_file(&keys);
    let pane = Pane::new(&keys);
    let start = format!("{PROGRAM} --now {NOW}");
    pane.types(&format!("{start} sign {path} --as carol --key ../carol.key"));
    pane.waits_for("Passphrase of", 1);
    pane.types(PASSPHRASE);
    pane.waits_for("signed: ", 1);
    keys.commit("A bulletin");
    pane.types(&format!("{start} tag --as carol --key ../carol.key"));
    pane.waits_for("Passphrase of", 2);
    pane.types(PASSPHRASE);
    let shown = pane.waits_for("tagged: ", 1);
    assert_eq!(prompts(&shown), 2, "{shown}");
    assert!(!shown.contains(PASSPHRASE), "{shown}");
    keys.gpg_accepts(&path, "carol");
    keys.sandbox.git("pack", &["tag", "-v", &format!("carol_sec_{}", &keys.head()[..8])]);
}

#[test]
fn an_agent_asks_by_a_pinentry_on_the_terminal_and_then_remembers() {
    if !has_tool("tmux") || !has_tool("pinentry-curses") {
        return;
    }
    let keys = Keys::new();
    let path = keys.draft();
    let pinentry = keys.sandbox.run("sh".as_ref(), ".", &["-c", "command -v pinentry-curses"], &[]);
    let agent = format!("pinentry-program {}\n", pinentry.stdout.trim());
    keys.sandbox.write("gnupg/gpg-agent.conf", agent);
    keys.sandbox.run("gpgconf".as_ref(), ".", &["--kill", "gpg-agent"], &[]).ends(0);
    let pane = Pane::new(&keys);
    let start = format!("{PROGRAM} --now {NOW}");
    pane.types(&format!("{start} sign {path} --as carol --with agent"));
    // The pinentry takes the whole screen: this is the one prompt for the document.
    let asked = pane.waits_for("<OK>", 1);
    assert!(asked.contains("SB-001 as carol"), "{asked}");
    pane.types(PASSPHRASE);
    let shown = pane.waits_for("signed: ", 1);
    assert_eq!(prompts(&shown), 0, "{shown}");
    keys.commit("A bulletin");
    pane.types(&format!("{start} tag --as carol --with agent"));
    pane.waits_for("Type yes", 1);
    pane.types("yes");
    let shown = pane.waits_for("tagged: ", 1);
    assert_eq!(prompts(&shown), 1, "{shown}");
    keys.gpg_accepts(&path, "carol");
}
