//! Readers of the real pack: each saw a commit, and is refused what came before it.

use secpack_tests::{Run, Sandbox, TRUTH_ANCHOR, corpus};
use std::path::Path;

/// How far below the newest commit each reader looked; all of these are good as a whole.
const READERS: [usize; 5] = [90, 60, 46, 29, 0];
/// How many earlier commits each is offered.
const OFFERS: usize = 10;
const FILE: &str = "home/state/secpack/427F11FD0FAA4B080123F01CDDFA1A3E36879494.json";

/// A copy of the real pack whose branch can be moved. A plain copy, because some blobs are missing
/// on purpose.
pub fn copy(corpus: &Path) -> Sandbox {
    let sandbox = Sandbox::new(super::PROGRAM);
    let from = corpus.join("qubes-secpack.git").display().to_string();
    sandbox.run(Path::new("cp"), ".", &["-r", &from, "pack.git"], &[]).ends(0);
    sandbox
}

pub fn run(sandbox: &Sandbox, command: &str, more: &[&str]) -> Run {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policy = tests.join("../templates/profiles/qubes.toml").display().to_string();
    let fixed = [command, "pack.git", "--policy", &policy, "--anchor", TRUTH_ANCHOR];
    sandbox.secpack(".", &[&fixed[..], more].concat())
}

pub fn point(sandbox: &Sandbox, commit: &str) {
    sandbox.git("pack.git", &["update-ref", "refs/heads/main", commit]);
}

fn refused(sandbox: &Sandbox, commit: &str, how: &str) {
    let before = sandbox.read(FILE);
    point(sandbox, commit);
    let run = run(sandbox, "verify", &["--json"]).ends(1);
    let report = run.json();
    assert_eq!(report["memory"]["state"], "refused");
    assert_eq!(report["findings"][0]["rule"], "rolled-back");
    assert!(run.stdout.contains(how), "{}", run.stdout);
    assert!(sandbox.read(FILE) == before, "the memory changed");
}

/// Fifty pairs: five readers go forward through history, and before each step every one of ten
/// earlier commits is refused, spread over all of the past.
#[test]
fn every_earlier_commit_is_refused() {
    let Some(corpus) = corpus() else { return };
    let sandbox = copy(&corpus);
    let newest = sandbox.git("pack.git", &["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let mut pairs = 0;
    for reader in READERS {
        let seen = format!("{newest}~{reader}");
        point(&sandbox, &seen);
        let looked = run(&sandbox, "verify", &["--json"]).ends(0).json();
        let expected = if pairs == 0 { "first" } else { "advanced" };
        assert_eq!(looked["memory"]["state"], expected, "{seen}");
        let past = sandbox.git("pack.git", &["rev-list", &seen]).stdout;
        let past: Vec<&str> = past.lines().skip(1).collect();
        for commit in past.iter().step_by(past.len().div_ceil(OFFERS)) {
            refused(&sandbox, commit, "older than commit");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 50);
}

/// Commits beside what was seen: on its parents, with its own or with any other files.
#[test]
fn every_sibling_is_refused() {
    let Some(corpus) = corpus() else { return };
    let sandbox = copy(&corpus);
    let newest = sandbox.git("pack.git", &["rev-parse", "HEAD"]).stdout.trim().to_owned();
    run(&sandbox, "verify", &[]).ends(0);
    for (tree, parent) in [(0, Some(1)), (1, Some(1)), (0, Some(500)), (0, None)] {
        let tree = format!("{newest}~{tree}^{{tree}}");
        let parent = parent.map(|back| format!("{newest}~{back}"));
        let mut arguments = vec!["commit-tree", "-m", "beside", &tree];
        arguments.extend(parent.iter().flat_map(|parent| ["-p", parent.as_str()]));
        let commit = sandbox.git("pack.git", &arguments).stdout;
        let how = if parent.is_some() { "does not have commit" } else { "nothing in common" };
        refused(&sandbox, commit.trim(), how);
    }
}
