//! Two coordinators start together: one wins, the other is told who.

use super::Stage;
use crate::extent;
use secpack_tests::{NOW, Run};

/// How many pairs start in one clone, and how many in two.
fn pairs() -> usize {
    if extent::is_whole() { 200 } else { 8 }
}

/// Both at once.
fn together(stage: &Stage, places: [&str; 2], members: [&str; 2]) -> [Run; 2] {
    let one = |place: &str, member: &str| {
        let key = stage.team.key_of(member);
        let words = ["release", &stage.path, "--as", member, "--key", &key, "--execute"];
        stage.team.sandbox.secpack(place, &[&words[..], &["--now", NOW]].concat())
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| one(places[0], members[0]));
        let second = one(places[1], members[1]);
        [first.join().expect("ran"), second]
    })
}

/// One commit and one tag more than before, whoever won.
fn assert_one(stage: &Stage, before: &[String], what: &str) {
    let after = stage.refs("upstream.git");
    assert_eq!(after.len(), before.len() + 1, "{what}");
    let old = before.iter().find_map(|line| line.strip_prefix("refs/heads/main ")).expect("main");
    let count = ["rev-list", "--count", &format!("{old}..main")];
    assert_eq!(stage.team.sandbox.git("upstream.git", &count).stdout.trim(), "1", "{what}");
}

fn said(runs: &[Run; 2]) -> String {
    let lines = runs.iter().map(|run| format!("{}\n{}{}", run.code, run.stdout, run.stderr));
    lines.collect::<Vec<_>>().join("\n---\n")
}

#[test]
fn of_two_in_one_clone_one_wins_and_the_other_is_told_who() {
    let stage = Stage::new();
    stage.save();
    let before = stage.refs("upstream.git");
    let (mut held, mut late) = (0, 0);
    for number in 0..pairs() {
        stage.restore();
        let runs = together(&stage, ["pack", "pack"], ["ann", "ann"]);
        let what = said(&runs);
        let winners = runs.iter().filter(|run| run.stderr.contains("  committed ")).count();
        assert_eq!(winners, 1, "{what}");
        assert_one(&stage, &before, &what);
        for run in runs.iter().filter(|run| !run.stderr.contains("  committed ")) {
            let told = "another release is under way here: process ";
            held += usize::from(run.code == 1 && run.stderr.contains(told));
            late += usize::from(run.code == 0 && run.stderr.contains("done already"));
        }
        assert_eq!(held + late, number + 1, "{what}");
        extent::progress(number + 1, pairs());
    }
    extent::report(&format!(
        "{} pairs in one clone: one winner each, {held} told who holds the lock, {late} came when all was done",
        pairs()
    ));
}

#[test]
fn of_two_in_two_clones_one_wins_and_the_other_is_told_who() {
    let stage = Stage::new();
    stage.save();
    let before = stage.refs("upstream.git");
    let mut asked = 0;
    for number in 0..pairs() {
        stage.restore();
        stage.shell("rm -rf ../other && cp -a ../pack ../other").ends(0);
        stage.team.sandbox.git("other", &["config", "user.name", "Other"]);
        let runs = together(&stage, ["pack", "other"], ["ann", "ben"]);
        let what = said(&runs);
        let winners: Vec<usize> = (0..2).filter(|at| runs[*at].code == 0).collect();
        assert_eq!(winners.len(), 1, "{what}");
        assert_one(&stage, &before, &what);
        let (winner, loser) = (winners[0], &runs[1 - winners[0]]);
        if !tells(loser, winner) {
            // The winner's push was taken at this very moment; asking again tells.
            let again = together_again(&stage, 1 - winner);
            assert!(tells(&again, winner), "{what}\nagain: {}{}", again.stdout, again.stderr);
            asked += 1;
        }
        extent::progress(number + 1, pairs());
    }
    extent::report(&format!(
        "{} pairs in two clones: one winner each, all others told who ({asked} when they asked again)",
        pairs()
    ));
}

fn together_again(stage: &Stage, at: usize) -> Run {
    let place = ["pack", "other"][at];
    stage.team.sandbox.secpack(place, &["release", "--resume"])
}

fn tells(run: &Run, winner: usize) -> bool {
    let (author, tag) = ([" by Test", " by Other"][winner], ["tagged ann_", "tagged ben_"][winner]);
    run.code == 1 && (run.stderr.contains(author) || run.stdout.contains(tag))
}
