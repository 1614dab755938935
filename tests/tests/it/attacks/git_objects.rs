//! Repositories that show other objects than they hold, and trees that no honest tool writes.

use super::{read, released, rules, verdict};
use secpack_tests::{Run, Team};
use std::path::PathBuf;

fn git(team: &Team, arguments: &[&str]) -> String {
    team.sandbox.git("pack", arguments).stdout.trim().to_owned()
}

fn bare(team: &Team) -> Run {
    team.run(&["verify", "--commit", "HEAD", "--anchor", &team.anchor, "--json"])
}

/// Stock git shows the forged text; we judge the one that is there.
#[test]
fn replace_refs_are_not_believed() {
    let (team, path) = released();
    team.sandbox.write("forged", "forged\n");
    let forged_path = team.sandbox.path("forged").display().to_string();
    let forged = git(&team, &["hash-object", "-w", &forged_path]);
    let real = git(&team, &["rev-parse", &format!("HEAD:{path}")]);
    git(&team, &["replace", &real, &forged]);
    assert_eq!(git(&team, &["show", &format!("HEAD:{path}")]), "forged");
    bare(&team).ends(0);
    // A commit and a tag replaced by others of their kind.
    let head = team.head();
    git(&team, &["replace", &head, &git(&team, &["rev-parse", "HEAD~1"])]);
    let run = bare(&team).ends(0);
    assert_eq!(verdict(&run, &format!("{path}.sig.ann")), "good");
    assert_eq!(run.json()["head"]["tagged_by"][0], "ann");
}

#[test]
fn grafts_shallow_clones_and_alternates_are_refused() {
    for (file, says) in [
        ("info/grafts", "other parents"),
        ("shallow", "cut off"),
        ("objects/info/alternates", "another repository"),
        ("objects/info/http-alternates", "another repository"),
    ] {
        let (team, _) = released();
        team.sandbox.write(&format!("pack/.git/{file}"), format!("{}\n", team.head()));
        for run in [team.verify(), bare(&team), team.run(&["status"])] {
            let run = run.ends(2);
            assert!(run.stderr.contains(says), "{file}: {}", run.stderr);
            assert!(run.stderr.contains("hint:"), "{}", run.stderr);
        }
        std::fs::remove_file(team.sandbox.path(&format!("pack/.git/{file}"))).expect("removed");
        team.verify().ends(0);
    }
}

#[test]
fn a_shallow_clone_says_so() {
    let (team, _) = released();
    let url = format!("file://{}", team.sandbox.path("pack").display());
    team.sandbox.git(".", &["clone", "-q", "--depth=1", &url, "shallow"]);
    let run = team.sandbox.secpack("shallow", &["verify", "--anchor", &team.anchor]).ends(2);
    assert!(run.stderr.contains("shallow"), "{}", run.stderr);
}

/// A commit-graph with other parents than the commits have: git log believes it.
#[test]
fn a_forged_commit_graph_changes_nothing() {
    let (team, _) = released();
    git(&team, &["commit-graph", "write", "--reachable"]);
    let before = team.run(&["verify", "--history", "--json"]).json();
    let place = team.sandbox.path("pack/.git/objects/info/commit-graph");
    let mut bytes = std::fs::read(&place).expect("a commit-graph");
    let mut permissions = std::fs::metadata(&place).expect("a file").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    std::fs::set_permissions(&place, permissions).expect("a mode");
    // Every parent becomes "none" (0x70000000): the 16 bytes behind each tree id.
    let trees = git(&team, &["log", "--format=%T"]);
    for tree in trees.lines() {
        let id: Vec<u8> = (0..20)
            .map(|n| u8::from_str_radix(&tree[2 * n..2 * n + 2], 16).expect("hex"))
            .collect();
        let at = bytes.windows(20).position(|w| w == id).expect("in the graph") + 20;
        bytes[at..at + 4].copy_from_slice(&0x7000_0000_u32.to_be_bytes());
    }
    std::fs::write(&place, bytes).expect("written");
    let after = team.run(&["verify", "--history", "--json"]).json();
    assert_eq!(before["summary"], after["summary"]);
    assert!(after["summary"]["history"]["commits"].as_u64().expect("a number") >= 2);
}

fn loose(team: &Team, id: &str) -> PathBuf {
    team.sandbox.path(&format!("pack/.git/objects/{}/{}", &id[..2], &id[2..]))
}

