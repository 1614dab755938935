//! What hints say to members who work side by side, each in their own clone and none of them up to
//! date.

use super::{PROGRAM, refused, typed};
use secpack_tests::{NOW, Run, Team};

const BRANCH: &str = "sign/bulletin-001";

/// Ann's draft waits on its branch, which the upstream has; Ben has a clone.
fn waiting() -> (Team, String) {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
    let path = team.draft();
    team.run(&["event", "open", &path]).ends(0);
    team.sandbox.git("pack", &["push", "-q", "origin", BRANCH]);
    cloned(&team);
    (team, path)
}

fn cloned(team: &Team) {
    team.sandbox.git(".", &["clone", "-q", "upstream.git", "ben"]);
    for (key, value) in [("user.name", "Ben"), ("user.email", "ben@example.org")] {
        team.sandbox.git("ben", &["config", key, value]);
    }
}

fn at(team: &Team, folder: &str, words: &[&str]) -> Run {
    team.sandbox.secpack(folder, &[&["--now", NOW], words].concat())
}

fn sign(team: &Team, folder: &str, member: &str) {
    let run = at(team, folder, &["sign", "SB-001", "--as", member, "--dry-run"]).ends(0);
    let digest = run.stdout.lines().next_back().expect("a digest")[..16].to_owned();
    let key = team.key_of(member);
    let words = ["sign", "SB-001", "--as", member, "--key", &key, "--yes", &digest];
    at(team, folder, &words).ends(0);
}

/// A revision is released from the branch where it was signed, with signatures nobody committed.
#[test]
fn a_revision_is_released_from_the_branch_of_its_event() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
    team.run(&["bulletin", "revise", &path, "--change", "More", "--yes"]).ends(0);
    team.run(&["event", "open", &path]).ends(0);
    team.sandbox.git("pack", &["push", "-q", "origin", BRANCH]);
    cloned(&team);
    // Who looks at main believes to have signed it.
    at(&team, "ben", &["event", "list"]).ends(0);
    let key = team.key_of("ben");
    let run = at(&team, "ben", &["sign", "SB-001", "--as", "ben", "--key", &key]).ends(0);
    assert!(run.stderr.contains(&format!("hint: git checkout {BRANCH}\n")), "{}", run.stderr);
    typed(&team.sandbox, "ben", &run).ends(0);
    for member in ["ann", "ben"] {
        sign(&team, "ben", member);
    }
    let release = ["release", "SB-001", "--as", "ben", "--key", &key];
    let run = at(&team, "ben", &release).ends(1);
    typed(&team.sandbox, "ben", &run).ends(0);
    at(&team, "ben", &[&release[..], &["--execute"]].concat()).ends(0);
}

/// Theirs was collected before the branches came together.
#[test]
fn an_event_over_signatures_that_were_collected() {
    let (team, path) = waiting();
    team.sandbox.git("ben", &["checkout", "-q", BRANCH]);
    sign(&team, "ben", "ben");
    at(&team, "ben", &["event", "open", "SB-001"]).ends(0);
    sign(&team, "pack", "ann");
    team.run(&["event", "open", &path]).ends(0);
    team.sandbox.git("pack", &["push", "-q", "origin", BRANCH]);
    at(&team, "ben", &["collect", "origin"]).ends(0);
    refused(&team, "ben", &["event", "open", "SB-001"], 1).ends(0);
    at(&team, "ben", &["event", "open", "SB-001"]).ends(0);
    assert!(team.sandbox.path(&format!("ben/{path}.sig.ann")).exists());
}

/// The remote may have all that is waited for.
#[test]
fn a_release_that_waits_gets_what_the_remote_has_first() {
    let (team, _) = waiting();
    team.sandbox.git("ben", &["commit", "-q", "--allow-empty", "-m", "More"]);
    team.sandbox.git("ben", &["push", "-q", "origin", "main"]);
    sign(&team, "pack", "ann");
    let key = team.key_of("ann");
    let release = ["release", "SB-001", "--as", "ann", "--key", &key];
    for hint in ["git fetch origin", "git merge --ff-only "] {
        let run = at(&team, "pack", &release).ends(1);
        assert!(run.stderr.contains(&format!("\nhint: {hint}")), "{}", run.stderr);
        typed(&team.sandbox, "pack", &run).ends(0);
    }
    let run = at(&team, "pack", &release).ends(1);
    assert!(run.stderr.contains("waiting for ben"), "{}", run.stderr);
}

#[test]
fn a_draft_that_others_have_on_its_branch_is_found() {
    let (team, _) = waiting();
    team.sandbox.git("ben", &["update-ref", "-d", &format!("refs/remotes/origin/{BRANCH}")]);
    let key = team.key_of("ben");
    let sign = ["sign", "SB-001", "--as", "ben", "--key", &key];
    let shown = refused(&team, "ben", &sign, 2).ends(0);
    assert!(shown.stdout.contains(&format!("next: git checkout {BRANCH}")), "{}", shown.stdout);
}

/// A signature over a text of an event is not called bad for good.
#[test]
fn an_answer_is_taken_on_the_branch_of_its_event() {
    let (team, path) = waiting();
    sign(&team, "pack", "ann");
    let name = format!("{}.sig.ann", path.rsplit('/').next().expect("a name"));
    team.sandbox.write(&name, team.sandbox.read(&format!("pack/{path}.sig.ann")));
    let collect = ["collect", &format!("../{name}")];
    refused(&team, "ben", &collect, 1).ends(0);
    at(&team, "ben", &collect).ends(0);
}
