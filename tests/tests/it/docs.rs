//! The documents say what the program does: sessions run, tables match, links lead somewhere.

use secpack_tests::Sandbox;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    let path = root().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What stands between `<!-- name -->` and `<!-- /name -->`.
fn marked(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<!-- {name} -->")).expect("the opening mark");
    let (inside, _) = rest.split_once(&format!("<!-- /{name} -->")).expect("the closing mark");
    inside.to_owned()
}

/// A folder for PATH in which the program under test is called `secpack`.
fn named_program(sandbox: &Sandbox) -> String {
    std::fs::create_dir_all(sandbox.path("bin")).expect("a folder");
    std::os::unix::fs::symlink(PROGRAM, sandbox.path("bin/secpack")).expect("a link");
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{}:{path}", sandbox.path("bin").display())
}

#[test]
fn the_session_of_the_readme_runs() {
    let session = marked(&read("README.md"), "session");
    let lines: Vec<&str> = session.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!((5..=12).contains(&lines.len()), "{lines:?}");
    let sandbox = Sandbox::new(PROGRAM);
    let path = named_program(&sandbox);
    std::fs::create_dir_all(sandbox.path("work")).expect("a folder");
    let script = format!("set -eu\n{}\n", lines.join("\n"));
    let shell = Path::new("sh");
    let run = sandbox.run(shell, "work", &["-c", &script], &[("PATH", &path)]).ends(0);
    let last = run.stdout.lines().last().unwrap_or_default();
    assert_eq!(last, "good: everything that the policy asks for is there", "{}", run.stdout);
    assert!(read("README.md").contains(last), "the README quotes the last line");
}

#[test]
fn the_session_of_the_drafters_guide_ends_with_a_clean_draft() {
    let session = marked(&read("docs/guides/drafter.md"), "session");
    let line = |line: &str| line.strip_prefix("$ ").or(line.strip_prefix('>')).map(str::to_owned);
    let bare = |line: String| line.strip_prefix(' ').map(str::to_owned).unwrap_or(line);
    let script: Vec<String> = session.lines().filter_map(line).map(bare).collect();
    let team = secpack_tests::Team::new(PROGRAM);
    let path = named_program(&team.sandbox);
    let script = format!("set -eu\n{}\n", script.join("\n"));
    let shell = Path::new("sh");
    let run = team.sandbox.run(shell, "pack", &["-c", &script], &[("PATH", &path)]).ends(0);
    assert!(run.stdout.contains("is ready to be signed"), "{}", run.stdout);
    assert!(!run.stderr.contains("left to do"), "{}", run.stderr);
}

#[test]
fn the_table_of_commands_is_the_programs() {
    let table = marked(&read("README.md"), "commands");
    let rows = table.lines().filter(|line| line.starts_with("| `secpack "));
    let documented: Vec<(String, String)> = rows
        .map(|row| {
            let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
            let name = cells.next().unwrap_or_default().trim_matches('`').to_owned();
            (name.replace("secpack ", ""), cells.next().unwrap_or_default().to_owned())
        })
        .collect();
    let help = Sandbox::new(PROGRAM).secpack(".", &["help"]).ends(0).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let shown: Vec<(String, String)> = commands
        .take_while(|line| line.starts_with("  "))
        .map(|line| {
            let (name, about) = line.trim().split_once("  ").expect("name and text");
            (name.to_owned(), about.trim().to_owned())
        })
        .filter(|(name, _)| name != "help")
        .collect();
    assert_eq!(documented, shown);
}

#[test]
fn every_command_has_help_with_an_example() {
    let sandbox = Sandbox::new(PROGRAM);
    let help = sandbox.secpack(".", &["help"]).stdout;
    for command in subcommands(&help) {
        let help = sandbox.secpack(".", &[&command, "--help"]).ends(0).stdout;
        let below = subcommands(&help);
        if below.is_empty() {
            assert!(help.contains("Example"), "secpack {command} --help has no example");
        }
        for sub in below {
            let help = sandbox.secpack(".", &[&command, &sub, "--help"]).ends(0).stdout;
            assert!(help.contains("Example"), "secpack {command} {sub} --help has no example");
        }
    }
}

fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names =
        lines.take_while(|line| line.starts_with("  ")).filter_map(|l| l.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_whole_policies_of_the_pack_format_are_valid() {
    let text = read("docs/pack-format.md");
    let sandbox = Sandbox::new(PROGRAM);
    let mut seen = 0;
    for fence in text.split("```toml policy\n").skip(1) {
        let policy = fence.split("```").next().expect("a closed fence");
        sandbox.write("policy.toml", policy);
        sandbox.secpack(".", &["policy", "check", "--policy", "policy.toml"]).ends(0);
        seen += 1;
    }
    assert!(seen > 0, "no whole policy in the document");
}

#[test]
fn every_reason_code_is_explained_where_explain_points() {
    let verdicts = read("docs/verdicts.md");
    let sandbox = Sandbox::new(PROGRAM);
    for reason in secpack_pack::Reason::ALL {
        let code = reason.code();
        assert!(verdicts.contains(&format!("\n## {code}\n")), "docs/verdicts.md lacks {code}");
        let run = sandbox.secpack(".", &["explain", code]).ends(0);
        assert!(run.stdout.contains(&format!("docs/verdicts.md#{code}")), "{}", run.stdout);
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut open = vec![PathBuf::from("README.md"), PathBuf::from("CHANGELOG.md")];
    for folder in ["docs", "docs/guides", "docs/decisions"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder").flatten();
        let files = entries.map(|entry| Path::new(folder).join(entry.file_name()));
        open.extend(files.filter(|file| file.extension().is_some_and(|e| e == "md")));
    }
    for file in open {
        let text = read(file.to_str().expect("UTF-8"));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.contains(' ') {
                continue;
            }
            let folder = file.parent().unwrap_or(Path::new(""));
            assert!(root().join(folder).join(target).exists(), "{}: {link}", file.display());
        }
    }
}

#[test]
fn man_pages_are_made_for_every_command() {
    let sandbox = Sandbox::new(PROGRAM);
    sandbox.secpack(".", &["man", "pages"]).ends(0);
    for page in ["secpack.1", "secpack-verify.1", "secpack-keys-generate.1"] {
        let text = sandbox.read(&format!("pages/{page}"));
        assert!(text.starts_with(b".ie") || text.windows(3).any(|w| w == b".TH"), "{page}");
    }
}

/// The first line of a request and the names of its fields, down to the blank line.
fn form(request: &str) -> Vec<String> {
    let lines = request.lines().take_while(|line| !line.is_empty());
    lines.map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn requests_have_the_fields_that_the_pack_format_shows() {
    let team = secpack_tests::Team::new(PROGRAM);
    let path = team.draft();
    let format = read("docs/pack-format.md");
    for (kind, arguments) in
        [("document", vec!["sign", &path, "--as", "ann"]), ("tag", vec!["tag", "--as", "ben"])]
    {
        let run = team.run(&[&arguments[..], &["--with", "request"]].concat()).ends(0);
        let place = run.stdout.lines().find_map(|line| line.strip_prefix("request: "));
        let written = std::fs::read(place.expect("a request")).expect("a file");
        let written = String::from_utf8(written).expect("text");
        let shown = marked(&format, &format!("request {kind}"));
        let shown = shown.trim().trim_start_matches("```text\n").trim_end_matches("```");
        assert_eq!(form(&written), form(shown), "{kind}");
        let size = written.lines().find_map(|line| line.strip_prefix("bytes: ")).expect("a size");
        let text = &written[written.len() - size.parse::<usize>().expect("a number")..];
        assert!(written.ends_with(&format!("-----END PGP PUBLIC KEY BLOCK-----\n\ntext:\n{text}")));
    }
}

/// The rules in the tables below a heading, with their levels.
fn listed(heading: &str) -> BTreeSet<(String, String)> {
    let text = read("docs/verdicts.md");
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = rest.split("\n#").next().expect("a section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let level = cells.get(1).expect("a level").to_string();
        let names = cells[0].trim_start_matches("| ").split(", ");
        names
            .map(move |name| (name.trim_matches('`').to_owned(), level.clone()))
            .collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn every_rule_for_texts_is_in_its_table_and_no_other() {
    let known = |rules: Vec<secpack_bulletin::Rule>| -> BTreeSet<(String, String)> {
        rules.iter().map(|rule| (rule.name.to_owned(), rule.level.to_string())).collect()
    };
    let common = listed("Rules of every text");
    let both = |own: &str| common.union(&listed(own)).cloned().collect::<BTreeSet<_>>();
    assert_eq!(known(secpack_bulletin::rules()), both("Rules of bulletins"));
    assert_eq!(known(secpack_canary::rules()), both("Rules of canaries"));
}
