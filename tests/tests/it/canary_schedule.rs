//! The timer: what it runs, for a whole year, and the files that start it.

use super::canary_packs::{ALL, commit, draft, evidence, file, on, published, sign};

use secpack_tests::{Run, Team, has_tool};
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");
const RUN: [&str; 3] = ["canary", "schedule", "run"];

/// One run of the timer at that hour, with the proof that another program fetched that day.
fn tick(team: &Team, day: &str, hour: u32) -> Run {
    let fresh = file(team, "fresh.json", &evidence(day));
    let now = format!("{day}T{hour:02}:05:00Z");
    let arguments = [&RUN[..], &["--freshness", &fresh, "--json", "--now", &now]].concat();
    team.sandbox.secpack("pack", &arguments)
}

fn days(month: &str, first: u32, last: u32) -> impl Iterator<Item = String> {
    (first..=last).map(move |day| format!("{month}-{day:02}"))
}

fn branches(team: &Team) -> Vec<String> {
    let listed = team.sandbox.git("pack", &["branch", "--format=%(refname:short)"]).stdout;
    listed.lines().map(str::to_owned).filter(|name| name != "main").collect()
}

/// Members sign on the branch of the event.
fn sign_on_branch(team: &Team, day: &str, branch: &str, path: &str, members: &[&str]) {
    team.sandbox.git("pack", &["checkout", "-q", branch]);
    for member in members {
        sign(team, day, path, member).ends(0);
    }
    team.commit("Signatures");
    team.sandbox.git("pack", &["checkout", "-q", "main"]);
}

/// One window: from its first hour to the publication. The canary is complete on `done`, of which
/// the last days may be after the window.
fn season(team: &Team, number: u32, month: &str, done: u32) {
    let branch = format!("sign/canary-{number:03}");
    let path = format!("canaries/canary-{number:03}-{}.txt", &month[..4]);
    let first = format!("{month}-01");
    let opened = tick(team, &first, 0).ends(0).json();
    assert_eq!(opened["due"][0]["opened"], true, "{opened}");
    assert_eq!(opened["due"][0]["path"], *path);
    assert_eq!(opened["due"][0]["left"], serde_json::json!([]), "{opened}");
    let tip = || team.sandbox.git("pack", &["rev-parse", &branch]).stdout;
    let begun = tip();
    // Every hour of the first day, later every fourth: the same event, and a reminder of who is missing.
    let step = if number == 2 { 1 } else { 4 };
    for hour in (1..24).step_by(step) {
        let again = tick(team, &first, hour).ends(0).json();
        assert_eq!(again["due"][0]["opened"], false, "{again}");
        assert_eq!(again["due"][0]["missing"], serde_json::json!(ALL));
    }
    assert_eq!((tip(), branches(team)), (begun, vec![branch.clone()]));
    sign_on_branch(team, &format!("{month}-04"), &branch, &path, &["ben"]);
    for day in days(month, 4, done) {
        let is_late = &day[8..] > "14";
        let row = tick(team, &day, 6).ends(i32::from(is_late)).json();
        assert_eq!(row["due"][0]["signed"], serde_json::json!(["ben"]));
        assert_eq!(row["due"][0]["state"], if is_late { "overdue" } else { "open" });
    }
    let day = format!("{month}-{done:02}");
    sign_on_branch(team, &day, &branch, &path, &["ann", "carol"]);
    let row = tick(team, &day, 8).json();
    let next = format!("git merge {branch}");
    assert_eq!(row["due"][0]["next"][0], *next, "{row}");
    // What it says is typed.
    team.sandbox.git("pack", &["merge", "-q", &branch]);
    let (head, key) = (team.head(), team.key_of("ann"));
    on(team, &day, &["tag", "--as", "ann", "--key", &key, "--yes", &head]).ends(0);
    on(team, &day, &["event", "close", &path]).ends(0);
    assert_eq!(branches(team), [""; 0]);
}

