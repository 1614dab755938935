//! `bulletin edit` and `canary edit`: the person's own editor, and the rules each time it is left.
//!
//! The editor gets a copy in a folder of its own inside git's folder, where nothing is committed by
//! accident and where its backup files go with it. The draft changes in one step, after the editor
//! ended well and as long as nobody else changed it.

use super::watch::show;
use crate::arguments::{EditArgs, Global};
use crate::commands::may_void;
use crate::session::Session;
use crate::{
    Exit, Fault, documents, drafts,
    fault::{lines_not_utf8, look_at, word},
    output, terminal,
};
use secpack_openpgp::program;
use secpack_pack::plaintext::MAX_BYTES;
use secpack_pack::{Document, Finding, PackPath, escape, shell_word};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Editors to name where the one that is set cannot be started; the first needs no explanation.
const COMMON: [&str; 4] = ["nano", "vim", "vi", "ed"];
/// Editors that open a file at a line when they are given `+LINE`.
const TAKE_A_LINE: [&str; 15] = [
    "vi",
    "vim",
    "nvim",
    "gvim",
    "nano",
    "pico",
    "emacs",
    "emacsclient",
    "mg",
    "jmacs",
    "joe",
    "kak",
    "micro",
    "ne",
    "jed",
];

/// Opens the editor, takes over what was saved, and shows the findings, until there are none or the
/// person has enough. Exit code 1 when an error is left.
///
/// # Errors
/// When the document is signed, no editor can be started, or it fails; then the text stays.
pub fn run(
    global: &Global,
    session: Session,
    path: &PackPath,
    arguments: &EditArgs,
) -> Result<Exit, Fault> {
    let editor = Editor::of_the_person()?;
    let document = documents::find(&session, path.as_str())?;
    may_change(&session, document, arguments)?;
    tell_of_earlier(&session, document)?;
    let is_signed = !drafts::signatures(&session, document).is_empty();
    let again = again(&session, document);
    let mut line = first_line(&super::findings(&session, document));
    let mut session = session;
    let found = loop {
        session = round(global, &session, path, &editor, line)?;
        let document = documents::find(&session, path.as_str())?;
        let found = show(&session, document, document.bytes.as_deref().unwrap_or_default());
        line = first_line(&found);
        if found.is_empty() || !terminal::is_attended() || !wants_more(line)? {
            break found;
        }
    };
    let good = !found.iter().any(super::is_error);
    match (is_signed, good) {
        (true, _) => output::hint(&again),
        (false, false) => output::hint(&terminal::typed().to_string()),
        (false, true) => {}
    }
    Ok(Exit::good_if(good))
}

/// What comes after a signed text was changed: a bulletin tells its readers why, and all sign anew.
fn again(session: &Session, document: &Document) -> String {
    let path = shell_word(document.path.as_str());
    let is_committed = session.repository.head().ok().flatten().is_some_and(|head| {
        session.repository.blob_at(head, &document.path).is_ok_and(|blob| blob.is_some())
    });
    match drafts::command(session, document) {
        "bulletin" if is_committed => format!("secpack bulletin revise {path} --change TEXT"),
        _ => format!("secpack status {path}"),
    }
}

fn wants_more(line: Option<u32>) -> Result<bool, Fault> {
    terminal::offer(&match line {
        Some(line) => format!("Open it again at line {line}?"),
        None => "Open it again?".to_owned(),
    })
}

/// The line of the first error, else of the first finding.
fn first_line(found: &[Finding]) -> Option<u32> {
    let line = |only_errors: bool| {
        let these = found.iter().filter(|f| !f.accepted && (!only_errors || super::is_error(f)));
        these.filter_map(|finding| finding.line).min()
    };
    line(true).or_else(|| line(false))
}

/// Drafts may change; signed texts when the person says so and knows whose signatures it costs.
fn may_change(session: &Session, document: &Document, arguments: &EditArgs) -> Result<(), Fault> {
    match arguments.void.void_signatures {
        true => may_void(session, document, &arguments.void, "Edit it?"),
        false => drafts::must_be_draft(session, document),
    }
}

