//! Key files that the command line names.

use crate::Fault;
use secpack_pack::shell_word;
use std::path::Path;

/// Largest key file that is read, in bytes.
const CAP: u64 = 4 * 1024 * 1024;

/// Reads a key file with its size capped.
///
/// # Errors
/// Names the file.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let named = |e: std::io::Error| {
        Fault::new(format!("{}: {e}", path.display())).hint(format!("ls -l {}", above(path)))
    };
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > CAP {
        return Err(Fault::new(format!(
            "{}: {size} bytes is too large for a key file",
            path.display()
        ))
        .hint(format!("ls -l {}", shell_word(&path.display().to_string()))));
    }
    std::fs::read(path).map_err(named)
}

/// The nearest folder above a path that is there, for a shell: what lies in it tells the name that
/// was meant.
fn above(path: &Path) -> String {
    let there = path.ancestors().skip(1).find(|folder| folder.is_dir());
    shell_word(&there.unwrap_or(Path::new(".")).display().to_string())
}