/// The timer over a year. Runs on the same day differ in nothing but the hour, which decides nothing;
/// so every hour is run on the first day of one window, every fourth on those of the others, and
/// once a day or every third day between: the days are what is simulated, not 8760 processes.
#[test]
fn a_year_of_the_timer_yields_four_canaries() {
    let team = Team::new(PROGRAM);
    assert_eq!(tick(&team, "2026-03-05", 6).ends(0).json()["due"], serde_json::json!([]));
    published(&team, "2026-03-05", &ALL, &[]);
    // Days after a publication on which nothing is due, until the next window opens.
    let quiet = |from: (&str, u32, u32)| {
        for day in days(from.0, from.1, from.2).step_by(3) {
            let before = team.sandbox.contents("pack");
            assert_eq!(tick(&team, &day, 6).ends(0).json()["due"], serde_json::json!([]), "{day}");
            assert_eq!(team.sandbox.contents("pack"), before);
        }
    };
    quiet(("2026-03", 6, 31));
    quiet(("2026-05", 28, 31));
    season(&team, 2, "2026-06", 9);
    quiet(("2026-06", 10, 30));
    season(&team, 3, "2026-09", 16);
    quiet(("2026-09", 17, 30));
    season(&team, 4, "2026-12", 5);
    quiet(("2027-02", 20, 28));
    season(&team, 5, "2027-03", 14);
    quiet(("2027-03", 15, 31));
    let listed = team.sandbox.git("pack", &["ls-files", "canaries/*.txt"]).stdout;
    let names: Vec<&str> = listed.lines().collect();
    let expected = [(1, 2026), (2, 2026), (3, 2026), (4, 2026), (5, 2027)]
        .map(|(number, year)| format!("canaries/canary-{number:03}-{year}.txt"));
    assert_eq!(names, expected, "the first by hand, four in the year after it");
    let last = "2027-03-31";
    on(&team, last, &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
}

#[test]
fn nothing_is_signed_and_no_file_changes() {
    let team = Team::new(PROGRAM);
    published(&team, "2026-03-05", &ALL, &[]);
    let on_disk = |team: &Team| {
        let all = team.sandbox.contents("pack").into_iter();
        let inside = team.sandbox.path("pack/.git");
        all.filter(|(path, _)| !path.starts_with(&inside)).collect::<Vec<_>>()
    };
    let before = on_disk(&team);
    // Without a proof the draft says what is left to do.
    let said = on(&team, "2026-06-01", &RUN).ends(0).stdout;
    assert!(said.contains("canary: Canary-002 is due until 2026-06-14\n"), "{said}");
    assert!(said.contains("  opened: sign/canary-002\n"), "{said}");
    assert!(said.contains("left to do: line 42: left to do: \"TODO\" [todo]"), "{said}");
    assert!(said.contains("next: git checkout sign/canary-002\n"), "{said}");
    assert_eq!(on_disk(&team), before);
    let files = ["ls-tree", "--name-only", "sign/canary-002", "canaries/"];
    let files = team.sandbox.git("pack", &files).stdout;
    assert!(
        files.contains("canary-002-2026.txt\n") && !files.contains("002-2026.txt.sig"),
        "{files}"
    );
    // An event that the team gave up is not opened again.
    let abandon = ["event", "close", "Canary-002", "--abandon", "we write it by hand"];
    on(&team, "2026-06-02", &abandon).ends(0);
    let said = on(&team, "2026-06-02", &RUN).ends(0).stdout;
    assert!(said.contains("its signing was given up: we write it by hand"), "{said}");
    assert_eq!(branches(&team), [""; 0]);
    // A draft on disk is somebody's work.
    let path = draft(&team, "2026-06-03", &[]);
    let said = on(&team, "2026-06-03", &RUN).ends(0).stdout;
    assert!(said.contains(&format!("next: secpack event open {path}")), "{said}");
    assert_eq!(branches(&team), [""; 0]);
    // Overdue is not good.
    let said = on(&team, "2026-06-15", &RUN).ends(1).stdout;
    assert!(said.contains("Canary-002 is overdue since 2026-06-14"), "{said}");
}

#[test]
fn what_was_published_elsewhere_is_not_drafted_again() {
    let team = Team::new(PROGRAM);
    published(&team, "2026-03-05", &ALL, &[]);
    team.sandbox.git(".", &["clone", "-q", "--bare", "pack", "upstream.git"]);
    let upstream = team.sandbox.path("upstream.git").display().to_string();
    team.sandbox.git("pack", &["remote", "add", "origin", &upstream]);
    team.sandbox.git(".", &["clone", "-q", "pack", "timer"]);
    team.sandbox.git("timer", &["remote", "set-url", "origin", &upstream]);
    // The team publishes; the timer's clone is behind.
    for member in ALL {
        let path =
            if member == "ann" { draft(&team, "2026-06-02", &[]) } else { "Canary-002".into() };
        sign(&team, "2026-06-02", &path, member).ends(0);
    }
    commit(&team, "2026-06-02");
    team.sandbox.git("pack", &["push", "-q", "origin", "main"]);
    let run = ["canary", "schedule", "run", "--fetch", "--now", "2026-06-03T06:00:00Z"];
    let said = team.sandbox.secpack("timer", &run).ends(0).stdout;
    assert!(said.contains("next: git merge --ff-only origin/main"), "{said}");
    let local = team.sandbox.git("timer", &["for-each-ref", "refs/heads/"]).stdout;
    assert_eq!(local.lines().count(), 1, "{local}");
    team.sandbox.git("timer", &["merge", "-q", "--ff-only", "origin/main"]);
    assert_eq!(team.sandbox.secpack("timer", &run).ends(0).stdout, "");
}

/// `systemd-analyze`, where it is; in CI it is.
fn analyze(folder: &Path) {
    if !has_tool("systemd-analyze") {
        return;
    }
    let units = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("a file").path());
    let output = Command::new("systemd-analyze")
        .args(["--user", "--man=no", "--recursive-errors=yes", "verify"])
        .args(units)
        .env("XDG_RUNTIME_DIR", folder)
        .output();
    let output = output.expect("systemd-analyze starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let ours = said.lines().filter(|line| line.contains("secpack-canary"));
    assert_eq!(ours.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_timer_is_installed_in_the_users_own_folder() {
    let team = Team::new(PROGRAM);
    let install = ["canary", "schedule", "install"];
    let day = "2026-03-05";
    let before = team.sandbox.contents(".");
    let shown = on(&team, day, &[&install[..], &["--print"]].concat()).ends(0).stdout;
    let cron = on(&team, day, &[&install[..], &["--cron"]].concat()).ends(0).stdout;
    assert_eq!(before, team.sandbox.contents("."));
    let pack = team.sandbox.path("pack").canonicalize().expect("a folder").display().to_string();
    let command = format!("--pack {pack} canary schedule run\n");
    assert!(cron.starts_with("0 6 * * * /") && cron.ends_with(&command), "{cron}");
    let done = on(&team, day, &install).ends(0);
    assert!(done.stdout.starts_with(&shown), "{}", done.stdout);
    assert!(
        done.stderr.contains("systemctl --user enable --now secpack-canary-example-"),
        "{}",
        done.stderr
    );
    let folder = team.sandbox.path("home/config/systemd/user");
    let outside = |all: Vec<(std::path::PathBuf, Vec<u8>)>| {
        all.into_iter().filter(|(path, _)| !path.starts_with(&folder)).collect::<Vec<_>>()
    };
    assert_eq!(outside(before), outside(team.sandbox.contents(".")));
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 2);
    for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("text");
        assert!(shown.contains(&text), "what was shown was written");
    }
    // Twice is once; what somebody changed is left alone.
    let after = team.sandbox.contents(".");
    on(&team, day, &install).ends(0);
    assert_eq!(after, team.sandbox.contents("."));
    analyze(&folder);
    let timer = std::fs::read_dir(&folder).expect("a folder").flatten().map(|e| e.path());
    let timer =
        timer.into_iter().find(|p| p.extension().is_some_and(|e| e == "timer")).expect("it");
    std::fs::write(&timer, "[Timer]\nOnCalendar=weekly\n").expect("written");
    let changed = team.sandbox.contents(".");
    let refused = on(&team, day, &install).ends(1);
    assert!(refused.stderr.contains("hint: look at it, then: rm "), "{}", refused.stderr);
    assert_eq!(changed, team.sandbox.contents("."));
}

/// The command of a unit, with a pack whose folder has every letter that systemd gives a meaning.
#[test]
fn a_unit_survives_an_odd_folder() {
    let team = Team::new(PROGRAM);
    let odd = "a b%h $x 'q'";
    std::fs::rename(team.sandbox.path("pack"), team.sandbox.path(odd)).expect("moved");
    team.sandbox.secpack(odd, &["canary", "schedule", "install"]).ends(0);
    analyze(&team.sandbox.path("home/config/systemd/user"));
    let cron =
        team.sandbox.secpack(odd, &["canary", "schedule", "install", "--cron"]).ends(0).stdout;
    // Cron hands everything after the fifth field to a shell, `\%` as `%`.
    let words: Vec<&str> = cron.trim_end().splitn(6, ' ').collect();
    let script = format!("set -- {}; printf %s \"$3\"", words[5].replace("\\%", "%"));
    let told = team.sandbox.run(Path::new("sh"), ".", &["-c", &script], &[]).ends(0).stdout;
    assert_eq!(Path::new(&told), team.sandbox.path(odd).canonicalize().expect("a folder"));
}
