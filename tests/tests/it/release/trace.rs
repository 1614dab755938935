//! Faults at single system calls: `strace` counts the calls of one process, and makes the one that
//! is asked for fail, or kills the process right before it.

use super::Stage;
use std::collections::BTreeMap;

/// Every system call by which a process changes something that outlives it.
const CHANGING: &str = "write,pwrite64,writev,openat,rename,renameat,renameat2,link,linkat,unlink,\
    unlinkat,mkdir,mkdirat,rmdir,symlink,symlinkat,fsync,fdatasync,ftruncate,fallocate,chmod,\
    fchmod,fchmodat,flock,copy_file_range";

/// Whose calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// `secpack release` itself.
    Secpack,
    /// The `git push` that it starts.
    Push,
    /// The `git pack-objects` that the push starts.
    PackObjects,
    /// The `git receive-pack` of the remote.
    Receive,
    /// What takes in the objects there.
    Unpack,
}

/// One call of one process.
#[derive(Debug, Clone)]
pub struct Point {
    /// Whose.
    pub process: Process,
    /// The name of the call.
    pub call: String,
    /// Its number among the calls of this name, from 1.
    pub nth: usize,
}

/// What happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed.
    Kill,
    /// The disk is full.
    Full,
    /// The disk fails.
    Broken,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 3] = [Fault::Kill, Fault::Full, Fault::Broken];

    /// How `strace` calls it.
    fn injected(self) -> &'static str {
        match self {
            Fault::Kill => "signal=KILL",
            Fault::Full => "error=ENOSPC",
            Fault::Broken => "error=EIO",
        }
    }
}

/// Whether `strace` is here and may trace. A machine without it fails in CI.
pub fn is_here(stage: &Stage) -> bool {
    let probe = "strace -qq -e trace=none true";
    let works = stage.shell(probe).code == 0;
    assert!(works || std::env::var_os("CI").is_none(), "strace is missing, or may not trace");
    works
}

impl Stage {
    /// Every call at which a release could be hurt, in the order in which they come.
    pub fn points(&self) -> Vec<Point> {
        self.points_of(&[Process::Secpack, Process::Push, Process::PackObjects])
    }

    /// Every call of these processes.
    pub fn points_of(&self, processes: &[Process]) -> Vec<Point> {
        let mut points = Vec::new();
        for process in processes.iter().copied() {
            self.restore();
            let log = self.team.sandbox.path("strace.log");
            let _ = std::fs::remove_file(&log);
            let options = format!("-qq -e trace={CHANGING} -e signal=none -o {}", log.display());
            self.traced(process, &options).ends(0);
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            points.extend(calls(process, &text));
        }
        points
    }

    /// Releases with a fault at one call; the exit code is that of `secpack`, -1 when killed.
    pub fn hurt(&self, point: &Point, fault: Fault) -> secpack_tests::Run {
        let Point { call, nth, .. } = point;
        let inject = format!("{call}:{}:when={nth}", fault.injected());
        let null = "-o /dev/null";
        self.traced(point.process, &format!("-qq -e trace={call} {null} -e inject={inject}"))
    }

    /// Releases while one process is traced.
    fn traced(&self, process: Process, options: &str) -> secpack_tests::Run {
        let words: Vec<String> = self.arguments().iter().map(|word| quoted(word)).collect();
        let words = words.join(" ");
        let git = real_git(self);
        let traced = format!("exec strace {options} {git} \"$@\"");
        let plain = format!("exec {git} \"$@\"");
        let case = |word: &str, found: &str| {
            format!("case \" $* \" in *\" {word} \"*) {found};; *) {plain};; esac")
        };
        match process {
            Process::Secpack => self.shell(&format!("exec strace {options} secpack {words}")),
            Process::Push => {
                self.script("wrap/git", &case("push", &traced));
                self.wrapped(&format!("exec secpack {words}"))
            }
            Process::PackObjects => {
                self.script("inner/git", &case("pack-objects", &traced));
                self.inside(&case, &words, &git)
            }
            Process::Receive => {
                let receive = traced.replacen("\"$@\"", "receive-pack \"$@\"", 1);
                self.script("inner/git", &plain);
                self.script("inner/git-receive-pack", &receive);
                self.inside(&case, &words, &git)
            }
            Process::Unpack => {
                self.script("inner/git", &case("unpack-objects", &traced));
                self.script("inner/git-receive-pack", &format!("exec {git} receive-pack \"$@\""));
                self.inside(&case, &words, &git)
            }
        }
    }

    /// Releases while a push finds its own programs in `inner`.
    fn inside(
        &self,
        case: &dyn Fn(&str, &str) -> String,
        words: &str,
        git: &str,
    ) -> secpack_tests::Run {
        let inner = self.team.sandbox.path("inner").display().to_string();
        let outer = format!("GIT_EXEC_PATH={inner} exec {git} \"$@\"");
        self.script("wrap/git", &case("push", &outer));
        self.wrapped(&format!("exec secpack {words}"))
    }

    fn wrapped(&self, line: &str) -> secpack_tests::Run {
        let wrap = self.team.sandbox.path("wrap").display().to_string();
        self.shell(&format!("PATH={wrap}:$PATH; export PATH; {line}"))
    }
}

fn real_git(stage: &Stage) -> String {
    stage.shell("command -v git").ends(0).stdout.trim().to_owned()
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The calls of a log, numbered by name. Opening counts where it may make a file.
fn calls(process: Process, log: &str) -> Vec<Point> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut points = Vec::new();
    for line in log.lines() {
        let Some((call, rest)) = line.split_once('(') else { continue };
        if call.is_empty() || !call.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let nth = counts.entry(call).or_default();
        *nth += 1;
        if call == "openat" && !rest.contains("O_CREAT") {
            continue;
        }
        points.push(Point { process, call: call.to_owned(), nth: *nth });
    }
    points
}

#[test]
fn only_calls_that_may_change_something_count() {
    let log = "openat(AT_FDCWD, \"a\", O_RDONLY) = 3\nwrite(1, \"x\", 1) = 1\n\
        openat(AT_FDCWD, \"b\", O_RDWR|O_CREAT, 0600) = 3\n+++ exited with 0 +++\n";
    let found: Vec<(String, usize)> =
        calls(Process::Push, log).into_iter().map(|point| (point.call, point.nth)).collect();
    assert_eq!(found, [("write".to_owned(), 1), ("openat".to_owned(), 2)]);
}
