//! Packs of other layouts, written with our own keys, stock gpg and stock git.

use super::{PROGRAM, infer, numbers, rules, series, tables, verify};
use secpack_tests::Sandbox;

/// An empty repository `pack` and a gpg home.
fn pack() -> Sandbox {
    let sandbox = Sandbox::new(PROGRAM);
    sandbox.git(".", &["init", "-q", "-b", "main", "pack"]);
    sandbox
}

/// A key of our own in the gpg home, its certificate in `NAME.asc`. Returns the fingerprint.
fn key(sandbox: &Sandbox, name: &str) -> String {
    let user = format!("{name} <{name}@example.org>");
    let (secret, certificate) = (format!("{name}.key"), format!("{name}.asc"));
    let run = sandbox.secpack(
        ".",
        &[
            "keys",
            "generate",
            &user,
            "--secret",
            &secret,
            "--certificate",
            &certificate,
            "--no-passphrase",
        ],
    );
    sandbox.gpg(".", &["--import", &secret]).ends(0);
    run.ends(0).stdout.trim().to_owned()
}

/// A key of stock gpg that only certifies, with a subkey that signs. Returns the fingerprint.
fn key_with_subkey(sandbox: &Sandbox, name: &str) -> String {
    let user = format!("{name} <{name}@example.org>");
    let generate = ["--passphrase", "", "--quick-generate-key", &user, "ed25519", "cert", "never"];
    sandbox.gpg(".", &generate).ends(0);
    let listed = sandbox.gpg(".", &["--with-colons", "--list-keys", &user]).ends(0).stdout;
    let line = listed.lines().find(|line| line.starts_with("fpr:")).expect("a fingerprint");
    let fingerprint = line.split(':').nth(9).expect("a field").to_owned();
    let add = ["--passphrase", "", "--quick-add-key", &fingerprint, "ed25519", "sign", "never"];
    sandbox.gpg(".", &add).ends(0);
    let certificate = format!("{name}.asc");
    sandbox.gpg(".", &["--armor", "--output", &certificate, "--export", &fingerprint]).ends(0);
    fingerprint
}

fn copy(sandbox: &Sandbox, from: &str, to: &str) {
    sandbox.write(to, sandbox.read(from));
}

/// Signs a file of the pack with stock gpg.
fn sign(sandbox: &Sandbox, signer: &str, file: &str, suffix: &str) {
    let out = format!("{file}{suffix}");
    let user = format!("<{signer}@example.org>");
    let arguments = ["--armor", "--local-user", &user, "--output", &out, "--detach-sign", file];
    sandbox.gpg("pack", &arguments).ends(0);
}

/// Writes a file of the pack with the signature inside.
fn clearsign(sandbox: &Sandbox, signer: &str, file: &str, text: &str) {
    sandbox.write("plain", text);
    let plain = sandbox.path("plain").display().to_string();
    std::fs::create_dir_all(sandbox.path("pack").join(file).parent().expect("a parent"))
        .expect("a folder");
    let user = format!("<{signer}@example.org>");
    let arguments = ["--local-user", &user, "--output", file, "--clear-sign", &plain];
    sandbox.gpg("pack", &arguments).ends(0);
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git("pack", &["add", "-A"]);
    sandbox.git("pack", &["commit", "-q", "-m", message]);
}

/// A commit signed with stock git.
fn signed_commit(sandbox: &Sandbox, signer: &str, message: &str) {
    sandbox.git("pack", &["add", "-A"]);
    let key = format!("user.signingkey={signer}@example.org");
    sandbox.git("pack", &["-c", &key, "commit", "-q", "-S", "-m", message]);
}

/// A tag of HEAD by stock git: `PREFIX` and the first digits of the commit.
fn tag(sandbox: &Sandbox, signer: &str, prefix: &str, digits: usize) {
    let head = sandbox.git("pack", &["rev-parse", "HEAD"]).stdout;
    let (head, key) = (head.trim(), format!("user.signingkey={signer}@example.org"));
    let (name, message) =
        (format!("{prefix}{}", &head[..digits]), format!("Tag for commit {head}"));
    sandbox.git("pack", &["-c", &key, "tag", "-s", "-m", &message, &name]);
}

fn bulletin(number: u32, year: u32) -> String {
    format!(
        "\n     ---===[ Dome Security Bulletin {number:03} ]===---\n\n          {year}-02-03\n\n     \
         A title\n\nSummary\n--------\n\nWords.\n\nImpact\n-------\n\nMore words.\n"
    )
}

