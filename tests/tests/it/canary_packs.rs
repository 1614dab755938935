//! Canaries of made packs, from draft to overdue: each signed with the program, verified by it,
//! and where bytes are what counts, by stock gpg.

use secpack_tests::{Run, Team};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Evidence of freshness of that day; every day has other headlines and another block.
pub fn evidence(day: &str) -> String {
    let titles = |name: &str| {
        let one = |n: u32| format!("\"Headline {n} of {name} on {day}\"");
        (1..=5).map(one).collect::<Vec<_>>().join(", ")
    };
    let source = |name: &str, url: &str| {
        format!("{{\"name\": \"{name}\", \"url\": \"{url}\", \"titles\": [{}]}}", titles(name))
    };
    let sources = [
        source("BBC News - World", "https://feeds.bbci.co.uk/news/world/rss.xml"),
        source("The Guardian - World", "https://www.theguardian.com/world/rss"),
        source("Deutsche Welle - World", "https://rss.dw.com/rdf/rss-en-world"),
    ];
    let hash = format!("{:0>64}", day.replace('-', ""));
    let sources = sources.join(", ");
    format!(
        "{{\"schema\": \"secpack/freshness/1\", \"date\": \"{day}T06:00:00Z\", \"sources\": [{sources}], \
         \"block\": {{\"name\": \"Blockstream Explorer\", \"hash\": \"{hash}\"}}}}"
    )
}

/// Runs the program in the pack at noon of a day.
pub fn on(team: &Team, day: &str, arguments: &[&str]) -> Run {
    let now = format!("{day}T12:00:00Z");
    team.sandbox.secpack("pack", &[arguments, &["--now", &now]].concat())
}

pub fn file(team: &Team, name: &str, text: &str) -> String {
    team.sandbox.write(name, text);
    team.sandbox.path(name).display().to_string()
}

/// Drafts a canary with evidence of that day; returns its path.
pub fn draft(team: &Team, day: &str, more: &[&str]) -> String {
    let fresh = file(team, "fresh.json", &evidence(day));
    let new = [&["canary", "new", "--freshness", &fresh][..], more].concat();
    let drafted = on(team, day, &new).ends(0);
    drafted.stdout.trim().trim_start_matches("drafted: ").to_owned()
}

pub fn sign(team: &Team, day: &str, path: &str, member: &str) -> Run {
    let shown = on(team, day, &["sign", path, "--as", member, "--dry-run"]);
    let digest = shown.stdout.get(..64).unwrap_or_default().to_owned();
    let key = team.key_of(member);
    on(team, day, &["sign", path, "--as", member, "--key", &key, "--yes", &digest])
}

pub fn commit(team: &Team, day: &str) {
    team.commit("A step");
    let (head, key) = (team.head(), team.key_of("ann"));
    on(team, day, &["tag", "--as", "ann", "--key", &key, "--yes", &head]).ends(0);
}

/// A canary that everyone signed, committed and tagged.
pub fn published(team: &Team, day: &str, signers: &[&str], more: &[&str]) -> String {
    let path = draft(team, day, more);
    for member in signers {
        sign(team, day, &path, member).ends(0);
    }
    commit(team, day);
    path
}

/// A new version of the policy, signed as the old one asks and published.
pub fn repolicy(team: &Team, edit: impl Fn(String) -> String) {
    let text = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    let edited = edit(text.replacen("version = 1", "version = 2", 1));
    team.sandbox.write("pack/secpack.toml", edited);
    on(team, "2026-03-04", &["policy", "check"]).ends(0);
    sign(team, "2026-03-04", "secpack.toml", "ann").ends(0);
    sign(team, "2026-03-04", "secpack.toml", "ben").ends(0);
    commit(team, "2026-03-04");
}

pub fn status(team: &Team, day: &str) -> serde_json::Value {
    on(team, day, &["canary", "status", "--json"]).json()
}

pub const ALL: [&str; 3] = ["ann", "ben", "carol"];

