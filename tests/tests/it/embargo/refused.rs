//! Sealed files that are wrong in some way: each is refused with its reason, and nothing is written.

use super::{Secret, TITLE, UNTIL};

/// Opening must fail with this exit code and reason, write nothing, and reveal nothing.
#[track_caller]
fn refused(secret: &Secret, sealed: &str, identity: &str, code: i32, reason: &str) {
    let before = secret.team.sandbox.contents(".");
    let out = secret.at("opened");
    let run = secret.embargo("open", sealed, identity, &["--out", &out]).ends(code);
    assert!(run.stderr.contains(reason), "{reason}:\n{}", run.stderr);
    assert!(!run.stderr.contains("walrus") && !run.stderr.contains(TITLE), "{}", run.stderr);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert_eq!(before, secret.team.sandbox.contents("."));
}

/// What is inside a sealed file.
fn inside(secret: &Secret, sealed: &str) -> String {
    let text = String::from_utf8(secret.team.sandbox.read("ann.age-key")).expect("UTF-8");
    let line = text.lines().find(|line| line.starts_with("AGE-")).expect("an identity");
    let identity: age::x25519::Identity = line.parse().expect("an identity");
    let bytes = std::fs::read(sealed).expect("a file");
    String::from_utf8(age::decrypt(&identity, &bytes).expect("decrypted")).expect("UTF-8")
}

/// Writes a file that age itself makes for these readers.
fn write_sealed(secret: &Secret, sealed: &str, readers: &[&str], inside: &str) {
    let keys: Vec<age::x25519::Recipient> =
        readers.iter().map(|name| secret.key_of(name).parse().expect("a key")).collect();
    let keys = keys.iter().map(|key| key as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(keys).expect("readers");
    let mut bytes = Vec::new();
    let mut stream = encryptor.wrap_output(&mut bytes).expect("a header");
    std::io::Write::write_all(&mut stream, inside.as_bytes()).expect("written");
    stream.finish().expect("finished");
    std::fs::write(sealed, bytes).expect("written");
}

#[test]
fn changed_and_cut_files_are_refused() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let whole = std::fs::read(&sealed).expect("a file");
    let middle = whole.len() / 2;
    let mut changed = whole.clone();
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    std::fs::write(&sealed, &changed).expect("written");
    refused(&secret, &sealed, "ann", 1, "changed or cut off");
    std::fs::write(&sealed, &whole[..middle]).expect("written");
    refused(&secret, &sealed, "ann", 1, "armor is damaged");
    std::fs::write(&sealed, b"").expect("written");
    refused(&secret, &sealed, "ann", 1, "not an age file");
    std::fs::write(&sealed, vec![b'x'; 5 << 20]).expect("written");
    refused(&secret, &sealed, "ann", 1, "too large");
}

#[test]
fn other_readers_than_the_policys_are_refused() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let inside = inside(&secret, &sealed);
    refused(&secret, &sealed, "eve", 1, "none of the identities opens it");
    write_sealed(&secret, &sealed, &["ann", "ben", "eve"], &inside);
    refused(&secret, &sealed, "ann", 1, "sealed it to 2 keys and its header has 3");
    write_sealed(&secret, &sealed, &["ann"], &inside);
    refused(&secret, &sealed, "ann", 1, "sealed it to 2 keys and its header has 1");
}

#[test]
fn unsigned_and_wrongly_signed_drafts_are_refused() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let inside = inside(&secret, &sealed);
    let readers = ["ann", "ben"];
    let check = |text: &str, reason: &str| {
        write_sealed(&secret, &sealed, &readers, text);
        refused(&secret, &sealed, "ann", 1, reason);
    };
    let (payload, _) = inside.split_once('\n').expect("two parts");
    check(&format!("{payload}\n"), "not signed");
    check(&inside.replace("\"author\":\"ann\"", "\"author\":\"ben\""), "(bad)");
    check(&inside.replace("nine walruses", "nine penguins"), "(bad)");
    check(&inside.replace(UNTIL, "2026-03-05T12:00:00Z"), "(bad)");
    check(&format!("{}hidden", inside), "added around the signature");
    let signed_by = |member: &str, payload: &str| {
        secret.team.sandbox.write("payload", format!("{payload}\n"));
        secret.team.sandbox.gpg(".", &["--import", &format!("{member}.key")]).ends(0);
        let user = format!("{member}@example.org");
        let sign = ["--yes", "--armor", "--local-user", &user, "--faked-system-time"];
        let sign = [&sign[..], &["20260304T100000!", "--detach-sign", "payload"]].concat();
        secret.team.sandbox.gpg(".", &sign).ends(0);
        let armor = String::from_utf8(secret.team.sandbox.read("payload.asc")).expect("armor");
        format!("{payload}\n{armor}")
    };
    check(&signed_by("ben", payload), "wrong-member");
    check(&signed_by("master", payload), "wrong-member");
    let carols = payload.replace("\"author\":\"ann\"", "\"author\":\"carol\"");
    check(&signed_by("carol", &carols), "carol does not sign documents of this series");
    // The benign twin: ann's own signature, made by gpg over the same bytes.
    write_sealed(&secret, &sealed, &readers, &signed_by("ann", payload));
    let out = secret.at("opened");
    secret.embargo("open", &sealed, "ann", &["--out", &out]).ends(0);
}

