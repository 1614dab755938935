//! Faults on the other side: the `git receive-pack` of the remote, and what it starts, are killed or
//! meet a full or broken disk. Whether several refs of a remote then move together is a matter of
//! git there. Ours is that no success is claimed, and that the release can be gone on with once the
//! remote is well again.

use super::Stage;
use super::trace::{Fault, Point, Process, is_here};
use crate::extent;
use std::panic::AssertUnwindSafe;

/// How many points a sample has.
const SAMPLE: usize = 18;

/// What one fault came to.
#[derive(Default)]
struct Seen {
    mixed: usize,
    locked: usize,
    published: usize,
}

#[test]
fn a_remote_that_is_hurt_while_it_receives_makes_no_false_success() {
    let stage = Stage::new();
    if !is_here(&stage) {
        return;
    }
    stage.save();
    let old = stage.refs("upstream.git");
    let points = stage.points_of(&[Process::Receive, Process::Unpack]);
    let all: Vec<(Point, Fault)> = Fault::ALL
        .into_iter()
        .flat_map(|fault| points.iter().map(move |point| (point.clone(), fault)))
        .collect();
    let chosen = extent::chosen(&all, SAMPLE);
    let (mut seen, mut wrong) = (Seen::default(), 0);
    for (number, (point, fault)) in chosen.iter().enumerate() {
        stage.restore();
        let judged =
            std::panic::catch_unwind(AssertUnwindSafe(|| judge(&stage, &old, point, *fault)));
        match judged {
            Ok(one) => {
                seen.mixed += one.mixed;
                seen.locked += one.locked;
                seen.published += one.published;
            }
            // What is wrong was said by the panic; the sweep goes on to count.
            Err(_) => wrong += 1,
        }
        extent::progress(number + 1, chosen.len());
    }
    let Seen { mixed, locked, published } = seen;
    extent::report(&format!(
        "remote hurt {} times while it received, of {} ({} calls, 3 faults each): {wrong} false successes or not resumable; {published} had published, {mixed} had moved some of the refs, {locked} needed a lock removed there",
        chosen.len(),
        all.len(),
        points.len()
    ));
    assert_eq!(wrong, 0);
}

fn judge(stage: &Stage, old: &[String], point: &Point, fault: Fault) -> Seen {
    let run = stage.hurt(point, fault);
    let what = format!("{fault:?} at {point:?}: {}\n{}", run.stdout, run.stderr);
    let theirs = stage.refs("upstream.git");
    let has_all = has_all(stage, old, &theirs);
    assert!(run.code != 0 || has_all, "a false success: {what}");
    assert!(run.code == 0 || run.stderr.contains("hint: "), "{what}");
    let mut seen = Seen {
        mixed: usize::from(theirs != old && !has_all),
        published: usize::from(has_all),
        locked: 0,
    };
    let mut again = stage.release();
    if again.code != 0 {
        // A receiver that was killed left its locks, and only who keeps the remote may remove them.
        let locks = stage.shell("find ../upstream.git -name '*.lock' -print -delete").stdout;
        assert!(!locks.is_empty(), "cannot be resumed: {what}\n{}{}", again.stdout, again.stderr);
        seen.locked = 1;
        again = stage.release();
    }
    assert_eq!(again.code, 0, "cannot be resumed: {what}\n{}{}", again.stdout, again.stderr);
    assert!(self::has_all(stage, old, &stage.refs("upstream.git")), "{what}");
    assert_eq!(stage.status(), "", "{what}");
    seen
}

/// Whether the remote has the branch as it is here, and the tag of its commit.
fn has_all(stage: &Stage, old: &[String], theirs: &[String]) -> bool {
    let head = stage.team.head();
    let tag = format!("refs/tags/ann_sec_{} ", &head[..8]);
    theirs.contains(&format!("refs/heads/main {head}"))
        && theirs.iter().any(|line| line.starts_with(&tag))
        && theirs.len() == old.len() + 1
}
