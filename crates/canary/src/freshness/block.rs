//! The header of a Bitcoin block: 80 bytes that bear out the block's hash without asking anybody.
//!
//! Layout: version (4), previous block (32), merkle root (32), time (4), target (4), nonce (4);
//! numbers are little-endian. The hash is double SHA-256, printed in reverse.

use super::is_block_hash;
use crate::Error;
use chrono::{DateTime, Datelike, Utc};
use sha2::{Digest, Sha256};

/// The length of a header.
pub const HEADER_BYTES: usize = 80;

/// What work on the Bitcoin chain has cost at least since a year: leading zero bits of a target.
/// Public history, a bit or two below the easiest block since then. Should the chain ever become
/// easier again, this table is what must change.
const LEAST: [(i32, u32); 3] = [(2015, 66), (2018, 71), (2023, 75)];

/// A header that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mined {
    /// When the block was made, by its miner's clock. The network takes a block only when that is
    /// at most two hours ahead.
    pub time: DateTime<Utc>,
    /// Leading zero bits of its target: finding such a header takes about 2 to that many hashes.
    pub work: u32,
}

/// Checks a header: its hash is `hash`, the hash meets the target that the header itself names,
/// and the target is as hard as the chain's were at that time. Making such a header for a lie
/// costs that work.
///
/// # Errors
/// [`Error::BlockHash`] when `hash` is none, [`Error::BlockHeader`] when the header does not bear
/// it out.
pub fn check_header(header: &[u8], hash: &str) -> Result<Mined, Error> {
    if !is_block_hash(hash) {
        return Err(Error::BlockHash(secpack_pack::escape(hash)));
    }
    let Ok(header) = <&[u8; HEADER_BYTES]>::try_from(header) else {
        return Err(Error::BlockHeader("it does not have 80 bytes"));
    };
    let digest = digest(header);
    if hex(&digest) != hash {
        return Err(Error::BlockHeader("its hash is another one"));
    }
    let target = match target(word(header, 72)) {
        Some(target) if digest <= target => target,
        Some(_) | None => return Err(Error::BlockHeader("its hash does not meet its own target")),
    };
    let time = DateTime::from_timestamp(word(header, 68).into(), 0);
    let time = time.ok_or(Error::BlockHeader("it has no time"))?;
    let work = leading_zeros(&target);
    let least = LEAST.iter().rev().find(|(year, _)| *year <= time.year());
    if least.is_some_and(|(_, bits)| work < *bits) {
        return Err(Error::BlockHeader("its target is easier than any of the chain at that time"));
    }
    Ok(Mined { time, work })
}

/// The hash of a header of 80 bytes, as explorers print it; `None` for other lengths.
pub fn hash_of(header: &[u8]) -> Option<String> {
    Some(hex(&digest(header.try_into().ok()?)))
}

/// A header from a file: 80 bytes, or 160 hex digits with any white space around them.
pub fn read_header(file: &[u8]) -> Option<[u8; HEADER_BYTES]> {
    if let Ok(raw) = file.try_into() {
        return Some(raw);
    }
    unhex(std::str::from_utf8(file).ok()?.trim())?.try_into().ok()
}

/// Bytes from hex digits of either case.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?)).collect()
}

fn digest(header: &[u8; HEADER_BYTES]) -> [u8; 32] {
    let mut digest: [u8; 32] = Sha256::digest(Sha256::digest(header)).into();
    digest.reverse();
    digest
}

fn leading_zeros(number: &[u8; 32]) -> u32 {
    let mut bits = 0;
    for byte in number {
        bits += byte.leading_zeros();
        if *byte != 0 {
            break;
        }
    }
    bits
}

fn word(header: &[u8; HEADER_BYTES], at: usize) -> u32 {
    let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
    u32::from_le_bytes(bytes)
}

