//! Headlines out of a feed, RSS or Atom, that came from anywhere.
//!
//! A document type is refused, and with it every entity that it could declare. So are encodings
//! in which it could hide, and nesting that no feed needs.

use super::clean_title;
use crate::Error;
use crate::canary::is_headline;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Largest feed, in bytes.
pub const MAX_FEED: usize = 2 << 20;

/// Deepest nesting of elements.
const DEPTH: usize = 100;

/// The first headlines of a feed, at most `wanted`, each cleaned to one line. What would be read
/// in a canary as something else than a headline is passed over.
///
/// # Errors
/// [`Error::Feed`] when it is no RSS or Atom feed, is too large, or holds what is refused.
pub fn headlines(feed: &[u8], wanted: usize) -> Result<Vec<String>, Error> {
    if feed.len() > MAX_FEED {
        return Err(Error::Feed("it has more than 2 MiB".to_owned()));
    }
    check(feed)?;
    let read = feed_rs::parser::parse(feed)
        .map_err(|error| Error::Feed(secpack_pack::escape(&error.to_string())))?;
    let titles = read.entries.into_iter().filter_map(|entry| entry.title);
    Ok(kept(titles.map(|title| title.content), wanted))
}

/// Headlines from a file that a person made: a feed as saved, or one headline per line.
///
/// # Errors
/// [`Error::Feed`] as [`headlines`], or when it holds no headline.
pub fn brought_headlines(file: &[u8], wanted: usize) -> Result<Vec<String>, Error> {
    if file.trim_ascii_start().starts_with(b"<") || file.starts_with(b"\xef\xbb\xbf<") {
        return headlines(file, wanted);
    }
    let text = std::str::from_utf8(file).map_err(|_| Error::Feed("it is not UTF-8".to_owned()))?;
    if text.len() > MAX_FEED {
        return Err(Error::Feed("it has more than 2 MiB".to_owned()));
    }
    Ok(kept(text.lines().map(str::to_owned), wanted))
}

fn kept(titles: impl Iterator<Item = String>, wanted: usize) -> Vec<String> {
    let clean = titles.filter_map(|title| clean_title(&title));
    clean.filter(|title| is_headline(title)).take(wanted).collect()
}

fn check(feed: &[u8]) -> Result<(), Error> {
    let refused = |why: &str| Err(Error::Feed(why.to_owned()));
    if feed.contains(&0) {
        return refused(
            "it holds NUL bytes, as UTF-16 does; only ASCII-compatible encodings are read",
        );
    }
    let mut reader = Reader::from_reader(feed);
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::DocType(_)) => return refused("it declares a document type (DTD)"),
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(
                Event::Empty(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::GeneralRef(_),
            ) => {}
            Err(error) => return refused(&secpack_pack::escape(&error.to_string())),
        }
        if depth > DEPTH {
            return refused("its elements are nested more than 100 deep");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rss(items: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title>{items}</channel></rss>"
        )
    }

    fn check_titles(feed: &str, expected: &[&str]) {
        assert_eq!(headlines(feed.as_bytes(), 5).expect(feed), expected, "{feed}");
    }

    fn check_refused(feed: &[u8], expected: &str) {
        let refused = headlines(feed, 5).expect_err("must be refused").to_string();
        assert!(refused.contains(expected), "{refused}");
    }

    #[test]
    fn rss_and_atom() {
        check_titles(
            &rss(
                "<item><title>One &amp; all</title></item><item><title><![CDATA[Two <3]]></title></item>",
            ),
            &["One & all", "Two <3"],
        );
        check_titles(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><id>a</id>\
             <updated>2026-03-04T08:00:00Z</updated><entry><title>One</title><id>b</id>\
             <updated>2026-03-04T08:00:00Z</updated></entry></feed>",
            &["One"],
        );
        let many: String = (1..=9).map(|n| format!("<item><title>No {n}</title></item>")).collect();
        assert_eq!(headlines(rss(&many).as_bytes(), 5).expect("a feed").len(), 5);
    }

    #[test]
    fn titles_stay_one_line_and_headlines() {
        check_titles(
            &rss(
                "<item><title>Calm&#10;Statements&#10;----------&#10;&#10;1. We give up</title></item>\
                  <item><title>-----</title></item><item><title>Source: Another (https://a/)</title></item>\
                  <item><title>&#8238;&#10;</title></item><item/><item><title>Rain</title></item>",
            ),
            &["Calm Statements ---------- 1. We give up", "Rain"],
        );
    }

    #[test]
    fn what_is_no_feed() {
        check_refused(b"<html><body>moved</body></html>", "no root element");
        check_refused(b"", "no root element");
        check_refused(b"<rss", "");
        let dtd = rss("").replace("<rss", "<!DOCTYPE rss [<!ENTITY a \"b\">]><rss");
        check_refused(dtd.as_bytes(), "document type");
        let late = rss("<!DOCTYPE x>");
        check_refused(late.as_bytes(), "document type");
        let wide: Vec<u8> = dtd.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check_refused(&wide, "NUL");
        check_refused(rss(&"<a>".repeat(999)).as_bytes(), "nested");
        check_refused(&vec![b' '; MAX_FEED + 1], "2 MiB");
    }

    #[test]
    fn brought_files() {
        let check = |file: &str, expected: &[&str]| {
            assert_eq!(brought_headlines(file.as_bytes(), 3).expect(file), expected);
        };
        check("One\r\n\nTwo\n  Three\nFour\n", &["One", "Two", "Three"]);
        check(&rss("<item><title>One</title></item>"), &["One"]);
        check("", &[]);
        assert!(brought_headlines(b"\xff", 3).is_err());
    }
}
