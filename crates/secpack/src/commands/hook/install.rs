//! `secpack hook install`: all that can be in the way is found before anything is written.

use crate::arguments::{Ci, Global, HookInstallArgs, SentryArgs};
use crate::commands::init::ATTRIBUTES;
use crate::session::locate;
use crate::{Exit, Fault, output, terminal};
use secpack_git::Repository;
use secpack_pack::shell_word;
use secpack_signing::{replace_file, write_new, write_program};
use std::path::{Path, PathBuf};

/// The second line of every file that is ours.
const MARK: &str = "# Written by secpack hook install";
const GITHUB: &str = include_str!("../../../../../templates/ci/github.yml");
const GITLAB: &str = include_str!("../../../../../templates/ci/gitlab.yml");

/// The hooks of git that are wanted.
const HOOKS: [&str; 2] = ["pre-commit", "pre-push"];
/// Shells that read the line that calls this program.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ksh", "mksh", "zsh"];

/// What will be done about one file.
enum Action {
    Write { path: PathBuf, text: String, is_program: bool },
    Append { path: PathBuf, text: String },
    Leave { path: PathBuf, why: &'static str },
}

pub fn run(global: &Global, arguments: &HookInstallArgs) -> Result<Exit, Fault> {
    let (repository, _) = locate(global)?;
    let root = repository.workdir().map(Path::to_owned).unwrap_or_default();
    let hooks = hooks_folder(&repository)?;
    let program = terminal::own_program()?;
    let mut actions = Vec::new();
    for name in HOOKS {
        actions.push(hook(&hooks.join(name), name, &program, &arguments.sentry)?);
    }
    let (github, gitlab) = match arguments.ci {
        Ci::Github => (true, false),
        Ci::Gitlab => (false, true),
        Ci::Both => (true, true),
        Ci::None => (false, false),
    };
    if github {
        actions.push(job(root.join(".github/workflows/secpack.yml"), GITHUB)?);
    }
    if gitlab {
        actions.push(job(root.join(".gitlab-ci.yml"), GITLAB)?);
    }
    actions.push(attributes(root.join(".gitattributes"))?);
    actions.iter().try_for_each(may_be_done)?;
    for action in &actions {
        perform(action, &root)?;
    }
    Ok(Exit::Good)
}

/// Where hooks go. Those in another folder would run instead of ours.
fn hooks_folder(repository: &Repository) -> Result<PathBuf, Fault> {
    let (used, own) = (repository.hooks_folder()?, repository.own_hooks_folder()?);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if real(&used) == real(&own) {
        return Ok(own);
    }
    let shown = used.display();
    let text = format!("git takes its hooks from {shown} here, so new ones would not run");
    let calls = |name: &&str| {
        let there = std::fs::read_to_string(used.join(name)).unwrap_or_default();
        is_called(&there, name)
    };
    if HOOKS.iter().all(calls) {
        return Ok(used);
    }
    let theirs = HOOKS.iter().find(|name| used.join(name).is_file() && !calls(name));
    if let Some(name) = theirs {
        let hook = used.join(name);
        return Err(Fault::refused(text)
            .adding(&format!("a hook there can call: secpack hook run {name} \"$@\" || exit 1"))
            .hint(format!("cat {}", shell_word(&hook.to_string_lossy()))));
    }
    let word = |path: &Path| shell_word(&path.to_string_lossy());
    let own = real(&own);
    let set = format!("git config core.hooksPath {}", word(&own));
    let has_others = std::fs::read_dir(&used).is_ok_and(|mut found| found.next().is_some());
    // Hooks of other names that run today go on running.
    Err(Fault::refused(text).hint(match has_others {
        true => {
            let (all, own) = (word(&used.join(".")), word(&own));
            format!("mkdir -p {own} && cp -rn {all} {own} && {set}")
        }
        false => set,
    }))
}

/// Whether a hook calls this program.
fn is_called(hook: &str, name: &str) -> bool {
    let calls = |line: &str| {
        let options = line.split_once("hook run ").map(|(_, rest)| rest).unwrap_or_default();
        options.split_whitespace().any(|word| word == name)
    };
    hook.lines().any(|line| !line.starts_with('#') && calls(line))
}

fn script(name: &str, program: &str, sentry: &str) -> String {
    format!(
        "#!/bin/sh\n{MARK}. Change it as you like: then it is never replaced.\n\
         program={program}\ncommand -v \"$program\" > /dev/null || program=secpack\n\
         exec \"$program\" hook run {name}{sentry} \"$@\"\n"
    )
}

/// The options of the guard as words of a shell, with whole paths: git calls hooks from elsewhere.
fn options(sentry: &SentryArgs) -> Result<String, Fault> {
    let mut words = String::new();
    let identities = sentry.identity.identity.iter().map(|path| ("--identity", path));
    for (option, path) in identities.chain(sentry.guard_key.iter().map(|p| ("--guard-key", p))) {
        let whole = path.canonicalize();
        let whole = whole.map_err(|e| Fault::at(path, e))?;
        words = format!("{words} {option} {}", shell_word(&whole.to_string_lossy()));
    }
    for name in &sentry.identity.allow_plugin {
        words = format!("{words} --allow-plugin {name}");
    }
    Ok(words)
}

fn hook(path: &Path, name: &str, program: &Path, sentry: &SentryArgs) -> Result<Action, Fault> {
    let text = script(name, &shell_word(&program.to_string_lossy()), &options(sentry)?);
    let Some(there) = read(path)? else {
        return Ok(Action::Write { path: path.to_owned(), text, is_program: true });
    };
    let path = path.to_owned();
    // Git passes over one that is not executable.
    let runs = rustix::fs::access(&path, rustix::fs::Access::EXEC_OK).is_ok();
    if there == text && runs {
        return Ok(Action::Leave { path, why: "there already" });
    }
    if there == text || is_ours_otherwise(&there, &text, sentry) {
        return Ok(Action::Write { path, text, is_program: true });
    }
    let word = shell_word(&path.to_string_lossy());
    if is_called(&there, name) && !runs {
        let text = format!("{} would not run: it is not executable", path.display());
        return Err(Fault::refused(text).hint(format!("chmod +x {word}")));
    }
    if is_called(&there, name) {
        return Ok(Action::Leave { path, why: "left as it is; it calls secpack" });
    }
    let line = format!("secpack hook run {name} \"$@\" || exit 1");
    let hint = match (there.trim().is_empty(), is_of_a_shell(&there)) {
        (true, _) => format!("rm {word}"),
        (false, true) => format!("sed -i '1a {line}' {word}"),
        // Another language has other words for it.
        (false, false) => format!("head -n 24 {word}"),
    };
    Err(Fault::refused(format!(
        "{} is a hook of somebody else; nothing was changed",
        path.display()
    ))
    .adding(&format!("it should begin by calling: {line}"))
    .hint(hint))
}

/// `#!/bin/sh`, `#!/usr/bin/env bash` and the like.
fn is_of_a_shell(script: &str) -> bool {
    let first = script.lines().next().and_then(|line| line.strip_prefix("#!")).unwrap_or_default();
    let mut words = first.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let interpreter = words.find(|word| *word != "env" && !word.starts_with('-'));
    interpreter.is_some_and(|name| SHELLS.contains(&name))
}

/// The same script for a program that lay elsewhere; or with other options of the guard, when
/// new ones are named.
fn is_ours_otherwise(there: &str, text: &str, sentry: &SentryArgs) -> bool {
    let varies = |line: &str| {
        line.starts_with("program=")
            || (!sentry.is_empty() && line.starts_with("exec \"$program\""))
    };
    let rest = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !varies(line)).map(str::to_owned).collect()
    };
    rest(there) == rest(text)
}

