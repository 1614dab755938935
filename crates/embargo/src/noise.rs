//! What nobody wrote: ids of objects, the letters of armor, what age encrypted. In noise any short
//! number or name turns up sooner or later, and a guard that cries wolf is turned off.
//!
//! Nobody can silence the guard by a mark: what stands under one is noise only when it has the form
//! of armor in full, and even in noise, secrets are looked for that are too long for chance.

use std::ops::Range;

/// Narrowest and widest line of armor but the last (RFC 9580, 6.2; age and ssh keep to it too).
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=76;
/// Most lines such as `Comment:` above the letters.
const MAX_HEADERS: usize = 8;
/// What is all letters under its mark; under that of a signed message stands plain text.
const PGP: [&str; 4] =
    ["PGP SIGNATURE", "PGP MESSAGE", "PGP PUBLIC KEY BLOCK", "PGP PRIVATE KEY BLOCK"];
/// How the letters begin of what age encrypts and of what ssh signs.
const AGE: &str = "YWdlLWVuY3J5cHRpb24ub3JnL3Yx";
const SSH: &str = "U1NIU0lH";
/// How a file begins that age encrypted without armor.
const SEALED: &[u8] = b"age-encryption.org/v1\n";
/// So many characters of text in a row are no chance in encrypted bytes.
const RUN: usize = 24;

/// A text in two parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parted {
    /// What somebody wrote, or may have written.
    pub spoken: String,
    /// What a machine made.
    pub noise: String,
}

/// The bytes of a file. Whatever else stands between the marks of armor is spoken, such as a line
/// `Comment:`.
pub fn parted(bytes: &[u8]) -> Parted {
    sealed(bytes).unwrap_or_else(|| part(&text_of(bytes).lines().collect::<Vec<_>>()))
}

/// The text of a file, whatever program saved it: UTF-16 by its mark, else UTF-8 without NULs.
fn text_of(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).replace('\0', ""),
    }
}

/// A raw commit or tag without the ids in its header. Names, addresses, names of tags, the message
/// and everything in a header that is unknown are spoken.
pub fn parted_object(raw: &str) -> Parted {
    let (header, message) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let header = part(&header.lines().filter(|line| !names_an_id(line)).collect::<Vec<_>>());
    let message = part(&message.lines().collect::<Vec<_>>());
    Parted { spoken: header.spoken + &message.spoken, noise: header.noise + &message.noise }
}

/// A line of a header that is nothing but an id: also one of the tag that a merge quotes.
fn names_an_id(line: &str) -> bool {
    let is_id = |id: &str| matches!(id.len(), 40 | 64) && id.bytes().all(|b| b.is_ascii_hexdigit());
    let line = line.strip_prefix("mergetag ").unwrap_or(line).trim_start();
    let id = ["tree ", "parent ", "object "].iter().find_map(|word| line.strip_prefix(word));
    id.is_some_and(is_id)
}

/// What age encrypted without armor, with the stretches of text that encryption does not make. A
/// header of another form, or a payload that is text throughout, was typed by somebody.
fn sealed(bytes: &[u8]) -> Option<Parted> {
    let rest = bytes.strip_prefix(SEALED)?;
    let head = rest.windows(5).position(|window| window == b"\n--- ")?;
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let mac = rest[head + 1..].iter().position(|byte| *byte == b'\n')?;
    let (header, payload) = rest.split_at(head + 1 + mac);
    let header = std::str::from_utf8(header).ok()?;
    if !header.lines().all(is_header_line) || payload[1..].iter().all(is_text) {
        return None;
    }
    let typed = header.lines().filter(|line| line.starts_with("-> ") && !is_known_stanza(line));
    let runs = payload.split(|byte| !is_text(byte)).filter(|run| run.len() >= RUN);
    let runs = runs.map(|run| String::from_utf8_lossy(run).into_owned());
    let spoken = typed.map(str::to_owned).chain(runs).map(|line| line + "\n").collect();
    Some(Parted { spoken, noise: String::from_utf8_lossy(bytes).into_owned() })
}

/// A line of the header of age: what begins a stanza, its letters, or the code over all of them.
fn is_header_line(line: &str) -> bool {
    match line.strip_prefix("--- ") {
        Some(code) => code.len() == 43 && is_unpadded(code),
        None => line.starts_with("-> ") || (line.len() <= 64 && is_unpadded(line)),
    }
}

