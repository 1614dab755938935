//! The real pack's own templates, filled by the tool: what comes out is compared with what was
//! published. Values are read from the published texts by our parsers, never kept here.

use super::corpus;
use chrono::NaiveDate;
use secpack_bulletin::{Bulletin, Facts, draft};
use secpack_canary::{Canary, Style};
use secpack_pack::plaintext::{DiffLine, Form, Layout, diff, differing, lines};
use secpack_pack::policy::{CanaryRules, TextRules};
use secpack_pack::{DocumentId, Pattern};
use std::fmt::Write as _;
use std::path::Path;

const TEMPLATE: &str = "QSBs/qsb-template.txt";

fn text(repository: &Path, commit: &str, path: &str) -> String {
    String::from_utf8(corpus::blob(repository, commit, path)).expect("UTF-8")
}

/// The template as it was before the file first appeared.
fn template_before(repository: &Path, path: &str, template: &str) -> String {
    let log = ["log", "--diff-filter=A", "--format=%H", "--", path];
    let added = String::from_utf8(corpus::git(repository, &log)).expect("hex");
    let first = added.lines().last().expect("a commit that added it");
    text(repository, &format!("{first}^"), template)
}

fn id(series: &str, pattern: &str, path: &str) -> DocumentId {
    let pattern: Pattern = pattern.parse().expect("a pattern");
    let found = pattern.matches(path).expect("a path of the series");
    let series = series.parse().expect("a series");
    DocumentId { series, number: found.number, year: found.year, quarter: None, name: None }
}

/// The rules of 2024: releases that got fixes on that day.
fn rules(releases: &[&str]) -> TextRules {
    let releases = releases.iter().map(|r| format!("\"{r}\"")).collect::<Vec<_>>().join(", ");
    toml::from_str(&format!(
        "series = \"bulletin\"\nheading = \"---===[ Qubes Security Bulletin {{number:3}} ]===---\"\n\
         date = \"%Y-%m-%d\"\nwidth = 72\nunderline_extra = 1\nreleases = [{releases}]\n\
         sections = [\"[Changelog]\", \"User action\", \"Summary\", \"Impact\", \
         \"Affected systems\", \"[Discussion]\", \"Patching\", \"Credits\", \"References\"]\n"
    ))
    .expect("text rules")
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a TOML basic string")
}

