//! What nobody wrote: ids of objects and the letters of armor. In noise any short number or name
//! turns up sooner or later, and a guard that cries wolf is turned off.

/// A text without the letters of armor in it. Whatever else stands between the marks stays, such as
/// a line `Comment:`.
pub fn spoken(text: &str) -> String {
    without_armor(text.lines())
}

/// A raw commit or tag without the ids in its header, and without armor. Names, addresses, names
/// of tags, the message and everything in a header that is unknown stay.
pub fn spoken_in_object(raw: &str) -> String {
    let (header, message) = raw.split_once("\n\n").unwrap_or((raw, ""));
    without_armor(header.lines().filter(|line| !names_an_id(line)).chain(message.lines()))
}

/// A line of a header that is nothing but an id: also one of the tag that a merge quotes.
fn names_an_id(line: &str) -> bool {
    let is_id = |id: &str| matches!(id.len(), 40 | 64) && id.bytes().all(|b| b.is_ascii_hexdigit());
    let line = line.strip_prefix("mergetag ").unwrap_or(line).trim_start();
    let id = ["tree ", "parent ", "object "].iter().find_map(|word| line.strip_prefix(word));
    id.is_some_and(is_id)
}

fn without_armor<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut kept = String::new();
    let mut is_inside = false;
    for line in lines {
        if let Some(begins) = begins_armor(line) {
            is_inside = begins;
        }
        if !is_inside || !is_armored(line) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Whether armor begins or ends at a line; `None` for all others. Under the mark of a signed
/// message stands plain text.
fn begins_armor(line: &str) -> Option<bool> {
    let mark = line.trim_start_matches("gpgsig").trim_start_matches("-sha256").trim();
    let mark = mark.strip_prefix("-----")?.strip_suffix("-----")?;
    if mark == "BEGIN PGP SIGNED MESSAGE" || mark.starts_with("END ") {
        return Some(false);
    }
    mark.starts_with("BEGIN ").then_some(true)
}

/// Letters of base64 and nothing else (RFC 9580, 6.2); in a header they are indented.
fn is_armored(line: &str) -> bool {
    let line = line.trim();
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    !line.is_empty() && line.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "ab7c00000000000000000000000000000000ab7c";

    #[test]
    fn armor_is_no_text_and_what_stands_around_it_is() {
        let marks =
            |what: &str| (format!("-----BEGIN {what}-----"), format!("-----END {what}-----"));
        let (begin, end) = marks("PGP SIGNATURE");
        let text = format!("one\n{begin}\nComment: two\n\nabc/SB2+\n=SB2x\n{end}\nthree\n");
        assert_eq!(spoken(&text), format!("one\n{begin}\nComment: two\n\n{end}\nthree\n"));
        let (begin, _) = marks("PGP SIGNED MESSAGE");
        let clear = format!("{begin}\nHash: SHA512\n\nSB2\n");
        assert_eq!(spoken(&clear), clear);
        assert_eq!(spoken("SB2\nab/SB2\n"), "SB2\nab/SB2\n");
    }

    #[test]
    fn ids_in_headers_are_no_text_and_names_are() {
        let raw = format!(
            "tree {ID}\nparent {ID}\nauthor AB 7 <ab7@x> 1 +0000\nmergetag object {ID}\n tag ab7\n\
             gpgsig -----BEGIN PGP SIGNATURE-----\n \n ab7c\n -----END PGP SIGNATURE-----\n\ntree {ID}\nab7\n"
        );
        let said = spoken_in_object(&raw);
        for stays in ["author AB 7 <ab7@x>", " tag ab7", &format!("tree {ID}\nab7\n")] {
            assert!(said.contains(stays), "{said}");
        }
        assert_eq!(said.matches(ID).count(), 1, "{said}");
        assert!(!said.contains("\n ab7c"), "{said}");
        assert!(spoken_in_object("object ab7\ntag ab7").contains("object ab7"));
    }
}
