//! The real pack: every verdict compared with what GnuPG says in `truth/`.

use secpack_tests::{Run, Sandbox, TRUTH_ANCHOR, corpus, rows};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Keys that may sign documents and tags there.
const TEAM: [&str; 3] = [
    "BB67A93CA089499C47B69E3C4E6829BC92C7B3DC",
    "2D1771FE4D767EDC76B089FAD655A4F21830E06A",
    "EA18E7F040C41DDAEFE9AA0F4AC18DE1112E1490",
];

fn profile() -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.join("../templates/profiles/qubes.toml").display().to_string()
}

fn verify(corpus: &Path) -> Run {
    let sandbox = Sandbox::new(PROGRAM);
    let pack = corpus.join("qubes-secpack.git").display().to_string();
    sandbox.secpack(
        ".",
        &["verify", &pack, "--policy", &profile(), "--anchor", TRUTH_ANCHOR, "--json"],
    )
}

/// Signatures by path; each must appear once.
fn signatures(report: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for document in report["documents"].as_array().expect("documents") {
        for signature in document["signatures"].as_array().expect("signatures") {
            let path = signature["path"].as_str().expect("a path").to_owned();
            assert!(found.insert(path.clone(), signature.clone()).is_none(), "{path} twice");
        }
    }
    found
}

#[test]
fn every_signature_agrees_with_gnupg() {
    let Some(corpus) = corpus() else { return };
    let report = verify(&corpus).ends(0).json();
    let mut ours = signatures(&report);
    let truth = rows(&corpus.join("truth/detached.tsv"));
    assert_eq!(truth.len(), 365);
    for row in truth {
        let (path, status, signer) = (&row[0], &row[4], &row[5]);
        let signature = ours.remove(path).unwrap_or_else(|| panic!("{path} is not in the report"));
        if status == "GOODSIG" {
            assert_eq!(signature["signer"], signer.as_str(), "{path}");
            assert_eq!(signature["verdict"], "good", "{path}");
            assert_eq!(signature["made"], row[8].as_str(), "{path}");
            assert_eq!(signature["hash"], row[7].as_str(), "{path}");
        } else {
            assert_eq!(path, "canaries/canary-026-2021.txt.sig.joanna");
            assert_eq!(signature["verdict"], "stale", "{path}");
            check_named_commit(&corpus, path, signature["detail"].as_str().expect("a detail"));
        }
    }
    assert!(ours.is_empty(), "not in the truth: {:?}", ours.keys());
}

/// The commit that the detail names holds a text that stock gpg verifies with that signature.
fn check_named_commit(corpus: &Path, path: &str, detail: &str) {
    let commit = detail.rsplit(' ').next().expect("a commit");
    let sandbox = Sandbox::new(PROGRAM);
    let git = corpus.join("qubes-secpack.git").display().to_string();
    let document = path.trim_end_matches(".sig.joanna");
    let show = |what: &str| sandbox.git(".", &["-C", &git, "cat-file", "blob", what]).stdout;
    sandbox.write("text", show(&format!("{commit}:{document}")));
    sandbox.write("signature", show(&format!("HEAD:{path}")));
    sandbox
        .write("key", show("HEAD:keys/security-team/retired/joanna-qubes-secpack-signing-key.asc"));
    sandbox.gpg(".", &["--import", "key"]);
    sandbox.gpg(".", &["--verify", "signature", "text"]).ends(0);
}

