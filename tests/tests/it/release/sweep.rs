//! Killed, disk full and disk broken at every system call of a release that changes something:
//! nothing is ever half done, nothing is called done that is not, everything can be gone on with.
//!
//! A sample by default; `cargo xtask sweep` runs the whole.

use super::Stage;
use super::trace::{Fault, Point, is_here};
use crate::extent;
use secpack_tests::Run;
use std::panic::AssertUnwindSafe;

/// How many points a sample has.
const SAMPLE: usize = 24;

/// What is the same before each run.
struct Before {
    refs: Vec<String>,
    upstream: Vec<String>,
    status: String,
    /// The commit that every run makes: its time is fixed.
    commit: String,
}

#[test]
fn a_release_that_is_hurt_anywhere_is_never_half_done() {
    let stage = Stage::new();
    if !is_here(&stage) {
        return;
    }
    stage.save();
    let before = observe(&stage);
    let points = stage.points();
    let all: Vec<(Point, Fault)> = Fault::ALL
        .into_iter()
        .flat_map(|fault| points.iter().map(move |point| (point.clone(), fault)))
        .collect();
    let chosen = extent::chosen(&all, SAMPLE);
    let (mut published, mut said_done, mut wrong) = (0, 0, 0);
    for (number, (point, fault)) in chosen.iter().enumerate() {
        stage.restore();
        let run = stage.hurt(point, *fault);
        let what = format!("{fault:?} at {point:?}: {}\n{}", run.stdout, run.stderr);
        said_done += usize::from(run.code == 0);
        let judged = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let is_published = check(&stage, &before, &run, &what);
            if number % 2 == 1 {
                take_back(&stage, &before, is_published, &what);
            }
            resume(&stage, &before, &what);
            is_published
        }));
        // What is wrong was said by the panic; the sweep goes on to count.
        wrong += usize::from(judged.is_err());
        published += usize::from(judged.unwrap_or(false));
        extent::progress(number + 1, chosen.len());
    }
    extent::report(&format!(
        "release hurt {} times at {} calls, of {} ({} calls, 3 faults each): {wrong} half states, false successes or not resumable; {published} had published, {said_done} said so",
        chosen.len(),
        chosen.len().min(points.len()),
        all.len(),
        points.len()
    ));
    assert_eq!(wrong, 0);
}

fn resume(stage: &Stage, before: &Before, what: &str) {
    let again = stage.release();
    assert_eq!(again.code, 0, "cannot be resumed: {what}\n{}{}", again.stdout, again.stderr);
    assert!(is_new(stage, before, "upstream.git"), "resumed, but not there: {what}");
    assert_eq!(stage.status(), "", "{what}");
    assert_eq!(locks(stage), "", "{what}");
}

fn observe(stage: &Stage) -> Before {
    let (refs, upstream, status) = (stage.refs("pack"), stage.refs("upstream.git"), stage.status());
    stage.release().ends(0);
    stage.assert_released();
    let commit = stage.team.head();
    stage.restore();
    Before { refs, upstream, status, commit }
}

/// Whether a repository has the new commit and a tag of it, and else exactly what it had.
fn is_new(stage: &Stage, before: &Before, inside: &str) -> bool {
    let refs = stage.refs(inside);
    let tag = format!("refs/tags/ann_sec_{} ", &before.commit[..8]);
    refs.contains(&format!("refs/heads/main {}", before.commit))
        && refs.iter().any(|line| line.starts_with(&tag))
        && refs.len() == before.upstream.len() + 1
}

/// What must hold right after the fault. Returns whether the upstream has the release.
fn check(stage: &Stage, before: &Before, run: &Run, what: &str) -> bool {
    let is_published = is_new(stage, before, "upstream.git");
    let is_old = stage.refs("upstream.git") == before.upstream;
    assert!(is_published || is_old, "the upstream is half done: {what}");
    assert!(run.code != 0 || is_published, "a false success: {what}");
    let head = stage.team.head();
    let old = before.refs.iter().any(|line| *line == format!("refs/heads/main {head}"));
    assert!(old || head == before.commit, "the branch is elsewhere: {what}");
    let tag = format!("refs/tags/ann_sec_{}", &before.commit[..8]);
    let tagged = stage.refs("pack").iter().any(|line| line.starts_with(&tag));
    assert!(!tagged || head == before.commit, "a tag without its commit: {what}");
    for repository in ["pack", "upstream.git"] {
        stage.team.sandbox.git(repository, &["fsck", "--no-dangling", "--no-progress"]);
    }
    is_published
}

/// Taking back leads to where it began, unless the upstream has it or nothing was begun.
fn take_back(stage: &Stage, before: &Before, is_published: bool, what: &str) {
    let run = stage.secpack(&["release", "--abort"]);
    let said = format!("{what}\nabort: {}", run.stderr);
    match run.code {
        0 => {
            assert!(!is_published, "{said}");
            assert_eq!(
                (stage.refs("pack"), stage.status()),
                (before.refs.clone(), before.status.clone()),
                "{said}"
            );
        }
        1 if is_published => {}
        1 => assert!(run.stderr.contains("no release is unfinished here"), "{said}"),
        _ => panic!("{said}"),
    }
}

fn locks(stage: &Stage) -> String {
    stage.shell("find .git -name '*.lock' -o -path .git/secpack").stdout
}