/// One run of the editor. Returns the pack as it is afterwards.
fn round(
    global: &Global,
    before: &Session,
    path: &PackPath,
    editor: &Editor,
    line: Option<u32>,
) -> Result<Session, Fault> {
    let document = documents::find(before, path.as_str())?;
    let old = text_on_disk(before, document)?;
    let copy = Copy::of(before, document, old)?;
    if let Err(error) = editor.open(&copy.file, line) {
        let fault = Fault::from(error);
        return Err(Fault::new(copy.kept(path, old, fault.message())).hint(by_another()));
    }
    let new = match std::fs::read(&copy.file) {
        Ok(new) => new,
        Err(_) => {
            return Err(Fault::new(format!("the editor left no file; {path} is as it was"))
                .hint(by_another()));
        }
    };
    if new == old {
        output::note("nothing was changed");
        return Session::open(global);
    }
    if new.trim_ascii().is_empty() {
        return Err(Fault::refused(format!("the editor left an empty file; {path} is as it was"))
            .hint(by_another()));
    }
    if new.len() > MAX_BYTES || std::str::from_utf8(&new).is_err() || new.contains(&0) {
        let why = format!("the editor left what is no text of at most {} KiB", MAX_BYTES / 1024);
        return Err(copy.keeps(before, path, old, &why));
    }
    // Whatever goes wrong by now, what was typed is not lost.
    let saved = Session::open(global).and_then(|now| {
        must_be_the_same(before, &now, path)?;
        Ok(secpack_signing::replace_file(&now.on_disk(path), &new)?)
    });
    saved.map_err(|fault| copy.keeps(before, path, old, fault.message()))?;
    output::line(format!("saved: {path}"));
    Session::open(global)
}

/// The same command with an editor that is there.
fn by_another() -> String {
    format!("VISUAL={} {}", known_editor(), terminal::typed())
}

/// The bytes that are edited. What was not read must not be edited as if it were empty, and a link
/// is not replaced by a file.
fn text_on_disk<'d>(session: &Session, document: &'d Document) -> Result<&'d [u8], Fault> {
    let path = &document.path;
    document.bytes.as_deref().ok_or_else(|| {
        Fault::refused(format!("{path} is a link or too large to be read; it is as it was"))
            .hint(look_at(&session.on_disk(path)))
    })
}

/// Refuses to replace what somebody else changed or signed while it was edited.
fn must_be_the_same(before: &Session, now: &Session, path: &PackPath) -> Result<(), Fault> {
    let then = documents::find(before, path.as_str())?;
    let there = documents::find(now, path.as_str())
        .map_err(|_| Fault::refused(format!("{path} went away while it was edited")))?;
    if there.bytes != then.bytes {
        return Err(Fault::refused(format!("{path} changed while it was edited"))
            .hint(terminal::typed().to_string()));
    }
    let paths = |session, document| -> Vec<PackPath> {
        drafts::signatures(session, document).into_iter().map(|s| s.path.clone()).collect()
    };
    match paths(before, then) == paths(now, there) {
        true => Ok(()),
        false => Err(Fault::refused(format!("{path} was signed while it was edited"))
            .hint(format!("secpack status {}", shell_word(path.as_str())))),
    }
}

/// The copy that the editor gets; it goes when nothing in it can be lost.
struct Copy {
    folder: TempDir,
    file: PathBuf,
}

impl Copy {
    fn of(session: &Session, document: &Document, text: &[u8]) -> Result<Self, Fault> {
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(owner_alone())
            .tempdir_in(session.repository.common_dir()?)?;
        let file = folder.path().join(document.path.file_name());
        secpack_signing::create(&file, text)?;
        Ok(Self { folder, file })
    }

    /// The refusal of a text that was typed. It stays, and the hint shows how it differs.
    fn keeps(self, session: &Session, path: &PackPath, old: &[u8], why: &str) -> Fault {
        let file = self.file.clone();
        let fault = Fault::refused(self.kept(path, old, why));
        let is_text = std::fs::read_to_string(&file).is_ok();
        let place = session.on_disk(path);
        let folder = place.parent().filter(|folder| !folder.exists());
        let folder = folder.map_or(String::new(), |it| format!("mkdir -p {} && ", word(it)));
        match (file.is_file(), place.exists()) {
            (true, _) if !is_text => fault.hint(lines_not_utf8(&file)),
            (true, true) => fault.hint(format!("diff {} {}", word(&place), word(&file))),
            (true, false) => fault.hint(format!("{folder}cp -n {} {}", word(&file), word(&place))),
            (false, _) => fault.hint(terminal::typed().to_string()),
        }
    }

