//! A card reader and virtual OpenPGP cards. Real are the card's firmware (`tests/card`), vsmartcard's
//! reader, pcscd and scdaemon; nothing of a user's own pcscd is touched.

use crate::{Sandbox, has_tool};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The driver of the virtual reader, as vsmartcard-vpcd installs it.
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// The folder is not on the search path of ordinary users.
const PCSCD: &str = "/usr/sbin/pcscd";
/// Should a run of the tests be killed, it ends by itself after a minute.
const FOREGROUND: [&str; 3] = ["--foreground", "--auto-exit", "--config"];
/// Below `/run`.
const SOCKET: &str = "pcscd/pcscd.comm";
/// The PIN of a new card.
pub const PIN: &str = "123456";
/// The PIN of a new card for what changes it.
pub const ADMIN_PIN: &str = "12345678";

/// A process of the test that ends with it.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A reader with at most one card in it.
pub struct Reader {
    card: Option<Ending>,
    _pcscd: Ending,
    address: String,
    /// Held while the pcscd of this reader is the machine's only one.
    _alone: Option<MutexGuard<'static, ()>>,
}

/// Readers whose pcscd cannot have a `/run` of its own take turns. One binary has all tests.
static ALONE: Mutex<()> = Mutex::new(());

/// Whether cards can be tested here. At home what is absent skips a test and says so.
///
/// # Panics
/// When something is absent in CI, where `cargo xtask ci --install` brings all of it.
pub fn has_cards() -> bool {
    let parts = [DRIVER.into(), PCSCD.into(), scdaemon(), firmware()];
    let absent: Vec<String> = parts
        .iter()
        .filter(|file| !file.is_file())
        .map(|file| file.display().to_string())
        .collect();
    assert!(absent.is_empty() || std::env::var_os("CI").is_none(), "absent: {absent:?}");
    if !absent.is_empty() {
        println!("skipped: `cargo xtask ci --install` brings {absent:?}");
    }
    absent.is_empty() && has_tool("unshare")
}

/// The step `card` of `cargo xtask ci` puts it there, wherever other build output goes.
fn firmware() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.with_file_name("target").join("card/debug/secpack-test-card")
}

fn scdaemon() -> PathBuf {
    let listed = Command::new("gpgconf").arg("--list-components").output();
    let listed = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let lines = listed.unwrap_or_default();
    let line = lines.lines().find(|line| line.starts_with("scdaemon:")).unwrap_or_default();
    line.split(':').nth(2).unwrap_or_default().into()
}

impl Reader {
    /// An empty reader, with a pcscd of its own, that the scdaemon of the sandbox's gpg uses.
    ///
    /// # Panics
    /// When pcscd does not start.
    pub fn plugged_into(sandbox: &Sandbox) -> Self {
        let address = free_address();
        let readers = readers(sandbox, &address);
        let (pcscd, socket, alone) = if may_mount() {
            let run = sandbox.path("pcscd/run");
            std::fs::create_dir_all(&run).expect("a folder");
            (own_pcscd(&run, &readers), run.join(SOCKET), None)
        } else {
            let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
            (shared_pcscd(&readers), Path::new("/run").join(SOCKET), Some(alone))
        };
        teach_scdaemon(sandbox, &socket);
        wait_until("pcscd", || socket.exists());
        Self { card: None, _pcscd: pcscd, address, _alone: alone }
    }

    /// Puts in the card with this serial number, after taking out the one that is there.
    ///
    /// # Panics
    /// When the card does not start.
    pub fn insert(&mut self, sandbox: &Sandbox, serial: u32) {
        self.pull();
        let mut card = Command::new(firmware());
        card.arg(&self.address).arg(sandbox.path(&format!("card-{serial}")));
        self.card = Some(started(card.arg(serial.to_string())));
        let number = format!("{serial:08X}");
        wait_until("the card", || serial_number(sandbox).is_some_and(|n| n.contains(&number)));
    }

    /// Takes the card out.
    pub fn pull(&mut self) {
        self.card = None;
    }

    /// Takes the card out, and waits until scdaemon has noticed.
    ///
    /// # Panics
    /// When it does not notice.
    pub fn empty(&mut self, sandbox: &Sandbox) {
        self.pull();
        wait_until("an empty reader", || serial_number(sandbox).is_none());
    }
}

/// The number of the card that gpg sees.
fn serial_number(sandbox: &Sandbox) -> Option<String> {
    let ask = ["SCD SERIALNO openpgp", "/bye"];
    let said = sandbox.run("gpg-connect-agent".as_ref(), ".", &ask, &[]).stdout;
    said.lines().find_map(|line| line.strip_prefix("S SERIALNO ").map(str::to_owned))
}

/// Tells pcscd of the virtual reader and of no other.
fn readers(sandbox: &Sandbox, address: &str) -> PathBuf {
    let port = address.rsplit(':').next().unwrap_or_default();
    let reader = format!(
        "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:{port}\nLIBPATH {DRIVER}\nCHANNELID 1\n"
    );
    sandbox.write("pcscd/readers/virtual", reader);
    sandbox.path("pcscd/readers")
}

/// Containers often forbid it.
fn may_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["--map-root-user", "--mount", "mount", "--bind", "/tmp", "/run"]);
    unshare.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|end| end.success())
}

/// pcscd keeps its socket in `/run` and nowhere else; so it gets a `/run` of its own, in a mount
/// namespace, which is this folder from outside.
fn own_pcscd(run: &Path, readers: &Path) -> Ending {
    let script = "mount --bind \"$1\" /run && shift && exec \"$@\"";
    let mut pcscd = Command::new("unshare");
    pcscd.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(run);
    pcscd.arg(PCSCD).args(FOREGROUND).arg(readers);
    started(&mut pcscd)
}

/// The machine's only one. A killed one leaves its socket, by which nobody can tell that it is ready.
fn shared_pcscd(readers: &Path) -> Ending {
    let pid = std::fs::read_to_string("/run/pcscd/pcscd.pid").unwrap_or_default();
    let alive = !pid.is_empty() && Path::new("/proc").join(pid.trim()).exists();
    assert!(!alive, "another pcscd runs on this machine, and no namespace can be made");
    // It is not there the first time.
    let _ = std::fs::remove_file(Path::new("/run").join(SOCKET));
    started(Command::new(PCSCD).args(FOREGROUND).arg(readers))
}

fn started(program: &mut Command) -> Ending {
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ending(program.spawn().expect("it starts"))
}

/// The agent starts scdaemon; where pcscd listens, only the environment can say.
fn teach_scdaemon(sandbox: &Sandbox, socket: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let start = format!(
        "#!/bin/sh\nPCSCLITE_CSOCK_NAME='{}' exec '{}' \"$@\"\n",
        socket.display(),
        scdaemon().display()
    );
    sandbox.write("scdaemon", start);
    let program = sandbox.path("scdaemon");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("a mode");
    sandbox.write("gnupg/scdaemon.conf", "disable-ccid\n");
    let agent = sandbox.path("gnupg/gpg-agent.conf");
    let before = std::fs::read_to_string(agent).unwrap_or_default();
    let line = format!("scdaemon-program {}\n", program.display());
    sandbox.write("gnupg/gpg-agent.conf", before + &line);
    sandbox.run("gpgconf".as_ref(), ".", &["--kill", "all"], &[]).ends(0);
}

/// A port that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

fn wait_until(what: &str, there: impl Fn() -> bool) {
    for _ in 0..200 {
        if there() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{what} does not come");
}
