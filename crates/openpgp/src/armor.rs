//! ASCII armor (RFC 9580, section 6), the strict way: what is read is written again and must give
//! the same bytes. Anything a lenient reader would skip is a place where two files could differ
//! and still "verify".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Why a text is not one canonical armored block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArmorError {
    /// There is no block of this kind.
    #[error("no armored block \"{0}\"")]
    NoBlock(&'static str),
    /// The base64 text or the checksum cannot be read at all.
    #[error("the armor cannot be decoded: {0}")]
    Damaged(&'static str),
    /// It can be read, but it is not written the one way it must be.
    #[error("{0}")]
    NotCanonical(&'static str),
}

/// Header lines that GnuPG really wrote; any other header is refused.
const KNOWN_HEADERS: [&str; 2] = ["Version: GnuPG v1", "Version: GnuPG v2"];

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// Columns of base64 per line, as both GnuPG and Sequoia write them.
const COLUMNS: usize = 64;

/// Decodes one block. The second value says why it is not the one canonical block with this label,
/// although it could be decoded.
pub(crate) fn decode(
    text: &[u8],
    label: &'static str,
) -> Result<(Vec<u8>, Option<ArmorError>), ArmorError> {
    let text = std::str::from_utf8(text).map_err(|_| ArmorError::Damaged("it is not ASCII"))?;
    let (found, body) = first_block(text, label)?;
    let lines: Vec<&str> = body.lines().map(str::trim_end).collect();
    let (headers, rest) = split_headers(&lines);
    let checksum =
        rest.iter().rev().find(|line| !line.is_empty()).and_then(|l| l.strip_prefix('='));
    let base64: String =
        rest.iter().filter(|line| !line.starts_with('=')).copied().collect::<Vec<_>>().concat();
    let bytes = STANDARD
        .decode(&base64)
        .or_else(|_| STANDARD.decode(without_glued_checksum(&base64)))
        .map_err(|_| ArmorError::Damaged("the base64 text is damaged"))?;
    let problem = if found != label {
        Some("the armor bears another label")
    } else if !headers.iter().all(|h| KNOWN_HEADERS.contains(h)) {
        Some("the armor has a header line that does not belong there")
    } else if checksum.is_some_and(|sum| sum != crc24_text(&bytes)) {
        Some("the checksum does not match")
    } else if encode_with(&bytes, label, &headers, checksum.is_some()) != text {
        Some("the armor is not written the canonical way")
    } else {
        None
    };
    Ok((bytes, problem.map(ArmorError::NotCanonical)))
}

/// The label and the inside of the first block: one with the label asked for, else any.
fn first_block<'t>(text: &'t str, label: &'static str) -> Result<(&'t str, &'t str), ArmorError> {
    let wanted = text.find(&format!("{BEGIN}{label}{DASHES}"));
    let start = wanted.or_else(|| text.find(&format!("{BEGIN}PGP ")));
    let after = &text[start.ok_or(ArmorError::NoBlock(label))? + BEGIN.len()..];
    let (found, body) = after.split_once(DASHES).ok_or(ArmorError::NoBlock(label))?;
    let stop = body.find(&format!("-----END {found}{DASHES}"));
    Ok((found, &body[..stop.ok_or(ArmorError::Damaged("the END line is missing"))?]))
}

/// Base64 at whose end a checksum follows on the same line.
fn without_glued_checksum(base64: &str) -> &str {
    let at = base64.len().saturating_sub(5);
    match base64.get(at..) {
        Some(tail) if tail.starts_with('=') => &base64[..at],
        Some(_) | None => base64,
    }
}

/// Splits the lines between BEGIN and END into headers and data at the first blank line. The first
/// element is the rest of the BEGIN line.
fn split_headers<'a>(lines: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    let lines = lines.get(1..).unwrap_or_default();
    match lines.iter().position(|line| line.is_empty()) {
        Some(blank) => (lines[..blank].to_vec(), lines[blank + 1..].to_vec()),
        None => (Vec::new(), lines.to_vec()),
    }
}

/// Writes one block: 64 columns, with checksum, LF line ends.
pub(crate) fn encode(bytes: &[u8], label: &'static str) -> String {
    encode_with(bytes, label, &[], true)
}

/// With or without checksum: GnuPG writes one, RFC 9580 asks for none.
fn encode_with(bytes: &[u8], label: &'static str, headers: &[&str], checksum: bool) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for header in headers {
        text.push_str(header);
        text.push('\n');
    }
    text.push('\n');
    let base64 = STANDARD.encode(bytes);
    for line in base64.as_bytes().chunks(COLUMNS) {
        text.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
        text.push('\n');
    }
    if checksum {
        text.push('=');
        text.push_str(&crc24_text(bytes));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// CRC-24 (RFC 9580, section 6.1.1) in base64.
pub(crate) fn crc24_text(bytes: &[u8]) -> String {
    let mut crc: u32 = 0x00b7_04ce;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    STANDARD.encode(&crc.to_be_bytes()[1..])
}

/// The armored blocks inside a key file, in their order, text around them left out. A file without
/// any armor is returned whole, as binary.
pub fn blocks(file: &[u8]) -> Vec<&[u8]> {
    const BEGIN: &[u8] = b"-----BEGIN PGP ";
    let mut starts: Vec<usize> = Vec::new();
    for at in 0..file.len().saturating_sub(BEGIN.len()) {
        let at_line_start = at == 0 || file[at - 1] == b'\n';
        if at_line_start && file[at..].starts_with(BEGIN) {
            starts.push(at);
        }
    }
    if starts.is_empty() {
        return vec![file];
    }
    let ends = starts.iter().skip(1).copied().chain([file.len()]);
    starts.iter().zip(ends).map(|(start, end)| &file[*start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: &str = "PGP SIGNATURE";

    #[test]
    fn writes_what_it_reads() {
        for length in [0, 1, 2, 3, 47, 48, 49, 500] {
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let text = encode(&bytes, LABEL);
            assert_eq!(decode(text.as_bytes(), LABEL), Ok((bytes, None)), "{length}");
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let text =
            encode(b"some bytes that are signed here, longer than one line of base64", LABEL);
        for at in 0..text.len() * 8 {
            let mut flipped = text.clone().into_bytes();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(!matches!(decode(&flipped, LABEL), Ok((_, None))), "bit {at}");
        }
    }

    #[test]
    fn additions_are_not_canonical() {
        let text = encode(b"bytes", LABEL);
        for other in [
            format!("x\n{text}"),
            format!("{text}\n"),
            text.replace('\n', "\r\n"),
            text.replacen("\n\n", "\nComment: hello\n\n", 1),
            text.replacen("\n\n", "\n \n", 1),
            text.trim_end().to_owned(),
        ] {
            let decoded = decode(other.as_bytes(), LABEL);
            assert!(matches!(decoded, Ok((_, Some(_)))), "{other:?} {decoded:?}");
        }
    }

    #[test]
    fn key_files_split_into_blocks() {
        let one = encode(b"a", "PGP PUBLIC KEY BLOCK");
        let two = format!("note\n{one}{one}");
        assert_eq!(blocks(two.as_bytes()).len(), 2);
        assert_eq!(blocks(b"\x99binary").len(), 1);
    }
}
