//! Texts that name nothing: moved, swapped and rolled back together with their good signatures.

use secpack_tests::{Run, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

fn errors(run: &Run) -> Vec<(String, String)> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings").iter();
    let errors = findings.filter(|f| f["level"] == "error" && f["accepted"] == false);
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    errors.map(|f| (text(&f["rule"]), text(&f["path"]))).collect()
}

fn pair(rule: &str, path: &str) -> (String, String) {
    (rule.to_owned(), path.to_owned())
}

/// Writes a statement and has ann and ben sign it.
fn statement(team: &Team, path: &str, text: &str) {
    team.sandbox.write(&format!("pack/{path}"), text);
    team.sign(path, "ann").ends(0);
    team.sign(path, "ben").ends(0);
}

fn copy(team: &Team, from: &str, to: &str) {
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        let bytes = team.sandbox.read(&format!("pack/{from}{suffix}"));
        team.sandbox.write(&format!("pack/{to}{suffix}"), bytes);
    }
}

fn publish(team: &Team, message: &str) {
    team.commit(message);
    team.tag("ann");
}

#[test]
fn a_statement_under_another_name_is_name_mismatch() {
    let team = Team::new(PROGRAM);
    statement(&team, "fund/btc.txt", "bc1-first\n");
    statement(&team, "fund/xmr.txt", "4-second\n");
    publish(&team, "Addresses");
    team.verify().ends(0);
    // Both swapped, each with its own good signatures.
    copy(&team, "fund/btc.txt", "fund/spare.txt");
    copy(&team, "fund/xmr.txt", "fund/btc.txt");
    copy(&team, "fund/spare.txt", "fund/xmr.txt");
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        let spare = team.sandbox.path(&format!("pack/fund/spare.txt{suffix}"));
        std::fs::remove_file(spare).expect("removed");
    }
    publish(&team, "Swapped");
    let run = team.run(&["verify", "--anchor", &team.anchor, "--json", "--no-memory"]).ends(1);
    let both = [pair("name-mismatch", "fund/btc.txt"), pair("name-mismatch", "fund/xmr.txt")];
    assert_eq!(errors(&run), both);
}

#[test]
fn an_old_statement_that_stands_again_is_rolled_back_for_who_saw_the_new_one() {
    let team = Team::new(PROGRAM);
    statement(&team, "fund/btc.txt", "bc1-old\n");
    publish(&team, "First address");
    copy(&team, "fund/btc.txt", "../kept.txt");
    team.sandbox.write("pack/fund/btc.txt", "bc1-new\n");
    team.sign("fund/btc.txt", "ann").ends(0);
    team.sign("fund/btc.txt", "ben").ends(0);
    publish(&team, "Second address");
    team.verify().ends(0);
    copy(&team, "../kept.txt", "fund/btc.txt");
    publish(&team, "The first one again, by ann alone");
    assert_eq!(errors(&team.verify().ends(1)), [pair("rolled-back", "fund/btc.txt")]);
}

/// A pack whose digests are signed by a release key, clearsigned.
fn team_with_digests() -> Team {
    let team = Team::new(PROGRAM);
    let sandbox = &team.sandbox;
    let generate = [
        "keys",
        "generate",
        "Release <release@example.org>",
        "--secret",
        "release.key",
        "--certificate",
        "release.asc",
        "--no-passphrase",
        "--now",
        "2026-01-01T00:00:00Z",
    ];
    let release = sandbox.secpack(".", &generate).ends(0).stdout.trim().to_owned();
    let certify = [
        "keys",
        "certify",
        "release.asc",
        "--key",
        "master.key",
        "--out",
        "pack/keys/release/one.asc",
        "--now",
        secpack_tests::NOW,
    ];
    sandbox.secpack(".", &certify).ends(0);
    let policy = String::from_utf8(sandbox.read("pack/secpack.toml")).expect("text");
    let more = format!(
        "\n[[keys]]\ngroup = \"release\"\npaths = [\"keys/release/*.asc\"]\n\
         certified_by = \"master\"\nfingerprints = [\"{release}\"]\n\
         \n[[series]]\nid = \"digest\"\nkind = \"digest\"\nform = \"clearsigned\"\n\
         paths = [\"digests/{{name}}.DIGESTS\"]\n\
         \n[[require]]\nseries = \"digest\"\nsigners = {{ group = \"release\" }}\n"
    );
    let raised = policy.replacen("version = 1", "version = 2", 1) + &more;
    sandbox.write("pack/secpack.toml", raised);
    for member in ["ann", "ben"] {
        team.sign("secpack.toml", member).ends(0);
    }
    for key in ["release.key", "carol.key"] {
        sandbox.gpg(".", &["--import", key]).ends(0);
    }
    team
}