fn canary(what: &str, number: u32, date: &str, count: u32, next: &str, root: &str) -> String {
    format!(
        "\n     ---===[ {what} Canary {number:03} ]===---\n\n\nStatements\n-----------\n\n1. The date of \
         issue of this canary is {date}.\n\n2. There have been {count} security bulletins so far.\n\n\
         3. The fingerprint of the master key is:\n\n       {root}\n\n4. No warrants have been served.\n\n\
         5. The next canary comes in the first two weeks of {next}.\n"
    )
}

/// Changing one byte of each of these files, one at a time, is found.
fn every_change_is_found(sandbox: &Sandbox, files: &[&str]) {
    for file in files {
        let place = format!("pack/{file}");
        let bytes = sandbox.read(&place);
        let mut changed = bytes.clone();
        let at = changed.len() / 3;
        changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
        sandbox.write(&place, changed);
        assert!(!rules(&verify(sandbox).ends(1)).is_empty(), "{file}");
        sandbox.write(&place, bytes);
    }
    verify(sandbox).ends(0);
}

/// A signature by a key from nowhere is found.
fn a_forgery_is_found(sandbox: &Sandbox, file: &str, suffix: &str) {
    key(sandbox, "mallory");
    sign(sandbox, "mallory", file, suffix);
    assert_eq!(rules(&verify(sandbox).ends(1)), ["unknown-key"]);
    std::fs::remove_file(sandbox.path(&format!("pack/{file}{suffix}"))).expect("removed");
}

/// A tag under another name is found.
fn a_renamed_tag_is_found(sandbox: &Sandbox, name: &str) {
    let first = sandbox.git("pack", &["tag", "--list"]).stdout;
    let object = sandbox.git("pack", &["rev-parse", first.lines().next().expect("a tag")]).stdout;
    sandbox.git("pack", &["update-ref", &format!("refs/tags/{name}"), object.trim()]);
    assert_eq!(rules(&verify(sandbox).ends(1)), ["name-mismatch"]);
    sandbox.git("pack", &["tag", "-d", name]);
}

/// Two members whose keys a master key certifies; one has a hyphen in the name, and left early.
fn several_canary_folders() -> Sandbox {
    let sandbox = pack();
    let root = key(&sandbox, "master");
    copy(&sandbox, "master.asc", "pack/keys/owner/dome-master.asc");
    for member in ["jean-luc", "mia"] {
        key(&sandbox, member);
        let (from, out) = (format!("{member}.asc"), format!("pack/keys/team/{member}.asc"));
        std::fs::create_dir_all(sandbox.path("pack/keys/team")).expect("a folder");
        let certify = ["keys", "certify", &from, "--key", "master.key", "--out", &out];
        sandbox.secpack(".", &certify).ends(0);
    }
    sandbox.write("pack/DSBs/dsb-template.txt", "words\n");
    sandbox.write("pack/README.md", "words\n");
    for number in 1..=3 {
        let year = 2017 + number;
        let file = format!("DSBs/dsb-{number:03}-{year}.txt");
        sandbox.write(&format!("pack/{file}"), bulletin(number, year));
        sign(&sandbox, "mia", &file, ".asc.mia");
        if number < 3 {
            sign(&sandbox, "jean-luc", &file, ".asc.jean-luc");
        }
        for (folder, what) in [("alpha", "Alpha"), ("beta", "Beta")] {
            let file = format!("canaries/{folder}/canary-{number:03}-{year}.txt");
            let (date, next) = (format!("March 2, {year}"), format!("March {}", year + 1));
            sandbox
                .write(&format!("pack/{file}"), canary(what, number, &date, number, &next, &root));
            sign(&sandbox, "mia", &file, ".asc.mia");
        }
        commit(&sandbox, "Documents");
        tag(&sandbox, "mia", "mia_sec_", 12);
        if number < 3 {
            tag(&sandbox, "jean-luc", "jean-luc_sec_", 12);
        }
    }
    sandbox
}

