//! Single documents outside a clone: judged by a pack, by certificates alone, and by both tools.

use secpack_tests::{Run, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// A released bulletin, copied with its signatures into the folder `out`.
fn copied() -> (Team, String) {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let name = path.rsplit('/').next().expect("a name").to_owned();
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        let bytes = team.sandbox.read(&format!("pack/{path}{suffix}"));
        team.sandbox.write(&format!("out/{name}{suffix}"), bytes);
    }
    (team, name)
}

/// Verifies in the folder `out`, with certificates and the pack in reach.
fn verify(team: &Team, arguments: &[&str]) -> Run {
    let all = ["verify", "--now", secpack_tests::NOW];
    let all: Vec<&str> = all.iter().chain(arguments).copied().collect();
    team.sandbox.secpack("out", &all)
}

fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["files"][0]["findings"].as_array().expect("findings");
    findings.iter().map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn a_pack_judges_a_copy_in_full() {
    let (team, name) = copied();
    let by_pack = [&*name, "--pack", "../pack", "--anchor", &team.anchor, "--json"];
    let report = verify(&team, &by_pack).ends(0).json();
    assert_eq!(report["schema"], "secpack/verify-file/1");
    assert_eq!(report["files"][0]["label"], "SB-001");
    assert_eq!(report["files"][0]["state"], "complete");
    let signatures = report["files"][0]["signatures"].as_array().expect("signatures").iter();
    let members: Vec<_> = signatures.map(|s| s["member"].as_str().expect("a member")).collect();
    assert_eq!(members, ["ann", "ben"]);
}

#[test]
fn what_is_wrong_with_a_copy_has_its_code() {
    let (team, name) = copied();
    let by_pack = [&*name, "--pack", "../pack", "--json"];
    let read = |suffix: &str| team.sandbox.read(&format!("out/{name}{suffix}"));
    let (text, ann) = (read(""), read(".sig.ann"));
    let changed = String::from_utf8_lossy(&text).replacen("overflow", "Overflow", 1);
    team.sandbox.write(&format!("out/{name}"), changed);
    let run = verify(&team, &by_pack).ends(1);
    assert_eq!(rules(&run), ["differs", "stale", "stale"]);
    // Nobody has to sign what a reader got in a changed copy.
    assert!(!run.stdout.contains("must sign again"), "{}", run.stdout);
    team.sandbox.write(&format!("out/{name}"), &text);
    team.sandbox.write(&format!("out/{name}.sig.ben"), &ann);
    assert_eq!(rules(&verify(&team, &by_pack).ends(1)), ["wrong-member"]);
    let with_one =
        [&*name, "--signature", &format!("{name}.sig.ann"), "--pack", "../pack", "--json"];
    assert_eq!(rules(&verify(&team, &with_one).ends(1)), ["missing"]);
    let moved = name.replace("-001-", "-002-");
    team.sandbox.write(&format!("out/{moved}"), &text);
    let with_one =
        [&*moved, "--signature", &format!("{name}.sig.ann"), "--pack", "../pack", "--json"];
    assert!(rules(&verify(&team, &with_one).ends(1)).contains(&"name-mismatch".to_owned()));
}

#[test]
fn another_anchor_is_refused() {
    let (team, name) = copied();
    let other = "00112233445566778899AABBCCDDEEFF00112233";
    let run = verify(&team, &[&name, "--pack", "../pack", "--anchor", other]).ends(1);
    assert!(run.stdout.contains("error[anchor]"), "{}", run.stdout);
}

#[test]
fn a_name_that_no_series_has_is_not_found_out() {
    let (team, _) = copied();
    team.sandbox.write("out/letter.md", "hello\n");
    let run = verify(&team, &["letter.md", "--pack", "../pack"]).ends(2);
    assert!(run.stderr.contains("hint:"), "{}", run.stderr);
}

