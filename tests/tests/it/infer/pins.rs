//! A group that signs documents is pinned to the keys that did.

use super::{PROGRAM, infer, rules, tables, verify};
use secpack_tests::Sandbox;

fn key(sandbox: &Sandbox, name: &str) -> String {
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
    ];
    let key = sandbox.secpack(".", &arguments).ends(0).stdout.trim().to_owned();
    sandbox.gpg(".", &["--import", &secret]).ends(0);
    key
}

fn digest(sandbox: &Sandbox, name: &str, signer: &str) {
    let image = format!("{name}.iso");
    let path = format!("digests/{image}.DIGESTS");
    let hex = "0123456789abcdef".repeat(4);
    sandbox.write(&format!("pack/{path}"), format!("{hex} *{image}\n"));
    let (out, user) = (format!("{path}.asc"), format!("<{signer}@example.org>"));
    let sign = ["--armor", "--local-user", &user, "--output", &out, "--detach-sign", &path];
    sandbox.gpg("pack", &sign).ends(0);
    sandbox.git("pack", &["add", "-A"]);
    sandbox.git("pack", &["commit", "-q", "-m", name]);
}

#[test]
fn only_the_keys_that_signed_are_pinned() {
    let sandbox = Sandbox::new(PROGRAM);
    sandbox.git(".", &["init", "-q", "-b", "main", "pack"]);
    let mut signed: Vec<String> =
        ["release-1", "release-2"].iter().map(|name| key(&sandbox, name)).collect();
    let idle = key(&sandbox, "release-3");
    for name in ["release-1", "release-2", "release-3"] {
        let certificate = sandbox.read(&format!("{name}.asc"));
        sandbox.write(&format!("pack/keys/release/{name}.asc"), certificate);
    }
    digest(&sandbox, "acme-1.0", "release-1");
    digest(&sandbox, "acme-2.0", "release-2");
    let policy = infer(&sandbox);
    let requirement = tables(&policy, "require");
    assert_eq!(requirement[0]["signers"]["group"].as_str(), Some("release"), "{policy}");
    let groups = tables(&policy, "keys");
    let pins = groups[0]["fingerprints"].as_array().expect("pins");
    let pins: Vec<&str> = pins.iter().filter_map(toml::Value::as_str).collect();
    signed.sort();
    assert_eq!(pins, signed, "{policy}");
    assert!(!pins.contains(&idle.as_str()));
    verify(&sandbox).ends(0);
    // The idle key signs later: somebody must look at the policy first.
    digest(&sandbox, "acme-3.0", "release-3");
    let found = rules(&verify(&sandbox).ends(1));
    assert!(found.contains(&"out-of-role".to_owned()), "{found:?}");
}
