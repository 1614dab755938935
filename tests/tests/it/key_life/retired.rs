//! A member leaves: their roles end, history stays good, nothing new counts.

use super::{PROGRAM, at, hints, refuses, settle, sign_at, type_hint, verdict};
use secpack_tests::Team;

const DAY: &str = "2026-03-04";
const LATER: &str = "2026-04-04";

#[test]
fn what_a_retired_member_signed_stays_good_and_nothing_new_counts() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    let run = at(&team, DAY, &["keys", "retire", "ben"]).ends(0);
    assert!(run.stdout.contains("retired: ben, last day 2026-03-04; policy version 2"));
    assert!(!team.sandbox.path("pack/keys/members/ben.asc").exists());
    assert_eq!(
        team.sandbox.read("pack/keys/members/retired/ben.asc"),
        team.sandbox.read("ben-certified.asc")
    );
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    assert_eq!(policy.matches("until = 2026-03-04").count(), 1, "one role of ben's");
    assert!(policy.contains("# Never delete the key of a member who left"), "comments stay");
    // The hints name who must sign, ben among them, and can be typed.
    let signing: Vec<String> =
        hints(&run).into_iter().filter(|hint| hint.starts_with("secpack sign")).collect();
    assert_eq!(signing.len(), 2, "{signing:?}");
    for (hint, member) in signing.iter().zip(["ann", "ben"]) {
        type_hint(&team, DAY, hint, &format!("{member}.key")).ends(0);
    }
    let add = hints(&run).into_iter().find(|hint| hint.starts_with("git add")).expect("a hint");
    let (add, _) = add.split_once(" && ").expect("two commands");
    let words: Vec<&str> = add.split(' ').skip(1).filter(|w| !w.ends_with('*')).collect();
    team.sandbox.git("pack", &words);
    team.commit("Ben leaves");
    team.tag("ann");
    at(&team, LATER, &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
    assert_eq!(verdict(&team, LATER, &format!("{old}.sig.ben")), "good");
    // A new bulletin asks ann alone, and ben is refused.
    let new = team.draft();
    let words = "ben does not sign SB-002 (by the policy's roles)";
    let refused = refuses(&team, 1, words, || sign_at(&team, LATER, &new, "ben", "ben.key"));
    assert!(hints(&refused)[0].starts_with("secpack policy show"), "{}", refused.stderr);
    let head = team.head();
    let key = team.key_of("ben");
    let tag = ["tag", "--as", "ben", "--key", &key, "--yes", &head];
    refuses(&team, 1, "ben", || at(&team, LATER, &tag));
    // Stock gpg would take it; a reader does not.
    let gpg = super::Gpg::new(&team.sandbox, "gpg-ben", LATER);
    gpg.run(&["--import", "ben.key"]).ends(0);
    let (text, out) = (format!("pack/{new}"), format!("pack/{new}.sig.ben"));
    gpg.run(&["--armor", "--output", &out, "--detach-sign", &text]).ends(0);
    gpg.run(&["--verify", &out, &text]).ends(0);
    sign_at(&team, LATER, &new, "ann", "ann.key").ends(0);
    assert_eq!(verdict(&team, LATER, &format!("{new}.sig.ben")), "out-of-role");
    assert_eq!(verdict(&team, LATER, &format!("{new}.sig.ann")), "good");
}

#[test]
fn a_retirement_counts_only_when_the_policy_before_is_obeyed() {
    let team = Team::new(PROGRAM);
    team.released();
    at(&team, DAY, &["keys", "retire", "ben"]).ends(0);
    // Ann alone puts him out.
    settle(&team, DAY, &[("ann", "ann.key")], "Ben is gone");
    let run =
        at(&team, DAY, &["verify", "--anchor", &team.anchor, "--no-memory", "--json"]).ends(1);
    let findings = run.json()["findings"].to_string();
    assert!(findings.contains("policy-unsigned"), "{findings}");
}

#[test]
fn roles_end_at_a_number_or_a_later_day() {
    let team = Team::new(PROGRAM);
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let roles = "[[role]]\nmember = \"ben\"\nsigns = [\"bulletin\"]\n\n[[role]]\nmember = \"ben\"\nsigns = [";
    let one = "[[role]]\nmember = \"ben\"\nsigns = [\"bulletin\", ";
    assert!(text.contains(one), "{text}");
    team.sandbox.write("pack/secpack.toml", text.replacen(one, roles, 1));
    let last = ["keys", "retire", "ben", "--until", "2026-12-31", "--last", "bulletin=1"];
    at(&team, DAY, &last).ends(0);
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    assert!(
        text.contains("signs = [\"bulletin\"]\nnumbers = \"1-1\"\n")
            || text.contains("signs = [\"bulletin\"]\nnumbers = \"1\"\n"),
        "{text}"
    );
    settle(&team, DAY, &[("ann", "ann.key"), ("ben", "ben.key")], "Ben leaves");
    let first = team.draft();
    sign_at(&team, DAY, &first, "ben", "ben.key").ends(0);
    let second = team.draft();
    refuses(&team, 1, "ben does not sign SB-002", || {
        sign_at(&team, DAY, &second, "ben", "ben.key")
    });
}

#[test]
fn retirements_that_cannot_be_are_refused() {
    let team = Team::new(PROGRAM);
    let refused =
        |words: &str, arguments: &[&str]| refuses(&team, 1, words, || at(&team, DAY, arguments));
    refused("no member \"eve\"", &["keys", "retire", "eve"]);
    refused("for bulletin alone", &["keys", "retire", "ben", "--last", "bulletin=7"]);
    // Ben must sign his own end, and could not any more.
    let past = ["keys", "retire", "ben", "--until", "2026-03-01"];
    let run = refused("ben must sign the policy that ends their role", &past);
    let hint = hints(&run);
    let now = format!(" --now {DAY}T10:00:00Z");
    assert_eq!(hint, [format!("secpack keys retire ben{now} --until 2026-03-04")]);
    type_hint(&team, DAY, &hint[0].replace(&now, ""), "").ends(0);
    refused("no [[role]] of ben is in force any more", &["keys", "retire", "ben"]);
}
