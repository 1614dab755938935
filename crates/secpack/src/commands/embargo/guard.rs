//! `secpack embargo guard`: what sealed drafts keep secret must be nowhere before the date: in no
//! branch, message, name, file on disk, or object that no branch leads to any more.

use super::seal::digests_beside;
use super::{read, secrets};
use crate::arguments::{Global, GuardArgs};
use crate::commands::keys::outside_packs;
use crate::session::Session;
use crate::{Exit, Fault, fault::OrHint, keys, output, private};
use chrono::{DateTime, Utc};
use secpack_embargo::{DigestList, Guard, GuardKey, Hit, Secrets, parted, parted_object};
use secpack_git::ObjectKind;
use secpack_pack::{Content, Finding, Level, ObjectId, PackPath, escape, shell_word};
use secpack_release::Lists;
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest text that is looked at beside the repository, in bytes.
const CAP: u64 = 16 * 1024 * 1024;

/// What a search came to.
#[derive(Default)]
pub struct Searched {
    /// One per place and kind of secret.
    pub findings: Vec<Finding>,
    /// How many sealed drafts are still under embargo.
    pub drafts: usize,
    /// Objects that could not be looked at.
    pub unseen: Vec<ObjectId>,
    /// Which documents are held back until when, as far as the sealed drafts could be read.
    pub held: Vec<(PackPath, DateTime<Utc>)>,
}

/// What is known of the sealed drafts: their secrets, or only their digests.
#[derive(Default)]
struct Known {
    secrets: Vec<Secrets>,
    held: Vec<(PackPath, DateTime<Utc>)>,
    unread: Vec<PathBuf>,
}

/// A text that is in no file and no object yet, and what to call it.
pub struct Said {
    /// What it is.
    pub place: &'static str,
    /// The text.
    pub text: String,
}

pub fn run(global: &Global, arguments: &GuardArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    read::rules(&session)?;
    let searched = search(&session, arguments, &[])?;
    let good = searched.findings.is_empty() && searched.unseen.is_empty();
    if global.json {
        output::json(&json!({
            "schema": "secpack/embargo-guard/1",
            "result": if good { "good" } else { "not-good" },
            "drafts": searched.drafts, "findings": searched.findings, "unseen": searched.unseen,
        }))?;
        return Ok(Exit::good_if(good));
    }
    for finding in &searched.findings {
        let label = output::bad("error");
        output::line(format!("{label}  {}: {} [{}]", finding.path, finding.text, finding.rule));
    }
    for id in &searched.unseen {
        output::line(format!("{}  object {id} is too large or damaged", output::bad("error")));
    }
    match (good, searched.drafts) {
        (true, 0) => output::line(format!("{}: nothing is under embargo", output::good("good"))),
        (true, n) => output::line(format!(
            "{}: nothing of {n} sealed draft{} is anywhere",
            output::good("good"),
            if n == 1 { "" } else { "s" }
        )),
        (false, _) => {
            output::line(format!("{}: do not push", output::bad("not good")));
            output::hint("secpack explain embargo-text");
        }
    }
    Ok(Exit::good_if(good))
}

/// Writes a new key of a guard into a file of its owner alone.
pub fn new_key(global: &Global, file: &Path) -> Result<Exit, Fault> {
    outside_packs(global, file)?;
    private::write_new(file, &GuardKey::random()?.to_text())?;
    output::line(format!("written: {}", file.display()));
    Ok(Exit::Good)
}

/// Reads the key of a guard.
pub fn key(path: &Path) -> Result<GuardKey, Fault> {
    let bytes = keys::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    GuardKey::parse(&text).map_err(|error| {
        Fault::new(format!("{}: {error}", path.display())).hint("secpack embargo guard-key --help")
    })
}

/// Looks everywhere for everything that is under embargo.
///
/// # Errors
/// When a sealed draft can be neither opened nor looked for by its digests: a guard that does not
/// know what to look for must not say that all is well.
pub fn search(session: &Session, arguments: &GuardArgs, said: &[Said]) -> Result<Searched, Fault> {
    let sealed = sealed(session, arguments)?;
    let Known { secrets, held, unread } = opened(session, arguments, &sealed)?;
    let key = arguments.guard_key.as_deref().map(key).transpose()?;
    let named = arguments.guard_key.as_deref();
    let lists = unread.iter().map(|path| list(path, named)).collect::<Result<Vec<_>, _>>()?;
    let guard = Guard::of(&secrets);
    let guard = match &key {
        Some(key) => guard.with_digests(key, &lists),
        None => guard,
    };
    let drafts = secrets.len() + lists.len();
    let mut search = Search { guard: &guard, show: arguments.show, findings: Vec::new() };
    let mut unseen = Vec::new();
    if drafts > 0 {
        unseen = search.everywhere(session, arguments)?;
        said.iter().for_each(|Said { place, text }| search.text(place, text));
    }
    search.findings.sort_by(|one, two| one.id.cmp(&two.id));
    search.findings.dedup_by(|one, two| one.id == two.id);
    Ok(Searched { findings: search.findings, drafts, unseen, held })
}

