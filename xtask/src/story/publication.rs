//! Releasing: plan, execution, the second member's tag, and what a stranger finds afterwards.

use super::people::{UPSTREAM, clone, git};
use super::{Person, Scene, tell};
use crate::failure::{Failure, Outcome};
use crate::process;
use std::path::{Path, PathBuf};

/// Looks at the plan, then has the same plan executed.
pub fn release(scene: &Scene, person: &Person, documents: &[&str]) -> Outcome {
    let command = || {
        let mut release = scene.secpack(&person.folder, &["release", "--as", person.name]);
        release.arg("--key").arg(&person.secret).args(documents);
        release
    };
    let plan = process::output(&mut command())?;
    let steps = plan.lines().filter(|line| is_step(line)).count();
    let remarks = process::remarks(command().arg("--execute"))?;
    let done: Vec<String> = remarks.lines().filter_map(deed).collect();
    let what = documents.join(" and ");
    tell(person.name, &format!("releases {what}, a plan of {steps} steps: {}", done.join(", ")));
    Ok(())
}

/// Steps are numbered; indented remarks stand between them.
fn is_step(line: &str) -> bool {
    let number = line.trim_start().split_once(". ").map(|(number, _)| number);
    number.is_some_and(|number| number.parse::<u8>().is_ok())
}

/// What was done, from a remark such as `  tagged ann_sec_01234567`: with the name where there is
/// one, else in one word.
fn deed(remark: &str) -> Option<String> {
    let mut words = remark.split_whitespace();
    match (words.next()?, words.next()) {
        (word @ ("committed" | "tagged"), Some(name)) => Some(format!("{word} {name}")),
        (word @ ("verified" | "pushed"), _) => Some(word.to_owned()),
        (_, _) => None,
    }
}

/// Pulls what was released, tags the same commit and pushes the tag.
pub fn second_tag(scene: &Scene, person: &Person) -> Outcome {
    git(scene, person, &["fetch", "--quiet", "--tags", "origin"])?;
    git(scene, person, &["switch", "--quiet", "main"])?;
    git(scene, person, &["merge", "--quiet", "--ff-only", "origin/main"])?;
    let name = tag(scene, person)?;
    git(scene, person, &["push", "--quiet", "origin", &format!("refs/tags/{name}")])?;
    tell(person.name, &format!("pulls, tags the same commit and pushes {name}"));
    Ok(())
}

/// Tags the commit that the person looks at; `--yes` wants to hear which one that is.
pub fn tag(scene: &Scene, person: &Person) -> Result<String, Failure> {
    let head = process::output(&mut scene.git(&person.folder, &["rev-parse", "HEAD"]))?;
    let arguments = ["tag", "--as", person.name, "--yes", head.trim(), "--key"];
    let printed = process::output(scene.secpack(&person.folder, &arguments).arg(&person.secret))?;
    let name = printed.lines().find_map(|line| line.strip_prefix("tagged: "));
    name.map(str::to_owned).ok_or_else(|| {
        let what = format!("`secpack tag` made no tag but said: {}", printed.trim());
        Failure::Unexpected { what, hint: format!("git -C {} tag", person.folder.display()) }
    })
}

/// A clone as a stranger makes it.
pub fn fresh_clone(scene: &Scene) -> Result<PathBuf, Failure> {
    clone(scene, UPSTREAM, "reader")
}

/// Verifies a pack from the story's folder and returns what was printed. The exit code must be 0.
pub fn verify(scene: &Scene, pack: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let mut verify = scene.secpack(scene.root(), &["verify"]);
    process::output(verify.arg(pack).args(arguments))
}

/// Some rows of a report and what came out.
pub fn show(report: &str, rows: &[&str]) {
    for name in rows {
        tell("", &format!("  {name:<11}{}", row(report, name)));
    }
    tell("", &format!("  {}", report.lines().next_back().unwrap_or_default()));
}

/// A row of a report, for example `documents   3 complete`, without its name.
fn row<'a>(report: &'a str, name: &str) -> &'a str {
    let rows = report.lines().filter_map(|line| line.trim().strip_prefix(name));
    rows.map(str::trim).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_and_remarks_are_not() {
        let check = |line: &str, expected: bool| assert_eq!(is_step(line), expected, "{line}");
        check(" 1. done     check the text of a.txt", true);
        check("10. to do    tag the commit as ann", true);
        check("             secpack sign a.txt --as ben --key FILE", false);
        check("a. b", false);
    }

    #[test]
    fn remarks_about_deeds_are_shortened() {
        let check = |remark: &str, expected: Option<&str>| {
            assert_eq!(deed(remark).as_deref(), expected, "{remark}");
        };
        check("  committed 0123456789ab on main", Some("committed 0123456789ab"));
        check("  tagged ann_sec_01234567", Some("tagged ann_sec_01234567"));
        check("  verified the commit from the object database", Some("verified"));
        check("released; every reader can check it", None);
        check("", None);
    }

    #[test]
    fn rows_are_found_by_their_name() {
        let report =
            "Pack, commit 1\n\n  documents   3 complete\n  tags        2 good\n\ngood: all";
        assert_eq!(row(report, "documents"), "3 complete");
        assert_eq!(row(report, "tags"), "2 good");
        assert_eq!(row(report, "keys"), "");
    }
}
