//! The hooks under stock git: what they refuse, what they let pass, and what they never touch.

use super::{Trio, hint};
use secpack_tests::Run;
use std::path::Path;

const BRANCH: &str = "sign/bulletin-001";

/// Installs hooks in a clone, with the time of the tests.
fn installed(clones: &[&str]) -> Trio {
    let trio = Trio::new();
    for clone in clones {
        trio.run(clone, &["hook", "install", "--ci", "none"]).ends(0);
        for name in ["pre-commit", "pre-push"] {
            let path = format!("{clone}/.git/hooks/{name}");
            let text = String::from_utf8(trio.team.sandbox.read(&path)).expect("text");
            let fixed = format!("hook run --now {} {name}", secpack_tests::NOW);
            let text = text.replace(&format!("hook run {name}"), &fixed);
            assert!(text.contains(&fixed), "{text}");
            std::fs::write(trio.team.sandbox.path(&path), text).expect("written");
        }
    }
    trio
}

/// Stock git in a clone, however it ends.
fn git(trio: &Trio, clone: &str, arguments: &[&str]) -> Run {
    trio.team.sandbox.run(Path::new("git"), clone, arguments, &[])
}

/// `git add` and `git commit` of everything below bulletins, however it ends.
fn commit(trio: &Trio, clone: &str) -> Run {
    trio.git(clone, &["add", "-A", "bulletins"]);
    git(trio, clone, &["commit", "-q", "-m", "Work"])
}

/// The whole upstream, to show that nothing reached it.
fn upstream(trio: &Trio) -> impl PartialEq + std::fmt::Debug {
    trio.git("upstream.git", &["for-each-ref"])
}

fn refused(run: &Run, code: &str) {
    assert_ne!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains(&format!("[{code}]")), "{}", run.stderr);
}

fn edit(trio: &Trio, clone: &str, path: &str, change: impl Fn(&str) -> String) {
    let file = format!("{clone}/{path}");
    let text = String::from_utf8(trio.team.sandbox.read(&file)).expect("text");
    let changed = change(&text);
    assert_ne!(text, changed);
    trio.team.sandbox.write(&file, changed);
}

/// Ann signs and commits on the branch of the event; then the text is changed.
fn edited_after_signing(trio: &Trio, change: impl Fn(&str) -> String) -> String {
    let path = trio.draft("ann");
    trio.git("ann", &["checkout", "-q", "-b", BRANCH]);
    trio.sign("ann", &path).ends(0);
    assert_eq!(commit(trio, "ann").code, 0);
    trio.git("ann", &["push", "-q", "origin", BRANCH]);
    edit(trio, "ann", &path, change);
    path
}

/// Everyone signs the text of ann's branch, which is then published by a release.
fn second_round(trio: &Trio, path: &str) {
    for member in ["ben", "carol"] {
        trio.git(member, &["fetch", "-q", "origin"]);
        trio.git(member, &["checkout", "-q", "-B", BRANCH, &format!("origin/{BRANCH}")]);
        trio.sign(member, path).ends(0);
        trio.git(member, &["add", "-A"]);
        trio.git(member, &["commit", "-q", "-m", "Signed"]);
        trio.git(member, &["push", "-q", "origin", BRANCH]);
    }
    trio.git("ann", &["fetch", "-q", "origin"]);
    trio.run("ann", &["collect", &format!("origin/{BRANCH}")]).ends(0);
    let report = trio.run("ann", &["status", "SB-001", "--json"]).ends(0).json();
    assert_eq!(report["documents"][0]["missing"], serde_json::json!([]), "{report}");
    assert_eq!(report["documents"][0]["broken"], serde_json::json!([]), "{report}");
    assert_eq!(commit(trio, "ann").code, 0);
    trio.git("ann", &["checkout", "-q", "main"]);
    trio.git("ann", &["merge", "-q", "--squash", BRANCH]);
    trio.git("ann", &["commit", "-q", "-m", "SB-001"]);
    trio.git("ann", &["push", "-q", "origin", "main"]);
    assert_eq!(
        trio.git("upstream.git", &["rev-parse", "main"]),
        trio.git("ann", &["rev-parse", "HEAD"])
    );
}

