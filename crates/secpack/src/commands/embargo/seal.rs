//! `secpack embargo seal` and `reseal`: signed inside, readable by exactly the policy's recipients.

use super::{guard, read, secrets};
use crate::arguments::{Global, ResealArgs, SealArgs, SignerArgs, Until};
use crate::commands::bulletin::read_text;
use crate::session::Session;
use crate::{Exit, Fault, documents, fault::is_secret, output, signers, terminal};
use chrono::{DateTime, Utc};
use secpack_bulletin::Bulletin;
use secpack_bulletin::Facts;
use secpack_embargo::{DigestList, Letter, SUFFIX, SealedId, Secrets};
use secpack_pack::{PackPath, TrackId, shell_word};
use secpack_release::{Draft, Lists, seal_draft};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Largest draft, in bytes.
const CAP: u64 = 1 << 20;

pub fn seal(global: &Global, arguments: &SealArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let folder = session.on_disk(&read::rules(&session)?.folder);
    let text = draft_text(&arguments.draft)?;
    let facts = arguments.facts.as_deref().map(facts).transpose()?;
    let date = facts.as_ref().and_then(|(facts, _)| facts.date).map(Until::Day);
    let draft = Draft {
        id: SealedId::random()?,
        document: document(&session, arguments)?,
        until: end(&session, arguments.until.or(date))?,
        track: track(&session, arguments.track.as_ref())?,
        public: arguments.public.clone(),
        text,
        facts: facts.map(|(_, text)| text),
    };
    let folder = arguments.folder.clone().unwrap_or(folder);
    let place = folder.join(format!("{}{SUFFIX}", draft.id));
    let digests = digests(&session, &draft, arguments.guard_key.as_deref())?;
    let sealed = sealed(&session, &draft, &arguments.signer)?;
    if let Some(digests) = digests {
        secpack_signing::write_new(&digests_beside(&place), digests.as_bytes())?;
    }
    secpack_signing::write_new(&place, &sealed)?;
    said(global, &session, "sealed", &place, &draft)?;
    warn_of_plain_text(&session, &arguments.draft)?;
    Ok(Exit::Good)
}

pub fn reseal(global: &Global, arguments: &ResealArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    read::rules(&session)?;
    let (authority, identities) = (session.authority(), read::identities(&arguments.identity)?);
    let path = &arguments.sealed;
    let (letter, differs) = read::letter(&authority, path, &identities, Lists::MayDiffer)?;
    if let Some(text) = differs {
        output::warning(&format!("until now, {text}"));
    }
    let mut draft = as_draft(&letter);
    if let Some(path) = &arguments.draft {
        draft.text = draft_text(path)?;
        must_be_that_draft(&session, &draft, path)?;
    }
    if arguments.until.is_some() {
        draft.until = end(&session, arguments.until)?;
    }
    let digests = digests(&session, &draft, arguments.guard_key.as_deref())?;
    if digests.is_none() && digests_beside(path).exists() {
        return Err(Fault::new("digests lie beside it, and they would not fit any more")
            .hint(terminal::typed().with(&["--guard-key", "FILE"]).to_string()));
    }
    let sealed = sealed(&session, &draft, &arguments.signer)?;
    if let Some(digests) = digests {
        secpack_signing::replace_file(&digests_beside(path), digests.as_bytes())?;
    }
    secpack_signing::replace_file(path, &sealed)?;
    said(global, &session, "sealed again", path, &draft)?;
    output::warning(
        "whoever could read it before still can read old copies, also those in the history of Git",
    );
    Ok(Exit::Good)
}

/// Where the digests of a sealed draft lie.
pub fn digests_beside(sealed: &Path) -> PathBuf {
    sealed.with_extension("digests.json")
}

fn sealed(session: &Session, draft: &Draft, arguments: &SignerArgs) -> Result<Vec<u8>, Fault> {
    let member = signers::member(session, arguments)?;
    let mut signer = signers::open(session, arguments, member)?;
    signers::unlock(&mut signer, "Seal this draft?")?;
    seal_draft(&session.authority(), draft, member, &mut signer, session.now)
        .map_err(|error| read::refused(Path::new(draft.document.file_name()), &error))
}

fn as_draft(letter: &Letter) -> Draft {
    Draft {
        id: letter.id.clone(),
        document: letter.document.clone(),
        until: letter.until,
        track: letter.track.clone(),
        public: letter.public.clone(),
        text: letter.text.clone(),
        facts: letter.facts.clone(),
    }
}

fn digests(session: &Session, draft: &Draft, key: Option<&Path>) -> Result<Option<String>, Fault> {
    let Some(path) = key else { return Ok(None) };
    let key = guard::key(path)?;
    let source = secrets::Source {
        id: &draft.id,
        document: &draft.document,
        text: &draft.text,
        facts: draft.facts.as_deref(),
        public: &draft.public,
    };
    let secrets: Secrets = secrets::of(session, &source, &secrets::known(session)?);
    Ok(Some(DigestList::of(&secrets, &key)?.to_json()?))
}

/// What is sealed again takes the place of the draft before, so it must be one of that number.
fn must_be_that_draft(session: &Session, draft: &Draft, path: &Path) -> Result<(), Fault> {
    let wanted = session.pack.policy.identify(&draft.document).and_then(|id| id.number);
    let found = Bulletin::parse(&draft.text).ok().and_then(|bulletin| bulletin.number);
    match wanted.is_none() || found == wanted {
        true => Ok(()),
        false => {
            let text = format!("it is not {}, which is sealed there", draft.document.file_name());
            Err(Fault::inside(path, text))
        }
    }
}