/// A text in a series without text rules, under the name of a bulletin that does not exist.
#[test]
fn a_name_of_two_series_is_refused() {
    let (team, name) = copied();
    let forged = name.replace("-001-", "-120-");
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        let bytes = team.sandbox.read(&format!("out/{name}{suffix}"));
        team.sandbox.write(&format!("pack/fund/{forged}{suffix}"), &bytes);
        team.sandbox.write(&format!("out/{forged}{suffix}"), &bytes);
    }
    team.commit("A statement");
    let run = verify(&team, &[&forged, "--pack", "../pack"]).ends(2);
    assert!(run.stderr.contains(&format!("fund/{forged}")), "{}", run.stderr);
    assert!(run.stderr.contains("fits several documents: bulletins/"), "{}", run.stderr);
    verify(&team, &[&name, "--pack", "../pack"]).ends(0);
    // With the name of one that exists it takes away that one's verdict, and gives none.
    let bytes = team.sandbox.read(&format!("out/{name}"));
    team.sandbox.write(&format!("pack/fund/{name}"), bytes);
    verify(&team, &[&name, "--pack", "../pack"]).ends(2);
}

#[test]
fn certificates_alone_say_who_signed_and_no_more() {
    let (team, name) = copied();
    let both = [&*name, "--key", "../ann.asc", "--key", "../ben.asc"];
    let run = verify(&team, &both).ends(0);
    assert!(run.stdout.contains("nothing says whether it may sign this"), "{}", run.stdout);
    assert!(run.stdout.lines().filter(|line| line.starts_with("  good  ")).count() == 2);
    let report = verify(&team, &[&both[..], &["--json"]].concat()).ends(0).json();
    assert!(report["policy"].is_null() && report["files"][0]["state"].is_null());
    let run = verify(&team, &[&name, "--key", "../ann.asc", "--json"]).ends(1);
    assert_eq!(rules(&run), ["unknown-key"]);
    team.sandbox.write(&format!("out/{name}"), "another text\n");
    let run = verify(&team, &[&both[..], &["--json"]].concat()).ends(1);
    assert_eq!(rules(&run), ["bad", "bad"]);
}

#[test]
fn a_policy_and_certificates_judge_roles_without_a_pack() {
    let (team, name) = copied();
    let keys = ["--key", "../ann.asc", "--key", "../ben.asc"];
    let policy = ["--policy", "../pack/secpack.toml"];
    let all = [&[&*name][..], &keys, &policy, &["--json"]].concat();
    let report = verify(&team, &all).ends(0).json();
    assert_eq!(report["files"][0]["state"], "complete");
    // Under an anchor the members must be certified, and these certificates are not.
    let all = [&all[..], &["--anchor", &team.anchor]].concat();
    verify(&team, &all).ends(1);
}

#[test]
fn what_is_missing_is_asked_for() {
    let (team, name) = copied();
    let run = verify(&team, &[&name]).ends(2);
    assert!(run.stderr.contains("sb-001-2026.txt --pack DIR"), "{}", run.stderr);
    team.sandbox.write("out/alone.txt", "hello\n");
    let run = verify(&team, &["alone.txt", "--key", "../ann.asc"]).ends(2);
    assert!(run.stderr.contains("--signature FILE"), "{}", run.stderr);
    verify(&team, &[&name, "../pack", "--pack", "../pack"]).ends(2);
    verify(&team, &[&name, "--pack", "../pack", "--key", "../ann.asc"]).ends(2);
    verify(&team, &[&format!("{name}.sig.ann"), "--key", "../ann.asc"]).ends(2);
}

