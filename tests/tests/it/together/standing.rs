//! What `secpack status` says while three members sign: who, what, since when, what to type.

use super::{Trio, hint};
use serde_json::{Value, json};

/// The one document that `secpack status --json` says is unfinished.
fn open(trio: &Trio, clone: &str) -> Value {
    let report = trio.run(clone, &["status", "--json"]).ends(0).json();
    assert_eq!(report["schema"], "secpack/status/1");
    let rows = report["documents"].as_array().expect("a list").clone();
    let mut open = rows.into_iter().filter(|row| row["next"] != json!([]));
    let row = open.next().expect("an unfinished document");
    assert_eq!(open.next(), None);
    row
}

/// Member and verdict of each line.
fn members(row: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let members = row["members"].as_array().expect("a list").iter();
    members.map(|member| (text(&member["member"]), text(&member["verdict"]))).collect()
}

fn expected(verdicts: [&str; 3]) -> Vec<(String, String)> {
    let pairs = super::MEMBERS.into_iter().zip(verdicts);
    pairs.map(|(member, verdict)| (member.to_owned(), verdict.to_owned())).collect()
}

#[test]
fn status_follows_a_document_from_draft_to_tagged() {
    let trio = Trio::new();
    let sandbox = &trio.team.sandbox;
    let path = trio.draft("ann");
    let draft = open(&trio, "ann");
    assert_eq!(
        (&draft["stage"], &draft["since"], &draft["branch"]),
        (&json!("draft"), &Value::Null, &Value::Null)
    );
    assert_eq!(members(&draft), expected(["missing"; 3]));
    trio.sign("ann", &path).ends(0);
    trio.run("ann", &["event", "open", &path]).ends(0);
    trio.git("ann", &["push", "-q", "origin", "sign/bulletin-001"]);
    // Ben has only the branch: status shows it, and its command gets him the file.
    trio.git("ben", &["fetch", "-q", "origin"]);
    let bens = open(&trio, "ben");
    assert_eq!(
        (&bens["here"], &bens["branch"]),
        (&json!(false), &json!("origin/sign/bulletin-001"))
    );
    assert_eq!(bens["since"], secpack_tests::NOW);
    assert_eq!(members(&bens), expected(["good", "missing", "missing"]));
    trio.types("ben", bens["next"][0].as_str().expect("a command")).ends(0);
    trio.sign("ben", &path).ends(0);
    trio.run("ben", &["event", "open", &path]).ends(0);
    trio.git("ben", &["push", "-q", "origin", "sign/bulletin-001"]);
    // Ann's work tree lacks what the branch has: the first command brings it.
    trio.git("ann", &["fetch", "-q", "origin"]);
    let anns = open(&trio, "ann");
    assert_eq!(anns["next"][0], "secpack collect origin/sign/bulletin-001");
    trio.types(
        "ann",
        &format!("{} --now {}", anns["next"][0].as_str().expect("a command"), secpack_tests::NOW),
    )
    .ends(0);
    let anns = open(&trio, "ann");
    assert_eq!(members(&anns), expected(["good", "good", "missing"]));
    assert_eq!(anns["members"][2]["since"], secpack_tests::NOW, "since carol is waited for");
    assert_eq!(anns["next"][0], format!("secpack sign {path} --as carol --key FILE"));
    let shown = trio.run("ann", &["status", "SB-001"]).ends(0).stdout;
    for line in
        ["SB-001  signing  signed by ann, ben", "    carol  missing  since 2026-03-04T10:00:00Z"]
    {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    // An edit after the signatures: who, and which commit their signatures fit.
    let text = String::from_utf8(sandbox.read(&format!("ann/{path}"))).expect("text");
    sandbox.write(&format!("ann/{path}"), text.replacen("overflow", "Overflow", 1));
    let edited = open(&trio, "ann");
    assert_eq!(edited["stage"], "broken");
    assert_eq!(members(&edited), expected(["stale", "stale", "missing"]));
    let draft = trio.git("ann", &["rev-parse", "sign/bulletin-001"]);
    assert!(edited["members"][0]["detail"].as_str().expect("text").contains(&draft), "{edited}");
    assert_eq!(edited["next"][0], format!("secpack event open {path}"));
    // An older copy: the command takes what the branch has.
    let fresh = trio.git("ann", &["rev-parse", "origin/sign/bulletin-001"]);
    trio.git("ann", &["update-ref", "refs/heads/sign/bulletin-001", &fresh]);
    trio.run("ann", &["event", "open", &path]).ends(0);
    sandbox.write(&format!("ann/{path}"), &text);
    let older = open(&trio, "ann");
    assert_eq!(older["next"][0], format!("git checkout sign/bulletin-001 -- {path}"));
    trio.types("ann", older["next"][0].as_str().expect("a command")).ends(0);
    assert_eq!(members(&open(&trio, "ann")), expected(["stale", "stale", "missing"]));
}

#[test]
fn an_unknown_document_is_answered_with_what_there_is() {
    let trio = Trio::new();
    let before = trio.team.sandbox.contents("ann");
    let run = trio.run("ann", &["status", "SB-777"]).ends(2);
    assert!(run.stderr.contains("is no document of this pack"), "{}", run.stderr);
    assert!(before == trio.team.sandbox.contents("ann"), "something was changed");
    // What others have by now is fetched, and nothing else.
    let shown = trio.types("ann", &hint(&run)).ends(0).stdout;
    assert!(shown.contains("is complete, committed and tagged"), "{shown}");
}
