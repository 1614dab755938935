//! `secpack event`: the branches on which documents wait for signatures.

use super::embargo::{self, Said, Watch};
use crate::arguments::{
    EventCloseArgs, EventCommand, EventListArgs, EventOpenArgs, Global, SentryArgs,
};
use crate::session::Session;
use crate::{Exit, Fault, documents, output, terminal};
use secpack_audit::rfc3339;
use secpack_git::Repository;
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, escape, shell_word};
use secpack_release::event::{
    Closed, Ending, Event, EventError, Offer, Open, Opened, Outcome, State, close, list, open,
    state,
};
use serde::Serialize;

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    events: Vec<Row>,
}

/// One event. What does not hold for its state is null or empty.
#[derive(Serialize)]
struct Row {
    branch: String,
    document: Option<String>,
    state: &'static str,
    at: Option<String>,
    diverged: bool,
    commit: Option<String>,
    since: Option<String>,
    by: Option<String>,
    signed: Vec<String>,
    missing: Vec<String>,
    broken: Vec<String>,
    ended: Option<String>,
    reason: Option<String>,
}

pub fn run(global: &Global, command: &EventCommand) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    match command {
        EventCommand::Open(arguments) => begin(&session, global, arguments),
        EventCommand::Close(arguments) => end(&session, global, arguments),
        EventCommand::List(arguments) => show(&session, global, arguments),
    }
}

fn begin(session: &Session, global: &Global, arguments: &EventOpenArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    let (repository, authority) = (&session.repository, session.authority());
    let offer = Offer::of(&session.pack, document);
    must_be_public(session, document, &arguments.sentry)?;
    let opened = open(repository, &authority, &session.pack, offer, session.now).map_err(fault)?;
    if global.json {
        one(state(repository, &authority, document).map_err(fault)?)?;
    } else {
        output::line(opening(&opened, document.path.as_str()));
    }
    for member in &opened.void {
        output::warning(&format!(
            "{member}'s signature does not fit this text and was taken off the branch; they sign again"
        ));
    }
    if let Some(hint) = push_hint(repository, &opened)? {
        output::hint(&hint);
    }
    Ok(Exit::Good)
}

/// A branch is for others to see, so it holds nothing that tells a draft under embargo.
fn must_be_public(
    session: &Session,
    document: &Document,
    sentry: &SentryArgs,
) -> Result<(), Fault> {
    let text = String::from_utf8_lossy(document.bytes.as_deref().unwrap_or_default()).into_owned();
    let said = Said { place: "the text", text };
    let seen = match embargo::watch(session, sentry, &[said])? {
        Watch::Saw(seen) => seen,
        Watch::Blind => {
            let typed = terminal::typed().with(&["--identity", "FILE"]).to_string();
            return Err(Fault::refused(embargo::BLIND).hint(typed));
        }
    };
    if let Some((_, until)) = seen.held.iter().find(|(path, _)| path == &document.path) {
        let until = until.format("%Y-%m-%d %H:%M UTC");
        return Err(Fault::refused(format!("{} is under embargo until {until}", document.path))
            .hint("secpack embargo lift --help"));
    }
    let tells = seen.findings.iter().find(|finding| finding.path == "the text");
    if let Some(finding) = tells {
        let text = escape(&finding.text);
        return Err(Fault::refused(format!("{}: {text} [{}]", document.path, finding.rule))
            .hint(format!("secpack explain {}", finding.rule)));
    }
    Ok(())
}

fn opening(opened: &Opened, path: &str) -> String {
    let branch = escape(&opened.branch);
    match opened.outcome {
        Outcome::New => format!("opened: {branch} ({path})"),
        Outcome::Updated => format!("updated: {branch} ({path})"),
        Outcome::Unchanged => format!("open already: {branch} ({path}); nothing was changed"),
        Outcome::Complete => {
            format!("not opened: everyone who must sign {path} did; nothing was changed")
        }
    }
}

/// Others see the branch once it is pushed.
fn push_hint(repository: &Repository, opened: &Opened) -> Result<Option<String>, Fault> {
    let Some(tip) = opened.tip else { return Ok(None) };
    let remotes = repository.remotes()?;
    let Some(remote) = remotes.iter().find(|name| *name == "origin").or(remotes.first()) else {
        return Ok(None);
    };
    let is_there = repository.branch_list()?.iter().any(|branch| {
        branch.name == opened.branch && branch.remote.as_ref() == Some(remote) && branch.tip == tip
    });
    let command = || format!("git push {} {}", shell_word(remote), shell_word(&opened.branch));
    Ok((!is_there).then(command))
}

