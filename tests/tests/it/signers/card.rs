//! Keys on smartcards: virtual cards with the firmware of real ones, in a reader of their own, behind
//! real pcscd, scdaemon and gpg-agent. What they sign, stock gpg and we accept.

use super::prompts::{asked, document_and_tag, hint};
use super::{Keys, PASSPHRASE, PROGRAM, agent};
use secpack_tests::Run;
use secpack_tests::card::{ADMIN_PIN, PIN, Reader, has_cards};

/// Ann's primary RSA key is on card 1, ben's Ed25519 subkey on card 2, and nowhere else.
struct Cards {
    keys: Keys,
    reader: Reader,
}

impl std::ops::Deref for Cards {
    type Target = Keys;
    fn deref(&self) -> &Keys {
        &self.keys
    }
}

impl Cards {
    fn new() -> Option<Self> {
        if !has_cards() {
            return None;
        }
        let keys = Keys::new();
        let pin = keys.sandbox.path("pin").display().to_string();
        agent::pinentry(&keys, &format!("echo \"D $(cat {pin})\"; echo OK"));
        let mut reader = Reader::plugged_into(&keys.sandbox);
        keys.sandbox.write("pin", ADMIN_PIN);
        for (serial, member, moves) in
            [(1, "ann", "keytocard\ny\n1\nsave\n"), (2, "ben", "key 1\nkeytocard\n1\nsave\n")]
        {
            reader.insert(&keys.sandbox, serial);
            typed(&keys, moves, &format!("--edit-key {}", keys.fingerprint(member)));
        }
        keys.sandbox.write("pin", PIN);
        keys.sandbox.write("pinentry.log", "");
        Some(Self { keys, reader })
    }

    fn insert(&mut self, serial: u32) {
        self.reader.insert(&self.keys.sandbox, serial);
    }

    /// Types what a refusal hints at.
    fn typed_hint(&self, refused: &Run) -> Run {
        let typed = hint(&refused.stderr).replacen("secpack", PROGRAM, 1);
        self.sandbox.run("sh".as_ref(), "pack", &["-c", &typed], &[])
    }

    fn pins_asked(&self) -> usize {
        agent::told(&self.keys).matches("GETPIN").count()
    }
}

/// Stock gpg, with a person's answers to its questions.
fn typed(keys: &Keys, answers: &str, command: &str) -> String {
    keys.sandbox.write("answers", answers);
    let gpg = format!("gpg --command-fd 0 --status-fd 1 --no-tty --expert {command} < answers");
    let run = keys.sandbox.run("sh".as_ref(), ".", &["-c", &gpg], &[]);
    run.ends(0).stdout
}

#[test]
fn cards_sign_documents_and_tags() {
    let Some(mut cards) = Cards::new() else { return };
    let path = cards.draft();
    for (serial, member) in [(1, "ann"), (2, "ben")] {
        cards.insert(serial);
        for document in ["secpack.toml", &path] {
            cards.signs(document, member, &["--with", "agent"]).ends(0);
            cards.gpg_accepts(document, member);
        }
    }
    assert_eq!(cards.pins_asked(), 4, "{}", agent::told(&cards));
    cards.sandbox.write("pin", PASSPHRASE);
    cards.signs("secpack.toml", "carol", &["--with", "agent"]).ends(0);
    cards.signs(&path, "carol", &["--with", "agent"]).ends(0);
    cards.sandbox.write("pin", PIN);
    cards.commit("A bulletin");
    let head = cards.head();
    for (serial, member) in [(1, "ann"), (2, "ben")] {
        cards.insert(serial);
        cards.run(&["tag", "--as", member, "--with", "agent", "--yes", &head]).ends(0);
        cards.sandbox.git("pack", &["tag", "-v", &format!("{member}_sec_{}", &head[..8])]);
    }
    let report = cards.verify().ends(0).json();
    assert_eq!(report["summary"]["signatures"], serde_json::json!({"good": 6}), "{report}");
    assert_eq!(report["summary"]["tags"], serde_json::json!({"good": 2}), "{report}");
}

