//! Which room may know which other room. This table is section 1 of the design.

use super::{files, manifest, none};
use std::collections::BTreeMap;

/// Stands for every room but the one it is given to.
const ALL: &[&str] = &["*"];

/// A package and what of ours it may depend on. The program and the tests may know everything,
/// xtask nothing: it builds and drives the program from outside.
const ARROWS: &[(&str, &[&str])] = &[
    ("secpack-pack", &[]),
    ("secpack-openpgp", &["secpack-pack"]),
    ("secpack-git", &["secpack-pack"]),
    ("secpack-bulletin", &["secpack-pack"]),
    ("secpack-canary", &["secpack-pack"]),
    ("secpack-embargo", &["secpack-pack"]),
    ("secpack-signing", &["secpack-pack", "secpack-openpgp"]),
    ("secpack-tag", &["secpack-pack", "secpack-openpgp", "secpack-git"]),
    (
        "secpack-audit",
        &[
            "secpack-pack",
            "secpack-openpgp",
            "secpack-git",
            "secpack-bulletin",
            "secpack-canary",
            "secpack-signing",
            "secpack-tag",
        ],
    ),
    ("secpack-intake", &["secpack-pack", "secpack-openpgp", "secpack-embargo"]),
    ("secpack-publish", &["secpack-pack", "secpack-bulletin", "secpack-canary", "secpack-audit"]),
    (
        "secpack-release",
        &[
            "secpack-pack",
            "secpack-openpgp",
            "secpack-git",
            "secpack-bulletin",
            "secpack-canary",
            "secpack-embargo",
            "secpack-signing",
            "secpack-tag",
            "secpack-audit",
            "secpack-intake",
            "secpack-publish",
        ],
    ),
    ("secpack", ALL),
    ("secpack-tests", ALL),
    ("xtask", &[]),
];

/// Crates from outside that only some rooms may know.
const RESERVED: &[(&str, &[&str])] = &[
    ("age", &["secpack-embargo", "secpack-tests"]),
    ("age-core", &["secpack-embargo", "secpack-tests"]),
    ("age-plugin", &["secpack-tests"]),
    ("sequoia-openpgp", &["secpack-openpgp"]),
    ("git2", &["secpack-git"]),
    ("ureq", &["secpack-canary"]),
    ("webpki-root-certs", &["secpack-canary"]),
    ("feed-rs", &["secpack-canary"]),
    ("rustls", &["secpack-tests"]),
    ("rcgen", &["secpack-tests"]),
    ("clap", &["secpack", "secpack-tests"]),
    ("clap_complete", &["secpack", "secpack-tests"]),
    ("clap_mangen", &["secpack", "secpack-tests"]),
];

/// One line of a manifest that names a dependency.
struct Dependency {
    package: String,
    on: String,
    inherited: bool,
}

#[test]
fn every_arrow_is_allowed() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let ours = |name: &str| allowed.contains_key(name);
    let forbidden: Vec<String> = dependencies()
        .iter()
        .filter(|dependency| ours(&dependency.on))
        .filter(|dependency| !may(allowed[dependency.package.as_str()], &dependency.on))
        .map(|dependency| format!("{} -> {}", dependency.package, dependency.on))
        .collect();
    none("arrows that the design does not have", &forbidden);
}

#[test]
fn heavy_crates_are_known_to_their_room_only() {
    let strangers: Vec<String> = dependencies()
        .iter()
        .filter(|dependency| !is_reserved_for(&dependency.on, &dependency.package))
        .map(|dependency| format!("{} -> {}", dependency.package, dependency.on))
        .collect();
    none("crates reserved for another room", &strangers);
}

#[test]
fn xtask_depends_on_nothing() {
    let found: Vec<String> = dependencies()
        .into_iter()
        .filter(|dependency| dependency.package == "xtask")
        .map(|dependency| dependency.on)
        .collect();
    none("xtask must answer in seconds on a bare machine", &found);
}

/// A version in a member's own manifest would escape the records in docs/decisions.
#[test]
fn every_dependency_comes_from_the_workspace() {
    let own: Vec<String> = dependencies()
        .into_iter()
        .filter(|dependency| !dependency.inherited)
        .map(|dependency| format!("{}: {}", dependency.package, dependency.on))
        .collect();
    none("dependencies without `workspace = true`", &own);
}

#[test]
fn packages_are_named_after_their_folders() {
    let wrong: Vec<String> = members()
        .into_iter()
        .filter(|(file, package)| expected_name(file) != *package)
        .map(|(file, package)| format!("{file}: {package}"))
        .collect();
    none("package names", &wrong);
    let known = |name: &str| ARROWS.iter().any(|(package, _)| *package == name);
    let unknown: Vec<String> =
        members().into_iter().map(|(_, package)| package).filter(|name| !known(name)).collect();
    none("rooms that the design does not have", &unknown);
}

fn may(allowed: &[&str], on: &str) -> bool {
    allowed == ALL || allowed.contains(&on)
}

fn is_reserved_for(on: &str, package: &str) -> bool {
    RESERVED.iter().all(|(name, rooms)| *name != on || rooms.contains(&package))
}

fn expected_name(file: &str) -> String {
    let folder = file.trim_end_matches("/Cargo.toml").trim_start_matches("crates/");
    match folder {
        "secpack" | "xtask" => folder.to_owned(),
        _ => format!("secpack-{folder}"),
    }
}

/// The manifests of all members with the names of their packages.
fn members() -> Vec<(String, String)> {
    let is_member = |file: &String| {
        let folder = file.strip_suffix("/Cargo.toml");
        folder.is_some_and(|folder| {
            let room = folder.strip_prefix("crates/");
            room.is_some_and(|room| !room.contains('/')) || folder == "xtask" || folder == "tests"
        })
    };
    let found: Vec<_> =
        files().into_iter().filter(is_member).map(|file| (file.clone(), name_in(&file))).collect();
    assert!(found.len() > 2, "no manifests found below {}", super::root().display());
    found
}

fn name_in(file: &str) -> String {
    let name = manifest(file)["package"]["name"].as_str().map(str::to_owned);
    name.unwrap_or_else(|| panic!("{file}: the package has no name"))
}

fn dependencies() -> Vec<Dependency> {
    members().into_iter().flat_map(|(file, package)| of_table(&manifest(&file), &package)).collect()
}

/// Normal, build and dev-dependencies, also those below `[target.'cfg(...)']`.
fn of_table(table: &toml::Table, package: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (on, value) in table.get(kind).and_then(toml::Value::as_table).into_iter().flatten() {
            found.push(Dependency {
                package: package.to_owned(),
                on: real_name(on, value),
                inherited: value.get("workspace").and_then(toml::Value::as_bool) == Some(true),
            });
        }
    }
    for target in table.get("target").and_then(toml::Value::as_table).into_iter().flatten() {
        found.extend(target.1.as_table().into_iter().flat_map(|inner| of_table(inner, package)));
    }
    found
}

/// `alias = { package = "name" }` depends on `name`.
fn real_name(key: &str, value: &toml::Value) -> String {
    value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
}
