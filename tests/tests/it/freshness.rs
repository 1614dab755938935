//! Proofs of freshness: fetched from hostile sources over real https, checked offline.

mod check;
mod fetch;
mod limits;
mod one_file;
mod titles;

use secpack_tests::Sandbox;
use secpack_tests::web::{Answer, Web};

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Block 794143 of the Bitcoin chain, a public fact: its hash and its header, which says
/// 2023-06-13 06:36:06 UTC.
const HASH: &str = "0000000000000000000293bf6e86820d867cc4ca13cd98326af85bb3bebab9ac";
const HEADER: &str = "000080200e102b98a160f4416c8ff0198db9b177523525c9de8a000000000000000000003b9b941003024e1afa90199732fdb1366a122ab0a5cacd3f7bcb8cb8815a811b560e8864697e051767c0c9fd";
const HEIGHT: u64 = 794_143;

/// A block of 2014-11-06, another public fact.
pub const OLD_HASH: &str = "000000000000000009a11b3972c8e532fe964de937c9e0096b43814e67af3728";
pub const OLD_HEADER: &str = "02000000b6ff0b1b1680a2862a30ca44d346d9e8910d334beb48ca0c00000000000000009d10aa52ee949386ca9385695f04ede270dda20810decd12bc9b048aaab3147124d95a5430c31b18fe9f0864";

/// A morning on which that block was ten below the tip.
const MORNING: &str = "2023-06-13T08:30:00Z";

/// A policy with two feeds and a chain. `place` is `https://HOST:PORT`.
fn policy(place: &str, more: &str) -> String {
    format!(
        r#"schema = "secpack/policy/1"
version = 1
name = "Example"
[[series]]
id = "canary"
kind = "canary"
paths = ["canaries/canary-{{number:3}}-{{year}}.txt"]
signatures = ["{{document}}.sig.{{member}}"]
[[canary]]
series = "canary"
[[canary.sources]]
kind = "feed"
name = "The Example Times"
url = "{place}/times"
titles = 3
{more}
[[canary.sources]]
kind = "feed"
name = "Example > World"
url = "{place}/world"
titles = 3
{more}
[[canary.sources]]
kind = "bitcoin"
name = "Example explorer"
url = "{place}/api"
depth = 10
{more}
"#
    )
}

/// An RSS feed with these titles, which may hold markup.
fn rss(titles: &[&str]) -> Vec<u8> {
    let items: String = titles
        .iter()
        .map(|title| format!("<item><title>{title}</title><link>https://a.example/</link></item>"))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>\
         <title>Times</title><link>https://a.example/</link><description>x</description>\
         {items}</channel></rss>\n"
    )
    .into_bytes()
}

/// An Atom feed with these titles.
fn atom(titles: &[&str]) -> Vec<u8> {
    let entries: String = titles
        .iter()
        .map(|title| {
            format!(
                "<entry><title>{title}</title><id>urn:x:{title}</id>\
                 <updated>2023-06-13T07:00:00Z</updated></entry>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>World</title>\
         <id>urn:x</id><updated>2023-06-13T07:00:00Z</updated>{entries}</feed>"
    )
    .into_bytes()
}

const TIMES: [&str; 4] = ["A bridge opens", "Two ships meet", "Rain &amp; wind", "Not wanted"];
const WORLD: [&str; 3] = ["A mill burns", "Bread is dearer", "Snow in June"];

/// What good sources answer.
fn good(path: &str) -> Answer {
    match path {
        "/times" => Answer::Body(rss(&TIMES)),
        "/world" => Answer::Body(atom(&WORLD)),
        "/api/blocks/tip/height" => Answer::Body((HEIGHT + 10).to_string().into_bytes()),
        "/api/block-height/794143" => Answer::Body(HASH.as_bytes().to_vec()),
        path if path == format!("/api/block/{HASH}/header") => {
            Answer::Body(HEADER.as_bytes().to_vec())
        }
        _ => Answer::Status(404),
    }
}

/// A folder with a policy for these sources, which answer on this machine, and their authority.
fn scene(web: &Web) -> Sandbox {
    let sandbox = Sandbox::new(PROGRAM);
    let place = format!("https://localhost:{}", web.port);
    sandbox.write("policy.toml", policy(&place, "private = true"));
    sandbox.write("ca.pem", &web.ca);
    sandbox
}

/// The arguments of `freshness fetch` in such a folder.
fn fetch<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let all = [
        "canary",
        "freshness",
        "fetch",
        "--policy",
        "policy.toml",
        "--ca",
        "ca.pem",
        "--now",
        MORNING,
    ];
    all.iter().chain(more).copied().collect()
}