fn sealed(session: &Session, arguments: &GuardArgs) -> Result<Vec<PathBuf>, Fault> {
    if arguments.sealed.is_empty() {
        return read::sealed_in(&session.on_disk(&read::rules(session)?.folder));
    }
    // A folder that is not there holds nothing, which would be a false comfort.
    if let Some(absent) = arguments.sealed.iter().find(|folder| !folder.is_dir()) {
        return Err(Fault::at(absent, "it is no folder with sealed drafts"));
    }
    let all = arguments.sealed.iter().map(|folder| read::sealed_in(folder));
    Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The secrets of what is still under embargo, and the sealed drafts to look for by digests.
fn opened(session: &Session, arguments: &GuardArgs, sealed: &[PathBuf]) -> Result<Known, Fault> {
    let mut found = Known::default();
    if sealed.is_empty() {
        return Ok(found);
    }
    if arguments.identity.identity.is_empty() && arguments.guard_key.is_some() {
        return Ok(Known { unread: sealed.to_vec(), ..found });
    }
    let (authority, identities) = (session.authority(), read::identities(&arguments.identity)?);
    let known = secrets::known(session)?;
    for path in sealed {
        let (letter, _) = read::letter(&authority, path, &identities, Lists::MayDiffer)?;
        if session.now < letter.until {
            found.secrets.push(secrets::of(session, &secrets::Source::of(&letter), &known));
            found.held.push((letter.document.clone(), letter.until));
        }
    }
    Ok(found)
}

fn list(sealed: &Path, key: Option<&Path>) -> Result<DigestList, Fault> {
    let path = digests_beside(sealed);
    let bytes = std::fs::read(&path).map_err(|e| {
        let text = format!(
            "{} cannot be looked for without its list of digests, {}: {e}",
            sealed.display(),
            path.display()
        );
        Fault::new(text).hint(reseal(sealed, key))
    })?;
    let list = DigestList::parse(&bytes)
        .map_err(|e| Fault::new(format!("{} is no list of digests: {e}", path.display())))
        .or_hint(reseal(sealed, key))?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.starts_with(list.sealed.as_str()) {
        return Ok(list);
    }
    Err(Fault::refused(format!("{} is the list of another draft", path.display()))
        .hint(reseal(sealed, key)))
}

/// Writes the digests anew.
fn reseal(sealed: &Path, key: Option<&Path>) -> String {
    let sealed = shell_word(&sealed.display().to_string());
    let key = key.map_or("FILE".to_owned(), |key| shell_word(&key.display().to_string()));
    format!(
        "secpack embargo reseal {sealed} --identity FILE --guard-key {key} --as MEMBER --with agent"
    )
}

struct Search<'g> {
    guard: &'g Guard<'g>,
    show: bool,
    findings: Vec<Finding>,
}

impl Search<'_> {
    fn everywhere(
        &mut self,
        session: &Session,
        arguments: &GuardArgs,
    ) -> Result<Vec<ObjectId>, Fault> {
        for (at, name) in session.repository.every_ref()?.iter().enumerate() {
            self.name(name, &format!("ref {}", at + 1));
        }
        for file in session.pack.files() {
            self.name(file.path.as_str(), &format!("file with content {}", file.id.short(12)));
            if let Content::Bytes(bytes) = &file.content {
                self.told(file.path.as_str(), &self.guard.look_in(&parted(bytes)));
            }
        }
        for path in &arguments.also {
            self.text(&path.display().to_string(), &also(path)?);
        }
        let unseen = session.repository.every_object(|id, kind, bytes| {
            let text = || String::from_utf8_lossy(bytes);
            match kind {
                ObjectKind::Tree => self.text(&format!("names in tree {id}"), &text()),
                ObjectKind::Blob => {
                    self.told(&format!("blob {id}"), &self.guard.look_in(&parted(bytes)));
                }
                ObjectKind::Commit | ObjectKind::Tag => {
                    let place = format!("{} {id}", kind.as_str());
                    self.told(&place, &self.guard.look_in(&parted_object(&text())));
                }
            }
        })?;
        Ok(unseen)
    }

    /// A name that gives something away is not repeated: the log of a server may be public.
    fn name(&mut self, name: &str, instead: &str) {
        let hits = self.guard.look(name);
        let place = if self.show { escape(name) } else { instead.to_owned() };
        self.found(&format!("the name of {place}"), &hits);
    }

    fn text(&mut self, place: &str, text: &str) {
        self.told(place, &self.guard.look(text));
    }

    fn told(&mut self, place: &str, hits: &[Hit]) {
        if hits.is_empty() {
            return;
        }
        let clean = self.show || self.guard.look(place).is_empty();
        let place = if clean { escape(place) } else { "a file whose name tells it".to_owned() };
        self.found(&place, hits);
    }

    fn found(&mut self, place: &str, hits: &[Hit]) {
        for Hit { sealed, kind } in hits {
            let evidence: [&[u8]; 1] = [sealed.as_str().as_bytes()];
            let said = format!("{} of the sealed draft {sealed}", kind.words());
            let finding = Finding::new(kind.rule(), Level::Error, place, &evidence, said);
            self.findings.push(finding.with_help(format!("secpack explain {}", kind.rule())));
        }
    }
}

fn also(path: &Path) -> Result<String, Fault> {
    let named = |e: std::io::Error| Fault::at(path, e);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(CAP).read_to_end(&mut bytes).map_err(named)?;
    } else {
        let file = std::fs::File::open(path).map_err(named)?;
        file.take(CAP).read_to_end(&mut bytes).map_err(named)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
