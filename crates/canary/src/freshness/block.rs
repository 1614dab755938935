//! The header of a Bitcoin block: 80 bytes that bear out the block's hash without asking anybody.
//!
//! Layout: version (4), previous block (32), merkle root (32), time (4), target (4), nonce (4);
//! numbers are little-endian. The hash is double SHA-256, printed in reverse.

use super::is_block_hash;
use crate::Error;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// The length of a header.
pub const HEADER_BYTES: usize = 80;

/// The time that a header states, once it was checked: its hash is `hash`, and the hash meets the
/// target that the header itself names. Making such a header for a lie costs a block's work.
///
/// # Errors
/// [`Error::BlockHash`] when `hash` is none, [`Error::BlockHeader`] when the header does not bear
/// it out.
pub fn check_header(header: &[u8], hash: &str) -> Result<DateTime<Utc>, Error> {
    if !is_block_hash(hash) {
        return Err(Error::BlockHash(secpack_pack::escape(hash)));
    }
    let Ok(header) = <&[u8; HEADER_BYTES]>::try_from(header) else {
        return Err(Error::BlockHeader("it does not have 80 bytes"));
    };
    let mut digest: [u8; 32] = Sha256::digest(Sha256::digest(header)).into();
    digest.reverse();
    if hex(&digest) != hash {
        return Err(Error::BlockHeader("its hash is another one"));
    }
    match target(word(header, 72)) {
        Some(target) if digest <= target => {}
        Some(_) | None => return Err(Error::BlockHeader("its hash does not meet its own target")),
    }
    DateTime::from_timestamp(word(header, 68).into(), 0).ok_or(Error::BlockHeader("it has no time"))
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first block of the chain: a public fact.
    const HEADER: &str = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
    const HASH: &str = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";

    fn header() -> Vec<u8> {
        let digits = HEADER.as_bytes().chunks_exact(2);
        digits
            .map(|pair| {
                u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex")
            })
            .collect()
    }

    #[test]
    fn a_real_header_is_borne_out() {
        let time = check_header(&header(), HASH).expect("a real header");
        assert_eq!(time.to_rfc3339(), "2009-01-03T18:15:05+00:00");
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
        let mut digest: [u8; 32] = Sha256::digest(Sha256::digest(&cheap)).into();
        digest.reverse();
        let refused = check_header(&cheap, &hex(&digest)).map_err(|error| error.to_string());
        assert_eq!(
            refused,
            Err("the block header proves nothing: its hash does not meet its own target".to_owned())
        );
    }

    #[test]
    fn targets() {
        assert_eq!(target(0x1d00_ffff).map(|t| (t[3], t[4], t[5], t[6])), Some((0, 0xff, 0xff, 0)));
        assert_eq!(target(0x1d80_0000), None);
        assert_eq!(target(0x2100_ffff), None);
        assert_eq!(target(0x0200_ffff), None);
    }
}