#[test]
fn a_card_that_asks_each_time_is_the_only_one_who_asks() {
    for with in ["--with agent", "--program gpg"] {
        let Some(mut cards) = Cards::new() else { return };
        cards.insert(1);
        let shown = document_and_tag(&cards, "ann", with, &[&[""], &[""]]);
        assert_eq!((asked(&shown), cards.pins_asked()), (0, 2), "{with}: {shown}");
        assert!(shown.contains("sha-256: "), "{shown}");
    }
}

/// Its PIN once, and our question for each signature: a card that need not ask does not stand for
/// a person.
#[test]
fn a_card_that_remembers_its_pin_is_no_approval() {
    let Some(mut cards) = Cards::new() else { return };
    cards.insert(1);
    cards.sandbox.write("pin", ADMIN_PIN);
    typed(&cards, "admin\nforcesig\nquit\n", "--card-edit");
    cards.sandbox.write("pin", PIN);
    cards.sandbox.write("pinentry.log", "");
    let shown = document_and_tag(&cards, "ann", "--with agent", &[&["yes"], &["yes"]]);
    assert_eq!((asked(&shown), cards.pins_asked()), (2, 1), "{shown}");
}

#[test]
fn no_card_or_another_one_signs_nothing() {
    let Some(mut cards) = Cards::new() else { return };
    let path = cards.draft();
    let before = cards.sandbox.contents("pack");
    cards.reader.empty(&cards.keys.sandbox);
    let away = cards.signs(&path, "ann", &["--with", "agent"]).ends(2);
    cards.insert(2);
    let other = cards.signs(&path, "ann", &["--with", "agent"]).ends(2);
    for run in [&away, &other] {
        let wanted = "failed: its card 0000 00000001 is not in the reader";
        assert!(run.stderr.contains(wanted), "{}", run.stderr);
    }
    assert_eq!(cards.pins_asked(), 0);
    assert_eq!(before, cards.sandbox.contents("pack"));
    cards.insert(1);
    cards.typed_hint(&away).ends(0);
    cards.gpg_accepts(&path, "ann");
}

#[test]
fn a_wrong_pin_signs_nothing() {
    let Some(mut cards) = Cards::new() else { return };
    let path = cards.draft();
    cards.commit("A bulletin");
    let before = cards.sandbox.contents("pack");
    cards.insert(1);
    cards.sandbox.write("pin", "654321");
    let run = cards.signs(&path, "ann", &["--with", "agent"]).ends(2);
    assert!(run.stderr.contains(" on card 0000 00000001 failed: "), "{}", run.stderr);
    let status = cards.typed_hint(&run).ends(0);
    assert!(status.stdout.contains("PIN retry counter : 2 0 3"), "{}", status.stdout);
    let head = cards.head();
    let run = cards.run(&["tag", "--as", "ann", "--with", "agent", "--yes", &head]).ends(2);
    assert!(run.stderr.contains(" on card 0000 00000001 failed: "), "{}", run.stderr);
    assert_eq!(cards.pins_asked(), 2);
    assert_eq!(before, cards.sandbox.contents("pack"));
}

/// The guide says: nothing but the card needs to be known to gpg.
#[test]
fn a_new_home_learns_of_a_card_by_looking_at_it() {
    let Some(mut cards) = Cards::new() else { return };
    let path = cards.draft();
    cards.sandbox.run("rm".as_ref(), "gnupg", &["-r", "private-keys-v1.d", "pubring.kbx"], &[]);
    cards.sandbox.run("gpgconf".as_ref(), ".", &["--kill", "all"], &[]).ends(0);
    cards.insert(1);
    let run = cards.signs(&path, "ann", &["--with", "agent"]).ends(2);
    assert!(run.stderr.contains("gpg-agent has no secret key of "), "{}", run.stderr);
    cards.sandbox.gpg(".", &["--card-status"]).ends(0);
    cards.signs(&path, "ann", &["--with", "agent"]).ends(0);
}