#[test]
fn an_edit_after_one_signature_is_refused_and_a_second_round_ends_good() {
    let trio = installed(&["ann", "ben", "carol"]);
    let path = edited_after_signing(&trio, |text| text.replacen("overflow", "Overflow", 1));
    let status = trio.run("ann", &["status", "SB-001"]).ends(0).stdout;
    assert!(status.contains("stale") && status.contains("ann"), "{status}");
    let before = upstream(&trio);
    let head = trio.git("ann", &["rev-parse", "HEAD"]);
    let run = commit(&trio, "ann");
    refused(&run, "stale");
    assert!(run.stderr.contains(&head), "the commit it matches: {}", run.stderr);
    // Past the first hook, the second one still stands before the remote.
    trio.git("ann", &["commit", "-q", "--no-verify", "-m", "Work"]);
    let push = git(&trio, "ann", &["push", "-q", "origin", BRANCH]);
    refused(&push, "stale");
    assert_eq!(before, upstream(&trio));
    trio.git("ann", &["reset", "-q", "--soft", "HEAD~1"]);
    let run = git(&trio, "ann", &["commit", "-q", "-m", "Work"]);
    refused(&run, "stale");
    trio.types("ann", &hint(&run)).ends(0);
    trio.git("ann", &["commit", "-q", "-m", "A new text, signed by nobody yet"]);
    trio.sign("ann", &path).ends(0);
    assert_eq!(commit(&trio, "ann").code, 0);
    trio.git("ann", &["push", "-q", "origin", BRANCH]);
    second_round(&trio, &path);
}

#[test]
fn a_clean_up_of_blanks_is_refused_taken_back_and_a_second_round_ends_good() {
    for change in [
        |text: &str| text.trim_end().to_owned() + "\n\n",
        |text: &str| text.replace("\n\n", "\n \n"),
        |text: &str| text.replace('\n', "\r\n"),
    ] {
        let trio = installed(&["ann", "ben", "carol"]);
        let path = edited_after_signing(&trio, change);
        let status = trio.run("ann", &["status", "SB-001"]).ends(0).stdout;
        assert!(status.contains("    ann    stale  "), "{status}");
        let before = upstream(&trio);
        let signed = trio.git("ann", &["rev-parse", &format!("HEAD:{path}")]);
        let run = commit(&trio, "ann");
        refused(&run, "reformatted");
        trio.git("ann", &["commit", "-q", "--no-verify", "-m", "Clean up"]);
        refused(&git(&trio, "ann", &["push", "-q", "origin", BRANCH]), "reformatted");
        assert_eq!(before, upstream(&trio));
        trio.git("ann", &["reset", "-q", "--soft", "HEAD~1"]);
        trio.types("ann", &hint(&run)).ends(0);
        assert_eq!(trio.git("ann", &["rev-parse", &format!(":{path}")]), signed);
        assert_eq!(trio.git("ann", &["status", "--short", "bulletins"]), "");
        second_round(&trio, &path);
    }
}

#[test]
fn a_clean_up_of_blanks_that_is_kept_is_signed_anew_by_all() {
    let trio = installed(&["ann", "ben", "carol"]);
    let path = edited_after_signing(&trio, |text| text.trim_end().to_owned() + "\n\n");
    refused(&commit(&trio, "ann"), "reformatted");
    trio.sign("ann", &path).ends(0);
    let run = commit(&trio, "ann");
    assert_eq!(run.code, 0, "{}", run.stderr);
    trio.git("ann", &["push", "-q", "origin", BRANCH]);
    second_round(&trio, &path);
    assert_eq!(
        trio.git("upstream.git", &["rev-parse", &format!("main:{path}")]),
        trio.git("ben", &["hash-object", "--no-filters", &path])
    );
}

#[test]
fn nothing_incomplete_reaches_the_published_branch() {
    let trio = installed(&["ann"]);
    let path = trio.draft("ann");
    trio.sign("ann", &path).ends(0);
    let before = upstream(&trio);
    let run = commit(&trio, "ann");
    refused(&run, "missing");
    assert!(run.stderr.contains("not signed by ben, carol"), "{}", run.stderr);
    trio.git("ann", &["commit", "-q", "--no-verify", "-m", "Early"]);
    // What is pushed is judged, not what lies on disk.
    for member in ["ben", "carol"] {
        trio.team
            .sandbox
            .write(&format!("{member}/{path}"), trio.team.sandbox.read(&format!("ann/{path}")));
        trio.sign(member, &path).ends(0);
        let file = format!("{path}.sig.{member}");
        trio.team
            .sandbox
            .write(&format!("ann/{file}"), trio.team.sandbox.read(&format!("{member}/{file}")));
    }
    refused(&git(&trio, "ann", &["push", "-q", "origin", "main"]), "missing");
    // Nor does a later commit help: readers may look at the one between.
    assert_eq!(commit(&trio, "ann").code, 0);
    refused(&git(&trio, "ann", &["push", "-q", "origin", "main"]), "missing");
    refused(&git(&trio, "ann", &["push", "-q", "origin", "HEAD:main"]), "missing");
    assert_eq!(before, upstream(&trio));
    // The same on another branch is nobody's concern, and one commit of all of it is good.
    trio.git("ann", &["push", "-q", "origin", &format!("HEAD~1:refs/heads/{BRANCH}")]);
    trio.git("ann", &["reset", "-q", "--soft", "origin/main"]);
    trio.git("ann", &["commit", "-q", "-m", "SB-001"]);
    trio.git("ann", &["push", "-q", "origin", "main"]);
    // A published document does not go, and the branch does not go back.
    trio.git("ann", &["rm", "-q", "-r", "bulletins"]);
    let run = git(&trio, "ann", &["commit", "-q", "-m", "Away"]);
    refused(&run, "vanished");
    trio.types("ann", &hint(&run)).ends(0);
    trio.git("ann", &["checkout", "-q", "HEAD", "--", "bulletins"]);
    refused(&git(&trio, "ann", &["push", "-q", "-f", "origin", "HEAD~1:main"]), "rolled-back");
    refused(&git(&trio, "ann", &["push", "-q", "origin", ":main"]), "rolled-back");
    trio.git("ann", &["push", "-q", "origin", &format!(":{BRANCH}")]);
}

