//! Second opinion by stock age and by rage. The guide runs.

use super::{MARKER, Secret};
use secpack_tests::{ages, has_tool};
use std::path::Path;

#[test]
fn stock_age_and_rage_open_what_we_seal_and_we_open_what_it_seals() {
    for tool in ages() {
        let secret = Secret::new();
        let sealed = secret.seal();
        let run = |arguments: &[&str]| secret.team.sandbox.run(&tool, ".", arguments, &[]).ends(0);
        for reader in ["ann", "ben"] {
            let key = secret.at(&format!("{reader}.age-key"));
            let inside = run(&["-d", "-i", &key, &sealed]).stdout;
            assert!(inside.contains(MARKER) && inside.starts_with("{\"schema\""), "{inside}");
            secret.team.sandbox.write("inside", &inside);
        }
        let (ann, ben) = (secret.key_of("ann"), secret.key_of("ben"));
        std::fs::remove_file(&sealed).expect("removed");
        for form in [&["-a"][..], &[]] {
            let to = ["-e", "-r", &ann, "-r", &ben, "-o", &sealed];
            run(&[&to[..], form, &["inside"]].concat());
            let out = secret.at("opened");
            secret.embargo("open", &sealed, "ben", &["--out", &out]).ends(0);
            assert_eq!(
                secret.team.sandbox.read("opened/sb-002-2026.txt"),
                secret.team.sandbox.read("draft/sb-002-2026.txt")
            );
            std::fs::remove_dir_all(&out).expect("removed");
            std::fs::remove_file(&sealed).expect("removed");
        }
        run(&["-e", "-r", &ann, "-r", &ben, "-o", &sealed, "draft/sb-002-2026.txt"]);
        let out = secret.at("opened");
        let unsigned = secret.embargo("open", &sealed, "ben", &["--out", &out]).ends(1);
        assert!(unsigned.stderr.contains("not signed"), "{}", unsigned.stderr);
    }
}

#[test]
fn stock_gpg_verifies_what_lies_inside() {
    if !has_tool("age") {
        return;
    }
    let secret = Secret::new();
    let sealed = secret.seal();
    let key = secret.at("ann.age-key");
    let age = Path::new("age");
    let inside = secret.team.sandbox.run(age, ".", &["-d", "-i", &key, &sealed], &[]).ends(0);
    let (payload, rest) = inside.stdout.split_once('\n').expect("two parts");
    secret.team.sandbox.write("payload", format!("{payload}\n"));
    secret.team.sandbox.write("payload.asc", rest.trim_end());
    let time = ["--faked-system-time", "20260304T100000"];
    let gpg = |more: &[&str]| secret.team.sandbox.gpg(".", &[&time[..], more].concat()).ends(0);
    gpg(&["--import", "ann.asc"]);
    gpg(&["--verify", "payload.asc", "payload"]);
}

#[test]
fn an_ssh_key_reads_as_well() {
    if !has_tool("ssh-keygen") {
        return;
    }
    let secret = Secret::new();
    let keygen = ["-q", "-t", "ed25519", "-N", "", "-C", "zoe", "-f", "zoe.age-key"];
    secret.team.sandbox.run(Path::new("ssh-keygen"), ".", &keygen, &[]).ends(0);
    let public = String::from_utf8(secret.team.sandbox.read("zoe.age-key.pub")).expect("UTF-8");
    let ann = secret.key_of("ann");
    secret.set_readers(&[("ann", &ann), ("zoe", public.trim_end())]);
    let sealed = secret.seal();
    let out = secret.at("opened");
    secret.embargo("open", &sealed, "zoe", &["--out", &out]).ends(0);
    let rsa = ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", "rsa.age-key"];
    secret.team.sandbox.run(Path::new("ssh-keygen"), ".", &rsa, &[]).ends(0);
    let out = secret.at("again");
    let refused = secret.embargo("open", &sealed, "rsa", &["--out", &out]).ends(2);
    assert!(refused.stderr.contains("only ssh-ed25519"), "{}", refused.stderr);
}

#[test]
fn the_guide_runs() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/embargo.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let (_, rest) = guide.split_once("<!-- session -->").expect("a session");
    let (session, _) = rest.split_once("<!-- /session -->").expect("its end");
    let lines: Vec<&str> = session.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(lines.len() >= 6, "{lines:?}");
    let secret = Secret::new();
    std::fs::create_dir_all(secret.at("bin")).expect("a folder");
    let program =
        format!("#!/bin/sh\nexec {} \"$@\" --now {}\n", super::PROGRAM, secpack_tests::NOW);
    secret.team.sandbox.write("bin/secpack", program);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(secret.at("bin/secpack"), executable).expect("a mode");
    let path = format!("{}:{}", secret.at("bin"), std::env::var("PATH").unwrap_or_default());
    let script = format!("set -eu\n{}\n", lines.join("\n"));
    let shell = Path::new("sh");
    secret.team.sandbox.run(shell, "pack", &["-c", &script], &[("PATH", &path)]).ends(0);
}