#[test]
fn several_canary_folders_and_a_hyphenated_member() {
    let sandbox = several_canary_folders();
    let policy = infer(&sandbox);
    assert_eq!(numbers(&policy, "jean-luc", "bulletin").as_deref(), Some("1-2"));
    assert_eq!(numbers(&policy, "mia", "bulletin").as_deref(), Some("all"));
    let expected = [
        ("bulletin", "bulletin", "DSBs/dsb-{number:3}-{year}.txt"),
        ("canary-alpha", "canary", "canaries/alpha/canary-{number:3}-{year}.txt"),
        ("canary-beta", "canary", "canaries/beta/canary-{number:3}-{year}.txt"),
    ];
    for (id, kind, path) in expected {
        let asc = "{document}.asc.{member}";
        let found = series(&policy, id);
        assert_eq!((found.0.as_str(), found.1.as_str(), found.2.as_str()), (kind, path, asc));
    }
    for line in [
        "patterns = [\"{member}_sec_{commit:12}\"]",
        "message = \"Tag for commit {commit}\"",
        "head = 1",
        "unsigned = [\"DSBs/dsb-template.txt\"]",
        "certified_by = \"master\"",
        "window = \"first two weeks\"",
        "every_months = 12",
    ] {
        assert!(policy.contains(line), "{line} is not in\n{policy}");
    }
    assert!(tables(&policy, "accepted").is_empty(), "{policy}");
    verify(&sandbox).ends(0);
    every_change_is_found(
        &sandbox,
        &["DSBs/dsb-002-2019.txt", "canaries/beta/canary-003-2020.txt"],
    );
    a_forgery_is_found(&sandbox, "DSBs/dsb-003-2020.txt", ".asc.jean-luc");
    a_renamed_tag_is_found(&sandbox, "mia_sec_012345678901");
}

/// Clearsigned canaries by quarter; the first signer's key is in history alone.
fn quarters() -> Sandbox {
    let sandbox = pack();
    let keys = ["dana", "eli"].map(|name| key_with_subkey(&sandbox, name));
    for member in ["dana", "eli"] {
        copy(&sandbox, &format!("{member}.asc"), &format!("pack/keys/{member}.asc"));
    }
    let quarters = [(5, 2020, 4), (6, 2021, 1), (7, 2021, 2), (8, 2021, 3)];
    for (number, year, quarter) in quarters {
        let signer = if number < 7 { "dana" } else { "eli" };
        let file = format!("canaries/canary-{number:03}-{year}-q{quarter}.txt");
        let (date, root) = (format!("{} 2, {year}", month(quarter)), &keys[1]);
        let text = canary("Fern", number, &date, 0, &format!("May {}", year + 1), root);
        clearsign(&sandbox, signer, &file, &text);
        commit(&sandbox, "A canary");
        tag(&sandbox, signer, &format!("{signer}_"), 7);
    }
    sandbox.git("pack", &["rm", "-q", "keys/dana.asc"]);
    commit(&sandbox, "Dana left");
    tag(&sandbox, "eli", "eli_", 7);
    sandbox
}

fn month(quarter: u32) -> &'static str {
    ["February", "May", "August", "November"][quarter as usize - 1]
}

#[test]
fn clearsigned_quarters_by_subkeys() {
    let sandbox = quarters();
    let policy = infer(&sandbox);
    let found = series(&policy, "canary");
    let path = "canaries/canary-{number:3}-{year}-q{quarter}.txt";
    assert_eq!(
        (found.0.as_str(), found.1.as_str(), found.3.as_str()),
        ("canary", path, "clearsigned")
    );
    assert_eq!(numbers(&policy, "dana", "canary").as_deref(), Some("5-6"));
    assert_eq!(numbers(&policy, "eli", "canary").as_deref(), Some("7-"));
    assert!(policy.contains("patterns = [\"{member}_{commit:7}\"]"), "{policy}");
    assert!(policy.contains("heading = \"---===[ Fern Canary {number:3} ]===---\""), "{policy}");
    assert!(tables(&policy, "accepted").is_empty(), "{policy}");
    verify(&sandbox).ends(0);
    every_change_is_found(
        &sandbox,
        &["canaries/canary-005-2020-q4.txt", "canaries/canary-008-2021-q3.txt"],
    );
    a_renamed_tag_is_found(&sandbox, "eli_0123456");
}

/// Statements with signatures, no tags, signed commits.
fn signed_commits() -> Sandbox {
    let sandbox = pack();
    key(&sandbox, "noa");
    copy(&sandbox, "noa.asc", "pack/keys/noa.asc");
    for file in ["about.txt", "address.txt"] {
        let file = format!("statements/{file}");
        sandbox.write(&format!("pack/{file}"), format!("The {file} of us.\n"));
        sign(&sandbox, "noa", &file, ".sig.noa");
        signed_commit(&sandbox, "noa", "A statement");
    }
    sandbox
}