#[test]
fn a_commit_of_some_files_is_judged_by_what_goes_along() {
    let trio = installed(&["ann"]);
    let path = edited_after_signing(&trio, |text| text.replacen("overflow", "Overflow", 1));
    trio.team.sandbox.write("ann/notes.txt", "mine\n");
    trio.git("ann", &["add", "-A"]);
    refused(&git(&trio, "ann", &["commit", "-q", "-m", "All"]), "stale");
    trio.git("ann", &["commit", "-q", "-m", "Notes", "notes.txt"]);
    refused(&git(&trio, "ann", &["commit", "-q", "-m", "It", &path]), "stale");
}

#[test]
fn installing_again_changes_nothing_and_says_so() {
    let trio = Trio::new();
    let first = trio.run("ann", &["hook", "install"]).ends(0);
    let wrote = first.stdout.lines().filter(|line| line.starts_with("wrote")).count();
    assert_eq!(wrote, 4, "{}", first.stdout);
    let before = trio.team.sandbox.contents("ann");
    let again = trio.run("ann", &["hook", "install"]).ends(0);
    assert_eq!(again.stdout.lines().filter(|line| line.starts_with("there already")).count(), 5);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
    // Lines of others after ours would win: ours are appended, and theirs stay.
    let theirs = b"* text=auto\n*.txt eol=crlf";
    trio.team.sandbox.write("ann/.gitattributes", theirs);
    trio.run("ann", &["hook", "install"]).ends(0);
    let now = trio.team.sandbox.read("ann/.gitattributes");
    assert!(now.starts_with(theirs));
    let attributes =
        trio.git("ann", &["check-attr", "text", "whitespace", "--", "bulletins/x.txt"]);
    assert_eq!(attributes, "bulletins/x.txt: text: unset\nbulletins/x.txt: whitespace: unset");
    let before = trio.team.sandbox.contents("ann");
    trio.run("ann", &["hook", "install"]).ends(0);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
}

#[test]
fn what_others_put_there_is_kept() {
    for (file, line) in [
        (".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n"),
        (".git/hooks/pre-push", "#!/bin/sh\nexit 0\n"),
        (".github/workflows/secpack.yml", "on: [push]\n"),
        (".gitlab-ci.yml", "job: {}\n"),
    ] {
        let trio = Trio::new();
        let sandbox = &trio.team.sandbox;
        sandbox.write(&format!("ann/{file}"), line);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(sandbox.path(&format!("ann/{file}")), mode).expect("a mode");
        let before = sandbox.contents("ann");
        let run = trio.run("ann", &["hook", "install"]).ends(1);
        assert!(run.stderr.contains("somebody else"), "{}", run.stderr);
        assert_eq!(before, sandbox.contents("ann"));
        trio.types("ann", &hint(&run)).ends(0);
        trio.run("ann", &["hook", "install", "--ci", "none"]).ends(0);
        assert!(
            String::from_utf8_lossy(&sandbox.read(&format!("ann/{file}")))
                .contains(line.lines().last().expect("a line"))
        );
    }
    let trio = Trio::new();
    trio.git("ann", &["config", "core.hooksPath", "/elsewhere"]);
    let before = trio.team.sandbox.contents("ann");
    let run = trio.run("ann", &["hook", "install"]).ends(1);
    assert!(run.stderr.contains("git takes its hooks from /elsewhere"), "{}", run.stderr);
    assert_eq!(before, trio.team.sandbox.contents("ann"));
    trio.types("ann", &hint(&run)).ends(0);
    trio.run("ann", &["hook", "install"]).ends(0);
}

/// Settings by which a repository would have git run something.
const PLANTED: [&str; 9] = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.editor",
    "core.pager",
    "diff.external",
    "gpg.program",
    "gpg.openpgp.program",
    "filter.x.clean",
    "filter.x.smudge",
];