    /// The message of a failure. What a person typed stays, and the message tells where.
    fn kept(self, path: &PackPath, old: &[u8], why: &str) -> String {
        let typed = std::fs::read(&self.file).is_ok_and(|new| new != old && !new.is_empty());
        if !typed {
            return format!("{why}; {path} is as it was");
        }
        // Kept on purpose: its path is in the message.
        let _ = self.folder.keep();
        let file = escape(&self.file.display().to_string());
        format!("{why}; {path} was left alone, and what was typed is kept in {file}")
    }
}

/// Tells of copies that an editor left which was killed, or whose text could not be saved.
fn tell_of_earlier(session: &Session, document: &Document) -> Result<(), Fault> {
    let Ok(folders) = std::fs::read_dir(session.repository.common_dir()?) else { return Ok(()) };
    let mut left: Vec<PathBuf> = folders
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path().join(document.path.file_name()))
        .filter(|file| {
            let text = std::fs::read(file).unwrap_or_default();
            !text.is_empty() && Some(&*text) != document.bytes.as_deref()
        })
        .collect();
    left.sort();
    let place = session.on_disk(&document.path);
    for file in left {
        output::warning(&format!(
            "an earlier edit was left in {}; compare: diff {} {}",
            escape(&file.display().to_string()),
            word(&place),
            word(&file)
        ));
    }
    Ok(())
}

const PREFIX: &str = "secpack-edit-";

/// The folder of the copy: whoever may not read the draft must not read the copy either, nor what
/// the editor leaves beside it.
fn owner_alone() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o700)
}

/// The first of the common editors that this machine has.
fn known_editor() -> &'static str {
    let search = terminal::surroundings().path;
    let has = |name: &&str| program::find(Path::new(name), &search).is_ok();
    COMMON.into_iter().find(has).unwrap_or(COMMON[0])
}

/// A program with its first arguments.
struct Editor {
    program: PathBuf,
    arguments: Vec<String>,
}

impl Editor {
    /// As the environment says, else as the person's own git does. Never what a pack's repository
    /// configures: whoever made the pack wrote that.
    fn of_the_person() -> Result<Self, Fault> {
        let own = || secpack_git::own_text("core.editor").filter(|text| !text.trim().is_empty());
        // $VISUAL is asked first, so this holds whatever else is set.
        let instead = || format!("VISUAL={} {}", known_editor(), terminal::typed());
        let Some(command) = terminal::editor().or_else(own) else {
            return Err(Fault::new(
                "no editor is set: neither $VISUAL, $EDITOR nor git's core.editor",
            )
            .hint(instead()));
        };
        let Some(mut words) = shlex::split(&command).filter(|words| !words.is_empty()) else {
            let text = format!("the editor {} has a quote that does not end", escape(&command));
            return Err(Fault::new(text).hint(instead()));
        };
        let program = program::find(Path::new(&words.remove(0)), &terminal::surroundings().path)
            .map_err(|error| Fault::new(format!("the editor: {error}")).hint(instead()))?;
        Ok(Self { program, arguments: words })
    }

    fn open(&self, file: &Path, line: Option<u32>) -> Result<(), program::ProgramError> {
        let mut words: Vec<OsString> = self.arguments.iter().map(OsString::from).collect();
        if let Some(line) = line.filter(|_| self.takes_a_line()) {
            words.push(format!("+{line}").into());
        }
        words.push(file.into());
        program::attend(&self.program, &words)
    }

    /// `vim.tiny` is called so because there is a `vim.basic`.
    fn takes_a_line(&self) -> bool {
        let name = self.program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        TAKE_A_LINE.contains(&name.split('.').next().unwrap_or(name))
    }
}
