//! OpenPGP packets by hand: taken out of what stock gpg writes, altered, and armored again.
//!
//! No crypto here. Whatever needs a valid signature is made by gpg or by the program under test.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// One packet: its tag and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The tag, for example 2 for a signature (RFC 9580, section 5).
    pub tag: u8,
    /// Everything after the header.
    pub body: Vec<u8>,
}

/// Tag of a signature packet.
pub const SIGNATURE: u8 = 2;
/// Tag of a marker packet.
pub const MARKER: u8 = 10;
/// Tag of a user id packet.
pub const USER_ID: u8 = 13;

impl Packet {
    /// A packet of this tag.
    pub fn new(tag: u8, body: impl Into<Vec<u8>>) -> Self {
        Self { tag, body: body.into() }
    }

    /// The bytes with a header as gpg writes it: old format for old tags, shortest length.
    ///
    /// # Panics
    /// When the body is larger than a packet can be.
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.body.len()).expect("a packet of less than 4 GiB");
        let [_, _, high, low] = length.to_be_bytes();
        let old = 0x80 | self.tag << 2;
        let header = match length {
            _ if self.tag > 15 => [&[0xc0 | self.tag, 0xff], &length.to_be_bytes()[..]].concat(),
            0..=0xff => vec![old, low],
            0x100..=0xffff => vec![old | 1, high, low],
            _ => [&[old | 2], &length.to_be_bytes()[..]].concat(),
        };
        [header, self.body.clone()].concat()
    }
}

/// Takes bytes apart into packets; partial lengths are not known here.
///
/// # Panics
/// When the bytes are not whole packets.
pub fn packets(mut bytes: &[u8]) -> Vec<Packet> {
    let mut found = Vec::new();
    while let Some((&first, rest)) = bytes.split_first() {
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b));
        let (tag, header, length) = if first & 0x40 == 0 {
            let width = 1 << (first & 3);
            (first >> 2 & 15, width, number(&rest[..width]))
        } else {
            match rest[0] {
                short @ 0..=191 => (first & 63, 1, usize::from(short)),
                192..=223 => (first & 63, 2, number(&rest[..2]) - 0xc000 + 192),
                255 => (first & 63, 5, number(&rest[1..5])),
                _ => panic!("a partial length"),
            }
        };
        found.push(Packet::new(tag, &rest[header..header + length]));
        bytes = &rest[header + length..];
    }
    found
}

/// The packets inside the first armored block.
///
/// # Panics
/// When there is none.
pub fn dearmor(text: &[u8]) -> Vec<Packet> {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().skip_while(|line| !line.starts_with("-----BEGIN ")).skip(1);
    let lines = lines.take_while(|line| !line.starts_with("-----END "));
    let data = lines.filter(|line| !line.contains(": ") && !line.starts_with('='));
    packets(&STANDARD.decode(data.collect::<String>()).expect("armor"))
}

/// Armors packets as gpg does.
pub fn armor(packets: &[Packet], label: &str) -> String {
    let bytes: Vec<u8> = packets.iter().flat_map(Packet::bytes).collect();
    let base64 = STANDARD.encode(&bytes);
    let lines = base64.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line) + "\n");
    let sum = STANDARD.encode(&crc24(&bytes).to_be_bytes()[1..]);
    let body: String = lines.collect();
    format!("-----BEGIN {label}-----\n\n{body}={sum}\n-----END {label}-----\n")
}

/// Armors packets as a detached signature.
pub fn armor_signature(packets: &[Packet]) -> String {
    armor(packets, "PGP SIGNATURE")
}

/// CRC-24 (RFC 9580, section 6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 16, |crc, _| {
            let shifted = crc << 1;
            if shifted & 0x0100_0000 == 0 { shifted } else { shifted ^ 0x0186_4cfb }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_back_as_they_were() {
        let made: Vec<Packet> = [(2, 3), (2, 300), (13, 70_000), (21, 5)]
            .map(|(tag, length)| Packet::new(tag, vec![tag; length]))
            .to_vec();
        assert_eq!(dearmor(armor_signature(&made).as_bytes()), made);
    }
}