fn end(session: &Session, global: &Global, arguments: &EventCloseArgs) -> Result<Exit, Fault> {
    let document = &documents::find_anywhere(session, &arguments.document)?;
    let (repository, authority) = (&session.repository, session.authority());
    let ending = match &arguments.abandon {
        Some(reason) => Ending::Abandoned(reason),
        None => Ending::Complete,
    };
    let closed = close(repository, &authority, document, ending, session.now)
        .map_err(|error| unclosed(session, document, error))?;
    if global.json {
        one(state(repository, &authority, document).map_err(fault)?)?;
    } else {
        output::line(closing(&closed));
    }
    let head = repository.head()?;
    let published = head.map(|head| repository.blob_at(head, &document.path)).transpose()?;
    if closed.ended.abandoned.is_none() && published.flatten().is_none() {
        output::note("this branch does not have it yet; all of it comes by:");
        output::hint(&taking(session, document, &closed)?);
    }
    if let Some(remote) = closed.remotes.first() {
        let (kept, branch) = (shell_word(&closed.kept), shell_word(&closed.branch));
        let remote = shell_word(remote);
        output::hint(&format!("git push --atomic {remote} {kept}:{kept} :refs/heads/{branch}"));
    }
    Ok(Exit::Good)
}

/// What brings an event that is complete onto this branch. Git merges nothing over files that it
/// does not track; with the same bytes they are taken, and a release commits them.
fn taking(session: &Session, document: &Document, closed: &Closed) -> Result<String, Fault> {
    let (repository, kept) = (&session.repository, shell_word(&closed.kept));
    let (head, mut new, mut untracked) = (repository.head()?, Vec::new(), Vec::new());
    for (path, id) in repository.paths(closed.ended.commit)? {
        let is_new = match head {
            Some(head) => repository.blob_at(head, &path)?.is_none(),
            None => true,
        };
        if is_new {
            untracked.extend(session.pack.file(&path).map(|file| file.id == id));
            new.push(shell_word(path.as_str()));
        }
    }
    let path = shell_word(document.path.as_str());
    Ok(match (untracked.is_empty(), untracked.iter().all(|is_same| *is_same)) {
        (true, _) => format!("git merge --no-ff --no-edit {kept}"),
        (false, true) => {
            let release = format!("secpack release {path} --as MEMBER --key FILE");
            format!("git checkout {kept} -- {} && {release}", new.join(" "))
        }
        (false, false) => format!("git diff {kept} -- {path}"),
    })
}

/// Why an event does not end. When everybody signed on disk, the branch only has to hear of it.
fn unclosed(session: &Session, document: &Document, error: EventError) -> Fault {
    let is_short = matches!(error, EventError::NotComplete { .. });
    let is_open = !matches!(error, EventError::NotOpen(_));
    let fault = fault(error);
    let authority = session.authority();
    let tally = super::canary::tally(session, &authority, document);
    let path = shell_word(document.path.as_str());
    match tally.is_ok_and(|tally| tally.is_met()) {
        true if is_short => {
            fault.hint(format!("secpack event open {path} && secpack event close {path}"))
        }
        true if !is_open => fault.hint(format!("secpack status {path}")),
        _ => fault,
    }
}

fn closing(closed: &Closed) -> String {
    let branch = escape(&closed.branch);
    let how = match &closed.ended.abandoned {
        None => "complete".to_owned(),
        Some(reason) => format!("abandoned: {}", escape(reason)),
    };
    let word = if closed.is_new { "closed" } else { "closed already" };
    format!("{word}: {branch} ({how}); its commits are kept as {}", escape(&closed.kept))
}

fn show(session: &Session, global: &Global, arguments: &EventListArgs) -> Result<Exit, Fault> {
    let (repository, authority) = (&session.repository, session.authority());
    let events = match &arguments.document {
        Some(name) => {
            let document = documents::find_anywhere(session, name)?;
            vec![state(repository, &authority, &document).map_err(fault)?]
        }
        None => list(repository, &authority).map_err(fault)?,
    };
    if global.json {
        let events = events.into_iter().map(row).collect();
        output::json(&Report { schema: SCHEMA, events })?;
        return Ok(Exit::Good);
    }
    if events.is_empty() {
        output::note("no signing event is open, and none was");
    }
    events.iter().for_each(lines);
    Ok(Exit::Good)
}

