//! Each kind of tampering gives exit code 1 and its own reason code; its benign twin passes.

use secpack_tests::{Run, Team};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

fn team() -> Team {
    Team::new(PROGRAM)
}

/// The verdict of one signature file in a report.
fn verdict(report: &Value, path: &str) -> String {
    let documents = report["documents"].as_array().expect("documents");
    let signatures = documents.iter().flat_map(|d| d["signatures"].as_array().expect("signatures"));
    let found = signatures.filter(|s| s["path"] == path).collect::<Vec<_>>();
    assert_eq!(found.len(), 1, "{path} appears {} times", found.len());
    found[0]["verdict"].as_str().expect("a code").to_owned()
}

fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings");
    let errors = findings.iter().filter(|f| f["level"] == "error" && f["accepted"] == false);
    errors.map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn a_released_bulletin_is_good() {
    let team = team();
    let path = team.released();
    let report = team.verify().ends(0).json();
    assert_eq!(report["schema"], "secpack/verify/1");
    assert_eq!(report["result"], "good");
    for member in ["ann", "ben"] {
        assert_eq!(verdict(&report, &format!("{path}.sig.{member}")), "good");
    }
    assert_eq!(report["head"]["tagged_by"][0], "ann");
}

#[test]
fn a_changed_byte_is_stale_for_everyone_who_signed() {
    let team = team();
    let path = team.released();
    let text = String::from_utf8(team.sandbox.read(&format!("pack/{path}"))).expect("text");
    team.sandbox.write(&format!("pack/{path}"), text.replacen("overflow", "Overflow", 1));
    let run = team.verify().ends(1);
    let report = run.json();
    for member in ["ann", "ben"] {
        assert_eq!(verdict(&report, &format!("{path}.sig.{member}")), "stale");
    }
    let detail = report["findings"].to_string();
    assert!(detail.contains(&team.head()), "it names the commit whose text matches: {detail}");
}

#[test]
fn a_text_that_never_was_is_bad() {
    let team = team();
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    let text = String::from_utf8(team.sandbox.read(&format!("pack/{path}"))).expect("text");
    team.sandbox.write(&format!("pack/{path}"), text.replacen("overflow", "Overflow", 1));
    team.commit("A bulletin whose signed text was never committed");
    team.tag("ann");
    assert_eq!(rules(&team.verify().ends(1)), ["bad", "bad"]);
}

#[test]
fn a_signature_under_another_name_is_wrong_member() {
    let team = team();
    let path = team.released();
    let anns = team.sandbox.read(&format!("pack/{path}.sig.ann"));
    team.sandbox.write(&format!("pack/{path}.sig.ben"), anns);
    let run = team.verify().ends(1);
    assert_eq!(verdict(&run.json(), &format!("{path}.sig.ben")), "wrong-member");
    assert_eq!(verdict(&run.json(), &format!("{path}.sig.ann")), "good");
}

#[test]
fn a_missing_signature_is_missing() {
    let team = team();
    let path = team.released();
    team.sandbox.git("pack", &["rm", "-q", &format!("{path}.sig.ben")]);
    let run = team.verify().ends(1);
    assert_eq!(rules(&run), ["missing"]);
    assert_eq!(run.json()["summary"]["signatures"]["missing"], 1);
}

#[test]
fn a_renamed_tag_is_name_mismatch() {
    let team = team();
    team.released();
    let name = format!("ann_sec_{}", &team.head()[..8]);
    let object = team.sandbox.git("pack", &["rev-parse", &name]).stdout;
    team.sandbox.git("pack", &["update-ref", "refs/tags/v1", object.trim()]);
    let run = team.verify().ends(1);
    assert_eq!(rules(&run), ["name-mismatch"]);
    // Stock git is satisfied with the signature inside; that is why we look at the name.
    let tags = run.json()["tags"].clone();
    let renamed =
        tags.as_array().expect("tags").iter().find(|t| t["ref"] == "refs/tags/v1").cloned();
    assert_eq!(renamed.expect("listed")["member"], Value::Null);
}

#[test]
fn an_unknown_key_is_unknown_key() {
    let team = team();
    let path = team.released();
    let other = Team::new(PROGRAM);
    let there = other.released();
    let foreign = other.sandbox.read(&format!("pack/{there}.sig.ben"));
    team.sandbox.write(&format!("pack/{path}.sig.ben"), foreign);
    assert_eq!(rules(&team.verify().ends(1)), ["unknown-key"]);
}

#[test]
fn an_emeritus_signs_canaries_only() {
    let team = team();
    let path = team.released();
    let refused = team.sign(&path, "carol").ends(1);
    assert!(refused.stderr.contains("carol does not sign SB-001"), "{}", refused.stderr);
    // The same made with another tool is found out by whoever verifies.
    team.sandbox.gpg(".", &["--import", "carol.key"]).ends(0);
    let document = team.sandbox.path(&format!("pack/{path}")).display().to_string();
    let out = format!("{document}.sig.carol");
    team.sandbox.gpg(".", &["--armor", "--output", &out, "--detach-sign", &document]).ends(0);
    let now = ["verify", "--anchor", &team.anchor, "--json"];
    let run = team.sandbox.secpack("pack", &now).ends(1);
    assert_eq!(verdict(&run.json(), &format!("{path}.sig.carol")), "out-of-role");
}

