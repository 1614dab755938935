//! The rim: clock, current folder, and whether a person sits at the terminal. All rules about
//! prompts are here.

use crate::Fault;
use crate::typed::{Here, Typed};
use chrono::{DateTime, Utc};
use secpack_git::Repository;
use secpack_release::Holder;
use std::ffi::OsString;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The time that a run takes for now: given with `--now`, else the clock.
#[expect(clippy::disallowed_methods, reason = "the only place that reads the clock")]
pub fn now(fixed: Option<DateTime<Utc>>) -> DateTime<Utc> {
    fixed.unwrap_or_else(Utc::now)
}

/// The reader's own clock; `None` when the time was given by hand.
pub fn own_clock(fixed: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    fixed.is_none().then(|| now(None))
}

/// The folder the program was started in.
#[expect(clippy::disallowed_methods, reason = "the only place that reads the current folder")]
pub fn current_folder() -> Result<PathBuf, Fault> {
    std::env::current_dir().map_err(|error| {
        Fault::new(format!("the current folder is not there any more: {error}")).hint("cd ~")
    })
}

/// The user's folder for state: `$XDG_STATE_HOME`, else `~/.local/state`.
pub fn state_folder() -> Option<PathBuf> {
    user_folder("XDG_STATE_HOME", ".local/state")
}

/// The user's folder for settings: `$XDG_CONFIG_HOME`, else `~/.config`.
pub fn config_folder() -> Option<PathBuf> {
    user_folder("XDG_CONFIG_HOME", ".config")
}

/// The user's own folder.
#[expect(clippy::disallowed_methods, reason = "the only place that asks where the user is at home")]
pub fn home_folder() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

/// As the XDG base directory specification has it, which ignores relative paths.
#[expect(clippy::disallowed_methods, reason = "the only place that asks for the user's folders")]
fn user_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)))
}

/// Who runs this, for others who are told to wait.
#[expect(clippy::disallowed_methods, reason = "the only place that asks who the user is")]
pub fn holder() -> Holder {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = named("USER").or_else(|| named("LOGNAME"));
    Holder {
        pid: std::process::id(),
        host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        user: user.unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw())),
        since: now(None),
    }
}

/// Whether that process is one of this machine, and still there.
pub fn runs_here(holder: &Holder) -> bool {
    let is_here = rustix::system::uname().nodename().to_string_lossy() == holder.host;
    let pid = i32::try_from(holder.pid).ok().and_then(rustix::process::Pid::from_raw);
    is_here && pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(NO_PROCESS))
}

const NO_PROCESS: rustix::io::Errno = rustix::io::Errno::SRCH;

/// The words of the command line, without the program's name: hints repeat them, and an
/// interrupted release is begun again with them.
#[expect(clippy::disallowed_methods, reason = "the only place that reads arguments again")]
pub fn words() -> Vec<String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// The proxy of the environment and the hosts that are reached without it: `$HTTPS_PROXY`, else
/// `$ALL_PROXY`, in either case of letters, and `$NO_PROXY`.
#[expect(clippy::disallowed_methods, reason = "the only place that asks for the proxy")]
pub fn proxy() -> Option<(String, Vec<String>)> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let either = |name: &str| set(&name.to_lowercase()).or_else(|| set(name));
    let proxy = either("HTTPS_PROXY").or_else(|| either("ALL_PROXY"))?;
    let direct = either("NO_PROXY").unwrap_or_default();
    let direct = direct.split(',').map(str::trim).filter(|host| !host.is_empty());
    Some((proxy, direct.map(str::to_owned).collect()))
}

