//! Every refusal ends with a hint that works where it is typed. The sandbox holds each refusal to
//! that (`secpack_tests::hints`); here the examples of every command are typed where they cannot
//! work, and hints of whom a test of their own is due are typed.

mod daily;
mod edits;
mod keys;
mod mistakes;
mod nights;
mod packs;
mod releases;
mod slips;
mod states;
mod work;

use secpack_tests::{NOW, Run, Sandbox, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Every example of every command, as words behind the program's name.
fn examples() -> Vec<Vec<String>> {
    let mut open = vec![<secpack::Cli as clap::CommandFactory>::command()];
    let mut found = Vec::new();
    while let Some(command) = open.pop() {
        open.extend(command.get_subcommands().cloned());
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let after = after.replace("\\\n", " ");
        let lines = after.lines().filter_map(|line| line.strip_prefix("  secpack "));
        found.extend(lines.map(|line| {
            shlex::split(line).unwrap_or_else(|| panic!("no line of a shell: {line}"))
        }));
    }
    found.sort();
    found.dedup();
    // This goes on until somebody stops it.
    found.retain(|words| !words.iter().any(|word| word == "--watch"));
    found
}

/// Types every example in a folder; what is refused there is held to the rule by the sandbox.
fn refused_in(sandbox: &Sandbox, folder: &str) -> usize {
    let ends = |words: &Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = sandbox.secpack(folder, &[&["--now", NOW], &words[..]].concat());
        assert!((0..=2).contains(&run.code), "{words:?}: {}\n{}", run.code, run.stderr);
        run.code != 0
    };
    examples().iter().filter(|words| ends(words)).count()
}

#[test]
fn outside_of_a_pack() {
    let sandbox = Sandbox::new(PROGRAM);
    sandbox.write("nowhere/file.txt", "x\n");
    assert!(refused_in(&sandbox, "nowhere") > 70);
}

#[test]
fn in_a_repository_without_a_commit() {
    let sandbox = Sandbox::new(PROGRAM);
    sandbox.git(".", &["init", "-q", "-b", "main", "empty"]);
    assert!(refused_in(&sandbox, "empty") > 70);
}

#[test]
fn in_a_pack_whose_policy_is_broken() {
    for policy in [&b"schema = \"secpack/policy/1\"\nversion = 1\nnam = \"x\"\n"[..], b"\xff\n"] {
        let sandbox = Sandbox::new(PROGRAM);
        sandbox.git(".", &["init", "-q", "-b", "main", "pack"]);
        sandbox.write("pack/secpack.toml", policy);
        sandbox.git("pack", &["add", "."]);
        sandbox.git("pack", &["commit", "-q", "-m", "Begin"]);
        assert!(refused_in(&sandbox, "pack") > 70);
    }
}

#[test]
fn in_a_folder_of_a_pack() {
    let team = Team::new(PROGRAM);
    team.released();
    assert!(refused_in(&team.sandbox, "pack/bulletins") > 50);
}

/// Types the last hint of a refusal where it was refused.
fn typed(sandbox: &Sandbox, folder: &str, refused: &Run) -> Run {
    let mut hints = refused.stderr.lines().filter_map(|line| line.strip_prefix("hint: "));
    let hint = hints.next_back().unwrap_or_else(|| panic!("no hint:\n{}", refused.stderr));
    let line = format!(
        "secpack() {{ {PROGRAM} --now {NOW} \"$@\"; }}\n{}",
        hint.replace(&format!(" --now {NOW}"), "")
    );
    sandbox.run(std::path::Path::new("sh"), folder, &["-c", &line], &[])
}

/// Refused in a folder below the sandbox, with the hint of the refusal typed there.
fn refused(team: &Team, folder: &str, arguments: &[&str], code: i32) -> Run {
    let run = team.sandbox.secpack(folder, &[&["--now", NOW], arguments].concat()).ends(code);
    typed(&team.sandbox, folder, &run)
}

/// A pack with a bare upstream that has everything, and a draft that everybody signed.
fn signed() -> (Team, String) {
    let team = Team::new(PROGRAM);
    team.sandbox.git(".", &["init", "-q", "--bare", "-b", "main", "upstream.git"]);
    team.sandbox.git("pack", &["remote", "add", "origin", "../upstream.git"]);
    team.sandbox.git("pack", &["push", "-q", "--tags", "origin", "main"]);
    let path = team.draft();
    for member in ["ann", "ben"] {
        team.sign(&path, member).ends(0);
    }
    (team, path)
}

#[test]
fn a_name_that_may_mean_several_documents() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let other = path.replace("2026", "2025");
    team.sandbox.write(&format!("pack/{other}"), team.sandbox.read(&format!("pack/{path}")));
    for command in [&["bulletin", "show", "SB-001"][..], &["bulletin", "lint", "SB-001", "--json"]]
    {
        let run = refused(&team, "pack", command, 2);
        assert!(run.code < 2 && !run.stdout.is_empty(), "{command:?}: {}", run.stderr);
    }
}

#[test]
fn a_text_that_is_none() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.sandbox.write(&format!("pack/{path}"), b"one\nca\xffn\x1b[2J\n");
    for command in ["show", "renumber"] {
        let shown = refused(&team, "pack", &["bulletin", command, &path], 1).ends(0).stdout;
        assert_eq!(shown, "2:caM-^?n^[[2J\n");
    }
}