/// A replacement that must hit.
pub fn swap(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replace(old, new)
}

fn verified(team: &Team, day: &str) -> serde_json::Value {
    let anchor = team.anchor.clone();
    let run = on(team, day, &["verify", "--anchor", &anchor, "--no-memory", "--json"]).ends(0);
    assert_eq!(run.json()["result"], "good");
    run.json()
}

#[test]
fn from_draft_to_overdue() {
    let team = Team::new(PROGRAM);
    let first = on(&team, "2026-03-05", &["canary", "status"]).ends(0).stdout;
    assert!(first.contains("no canary is complete yet"), "{first}");
    let path = draft(&team, "2026-03-05", &[]);
    on(&team, "2026-03-05", &["canary", "lint", &path]).ends(0);
    sign(&team, "2026-03-05", &path, "ben").ends(0);
    let half = status(&team, "2026-03-05");
    assert_eq!(half[0]["last"], serde_json::Value::Null);
    assert_eq!(half[0]["next"]["signed"], serde_json::json!(["ben"]));
    assert_eq!(half[0]["next"]["missing"], serde_json::json!(["ann", "carol"]));
    let said = on(&team, "2026-03-05", &["canary", "status"]).ends(0).stdout;
    assert!(said.contains(&format!("next: secpack sign {path} --as carol")), "{said}");
    sign(&team, "2026-03-05", &path, "ann").ends(0);
    sign(&team, "2026-03-05", &path, "carol").ends(0);
    commit(&team, "2026-03-05");
    verified(&team, "2026-03-05");
    for (day, state, code) in [
        ("2026-05-31", "early", 0),
        ("2026-06-01", "open", 0),
        ("2026-06-14", "open", 0),
        ("2026-06-15", "overdue", 1),
    ] {
        let run = on(&team, day, &["canary", "status", "--json"]).ends(code);
        let row = &run.json()[0];
        assert_eq!((&row["state"], &row["last"]), (&state.into(), &"Canary-001".into()), "{day}");
    }
    let row = &status(&team, "2026-06-17")[0];
    assert_eq!((&row["closed"], &row["days"]), (&"2026-06-14".into(), &3.into()));
    // A draft that is not complete makes no late canary less late.
    let next = draft(&team, "2026-06-17", &[]);
    sign(&team, "2026-06-17", &next, "ann").ends(0);
    let late = on(&team, "2026-06-17", &["canary", "status"]).ends(1).stdout;
    assert!(late.contains("overdue for 3 days, since 2026-06-14"), "{late}");
    assert!(late.contains("Canary-002  signed by ann, missing: ben, carol"), "{late}");
}

#[test]
fn a_mistake_is_mended_by_a_new_canary_and_both_stay() {
    let team = Team::new(PROGRAM);
    let first = published(&team, "2026-03-05", &ALL, &[]);
    // The mistake: a bulletin of the day before had been forgotten.
    let why = file(&team, "why.txt", "Canary-001 did not count the bulletin of the day before.\n");
    let new = ["canary", "new", "--replaces", "Canary-001"];
    let before = team.sandbox.contents(".");
    on(&team, "2026-03-07", &new).ends(2);
    assert_eq!(before, team.sandbox.contents("."));
    let second = published(
        &team,
        "2026-03-07",
        &ALL,
        &["--replaces", "Canary-001", "--announcements", &why],
    );
    let text = String::from_utf8(team.sandbox.read(&format!("pack/{second}"))).expect("text");
    assert!(text.contains("This canary replaces Canary-001"), "{text}");
    let report = verified(&team, "2026-03-07");
    for path in [&first, &second] {
        let found = report["documents"].as_array().expect("a list");
        let document = found.iter().find(|d| d["path"] == **path).expect("it stays");
        assert_eq!(document["state"], "complete");
    }
    let row = &status(&team, "2026-03-07")[0];
    assert_eq!((&row["last"], &row["replaces"]), (&"Canary-002".into(), &1.into()));
    // The schedule is where it was.
    assert_eq!((&row["state"], &row["opens"]), (&"early".into(), &"2026-06-01".into()));
    on(&team, "2026-03-07", &["canary", "diff", &first, &second]).ends(0);
    // What nobody signed is edited instead.
    let third = draft(&team, "2026-06-02", &[]);
    let before = team.sandbox.contents(".");
    let new = ["canary", "new", "--replaces", &third, "--announcements", &why];
    let run = on(&team, "2026-06-02", &new).ends(1);
    assert!(run.stderr.contains("nobody signed it"), "{}", run.stderr);
    assert_eq!(before, team.sandbox.contents("."));
}