/// The file of one object in the place of another: its hash gives it away.
#[test]
fn a_swapped_object_is_damaged() {
    let (team, path) = released();
    let real = git(&team, &["rev-parse", &format!("HEAD:{path}")]);
    let other = git(&team, &["rev-parse", &format!("HEAD:{path}.sig.ann")]);
    std::fs::remove_file(loose(&team, &real)).expect("removed");
    std::fs::copy(loose(&team, &other), loose(&team, &real)).expect("copied");
    let run = bare(&team).ends(2);
    assert!(run.stderr.contains(&real) && run.stderr.contains("damaged"), "{}", run.stderr);
}

/// Writes a tree with `git mktree`, which takes names that `git add` refuses, and commits it as a
/// child of HEAD; the branch moves there.
fn plant(team: &Team, entries: &[(&str, &str)]) {
    let blob = git(team, &["rev-parse", "HEAD:secpack.toml"]);
    let tree = git(team, &["rev-parse", "HEAD^{tree}"]);
    let raw = std::process::Command::new("git")
        .args(["cat-file", "tree", &tree])
        .current_dir(team.sandbox.path("pack"))
        .output()
        .expect("git")
        .stdout;
    let id = |hex: &str| -> Vec<u8> {
        (0..20).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).expect("hex")).collect()
    };
    let mut whole: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut rest = &raw[..];
    while let Some(nul) = rest.iter().position(|byte| *byte == 0) {
        let blank = rest.iter().position(|byte| *byte == b' ').expect("a mode");
        let folder = rest.starts_with(b"4");
        let key = [&rest[blank + 1..nul], if folder { b"/" } else { b"" }].concat();
        whole.push((key, rest[..nul + 21].to_vec()));
        rest = &rest[nul + 21..];
    }
    for (mode, name) in entries {
        let target = if *mode == "160000" { team.head() } else { blob.clone() };
        let entry = [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &id(&target)].concat();
        whole.push((name.as_bytes().to_vec(), entry));
    }
    whole.sort();
    let bytes: Vec<u8> = whole.into_iter().flat_map(|(_, entry)| entry).collect();
    team.sandbox.write("tree", bytes);
    let path = team.sandbox.path("tree").display().to_string();
    let planted = git(team, &["hash-object", "-t", "tree", "-w", "--literally", &path]);
    let commit = git(team, &["commit-tree", &planted, "-p", "HEAD", "-m", "planted"]);
    git(team, &["update-ref", "HEAD", &commit]);
}

#[test]
fn names_that_some_system_reads_differently() {
    for name in [
        "..",
        ".",
        ".git",
        ".GIT",
        ".git.",
        ".git ",
        "git~1",
        ".g\u{200c}it",
        "SECPACK.toml",
        "\u{ff33}x\u{301}\\y",
        "a\nb",
        "a\u{1b}[2Jb",
    ] {
        let (team, _) = released();
        plant(&team, &[("100644", name)]);
        let run = bare(&team);
        let refused = run.code == 2 || rules(&run.clone().ends(1)).contains(&"harmful-path".into());
        assert!(refused, "{name:?}: {run:?}");
        assert!(!run.stdout.contains('\u{1b}'), "{name:?}");
    }
}

#[test]
fn modes_that_hide_something() {
    let (team, _) = released();
    plant(&team, &[("160000", "module")]);
    let run = bare(&team);
    assert!(!rules(&run).contains(&"bad".to_owned()), "{run:?}");
    // In the place of a document nothing of it is read.
    let (team, _) = released();
    plant(&team, &[("160000", "secpack.toml.sig.carol"), ("120000", "secpack.toml.sig.dave")]);
    let run = bare(&team).ends(1);
    for member in ["carol", "dave"] {
        assert_eq!(verdict(&run, &format!("secpack.toml.sig.{member}")), "unreadable");
    }
    let (team, _) = released();
    plant(&team, &[("100600", "odd")]);
    assert!(rules(&bare(&team).ends(1)).contains(&"harmful-path".to_owned()));
}

/// What lies on disk and what is committed are two things; the report says which it judged.
#[test]
fn the_work_tree_is_not_the_commit() {
    let (team, path) = released();
    let text = read(&team, &path).replacen("overflow", "Overflow", 1);
    super::write(&team, &path, text);
    bare(&team).ends(0);
    let run = team.verify().ends(1);
    assert_eq!(verdict(&run, &format!("{path}.sig.ann")), "stale");
}
