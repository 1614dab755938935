//! Key files that the command line names.

use crate::Fault;
use std::path::Path;

/// Largest key file that is read, in bytes.
const CAP: u64 = 4 * 1024 * 1024;

/// Reads a key file with its size capped.
///
/// # Errors
/// Names the file.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let named = |e: std::io::Error| Fault::at(path, e);
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > CAP {
        return Err(Fault::at(path, format!("{size} bytes is too large for a key file")));
    }
    std::fs::read(path).map_err(named)
}
