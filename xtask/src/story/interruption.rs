//! A release that is killed and taken up again, at moments that a seed decides.

use super::{Person, Scene, tell};
use crate::failure::{Failure, Outcome};
use crate::process;
use std::process::Command;
use std::time::{Duration, Instant};

/// How often it is killed.
const TIMES: u32 = 3;
/// How often the last attempt is made while a push that outlived its release ends.
const ATTEMPTS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(500);

/// Has documents released, kills that three times, and has it gone on with each time. After each
/// kill the upstream has all of the release or nothing.
pub fn release_interrupted(
    scene: &Scene,
    person: &Person,
    documents: &[&str],
    seed: u64,
) -> Outcome {
    let upstream = || refs(scene);
    let before = upstream()?;
    let plan = time(&mut command(scene, person, documents))?;
    tell("seed", &format!("{seed}; --seed {seed} interrupts in the same way"));
    let mut random = seed;
    for _ in 0..TIMES {
        random = next(random);
        // A plan takes a part of what a release takes; twice and a half covers the rest.
        let share = random % 250;
        let delay = plan.mul_f64(0.1 + share as f64 / 100.0);
        let mut release = command(scene, person, documents);
        let ended = process::killed_after(release.arg("--execute"), delay)?;
        let came = if ended { "had ended" } else { "is killed" };
        let after = upstream()?;
        let state = match () {
            () if after == before => "nothing of it is there",
            () if is_whole(&before, &after) => "all of it is there",
            () => return Err(mixed(scene, &before, &after)),
        };
        tell(person.name, &format!("releases, and {came} after {delay:.1?}: upstream, {state}"));
    }
    finish(scene, person, documents)?;
    if !is_whole(&before, &upstream()?) {
        return Err(mixed(scene, &before, &upstream()?));
    }
    tell(
        person.name,
        &format!("types the same command again: {} are out", documents.join(" and ")),
    );
    Ok(())
}

/// A push whose release was killed may still run; the lock tells.
fn finish(scene: &Scene, person: &Person, documents: &[&str]) -> Outcome {
    let mut last = Ok(String::new());
    for _ in 0..ATTEMPTS {
        last = process::remarks(command(scene, person, documents).arg("--execute"));
        match &last {
            Err(Failure::Refused { said, .. }) if said.contains("is under way here") => {
                std::thread::sleep(PAUSE);
            }
            Ok(_) | Err(_) => break,
        }
    }
    last.map(drop)
}

fn command(scene: &Scene, person: &Person, documents: &[&str]) -> Command {
    let mut release = scene.secpack(&person.folder, &["release", "--as", person.name]);
    release.arg("--key").arg(&person.secret).args(documents);
    release
}

#[expect(clippy::disallowed_methods, reason = "how long something takes is all that is asked")]
fn time(command: &mut Command) -> Result<Duration, Failure> {
    let began = Instant::now();
    process::output(command)?;
    Ok(began.elapsed())
}

/// The main branch and the tags of the upstream; branches for signing come and go.
fn refs(scene: &Scene) -> Result<Vec<String>, Failure> {
    let format = "--format=%(refname) %(objectname)";
    let words = ["for-each-ref", format, "refs/heads/main", "refs/tags"];
    let listed = process::output(&mut scene.git(&scene.path(super::people::UPSTREAM), &words))?;
    Ok(listed.lines().map(str::to_owned).collect())
}

/// The branch moved and one tag came; nothing else.
fn is_whole(before: &[String], after: &[String]) -> bool {
    let gone = before.iter().filter(|line| !after.contains(line)).count();
    let new: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    let branch = new.iter().filter(|line| line.starts_with("refs/heads/main ")).count();
    gone == 1 && branch == 1 && new.len() == 2
}

fn mixed(scene: &Scene, before: &[String], after: &[String]) -> Failure {
    let new: Vec<&str> =
        after.iter().filter(|line| !before.contains(line)).map(String::as_str).collect();
    Failure::Unexpected {
        what: format!("the upstream has a part of the release only:\n{}", new.join("\n")),
        hint: format!("git -C {} log --all", scene.path(super::people::UPSTREAM).display()),
    }
}

/// Marsaglia's xorshift: enough to choose moments, and the same everywhere.
fn next(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ (state << 17)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_release_is_whole_or_not() {
        let before = lines(&["refs/heads/main 1", "refs/tags/a 2"]);
        let check = |after: &[&str], expected: bool| {
            assert_eq!(is_whole(&before, &lines(after)), expected, "{after:?}");
        };
        check(&["refs/heads/main 3", "refs/tags/a 2", "refs/tags/b 4"], true);
        check(&["refs/heads/main 3", "refs/tags/a 2"], false);
        check(&["refs/heads/main 1", "refs/tags/a 2", "refs/tags/b 4"], false);
        check(&["refs/heads/main 1", "refs/tags/a 2"], false);
    }
}
