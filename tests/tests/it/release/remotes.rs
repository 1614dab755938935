//! Remotes that can be read and not written to: a daemon of stock git that serves clones alone.

use super::Stage;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// `git daemon` over the upstream, with or without leave to push.
struct Daemon(Child);

impl Daemon {
    fn start(stage: &Stage, port: u16, more: &[&str]) -> Self {
        let base = stage.team.sandbox.path("").display().to_string();
        // Not by `git daemon`: that is a process in between, and killing it leaves the daemon.
        let folder = stage.team.sandbox.git(".", &["--exec-path"]).stdout;
        let mut daemon = Command::new(std::path::Path::new(folder.trim()).join("git-daemon"));
        daemon.args(["--export-all", "--reuseaddr", "--listen=127.0.0.1"]);
        daemon.args([&format!("--port={port}"), &format!("--base-path={base}")]).args(more);
        daemon.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        daemon.env("HOME", stage.team.sandbox.path("home"));
        daemon.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = Self(daemon.spawn().expect("git daemon"));
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[test]
fn a_remote_that_is_only_for_reading_takes_nothing_and_the_release_waits() {
    let stage = Stage::new();
    let port = free_port();
    let url = format!("git://127.0.0.1:{port}/upstream.git");
    stage.team.sandbox.git("pack", &["remote", "set-url", "origin", &url]);
    let upstream = stage.refs("upstream.git");
    let reading = Daemon::start(&stage, port, &[]);
    let run = stage.release().ends(2);
    assert!(run.stderr.contains("origin took nothing"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: secpack release --resume"));
    assert_eq!(stage.refs("upstream.git"), upstream);
    assert!(stage.is_unfinished());
    let head = stage.team.head();
    drop(reading);
    // It cannot even be asked now, which is no success and takes nothing away.
    stage.secpack(&["release", "--resume"]).ends(2);
    assert_eq!((stage.team.head(), stage.refs("upstream.git")), (head.clone(), upstream));
    let _writing = Daemon::start(&stage, port, &["--enable=receive-pack"]);
    stage.secpack(&["release", "--resume"]).ends(0);
    assert_eq!(stage.team.head(), head, "nothing was made twice");
    stage.assert_released();
}
