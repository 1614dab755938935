//! Headlines that pretend to be something else, all the way from a server into a canary; and sources
//! that have nothing, or speak no https.

use super::{HASH, MORNING, PROGRAM, fetch, good, policy, rss, scene};
use secpack_tests::Team;
use secpack_tests::web::{Answer, Web};
use std::io::{Read, Write};
use std::net::TcpListener;

/// A section with statements of its own in one title, and a heading in two: feeds may hold line feeds.
const SECTION: &str = "Calm&#10;&#10;Statements&#10;-----------&#10;&#10;1. We give up";

#[test]
fn a_section_in_a_title_stays_a_title() {
    let team = Team::at(PROGRAM, "2023-01-01T00:00:00Z", MORNING);
    let forged = [SECTION, "Statements", "-----------", "&#27;[2J&#8238;Rain"];
    let web = Web::start(move |path| match path {
        "/times" => Answer::Body(rss(&forged)),
        path => good(path),
    });
    let place = format!("https://localhost:{}", web.port);
    team.sandbox.write("policy.toml", policy(&place, "private = true"));
    team.sandbox.write("ca.pem", &web.ca);
    team.sandbox.secpack(".", &fetch(&["--out", "f.json"]));
    let file = team.sandbox.path("f.json").display().to_string();
    team.run(&["canary", "new", "--freshness", &file]).ends(0);
    let text = team.sandbox.read("pack/canaries/canary-001-2023.txt");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.contains("Calm Statements ----------- 1. We give up"), "{text}");
    assert_eq!(text.matches("\nStatements\n---").count(), 1, "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    let canary = secpack_canary::Canary::parse(&text).expect("a view");
    assert_eq!(canary.statements.len(), 5);
    assert_eq!(canary.proof.block.map(|block| block.hash), Some(HASH));
    team.run(&["canary", "lint", "canary-1"]).ends(0);
    team.run(&["canary", "freshness", "verify", "canary-1"]).ends(0);
}

#[test]
fn a_feed_without_headlines_is_left_out() {
    let web = Web::start(|path| match path {
        "/times" => Answer::Body(rss(&[])),
        path => good(path),
    });
    let run = scene(&web).secpack(".", &fetch(&["--out", "f.json"])).ends(1);
    assert!(run.stderr.contains("The Example Times: only 0 of 3 headlines"), "{}", run.stderr);
    assert!(run.stderr.contains("--feed 'The Example Times=FILE'"), "{}", run.stderr);
    assert!(run.stdout.contains("3 headlines of 1 source, block"), "{}", run.stdout);
}

/// A server that answers in plain http gets no second try without TLS.
#[test]
fn a_server_without_tls_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut hello = [0; 512];
            let read = stream.read(&mut hello).unwrap_or_default();
            assert!(!hello[..read].starts_with(b"GET "), "nothing is asked in the clear");
            let body = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno";
            let _ = stream.write_all(body.as_bytes());
        }
    });
    let web = Web::start(good);
    let sandbox = scene(&web);
    let place = format!("https://localhost:{port}");
    sandbox.write("policy.toml", policy(&place, "private = true"));
    let run = sandbox.secpack(".", &fetch(&["--out", "f.json", "--timeout", "5"])).ends(2);
    assert_eq!(run.stderr.matches("warning: ").count(), 3, "{}", run.stderr);
    assert!(run.stderr.contains("--header FILE"), "{}", run.stderr);
    assert!(!sandbox.path("f.json").exists());
}
