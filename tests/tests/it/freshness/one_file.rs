//! One file opens connections.

use std::path::{Path, PathBuf};

/// Whatever could open one: the client, and sockets of the standard library.
const DOORS: [&str; 5] = ["ureq", "TcpStream", "UdpSocket", "UnixStream", "ToSocketAddrs"];

#[test]
fn only_fetch_opens_connections() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut strangers = Vec::new();
    let mut seen = false;
    for file in sources(&crates) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let opens = DOORS.iter().any(|door| text.contains(door));
        if file.ends_with("canary/src/freshness/fetch.rs") {
            seen = opens;
        } else if opens {
            strangers.push(file);
        }
    }
    assert!(seen, "the one place is where this test believes it to be");
    assert_eq!(strangers, Vec::<PathBuf>::new());
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}