/// What a drafter types: everything that the published text has and that is not prose.
fn facts(view: &Bulletin<'_>, template: &str) -> Facts {
    let mut toml = String::new();
    let mut add = |line: String| writeln!(toml, "{line}").expect("a string takes everything");
    add(format!("title = {}", quoted(&view.title.join(" "))));
    add(format!("date = {}", view.date.expect("a date")));
    let credits = view.credits.expect("credits").split("\n\n");
    let credits: Vec<String> = credits.map(|c| quoted(&c.replace('\n', " "))).collect();
    add(format!("credits = [{}]", credits.join(", ")));
    // The drafter looks at each suggestion of the template, and keeps or drops it.
    let published = words(&String::from_utf8(view.to_bytes()).expect("UTF-8"));
    let mut form = Form::parse(template);
    let suggestions: Vec<String> =
        form.sections_mut().iter().flat_map(|section| section.suggestions()).collect();
    for (key, kept) in [("keep", true), ("drop", false)] {
        let list = suggestions.iter().filter(|said| published.contains(said.as_str()) == kept);
        add(format!("{key} = [{}]", list.map(|said| quoted(said)).collect::<Vec<_>>().join(", ")));
    }
    for change in &view.changelog {
        let date = change.date.expect("a date");
        add(format!("[[changelog]]\ndate = {date}\ntext = {}", quoted(change.text)));
    }
    let source = String::from_utf8(view.to_bytes()).expect("UTF-8");
    let all = lines(&source);
    for package in &view.packages {
        let line = all[package.line as usize - 1].text;
        let key = if line.contains(" packages,") { "name" } else { "package" };
        let note = line.split_once(" (").map(|(_, note)| note.trim_end_matches(')'));
        let place = package.place.expect("a place");
        add(format!(
            "[[packages]]\nrelease = {}\nplace = {}",
            quoted(package.release),
            quoted(place)
        ));
        add(format!("{key} = {}\nversion = {}", quoted(package.name), quoted(package.versions[0])));
        if let Some(note) = note {
            add(format!("note = {}", quoted(note)));
        }
    }
    for reference in &view.references {
        add(format!("[[references]]\nkey = \"r{}\"", reference.number));
        let is_url = reference.url == Some(reference.text);
        add(format!("{} = {}", if is_url { "url" } else { "text" }, quoted(reference.text)));
    }
    toml::from_str(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In which section a line stands, counted from 0.
fn section_at(text: &str, line: usize) -> &str {
    let layout = Layout::of(text);
    let mut before = layout.sections.iter().filter(|section| section.line as usize <= line + 1);
    before.next_back().map_or("head", |section| section.title)
}

/// Sections whose text a person writes. In `Patching` that is what follows the packages.
const PROSE: [&str; 6] =
    ["User action", "Summary", "Impact", "Affected systems", "Discussion", "Patching"];

#[test]
fn drafts_differ_from_published_bulletins_in_prose_only() {
    let Some(repository) = corpus::repository() else { return };
    // In one title a person put the last line one column further to the right.
    let mut other_margins = 0;
    for (path, releases) in [
        ("QSBs/qsb-104-2024.txt", &["Qubes 4.1", "Qubes 4.2"][..]),
        ("QSBs/qsb-105-2024.txt", &["Qubes 4.2"]),
        ("QSBs/qsb-106-2024.txt", &["Qubes 4.2"]),
    ] {
        let template = template_before(&repository, path, TEMPLATE);
        let published = text(&repository, "HEAD", path);
        let view = Bulletin::parse(&published).expect("a view");
        let id = id("bulletin", "QSBs/qsb-{number:3}-{year}.txt", path);
        let facts = facts(&view, &template);
        let drafted = draft(&template, &rules(releases), &id, &facts).expect("a draft");
        assert_eq!(drafted, draft(&template, &rules(releases), &id, &facts).expect("a draft"));
        for (old, new) in differing(&drafted, &published) {
            let drafted_lines: Vec<&str> = drafted.lines().collect();
            let published_lines: Vec<&str> = published.lines().collect();
            if old.len() == 1
                && new.len() == 1
                && section_at(&published, new.start) == "head"
                && drafted_lines[old.start].trim() == published_lines[new.start].trim()
            {
                other_margins += 1;
                continue;
            }
            let packages = view.packages.iter().map(|package| package.line as usize - 1);
            let last_package = packages.max().expect("packages");
            for at in new.clone() {
                let section = section_at(&published, at);
                assert!(PROSE.contains(&section), "{path}, line {}: {section}", at + 1);
                assert!(section != "Patching" || at > last_package, "{path}, line {}", at + 1);
            }
            for at in old.clone() {
                let section = section_at(&drafted, at);
                assert!(PROSE.contains(&section), "{path}, draft line {}: {section}", at + 1);
            }
        }
        let dated = NaiveDate::from_ymd_opt(2024, 1, 1);
        assert!(view.date > dated, "{path}");
    }
    assert_eq!(other_margins, 1);
}

const CANARY_TEMPLATE: &str = "canaries/canary-template.txt";

fn canary_rules() -> CanaryRules {
    toml::from_str(
        "series = \"canary\"\nstatements = 5\ncounts = \"bulletin\"\nfingerprint = \"master\"\n\
         date = \"%B %d, %Y\"\nwindow = \"first fourteen days\"\nevery_months = 3\n",
    )
    .expect("canary rules")
}

fn canary_texts() -> TextRules {
    toml::from_str(
        "series = \"canary\"\nheading = \"---===[ Qubes Canary {number:3} ]===---\"\nwidth = 72\n",
    )
    .expect("text rules")
}

/// The values of a published canary, as they were typed or fetched then.
fn canary_facts(text: &str, template: &str) -> secpack_canary::Facts {
    let view = Canary::parse(text).expect("a view");
    let body = |word: &str| -> String {
        let layout = Layout::of(text);
        layout.section_about(&[word]).map(|s| s.body.trim().to_owned()).unwrap_or_default()
    };
    let announced = body("announcements");
    let notes =
        Layout::of(template).section_about(&["footnotes"]).map(|s| s.body.trim().to_owned());
    let new = body("footnotes")
        .strip_prefix(&notes.expect("footnotes"))
        .map(str::trim)
        .map(str::to_owned);
    secpack_canary::Facts {
        date: view.date,
        bulletins: view.count,
        fingerprint: view.fingerprint.clone(),
        next: view.window,
        announcements: view.announces().then_some(announced),
        footnotes: new.filter(|notes| !notes.is_empty()),
        freshness: Some(freshness(text, &view)),
        ..secpack_canary::Facts::default()
    }
}

fn freshness(text: &str, view: &Canary<'_>) -> secpack_canary::Freshness {
    let sources = view.proof.sources.iter().map(|source| {
        serde_json::json!({
            "name": source.name,
            "url": source.url,
            "titles": source.titles,
            "fetched": view.proof.date,
        })
    });
    let block = view.proof.block.expect("a block");
    let above = lines(text)[block.line as usize - 2].text;
    let name = above.strip_prefix("Source: ").expect("the name of the block's source");
    let json = serde_json::json!({
        "schema": "secpack/freshness/1",
        "date": view.proof.date.expect("a time"),
        "sources": sources.collect::<Vec<_>>(),
        "block": { "name": name, "hash": block.hash, "fetched": view.proof.date },
    });
    secpack_canary::Freshness::from_json(&json.to_string()).expect("evidence")
}

#[test]
fn canaries_come_out_byte_for_byte() {
    let Some(repository) = corpus::repository() else { return };
    let mut announced = 0;
    for number in 38..=41 {
        let path = format!("canaries/canary-{number:03}-2024.txt");
        let template = template_before(&repository, &path, CANARY_TEMPLATE);
        let published = text(&repository, "HEAD", &path);
        let id = id("canary", "canaries/canary-{number:3}-{year}.txt", &path);
        let facts = canary_facts(&published, &template);
        announced += u32::from(facts.announcements.is_some());
        let (text, rules) = (canary_texts(), canary_rules());
        let style = Style { pack: "the Qubes OS Project", text: &text, rules: &rules };
        let drafted = secpack_canary::draft(&template, &style, &id, &facts).expect("a draft");
        let shown = diff(&drafted, &published).concat();
        let shown: Vec<String> = shown.iter().map(DiffLine::shown).collect();
        assert_eq!(shown, [""; 0], "{path}");
        assert_eq!(drafted, published, "{path}");
    }
    assert_eq!(announced, 1, "one of them announces something");
}