#[test]
fn signatures_of_stock_gpg_beside_any_file() {
    let (team, _) = copied();
    team.sandbox.gpg(".", &["--import", "ann.key"]).ends(0);
    team.sandbox.write("out/alone.txt", "hello  \r\nworld");
    let detach = ["--armor", "--output", "alone.txt.asc", "--detach-sign", "alone.txt"];
    team.sandbox.gpg("out", &detach).ends(0);
    let now = ["verify", "alone.txt", "--key", "../ann.asc"];
    team.sandbox.secpack("out", &now).ends(0);
    team.sandbox.write("out/clear.txt", "hello\n- dash\n");
    let clear = ["--output", "clear.asc", "--clearsign", "clear.txt"];
    team.sandbox.gpg("out", &clear).ends(0);
    team.sandbox.secpack("out", &["verify", "clear.asc", "--key", "../ann.asc"]).ends(0);
}

#[test]
fn several_files_each_with_its_own() {
    let (team, name) = copied();
    let policy = team.sandbox.read("pack/secpack.toml");
    team.sandbox.write("out/secpack.toml", policy);
    let run = verify(&team, &[&name, "secpack.toml", "--pack", "../pack", "--json"]).ends(0);
    assert_eq!(run.json()["files"].as_array().expect("files").len(), 2);
}

/// A statement that ann and ben sign, committed and tagged by ann.
fn statement(team: &Team, path: &str, text: &str) {
    team.sandbox.write(&format!("pack/{path}"), text);
    team.sign(path, "ann").ends(0);
    team.sign(path, "ben").ends(0);
    team.commit("A statement");
    team.tag("ann");
}

/// A document of the pack and its signatures, copied into the folder `out` under another name.
fn copy_as(team: &Team, path: &str, name: &str) {
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        let bytes = team.sandbox.read(&format!("pack/{path}{suffix}"));
        team.sandbox.write(&format!("out/{name}{suffix}"), bytes);
    }
}

#[test]
fn a_statement_of_the_pack_under_another_name_is_name_mismatch() {
    let team = Team::new(PROGRAM);
    statement(&team, "fund/btc.txt", "bc1-first\n");
    copy_as(&team, "fund/btc.txt", "btc.txt");
    copy_as(&team, "fund/btc.txt", "xmr.txt");
    let by_pack = |name: &'static str| [name, "--pack", "../pack", "--json"];
    verify(&team, &by_pack("btc.txt")).ends(0);
    assert_eq!(rules(&verify(&team, &by_pack("xmr.txt")).ends(1)), ["name-mismatch"]);
}

#[test]
fn a_reader_who_saw_more_is_told_by_single_files_too() {
    let team = Team::new(PROGRAM);
    statement(&team, "fund/btc.txt", "bc1-old\n");
    copy_as(&team, "fund/btc.txt", "btc.txt");
    let before = team.head();
    let whole = ["--pack", "../pack", "--anchor", &team.anchor, "--json"];
    let file = [&["btc.txt"], &whole[..]].concat();
    verify(&team, &file).ends(0);
    statement(&team, "fund/btc.txt", "bc1-new\n");
    team.verify().ends(0);
    // The pack as it was, with the file of then: only who saw the newer one can tell.
    team.sandbox.git("pack", &["reset", "-q", "--hard", &before]);
    let run = verify(&team, &file).ends(1);
    let report = run.json();
    assert_eq!(report["findings"][0]["rule"], "rolled-back");
    verify(&team, &[&file[..], &["--no-memory"]].concat()).ends(0);
}

#[test]
fn an_old_text_that_stands_again_is_rolled_back_for_single_files_too() {
    let team = Team::new(PROGRAM);
    statement(&team, "fund/btc.txt", "bc1-old\n");
    copy_as(&team, "fund/btc.txt", "btc.txt");
    statement(&team, "fund/btc.txt", "bc1-new\n");
    team.verify().ends(0);
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        let bytes = team.sandbox.read(&format!("out/btc.txt{suffix}"));
        team.sandbox.write(&format!("pack/fund/btc.txt{suffix}"), bytes);
    }
    team.commit("The old one again");
    team.tag("ann");
    let file = ["btc.txt", "--pack", "../pack", "--anchor", &team.anchor, "--json"];
    assert_eq!(rules(&verify(&team, &file).ends(1)), ["rolled-back"]);
}