#[test]
fn the_hooks_run_nothing_that_a_repository_configures() {
    let trio = Trio::new();
    let sandbox = &trio.team.sandbox;
    let path = trio.draft("ann");
    trio.git("ann", &["add", "-A"]);
    let marker = sandbox.path("ran");
    sandbox.write("planted.sh", format!("#!/bin/sh\ntouch {}\n", marker.display()));
    let program = sandbox.path("planted.sh").display().to_string();
    std::os::unix::fs::PermissionsExt::set_mode(
        &mut std::fs::metadata(&program).expect("there").permissions(),
        0o755,
    );
    for key in PLANTED {
        trio.git("ann", &["config", key, &format!("sh {program}")]);
    }
    sandbox.write("ann/.git/info/attributes", "* filter=x diff=x\n");
    let run = trio.run("ann", &["hook", "run", "pre-commit"]).ends(1);
    refused(&run, "missing");
    let head = trio.git("ann", &["rev-parse", "HEAD"]);
    let line = format!("refs/heads/main {head} refs/heads/main {}\n", "0".repeat(40));
    sandbox.write("lines", line);
    let typed =
        format!("secpack hook run pre-push origin url --now {} < ../lines", secpack_tests::NOW);
    trio.types("ann", &typed).ends(0);
    trio.run("ann", &["hook", "install"]).ends(0);
    assert!(!marker.exists(), "a planted program ran");
    assert!(sandbox.path(&format!("ann/{path}")).exists());
}

#[test]
fn a_pack_that_is_there_is_named_where_it_lies() {
    let trio = Trio::new();
    let again = trio.run(".", &["init", "pack", "--name", "Again"]).ends(0);
    trio.types(".", &hint(&again)).ends(0);
    let inside = trio.run("pack", &["init", "--name", "Again"]).ends(0);
    trio.types("pack", &hint(&inside)).ends(0);
}

#[test]
fn what_git_never_says_is_no_push() {
    let trio = Trio::new();
    let run = trio.types("ann", "echo rubbish | secpack hook run pre-push origin").ends(2);
    assert!(run.stderr.contains("makes no sense"), "{}", run.stderr);
    trio.types("ann", "secpack hook run pre-push origin < /dev/null").ends(0);
}

/// The shell lines of a CI job, taken out of its YAML by a parser; `None` where PyYAML is absent,
/// which it must not be in CI.
fn job_lines(yaml: &str) -> Option<Vec<String>> {
    use std::io::Write;
    let there = std::process::Command::new("python3").args(["-c", "import yaml"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "python3 with PyYAML is absent");
        return None;
    }
    let script = "import sys,yaml,json\nd=yaml.safe_load(sys.stdin)\n\
                  j=d.get('jobs',d)\nj=j.get('judge') or j.get('secpack')\n\
                  s=[x['run'] for x in j.get('steps',[]) if 'run' in x] or j['script']\nprint(json.dumps(s))";
    let mut child = std::process::Command::new("python3")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3");
    child.stdin.take().expect("a pipe").write_all(yaml.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("ended");
    Some(serde_json::from_slice(&output.stdout).expect("the YAML parses and has a job"))
}

#[test]
fn the_jobs_of_both_ci_systems_judge_what_was_pushed() {
    let trio = Trio::new();
    let sandbox = &trio.team.sandbox;
    trio.run("ann", &["hook", "install"]).ends(0);
    let before = trio.git("ann", &["rev-parse", "HEAD"]);
    let path = trio.draft("ann");
    trio.git("ann", &["add", "-A", "bulletins"]);
    trio.git("ann", &["commit", "-q", "--no-verify", "-m", "Early"]);
    let bad = trio.git("ann", &["rev-parse", "HEAD"]);
    // As on a runner: the commits are there, fetched from origin already.
    trio.git("ann", &["update-ref", "refs/remotes/origin/main", &bad]);
    for file in [".github/workflows/secpack.yml", ".gitlab-ci.yml"] {
        let yaml = String::from_utf8(sandbox.read(&format!("ann/{file}"))).expect("text");
        let Some(lines) = job_lines(&yaml) else { return };
        let lines = lines.join("\n");
        for (after, from, branch, code) in [
            (&bad, &before, "main", 1),
            (&bad, &"0".repeat(40), "main", 1),
            (&before, &"0".repeat(40), "main", 0),
            (&bad, &before, "sign/bulletin-001", 0),
        ] {
            let variables = format!(
                "REF=refs/heads/{branch} AFTER={after} BEFORE={from} CI_COMMIT_BRANCH={branch} \
                 CI_COMMIT_SHA={after} CI_COMMIT_BEFORE_SHA={from}\nexport REF AFTER BEFORE"
            );
            let run = trio.types("ann", &format!("set -e\n{variables}\n{lines}"));
            assert_eq!(run.code, code, "{file} {branch}: {run:?}");
        }
    }
    assert!(sandbox.path(&format!("ann/{path}")).exists());
}