const SCHEMA: &str = "secpack/event/1";

fn one(event: Event) -> Result<(), Fault> {
    output::json(&Report { schema: SCHEMA, events: vec![row(event)] })
}

fn row(event: Event) -> Row {
    let mut row = Row {
        branch: event.branch,
        document: event.document.map(|path| path.to_string()),
        state: "never",
        at: None,
        diverged: false,
        commit: None,
        since: None,
        by: None,
        signed: Vec::new(),
        missing: Vec::new(),
        broken: Vec::new(),
        ended: None,
        reason: None,
    };
    match event.state {
        State::Never => {}
        State::Open(open) => {
            row.state = "open";
            row.signed = signed(&open);
            row.missing = missing(&open);
            let broken = open.tally.iter().flat_map(|tally| tally.broken());
            row.broken = broken.map(|signature| signature.path.to_string()).collect();
            row.commit = Some(open.tip.to_string());
            row.since = Some(rfc3339(open.since));
            row.diverged = open.diverged;
            (row.at, row.by) = (Some(open.shown), Some(open.by));
        }
        State::Ended(ended) => {
            row.state = if ended.abandoned.is_some() { "abandoned" } else { "complete" };
            row.commit = Some(ended.commit.to_string());
            row.ended = Some(rfc3339(ended.time));
            row.reason = ended.abandoned;
        }
    }
    row
}

fn signed(open: &Open) -> Vec<String> {
    let tally = open.tally.iter();
    tally.flat_map(|tally| tally.signed.iter().map(ToString::to_string)).collect()
}

fn missing(open: &Open) -> Vec<String> {
    let tally = open.tally.iter();
    tally.flat_map(|tally| tally.short_of.iter().map(ToString::to_string)).collect()
}

fn lines(event: &Event) {
    let document = event.document.as_ref().map_or("no document", |path| path.as_str());
    let branch = escape(&event.branch);
    match &event.state {
        State::Never => output::line(format!("{branch}  never opened  {document}")),
        State::Open(open) => {
            output::line(format!(
                "{}  {}  {document}",
                escape(&open.shown),
                output::doubtful("open")
            ));
            output::line(format!("  since {} by {}", rfc3339(open.since), escape(&open.by)));
            for (word, names) in [("signed", signed(open)), ("missing", missing(open))] {
                if !names.is_empty() {
                    output::line(format!("  {word}: {}", names.join(", ")));
                }
            }
            if open.diverged {
                output::line("  others have commits that this one lacks");
            }
        }
        State::Ended(ended) => {
            let how = ended
                .abandoned
                .as_ref()
                .map_or("complete".to_owned(), |reason| format!("abandoned: {}", escape(reason)));
            output::line(format!("{branch}  closed {}  {document}", rfc3339(ended.time)));
            output::line(format!("  {how}"));
        }
    }
}

/// What cannot be done is a refusal; what cannot be read is an error.
/// What the event room says, with what to type.
pub fn fault(error: EventError) -> Fault {
    let (text, hint) = (error.to_string(), error.hint());
    let theirs = match &error {
        EventError::Clash { path, branch, kind, .. } if *kind != Some(SeriesKind::Bulletin) => {
            Some(format!("git checkout {} -- {}", shell_word(branch), shell_word(path.as_str())))
        }
        _ => None,
    };
    let fault = match error {
        EventError::Git(error) => return Fault::from(error),
        EventError::Audit(error) => return Fault::from(error),
        EventError::NoName(_)
        | EventError::NoText(_)
        | EventError::NoCommit(_)
        | EventError::Older { .. }
        | EventError::Behind { .. }
        | EventError::Diverged { .. }
        | EventError::Clash { .. }
        | EventError::NotOpen(_)
        | EventError::NotComplete { .. }
        | EventError::CheckedOut { .. } => Fault::refused(text),
        EventError::BadReason => {
            let typed = terminal::typed().option("--abandon", "REASON");
            return Fault::refused(text).hint(typed.to_string());
        }
    };
    let fault = match theirs {
        Some(theirs) => fault.adding(&format!(
            "the members choose one of the two; theirs takes the place of yours by: {theirs}"
        )),
        None => fault,
    };
    match hint {
        Some(hint) => fault.hint(hint),
        None => fault.hint("secpack event --help"),
    }
}
