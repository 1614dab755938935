//! From draft to push, each command alone, and each a second time.

use secpack_tests::Team;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// A team whose pack has a bare upstream that it is pushed to.
fn team_with_upstream() -> Team {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    let upstream = team.sandbox.path("upstream.git").display().to_string();
    team.sandbox.git("pack", &["remote", "add", "origin", &upstream]);
    team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    team
}

fn release(team: &Team, path: &str, more: &[&str]) -> secpack_tests::Run {
    let key = team.key_of("ann");
    let arguments = [&["release", path, "--as", "ann", "--key", &key][..], more].concat();
    team.run(&arguments)
}

#[test]
fn the_plan_alone_changes_nothing() {
    let team = team_with_upstream();
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    let before = team.sandbox.contents(".");
    let waiting = release(&team, &path, &["--execute"]).ends(1);
    assert!(waiting.stdout.contains("waiting"), "{}", waiting.stdout);
    assert!(
        waiting.stdout.contains(&format!("secpack sign {path} --as ben")),
        "{}",
        waiting.stdout
    );
    assert_eq!(before, team.sandbox.contents("."));
    team.sign(&path, "ben").ends(0);
    let before = team.sandbox.contents(".");
    let planned = release(&team, &path, &[]).ends(0);
    assert!(planned.stderr.contains("--execute"), "{}", planned.stderr);
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn a_release_ends_in_one_push_and_is_done_the_second_time() {
    let team = team_with_upstream();
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    release(&team, &path, &["--execute"]).ends(0);
    let head = team.head();
    let theirs = team.sandbox.git("upstream.git", &["rev-parse", "main"]).stdout;
    assert_eq!(theirs.trim(), head);
    let tag = format!("ann_sec_{}", &head[..8]);
    team.sandbox.git("upstream.git", &["rev-parse", &format!("refs/tags/{tag}")]);
    assert_eq!(team.sandbox.git("pack", &["status", "--short"]).stdout, "");
    let before = team.sandbox.contents(".");
    let again = release(&team, &path, &["--execute"]).ends(0);
    assert!(again.stderr.contains("everything is done already"), "{}", again.stderr);
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn stock_tools_accept_what_is_released() {
    let team = team_with_upstream();
    let path = team.released();
    let export = team.run(&["keys", "export"]).ends(0).stdout;
    team.sandbox.write("keyring.asc", export);
    team.sandbox.gpg(".", &["--import", "keyring.asc"]).ends(0);
    for member in ["ann", "ben"] {
        let signature = format!("{path}.sig.{member}");
        team.sandbox.gpg("pack", &["--verify", &signature, &path]).ends(0);
    }
    team.sandbox.git("pack", &["tag", "-v", &format!("ann_sec_{}", &team.head()[..8])]);
}

#[test]
fn a_remote_that_moved_blocks_the_release() {
    let team = team_with_upstream();
    let upstream = team.sandbox.path("upstream.git").display().to_string();
    team.sandbox.git(".", &["clone", "-q", &upstream, "other"]);
    team.sandbox.git("other", &["commit", "-q", "--allow-empty", "-m", "meanwhile"]);
    team.sandbox.git("other", &["push", "-q", "origin", "main"]);
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    let before = team.sandbox.contents(".");
    let run = release(&team, &path, &["--execute"]).ends(1);
    assert!(run.stdout.contains("get them first: git fetch origin"), "{}", run.stdout);
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn signing_twice_leaves_the_first_signature() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    let first = team.sandbox.read(&format!("pack/{path}.sig.ann"));
    let again = team.sign(&path, "ann").ends(0);
    assert!(again.stdout.contains("is signed by ann already"), "{}", again.stdout);
    assert_eq!(first, team.sandbox.read(&format!("pack/{path}.sig.ann")));
}

#[test]
fn a_changed_text_is_signed_again_by_its_member_only() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let text = String::from_utf8(team.sandbox.read(&format!("pack/{path}"))).expect("text");
    team.sandbox.write(&format!("pack/{path}"), text.replacen("overflow", "Overflow", 1));
    let status = team.run(&["status", &path]).ends(0).stdout;
    assert!(status.contains("stale"), "{status}");
    for member in ["ann", "ben"] {
        assert!(status.contains(&format!("secpack sign {path} --as {member}")), "{status}");
    }
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    team.commit("Revised");
    team.tag("ann");
    team.verify().ends(0);
}

#[test]
fn a_wrong_digest_signs_nothing() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let key = team.key_of("ann");
    let before = team.sandbox.contents(".");
    let other = "0123456789abcdef0123456789abcdef";
    let run = team.run(&["sign", &path, "--as", "ann", "--key", &key, "--yes", other]).ends(1);
    assert!(run.stderr.contains("--yes names another text"), "{}", run.stderr);
    let bens = team.key_of("ben");
    let digest = team.run(&["sign", &path, "--as", "ann", "--dry-run"]).stdout[..64].to_owned();
    let run = team.run(&["sign", &path, "--as", "ann", "--key", &bens, "--yes", &digest]).ends(1);
    assert!(run.stderr.contains("is not one of ann's"), "{}", run.stderr);
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn collect_keeps_good_signatures_and_names_the_others() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    let name = path.rsplit('/').next().expect("a name").to_owned();
    let anns = team.sandbox.read(&format!("pack/{path}.sig.ann"));
    // Ann's signature under ben's name, and ben's true one, on a stick.
    team.sandbox.write(&format!("stick/wrong/{name}.sig.ben"), &anns);
    let run = team.run(&["collect", "../stick"]).ends(1);
    assert!(run.stdout.contains("(wrong-member)"), "{}", run.stdout);
    assert!(!team.sandbox.path(&format!("pack/{path}.sig.ben")).exists());
    team.sign(&path, "ben").ends(0);
    let from = team.sandbox.path(&format!("pack/{path}.sig.ben"));
    std::fs::remove_dir_all(team.sandbox.path("stick")).expect("removed");
    std::fs::create_dir_all(team.sandbox.path("stick")).expect("a folder");
    std::fs::rename(from, team.sandbox.path(&format!("stick/{name}.sig.ben"))).expect("moved");
    let taken = team.run(&["collect", "../stick"]).ends(0);
    assert!(taken.stdout.contains(&format!("taken: {path}.sig.ben (ben)")), "{}", taken.stdout);
    let before = team.sandbox.contents("pack");
    let known = team.run(&["collect", "../stick"]).ends(0);
    assert!(known.stdout.contains("known: "), "{}", known.stdout);
    assert_eq!(before, team.sandbox.contents("pack"));
}