/// The index that git makes a commit of, where that is not the usual one: git tells its hooks so.
#[expect(clippy::disallowed_methods, reason = "the only place that asks what git tells a hook")]
pub fn index_file() -> Option<PathBuf> {
    std::env::var_os("GIT_INDEX_FILE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Where this program lies.
pub fn own_program() -> Result<PathBuf, Fault> {
    Ok(std::env::current_exe()?)
}

/// The command line as it was typed, for hints.
pub fn typed() -> Typed {
    Typed::new(words())
}

/// Where the command was typed, for hints.
pub fn here() -> &'static Here {
    static HERE: OnceLock<Here> = OnceLock::new();
    HERE.get_or_init(find_here)
}

/// Remembers the pack that a command was told to look at as an argument of its own.
pub fn looks_at(pack: &Path) {
    // Only the first is ever set: a command looks at one pack.
    let _ = PACK.set(pack.to_owned());
}

static PACK: OnceLock<PathBuf> = OnceLock::new();

/// Whether there is a repository where the command was typed.
pub fn is_in_repository() -> bool {
    let named = Here::new(&words(), None).pack();
    let start = named.or_else(|| std::path::absolute(".").ok()).unwrap_or_default();
    Repository::discover_for_reading(&start).is_ok()
}

fn find_here() -> Here {
    let mut words = words();
    // A folder that is no pack is not looked into again.
    let looked = PACK.get().filter(|pack| Repository::open_for_reading(pack).is_ok());
    if let Some(pack) = looked.filter(|_| Here::new(&words, None).pack().is_none()) {
        words.extend(["--pack".to_owned(), pack.to_string_lossy().into_owned()]);
    }
    let elsewhere = Here::new(&words, None).pack();
    let current = std::path::absolute(".").ok();
    let start = elsewhere.or_else(|| current.clone()).unwrap_or_default();
    let root = Repository::discover_for_reading(&start).ok();
    let root = root.and_then(|repository| {
        repository.workdir().unwrap_or(repository.git_dir()).canonicalize().ok()
    });
    // Git starts hooks in the top folder, wherever the person is.
    let is_hook = words.windows(2).any(|pair| pair == ["hook", "run"]);
    if let Some(root) =
        root.as_ref().filter(|_| is_hook && Here::new(&words, None).pack().is_none())
    {
        words.extend(["--pack".to_owned(), root.to_string_lossy().into_owned()]);
    }
    let is_current = current.and_then(|folder| folder.canonicalize().ok()) == root && !is_hook;
    Here::new(&words, root.filter(|_| !is_current))
}

/// What the environment says about other programs.
pub struct Surroundings {
    /// Where programs are looked for.
    pub path: OsString,
    /// `$GNUPG`: a program that signs.
    pub gnupg: Option<OsString>,
    /// The terminal that somebody sits at, when `$GPG_TTY` does not say so already.
    pub terminal: Option<OsString>,
}

/// Reads them.
#[expect(clippy::disallowed_methods, reason = "the only place that asks for other programs")]
pub fn surroundings() -> Surroundings {
    let terminal = || std::fs::read_link("/proc/self/fd/0").ok().map(PathBuf::into_os_string);
    let wanted = std::io::stdin().is_terminal() && std::env::var_os("GPG_TTY").is_none();
    Surroundings {
        path: std::env::var_os("PATH").unwrap_or_default(),
        gnupg: std::env::var_os("GNUPG").filter(|name| !name.is_empty()),
        terminal: terminal().filter(|_| wanted),
    }
}

/// Whether the crate age would print what it and its plugins say, keys included.
#[expect(clippy::disallowed_methods, reason = "the only place that asks what age asks")]
pub fn is_age_debugged() -> bool {
    std::env::var_os("AGEDEBUG").is_some()
}

/// The editor that the environment names: `$VISUAL`, else `$EDITOR`.
#[expect(clippy::disallowed_methods, reason = "the only place that asks for the editor")]
pub fn editor() -> Option<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    set("VISUAL").or_else(|| set("EDITOR"))
}

/// Whether a person can be asked.
pub fn is_attended() -> bool {
    std::io::stdin().is_terminal()
}

/// Makes sure that somebody can be asked.
///
/// # Errors
/// When nobody can; `instead` is what to type then.
pub fn must_be_attended(instead: &str) -> Result<(), Fault> {
    if is_attended() {
        return Ok(());
    }
    Err(Fault::new("nobody can be asked: standard input is no terminal").hint(instead))
}

/// Asks the person at the terminal to type `yes`.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn confirm(question: &str) -> Result<bool, Fault> {
    Ok(ask(&format!("{question} Type yes: "))?.eq_ignore_ascii_case("yes"))
}

/// Offers something that costs nothing: the Return key alone takes it, the end of input does not.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn offer(question: &str) -> Result<bool, Fault> {
    let answer = ask(&format!("{question} [Y/n] "))?;
    Ok(["\n", "y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes)))
}

/// What a person types as the answer, without blanks around it; `None` when nobody sits there.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn answer(question: &str) -> Result<Option<String>, Fault> {
    if !is_attended() {
        return Ok(None);
    }
    Ok(Some(ask(&format!("{question} "))?.trim().to_owned()))
}

/// What a person types: `"\n"` for the Return key alone, nothing at the end of input.
fn ask(prompt: &str) -> Result<String, Fault> {
    let mut stream = anstream::stderr().lock();
    write!(stream, "{prompt}")?;
    stream.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    let typed = answer.trim();
    Ok(if typed.is_empty() { answer } else { typed.to_owned() })
}

/// Shows progress on a terminal; says nothing elsewhere.
pub struct Progress(Option<indicatif::ProgressBar>);

impl Progress {
    /// Starts a spinner when a person looks at stderr.
    pub fn start() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            bar
        });
        Self(bar)
    }

    /// Names the stage that begins.
    pub fn stage(&self, text: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(text.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
