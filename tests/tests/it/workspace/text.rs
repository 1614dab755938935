//! What no source file may contain, and how long one may be.
//!
//! Patterns are put together from pieces here, so that this file does not find itself.

use super::{files, none, read};

/// A file longer than this is two thoughts.
const LINES: usize = 400;

/// Files that may be longer, each with its reason. None today.
const LONGER: &[(&str, &str)] = &[];

/// File name endings in which a path of somebody's machine would be a mistake.
const TEXT: &[&str] = &[".rs", ".toml", ".sh", ".md", ".j2", ".yml", ".html", ".ci/run"];

#[test]
fn no_file_names_a_folder_of_a_machine() {
    let named: Vec<String> = files()
        .into_iter()
        .filter(|file| TEXT.iter().any(|ending| file.ends_with(ending)))
        .flat_map(|file| lines_where(&file, names_a_machine))
        .collect();
    none("paths of a machine", &named);
}

#[test]
fn nothing_is_left_undone_or_ignored() {
    let marks =
        [["to", "do!("].concat(), ["unimple", "mented!("].concat(), ["#[ig", "nore"].concat()];
    let found: Vec<String> = rust_files()
        .flat_map(|file| lines_where(&file, |line| marks.iter().any(|mark| line.contains(mark))))
        .collect();
    none("unfinished code or ignored tests", &found);
}

#[test]
fn source_files_stay_short() {
    let long: Vec<String> = rust_files()
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, file)| *lines > LINES && !may_be_longer(file))
        .map(|(lines, file)| format!("{file}: {lines} lines"))
        .collect();
    none("files of more than 400 lines", &long);
}

#[test]
fn exceptions_are_still_needed() {
    let stale: Vec<String> = LONGER
        .iter()
        .filter(|(file, _)| {
            !super::root().join(file).is_file() || read(file).lines().count() <= LINES
        })
        .map(|(file, reason)| format!("{file} ({reason})"))
        .collect();
    none("files listed as longer that are not", &stale);
}

#[test]
fn machine_paths_are_recognised() {
    let check = |path: &[&str], expected| assert_eq!(names_a_machine(&path.concat()), expected);
    check(&["see /ho", "me/someone"], true);
    check(&["cd /wo", "rk/main"], true);
    check(&["/usr/lib"], false);
    check(&["/wo", "rk/"], false);
}

/// A top-level folder of a developer's machine, followed by a name in it.
fn names_a_machine(line: &str) -> bool {
    ["work", "farm", "root", "home"].iter().any(|top| {
        let folder = format!("/{top}/");
        let mut after = line.split(folder.as_str()).skip(1);
        after.any(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '.'))
    })
}

fn rust_files() -> impl Iterator<Item = String> {
    files().into_iter().filter(|file| file.ends_with(".rs"))
}

fn may_be_longer(file: &str) -> bool {
    LONGER.iter().any(|(longer, _)| *longer == file)
}

/// `file:line: text` for each line that `matches`.
fn lines_where(file: &str, matches: impl Fn(&str) -> bool) -> Vec<String> {
    let text = read(file);
    let lines = text.lines().enumerate().filter(|(_, line)| matches(line));
    lines.map(|(at, line)| format!("{file}:{}: {}", at + 1, line.trim())).collect()
}
