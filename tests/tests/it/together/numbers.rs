//! One number, taken twice by clones that had not heard of each other.

use super::{Trio, hint};

const OTHER: &str = "Another thing altogether";

fn new(trio: &Trio, clone: &str, more: &[&str]) -> String {
    let run = trio.run(clone, &[&["bulletin", "new", "--title", OTHER], more].concat()).ends(0);
    run.stdout.trim().trim_start_matches("drafted: ").to_owned()
}

fn read(trio: &Trio, path: &str) -> String {
    String::from_utf8(trio.team.sandbox.read(path)).expect("UTF-8")
}

/// Ann's draft waits for signatures, signed by her, on the remote.
fn ann_opened(trio: &Trio) -> String {
    let path = trio.draft("ann");
    trio.sign("ann", &path).ends(0);
    let run = trio.run("ann", &["event", "open", &path]).ends(0);
    trio.types("ann", &hint(&run)).ends(0);
    path
}

#[test]
fn whoever_fetches_first_gets_the_next_number() {
    let trio = Trio::new();
    ann_opened(&trio);
    let before = trio.git("ben", &["status", "--porcelain"]);
    assert!(new(&trio, "ben", &["--fetch"]).contains("sb-002"));
    assert!(new(&trio, "carol", &[]).contains("sb-001"), "it was not asked to fetch");
    assert!(new(&trio, "carol", &["--fetch=origin"]).contains("sb-002"));
    let run = trio.run("ben", &["bulletin", "new", "--fetch=nowhere"]).ends(2);
    assert!(run.stderr.contains("no remote \"nowhere\""), "{}", run.stderr);
    assert_eq!(before, "");
    trio.run("ben", &["canary", "new", "--fetch"]).ends(0);
    // Long after the last fetch, it is said; a fresh clone keeps no time of it.
    let late = |clone: &str| {
        let words = ["bulletin", "new", "--now", "2125-01-01T00:00:00Z"];
        trio.team.sandbox.secpack(clone, &words).ends(0).stderr
    };
    assert!(late("ben").contains("warning: nothing was fetched for "));
    assert!(!late("ann").contains("nothing was fetched"));
}

/// Whoever can push takes the last number that a name can have: nothing is written that no policy
/// recognises, and a number of one's own still works.
#[test]
fn the_last_number_on_a_branch_stops_nobody() {
    let trio = Trio::new();
    trio.team.sandbox.write("ann/bulletins/sb-999999999-2026.txt", "mine\n");
    trio.git("ann", &["checkout", "-q", "-b", "mine"]);
    trio.git("ann", &["add", "."]);
    trio.git("ann", &["commit", "-q", "-m", "All numbers are mine"]);
    trio.git("ann", &["push", "-q", "origin", "mine"]);
    let before = trio.git("ben", &["status", "--porcelain"]);
    for words in [&["--fetch"][..], &["--number", "1000000000"], &["--number", "4294967295"]] {
        let run =
            trio.run("ben", &[&["bulletin", "new", "--title", OTHER], words].concat()).ends(1);
        assert!(run.stderr.contains("is past 999999999"), "{}", run.stderr);
        assert_eq!(trio.git("ben", &["status", "--porcelain"]), before);
    }
    let path = new(&trio, "ben", &["--number", "7"]);
    let last = ["bulletin", "renumber", &path, "--taken", "4294967295"];
    let run = trio.run("ben", &last).ends(1);
    assert!(run.stderr.contains("is past 999999999"), "{}", run.stderr);
    assert!(trio.team.sandbox.path(&format!("ben/{path}")).exists());
}

#[test]
fn a_number_that_was_taken_twice_is_noticed_and_solved_by_the_hints() {
    let trio = Trio::new();
    let path = ann_opened(&trio);
    assert_eq!(new(&trio, "ben", &[]), path, "neither has heard of the other");
    let mine = read(&trio, &format!("ben/{path}"));
    let run = trio.run("ben", &["event", "open", &path]).ends(0);
    // git refuses the second branch of one name, and nothing of Ann's is lost.
    let push = trio.types("ben", &hint(&run));
    assert!(push.code != 0 && push.stderr.contains("rejected"), "{}", push.stderr);
    trio.git("ben", &["fetch", "-q"]);
    let refused = trio.run("ben", &["event", "open", &path]).ends(1);
    let says = "origin/sign/bulletin-001 has another text as bulletins/";
    assert!(refused.stderr.contains(says), "{}", refused.stderr);
    let moved = trio.types("ben", &hint(&refused)).ends(0);
    assert!(!trio.team.sandbox.path(&format!("ben/{path}")).exists());
    let new_path = path.replace("sb-001", "sb-002");
    assert_eq!(read(&trio, &format!("ben/{new_path}")), mine.replacen("001", "002", 1));
    let opened = trio.types("ben", &hint(&moved)).ends(0);
    trio.types("ben", &hint(&opened)).ends(0);
    trio.git("ann", &["fetch", "-q"]);
    let list = trio.run("ann", &["event", "list"]).ends(0).stdout;
    assert!(list.contains("sign/bulletin-001") && list.contains("sign/bulletin-002"), "{list}");
    assert!(!list.contains("others have commits"), "{list}");
    assert!(!trio.run("ben", &["event", "list"]).ends(0).stdout.contains("others have commits"));
}

