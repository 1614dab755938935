//! Sources that attack: each limit holds, and the other sources are not harmed.

use super::{fetch, good, policy, rss, scene};
use secpack_tests::Run;
use secpack_tests::web::{Answer, Web};

/// What is said when the first feed behaves so. The other sources are as good as ever.
fn with_times(times: impl Fn() -> Answer + Send + Sync + 'static) -> (Web, Run) {
    let web = Web::start(move |path| if path == "/times" { times() } else { good(path) });
    let sandbox = scene(&web);
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json", "--timeout", "2"])).ends(1);
    assert!(run.stdout.contains("3 headlines of 1 source, block 794143"), "{}", run.stdout);
    let hint = "--feed 'The Example Times=FILE'";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    (web, run)
}

fn refused(times: impl Fn() -> Answer + Send + Sync + 'static, expected: &str) -> Web {
    let (web, run) = with_times(times);
    let said = format!("warning: The Example Times: {expected}");
    assert!(run.stderr.contains(&said), "{}", run.stderr);
    web
}

#[test]
fn large_bodies_end() {
    refused(|| Answer::Announced(1 << 30), "it sends more than 2 MiB");
    refused(|| Answer::Endless, "it sends more than 2 MiB");
    refused(|| Answer::Body(vec![b' '; (2 << 20) + 1]), "it sends more than 2 MiB");
}

#[test]
fn slow_bodies_end() {
    refused(|| Answer::Slow, "it takes longer than 2 s");
}

#[test]
fn document_types_are_refused() {
    let dtd = || {
        let feed = String::from_utf8(rss(&["&a;"])).expect("UTF-8");
        let dtd = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><rss ";
        Answer::Body(feed.replacen("<rss ", dtd, 1).into_bytes())
    };
    refused(dtd, "it is no feed that is read: it declares a document type");
    let web_page = || Answer::Body(b"<!DOCTYPE html><html></html>".to_vec());
    refused(web_page, "it is no feed that is read: it declares a document type");
    refused(|| Answer::Body(b"{}".to_vec()), "it is no feed that is read");
}

#[test]
fn private_places_are_refused() {
    for place in [
        "127.0.0.1:1",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "[::1]:1",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "localhost:1",
        "localhost.:1",
        "printer.local",
        "metadata.google.internal",
        // Not an address to whoever reads it, but one to the resolver.
        "2130706433:1",
        "0x7f.1:1",
    ] {
        let host = place.trim_end_matches(":1").trim_end_matches(":1");
        let to = format!("https://{place}/latest");
        let web = refused(
            move || Answer::Redirect(to.clone()),
            &format!("it leads to {host}, which is no public address"),
        );
        assert!(!web.asked().contains(&"/latest".to_owned()), "{place}");
    }
}

/// The same server under another name is another place.
#[test]
fn only_the_own_place_may_be_private() {
    let web = Web::start(good);
    let sandbox = scene(&web);
    for place in ["localhost", "127.0.0.1", "2130706433"] {
        let place = format!("https://{place}:{}", web.port);
        sandbox.write("policy.toml", policy(&place, ""));
        let run = sandbox.secpack(".", &fetch(&["--out", "f.json"])).ends(2);
        assert_eq!(run.stderr.matches("which is no public address").count(), 3, "{}", run.stderr);
        assert!(run.stderr.contains("private = true"), "{}", run.stderr);
        assert!(!sandbox.path("f.json").exists() && web.asked().is_empty());
    }
}

#[test]
fn two_redirects_are_followed_and_no_third() {
    let chain = |from: &'static str| {
        Web::start(move |path| match path {
            "/times" => Answer::Redirect(from.to_owned()),
            "/1" => Answer::Redirect("/2".to_owned()),
            "/2" => Answer::Redirect("/3".to_owned()),
            "/3" => Answer::Body(rss(&["Moved", "twice", "here"])),
            path => good(path),
        })
    };
    let two = chain("/2");
    scene(&two).secpack(".", &fetch(&["--out", "f.json"])).ends(0);
    let three = chain("/1");
    let run = scene(&three).secpack(".", &fetch(&["--out", "f.json"])).ends(1);
    assert!(run.stderr.contains("The Example Times: it redirects more than twice"));
    assert!(!three.asked().contains(&"/3".to_owned()));
}

#[test]
fn nothing_but_https() {
    let to = || Answer::Redirect("http://news.example.org/times".to_owned());
    refused(to, "http://news.example.org/times is not https");
    let web = Web::start(good);
    let sandbox = scene(&web);
    let place = format!("http://localhost:{}", web.port);
    sandbox.write("policy.toml", policy(&place, "private = true"));
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json"])).ends(2);
    assert_eq!(run.stderr.matches("is not https").count(), 3, "{}", run.stderr);
}

/// A block that does not bear itself out is not taken.
#[test]
fn false_blocks_are_refused() {
    let check =
        |end: &'static str, body: &'static str, expected: &str| {
            let web = Web::start(move |path| {
                if path.ends_with(end) { Answer::Body(body.into()) } else { good(path) }
            });
            let run = scene(&web).secpack(".", &fetch(&["--out", "f.json"])).ends(1);
            let said = format!("Example explorer: {expected}");
            assert!(run.stderr.contains(&said), "{}", run.stderr);
            assert!(run.stderr.contains("--header FILE"), "{}", run.stderr);
        };
    check("/header", "00", "it answers with something that is no header");
    let zeros: &'static str = "0000000000000000000000000000000000000000000000000000000000000000\
        000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
        000000000000";
    check("/header", zeros, "the block header proves nothing: its hash is another one");
    check("/block-height/794143", "../../times", "it answers with something that is no hash");
    check("/tip/height", "-1", "it answers with something that is no height");
    check("/header", super::OLD_HEADER, "the block header proves nothing: its hash is another one");
    check("/tip/height", "9", "its chain is shorter than the depth");
}

/// A true block of another day shows nothing about this one, whatever an explorer says of its tip.
#[test]
fn a_block_of_another_day_is_not_taken() {
    let check = |now: &str, expected: &str| {
        let web = Web::start(good);
        let arguments = fetch(&["--out", "f.json"]);
        let at = arguments.iter().position(|a| *a == super::MORNING).expect("a time");
        let mut arguments = arguments;
        arguments[at] = now;
        let run = scene(&web).secpack(".", &arguments).ends(1);
        let said =
            format!("warning: Example explorer: its block is of 2023-06-13T06:36:06Z, {expected}");
        assert!(run.stderr.contains(&said), "{}", run.stderr);
        assert!(run.stdout.contains("no block"), "{}", run.stdout);
    };
    check("2023-06-16T08:30:00Z", "3 days ago");
    check("2023-06-12T08:30:00Z", "and the clock here says 2023-06-12T08:30:00Z");
}
