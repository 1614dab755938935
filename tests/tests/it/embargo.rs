//! Drafts under embargo: sealed, opened, lifted; refused, guarded, announced.

mod guard;
mod hooks;
mod marker;
mod plugins;
mod refused;
mod release;
mod stock;

use secpack_tests::{Run, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// When the embargo of these tests ends: six days after their now.
const UNTIL: &str = "2026-03-10T12:00:00Z";
/// The title of the draft.
const TITLE: &str = "Zanzibar leaks records of the quiet parser";
/// A sentence of the draft that stands nowhere else.
const MARKER: &str = "The xylophone counter wraps when nine walruses send one record at once.";

/// A team whose policy names readers of drafts, and a draft outside of the pack.
struct Secret {
    team: Team,
}

/// What stands in the policy beside everything that `init` writes.
fn policy(keys: &[(&str, &str)]) -> String {
    let readers: String = keys
        .iter()
        .map(|(name, key)| format!("\n[[recipient]]\nname = \"{name}\"\nkey = \"{key}\"\n"))
        .collect();
    let tracks = "\n[[track]]\nid = \"private\"\nannounce_from = 7\nannounce_until = 3\n\
        says = [\"date\", \"severity\"]\n\n[[track]]\nid = \"silent\"\n";
    format!("\n[embargo]\nfolder = \"embargo\"\n{readers}{tracks}")
}

/// An age identity file and its public key.
fn identity(team: &Team, name: &str) -> String {
    use age::secrecy::ExposeSecret;
    let identity = age::x25519::Identity::generate();
    let file = format!("# {name}\n{}\n", identity.to_string().expose_secret());
    team.sandbox.write(&format!("{name}.age-key"), file);
    identity.to_public().to_string()
}

impl Secret {
    fn new() -> Self {
        let team = Team::new(PROGRAM);
        let ann = identity(&team, "ann");
        let ben = identity(&team, "ben");
        identity(&team, "eve");
        let secret = Self { team };
        secret.set_readers(&[("ann", &ann), ("ben", &ben)]);
        secret.write_draft(MARKER);
        secret
    }

    /// A new version of the policy with these readers, signed and committed.
    fn set_readers(&self, keys: &[(&str, &str)]) {
        let old = String::from_utf8(self.team.sandbox.read("pack/secpack.toml")).expect("UTF-8");
        let base = old.split("\n[embargo]").next().expect("a policy");
        let version = |text: &str| {
            let line = text.lines().find(|l| l.starts_with("version = ")).expect("a version");
            let number: u32 = line["version = ".len()..].parse().expect("a number");
            text.replacen(line, &format!("version = {}", number + 1), 1)
        };
        self.team.sandbox.write("pack/secpack.toml", version(base) + &policy(keys));
        for member in ["ann", "ben"] {
            self.team.sign("secpack.toml", member).ends(0);
        }
        self.team.commit("A new version of the policy");
    }

    /// The public key in an identity file.
    fn key_of(&self, name: &str) -> String {
        let text = String::from_utf8(self.team.sandbox.read(&format!("{name}.age-key")));
        let text = text.expect("UTF-8");
        let line = text.lines().find(|line| line.starts_with("AGE-")).expect("an identity");
        let identity: age::x25519::Identity = line.parse().expect("an identity");
        identity.to_public().to_string()
    }

    /// A complete draft with this sentence in it, and its facts.
    fn write_draft(&self, sentence: &str) {
        let facts = format!(
            "title = \"{TITLE}\"\ndate = 2026-03-10\nsummary = \"{sentence}\"\n\
             user_action = \"Install the packages below and restart the quiet parser.\"\n\
             impact = \"Whoever sends walruses reads memory of the quiet parser.\"\n\
             affected = \"All releases that ship the quiet parser.\"\n\
             patching = \"Restart the quiet parser afterwards.\"\n\
             credits = [\"Found by the example team.\"]\n\n\
             [[packages]]\nrelease = \"Example 1.0\"\nplace = \"the main repository\"\n\
             name = \"parser\"\nversion = \"9.8.7-6\"\n\n\
             [[advisories]]\nid = \"EXA-77\"\ntitle = \"walruses overflow\"\n\
             url = \"https://example.org/exa-77\"\ntext = \"A walrus is not checked.\"\n"
        );
        self.team.sandbox.write("draft/facts.toml", facts);
        // Drafted in a pack of its own, so that the pack under test never sees it.
        let policy = self.team.sandbox.read("pack/secpack.toml");
        self.team.sandbox.write("scratch/secpack.toml", policy);
        self.team.sandbox.git("scratch", &["init", "-q"]);
        let facts = self.at("draft/facts.toml");
        let new =
            ["--now", secpack_tests::NOW, "bulletin", "new", "--facts", &facts, "--number", "2"];
        let drafted = self.team.sandbox.secpack("scratch", &new).ends(0);
        let path = drafted.stdout.trim().trim_start_matches("drafted: ").to_owned();
        let text = self.team.sandbox.read(&format!("scratch/{path}"));
        self.team.sandbox.write("draft/sb-002-2026.txt", text);
        std::fs::remove_dir_all(self.team.sandbox.path("scratch")).expect("removed");
    }

    fn at(&self, inside: &str) -> String {
        self.team.sandbox.path(inside).display().to_string()
    }

    /// `secpack embargo` with the identity of one of them.
    fn embargo(&self, command: &str, sealed: &str, as_whom: &str, more: &[&str]) -> Run {
        let key = self.at(&format!("{as_whom}.age-key"));
        let arguments = [&["embargo", command, sealed, "--identity", &key][..], more].concat();
        self.team.run(&arguments)
    }

    /// Ann seals the draft. Returns the path of the sealed file in the pack.
    fn seal_with(&self, more: &[&str]) -> Run {
        let (draft, facts) = (self.at("draft/sb-002-2026.txt"), self.at("draft/facts.toml"));
        let key = self.team.key_of("ann");
        let seal = ["embargo", "seal", &draft, "--facts", &facts, "--until", UNTIL];
        let signer = ["--as", "ann", "--key", &key];
        self.team.run(&[&seal[..], &signer[..], more].concat())
    }

    fn seal(&self) -> String {
        let run = self.seal_with(&[]).ends(0);
        sealed_in(&run)
    }

    fn guard(&self, more: &[&str]) -> Run {
        let key = self.at("ben.age-key");
        self.team.run(&[&["embargo", "guard", "--identity", &key][..], more].concat())
    }
}

/// The path that `seal` prints.
fn sealed_in(run: &Run) -> String {
    let line = run.stdout.lines().find_map(|line| line.strip_prefix("sealed: "));
    line.unwrap_or_else(|| panic!("{}", run.stdout)).to_owned()
}

#[test]
fn each_reader_opens_what_was_sealed_and_it_is_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let secret = Secret::new();
    let sealed = secret.seal();
    // The name is random digits; in them "002" stands by chance once in some hundred names.
    let name = sealed.rsplit('/').next().and_then(|name| name.strip_suffix(".age"));
    let name = name.expect("a name");
    assert!(name.len() == 16 && name.chars().all(|c| "0123456789abcdef".contains(c)), "{name}");
    assert_ne!(sealed, secret.seal(), "the same draft has another name");
    for reader in ["ann", "ben"] {
        let out = secret.at(&format!("opened-{reader}"));
        let run = secret.embargo("open", &sealed, reader, &["--out", &out]).ends(0);
        assert!(run.stdout.ends_with("sb-002-2026.txt\n"), "{}", run.stdout);
        for file in ["sb-002-2026.txt", "facts.toml"] {
            let opened = secret.team.sandbox.read(&format!("opened-{reader}/{file}"));
            assert_eq!(opened, secret.team.sandbox.read(&format!("draft/{file}")));
            let path = format!("{out}/{file}");
            let mode = std::fs::metadata(path).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let mode = std::fs::metadata(&out).expect("a folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

#[test]
fn sizes_tell_nothing() {
    let secret = Secret::new();
    let small = std::fs::metadata(secret.seal()).expect("a file").len();
    secret.write_draft(&format!("{MARKER} {}", "It is longer than before. ".repeat(40)));
    let large = std::fs::metadata(secret.seal()).expect("a file").len();
    // The stanza that nobody opens has a random length of a few dozen bytes.
    assert!(small.abs_diff(large) < 600, "{small} {large}");
}

#[test]
fn a_draft_is_lifted_at_the_date_and_not_before() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let before = secret.team.sandbox.contents(".");
    let early = secret.embargo("lift", &sealed, "ann", &["--as", "ann"]).ends(1);
    assert!(early.stderr.contains("until 2026-03-10 12:00 UTC"), "{}", early.stderr);
    let look = format!("hint: secpack embargo guard --identity {}", secret.at("ann.age-key"));
    assert!(early.stderr.contains(&look), "{}", early.stderr);
    assert_eq!(before, secret.team.sandbox.contents("."));
    let identity = secret.at("ann.age-key");
    let lift = ["embargo", "lift", &sealed, "--identity", &identity, "--as", "ann"];
    let at = [&lift[..], &["--now", UNTIL]].concat();
    let lifted = secret.team.sandbox.secpack("pack", &at).ends(0);
    assert!(lifted.stdout.contains("lifted: bulletins/sb-002-2026.txt"), "{}", lifted.stdout);
    assert_eq!(
        secret.team.sandbox.read("pack/bulletins/sb-002-2026.txt"),
        secret.team.sandbox.read("draft/sb-002-2026.txt")
    );
    secret.team.sandbox.secpack("pack", &at).ends(0);
    secret.team.sandbox.write("pack/bulletins/sb-002-2026.txt", "another text\n");
    let before = secret.team.sandbox.contents(".");
    secret.team.sandbox.secpack("pack", &at).ends(2);
    assert_eq!(before, secret.team.sandbox.contents("."));
}

#[test]
fn a_lifted_draft_comes_with_the_plan_of_its_release() {
    let secret = Secret::new();
    let sealed = secret.seal();
    secret.team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    let upstream = secret.at("upstream.git");
    secret.team.sandbox.git("pack", &["remote", "add", "origin", &upstream]);
    secret.team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    let remote = secret.team.sandbox.contents("upstream.git");
    let identity = secret.at("ann.age-key");
    let lift = ["embargo", "lift", &sealed, "--identity", &identity, "--as", "ann", "--now", UNTIL];
    let lifted = secret.team.sandbox.secpack("pack", &lift).ends(0);
    assert!(lifted.stdout.contains("waiting"), "{}", lifted.stdout);
    assert!(lifted.stdout.contains("secpack sign bulletins/sb-002-2026.txt --as ben"));
    assert_eq!(remote, secret.team.sandbox.contents("upstream.git"));
}

#[test]
fn a_change_of_readers_is_sealed_again_and_old_copies_are_named() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let (ann, eve) = (secret.key_of("ann"), secret.key_of("eve"));
    secret.set_readers(&[("ann", &ann), ("eve", &eve)]);
    let before = secret.team.sandbox.contents(".");
    let out = secret.at("opened");
    let refused = secret.embargo("open", &sealed, "ann", &["--out", &out]).ends(1);
    assert!(refused.stderr.contains("eve cannot read it"), "{}", refused.stderr);
    assert!(refused.stderr.contains("secpack embargo reseal"), "{}", refused.stderr);
    assert_eq!(before, secret.team.sandbox.contents("."));
    let key = secret.team.key_of("ann");
    let again = secret.embargo("reseal", &sealed, "ann", &["--as", "ann", "--key", &key]).ends(0);
    assert!(again.stderr.contains("old copies"), "{}", again.stderr);
    secret.embargo("open", &sealed, "eve", &["--out", &out]).ends(0);
    let gone = secret.at("gone");
    let ben = secret.embargo("open", &sealed, "ben", &["--out", &gone]).ends(1);
    assert!(ben.stderr.contains("none of the identities"), "{}", ben.stderr);
}

#[test]
fn a_number_under_embargo_is_not_given_twice() {
    let secret = Secret::new();
    secret.team.released();
    secret.seal();
    let new = |more: &[&str]| {
        let arguments = [&["bulletin", "new", "--title", "Another issue"][..], more].concat();
        secret.team.run(&arguments)
    };
    let key = secret.at("ann.age-key");
    let taken = new(&["--number", "2", "--identity", &key]).ends(1);
    assert!(taken.stderr.contains("number 2 of bulletin is taken"), "{}", taken.stderr);
    let next = new(&["--identity", &key]).ends(0);
    assert!(next.stdout.contains("sb-003-2026.txt"), "{}", next.stdout);
}

/// A branch of a signing event is there to be pushed.
#[test]
fn a_draft_under_embargo_gets_no_branch() {
    let secret = Secret::new();
    secret.seal();
    secret.team.commit("Sealed");
    let text = secret.team.sandbox.read("draft/sb-002-2026.txt");
    secret.team.sandbox.write("pack/bulletins/sb-002-2026.txt", text);
    let refs = || secret.team.sandbox.git("pack", &["for-each-ref"]).stdout;
    let before = refs();
    let key = secret.at("ben.age-key");
    let open = ["event", "open", "SB-002"];
    let blind = secret.team.run(&open).ends(1);
    assert!(blind.stderr.contains("--identity FILE"), "{}", blind.stderr);
    let run = secret.team.run(&[&open[..], &["--identity", &key]].concat()).ends(1);
    assert!(run.stderr.contains("is under embargo until"), "{}", run.stderr);
    // The same words under another number are no better.
    let renamed = secret.at("pack/bulletins/sb-002-2026.txt");
    std::fs::rename(&renamed, renamed.replace("sb-002", "sb-003")).expect("renamed");
    let run = secret.team.run(&["event", "open", "SB-003", "--identity", &key]).ends(1);
    assert!(run.stderr.contains("sb-003-2026.txt: "), "{}", run.stderr);
    assert_eq!(refs(), before);
    // A text that tells nothing of it does get one.
    secret.team.run(&["canary", "new"]).ends(0);
    secret.team.run(&["event", "open", "canary-1", "--identity", &key]).ends(0);
    assert_ne!(refs(), before);
}

#[test]
fn an_announcement_says_what_the_track_allows() {
    let secret = Secret::new();
    let private = sealed_in(&secret.seal_with(&["--track", "private"]).ends(0));
    let said = secret.embargo("announce", &private, "ben", &["--severity", "high"]).ends(0);
    assert!(said.stdout.contains("2026-03-10"), "{}", said.stdout);
    assert!(said.stdout.contains("Severity: high"), "{}", said.stdout);
    assert!(!said.stdout.contains("parser"), "{}", said.stdout);
    let word = secret.embargo("announce", &private, "ben", &["--severity", "Zanzibar leaks"]);
    assert!(word.ends(1).stderr.contains("one word"));
    let silent = sealed_in(&secret.seal_with(&["--track", "silent"]).ends(0));
    let run = secret.embargo("announce", &silent, "ben", &[]).ends(1);
    assert!(run.stderr.contains("nothing is said"), "{}", run.stderr);
    let none = secret.seal();
    secret.embargo("announce", &none, "ben", &[]).ends(1);
}
