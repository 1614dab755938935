//! Every dependency earns a line in docs/decisions.

use super::{files, manifest, none, read};

#[test]
fn every_dependency_has_a_record() {
    let records: String =
        files().iter().filter(|file| is_record(file)).map(|file| read(file)).collect();
    let manifest = manifest("Cargo.toml");
    let table = manifest["workspace"]["dependencies"].as_table();
    let table = table.expect("the workspace shares its dependencies");
    let silent: Vec<String> = table
        .keys()
        .filter(|name| !is_ours(name))
        .filter(|name| !records.contains(&format!("`{name}`")))
        .cloned()
        .collect();
    none("dependencies that no record in docs/decisions names in backquotes", &silent);
}

#[test]
fn records_are_numbered_without_gaps() {
    let mut numbers: Vec<String> = files()
        .iter()
        .filter(|file| is_record(file))
        .filter_map(|file| file.strip_prefix("docs/decisions/")?.get(..4).map(str::to_owned))
        .collect();
    numbers.sort();
    let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("{number:04}")).collect();
    assert_eq!(numbers, expected);
}

fn is_record(file: &str) -> bool {
    file.starts_with("docs/decisions/") && file.ends_with(".md")
}

fn is_ours(name: &str) -> bool {
    name == "secpack" || name.starts_with("secpack-")
}
