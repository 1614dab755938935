//! The line is cut after any byte of the push, in either direction: the remote has all of it or
//! nothing, and whoever pushes finds out which.

use super::Stage;
use super::wire::{Cut, Wire};
use crate::extent;

/// How many cuts a sample has: of the push alone, and of whole releases.
const PUSHES: usize = 40;
const RELEASES: usize = 10;

/// A release that has everything but the push, which was cut at its first byte; and the very
/// command with which it pushes.
fn before_the_push() -> (Stage, Wire, String) {
    let stage = Stage::new();
    let wire = Wire::new(stage.team.sandbox.path("upstream.git").parent().expect("a folder"));
    let url = wire.url("upstream.git");
    stage.team.sandbox.git("pack", &["remote", "set-url", "origin", &url]);
    let git = stage.shell("command -v git").ends(0).stdout.trim().to_owned();
    let words = stage.team.sandbox.path("push.args").display().to_string();
    let note = format!(
        "case \" $* \" in *\" push \"*) for w in \"$@\"; do printf \"'%s' \" \"$w\"; done > {words};; esac; exec {git} \"$@\""
    );
    stage.script("wrap/git", &note);
    let line: Vec<String> = stage.arguments().iter().map(|word| format!("'{word}'")).collect();
    wire.cut(Cut::Up(0));
    let wrap = stage.team.sandbox.path("wrap").display().to_string();
    let run = stage.shell(&format!("PATH={wrap}:$PATH secpack {}", line.join(" ")));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("origin took nothing"), "{}", run.stderr);
    let push = String::from_utf8(stage.team.sandbox.read("push.args")).expect("text");
    assert!(push.contains("'--atomic'"), "{push}");
    stage.save();
    (stage, wire, format!("{git} {push}"))
}

/// Every cut that there is: the bytes are counted by a push that is not cut.
fn cuts(stage: &Stage, wire: &Wire, push: &str) -> Vec<Cut> {
    wire.cut(Cut::Never);
    stage.restore();
    stage.shell(push).ends(0);
    let (up, down) = wire.settle();
    assert!(up > 1000 && down > 100, "{up} {down}");
    (0..=up).map(Cut::Up).chain((0..=down).map(Cut::Down)).collect()
}

/// Old or new, never anything between. Whether it is new.
fn judge(stage: &Stage, old: &[String], new: &[String], what: &str) -> bool {
    let now = stage.refs("upstream.git");
    assert!(now == old || now == new, "the remote is mixed: {what}\n{now:?}");
    now == new
}

#[test]
fn a_push_that_is_cut_anywhere_is_there_or_not() {
    let (stage, wire, push) = before_the_push();
    let old = stage.refs("upstream.git");
    let all = cuts(&stage, &wire, &push);
    let new = stage.refs("upstream.git");
    assert_eq!(new.len(), old.len() + 1);
    let chosen = extent::chosen(&all, PUSHES);
    let mut there = 0;
    for (number, cut) in chosen.iter().enumerate() {
        stage.restore();
        wire.cut(*cut);
        let run = stage.shell(&push);
        wire.settle();
        let what = format!("{cut:?}: {}", run.stderr);
        let is_there = judge(&stage, &old, &new, &what);
        assert!(run.code != 0 || is_there, "a false success: {what}");
        there += usize::from(is_there);
        extent::progress(number + 1, chosen.len());
    }
    extent::report(&format!(
        "push cut at {} of {} places (every byte up, every byte down): remote mixed 0, false successes 0; {there} times it had all of it",
        chosen.len(),
        all.len()
    ));
    releases(&stage, &wire, &all, (&old, &new));
}

/// A whole release over such a line says the truth, and goes on when the line is back.
fn releases(stage: &Stage, wire: &Wire, all: &[Cut], (old, new): (&[String], &[String])) {
    let step = if extent::is_whole() { 25 } else { (all.len() / RELEASES).max(1) };
    let chosen: Vec<Cut> = all.iter().copied().step_by(step).collect();
    for cut in &chosen {
        stage.restore();
        wire.cut(*cut);
        let run = stage.secpack(&["release", "--resume"]);
        wire.settle();
        let what = format!("{cut:?}: {}", run.stderr);
        let is_there = judge(stage, old, new, &what);
        assert!(run.code != 0 || is_there, "a false success: {what}");
        wire.cut(Cut::Never);
        if run.code != 0 {
            stage.secpack(&["release", "--resume"]).ends(0);
        }
        assert_eq!(stage.refs("upstream.git"), new, "{what}");
        assert!(!stage.is_unfinished(), "{what}");
    }
    extent::report(&format!(
        "release over a line that is cut, {} places: remote mixed 0, false successes 0, not resumed 0",
        chosen.len()
    ));
}