#[test]
fn a_bulletin_moved_to_another_number_is_name_mismatch() {
    let team = team();
    let path = team.released();
    let moved = path.replace("-001-", "-002-");
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        let bytes = team.sandbox.read(&format!("pack/{path}{suffix}"));
        team.sandbox.write(&format!("pack/{moved}{suffix}"), bytes);
    }
    assert_eq!(rules(&team.verify().ends(1)), ["name-mismatch"]);
}

#[test]
fn another_master_is_refused_under_the_anchor() {
    let team = team();
    team.released();
    let other = "00112233445566778899AABBCCDDEEFF00112233";
    let run = team.run(&["verify", "--anchor", other, "--json"]).ends(1);
    let rules = rules(&run);
    assert!(rules.contains(&"anchor".to_owned()), "{rules:?}");
    assert!(rules.contains(&"uncertified-key".to_owned()), "{rules:?}");
}

/// Raises the policy's version and adds one line.
fn change_policy(team: &Team, line: &str) {
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let raised = text.replacen("version = 1", "version = 2", 1);
    assert_ne!(raised, text);
    team.sandbox.write("pack/secpack.toml", format!("{raised}\n{line}\n"));
}

#[test]
fn a_new_policy_counts_when_the_old_one_is_satisfied() {
    let team = team();
    team.released();
    change_policy(&team, "# a comment that everyone agreed on");
    for member in ["ann", "ben"] {
        team.sign("secpack.toml", member).ends(0);
    }
    team.commit("Policy, version 2");
    team.tag("ann");
    team.verify().ends(0);
}

#[test]
fn a_policy_that_loosens_itself_is_not_believed() {
    let team = team();
    team.released();
    // Ann alone writes and signs a policy that no longer asks for ben.
    change_policy(&team, "[[require]]\nseries = \"policy\"\nsigners = [\"ann\"]");
    team.sandbox.git("pack", &["rm", "-q", "--cached", "secpack.toml.sig.ben"]);
    std::fs::remove_file(team.sandbox.path("pack/secpack.toml.sig.ben")).expect("removed");
    team.sign("secpack.toml", "ann").ends(0);
    team.commit("Policy, version 2");
    team.tag("ann");
    assert_eq!(rules(&team.verify().ends(1)), ["policy-unsigned"]);
}

#[test]
fn a_policy_cannot_accept_what_is_wrong_about_itself() {
    let team = team();
    team.released();
    let original = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let ann_alone = |text: String, message: &str| {
        team.sandbox.write("pack/secpack.toml", text);
        let _ = std::fs::remove_file(team.sandbox.path("pack/secpack.toml.sig.ben"));
        team.sign("secpack.toml", "ann");
        team.commit(message);
        team.tag("ann");
    };
    let lax = "[[require]]\nseries = \"policy\"\nsigners = [\"ann\"]\n";
    let second = original.replacen("version = 1", "version = 2", 1) + lax;
    ann_alone(second.clone(), "Policy, version 2");
    let report = team.verify().ends(1).json();
    let findings = report["findings"].as_array().expect("findings");
    let id = findings.iter().find(|f| f["rule"] == "policy-unsigned").expect("found")["id"].clone();
    // The third version accepts that finding, and a file that is no policy stands between.
    team.sandbox.write("pack/secpack.toml", "no policy at all");
    team.commit("Broken");
    let accepted = format!("[[accepted]]\nids = [{id}]\nreason = \"nothing to see\"\n");
    ann_alone(second.replacen("version = 2", "version = 3", 1) + &accepted, "Policy, version 3");
    let rules =
        rules(&team.run(&["verify", "--anchor", &team.anchor, "--json", "--no-memory"]).ends(1));
    assert!(rules.contains(&"policy-unsigned".to_owned()), "{rules:?}");
}

#[test]
fn who_left_is_not_asked_for_the_next_policy() {
    let team = team();
    team.released();
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let role = "[[role]]\nmember = \"ben\"\n";
    assert!(text.contains(role));
    let leaving = format!("{role}until = 2026-03-04\n");
    let second = text.replacen("version = 1", "version = 2", 1).replacen(role, &leaving, 1);
    team.sandbox.write("pack/secpack.toml", &second);
    team.sign("secpack.toml", "ann").ends(0);
    team.sign("secpack.toml", "ben").ends(0);
    team.commit("Policy, version 2: ben leaves");
    team.tag("ann");
    team.verify().ends(0);
    // A month later ann changes it alone; readers who saw ben's signature are not alarmed.
    team.sandbox.write("pack/secpack.toml", second.replacen("version = 2", "version = 3", 1));
    team.sandbox.git("pack", &["rm", "-q", "secpack.toml.sig.ben"]);
    let later = "2026-04-05T10:00:00Z";
    let at = |arguments: &[&str]| {
        let all: Vec<&str> = arguments.iter().chain(&["--now", later]).copied().collect();
        team.sandbox.secpack("pack", &all)
    };
    let digest = at(&["sign", "secpack.toml", "--as", "ann", "--dry-run"]).stdout[..64].to_owned();
    let key = team.key_of("ann");
    at(&["sign", "secpack.toml", "--as", "ann", "--key", &key, "--yes", &digest]).ends(0);
    team.commit("Policy, version 3");
    let head = team.head();
    at(&["tag", "--as", "ann", "--key", &key, "--yes", &head]).ends(0);
    at(&["verify", "--anchor", &team.anchor]).ends(0);
}
