//! A sentence of a draft and a passphrase are searched for everywhere after all has been done.

use super::{MARKER, Secret};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");
const PASSPHRASE: &str = "correct-zebra-battery-quagga";
/// A work factor that keeps the program busy for a moment, in which it is looked at.
const WORK: u8 = 14;

/// Processes that run the program under test in this sandbox.
fn running(secret: &Secret) -> Vec<PathBuf> {
    let here = secret.at("");
    let entries = std::fs::read_dir("/proc").expect("a Linux system").flatten();
    let ours = |path: &Path| {
        let arguments = std::fs::read(path.join("cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&arguments).into_owned();
        text.starts_with(PROGRAM) && text.contains(&here)
    };
    entries.map(|entry| entry.path()).filter(|path| ours(path)).collect()
}

/// What others can read of a running program: arguments, and environment where they may.
fn seen_of(process: &Path) -> String {
    ["cmdline", "environ", "limits", "status"]
        .iter()
        .map(|name| std::fs::read(process.join(name)).unwrap_or_default())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned() + "\n")
        .collect()
}

/// Starts a command on a terminal of its own and waits until it asks for the passphrase.
fn at_prompt(secret: &Secret, command: &str) -> (Child, String) {
    let mut script = Command::new("script");
    script.args(["-qefc", command, "/dev/null"]).current_dir(secret.team.sandbox.path("pack"));
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    script.env("HOME", secret.at("home")).env("TMPDIR", secret.at("tmp")).env("TERM", "dumb");
    let mut child = script.spawn().expect("script of util-linux");
    let mut said = String::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    while !said.contains("Passphrase for") {
        let mut byte = [0; 1];
        let read = stdout.read(&mut byte).expect("readable");
        assert!(read > 0, "it ended without asking: {said}");
        said.push(char::from(byte[0]));
    }
    (child, said)
}

fn lock_identity(secret: &Secret) {
    let plain = secret.team.sandbox.read("ann.age-key");
    let mut recipient = age::scrypt::Recipient::new(PASSPHRASE.to_owned().into());
    recipient.set_work_factor(WORK);
    let locked = age::encrypt(&recipient, &plain).expect("locked");
    secret.team.sandbox.write("locked.age-key", locked);
}

/// Every file below the sandbox that holds this text, without those that may.
fn holders(secret: &Secret, text: &str, but: &[&str]) -> Vec<PathBuf> {
    let may: BTreeSet<PathBuf> = but.iter().map(|name| secret.team.sandbox.path(name)).collect();
    let files = secret.team.sandbox.contents(".");
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    files
        .into_iter()
        .filter(|(path, bytes)| holds(bytes) && !may.iter().any(|m| path.starts_with(m)))
        .map(|(path, _)| path)
        .collect()
}

fn objects(secret: &Secret) -> String {
    let all = ["cat-file", "--batch-all-objects", "--batch"];
    secret.team.sandbox.git("pack", &all).stdout
}

#[test]
fn draft_and_passphrase_are_found_nowhere() {
    let secret = Secret::new();
    secret.team.sandbox.write("tmp/empty", "");
    lock_identity(&secret);
    let sealed = secret.seal_with(&["--track", "private"]).ends(0);
    let mut said = format!("{}{}", sealed.stdout, sealed.stderr);
    let sealed = super::sealed_in(&sealed);
    secret.team.commit("Something is sealed");

    let (locked, out) = (secret.at("locked.age-key"), secret.at("opened"));
    let open = format!(
        "{PROGRAM} embargo open {sealed} --identity {locked} --out {out} --now {}",
        secpack_tests::NOW
    );
    let (mut child, prompt) = at_prompt(&secret, &open);
    said.push_str(&prompt);
    let processes = running(&secret);
    assert!(!processes.is_empty(), "the program waits for its passphrase");
    let limits = processes.iter().map(|process| seen_of(process)).collect::<String>();
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let core: Vec<&str> = core.expect("a limit").split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "no core files");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(format!("{PASSPHRASE}\n").as_bytes()).expect("typed");
    while child.try_wait().expect("a child").is_none() {
        running(&secret).iter().for_each(|process| said.push_str(&seen_of(process)));
    }
    drop(stdin);
    child.stdout.take().expect("a pipe").read_to_string(&mut said).expect("UTF-8");
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("UTF-8");
    assert!(secret.team.sandbox.path("opened/sb-002-2026.txt").exists(), "{said}");

    let key = secret.team.key_of("ann");
    for (command, more) in [
        ("guard", &["--show"][..]),
        ("lift", &["--as", "ann"]),
        ("announce", &[]),
        ("reseal", &["--as", "ann", "--key", &key]),
    ] {
        let identity = secret.at("ben.age-key");
        let operand: &[&str] = if command == "guard" { &[] } else { &[&sealed] };
        let start = [&["embargo", command][..], operand, &["--identity", &identity]].concat();
        let run = secret.team.run(&[&start[..], more].concat());
        said.push_str(&format!("{}{}", run.stdout, run.stderr));
    }
    secret.team.commit("It was sealed again");
    let objects = objects(&secret);
    for marker in [MARKER, "nine walruses", PASSPHRASE] {
        assert!(!said.contains(marker), "{marker} was said:\n{said}");
        assert!(!objects.contains(marker), "{marker} is in an object");
        assert_eq!(holders(&secret, marker, &["draft", "opened"]), Vec::<PathBuf>::new());
    }
    assert_eq!(std::fs::read_dir(secret.at("tmp")).expect("a folder").count(), 1);
}

#[test]
fn a_program_that_is_killed_at_the_prompt_leaves_nothing() {
    let secret = Secret::new();
    secret.team.sandbox.write("tmp/empty", "");
    lock_identity(&secret);
    let sealed = secret.seal();
    let before = secret.team.sandbox.contents(".");
    let (locked, out) = (secret.at("locked.age-key"), secret.at("opened"));
    let open = format!("{PROGRAM} embargo open {sealed} --identity {locked} --out {out}");
    let (mut child, _) = at_prompt(&secret, &open);
    for process in running(&secret) {
        let id = process.file_name().expect("an id").to_string_lossy().into_owned();
        Command::new("kill").args(["-ABRT", &id]).status().expect("kill");
    }
    child.wait().expect("ended");
    assert_eq!(before, secret.team.sandbox.contents("."));
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let secret = Secret::new();
    secret.team.sandbox.write("tmp/empty", "");
    lock_identity(&secret);
    let sealed = secret.seal();
    let before = secret.team.sandbox.contents(".");
    let (locked, out) = (secret.at("locked.age-key"), secret.at("opened"));
    let open = format!("{PROGRAM} embargo open {sealed} --identity {locked} --out {out}");
    let (mut child, _) = at_prompt(&secret, &open);
    child.stdin.as_mut().expect("a pipe").write_all(b"wrong\n").expect("typed");
    let mut said = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut said).expect("UTF-8");
    assert_eq!(child.wait().expect("ended").code(), Some(2), "{said}");
    assert!(said.contains("passphrase does not unlock it"), "{said}");
    assert_eq!(before, secret.team.sandbox.contents("."));
}
