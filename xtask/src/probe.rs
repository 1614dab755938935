//! Finds out in seconds whether one tool that the build needs is here.
//!
//! Each probe asks what the build scripts themselves will ask, so "present" means that they will
//! find it too: `cc` and `pkg-config` honour CC and PKG_CONFIG, and libclang is looked for where
//! the crate clang-sys looks.

use crate::process;
use crate::workspace::{on_path, variable};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Something the build or the tests cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A C compiler with the C library's headers: rustc links with it, libgit2 is compiled by it.
    CCompiler,
    /// Tells build scripts where libraries are.
    PkgConfig,
    /// The crypto library behind sequoia, 3.6 or newer, with headers.
    Nettle,
    /// bindgen reads nettle's headers with it.
    LibClang,
    /// Pushes, and is the second opinion on our tags.
    Git,
    /// The second opinion on our signatures; needed by tests only.
    Gpg,
    /// Hurts a release at single system calls; needed by tests only.
    Strace,
    /// The second opinion on sealed drafts; needed by tests only.
    Age,
    /// A terminal in which a member signs, with a pinentry; needed by tests only.
    Tmux,
    /// Checks unit files.
    SystemdAnalyze,
    /// A reader for virtual smartcards, and what stands between it and gpg-agent; tests only.
    CardReader,
}

/// The reader's driver, pcscd and scdaemon, in the folders of Debian; none is on the search path of
/// ordinary users.
const CARD_READER: [&[&str]; 3] = [
    &["/usr/lib/pcsc/drivers/serial/libifdvpcd.so"],
    &["/usr/sbin/pcscd"],
    &["/usr/lib/gnupg/scdaemon", "/usr/libexec/scdaemon"],
];

impl Need {
    /// Whether it is here.
    pub fn is_present(self) -> bool {
        match self {
            Self::CCompiler => compiles(),
            Self::PkgConfig => pkg_config("--version", &[]),
            Self::Nettle => pkg_config("--exists", &["nettle >= 3.6", "hogweed"]),
            Self::LibClang => libclang().is_some(),
            Self::Git => on_path("git").is_some(),
            Self::Gpg => on_path("gpg").is_some(),
            Self::SystemdAnalyze => on_path("systemd-analyze").is_some(),
            Self::Strace => on_path("strace").is_some(),
            Self::Age => on_path("age").is_some() && on_path("age-keygen").is_some(),
            Self::Tmux => on_path("tmux").is_some() && on_path("pinentry-curses").is_some(),
            Self::CardReader => {
                CARD_READER.iter().all(|any| any.iter().any(|f| Path::new(f).is_file()))
            }
        }
    }
}

/// A compiler without the C library's headers is as good as none, so one include is tried.
fn compiles() -> bool {
    let name =
        variable("CC").map_or_else(|| "cc".to_owned(), |cc| cc.to_string_lossy().into_owned());
    let mut words = name.split_whitespace();
    let Some(program) = words.next() else { return false };
    let arguments = ["-fsyntax-only", "-x", "c", "-"];
    let mut compiler = process::command(program, words.chain(arguments));
    compiler.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    feed(&mut compiler, b"#include <stdlib.h>\n").unwrap_or(false)
}

fn feed(command: &mut Command, input: &[u8]) -> std::io::Result<bool> {
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A compiler that exits early closes the pipe; its exit code tells the rest.
        let _ = stdin.write_all(input);
    }
    Ok(child.wait()?.success())
}

fn pkg_config(question: &str, packages: &[&str]) -> bool {
    let named = variable("PKG_CONFIG").map(|name| name.to_string_lossy().into_owned());
    let programs = match &named {
        Some(name) => vec![name.as_str()],
        None => vec!["pkg-config", "pkgconf"],
    };
    let arguments = [&[question], packages].concat();
    programs.iter().any(|program| process::succeeds(&mut process::command(program, &arguments)))
}

/// The first libclang found, in the order in which clang-sys looks.
fn libclang() -> Option<PathBuf> {
    if let Some(path) = variable("LIBCLANG_PATH") {
        return libclang_at(Path::new(&path));
    }
    let folders = llvm_config_folder().into_iter().chain(usual_folders());
    folders.into_iter().find_map(|folder| libclang_at(&folder)).or_else(libclang_of_loader)
}

/// LIBCLANG_PATH may name the folder or the file.
fn libclang_at(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_path_buf());
    }
    entries(path).into_iter().find(|file| is_libclang(file))
}

fn llvm_config_folder() -> Option<PathBuf> {
    let program = variable("LLVM_CONFIG_PATH").unwrap_or_else(|| "llvm-config".into());
    let mut llvm_config = process::command(program, ["--libdir"]);
    llvm_config.stderr(Stdio::null());
    let output = llvm_config.output().ok().filter(|output| output.status.success())?;
    Some(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// The patterns /usr/lib*, /usr/lib*/* and /usr/lib*/*/* of clang-sys, and the same in /usr/local.
fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for top in ["/usr", "/usr/local"] {
        for library in entries(Path::new(top)).into_iter().filter(|path| is_library_folder(path)) {
            let below = entries(&library).into_iter().filter(|path| path.is_dir());
            for folder in below {
                folders.push(folder.join("lib"));
                folders.push(folder.join("lib64"));
                folders.push(folder);
            }
            folders.push(library);
        }
    }
    folders
}

fn is_library_folder(path: &Path) -> bool {
    path.is_dir() && file_name(path).starts_with("lib")
}

/// Entries in the order of their names, so that two runs find the same file.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(listing) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// `libclang.so`, `libclang-14.so`, `libclang.so.1` and the like, but not `libclang-cpp.so`:
/// that is another library. A link that leads nowhere does not count.
fn is_libclang(path: &Path) -> bool {
    let name = file_name(path);
    let shared = name.ends_with(".so") || name.contains(".so.");
    let named = name.starts_with("libclang.") || name.starts_with("libclang-");
    named && shared && !name.starts_with("libclang-cpp") && path.is_file()
}

fn libclang_of_loader() -> Option<PathBuf> {
    // Debian keeps ldconfig in a folder that is not on the PATH of ordinary users.
    let program = on_path("ldconfig").unwrap_or_else(|| PathBuf::from("/sbin/ldconfig"));
    let mut ldconfig = process::command(program, ["-p"]);
    let output = ldconfig.stderr(Stdio::null()).output().ok()?;
    let listing = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = listing.lines().filter_map(|line| line.rsplit(" => ").next());
    paths.map(PathBuf::from).find(|path| is_libclang(path))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