/// A list of digests, clearsigned with stock gpg at the time of the tests.
fn digests(team: &Team, signer: &str, image: &str, path: &str) {
    team.sandbox.write("list", format!("{} *{image}\n", "ab".repeat(32)));
    let arguments = [
        "--faked-system-time",
        "20260304T100000",
        "--yes",
        "--local-user",
        signer,
        "--output",
        "list.asc",
        "--clearsign",
        "list",
    ];
    team.sandbox.gpg(".", &arguments).ends(0);
    let signed = team.sandbox.read("list.asc");
    team.sandbox.write(&format!("pack/{path}"), signed);
}

#[test]
fn a_certificate_put_into_a_group_does_not_join_it() {
    let team = team_with_digests();
    digests(&team, "release@example.org", "one.iso", "digests/one.iso.DIGESTS");
    publish(&team, "Digests");
    team.verify().ends(0);
    // Carol, whom the master certifies, puts her certificate beside the release key.
    let hers = team.sandbox.read("carol-certified.asc");
    team.sandbox.write("pack/keys/release/two.asc", hers);
    digests(&team, "carol@example.org", "evil.iso", "digests/evil.iso.DIGESTS");
    publish(&team, "An image of carol's");
    let run = team.run(&["verify", "--anchor", &team.anchor, "--json", "--no-memory"]).ends(1);
    assert_eq!(errors(&run)[0], pair("out-of-role", "digests/evil.iso.DIGESTS"));
}

#[test]
fn digests_of_one_image_do_not_pass_as_those_of_another() {
    let team = team_with_digests();
    digests(&team, "release@example.org", "one.iso", "digests/two.iso.DIGESTS");
    publish(&team, "Digests under another name");
    let found = errors(&team.verify().ends(1));
    assert_eq!(found, [pair("name-mismatch", "digests/two.iso.DIGESTS")]);
}

#[test]
fn members_whom_the_master_does_not_certify_begin_no_pack() {
    let team = Team::new(PROGRAM);
    let arguments =
        ["init", "other", "--name", "X", "--root", "master=master.asc", "--member", "ann=ann.asc"];
    let run = team.sandbox.secpack(".", &arguments).ends(1);
    assert!(run.stderr.contains("does not certify"), "{}", run.stderr);
    assert!(run.stderr.contains("secpack keys certify ann.asc --key FILE"), "{}", run.stderr);
    assert!(!team.sandbox.path("other").exists());
    let itself = ["keys", "certify", "ann.asc", "--key", "ann.key", "--out", "x.asc"];
    let run = team.sandbox.secpack(".", &itself).ends(1);
    assert!(run.stderr.contains("cannot certify itself"), "{}", run.stderr);
}

#[test]
fn a_changed_policy_is_not_signed_before_its_version_rises() {
    let team = Team::new(PROGRAM);
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    team.sandbox.write("pack/secpack.toml", text + "# changed\n");
    let run = team.sign("secpack.toml", "ann").ends(1);
    assert!(run.stderr.contains("policy-version"), "{}", run.stderr);
}