fn draft_text(path: &Path) -> Result<String, Fault> {
    let named = |e: std::io::Error| Fault::at(path, e);
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > CAP {
        return Err(Fault::at(path, format!("{size} bytes is too large for a draft")));
    }
    let text = read_text(path)?;
    if text.trim().is_empty() {
        return Err(Fault::at(path, "it is empty, and a sealed draft takes its place"));
    }
    if is_secret(text.as_bytes()) {
        return Err(Fault::at(path, "it holds a secret key, and others would read it"));
    }
    Ok(text)
}

fn facts(path: &Path) -> Result<(Facts, String), Fault> {
    let text = read_text(path)?;
    // The message of the parser quotes the line, so it stays out of any log.
    let facts = toml::from_str(&text).map_err(|_| {
        Fault::new(format!("{} is not a facts file", path.display()))
            .adding("this shows what is wrong, in a terminal that nobody records:")
            .hint(format!(
                "secpack bulletin new --facts {}",
                shell_word(&path.display().to_string())
            ))
    })?;
    Ok((facts, text))
}

/// The document that a draft becomes: as named, or the one whose file has the draft's name.
fn document(session: &Session, arguments: &SealArgs) -> Result<PackPath, Fault> {
    let policy = &session.pack.policy;
    let named = arguments.draft.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let in_series = || {
        let patterns = policy.series().iter().flat_map(|series| &series.paths);
        patterns.filter_map(|pattern| format!("{}/{named}", pattern.folder()).parse().ok())
    };
    let inside = documents::as_pack_path(session, &arguments.draft.display().to_string());
    let candidates = arguments.document.iter().cloned().chain(inside).chain(in_series());
    let mut fitting = candidates.filter(|path| policy.identify(path).is_some());
    let path = match &arguments.document {
        Some(path) => policy.identify(path).map(|_| path.clone()),
        None => fitting.next(),
    };
    path.ok_or_else(|| {
        if let Some(named) = &arguments.document {
            return Fault::new(format!("{named} is no document by the policy's patterns"))
                .hint("secpack policy show");
        }
        Fault::new("it is not known which document the draft becomes")
            .adding("--document says where it will lie in the pack:")
            .hint(terminal::typed().option("--document", "FOLDER/NAME").to_string())
    })
}

fn end(session: &Session, until: Option<Until>) -> Result<DateTime<Utc>, Fault> {
    let until = until.ok_or_else(|| {
        Fault::new("it is not known when the embargo ends")
            .adding("such as 2026-12-31T12:00Z:")
            .hint(later())
    })?;
    let until = match until {
        Until::Time(time) => time,
        Until::Day(day) => read::rules(session)?.end_of(day),
    };
    if until > session.now {
        return Ok(until);
    }
    Err(Fault::refused(format!("{} has passed", until.format("%Y-%m-%d %H:%M UTC"))).hint(later()))
}

/// The same command with an end that only the person knows.
fn later() -> String {
    terminal::typed().option("--until", "TIME").to_string()
}

fn track(session: &Session, track: Option<&TrackId>) -> Result<Option<TrackId>, Fault> {
    let Some(track) = track else { return Ok(None) };
    let all = session.pack.policy.tracks();
    if all.iter().any(|known| &known.id == track) {
        return Ok(Some(track.clone()));
    }
    let names: Vec<&str> = all.iter().map(|track| track.id.as_str()).collect();
    let typed = terminal::typed().without("--track");
    Err(match names.first() {
        Some(first) => Fault::new(format!(
            "the policy has no track \"{track}\"; --track takes one of: {}",
            names.join(", ")
        ))
        .hint(typed.with(&["--track", first]).to_string()),
        None => Fault::new("the policy has no [[track]] at all").hint(typed.to_string()),
    })
}

fn said(
    global: &Global,
    session: &Session,
    what: &str,
    place: &Path,
    draft: &Draft,
) -> Result<(), Fault> {
    let readers = session.pack.policy.recipients().iter().map(|r| r.name.as_str());
    let readers: Vec<&str> = readers.collect();
    if global.json {
        return output::json(&json!({
            "schema": "secpack/embargo-seal/1", "sealed": draft.id,
            "path": place.display().to_string(), "until": draft.until, "recipients": readers,
        }));
    }
    output::line(format!("{what}: {}", place.display()));
    output::note(&format!("  readers: {}", readers.join(", ")));
    output::note(&format!("  until:   {}", draft.until.format("%Y-%m-%d %H:%M UTC")));
    Ok(())
}

/// The plain text is still there; whoever commits everything commits it as well.
fn warn_of_plain_text(session: &Session, draft: &Path) -> Result<(), Fault> {
    let shown = draft.display();
    let parent = draft.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
    let inside = parent.is_some_and(|p| secpack_git::Repository::discover_for_reading(&p).is_ok());
    if inside {
        output::warning(&format!("the plain text is still there, in a Git repository: {shown}"));
        output::hint(&format!("rm {}", shell_word(&shown.to_string())));
    }
    let path = documents::as_pack_path(session, &shown.to_string());
    let (Some(path), Some(head)) = (path, session.repository.head()?) else { return Ok(()) };
    if session.repository.blob_at(head, &path)?.is_some() {
        output::warning("a commit has it as well, and goes out with the next push:");
        output::hint(&format!("git log --oneline -- {}", shell_word(path.as_str())));
    }
    Ok(())
}
