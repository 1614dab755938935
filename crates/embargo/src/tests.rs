//! Sealing and opening together, and every way in which a file can be wrong.

use crate::identities::{generate, no_plugins};
use crate::*;
use secpack_pack::policy::{Recipient, RecipientKey, SealedForm};

const ARMOR: &str = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";

fn id() -> SealedId {
    "0123456789abcdef".parse().expect("an id")
}

fn recipient(name: &str, key: &RecipientKey) -> Recipient {
    Recipient { name: name.parse().expect("a name"), key: key.clone() }
}

fn letter(recipients: &[Recipient]) -> Letter {
    Letter {
        schema: "secpack/embargo/1".to_owned(),
        id: id(),
        document: "bulletins/sb-002-2026.txt".parse().expect("a path"),
        author: "ann".parse().expect("a name"),
        sealed: chrono::DateTime::UNIX_EPOCH,
        until: chrono::DateTime::UNIX_EPOCH,
        recipients: recipients.iter().map(|r| r.key.clone()).collect(),
        track: None,
        public: Vec::new(),
        text: "the text\n".to_owned(),
        facts: None,
    }
}

fn sealed(recipients: &[Recipient], form: SealedForm) -> Vec<u8> {
    let payload = letter(recipients).payload().expect("JSON");
    seal(recipients, &payload, ARMOR.as_bytes(), form).expect("sealed")
}

#[test]
fn each_recipient_opens_it_and_nobody_else() {
    let ((ann, ann_key), (ben, ben_key), (eve, _)) = (generate(), generate(), generate());
    let recipients = [recipient("ann", &ann_key), recipient("ben", &ben_key)];
    for form in [SealedForm::Armored, SealedForm::Binary] {
        let bytes = sealed(&recipients, form);
        for identities in [&ann, &ben] {
            let (header, letter) = open(&bytes, &id(), identities).expect("opened");
            assert_eq!(header.recipients(), 2);
            assert_eq!(difference(letter.recipients(), header, &recipients), None);
            let author = "ann".parse().expect("a name");
            assert_eq!(letter.verified_by(&author).expect("hers").text, "the text\n");
        }
        assert!(matches!(open(&bytes, &id(), &eve), Err(OpenError::NoIdentity)));
        assert!(matches!(open(&bytes, &id(), &Identities::default()), Err(OpenError::NoIdentity)));
    }
}

#[test]
fn every_changed_byte_and_every_cut_is_refused() {
    let (ann, key) = generate();
    let recipients = [recipient("ann", &key)];
    let bytes = sealed(&recipients, SealedForm::Binary);
    let places = (0..400).chain((400..bytes.len()).step_by(997)).chain([bytes.len() - 1]);
    for at in places.clone() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        // The stanza that nobody opens is covered by the header's MAC like all others.
        assert!(open(&changed, &id(), &ann).is_err(), "byte {at}");
    }
    for at in places {
        assert!(open(&bytes[..at], &id(), &ann).is_err(), "cut at {at}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(open(&longer, &id(), &ann).is_err());
    let armored = sealed(&recipients, SealedForm::Armored);
    assert!(open(&[&armored[..], b"x"].concat(), &id(), &ann).is_err());
}

#[test]
fn a_list_that_differs_is_told() {
    let ((_, ann), (_, ben), (_, eve)) = (generate(), generate(), generate());
    let policy = [recipient("ann", &ann), recipient("ben", &ben)];
    let said = |keys: &[&RecipientKey], in_header: usize| {
        let keys: Vec<RecipientKey> = keys.iter().map(|key| (*key).clone()).collect();
        difference(&keys, Header { x25519: in_header, ssh: 0 }, &policy)
    };
    assert_eq!(said(&[&ann, &ben], 2), None);
    let extra = said(&[&ann, &ben], 3).expect("a difference");
    assert_eq!(extra, "its author sealed it to 2 keys and its header has 3");
    assert_eq!(said(&[&ann], 1).expect("a difference"), "ben cannot read it");
    let foreign = said(&[&ann, &ben, &eve], 3).expect("a difference");
    assert_eq!(foreign, "1 of its readers are not in the policy");
}

#[test]
fn what_no_policy_allows_is_refused_before_decryption() {
    let (ann, _) = generate();
    let check = |bytes: &[u8], expected: &str| {
        let error = open(bytes, &id(), &ann).expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(&vec![b'x'; MAX_SEALED + 1], "too large");
    check(b"plain text", "not an age file");
    check(b"-----BEGIN AGE ENCRYPTED FILE-----\n@@@@\n", "armor is damaged");
    check(b"age-encryption.org/v1\n-> scrypt AAAA 30\nAAAA\n--- AAAA\n", "passphrase");
    check(b"age-encryption.org/v1\n-> yubikey AAAA\nAAAA\n--- AAAA\n", "kind yubikey");
    let policy: [Recipient; 0] = [];
    assert!(matches!(
        seal(&policy, b"{}\n", ARMOR.as_bytes(), SealedForm::Binary),
        Err(SealError::NoRecipients)
    ));
}

#[test]
fn identity_files_are_told_apart() {
    let check = |text: &str, expected: &str| {
        let Err(error) = IdentityFile::read(text.as_bytes(), &no_plugins()) else {
            panic!("{text}")
        };
        assert!(error.to_string().contains(expected), "{error}");
    };
    check("", "no age");
    check("# comment\n", "no age");
    check("AGE-SECRET-KEY-1QQQ\n", "no age");
    check("AGE-PLUGIN-YUBIKEY-1QQQ\n", "plugin");
    check("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n", "no age");
}