/// What begins a stanza that age itself writes. The words of any other one are chosen by whoever
/// wrote the program, or typed.
fn is_known_stanza(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["->", "X25519", share] => share.len() == 43 && is_unpadded(share),
        ["->", "ssh-ed25519", tag, share] => {
            tag.len() == 6 && share.len() == 43 && is_unpadded(tag) && is_unpadded(share)
        }
        _ => false,
    }
}

/// Letters of base64 without its padding.
fn is_unpadded(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
}

fn part(lines: &[&str]) -> Parted {
    let mut parted = Parted::default();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        push(&mut parted.spoken, &[line]);
        rest = after;
        if let Some(letters) = armor(line, after) {
            push(&mut parted.spoken, &after[..letters.start]);
            push(&mut parted.noise, &after[letters.clone()]);
            rest = &after[letters.end..];
        }
    }
    parted
}

fn push(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
}

/// Where the letters stand in the lines after a mark, when all of it has the form of armor: lines
/// of headers, a blank one, letters, and the mark of the end.
fn armor(mark: &str, after: &[&str]) -> Option<Range<usize>> {
    let mark = mark.trim_start_matches("gpgsig").trim_start_matches("-sha256").trim();
    let label = mark.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
    let headers = after.iter().take(MAX_HEADERS).take_while(|line| line.contains(": ")).count();
    // What age and ssh write has no blank line.
    let blank = after.get(headers).is_some_and(|line| line.trim().is_empty());
    let start = headers + usize::from(blank);
    let count = after[start..].iter().take_while(|line| has_letters(line)).count();
    let letters = &after[start..start + count];
    let end = after.get(start + count)?.trim();
    let ends = end == format!("-----END {label}-----");
    (ends && is_armor(label, letters)).then_some(start..start + count)
}

/// Letters of base64 and nothing else; in a header of an object they are indented.
fn has_letters(line: &str) -> bool {
    let line = line.trim();
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    !line.is_empty() && line.bytes().all(is_letter)
}

/// Whether lines of letters are what a program writes under this label: as wide as each other up
/// to the last, whole, and beginning as such data begins.
fn is_armor(label: &str, letters: &[&str]) -> bool {
    let is_sum = |line: &&str| line.len() == 5 && line.starts_with('=');
    let mut lines: Vec<&str> = letters.iter().map(|line| line.trim()).collect();
    if PGP.contains(&label) && lines.last().is_some_and(is_sum) {
        lines.pop();
    }
    let Some((last, full)) = lines.split_last() else { return false };
    let width = full.first().map_or(0, |line| line.len());
    let all: String = lines.concat();
    let padding = all.len() - all.trim_end_matches('=').len();
    WIDTHS.contains(&width)
        && full.iter().all(|line| line.len() == width)
        && last.len() <= width
        && all.len().is_multiple_of(4)
        && padding <= 2
        && !all[..all.len() - padding].contains('=')
        && begins(label, &all)
}

