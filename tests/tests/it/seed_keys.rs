//! Damaged keys are repaired by name and only under their fingerprint; keyrings that stock gpg
//! takes whole.

use secpack_tests::{Run, Sandbox, TRUTH_ANCHOR, Team, corpus};
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Public keys as their owners published them: file, fingerprint, what is damaged.
const SEEDS: [(&str, &str, &[&str]); 2] = [
    (
        "ivpn.asc",
        "D290E794391D016C74B5BBAF6421540388756E04",
        &["missing-blank-line", "glued-checksum"],
    ),
    ("pomerium.asc", "CFE25D494542F993ADDC27C9AEE4CF12FE86D07E", &["missing-blank-line"]),
];

fn repair(sandbox: &Sandbox, file: &str, more: &[&str]) -> Run {
    let all = [&["keys", "repair", file], more].concat();
    sandbox.secpack(".", &all)
}

#[test]
fn both_seed_keys_are_read_with_a_named_repair() {
    let Some(corpus) = corpus() else { return };
    for (name, fingerprint, repairs) in SEEDS {
        let sandbox = Sandbox::new(PROGRAM);
        let file = corpus.join("seed-keys").join(name).display().to_string();
        let shown = repair(&sandbox, &file, &["--json", "--out", "out.asc"]).ends(1);
        assert_eq!(shown.json()["repairs"], serde_json::json!(repairs), "{name}");
        assert_eq!(shown.json()["fingerprint"], fingerprint);
        let expected = ["--fingerprint", TRUTH_ANCHOR, "--out", "out.asc"];
        assert!(repair(&sandbox, &file, &expected).ends(1).stderr.contains("nothing was written"));
        assert!(!sandbox.path("out.asc").exists(), "{name}");
        let expected = ["--fingerprint", fingerprint, "--out", "out.asc"];
        let run = repair(&sandbox, &file, &expected).ends(0);
        assert!(repairs.iter().all(|repair| run.stdout.contains(repair)), "{}", run.stdout);
        let import = sandbox.gpg(".", &["--import", "--verbose", "out.asc"]).ends(0);
        assert!(!import.stderr.contains("invalid armor"), "{}", import.stderr);
        let listed = sandbox.gpg(".", &["--with-colons", "--fingerprint"]).ends(0).stdout;
        assert!(listed.contains(fingerprint), "{listed}");
        let clean = repair(&sandbox, "out.asc", &["--json"]).ends(1);
        assert_eq!(clean.json()["repairs"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn damaged_data_is_refused_and_nothing_written() {
    let team = Team::new(PROGRAM);
    let good = String::from_utf8(team.sandbox.read("ann.asc")).expect("text");
    let line = good.lines().nth(3).expect("a data line").to_owned();
    let swapped: String = line.chars().rev().collect();
    team.sandbox.write("damaged.asc", good.replacen(&line, &swapped, 1));
    let before = team.sandbox.contents(".");
    let run = repair(&team.sandbox, "damaged.asc", &[]).ends(1);
    assert!(run.stderr.contains("checksum does not match"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("."), before);
    repair(&team.sandbox, "absent.asc", &[]).ends(2);
}

#[test]
fn a_mangled_block_in_a_key_file_is_an_error_of_the_pack() {
    let team = Team::new(PROGRAM);
    team.released();
    let place = "pack/keys/members/carol.asc";
    let good = String::from_utf8(team.sandbox.read(place)).expect("text");
    let mangle: [fn(&str) -> String; 4] = [
        |block| block.replacen("\n\n", "\n", 1),
        |block| block.replacen("-----BEGIN", "----BEGIN", 1),
        |block| block.replacen('=', "", 1),
        |block| block.lines().map(|line| format!("> {line}\n")).collect(),
    ];
    for (at, mangle) in mangle.iter().enumerate() {
        team.sandbox.write(place, format!("{good}\n{}", mangle(&good)));
        let report = team.verify().ends(1).json();
        let findings = report["findings"].as_array().expect("findings");
        let named = |f: &&serde_json::Value| {
            f["rule"] == "malformed" && f["path"] == "keys/members/carol.asc"
        };
        assert!(findings.iter().any(|f| named(&f)), "{at}: {report}");
    }
}

/// GnuPG's table in `truth/` leaves one key file out; we name it and say why.
#[test]
fn certificates_that_nothing_binds_are_named() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let (pack, profile) = (pack(&corpus), profile());
    let run = sandbox.secpack(".", &["verify", &pack, "--policy", &profile, "--json"]).ends(0);
    let report = run.json();
    let tabled = std::fs::read_to_string(corpus.join("truth/keys.tsv")).expect("a table");
    let keys = report["keys"].as_array().expect("keys");
    let mut left_out: Vec<&str> = keys
        .iter()
        .map(|key| key["path"].as_str().expect("a path"))
        .filter(|path| !tabled.contains(path))
        .collect();
    left_out.dedup();
    assert_eq!(left_out, ["keys/doc-signing/unman-qubes-doc-signing-keys.asc"]);
    let key = keys.iter().find(|key| key["path"] == left_out[0]).expect("the key");
    assert_eq!(
        (&key["verdict"], &key["expires"]),
        (&"expired".into(), &"2021-05-30T15:55:20Z".into())
    );
    let findings = report["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|f| f["path"] == left_out[0] && f["rule"] == "weak-hash"));
}

#[test]
fn stock_gpg_takes_the_whole_keyring_of_a_team() {
    let team = Team::new(PROGRAM);
    let exported = team.run(&["keys", "export"]).ends(0);
    assert_eq!(imported(&team.sandbox, &exported), 4);
}

#[test]
fn stock_gpg_takes_the_whole_keyring_of_the_real_pack() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let (pack, profile) = (pack(&corpus), profile());
    let arguments = ["keys", "export", "--pack", &pack, "--policy", &profile];
    let exported = sandbox.secpack(".", &arguments).ends(0);
    assert_eq!(imported(&sandbox, &exported), 48);
}

/// How many certificates gpg has after it imported them; nothing may be left out or complained of.
fn imported(sandbox: &Sandbox, exported: &Run) -> usize {
    sandbox.write("ring.asc", &exported.stdout);
    let run = sandbox.gpg(".", &["--status-fd", "1", "--import", "ring.asc"]).ends(0);
    let status = |line: &&str| line.starts_with("[GNUPG:] IMPORT_RES ");
    let counts = run.stdout.lines().find(status).expect("a summary").to_owned();
    let counts: Vec<usize> =
        counts.split(' ').skip(2).map(|n| n.parse().expect("a number")).collect();
    let (total, without_user, imported) = (counts[0], counts[1], counts[2]);
    assert_eq!((without_user, imported), (0, total), "{}", run.stderr);
    assert!(!run.stderr.contains("skipped"), "{}", run.stderr);
    let listed = sandbox.gpg(".", &["--with-colons", "--list-keys"]).ends(0).stdout;
    assert_eq!(listed.lines().filter(|line| line.starts_with("pub:")).count(), total);
    total
}

fn pack(corpus: &Path) -> String {
    corpus.join("qubes-secpack.git").display().to_string()
}

fn profile() -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.join("../templates/profiles/qubes.toml").display().to_string()
}
