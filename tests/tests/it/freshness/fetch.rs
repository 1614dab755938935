//! Fetching from sources that behave, that are down, and that a person replaces.

use super::{HASH, HEADER, HEIGHT, MORNING, fetch, good, policy, rss, scene};
use secpack_tests::web::{Answer, Socks, Web};

#[test]
fn good_sources_give_evidence() {
    let web = Web::start(good);
    let sandbox = scene(&web);
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json"])).ends(0);
    assert!(run.stdout.contains("6 headlines of 2 sources, block 794143"), "{}", run.stdout);
    assert!(run.stderr.contains("secpack canary new --freshness f.json"), "{}", run.stderr);
    let kept: serde_json::Value =
        serde_json::from_slice(&sandbox.read("f.json")).expect("evidence");
    assert_eq!(kept["schema"], "secpack/freshness/1");
    assert_eq!(kept["date"], MORNING);
    let titles = &kept["sources"][0]["titles"];
    assert_eq!(titles, &serde_json::json!(["A bridge opens", "Two ships meet", "Rain & wind"]));
    assert_eq!(kept["sources"][0]["fetched"], MORNING);
    assert_eq!(kept["sources"][0]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(kept["block"]["hash"], HASH);
    assert_eq!(kept["block"]["header"], HEADER);
    assert_eq!(kept["block"]["height"], HEIGHT);
    // Without --out the evidence is the output.
    let printed = sandbox.secpack(".", &fetch(&[])).ends(0);
    assert_eq!(printed.stdout.as_bytes(), sandbox.read("f.json"));
}

#[test]
fn a_server_that_nobody_vouches_for_is_refused() {
    let web = Web::start(good);
    let sandbox = scene(&web);
    sandbox.write("ca.pem", Web::start(good).ca);
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json"])).ends(2);
    assert!(run.stderr.contains("invalid peer certificate"), "{}", run.stderr);
    assert!(run.stderr.contains("no source gave anything; nothing was written"), "{}", run.stderr);
    assert!(!sandbox.path("f.json").exists() && web.asked().is_empty());
}

/// The rest is kept, and the hint works as it stands once the files are there.
#[test]
fn a_source_that_is_down_can_be_brought() {
    let web = Web::start(|path| match path {
        "/world" => Answer::Status(503),
        path if path.starts_with("/api/") => Answer::Status(404),
        path => good(path),
    });
    let sandbox = scene(&web);
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json"])).ends(1);
    assert!(run.stdout.contains("3 headlines of 1 source, no block"), "{}", run.stdout);
    assert!(run.stderr.contains("Example > World: it answers with status 503"), "{}", run.stderr);
    assert!(run.stderr.contains("Example explorer: it answers with status 404"), "{}", run.stderr);
    let (_, hint) = run.stderr.split_once("hint: secpack ").expect("a hint");
    let hint = hint.trim();
    let expected = "canary freshness fetch --policy policy.toml --ca ca.pem --out f.json \
                    --feed 'Example > World=FILE' --header FILE";
    assert_eq!(hint, expected);

    sandbox.write("world.txt", "A mill burns\nBread is dearer\nSnow in June\nMore\n");
    sandbox.write("header.hex", format!("{HEADER}\n"));
    let typed = hint.replace("World=FILE", "World=world.txt").replace("r FILE", "r header.hex");
    let script = format!("'{}' {typed} --now {MORNING}", super::PROGRAM);
    let run = sandbox.run(std::path::Path::new("sh"), ".", &["-c", &script], &[]).ends(0);
    assert!(run.stdout.contains(&format!("6 headlines of 2 sources, block {HASH}")));
    let kept: serde_json::Value =
        serde_json::from_slice(&sandbox.read("f.json")).expect("evidence");
    assert!(kept["sources"][0]["fetched"].is_string() && kept["sources"][1]["fetched"].is_null());
    assert_eq!(kept["block"]["header"], HEADER);
    assert_eq!(web.asked().iter().filter(|path| *path == "/world").count(), 1, "asked no more");
}

#[test]
fn fewer_headlines_than_wanted_are_said() {
    let web = Web::start(|path| match path {
        "/times" => Answer::Body(rss(&["Only one", "&#8238;", "-----"])),
        path => good(path),
    });
    let sandbox = scene(&web);
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json"])).ends(1);
    assert!(run.stderr.contains("The Example Times: only 1 of 3 headlines"), "{}", run.stderr);
    assert!(run.stdout.contains("4 headlines of 2 sources"), "{}", run.stdout);
}

/// A file with too little in it is named once, for the person to name another.
#[test]
fn what_was_brought_and_is_not_enough_is_asked_for_once() {
    let web = Web::start(|_| Answer::Status(503));
    let sandbox = scene(&web);
    sandbox.write("few.txt", "A mill burns\n");
    sandbox.write("enough.txt", "A mill burns\nBread is dearer\nSnow in June\n");
    let brought = ["--feed", "The Example Times=few.txt", "--feed", "Example > World=enough.txt"];
    let run = sandbox.secpack(".", &fetch(&[&brought[..], &["--out", "f.json"]].concat())).ends(1);
    let (_, hint) = run.stderr.split_once("hint: secpack ").expect("a hint");
    let expected = "canary freshness fetch --policy policy.toml --ca ca.pem --out f.json \
                    --feed 'Example > World=enough.txt' --feed 'The Example Times=FILE' --header FILE";
    assert_eq!(hint.trim(), expected);
}

/// The proxy is asked for names: nothing is looked up on this machine.
#[test]
fn names_go_to_the_proxy() {
    let web = Web::start(|path| match path {
        "/world" => Answer::Redirect("https://127.0.0.1/times".to_owned()),
        path => good(path),
    });
    let socks = Socks::start(web.port);
    let sandbox = scene(&web);
    sandbox.write("policy.toml", policy("https://news.example.org", ""));
    let proxy = format!("socks5://127.0.0.1:{}", socks.port);
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json", "--proxy", &proxy])).ends(1);
    assert!(run.stdout.contains("3 headlines of 1 source, block 794143"), "{}", run.stdout);
    assert!(run.stderr.contains("World: it leads to 127.0.0.1"), "{}", run.stderr);
    let wanted = socks.wanted();
    assert!(!wanted.is_empty() && wanted.iter().all(|name| name == "news.example.org:443"));

    // The same by the environment, with an exception that is not the proxy's business.
    let environment = [("ALL_PROXY", proxy.as_str()), ("NO_PROXY", "localhost")];
    let program = std::path::Path::new(super::PROGRAM);
    sandbox.run(program, ".", &fetch(&["--out", "f.json"]), &environment).ends(1);
    assert_eq!(socks.wanted().len(), 2 * wanted.len());
    let place = format!("https://localhost:{}", web.port);
    sandbox.write("policy.toml", policy(&place, "private = true"));
    sandbox.run(program, ".", &fetch(&["--out", "f.json"]), &environment).ends(1);
    assert_eq!(socks.wanted().len(), 2 * wanted.len(), "localhost is reached directly");
}

#[test]
fn what_is_typed_wrongly_changes_nothing() {
    let web = Web::start(good);
    let sandbox = scene(&web);
    sandbox.write("notes.txt", "mine");
    sandbox.write("big", vec![b'x'; (2 << 20) + 1]);
    let before = sandbox.contents(".");
    let check = |more: &[&str], code: i32, expected: &str| {
        let run = sandbox.secpack(".", &fetch(more)).ends(code);
        assert!(run.stderr.contains(expected), "{more:?}: {}", run.stderr);
        assert_eq!(sandbox.contents("."), before, "{more:?}");
        assert!(web.asked().is_empty(), "{more:?}");
    };
    check(&["--out", "notes.txt"], 1, "notes.txt is there and is no evidence");
    check(&["--feed", "Nobody=notes.txt"], 2, "no feed called \"Nobody\"");
    check(&["--feed", "notes.txt"], 2, "is not NAME=FILE");
    check(&["--feed", "The Example Times=absent"], 2, "absent");
    let twice = ["--feed", "The Example Times=notes.txt", "--feed", "The Example Times=notes.txt"];
    check(&twice, 2, "--feed names \"The Example Times\" twice");
    check(&["--feed", "The Example Times=big"], 2, "more than 2 MiB");
    check(&["--proxy", "ftp://a:b@127.0.0.1"], 2, "no proxy");
    check(&["--proxy", "socks4://127.0.0.1"], 2, "no proxy");
    check(&["--series", "other"], 2, "no sources of freshness");
    check(&["--timeout", "0"], 2, "--timeout");
    sandbox.write("ca.pem", "nothing");
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json"])).ends(2);
    assert!(run.stderr.contains("the certificates given"), "{}", run.stderr);
}
