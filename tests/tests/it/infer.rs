//! `policy infer`: a first policy for packs that nobody described. Each inferred policy accepts
//! the pack as it is, and nothing that is changed in it later.

mod made;
mod pins;
mod real;

use secpack_tests::{Run, Sandbox};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Infers a policy for the folder `pack`, with its old findings accepted, into `first.toml`.
fn infer(sandbox: &Sandbox) -> String {
    sandbox.secpack(".", &["policy", "infer", "pack", "--accept", "--out", "first.toml"]).ends(0);
    String::from_utf8(sandbox.read("first.toml")).expect("a policy is UTF-8")
}

fn verify(sandbox: &Sandbox) -> Run {
    let arguments = ["verify", "pack", "--policy", "first.toml", "--no-memory", "--json"];
    sandbox.secpack(".", &arguments)
}

/// Rules of errors that the policy does not accept.
fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("findings");
    let errors = findings.iter().filter(|f| f["level"] == "error" && f["accepted"] == false);
    errors.map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

/// The tables of one kind in a policy.
fn tables(policy: &str, kind: &str) -> Vec<toml::Table> {
    let policy: toml::Table = policy.parse().expect("an inferred policy is TOML");
    let tables = policy.get(kind).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    tables.into_iter().map(|table| table.as_table().expect("a table").clone()).collect()
}

/// The numbers that a member signs of a series; `all` where there is no limit.
fn numbers(policy: &str, member: &str, series: &str) -> Option<String> {
    let signs = |role: &toml::Table| {
        role["signs"].as_array().expect("a list").iter().any(|s| s.as_str() == Some(series))
    };
    let roles = tables(policy, "role");
    let role = roles.iter().find(|r| r["member"].as_str() == Some(member) && signs(r))?;
    Some(role.get("numbers").map_or("all", |n| n.as_str().expect("a text")).to_owned())
}

/// One series as `(kind, first path, first signature pattern, form)`.
fn series(policy: &str, id: &str) -> (String, String, String, String) {
    let all = tables(policy, "series");
    let found = all.iter().find(|s| s["id"].as_str() == Some(id));
    let found = found.unwrap_or_else(|| panic!("no series {id} in\n{policy}"));
    let text = |key: &str| found.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let first = |key: &str| {
        let list = found.get(key).and_then(toml::Value::as_array);
        let first = list.and_then(|list| list.first()?.as_str());
        first.unwrap_or_default().to_owned()
    };
    (text("kind"), first("paths"), first("signatures"), text("form"))
}