#[test]
fn signed_commits_instead_of_tags() {
    let sandbox = signed_commits();
    let policy = infer(&sandbox);
    assert!(policy.contains("commit_signatures = \"required\""), "{policy}");
    assert!(policy.contains("head = 0"), "{policy}");
    let found = series(&policy, "statements");
    assert_eq!((found.0.as_str(), found.1.as_str()), ("statement", "statements/{name}.txt"));
    assert_eq!(numbers(&policy, "noa", "tag").as_deref(), Some("all"));
    let report = verify(&sandbox).ends(0).json();
    assert_eq!(report["head"]["signature"]["verdict"], "good");
    assert_eq!(report["head"]["signature"]["member"], "noa");
    every_change_is_found(&sandbox, &["statements/about.txt", "statements/address.txt.sig.noa"]);
    a_forgery_is_found(&sandbox, "statements/about.txt", ".sig.mallory");
    sandbox.git("pack", &["commit", "-q", "--allow-empty", "-m", "Nobody signed this"]);
    assert_eq!(rules(&verify(&sandbox).ends(1)), ["missing"]);
    sandbox.git("pack", &["reset", "-q", "--hard", "HEAD~1"]);
    signed_commit_by_a_stranger(&sandbox);
}

fn signed_commit_by_a_stranger(sandbox: &Sandbox) {
    sandbox.write("pack/more.txt", "more\n");
    signed_commit(sandbox, "mallory", "Somebody else signed this");
    assert_eq!(rules(&verify(sandbox).ends(1)), ["unknown-key"]);
}

#[test]
fn nothing_but_signed_commits() {
    let sandbox = pack();
    key(&sandbox, "noa");
    copy(&sandbox, "noa.asc", "pack/noa.asc");
    sandbox.write("pack/charter.txt", "words\n");
    signed_commit(&sandbox, "noa", "A charter");
    let policy = infer(&sandbox);
    assert!(policy.contains("series = []"), "{policy}");
    verify(&sandbox).ends(0);
    sandbox.write("pack/charter.txt", "other words\n");
    commit(&sandbox, "Not signed");
    assert_eq!(rules(&verify(&sandbox).ends(1)), ["missing"]);
}

#[test]
fn clearsigned_files_that_are_named_like_signatures() {
    let sandbox = pack();
    for member in ["ann", "ben"] {
        key(&sandbox, member);
        copy(&sandbox, &format!("{member}.asc"), &format!("pack/keys/{member}.asc"));
    }
    for number in 1..=2 {
        let text = canary("Oak", number, "March 2, 2019", 0, "March 2020", "");
        let file = format!("canaries/canary-{number:03}-2019.txt");
        sandbox.write(&format!("pack/{file}"), &text);
        clearsign(&sandbox, "ann", &format!("{file}.sig.ann"), &text);
        clearsign(&sandbox, "ben", &format!("{file}.sig.ben"), &text);
        commit(&sandbox, "A canary");
        tag(&sandbox, "ann", "ann_sec_", 8);
    }
    let policy = infer(&sandbox);
    for member in ["ann", "ben"] {
        // No signature stands beside the document, so each member's copy is a document of its own.
        let found = series(&policy, &format!("canary-{member}"));
        let path = format!("canaries/canary-{{number:3}}-{{year}}.txt.sig.{member}");
        assert_eq!((found.1, found.3.as_str()), (path, "clearsigned"));
    }
    verify(&sandbox).ends(0);
    every_change_is_found(&sandbox, &["canaries/canary-001-2019.txt.sig.ben"]);
}

#[test]
fn nothing_out_of_the_pack_reaches_the_policy_raw() {
    let sandbox = pack();
    key(&sandbox, "ann");
    copy(&sandbox, "ann.asc", "pack/keys/ann.asc");
    let file = "notes/a\"] \u{202e}{number:3}.txt";
    sandbox.write(&format!("pack/{file}"), "\u{1b}[2J\n[[accepted]]\n");
    sandbox.write("pack/notes/plain.txt", "words\n");
    for file in [file, "notes/plain.txt"] {
        sign(&sandbox, "ann", file, ".sig.ann");
    }
    commit(&sandbox, "\u{1b}[2J");
    tag(&sandbox, "ann", "ann_sec_", 8);
    let policy = infer(&sandbox);
    assert!(!policy.contains(['\u{202e}', '\u{1b}']), "{policy}");
    verify(&sandbox).ends(0);
}