/// The first octet of a packet has its highest bit set (RFC 9580, 4.2).
fn begins(label: &str, letters: &str) -> bool {
    match label {
        "AGE ENCRYPTED FILE" => letters.starts_with(AGE),
        "SSH SIGNATURE" => letters.starts_with(SSH),
        label if PGP.contains(&label) => {
            letters.starts_with(|c: char| !c.is_ascii_uppercase() && !('a'..='f').contains(&c))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "ab7c00000000000000000000000000000000ab7c";
    /// The width of most armor.
    const LINE: &str = "iQIzBAABCgAdFiEE0abc/SB2+0000000000000000000000000000000000000ab";

    fn block(what: &str, inside: &str) -> String {
        format!("-----BEGIN {what}-----\n{inside}-----END {what}-----\n")
    }

    fn spoken(text: &str) -> String {
        parted(text.as_bytes()).spoken
    }

    #[test]
    fn armor_is_no_text_and_what_stands_around_it_is() {
        let signature = |inside: &str| format!("one\n{}three\n", block("PGP SIGNATURE", inside));
        let text = signature(&format!("Comment: two\n\n{LINE}\nSB2=\n=SB2x\n"));
        assert_eq!(spoken(&text), signature("Comment: two\n\n"));
        assert_eq!(parted(text.as_bytes()).noise, format!("{LINE}\nSB2=\n=SB2x\n"));
        let ssh = LINE.replacen("iQIzBAAB", SSH, 1);
        let age = LINE.replacen("iQIzBAABCgAdFiEE0abc/SB2+000", AGE, 1);
        for (what, line) in [("SSH SIGNATURE", ssh), ("AGE ENCRYPTED FILE", age)] {
            assert_eq!(
                spoken(&block(what, &format!("{line}\n"))),
                block(what, &format!("{line}\n"))
            );
            let two = block(what, &format!("{line}\nSB2=\n"));
            assert_eq!(spoken(&two), block(what, ""));
        }
        assert_eq!(spoken("SB2\nab/SB2\n"), "SB2\nab/SB2\n");
    }

    #[test]
    fn a_mark_alone_silences_nothing() {
        let check = |what: &str, inside: &str| {
            let text = block(what, inside);
            assert_eq!(parted(text.as_bytes()), Parted { spoken: text, noise: String::new() });
        };
        check("PGP SIGNATURE", "\nSB2\n");
        check("PGP SIGNATURE", &format!("\nSB2\n{LINE}\nSB2=\n"));
        check("PGP SIGNATURE", &format!("\n{LINE}\nSB2\n{LINE}\n"));
        check("PGP SIGNATURE", &format!("\n{LINE}\nSB2\n"));
        check("PGP SIGNATURE", &format!("\n{LINE}\nSB2=\nsee SB-2\n"));
        check("PGP SIGNATURE", &format!("\nS{LINE}\n"));
        check("PGP SIGNED MESSAGE", &format!("\n{LINE}\nSB2=\n"));
        check("NOTES", &format!("\n{LINE}\nSB2=\n"));
        check("AGE ENCRYPTED FILE", &format!("{LINE}\nSB2=\n"));
        let open = format!("-----BEGIN PGP SIGNATURE-----\n\n{LINE}\nSB2=\n");
        assert_eq!(spoken(&open), open);
        let other = format!("{open}-----END PGP MESSAGE-----\n");
        assert_eq!(spoken(&other), other);
    }

    #[test]
    fn what_age_encrypted_hides_no_text_in_it() {
        let code = "SB2".to_owned() + &"x".repeat(40);
        let with = |stanza: &str, payload: &[u8]| {
            let header = format!("age-encryption.org/v1\n-> {stanza}\nSB2\n--- {code}\n");
            [header.as_bytes(), payload].concat()
        };
        let file = |payload: &[u8]| with(&format!("X25519 {code}"), payload);
        assert_eq!(parted(&file(b"\xff\x00SB-2\xfe")).spoken, "");
        let foreign = parted(&with("see SB-2", b"\xff\x00"));
        assert_eq!(foreign.spoken, "-> see SB-2\n");
        for typed in [
            file(b"see SB-2\n"),
            with("X25519 a\nsee SB-2", b"\xff"),
            String::from_utf8(file(b"")).expect("text").replace("---", "--- x\n---").into_bytes(),
        ] {
            assert!(parted(&typed).noise.is_empty(), "{}", String::from_utf8_lossy(&typed));
        }
        let prose = b"\xff\xfeAll about SB-2 and its parser\xff";
        assert_eq!(parted(&file(prose)).spoken, "All about SB-2 and its parser\n");
        for whole in ["age-encryption.org/v1\nSB-2\n", "age-encryption.org/v2\n\n--- x\nSB-2\n"] {
            assert_eq!(spoken(whole), whole);
        }
    }

    #[test]
    fn wide_letters_hide_nothing() {
        let units = "see SB-2 é\n".encode_utf16();
        let little: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        assert_eq!(parted(&[b"\xff\xfe", &little[..]].concat()).spoken, "see SB-2 é\n");
        assert_eq!(parted(&[b"\xfe\xff", &big[..]].concat()).spoken, "see SB-2 é\n");
        assert!(parted(&little).spoken.contains("see SB-2"));
    }

    #[test]
    fn ids_in_headers_are_no_text_and_names_are() {
        let raw = format!(
            "tree {ID}\nparent {ID}\nauthor AB 7 <ab7@x> 1 +0000\nmergetag object {ID}\n tag ab7\n\
             gpgsig -----BEGIN PGP SIGNATURE-----\n \n {LINE}\n ab7c\n -----END PGP SIGNATURE-----\n\ntree {ID}\nab7\n"
        );
        let Parted { spoken: said, noise } = parted_object(&raw);
        for stays in ["author AB 7 <ab7@x>", " tag ab7", &format!("tree {ID}\nab7\n")] {
            assert!(said.contains(stays), "{said}");
        }
        assert_eq!(said.matches(ID).count(), 1, "{said}");
        assert!(!said.contains("\n ab7c") && noise.contains("ab7c"), "{said}");
        assert!(parted_object("object ab7\ntag ab7").spoken.contains("object ab7"));
    }
}