#[test]
fn generators_give_the_same_bytes_twice() {
    let (one, two) = (Team::new(PROGRAM), Team::new(PROGRAM));
    let (first, second) = (one.draft(), two.draft());
    assert_eq!(first, second);
    let path = format!("pack/{first}");
    assert_eq!(one.sandbox.read(&path), two.sandbox.read(&path));
    let again = one.run(&["init", "."]).ends(0);
    assert!(again.stdout.contains("nothing was changed"), "{}", again.stdout);
    // A second draft gets the next number and touches nothing.
    let next = one.draft();
    assert_ne!(next, first);
    assert_eq!(one.sandbox.read(&path), two.sandbox.read(&path));
}

#[test]
fn a_secret_key_never_enters_a_pack() {
    let team = Team::new(PROGRAM);
    let before = team.sandbox.contents(".");
    let arguments =
        ["init", "other", "--name", "X", "--root", "master=master.key", "--member", "ann=ann.asc"];
    let run = team.sandbox.secpack(".", &arguments).ends(1);
    assert!(run.stderr.contains("is a secret key"), "{}", run.stderr);
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn collect_takes_signatures_from_a_branch_and_from_a_whole_remote() {
    let team = team_with_upstream();
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    // Ben's signature travels on a branch; here it is gone.
    team.sandbox.git("pack", &["checkout", "-q", "-b", "signing/one"]);
    team.commit("For signing");
    team.sandbox.git("pack", &["push", "-q", "origin", "signing/one"]);
    let forget = || {
        let _ = std::fs::remove_file(team.sandbox.path(&format!("pack/{path}.sig.ben")));
    };
    for from in ["origin/signing/one", "origin", "signing/one"] {
        forget();
        let run = team.run(&["collect", from]).ends(0);
        assert!(run.stdout.contains(&format!("taken: {path}.sig.ben (ben)")), "{}", run.stdout);
    }
    let run = team.run(&["collect", "nowhere"]).ends(2);
    assert!(run.stderr.contains("no folder, file, branch or remote"), "{}", run.stderr);
}

#[test]
fn a_release_signs_its_commit_where_the_policy_asks_for_it() {
    let team = team_with_upstream();
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let signed = text.replacen("version = 1", "version = 2", 1).replacen(
        "[tags]\n",
        "[tags]\ncommit_signatures = \"required\"\n",
        1,
    );
    assert!(signed.contains("required"));
    team.sandbox.write("pack/secpack.toml", signed);
    team.sign("secpack.toml", "ann").ends(0);
    team.sign("secpack.toml", "ben").ends(0);
    release(&team, "secpack.toml", &["--execute"]).ends(0);
    let export = team.run(&["keys", "export"]).ends(0).stdout;
    team.sandbox.write("keyring.asc", export);
    team.sandbox.gpg(".", &["--import", "keyring.asc"]).ends(0);
    team.sandbox.git("pack", &["verify-commit", "HEAD"]);
}

/// A release of a signed bulletin that is refused: exit code 1, these words, nothing changed.
fn refused(team: &Team, path: &str, more: &[&str], words: &str) {
    let before = team.sandbox.contents(".");
    let run = release(team, path, &[&["--execute"], more].concat()).ends(1);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains(words), "{said}");
    assert_eq!(before, team.sandbox.contents("."));
}

