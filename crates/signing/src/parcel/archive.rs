//! Archives: `tar`, plain or with gzip. Entries are read, never placed; links are not followed.

use super::{MAX_PARCEL, Parcel, last_part};
use flate2::read::MultiGzDecoder;
use std::io::Read;
use tar::{Archive, EntryType};

/// Why a file with gzip that cannot be read to its end is refused.
pub const DAMAGED_GZIP: &str = "the gzip file is damaged";

const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
/// Where the header of the first entry says that it is one (POSIX.1-1988).
const MAGIC: std::ops::Range<usize> = 257..262;
/// The most that all of an archive may hold, in bytes.
const MAX_INSIDE: u64 = 64 * 1024 * 1024;
/// More entries than any answer has.
const MAX_ENTRIES: usize = 10_000;

pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP) || is_tar(bytes)
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(MAGIC) == Some(b"ustar")
}

pub(super) fn open(source: &str, name: &str, bytes: &[u8], parcel: &mut Parcel, depth: usize) {
    if !bytes.starts_with(&GZIP) {
        return entries(source, bytes, parcel, depth);
    }
    let mut inside = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(MAX_INSIDE + 1).read_to_end(&mut inside);
    if read.is_err() {
        return parcel.refuse(source, DAMAGED_GZIP);
    }
    if inside.len() as u64 > MAX_INSIDE {
        return parcel.refuse(source, "it grows beyond 64 MiB");
    }
    if is_tar(&inside) {
        return entries(source, &inside, parcel, depth);
    }
    super::open(source, name.strip_suffix(".gz").unwrap_or(name), &inside, parcel, depth);
}

fn entries(source: &str, bytes: &[u8], parcel: &mut Parcel, depth: usize) {
    let mut archive = Archive::new(bytes);
    let Ok(entries) = archive.entries() else {
        return parcel.refuse(source, "the archive cannot be read");
    };
    for (index, entry) in entries.enumerate() {
        let Ok(mut entry) = entry else {
            return parcel.refuse(source, "the archive is damaged from here on");
        };
        if index >= MAX_ENTRIES || parcel.is_full() {
            return parcel.refuse(source, "the archive has too many entries");
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let shown = format!("{source}, {path}");
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Directory | EntryType::XGlobalHeader => continue,
            _ => {
                parcel.refuse(shown, "links and devices in an archive are not looked at");
                continue;
            }
        }
        if entry.size() > MAX_PARCEL {
            parcel.refuse(shown, "it is larger than 16 MiB");
            continue;
        }
        let mut inside = Vec::new();
        if entry.read_to_end(&mut inside).is_err() {
            return parcel.refuse(shown, "the archive is damaged from here on");
        }
        super::open(&shown, last_part(&path), &inside, parcel, depth);
    }
}
