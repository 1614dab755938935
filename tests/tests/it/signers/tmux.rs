//! A member in tmux: one release, a document and its tag, in at most two prompts. They are counted
//! in what the pane shows.

use super::{Keys, NOW, PASSPHRASE, PROGRAM};
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

#[test]
fn a_key_file_with_a_passphrase_asks_twice_for_a_document_and_its_tag() {
    if !has_tool("tmux") {
        return;
    }
    let keys = Keys::new();
    let path = keys.draft();
    let export = ["--pinentry-mode", "loopback", "--passphrase", PASSPHRASE, "--armor"];
    let user = ["--export-secret-keys", "<carol@example.org>"];
    let secret = keys.sandbox.gpg(".", &[&export[..], &user].concat()).ends(0).stdout;
    keys.sandbox.write("carol.key", secret);
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