#[test]
fn a_draft_is_not_put_onto_the_branch_of_another() {
    let trio = Trio::new();
    let path = ann_opened(&trio);
    new(&trio, "ben", &[]);
    trio.git("ben", &["fetch", "-q"]);
    let refs = trio.git("ben", &["for-each-ref"]);
    let run = trio.run("ben", &["event", "open", &path]).ends(1);
    assert!(run.stderr.contains("two drafts took one name"), "{}", run.stderr);
    assert_eq!(trio.git("ben", &["for-each-ref"]), refs);
    // Ann's signature on the branch is over her text, not over this one.
    trio.types("ben", &hint(&run)).ends(0);
    // Who takes Ann's text and edits it works on the same draft.
    trio.git("carol", &["fetch", "-q"]);
    trio.git("carol", &["checkout", "-q", "origin/sign/bulletin-001", "--", &path]);
    let file = format!("carol/{path}");
    trio.team.sandbox.write(&file, read(&trio, &file).replace("1.0.7-2", "1.0.7-3"));
    trio.run("carol", &["event", "open", &path]).ends(0);
}

/// Whoever signed already takes that back first; nothing of the other's is touched.
#[test]
fn a_signed_draft_with_a_taken_number_gets_another_by_the_hint() {
    let trio = Trio::new();
    let path = ann_opened(&trio);
    new(&trio, "ben", &[]);
    let file = format!("ben/{path}");
    trio.team.sandbox.write(&file, read(&trio, &format!("ann/{path}")).replace("Integer", "Other"));
    trio.sign("ben", &path).ends(0);
    trio.run("ben", &["event", "open", &path]).ends(0);
    trio.git("ben", &["fetch", "-q"]);
    let theirs = trio.git("upstream.git", &["for-each-ref"]);
    let run = trio.run("ben", &["event", "open", &path]).ends(1);
    assert!(run.stderr.contains("two drafts took one name"), "{}", run.stderr);
    let asks = trio.types("ben", &hint(&run)).ends(2);
    assert!(asks.stderr.contains("this costs the signature of: ben"), "{}", asks.stderr);
    let moved = trio.types("ben", &hint(&asks)).ends(0);
    assert!(moved.stdout.contains("is now bulletins/sb-002"), "{}", moved.stdout);
    let tip = trio.git("ben", &["rev-parse", "sign/bulletin-001"]);
    trio.types("ben", &hint(&moved)).ends(0);
    // What Ben had committed is kept.
    assert_eq!(trio.git("ben", &["rev-parse", "kept-sign-bulletin-001"]), tip);
    let new_path = path.replace("sb-001", "sb-002");
    trio.sign("ben", &new_path).ends(0);
    trio.run("ben", &["event", "open", &new_path]).ends(0);
    assert_eq!(trio.git("upstream.git", &["for-each-ref"]), theirs);
}

/// Canaries have no title to tell them by.
#[test]
fn a_canary_is_not_put_onto_the_branch_of_another() {
    let trio = Trio::new();
    let path = "canaries/canary-001-2026.txt";
    for clone in ["ann", "ben"] {
        trio.run(clone, &["canary", "new"]).ends(0);
    }
    let file = format!("ben/{path}");
    trio.team.sandbox.write(&file, read(&trio, &file).replace("TODO", "A proof of Ben's"));
    let run = trio.run("ann", &["event", "open", path]).ends(0);
    trio.types("ann", &hint(&run)).ends(0);
    trio.git("ben", &["fetch", "-q"]);
    let refs = trio.git("ben", &["for-each-ref"]);
    let run = trio.run("ben", &["event", "open", path]).ends(1);
    assert!(run.stderr.contains("two drafts took one name"), "{}", run.stderr);
    assert_eq!(trio.git("ben", &["for-each-ref"]), refs);
    let choose = format!("by: git checkout origin/sign/canary-001 -- {path}\n");
    assert!(run.stderr.contains(&choose), "{}", run.stderr);
    let theirs = trio.types("ben", &hint(&run)).ends(0).stdout;
    assert_eq!(theirs, read(&trio, &format!("ann/{path}")));
}

#[test]
fn only_a_draft_that_nobody_signed_gets_another_number() {
    let trio = Trio::new();
    let path = trio.draft("ann");
    let check = |words: &[&str], code: i32, says: &str| {
        let before = trio.team.sandbox.contents("ann");
        let run = trio.run("ann", &[&["bulletin", "renumber"], words].concat()).ends(code);
        assert!(run.stderr.contains(says), "{}", run.stderr);
        assert_eq!(trio.team.sandbox.contents("ann"), before);
    };
    check(&[&path, "--number", "1"], 0, "");
    check(&["secpack.toml"], 2, "is no bulletin");
    check(&["SB-007"], 2, "is no document");
    let text = read(&trio, &format!("ann/{path}"));
    trio.team.sandbox.write(&format!("ann/{path}"), text.replacen("001", "007", 1));
    check(&[&path], 1, "its heading does not say its number");
    trio.team.sandbox.write(&format!("ann/{path}"), &text);
    trio.run("ann", &["bulletin", "renumber", &path, "--number", "5"]).ends(0);
    let path = path.replace("sb-001", "sb-005");
    trio.run("ann", &["bulletin", "lint", "SB-005"]).ends(0);
    trio.run("ann", &["bulletin", "renumber", &path, "--number", "1"]).ends(0);
    let path = path.replace("sb-005", "sb-001");
    assert_eq!(read(&trio, &format!("ann/{path}")), text, "there and back again");
    trio.run("ann", &["event", "open", &path]).ends(0);
    let run = trio.run("ann", &["bulletin", "renumber", &path]).ends(0);
    trio.types("ann", &hint(&run)).ends(0);
    let list = trio.run("ann", &["event", "list"]).ends(0).stdout;
    assert!(list.contains("abandoned: It has another number now"), "{list}");
    let path = path.replace("sb-001", "sb-002");
    trio.sign("ann", &path).ends(0);
    check(&[&path], 1, "is signed (");
}
