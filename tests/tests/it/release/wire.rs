//! A server of the git protocol on loopback whose connection for pushes can be cut after any byte,
//! in either direction. Behind it is stock `git daemon`, one process for each connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Where a connection for a push is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere.
    Never,
    /// After so many bytes from the one who pushes.
    Up(usize),
    /// After so many bytes to them.
    Down(usize),
}

/// The server.
pub struct Wire {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    cut: Mutex<Cut>,
    /// Bytes of the last push, up and down.
    up: AtomicUsize,
    down: AtomicUsize,
    open: AtomicUsize,
}

impl Wire {
    /// Serves the repositories of a folder.
    pub fn new(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let counts = || AtomicUsize::new(0);
        let (cut, folder) = (Mutex::new(Cut::Never), folder.to_owned());
        let shared = Arc::new(Shared { folder, cut, up: counts(), down: counts(), open: counts() });
        let served = Arc::clone(&shared);
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                served.open.fetch_add(1, Ordering::SeqCst);
                let served = Arc::clone(&served);
                std::thread::spawn(move || {
                    served.serve(&stream);
                    served.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, shared }
    }

    /// The address of a repository.
    pub fn url(&self, name: &str) -> String {
        format!("git://127.0.0.1:{}/{name}", self.port)
    }

    /// From now on pushes are cut here.
    pub fn cut(&self, cut: Cut) {
        *self.shared.cut.lock().unwrap_or_else(PoisonError::into_inner) = cut;
    }

    /// Waits until nobody is connected, and returns the bytes of the last push, up and down.
    pub fn settle(&self) -> (usize, usize) {
        while self.shared.open.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        (self.shared.up.load(Ordering::SeqCst), self.shared.down.load(Ordering::SeqCst))
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) {
        let mut first = [0; 4];
        let mut client = stream;
        if client.read_exact(&mut first).is_err() {
            return;
        }
        // The request is one packet that begins with its length.
        let length =
            std::str::from_utf8(&first).ok().and_then(|n| usize::from_str_radix(n, 16).ok());
        let mut request = vec![0; length.unwrap_or(4).saturating_sub(4)];
        if client.read_exact(&mut request).is_err() {
            return;
        }
        let request = [&first[..], &request].concat();
        let is_push = request.windows(16).any(|part| part == b"git-receive-pack");
        let cut = *self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        let (up, down) = match cut {
            Cut::Up(bytes) if is_push => (bytes, usize::MAX),
            Cut::Down(bytes) if is_push => (usize::MAX, bytes),
            Cut::Never | Cut::Up(_) | Cut::Down(_) => (usize::MAX, usize::MAX),
        };
        let (up, down) = self.pump(stream, &request, (up, down));
        if is_push {
            self.up.store(up, Ordering::SeqCst);
            self.down.store(down, Ordering::SeqCst);
        }
    }

    fn pump(&self, stream: &TcpStream, request: &[u8], limits: (usize, usize)) -> (usize, usize) {
        let mut daemon = self.daemon();
        let (mut input, output) = (daemon.stdin.take(), daemon.stdout.take());
        let counts = std::thread::scope(|scope| {
            let up = scope.spawn(move || {
                let Some(input) = &mut input else { return 0 };
                let whole = request.chain(stream);
                forward(whole, input, limits.0, stream)
            });
            let down = scope.spawn(move || {
                let Some(output) = output else { return 0 };
                let count = forward(output, stream, limits.1, stream);
                let _ = stream.shutdown(Shutdown::Both);
                count
            });
            (up.join().unwrap_or(0), down.join().unwrap_or(0))
        });
        let _ = daemon.wait();
        counts
    }

    fn daemon(&self) -> Child {
        let mut daemon = Command::new("git");
        daemon.args(["daemon", "--inetd", "--export-all", "--enable=receive-pack"]);
        daemon.arg(format!("--base-path={}", self.folder.display())).arg(&self.folder);
        daemon.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        daemon.env("HOME", self.folder.join("home")).env("GIT_CONFIG_NOSYSTEM", "1");
        daemon.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        daemon.spawn().expect("git daemon")
    }
}

/// Passes on so many bytes and no more; then the line is cut in both directions.
fn forward(mut from: impl Read, mut to: impl Write, limit: usize, line: &TcpStream) -> usize {
    let (mut passed, mut buffer) = (0, [0; 4096]);
    loop {
        if passed == limit {
            let _ = line.shutdown(Shutdown::Both);
            return passed;
        }
        let room = buffer.len().min(limit - passed);
        let Ok(count @ 1..) = from.read(&mut buffer[..room]) else { return passed };
        if to.write_all(&buffer[..count]).and_then(|()| to.flush()).is_err() {
            return passed;
        }
        passed += count;
    }
}
