//! Preformatted text of a web page. Pages are seldom valid, so this looks for tags and nothing
//! more: whatever it takes from the page is worth nothing until a signature verifies it.

/// Whether a text is a page or a piece of one.
pub(super) fn is_html(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["<!doctype html", "<html", "<body", "<pre"].iter().any(|tag| lower.contains(tag))
}

/// The contents of `<pre>` elements, tags removed and entities decoded.
pub(super) fn blocks(page: &str) -> Vec<String> {
    // ASCII lower case keeps every byte offset.
    let lower = page.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = lower[from..].find("<pre").map(|at| from + at) {
        let after_name = lower.as_bytes().get(start + 4).copied().unwrap_or(b'>');
        let Some(open) = lower[start..].find('>').map(|at| start + at + 1) else { break };
        if !matches!(after_name, b'>' | b' ' | b'\t' | b'\n' | b'\r') {
            from = open;
            continue;
        }
        let close = lower[open..].find("</pre").map_or(page.len(), |at| open + at);
        // The parser of a browser drops a line break right after <pre> (HTML, section 13.2.6.4.7).
        let content = &page[open..close];
        let content = content.strip_prefix("\r\n").or_else(|| content.strip_prefix('\n'));
        found.push(bare(content.unwrap_or(&page[open..close])));
        from = close;
    }
    found
}

/// The text of a whole page, for pages that set the document as paragraphs.
pub(super) fn text(page: &str) -> String {
    bare(&without(&without(page, "script"), "style"))
}

fn without(page: &str, element: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut kept = String::new();
    let mut from = 0;
    while let Some(start) = lower[from..].find(&open).map(|at| from + at) {
        kept.push_str(&page[from..start]);
        from = lower[start..].find(&close).map_or(page.len(), |at| start + at + close.len());
    }
    kept.push_str(&page[from..]);
    kept
}

/// Text without tags and comments; `<br>` and the ends of blocks are line breaks.
fn bare(content: &str) -> String {
    let mut text = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end =
            if rest.starts_with("<!--") { rest.find("-->").map(|e| e + 3) } else { tag_end(rest) };
        match end {
            Some(end) => {
                if breaks(&rest[..end]) {
                    text.push('\n');
                }
                rest = &rest[end..];
            }
            // A lone `<` that opens nothing is text.
            None => {
                text.push('<');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    decode(&text)
}

/// The end of a tag that begins here, if one does.
fn tag_end(rest: &str) -> Option<usize> {
    let name = rest.get(1..2)?;
    let opens = name.chars().all(|c| c.is_ascii_alphabetic() || c == '/' || c == '!');
    rest.find('>').filter(|_| opens).map(|at| at + 1)
}

fn breaks(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']).trim_end_matches(['>', '/', ' ']);
    let name = name.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let closes = tag.starts_with("</") && matches!(name.as_str(), "p" | "div" | "li" | "tr");
    name == "br" || closes
}

/// Decodes the entities that plain text is written with, and numeric ones. Others stay as they are.
pub(super) fn decode(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.char_indices().take(10).find(|(_, c)| *c == ';').map(|(end, _)| end);
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((character, end)) => {
                plain.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        other => {
            let digits = other.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
        }
    }
}