fn job(path: PathBuf, text: &str) -> Result<Action, Fault> {
    match read(&path)? {
        None => Ok(Action::Write { path, text: text.to_owned(), is_program: false }),
        Some(there) if there == text => Ok(Action::Leave { path, why: "there already" }),
        Some(there) if there.contains("hook run pre-push") => {
            Ok(Action::Leave { path, why: "left as it is; it calls secpack" })
        }
        Some(_) => {
            let text = format!("{} is a job of somebody else; nothing was changed", path.display());
            Err(Fault::refused(text).hint("secpack hook install --ci none"))
        }
    }
}

/// The last line that fits a file wins, so ours must come after all others.
fn attributes(path: PathBuf) -> Result<Action, Fault> {
    let Some(there) = read(&path)? else {
        return Ok(Action::Write { path, text: ATTRIBUTES.to_owned(), is_program: false });
    };
    let ours = ATTRIBUTES.lines().next_back().unwrap_or_default();
    let mut rules = there.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    if rules.next_back() == Some(ours) {
        return Ok(Action::Leave { path, why: "there already" });
    }
    let gap = if there.is_empty() || there.ends_with('\n') { "" } else { "\n" };
    Ok(Action::Append { path, text: format!("{there}{gap}{ATTRIBUTES}") })
}

/// A file as text; a link is not followed, because what it leads to is not ours to change.
fn read(path: &Path) -> Result<Option<String>, Fault> {
    let named = |e: std::io::Error| Fault::at(path, e);
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => std::fs::read_to_string(path).map(Some).map_err(named),
        Ok(_) => {
            let word = shell_word(&path.to_string_lossy());
            Err(Fault::refused(format!(
                "{} is no regular file; nothing was changed",
                path.display()
            ))
            .hint(format!("ls -l {word}")))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(named(error)),
    }
}

/// Whether the system lets it be done, as far as that is known before.
fn may_be_done(action: &Action) -> Result<(), Fault> {
    let (Action::Write { path, .. } | Action::Append { path, .. }) = action else { return Ok(()) };
    let Some(folder) = path.ancestors().skip(1).find(|above| above.is_dir()) else { return Ok(()) };
    let wanted = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    rustix::fs::access(folder, wanted).map_err(|why| {
        let text = format!("{}: {why}; nothing was changed", folder.display());
        Fault::new(text).hint(format!("ls -ld {}", shell_word(&folder.to_string_lossy())))
    })
}

fn perform(action: &Action, root: &Path) -> Result<(), Fault> {
    let shown = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    match action {
        Action::Write { path, text, is_program: true } => {
            write_program(path, text.as_bytes())?;
            output::line(format!("wrote {}", shown(path)));
        }
        Action::Write { path, text, is_program: false } => {
            write_new(path, text.as_bytes())?;
            output::line(format!("wrote {}", shown(path)));
        }
        Action::Append { path, text } => {
            replace_file(path, text.as_bytes())?;
            output::line(format!("appended to {}", shown(path)));
        }
        Action::Leave { path, why } => output::line(format!("{why}: {}", shown(path))),
    }
    Ok(())
}
