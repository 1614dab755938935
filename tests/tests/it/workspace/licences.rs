//! What comes into the program from outside: under which licence, and with how much C.

use super::{none, root};
use serde_json::Value;
use std::process::Command;

/// Licences under which a dependency may be used by a program that is "MIT OR Apache-2.0".
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "BSL-1.0",
    // The lists of public authorities: data, to be passed on with the text of its licence.
    "CDLA-Permissive-2.0",
    // tiny-keccak, at build time: its author gave up all rights.
    "CC0-1.0",
    "ISC",
    "MIT",
    // option-ext, used unchanged: whoever changes its files publishes those files, nothing else.
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    // sequoia-openpgp, sequoia-gpg-agent, sequoia-ipc and buffered-reader, nettle and nettle-sys: the LGPL asks that whoever gets
    // the program can change the library and link again. Our source and lock file are public and
    // `cargo xtask dist` repeats the build, so they can. None of them lets its licence reach our
    // own code. Nettle offers the GPL as an alternative, which we do not take.
    "LGPL-2.0-or-later",
    "LGPL-3.0-only",
];

/// Crates that bind a C library or a system, each with what it is for.
const SYSTEM: &[(&str, &str)] = &[
    ("nettle-sys", "the crypto library behind sequoia"),
    ("libgit2-sys", "git2, compiled from its own copy of libgit2"),
    ("libz-sys", "zlib for libgit2"),
    ("clang-sys", "build time only: bindgen reads nettle's headers"),
    ("dirs-sys", "folders of a user, for sequoia-ipc: no library"),
    ("linux-raw-sys", "numbers of system calls, no library"),
    ("core-foundation-sys", "chrono on macOS, never compiled on Linux"),
    ("js-sys", "chrono in a browser, never compiled on Linux"),
    ("windows-sys", "Windows, never compiled on Linux"),
];

#[test]
fn every_licence_is_allowed() {
    let refused: Vec<String> = packages(&metadata())
        .iter()
        .filter(|package| !is_allowed(licence(package)))
        .map(|package| format!("{}: {:?}", name(package), licence(package)))
        .collect();
    none("packages without a licence on the list", &refused);
}

#[test]
fn system_crates_are_the_known_ones() {
    let unknown: Vec<String> = packages(&metadata())
        .iter()
        .map(name)
        .filter(|name| name.ends_with("-sys"))
        .filter(|name| SYSTEM.iter().all(|(known, _)| known != name))
        .map(str::to_owned)
        .collect();
    none("crates that bind something new", &unknown);
}

/// The Rust backend of sequoia is not constant time and two backends at once do not build, so a
/// default build has nettle and nothing else.
#[test]
fn the_default_build_has_one_crypto_backend() {
    let metadata = metadata();
    let backends: Vec<&str> = resolved_features(&metadata, "sequoia-openpgp")
        .into_iter()
        .filter(|feature| feature.starts_with("crypto-"))
        .collect();
    assert_eq!(backends, ["crypto-nettle"]);
    let openssl: Vec<String> = packages(&metadata)
        .iter()
        .map(name)
        .filter(|name| name.starts_with("openssl"))
        .map(str::to_owned)
        .collect();
    none("a second crypto library in the default build", &openssl);
}

#[test]
fn expressions_are_judged_as_spdx_says() {
    let check =
        |expression: &str, expected| assert_eq!(is_allowed(expression), expected, "{expression}");
    check("MIT", true);
    check("MIT/Apache-2.0", true);
    check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
    check("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", true);
    check("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", true);
    check("GPL-3.0-only", false);
    check("MIT AND GPL-3.0-only", false);
    check("(MIT OR Zlib) AND GPL-3.0-only", false);
    check("GPL-3.0-only OR MIT AND Zlib", true);
    check("", false);
}

/// Whether the licences on the list satisfy an SPDX expression. `OR` binds weaker than `AND`; the
/// old `A/B` means `A OR B`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    outside_parentheses(&expression, " OR ").iter().any(|alternative| {
        outside_parentheses(alternative, " AND ").iter().all(|part| is_term_allowed(part))
    })
}

fn is_term_allowed(term: &str) -> bool {
    let term = term.trim();
    match term.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed(inner),
        None => ALLOWED.contains(&term),
    }
}

/// Splits at `separator` where no parenthesis is open.
fn outside_parentheses<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let is_outside = |at: usize| {
        let before = &text[..at];
        before.matches('(').count() == before.matches(')').count()
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(separator).filter(|(at, _)| is_outside(*at)) {
        parts.push(&text[start..at]);
        start = at + separator.len();
    }
    parts.push(&text[start..]);
    parts
}

/// What cargo knows of all packages. Offline first: the build that runs this test has fetched
/// what it needs, but packages for other systems may be missing.
fn metadata() -> Value {
    let output = cargo_metadata(&["--offline"]).or_else(|_| cargo_metadata(&[]));
    let output = output.unwrap_or_else(|error| panic!("cargo metadata: {error}"));
    serde_json::from_slice(&output).expect("cargo writes JSON")
}

fn cargo_metadata(more: &[&str]) -> Result<Vec<u8>, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).args(more);
    let output = cargo.current_dir(root()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn packages(metadata: &Value) -> &[Value] {
    metadata["packages"].as_array().expect("metadata lists packages")
}

fn name(package: &Value) -> &str {
    package["name"].as_str().expect("a package has a name")
}

/// Empty where there is none, which no list allows.
fn licence(package: &Value) -> &str {
    package["license"].as_str().unwrap_or("")
}

fn resolved_features<'a>(metadata: &'a Value, package: &str) -> Vec<&'a str> {
    let id =
        packages(metadata).iter().find(|found| name(found) == package).map(|found| &found["id"]);
    let id = id.unwrap_or_else(|| panic!("{package} is not among the dependencies"));
    let nodes = metadata["resolve"]["nodes"].as_array().expect("metadata resolves features");
    let node = nodes.iter().find(|node| node["id"] == *id).expect("each package has a node");
    let features = node["features"].as_array().expect("a node lists its features");
    features.iter().filter_map(Value::as_str).collect()
}