#[test]
fn an_early_canary_that_is_issued_anew_keeps_the_schedule() {
    let team = Team::new(PROGRAM);
    published(&team, "2026-03-05", &ALL, &[]);
    // One day before its window, and again on the same day.
    published(&team, "2026-05-31", &ALL, &[]);
    let why = file(&team, "why.txt", "Its proof had a wrong headline.\n");
    let more = ["--replaces", "Canary-002", "--announcements", &why];
    let fresh = file(&team, "fresh.json", &evidence("2026-05-30"));
    let new = [&["canary", "new", "--freshness", &fresh][..], &more].concat();
    on(&team, "2026-05-31", &new).ends(0);
    for member in ALL {
        sign(&team, "2026-05-31", "Canary-003", member).ends(0);
    }
    let row = &status(&team, "2026-06-01")[0];
    assert_eq!((&row["last"], &row["opens"]), (&"Canary-003".into(), &"2026-09-01".into()));
}

#[test]
fn after_the_last_canary_nothing_is_ever_overdue() {
    let team = Team::new(PROGRAM);
    published(&team, "2026-03-05", &ALL, &[]);
    let why = file(&team, "why.txt", "The project ends; thank you for reading.\n");
    let before = team.sandbox.contents(".");
    on(&team, "2026-06-02", &["canary", "new", "--last"]).ends(2);
    assert_eq!(before, team.sandbox.contents("."));
    let path = published(&team, "2026-06-02", &ALL, &["--last", "--announcements", &why]);
    let diff = on(&team, "2026-06-02", &["canary", "diff", "Canary-001", &path]).ends(0).stdout;
    assert!(diff.contains("none, it is the last"), "{diff}");
    for day in ["2026-06-02", "2026-12-31", "2027-12-01"] {
        let run = on(&team, day, &["canary", "status", "--json"]).ends(0);
        assert_eq!(run.json()[0]["state"], "ended", "{day}");
        let report = verified(&team, day);
        assert_eq!(report["canaries"][0]["state"], "ended", "{day}");
        assert_eq!(report["canaries"][0]["due"], serde_json::Value::Null);
        assert!(!report["findings"].to_string().contains("overdue"), "{day}");
    }
    stock_gpg_agrees(&team, &path, &ALL);
    let run = on(&team, "2027-12-01", &["canary", "new"]).ends(0);
    assert!(run.stderr.contains("Canary-002 says that no other follows"), "{}", run.stderr);
}

fn import_keys(team: &Team) {
    let export = team.run(&["keys", "export"]).ends(0).stdout;
    team.sandbox.write("keyring.asc", export);
    team.sandbox.gpg(".", &["--import", "keyring.asc"]).ends(0);
}

fn stock_gpg_agrees(team: &Team, path: &str, members: &[&str]) {
    import_keys(team);
    for member in members {
        let signature = format!("{path}.sig.{member}");
        team.sandbox.gpg("pack", &["--verify", &signature, path]).ends(0);
    }
}

