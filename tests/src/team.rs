//! A team with throw-away keys and a pack of its own, made by the program under test.

use crate::{Run, Sandbox};

/// The time that all tests take for now.
pub const NOW: &str = "2026-03-04T10:00:00Z";

/// The facts of a complete bulletin.
const FACTS: &str = r#"
title = "Integer overflow in the example parser"
date = 2026-03-04
user_action = "Install the packages listed below and restart the service."
summary = "A length field is not checked, so a long record overflows a counter."
impact = "Whoever can send a record can read memory of the service."
affected = "All releases that ship the parser."
patching = "Restart the service afterwards."
credits = ["Found by the example team."]

[[packages]]
release = "Example 1.0"
place = "the main repository"
name = "parser"
version = "1.0.7-2"

[[advisories]]
id = "EXA-7"
title = "overflow in parser"
url = "https://example.org/exa-7"
text = "A length field is not checked."
"#;

/// A pack `pack` with master key, members ann and ben, and carol who signs canaries only.
pub struct Team {
    /// Where everything lies.
    pub sandbox: Sandbox,
    /// The master fingerprint.
    pub anchor: String,
    /// The time that it takes for now.
    pub now: &'static str,
}

impl Team {
    /// Makes keys, certifies them, and begins a pack that everyone who must signed.
    ///
    /// # Panics
    /// When a step fails.
    pub fn new(program: &str) -> Self {
        Self::at(program, "2026-01-01T00:00:00Z", NOW)
    }

    /// The same with keys that never expire: stock gpg makes signatures of any year with them.
    ///
    /// # Panics
    /// When a step fails.
    pub fn lasting(program: &str) -> Self {
        Self::with_keys(program, "2026-01-01T00:00:00Z", NOW, &["--expires", "never"])
    }

    /// The same at another time, with keys made at `born`.
    ///
    /// # Panics
    /// When a step fails.
    pub fn at(program: &str, born: &str, now: &'static str) -> Self {
        Self::with_keys(program, born, now, &[])
    }

    fn with_keys(program: &str, born: &str, now: &'static str, more: &[&str]) -> Self {
        let sandbox = Sandbox::new(program);
        let anchor = key(&sandbox, "master", born, more);
        for member in ["ann", "ben", "carol"] {
            key(&sandbox, member, born, more);
            let certificate = format!("{member}.asc");
            let out = format!("{member}-certified.asc");
            let certify = [
                "keys",
                "certify",
                &certificate,
                "--key",
                "master.key",
                "--out",
                &out,
                "--now",
                now,
            ];
            sandbox.secpack(".", &certify).ends(0);
        }
        let team = Self { sandbox, anchor, now };
        let init = [
            "init",
            "pack",
            "--name",
            "Example",
            "--root",
            "master=master.asc",
            "--member",
            "ann=ann-certified.asc",
            "--member",
            "ben=ben-certified.asc",
            "--member",
            "carol=carol-certified.asc:canary",
        ];
        team.sandbox.secpack(".", &init).ends(0);
        team.sandbox.git("pack", &["config", "user.name", "Test"]);
        team.sandbox.git("pack", &["config", "user.email", "test@example.org"]);
        team.sign("secpack.toml", "ann");
        team.sign("secpack.toml", "ben");
        team.commit("Begin the pack");
        team.tag("ann");
        team
    }

    /// Runs the program in the pack at the fixed time.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let all: Vec<&str> = arguments.iter().chain(&["--now", self.now]).copied().collect();
        self.sandbox.secpack("pack", &all)
    }

    /// Runs the program in the pack at the fixed time, which is put before the arguments.
    pub fn run_exactly(&self, arguments: &[&str]) -> Run {
        let all: Vec<&str> = ["--now", self.now].iter().chain(arguments).copied().collect();
        self.sandbox.secpack("pack", &all)
    }

    /// Signs a document as a member.
    pub fn sign(&self, document: &str, member: &str) -> Run {
        let shown = self.run(&["sign", document, "--as", member, "--dry-run"]);
        let digest = shown.stdout.get(..64).unwrap_or_default().to_owned();
        let key = self.key_of(member);
        self.run(&["sign", document, "--as", member, "--key", &key, "--yes", &digest])
    }

    /// The path of a member's secret key.
    pub fn key_of(&self, member: &str) -> String {
        self.sandbox.path(&format!("{member}.key")).display().to_string()
    }

    /// Commits everything with stock git.
    pub fn commit(&self, message: &str) {
        self.sandbox.git("pack", &["add", "-A"]);
        self.sandbox.git("pack", &["commit", "-q", "-m", message]);
    }

    /// Tags HEAD as a member.
    ///
    /// # Panics
    /// When it fails.
    pub fn tag(&self, member: &str) {
        let head = self.head();
        let key = self.key_of(member);
        self.run(&["tag", "--as", member, "--key", &key, "--yes", &head]).ends(0);
    }

    /// The commit HEAD is at.
    pub fn head(&self) -> String {
        self.sandbox.git("pack", &["rev-parse", "HEAD"]).stdout.trim().to_owned()
    }

    /// Drafts a complete bulletin and returns its path.
    ///
    /// # Panics
    /// When it fails.
    pub fn draft(&self) -> String {
        self.sandbox.write("facts.toml", FACTS);
        let facts = self.sandbox.path("facts.toml").display().to_string();
        let drafted = self.run(&["bulletin", "new", "--facts", &facts]).ends(0);
        drafted.stdout.trim().trim_start_matches("drafted: ").to_owned()
    }

    /// A bulletin that ann and ben signed, committed and tagged by ann. Returns its path.
    ///
    /// # Panics
    /// When it fails.
    pub fn released(&self) -> String {
        let path = self.draft();
        self.sign(&path, "ann").ends(0);
        self.sign(&path, "ben").ends(0);
        self.commit("A bulletin");
        self.tag("ann");
        path
    }

    /// Verifies the pack under its anchor, as JSON.
    pub fn verify(&self) -> Run {
        self.run(&["verify", "--anchor", &self.anchor, "--json"])
    }
}

fn key(sandbox: &Sandbox, name: &str, born: &str, more: &[&str]) -> String {
    let user = format!("{name} <{name}@example.org>");
    let (secret, certificate) = (format!("{name}.key"), format!("{name}.asc"));
    let arguments = [
        "keys",
        "generate",
        &user,
        "--secret",
        &secret,
        "--certificate",
        &certificate,
        "--no-passphrase",
        "--now",
        born,
    ];
    let arguments = [&arguments[..], more].concat();
    sandbox.secpack(".", &arguments).ends(0).stdout.trim().to_owned()
}
