//! `bulletin new` and `canary new` with a template of the pack's own.

use secpack_tests::Team;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// A form: the text with `TODO` where a value goes.
const FORM: &str = "\n     ---===[ Example Security Bulletin TODO ]===---\n\n                TODO\n\n                TODO\n\nUser action\n-----------\n\nTODO:\nUpdate as always [1].\n\nTODO:\nReboot.\n\nSummary\n-------\n\nTODO\n\nImpact\n------\n\nTODO\n\nAffected systems\n----------------\n\nTODO\n\nPatching\n--------\n\n  For Example 1.0, in TODO:\n  - TODO\n\nCredits\n-------\n\nTODO\n\nReferences\n----------\n\n[1] https://example.org/update\nTODO\n\n--\nThe Example security team\n";

const FACTS: &str = "title = \"{{ 7 * 7 }} TODO {% raw %}\"\nsummary = \"Words [@far] and [@near].\"\nkeep = [\"Update as\"]\ndrop = [\"Reboot\"]\ncredits = [\"Zoë\"]\n\
    [[packages]]\nrelease = \"Example 1.0\"\nplace = \"dom0\"\npackage = \"parser\"\nversion = \"1.2-3\"\n\
    [[references]]\nkey = \"near\"\nurl = \"https://example.org/update\"\n\
    [[references]]\nkey = \"far\"\nurl = \"https://example.org/far\"\n";

fn team(template: &str) -> Team {
    let team = Team::new(PROGRAM);
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("UTF-8");
    let paths = "paths = [\"bulletins/sb-{number:3}-{year}.txt\"]";
    let named =
        format!("{paths}\nunsigned = [\"bulletins/form.txt\"]\ntemplate = \"bulletins/form.txt\"");
    assert!(policy.contains(paths));
    team.sandbox.write("pack/secpack.toml", policy.replacen(paths, &named, 1));
    team.sandbox.write("pack/bulletins/form.txt", template);
    team.sandbox.write("facts.toml", FACTS);
    team
}

fn draft(team: &Team) -> secpack_tests::Run {
    let facts = team.sandbox.path("facts.toml").display().to_string();
    team.run(&["bulletin", "new", "--facts", &facts])
}

#[test]
fn a_form_is_filled_and_what_stays_open_is_listed() {
    let team = team(FORM);
    let run = draft(&team).ends(0);
    assert!(run.stderr.contains("sb-001-2026.txt:26: left to do: \"TODO\""), "{}", run.stderr);
    let text =
        String::from_utf8(team.sandbox.read("pack/bulletins/sb-001-2026.txt")).expect("UTF-8");
    let expected = FORM
        .replace("Bulletin TODO ]", "Bulletin 001 ]")
        .replacen("                TODO\n", "                       2026-03-04\n", 1)
        .replacen("                TODO\n", "               {{ 7 * 7 }} TODO {% raw %}\n", 1)
        .replace("TODO:\nUpdate", "Update")
        .replace("TODO:\nReboot.\n\n", "")
        .replacen("\nTODO\n", "\nWords [2] and [1].\n", 1)
        .replace("in TODO:\n  - TODO", "in dom0:\n  - parser version 1.2-3")
        .replace("Credits\n-------\n\nTODO", "Credits\n-------\n\nZoë")
        .replace("update\nTODO\n", "update\n[2] https://example.org/far\n");
    assert_eq!(text, expected);
}

#[test]
fn suggestions_that_are_not_there_are_named() {
    let team = team(FORM);
    team.sandbox.write("facts.toml", "keep = [\"Drink tea\"]");
    let before = team.sandbox.contents("pack");
    let run = draft(&team).ends(2);
    assert!(
        run.stderr.contains("\"Drink tea\"; there are: \"Update as always [1].\", \"Reboot.\""),
        "{}",
        run.stderr
    );
    assert_eq!(team.sandbox.contents("pack"), before);
}

#[test]
fn a_template_that_would_be_executed_must_be_committed() {
    let team = team("{{ heading }}\n\n{{ date }}\n\n{{ title }}\n");
    let before = team.sandbox.contents("pack");
    let run = draft(&team).ends(1);
    assert!(run.stderr.contains("would be executed, and HEAD does not have it"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
    team.sandbox
        .write("facts.toml", FACTS.replace("keep = [\"Update as\"]\ndrop = [\"Reboot\"]\n", ""));
    team.commit("A template");
    draft(&team).ends(0);
    let text =
        String::from_utf8(team.sandbox.read("pack/bulletins/sb-001-2026.txt")).expect("UTF-8");
    assert_eq!(text.lines().last(), Some("{{ 7 * 7 }} TODO {% raw %}"), "rendered once");
}

#[test]
fn templates_outside_the_pack_are_refused() {
    let team = team(FORM);
    let form = team.sandbox.path("pack/bulletins/form.txt");
    std::fs::remove_file(&form).expect("removed");
    team.sandbox.write("outside.txt", FORM);
    std::os::unix::fs::symlink(team.sandbox.path("outside.txt"), &form).expect("a link");
    let before = team.sandbox.contents("pack");
    let run = draft(&team).ends(2);
    assert!(run.stderr.contains("no file of the pack"), "{}", run.stderr);
    assert_eq!(team.sandbox.contents("pack"), before);
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("UTF-8");
    let outside = policy.replace("template = \"bulletins/", "template = \"../");
    team.sandbox.write("pack/secpack.toml", outside);
    let run = draft(&team).ends(2);
    assert!(run.stderr.contains("is not a path inside a pack"), "{}", run.stderr);
}