#[test]
fn a_changed_statement_needs_an_announcement() {
    let team = Team::new(PROGRAM);
    let first = published(&team, "2026-03-05", &ALL, &[]);
    let path = draft(&team, "2026-06-02", &[]);
    let on_disk = format!("pack/{path}");
    let text = String::from_utf8(team.sandbox.read(&on_disk)).expect("text");
    let changed = swap(&text, "keep silent about such a demand", "keep silent about it");
    team.sandbox.write(&on_disk, &changed);
    let lint = on(&team, "2026-06-02", &["canary", "lint", &path]).ends(1).stdout;
    assert!(lint.contains("statement-unannounced"), "{lint}");
    let diff = on(&team, "2026-06-02", &["canary", "diff", &first, &path, "--json"]).ends(1);
    assert_eq!(diff.json()["statements"][0]["number"], 4);
    let before = team.sandbox.contents(".");
    sign(&team, "2026-06-02", &path, "ann").ends(1);
    assert_eq!(before, team.sandbox.contents("."));
    team.sandbox.write(&on_disk, swap(&changed, "None.", "Statement 4 is shorter now."));
    let lint = on(&team, "2026-06-02", &["canary", "lint", &path]).ends(0).stdout;
    assert!(lint.contains("statement-changed"), "{lint}");
    on(&team, "2026-06-02", &["canary", "diff", &first, &path]).ends(0);
    sign(&team, "2026-06-02", &path, "ann").ends(0);
}