/// The target as a big-endian number: the lower three bytes of `bits`, shifted to the place that
/// the upper one names. Negative and overlong ones are no targets.
fn target(bits: u32) -> Option<[u8; 32]> {
    let [size, mantissa @ ..] = bits.to_be_bytes();
    let size = usize::from(size);
    if mantissa[0] >= 0x80 || !(3..=32).contains(&size) {
        return None;
    }
    let mut target = [0; 32];
    target[32 - size..35 - size].copy_from_slice(&mantissa);
    Some(target)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first block of the chain: a public fact.
    const HEADER: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
    const HASH: &str = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";

    /// Block 794143 of the chain: another public fact.
    const LATER: &str = "000080200e102b98a160f4416c8ff0198db9b177523525c9de8a000000000000000000003b9b941003024e1afa90199732fdb1366a122ab0a5cacd3f7bcb8cb8815a811b560e8864697e051767c0c9fd";
    const LATER_HASH: &str = "0000000000000000000293bf6e86820d867cc4ca13cd98326af85bb3bebab9ac";

    fn header() -> Vec<u8> {
        unhex(HEADER).expect("hex")
    }

    #[test]
    fn real_headers_are_borne_out() {
        let mined = check_header(&header(), HASH).expect("a real header");
        assert_eq!(mined.time.to_rfc3339(), "2009-01-03T18:15:05+00:00");
        assert_eq!(mined.work, 32);
        let mined = check_header(&unhex(LATER).expect("hex"), LATER_HASH).expect("a real header");
        assert_eq!(
            (mined.time.to_rfc3339().as_str(), mined.work),
            ("2023-06-13T06:36:06+00:00", 77)
        );
        assert_eq!(hash_of(&unhex(LATER).expect("hex")).as_deref(), Some(LATER_HASH));
    }

    #[test]
    fn headers_come_as_bytes_or_digits() {
        let check = |file: &[u8], good: bool| assert_eq!(read_header(file).is_some(), good);
        check(&header(), true);
        check(HEADER.as_bytes(), true);
        check(format!(" {}\r\n", HEADER.to_uppercase()).as_bytes(), true);
        check(&HEADER.as_bytes()[1..], false);
        check(&header()[1..], false);
        check(HEADER.replace('0', "g").as_bytes(), false);
        check(b"", false);
    }

    /// Anyone can make a header that names an easy target: this one takes two hashes.
    #[test]
    fn a_header_of_an_easy_target_is_refused() {
        let mut cheap = unhex(LATER).expect("hex");
        cheap[72..76].copy_from_slice(&0x207f_ffff_u32.to_le_bytes());
        let mut hash = hash_of(&cheap).expect("80 bytes");
        while hash.as_bytes()[0] >= b'8' {
            cheap[76] = cheap[76].wrapping_add(1);
            hash = hash_of(&cheap).expect("80 bytes");
        }
        let refused = check_header(&cheap, &hash).expect_err("no work").to_string();
        assert!(refused.contains("easier than any of the chain"), "{refused}");
    }

    #[test]
    fn every_changed_byte_is_seen() {
        for at in 0..HEADER_BYTES {
            let mut changed = header();
            changed[at] ^= 1;
            assert!(
                matches!(check_header(&changed, HASH), Err(Error::BlockHeader(_))),
                "byte {at}"
            );
        }
        assert!(matches!(check_header(&header()[1..], HASH), Err(Error::BlockHeader(_))));
        assert!(matches!(check_header(&header(), "00"), Err(Error::BlockHash(_))));
    }

    #[test]
    fn a_header_without_work_is_refused() {
        let mut cheap = header();
        cheap[76] ^= 1;
        let hash = hash_of(&cheap).expect("80 bytes");
        let refused = check_header(&cheap, &hash).expect_err("no work").to_string();
        assert!(refused.contains("its hash does not meet its own target"), "{refused}");
    }

    #[test]
    fn targets() {
        assert_eq!(target(0x1d00_ffff).map(|t| (t[3], t[4], t[5], t[6])), Some((0, 0xff, 0xff, 0)));
        assert_eq!(target(0x1d80_0000), None);
        assert_eq!(target(0x2100_ffff), None);
        assert_eq!(target(0x0200_ffff), None);
    }
}