/// A bulletin that waits for nobody.
fn signed(team: &Team) -> String {
    let path = team.draft();
    team.sign(&path, "ann").ends(0);
    team.sign(&path, "ben").ends(0);
    path
}

#[test]
fn a_release_on_a_branch_that_nobody_clones_is_blocked() {
    let team = team_with_upstream();
    // A remote-tracking HEAD in the upstream also ends in /HEAD and is not what readers clone.
    let symbolic = ["symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/side"];
    team.sandbox.git("upstream.git", &symbolic);
    team.sandbox.git("pack", &["checkout", "-q", "-b", "side"]);
    team.sandbox.git("pack", &["push", "-q", "origin", "side"]);
    let path = signed(&team);
    let files = format!("{path} {path}.sig.ann {path}.sig.ben");
    let words = format!(
        "you are on side, but readers of origin clone main; type: git add -- {files} && \
         git commit -m SB-001 -- {files} && git checkout main && \
         git merge --no-ff --no-edit --autostash side"
    );
    refused(&team, &path, &[], &words);
    team.sandbox.git("pack", &["checkout", "-q", "main"]);
    team.sandbox.git("pack", &["merge", "-q", "--ff-only", "side"]);
    release(&team, &path, &["--execute"]).ends(0);
}

#[test]
fn a_release_does_not_leave_out_keys_and_policy() {
    let team = team_with_upstream();
    let path = signed(&team);
    // As after `secpack init`: nothing is committed yet, and nothing published.
    team.sandbox.git("upstream.git", &["update-ref", "-d", "refs/heads/main"]);
    team.sandbox.git("pack", &["tag", "-d", &format!("ann_sec_{}", &team.head()[..8])]);
    team.sandbox.git("pack", &["update-ref", "-d", "refs/heads/main"]);
    team.sandbox.git("pack", &["rm", "-q", "-r", "--cached", "."]);
    let keys = ["master/master", "members/ann", "members/ben", "members/carol"];
    let files = keys.map(|key| format!("keys/{key}.asc")).join(" ") + " secpack.toml";
    let command = format!("type: git add -- {files} && git commit -m 'Begin the pack' -- {files}");
    refused(&team, "secpack.toml", &[], &command);
    refused(&team, &path, &[], "keys/master/master.asc is not committed, nor 4 more");
    team.sandbox.git("pack", &["add", "keys", "secpack.toml"]);
    team.sandbox.git("pack", &["rm", "-q", "--cached", "keys/members/ann.asc"]);
    team.sandbox.git("pack", &["commit", "-q", "-m", "Begin the pack"]);
    let ann = "keys/members/ann.asc";
    let commit = format!("git add -- {ann} && git commit -m 'Add keys' -- {ann}");
    let command = format!("{ann} is not committed; type: {commit}");
    refused(&team, "secpack.toml", &[], &command);
    team.sandbox.git("pack", &["add", "keys"]);
    team.sandbox.git("pack", &["commit", "-q", "-m", "Add keys"]);
    release(&team, "secpack.toml", &["--execute"]).ends(0);
    release(&team, &path, &["--execute"]).ends(0);
    // Later, a policy that differs is released, not left behind.
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    team.sandbox.write("pack/secpack.toml", text.replacen("version = 1", "version = 2", 1));
    refused(&team, &path, &[], "release it first: secpack release secpack.toml");
}

#[test]
fn a_release_by_nobody_is_blocked_before_it_begins() {
    for key in ["user.name", "user.email"] {
        let team = team_with_upstream();
        let path = signed(&team);
        team.sandbox.git("pack", &["config", "--unset", key]);
        let words = format!(
            "no usable {key}; type: git config user.name \"Your Name\" && git config user.email you@example.org"
        );
        refused(&team, &path, &[], &words);
    }
}

#[test]
fn a_release_with_a_wrong_anchor_or_key_changes_nothing() {
    let team = team_with_upstream();
    let path = signed(&team);
    let wrong = "0123456789ABCDEF0123456789ABCDEF01234567";
    refused(&team, &path, &["--anchor", wrong], "is not a root of this pack");
    let before = team.sandbox.contents(".");
    let bens = team.key_of("ben");
    let arguments = ["release", &path, "--as", "ann", "--key", &bens, "--execute"];
    let run = team.run(&arguments).ends(1);
    assert!(run.stderr.contains("is not one of ann's"), "{}", run.stderr);
    assert_eq!(before, team.sandbox.contents("."));
    release(&team, &path, &["--anchor", &team.anchor, "--execute"]).ends(0);
}
