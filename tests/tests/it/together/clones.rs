//! Each of three clones takes in the others' answers in an order of its own, twice, late, and one
//! over an older text: in the end all three have the same bytes.

use super::{MEMBERS, Trio};

/// A member signs a text in their own clone, and pushes it as a branch.
fn answers(trio: &Trio, member: &str, (path, text): (&str, &str), branch: &str) {
    trio.git(member, &["checkout", "-q", "-b", branch]);
    trio.team.sandbox.write(&format!("{member}/{path}"), text);
    trio.sign(member, path).ends(0);
    trio.git(member, &["add", "-A"]);
    trio.git(member, &["commit", "-q", "-m", "Signed"]);
    trio.git(member, &["push", "-q", "origin", branch]);
    trio.git(member, &["checkout", "-q", "main"]);
}

/// The document and every signature beside it, as a clone has them.
fn there(trio: &Trio, clone: &str, path: &str) -> Vec<Vec<u8>> {
    let signatures = MEMBERS.map(|member| format!("{clone}/{path}.sig.{member}"));
    let files = std::iter::once(format!("{clone}/{path}")).chain(signatures);
    files.map(|file| trio.team.sandbox.read(&file)).collect()
}

#[test]
fn three_clones_end_with_the_same_bytes_whatever_came_first() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    let text = String::from_utf8(trio.team.sandbox.read(&format!("ann/{path}"))).expect("text");
    let older = text.replacen("overflow", "Overflow", 1);
    answers(&trio, "carol", (&path, &older), "answer/older");
    for member in MEMBERS {
        answers(&trio, member, (&path, &text), &format!("answer/{member}"));
    }
    for (clone, order) in [
        ("ann", ["ann", "ben", "older", "carol", "ben"]),
        ("ben", ["carol", "carol", "ann", "older", "ben"]),
        ("carol", ["older", "ben", "carol", "ann", "older"]),
    ] {
        trio.team.sandbox.write(&format!("{clone}/{path}"), &text);
        trio.git(clone, &["fetch", "-q", "origin"]);
        for from in order {
            let run = trio.run(clone, &["collect", &format!("origin/answer/{from}")]);
            assert_eq!(run.code, i32::from(from == "older"), "{clone} {from}: {run:?}");
        }
        let report = trio.run(clone, &["status", &path, "--json"]).ends(0).json();
        assert_eq!(report["documents"][0]["missing"], serde_json::json!([]), "{report}");
    }
    let anns = there(&trio, "ann", &path);
    assert_eq!(anns[0], text.into_bytes());
    assert_eq!(there(&trio, "ben", &path), anns);
    assert_eq!(there(&trio, "carol", &path), anns);
}