#[test]
fn values_that_no_draft_takes() {
    let team = Team::new(PROGRAM);
    for (option, value) in
        [("--title", "a\nb"), ("--title", "a\u{1b}[2J"), ("--package", "foo"), ("--facts", "none")]
    {
        let run = refused(&team, "pack", &["bulletin", "new", option, value], 2).ends(0);
        assert!(!run.stdout.is_empty(), "{option} {value}");
    }
    refused(&team, "pack", &["canary", "freshness", "fetch", "--feed", "Nobody=secpack.toml"], 2);
}

#[test]
fn numbers_that_are_taken() {
    let team = Team::new(PROGRAM);
    team.released();
    let new = ["bulletin", "new", "--title", "Another"];
    let drafted = refused(&team, "pack", &[&new[..], &["--number", "1"]].concat(), 1).ends(0);
    assert!(drafted.stdout.contains("sb-002-2026.txt"), "{}", drafted.stdout);
    let last = [&new[..], &["--taken", "999999999"]].concat();
    let drafted = refused(&team, "pack", &last, 1).ends(0);
    assert!(drafted.stdout.contains("sb-003-2026.txt"), "{}", drafted.stdout);
}

/// The pack is named, or the person stands in one of its folders: what a hint names is found.
#[test]
fn hints_fit_the_place_where_they_are_typed() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let pack = ["--pack", "pack"];
    let nobody = [&pack[..], &["sign", &path, "--as", "nobody"]].concat();
    let policy = refused(&team, ".", &nobody, 1).ends(0).stdout;
    assert!(policy.contains("ann"), "{policy}");
    // A text that is revised, and a signature that no commit has: git works in the pack.
    for folder in [".", "pack/bulletins"] {
        let place = format!("pack/{path}");
        let text = String::from_utf8(team.sandbox.read(&place)).expect("text");
        team.sandbox.write(&place, text.replace("long record", "longer record"));
        let options: &[&str] = if folder == "." { &pack } else { &[] };
        let open = [options, &["event", "open", "SB-001"]].concat();
        team.sandbox.secpack(folder, &[&["--now", NOW], &open[..]].concat());
        team.sandbox.git("pack", &["checkout", "-q", "--", &path]);
        let revise = ["bulletin", "revise", "SB-001", "--change", "Say more", "--yes"];
        let revise = [&["--now", NOW], options, &revise[..]].concat();
        let revised = team.sandbox.secpack(folder, &revise).ends(0);
        typed(&team.sandbox, folder, &revised).ends(0);
        let left = team.sandbox.git("pack", &["status", "--porcelain"]).stdout;
        assert_eq!(left, "", "{folder}");
        for member in ["ann", "ben"] {
            team.sign(&path, member).ends(0);
        }
        team.commit("Signed again");
    }
}

#[test]
fn an_event_whose_branch_another_work_tree_has() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    team.run(&["event", "open", &path]).ends(0);
    let branch = "sign/bulletin-001";
    team.sandbox.git("pack", &["worktree", "add", "-q", "../other", branch]);
    let close = ["event", "close", &path, "--abandon", "It is not needed"];
    let before = team.sandbox.git("pack", &["for-each-ref"]).stdout;
    refused(&team, "pack", &close, 1).ends(0);
    assert_eq!(before, team.sandbox.git("pack", &["for-each-ref"]).stdout);
    team.run(&close).ends(0);
    assert!(
        !team.sandbox.git("pack", &["for-each-ref"]).stdout.contains(&format!("heads/{branch}"))
    );
}

#[test]
fn an_event_in_a_pack_without_a_commit_begins_with_everything_but_the_draft() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    std::fs::remove_dir_all(team.sandbox.path("pack/.git")).expect("removed");
    team.sandbox.git("pack", &["init", "-q", "-b", "main"]);
    team.sandbox.git("pack", &["config", "user.name", "Test"]);
    team.sandbox.git("pack", &["config", "user.email", "test@example.org"]);
    refused(&team, "pack", &["event", "open", &path], 1).ends(0);
    let files = team.sandbox.git("pack", &["ls-files"]).stdout;
    assert!(files.contains("secpack.toml") && !files.contains(&path), "{files}");
    team.run(&["event", "open", &path]).ends(0);
}

#[test]
fn what_stands_in_the_way_of_a_signature_is_told_before_anybody_is_asked() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let file = format!("pack/{path}.sig.ann");
    team.sandbox.write(&file, "junk");
    let sign = ["sign", &path, "--as", "ann", "--key", &team.key_of("ann")];
    let run = team.run(&sign).ends(1);
    assert!(run.stderr.contains("stands there already (malformed)"), "{}", run.stderr);
    typed(&team.sandbox, "pack", &run).ends(0);
    assert!(!team.sandbox.path(&file).exists());
    team.sign(&path, "ann").ends(0);
}

#[test]
fn evidence_of_another_name_is_refused() {
    let team = Team::new(PROGRAM);
    let path = team.released();
    team.sandbox.write("other.freshness.json", "{}\n");
    let document = team.sandbox.path(&format!("pack/{path}")).display().to_string();
    let words = ["verify", "--pack", "pack", &document, "other.freshness.json"];
    let run = team.sandbox.secpack(".", &words).ends(2);
    assert!(run.stderr.contains("evidence of none of these documents"), "{}", run.stderr);
    let hint =
        format!("canary freshness verify {document} --evidence other.freshness.json --pack pack");
    assert!(run.stderr.ends_with(&format!("hint: secpack {hint}\n")), "{}", run.stderr);
}

#[test]
fn a_text_that_is_named_from_outside_of_its_pack() {
    let team = Team::new(PROGRAM);
    let path = format!("pack/{}", team.released());
    let run = refused(&team, ".", &["bulletin", "lint", &path, "--json"], 2).ends(0);
    assert_eq!(run.stdout, "[]\n");
}
