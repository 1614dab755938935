//! The timer: what it runs, for a whole year, and the files that start it.

use super::canary_packs::{ALL, commit, draft, evidence, file, on, published, sign};
use super::extent;
use chrono::NaiveDate;
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

/// The hours of a day at which the timer runs, or the one that stands for them in a sample.
fn hours(hours: std::ops::Range<u32>) -> std::ops::Range<u32> {
    if extent::is_whole() { hours } else { 6..7 }
}

/// One window: from its first hour to the publication, and the rest of that day. The canary is
/// complete on `done`, of which the last days may be after the window.
fn season(year: &mut Year<'_>, number: u32, month: &str, done: u32) {
    let team = year.team;
    let branch = format!("sign/canary-{number:03}");
    let path = format!("canaries/canary-{number:03}-{}.txt", &month[..4]);
    let first = format!("{month}-01");
    let opened = year.tick(&first, 0).ends(0).json();
    assert_eq!(opened["due"][0]["opened"], true, "{opened}");
    assert_eq!(opened["due"][0]["path"], *path);
    assert_eq!(opened["due"][0]["left"], serde_json::json!([]), "{opened}");
    let tip = || team.sandbox.git("pack", &["rev-parse", &branch]).stdout;
    let begun = tip();
    // The same event, and a reminder of who is missing.
    let step = if number == 2 || extent::is_whole() { 1 } else { 4 };
    let of_first_day = (1..24).step_by(step).map(|hour| (first.clone(), hour));
    let others = days(month, 2, if extent::is_whole() { 3 } else { 1 });
    let others = others.flat_map(|day| (0..24).map(move |hour| (day.clone(), hour)));
    for (day, hour) in of_first_day.chain(others) {
        let again = year.tick(&day, hour).ends(0).json();
        assert_eq!(again["due"][0]["opened"], false, "{again}");
        assert_eq!(again["due"][0]["missing"], serde_json::json!(ALL));
    }
    assert_eq!((tip(), branches(team)), (begun, vec![branch.clone()]));
    sign_on_branch(team, &format!("{month}-04"), &branch, &path, &["ben"]);
    for day in days(month, 4, done) {
        let is_late = &day[8..] > "14";
        let until = if day.ends_with(&format!("-{done:02}")) { 8 } else { 24 };
        for hour in hours(0..until) {
            let row = year.tick(&day, hour).ends(i32::from(is_late)).json();
            assert_eq!(row["due"][0]["signed"], serde_json::json!(["ben"]));
            assert_eq!(row["due"][0]["state"], if is_late { "overdue" } else { "open" });
        }
    }
    let day = format!("{month}-{done:02}");
    sign_on_branch(team, &day, &branch, &path, &["ann", "carol"]);
    let row = year.tick(&day, 8).json();
    let next = format!("git merge {branch}");
    assert_eq!(row["due"][0]["next"][0], *next, "{row}");
    // What it says is typed.
    team.sandbox.git("pack", &["merge", "-q", &branch]);
    let (head, key) = (team.head(), team.key_of("ann"));
    on(team, &day, &["tag", "--as", "ann", "--key", &key, "--yes", &head]).ends(0);
    on(team, &day, &["event", "close", &path]).ends(0);
    assert_eq!(branches(team), [""; 0]);
    if extent::is_whole() {
        (9..24).for_each(|hour| year.nothing_is_due(&day, hour));
    }
}

/// From the first publication to the end of the last month, 391 days.
const HOURS: usize = 391 * 24;

/// A timer that runs, and how often it ran.
struct Year<'t> {
    team: &'t Team,
    runs: usize,
}

impl Year<'_> {
    fn tick(&mut self, day: &str, hour: u32) -> Run {
        self.runs += 1;
        extent::progress(self.runs, HOURS);
        tick(self.team, day, hour)
    }

    fn nothing_is_due(&mut self, day: &str, hour: u32) {
        let before = self.team.sandbox.contents("pack");
        let run = self.tick(day, hour).ends(0).json();
        assert_eq!(run["due"], serde_json::json!([]), "{day}");
        assert_eq!(self.team.sandbox.contents("pack"), before);
    }

    /// Days after a publication on which nothing is due, until the next window opens; a sample
    /// looks at every third of the last four weeks.
    fn quiet(&mut self, first: &str, last: &str) {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let all: Vec<NaiveDate> = day(first).iter_days().take_while(|d| *d <= day(last)).collect();
        let sample = || all[all.len().saturating_sub(28)..].iter().step_by(3).copied().collect();
        let chosen = if extent::is_whole() { all.clone() } else { sample() };
        for day in chosen {
            hours(0..24).for_each(|hour| self.nothing_is_due(&day.to_string(), hour));
        }
    }
}

/// The timer over a year and some days: every hour of it in `cargo xtask sweep`. The sample has the
/// first day of each window, one hour of the others and of some days between.
#[test]
fn a_year_of_the_timer_yields_four_canaries() {
    let team = Team::new(PROGRAM);
    assert_eq!(tick(&team, "2026-03-05", 6).ends(0).json()["due"], serde_json::json!([]));
    published(&team, "2026-03-05", &ALL, &[]);
    let mut year = Year { team: &team, runs: 0 };
    year.quiet("2026-03-06", "2026-05-31");
    season(&mut year, 2, "2026-06", 9);
    year.quiet("2026-06-10", "2026-08-31");
    season(&mut year, 3, "2026-09", 16);
    year.quiet("2026-09-17", "2026-11-30");
    season(&mut year, 4, "2026-12", 5);
    year.quiet("2026-12-06", "2027-02-28");
    season(&mut year, 5, "2027-03", 14);
    year.quiet("2027-03-15", "2027-03-31");
    let listed = team.sandbox.git("pack", &["ls-files", "canaries/*.txt"]).stdout;
    let names: Vec<&str> = listed.lines().collect();
    let expected = [(1, 2026), (2, 2026), (3, 2026), (4, 2026), (5, 2027)]
        .map(|(number, year)| format!("canaries/canary-{number:03}-{year}.txt"));
    assert_eq!(names, expected, "the first by hand, four in the year after it");
    let last = "2027-03-31";
    on(&team, last, &["verify", "--anchor", &team.anchor, "--no-memory"]).ends(0);
    assert!(year.runs == HOURS || !extent::is_whole(), "{} runs", year.runs);
    extent::report(&format!(
        "{} runs of the timer over a year: four canaries, none twice, reminders only while one was due",
        year.runs
    ));
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
    assert!(said.contains("  line 42: left to do: \"TODO\" [todo]"), "{said}");
    assert!(said.contains("next: git checkout sign/canary-002 && secpack canary edit "), "{said}");
    assert_eq!(on_disk(&team), before);
    let files = ["ls-tree", "--name-only", "sign/canary-002", "canaries/"];
    let files = team.sandbox.git("pack", &files).stdout;
    assert!(
        files.contains("canary-002-2026.txt\n") && !files.contains("002-2026.txt.sig"),
        "{files}"
    );
    // It is not drafted twice because it is late.
    let late = on(&team, "2026-06-15", &["canary", "status"]).ends(1).stderr;
    assert!(late.ends_with("hint: git checkout sign/canary-002\n"), "{late}");
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
    assert!(refused.stderr.contains("hint: cat "), "{}", refused.stderr);
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
