//! The ceremony of the guide, typed line by line.

use super::PROGRAM;
use secpack_tests::{Run, Sandbox};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Stands in for the person: throw-away keys without passphrase, `yes` to what was shown, and a
/// minute between two commands.
const PERSON: &str = r#"#!/bin/sh
set -eu
count=$(($(cat "$HOME/count" 2>/dev/null || echo 0) + 1))
echo $count > "$HOME/count"
now=$(date -u -d "2026-03-04 10:00 $count minutes" +%Y-%m-%dT%H:%M:%SZ)
case "$1 ${2:-}" in
"keys generate") exec "$PROGRAM" "$@" --no-passphrase --now "$now" ;;
"keys revoke")
    digits=$("$PROGRAM" "$@" --now "$now" 2>&1 | sed -n 's/^This revokes //p' | tr -d ' ')
    exec "$PROGRAM" "$@" --yes "$digits" --now "$now" ;;
sign*)
    digest=$("$PROGRAM" "$@" --dry-run --now "$now" 2>/dev/null | cut -c1-64)
    exec "$PROGRAM" "$@" --yes "$digest" --now "$now" ;;
tag*) exec "$PROGRAM" "$@" --yes "$(git rev-parse HEAD)" --now "$now" ;;
*) exec "$PROGRAM" "$@" --now "$now" ;;
esac
"#;

/// The commands of the guide, in their order.
fn commands() -> Vec<String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/key-ceremony.md");
    let text = std::fs::read_to_string(guide).expect("the guide");
    let (_, rest) = text.split_once("<!-- ceremony -->").expect("the opening mark");
    let (inside, _) = rest.split_once("<!-- /ceremony -->").expect("the closing mark");
    inside.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

fn types(sandbox: &Sandbox, commands: &[String]) -> Run {
    let path =
        format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").expect("PATH"));
    let script = format!("set -eu\n{}\n", commands.join("\n"));
    let date = "2026-03-04T10:00:00Z";
    let more = [
        ("PATH", path.as_str()),
        ("PROGRAM", PROGRAM),
        ("GIT_AUTHOR_DATE", date),
        ("GIT_COMMITTER_DATE", date),
    ];
    sandbox.run(Path::new("sh"), ".", &["-c", &script], &more)
}

#[test]
fn the_commands_of_the_guide_run_in_their_order() {
    let sandbox = Sandbox::new(PROGRAM);
    for folder in ["offline", "ann", "ben", "stick"] {
        std::fs::create_dir_all(sandbox.path(folder)).expect("a folder");
    }
    sandbox.write("bin/secpack", PERSON);
    sandbox.write("home/.gitconfig", "[user]\n\tname = Test\n\temail = test@example.org\n");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(sandbox.path("bin/secpack"), mode).expect("a mode");
    let all = commands();
    assert!(all.len() > 40, "{all:?}");
    let end = all.iter().position(|c| c.contains("revoke --from")).expect("the revocation");
    let run = types(&sandbox, &all[..end]).ends(0);
    assert!(run.stdout.contains("good: everything that the policy asks for is there"));
    assert!(run.stdout.ends_with("good: nothing is wrong with the keys\n"), "{}", run.stdout);
    assert!(!sandbox.contents("stick").iter().any(|(_, bytes)| is_secret(bytes)));
    assert!(!sandbox.contents("acme").iter().any(|(_, bytes)| is_secret(bytes)));
    let rest: Vec<String> = [&["cd acme".to_owned()][..], &all[end..]].concat();
    let run = types(&sandbox, &rest).ends(0);
    assert!(run.stdout.contains("revoked: "), "{}", run.stdout);
}

fn is_secret(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"PRIVATE KEY")
}