#[test]
fn quarters_in_names() {
    let team = Team::new(PROGRAM);
    repolicy(&team, |text| {
        let path = "canaries/canary-{number:3}-{year}.txt";
        swap(&text, path, "canaries/canary-{number:3}-{year}-q{quarter}.txt")
    });
    let first = published(&team, "2026-03-05", &ALL, &[]);
    assert_eq!(first, "canaries/canary-001-2026-q1.txt");
    let second = published(&team, "2026-06-14", &ALL, &[]);
    assert_eq!(second, "canaries/canary-002-2026-q2.txt");
    verified(&team, "2026-06-14");
    let row = &status(&team, "2026-09-01")[0];
    assert_eq!((&row["last"], &row["state"]), (&"Canary-002".into(), &"open".into()));
    stock_gpg_agrees(&team, &second, &ALL);
    // The same number under another quarter is a second document of that number.
    let other = "pack/canaries/canary-002-2026-q3.txt";
    team.sandbox.write(other, team.sandbox.read(&format!("pack/{second}")));
    on(&team, "2026-06-14", &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(1);
}

/// A second series beside the first: another folder, another rhythm, its own words.
const SECOND: &str = r#"
[[series]]
id = "phone"
kind = "canary"
label = "Phone-Canary-{number:3}"
paths = ["phone/canaries/canary-{number:3}-{year}.txt"]
signatures = ["{document}.sig.{member}"]

[[text]]
series = "phone"
heading = "---===[ Example Phone Canary {number:3} ]===---"
sections = ["Statements", "Special announcements", "Notes", "Proof of freshness"]
width = 72

[[canary]]
series = "phone"
statements = 5
counts = "bulletin"
fingerprint = "master"
window = "last half"
every_months = 1

[[role]]
member = "ann"
signs = ["phone"]
"#;

#[test]
fn two_series_in_one_pack() {
    let team = Team::new(PROGRAM);
    repolicy(&team, |text| text + SECOND);
    let before = team.sandbox.contents(".");
    let run = on(&team, "2026-03-20", &["canary", "new"]).ends(2);
    assert!(run.stderr.contains("canary, phone"), "{}", run.stderr);
    assert_eq!(before, team.sandbox.contents("."));
    let first = published(&team, "2026-03-05", &ALL, &["--series", "canary"]);
    let phone = published(&team, "2026-03-20", &["ann"], &["--series", "phone"]);
    assert_eq!(phone, "phone/canaries/canary-001-2026.txt");
    let rows = status(&team, "2026-04-16");
    assert_eq!((&rows[0]["series"], &rows[0]["state"]), (&"canary".into(), &"early".into()));
    assert_eq!((&rows[1]["series"], &rows[1]["state"]), (&"phone".into(), &"open".into()));
    assert_eq!(rows[1]["closes"], "2026-04-30");
    let said = on(&team, "2026-05-02", &["canary", "status"]).ends(1).stdout;
    assert!(said.contains("phone: the last one is Phone-Canary-001"), "{said}");
    assert!(said.contains("next: secpack canary new --series phone"), "{said}");
    verified(&team, "2026-04-16");
    stock_gpg_agrees(&team, &first, &ALL);
    stock_gpg_agrees(&team, &phone, &["ann"]);
}

/// The canaries are clearsigned by ann alone.
fn clearsigned(text: String) -> String {
    let series = "paths = [\"canaries/canary-{number:3}-{year}.txt\"]\nsignatures = [\"{document}.sig.{member}\"]";
    let alone = "paths = [\"canaries/canary-{number:3}-{year}.txt\"]\nform = \"clearsigned\"";
    let text = swap(&text, series, alone);
    swap(
        &text,
        "[[role]]\nmember = \"carol\"",
        "[[require]]\nseries = \"canary\"\nsigners = [\"ann\"]\n\n[[role]]\nmember = \"carol\"",
    )
}

#[test]
fn clearsigned_canaries_are_one_file() {
    let team = Team::new(PROGRAM);
    repolicy(&team, clearsigned);
    let path = draft(&team, "2026-03-05", &[]);
    let on_disk = format!("pack/{path}");
    let plain = team.sandbox.read(&on_disk);
    on(&team, "2026-03-05", &["canary", "lint", &path]).ends(0);
    let waiting = &status(&team, "2026-03-05")[0];
    assert_eq!(waiting["next"]["missing"], serde_json::json!(["ann"]));
    // Blanks at the end of a line would not be covered.
    let blank = String::from_utf8(plain.clone()).expect("text").replacen("Notes\n", "Notes \n", 1);
    team.sandbox.write(&on_disk, &blank);
    let before = team.sandbox.contents(".");
    let run = sign(&team, "2026-03-05", &path, "ann").ends(1);
    assert!(run.stderr.contains("ends in blanks"), "{}", run.stderr);
    assert_eq!(before, team.sandbox.contents("."));
    team.sandbox.write(&on_disk, &plain);
    sign(&team, "2026-03-05", &path, "ann").ends(0);
    let signed = team.sandbox.read(&on_disk);
    assert!(signed.starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"));
    // Signing again changes nothing, and a second signature has no place.
    let again = sign(&team, "2026-03-05", &path, "ann").ends(0);
    assert!(again.stdout.contains("is signed by ann already"), "{}", again.stdout);
    let run = sign(&team, "2026-03-05", &path, "ben").ends(1);
    assert!(run.stderr.contains("takes one only"), "{}", run.stderr);
    assert_eq!(team.sandbox.read(&on_disk), signed);
    commit(&team, "2026-03-05");
    verified(&team, "2026-03-05");
    on(&team, "2026-03-05", &["canary", "lint", &path]).ends(0);
    let row = &status(&team, "2026-06-02")[0];
    assert_eq!((&row["last"], &row["state"]), (&"Canary-001".into(), &"open".into()));
    // Stock gpg accepts the file and takes the very draft out of it.
    import_keys(&team);
    team.sandbox.gpg("pack", &["--verify", &path]).ends(0);
    team.sandbox.gpg("pack", &["--output", "../out.txt", "--decrypt", &path]).ends(0);
    assert_eq!(team.sandbox.read("out.txt"), plain);
    // The next draft knows the one inside, and a flipped letter is noticed.
    let next = draft(&team, "2026-06-02", &[]);
    sign(&team, "2026-06-02", &next, "ann").ends(0);
    on(&team, "2026-06-02", &["canary", "diff", &path, &next]).ends(0);
    let text = String::from_utf8(signed).expect("text");
    team.sandbox.write(&on_disk, swap(&text, "number 0.", "number 1."));
    on(&team, "2026-06-02", &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(1);
    let gpg = team.sandbox.gpg("pack", &["--verify", &path]);
    assert_ne!(gpg.code, 0, "{}", gpg.stderr);
}
