//! A real gpg-agent with a home of its own.

use super::{Keys, PASSPHRASE, script};

/// A pinentry that answers with this line and writes down what it is told. Asked to put in another
/// card, it gives up.
pub fn pinentry(keys: &Keys, answer: &str) {
    let log = keys.sandbox.path("pinentry.log").display().to_string();
    let body = format!(
        "echo 'OK ready'\n\
         while read -r command rest; do\n\
           printf '%s %s\\n' \"$command\" \"$rest\" >> {log}\n\
           case $command in\n\
             GETPIN) {answer};;\n\
             CONFIRM) echo 'ERR 83886179 cancelled';;\n\
             BYE) echo OK; exit 0;;\n\
             *) echo OK;;\n\
           esac\n\
         done"
    );
    let program = script(&keys.sandbox, "pinentry", &body);
    keys.sandbox.write("gnupg/gpg-agent.conf", format!("pinentry-program {program}\n"));
    keys.sandbox.run("gpgconf".as_ref(), ".", &["--kill", "gpg-agent"], &[]).ends(0);
}

pub fn told(keys: &Keys) -> String {
    let log = keys.sandbox.path("pinentry.log");
    std::fs::read_to_string(log).unwrap_or_default()
}

#[test]
fn a_primary_key_and_a_subkey_sign_and_tag() {
    let keys = Keys::new();
    let path = keys.draft();
    for member in ["ann", "ben"] {
        let run = keys.signs(&path, member, &["--with", "agent"]).ends(0);
        assert!(run.stdout.contains(&format!("signed: {path}.sig.{member}")), "{}", run.stdout);
        keys.gpg_accepts(&path, member);
    }
    keys.commit("A bulletin");
    let head = keys.head();
    for member in ["ann", "ben"] {
        keys.run(&["tag", "--as", member, "--with", "agent", "--yes", &head]).ends(0);
        keys.sandbox.git("pack", &["tag", "-v", &format!("{member}_sec_{}", &head[..8])]);
    }
}

#[test]
fn a_pinentry_asks_once_and_says_what_is_signed() {
    let keys = Keys::new();
    pinentry(&keys, &format!("echo 'D {PASSPHRASE}'; echo OK"));
    let path = keys.draft();
    keys.signs(&path, "carol", &["--with", "agent"]).ends(0);
    keys.gpg_accepts(&path, "carol");
    let told = told(&keys);
    assert_eq!(told.matches("GETPIN").count(), 1, "{told}");
    let description = told.lines().find(|line| line.starts_with("SETDESC ")).unwrap_or_default();
    assert!(description.contains("SB-001 as carol"), "{description}");
    assert!(description.contains(&keys.digest(&path, "ann")[..4]), "{description}");
}

#[test]
fn a_pinentry_that_is_cancelled_or_mistyped_signs_nothing() {
    for answer in ["echo 'ERR 83886179 cancelled'", "echo 'D wrong'; echo OK"] {
        let keys = Keys::new();
        pinentry(&keys, answer);
        let path = keys.draft();
        let before = keys.sandbox.contents("pack");
        let run = keys.signs(&path, "carol", &["--with", "agent"]).ends(2);
        assert!(run.stderr.contains("error: signing with "), "{}", run.stderr);
        assert!(told(&keys).contains("GETPIN"));
        assert_eq!(before, keys.sandbox.contents("pack"));
    }
}

#[test]
fn an_agent_without_the_key_is_told_from_a_dead_key() {
    let keys = Keys::new();
    let path = keys.draft();
    let ann = keys.fingerprint("ann");
    keys.sandbox.gpg(".", &["--yes", "--delete-secret-keys", &ann]).ends(0);
    let before = keys.sandbox.contents("pack");
    let run = keys.signs(&path, "ann", &["--with", "agent"]).ends(2);
    assert!(
        run.stderr.contains(&format!("gpg-agent has no secret key of {ann}")),
        "{}",
        run.stderr
    );
    let other = keys.fingerprint("ben");
    let bens = ["--with", "agent", "--local-user", &other];
    let run = keys.signs(&path, "ann", &bens).ends(1);
    assert!(run.stderr.contains("is not one of ann's"), "{}", run.stderr);
    assert_eq!(before, keys.sandbox.contents("pack"));
}