#[test]
fn a_swapped_file_is_refused() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let other = sealed.replace(&sealed[sealed.len() - 20..], "0123456789abcdef.age");
    std::fs::rename(&sealed, &other).expect("renamed");
    refused(&secret, &other, "ann", 1, "its file was renamed");
    let odd = sealed.replace(".age", ".txt");
    std::fs::rename(&other, &odd).expect("renamed");
    refused(&secret, &odd, "ann", 2, "not called like a sealed draft");
}

#[test]
fn passphrases_and_plugins_are_refused() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let mut recipient = age::scrypt::Recipient::new("open sesame".to_owned().into());
    recipient.set_work_factor(2);
    std::fs::write(&sealed, age::encrypt(&recipient, b"text").expect("sealed")).expect("written");
    refused(&secret, &sealed, "ann", 1, "passphrase");
    let plugin = "age-encryption.org/v1\n-> piv-p256 AAAA AAAA\nAAAA\n--- AAAA\n";
    std::fs::write(&sealed, plugin).expect("written");
    refused(&secret, &sealed, "ann", 1, "kind piv-p256");
    secret.team.sandbox.write("plugin.age-key", "AGE-PLUGIN-YUBIKEY-1QQQQ\n");
    refused(&secret, &sealed, "plugin", 2, "plugins are off");
    let policy = String::from_utf8(secret.team.sandbox.read("pack/secpack.toml")).expect("UTF-8");
    for key in ["age1yubikey1qqqq", "ssh-rsa AAAA", "scrypt"] {
        let changed = policy.replace(&secret.key_of("ben"), key);
        secret.team.sandbox.write("pack/secpack.toml", changed);
        let run = secret.seal_with(&[]).ends(2);
        assert!(run.stderr.contains("is no key to seal to"), "{}", run.stderr);
    }
}

#[test]
fn sealing_is_refused_before_anything_is_written() {
    let secret = Secret::new();
    let check = |more: &[&str], code: i32, reason: &str| {
        let before = secret.team.sandbox.contents(".");
        let (draft, key) = (secret.at("draft/sb-002-2026.txt"), secret.team.key_of("ann"));
        let seal = ["embargo", "seal", &draft, "--key", &key];
        let run = secret.team.run(&[&seal[..], more].concat()).ends(code);
        assert!(run.stderr.contains(reason), "{reason}:\n{}", run.stderr);
        assert_eq!(before, secret.team.sandbox.contents("."));
    };
    let until = ["--until", UNTIL];
    check(&until, 2, "it is not said who acts");
    check(&["--as", "ann"], 2, "when the embargo ends");
    check(&["--as", "ann", "--until", "2026-03-03"], 1, "has passed");
    check(&[&["--as", "ben"], &until[..]].concat(), 1, "not one of ben's");
    check(&[&["--as", "ann", "--track", "none"], &until[..]].concat(), 2, "no track");
    check(
        &[&["--as", "ann", "--document", "keys/x.txt"], &until[..]].concat(),
        2,
        "is no document by the policy's patterns",
    );
}

#[test]
fn plain_text_is_never_written_into_a_repository() {
    let secret = Secret::new();
    let sealed = secret.seal();
    let before = secret.team.sandbox.contents(".");
    for out in ["draft", "pack/draft", "pack/.git/draft", "nowhere/draft"] {
        let path = secret.at(out);
        let run = secret.embargo("open", &sealed, "ann", &["--out", &path]);
        assert!(run.code == 1 || run.code == 2, "{out}");
        assert!(run.stderr.contains("error:"), "{}", run.stderr);
    }
    std::os::unix::fs::symlink(secret.at("pack"), secret.at("link")).expect("a link");
    let path = secret.at("link/draft");
    let run = secret.embargo("open", &sealed, "ann", &["--out", &path]).ends(1);
    assert!(run.stderr.contains("lies in a Git repository"), "{}", run.stderr);
    std::fs::remove_file(secret.at("link")).expect("removed");
    assert_eq!(before, secret.team.sandbox.contents("."));
}