#[test]
fn every_tag_agrees_with_gnupg() {
    let Some(corpus) = corpus() else { return };
    let report = verify(&corpus).ends(0).json();
    let mut ours: BTreeMap<String, Value> = BTreeMap::new();
    for tag in report["tags"].as_array().expect("tags") {
        let name = tag["ref"].as_str().expect("a ref").to_owned();
        assert!(ours.insert(name.clone(), tag.clone()).is_none(), "{name} twice");
    }
    let truth = rows(&corpus.join("truth/tags.tsv"));
    assert_eq!((truth.len(), ours.len()), (679, 679));
    for row in truth {
        let tag = &ours[&format!("refs/tags/{}", row[0])];
        let signer = row[6].as_str();
        match (row[5].as_str(), row[0].as_str()) {
            ("GOODSIG", name) => {
                assert_eq!(tag["signer"], signer, "{name}");
                let good = TEAM.contains(&signer) && name != "0v";
                assert_eq!(tag["verdict"] == "good", good, "{name}: {tag}");
            }
            // GnuPG does not have this key; history does, and it is revoked.
            (_, "w_49cc5d5a") => assert_eq!(tag["verdict"], "revoked"),
            (_, name) => assert_eq!(tag["verdict"], "unknown-key", "{name}"),
        }
    }
    assert_eq!(ours["refs/tags/0v"]["verdict"], "name-mismatch");
}

#[test]
fn a_clean_adopted_pack_says_so_in_a_dozen_lines() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let pack = corpus.join("qubes-secpack.git").display().to_string();
    let arguments = ["verify", &pack, "--policy", &profile(), "--anchor", TRUTH_ANCHOR];
    let run = sandbox.secpack(".", &arguments).ends(0);
    assert!(run.stdout.lines().count() <= 12, "{}", run.stdout);
    assert!(run.stdout.contains("364 good, 1 stale"), "{}", run.stdout);
}

#[test]
fn the_real_pack_is_not_good_under_another_anchor() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let pack = corpus.join("qubes-secpack.git").display().to_string();
    let other = "00112233445566778899AABBCCDDEEFF00112233";
    let run = sandbox.secpack(".", &["verify", &pack, "--policy", &profile(), "--anchor", other]);
    assert!(run.ends(1).stdout.contains("is no root of this pack"));
}

#[test]
fn history_names_the_commits_and_files_that_gnupg_names() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let pack = corpus.join("qubes-secpack.git").display().to_string();
    let arguments = ["verify", &pack, "--policy", &profile(), "--history", "--json"];
    let report = sandbox.secpack(".", &arguments).ends(0).json();
    let commits = report["history"]["commits"].as_array().expect("commits");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let ours: BTreeMap<String, Vec<String>> = commits
        .iter()
        .map(|c| {
            let stale = c["stale"].as_array().expect("paths").iter().map(text).collect();
            (text(&c["commit"])[..12].to_owned(), stale)
        })
        .filter(|(_, stale): &(String, Vec<String>)| !stale.is_empty())
        .collect();
    let truth: BTreeMap<String, Vec<String>> = rows(&corpus.join("truth/stale-commits.tsv"))
        .into_iter()
        .map(|row| {
            let named =
                row[2].split(' ').map(|bad| bad.rsplit_once('=').expect("a status").0.to_owned());
            let mut files: Vec<String> = named.collect();
            files.sort();
            (row[0].clone(), files)
        })
        .collect();
    assert_eq!(truth.len(), 815);
    assert_eq!(ours, truth);
    assert_eq!(report["summary"]["history"]["commits"], 966);
    assert_eq!(report["summary"]["history"]["stale_commits"], 815);
}

#[test]
fn explain_says_why_and_what_gpg_would_say() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let pack = corpus.join("qubes-secpack.git").display().to_string();
    let explain = |id: &str| {
        sandbox.secpack(".", &["explain", id, &pack, "--policy", &profile()]).ends(0).stdout
    };
    let stale = explain("stale:canaries/canary-026-2021.txt.sig.joanna");
    for part in [
        "b91ac46ef45a1278a17fb5d0a93eba363d13c085",
        "BB67 A93C A089 499C 47B6  9E3C 4E68 29BC 92C7 B3DC",
        "its key: keys/security-team/retired/",
        "accepted by the policy: the text's header was corrected",
        "gpg would say: BAD signature",
        "docs/verdicts.md#stale",
    ] {
        assert!(stale.contains(part), "{part} is not in:\n{stale}");
    }
    let good = explain("simon_sec_346d660c");
    assert!(good.contains("refs/tags/simon_sec_346d660c: good"), "{good}");
    assert!(good.contains("member: simon"), "{good}");
}
