//! `secpack canary schedule install`: two files in the user's own folder, shown before they are
//! written; or a line for a crontab, printed. What starts them is typed by a person.

use crate::arguments::ScheduleInstallArgs;
use crate::session::Session;
use crate::{Exit, Fault, output, terminal};
use secpack_canary::{Timer, cron_line, units};
use secpack_signing::{StoreError, digest, write_new};
use std::path::{Path, PathBuf};

pub fn run(session: &Session, arguments: &ScheduleInstallArgs) -> Result<Exit, Fault> {
    let root = session.root().canonicalize()?;
    let command = command(&root, arguments)?;
    let name = name(session.pack.policy.name(), &root);
    let timer = Timer { name: &name, pack: session.pack.policy.name(), command: &command };
    let odd = || Fault::new("a path with a control character cannot be started by a timer");
    if arguments.cron {
        output::raw(&cron_line(&timer).ok_or_else(odd)?);
        output::note("that line goes into your crontab:");
        output::hint("crontab -e");
        return Ok(Exit::Good);
    }
    let units = units(&timer).ok_or_else(odd)?;
    let folder = folder()?;
    let files = [
        (folder.join(format!("{name}.service")), units.service),
        (folder.join(format!("{name}.timer")), units.timer),
    ];
    for (path, text) in &files {
        output::line(format!("# {}", path.display()));
        output::raw(text);
    }
    if arguments.print {
        return Ok(Exit::Good);
    }
    files.iter().try_for_each(|(path, text)| may_write(path, text))?;
    for (path, text) in &files {
        write_new(path, text.as_bytes())?;
        output::line(format!("written: {}", path.display()));
    }
    output::hint(&format!(
        "systemctl --user daemon-reload && systemctl --user enable --now {name}.timer"
    ));
    Ok(Exit::Good)
}

/// Both or none: a unit that somebody changed is theirs.
fn may_write(path: &Path, text: &str) -> Result<(), Fault> {
    if path.is_dir() {
        return Err(Fault::at(path, "it is a folder, and a file of that name is wanted"));
    }
    match std::fs::read(path) {
        Ok(there) if there != text.as_bytes() => {
            let fault = Fault::from(StoreError::Exists(path.to_owned()));
            let shown = secpack_pack::shell_word(&path.display().to_string());
            Err(Fault::refused(fault.message()).hint(format!("cat {shown}")))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn command(root: &Path, arguments: &ScheduleInstallArgs) -> Result<Vec<String>, Fault> {
    let text = |path: &Path| {
        let unfit = || Fault::new(format!("{} is not UTF-8", path.display()));
        path.to_str().map(str::to_owned).ok_or_else(unfit)
    };
    let mut words = vec![text(&terminal::own_program()?)?, "--pack".to_owned(), text(root)?];
    words.extend(["canary", "schedule", "run"].map(str::to_owned));
    if arguments.fetch {
        words.push("--fetch".to_owned());
    }
    Ok(words)
}

/// One name per pack and folder, of letters that a unit may have.
fn name(pack: &str, root: &Path) -> String {
    let letters = pack.to_lowercase();
    let words = letters.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").chars().take(40).collect();
    let place = digest(root.as_os_str().as_encoded_bytes());
    format!("secpack-canary-{slug}-{}", &place[..8])
}

fn folder() -> Result<PathBuf, Fault> {
    let home = terminal::config_folder();
    let home = home.ok_or_else(|| {
        Fault::new("neither XDG_CONFIG_HOME nor HOME names a folder for settings")
            .hint("secpack canary schedule install --cron")
    })?;
    Ok(home.join("systemd/user"))
}
