//! Where a reader's memory of each pack lies, and when it is written: one small file per anchor,
//! replaced in one step, and only after a good run.

use crate::arguments::MemoryArgs;
use crate::fault::{OrHint, look_at, look_into};
use crate::{Fault, output, terminal};
use chrono::{DateTime, Utc};
use secpack_audit::memory::Memory;
use secpack_audit::{MemoryState, Report};
use secpack_pack::Fingerprint;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Largest memory that is read, in bytes.
const CAP: usize = 16 * 1024 * 1024;
/// How far the clock may lie behind the newest time seen before it is spoken of.
const SLACK: chrono::TimeDelta = chrono::TimeDelta::days(1);

/// The memory of one pack.
pub struct Store {
    path: PathBuf,
    text: Option<Vec<u8>>,
    seen: Option<Memory>,
}

impl Store {
    /// Reads what is remembered of the pack of this anchor; forgets it first if that was asked.
    ///
    /// # Errors
    /// When there is no folder for it, or the file cannot be read; an unreadable memory is never
    /// taken for none.
    pub fn open(arguments: &MemoryArgs, anchor: &Fingerprint) -> Result<Self, Fault> {
        let folder = match &arguments.memory {
            Some(folder) => folder.clone(),
            None => terminal::state_folder().ok_or_else(no_folder)?.join("secpack"),
        };
        let path = folder.join(Memory::file_name(anchor));
        if arguments.forget {
            forget(&path)?;
        }
        let text = read(&path)?;
        let seen = text.as_deref().map(|text| parse(&path, text, anchor)).transpose()?;
        Ok(Self { path, text, seen })
    }

    /// What is remembered.
    pub fn seen(&self) -> Option<&Memory> {
        self.seen.as_ref()
    }

    /// The same, for who writes nothing.
    pub fn into_seen(self) -> Option<Memory> {
        self.seen
    }

    /// Remembers a good run; leaves the file alone otherwise. `clock` is the reader's own clock.
    ///
    /// # Errors
    /// When it cannot be written, or another run wrote it meanwhile.
    pub fn remember(&self, report: &Report, clock: Option<DateTime<Utc>>) -> Result<(), Fault> {
        let Some(present) = &report.present else { return Ok(()) };
        match report.memory.state {
            MemoryState::First | MemoryState::Advanced | MemoryState::Unchanged => {}
            MemoryState::Refused | MemoryState::Off => return Ok(()),
        }
        let text = present.to_remember(self.seen(), clock).to_json().into_bytes();
        let there = read(&self.path)?;
        if there.as_deref() == Some(text.as_slice()) {
            return Ok(());
        }
        // Otherwise an older run that ends later would take the memory back.
        if there != self.text {
            return Err(Fault::new(format!(
                "{}: another run wrote it just now",
                shown(&self.path)
            ))
            .hint(terminal::typed().to_string()));
        }
        secpack_signing::replace_file(&self.path, &text).or_hint(without_memory())
    }
}

/// The time to judge by, and a word when the clock is behind what was seen.
pub fn clock(seen: Option<&Memory>, now: DateTime<Utc>) -> DateTime<Utc> {
    let Some(seen) = seen else { return now };
    let clock = seen.clock(now);
    if clock - now > SLACK {
        output::warning(&format!(
            "the clock says {}, but {} was seen already; judged by the later",
            secpack_audit::rfc3339(now),
            secpack_audit::rfc3339(clock)
        ));
    }
    clock
}

/// The same command once more, which remembers nothing; one that is there to remember, elsewhere.
fn without_memory() -> String {
    let typed = terminal::typed().without("--memory");
    if terminal::words().iter().any(|word| word == "watch") {
        return typed.with(&["--memory", "DIR"]).to_string();
    }
    typed.without_flag("--forget").with(&["--no-memory"]).to_string()
}

fn parse(path: &Path, text: &[u8], anchor: &Fingerprint) -> Result<Memory, Fault> {
    Memory::from_json(text, anchor).map_err(|error| {
        let message = Fault::from(error).message().to_owned();
        Fault::new(format!("the memory {} cannot be used: {message}", shown(path)))
            .adding("--forget drops it, and with it the guard against a rollback; this shows it:")
            .hint(look_into(path))
    })
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Fault> {
    let failed = |why: &dyn std::fmt::Display| {
        Fault::new(format!("the memory {} cannot be read: {why}", shown(path)))
            .adding("--forget drops it, --memory names another folder; this shows it:")
            .hint(look_at(path))
    };
    match std::fs::read(path) {
        Ok(text) if text.len() > CAP => Err(failed(&format!("it has {} bytes", text.len()))),
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

#[expect(clippy::disallowed_methods, reason = "the reader asked for it with --forget")]
fn forget(path: &Path) -> Result<(), Fault> {
    match std::fs::remove_file(path) {
        Ok(()) => output::note(&format!("forgot what was seen of this pack: {}", shown(path))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            output::note("nothing was remembered of this pack");
        }
        Err(error) => return Err(Fault::at(path, error)),
    }
    Ok(())
}

fn no_folder() -> Fault {
    Fault::new("there is no folder for the memory: neither XDG_STATE_HOME nor HOME is set")
        .adding("--memory names one; without it:")
        .hint(without_memory())
}

fn shown(path: &Path) -> String {
    secpack_pack::escape(&path.to_string_lossy())
}
