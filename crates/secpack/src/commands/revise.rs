//! New versions of published texts, and signatures that are taken back. Whose signature it costs
//! is said first; nothing goes that a commit does not have.

use crate::arguments::{ReviseArgs, VoidArgs, WithdrawArgs};
use crate::fault::{OrHint, word};
use crate::session::Session;
use crate::{Exit, Fault, documents, drafts, lint, output, terminal};
use chrono::NaiveDate;
use secpack_bulletin::{Bulletin, ChangeFact};
use secpack_pack::plaintext::Door;
use secpack_pack::policy::{Need, SeriesKind};
use secpack_pack::{Content, Document, MemberId, ObjectId, PackPath, SignatureFile, shell_word};
use std::collections::BTreeSet;

/// What is about to happen to a document.
struct Change<'a> {
    document: &'a Document,
    /// The text as it shall be; `None` when only signatures go.
    text: Option<String>,
    /// Signatures that go.
    voided: Vec<&'a SignatureFile>,
    /// For the commit.
    message: String,
}

/// `bulletin revise`.
pub fn revise(session: &Session, arguments: &ReviseArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    if let (Some(member), Some(reason)) = (&arguments.withdraw_signature, &arguments.reason) {
        return take_back(session, document, member, reason, arguments.yes);
    }
    must_be_bulletin(session, document)?;
    let text = arguments.change.clone().unwrap_or_default();
    if text.trim().is_empty() {
        let typed = terminal::typed().option("--change", "TEXT");
        return Err(Fault::new("nothing is said about the change").hint(typed.to_string()));
    }
    let change = ChangeFact { date: today(session), text };
    let rules = session.pack.policy.text_rules_for(&document.id);
    let old = drafts::text(session, document)?;
    if document.id.number.is_some() && Bulletin::parse(old).is_ok_and(|b| b.number.is_none()) {
        return Err(Fault::refused(format!("{}: its heading is not a bulletin's", document.path))
            .hint(format!("secpack bulletin lint {}", shell_word(document.path.as_str()))));
    }
    let new = secpack_bulletin::revise(old, rules, &change).or_hint(shows(document))?;
    let message = format!("Revise {}: {}", label(session, document), change.text);
    let voided = drafts::signatures(session, document);
    let change = Change { document, text: Some(new), voided, message };
    carry_out(session, &change, arguments.yes)
}

/// `bulletin withdraw`.
pub fn withdraw(session: &Session, arguments: &WithdrawArgs) -> Result<Exit, Fault> {
    let document = documents::find(session, &arguments.document)?;
    must_be_bulletin(session, document)?;
    if arguments.reason.trim().is_empty() {
        let typed = terminal::typed().option("--reason", "REASON");
        return Err(Fault::new("the reason is empty").hint(typed.to_string()));
    }
    let rules = session.pack.policy.text_rules_for(&document.id);
    let (text, day) = (drafts::text(session, document)?, today(session));
    let new =
        secpack_bulletin::withdraw(text, rules, day, &arguments.reason).or_hint(shows(document))?;
    let message = format!("Withdraw {}: {}", label(session, document), arguments.reason);
    let voided = drafts::signatures(session, document);
    let change = Change { document, text: Some(new), voided, message };
    carry_out(session, &change, arguments.yes)
}

fn shows(document: &Document) -> String {
    format!("secpack bulletin show {}", shell_word(document.path.as_str()))
}

/// Takes back the signature of one member; the text stays.
pub fn take_back(
    session: &Session,
    document: &Document,
    member: &MemberId,
    reason: &str,
    yes: bool,
) -> Result<Exit, Fault> {
    let reason = Door::line("reason", reason)?;
    let reason = reason.ok_or_else(|| {
        let typed = terminal::typed().option("--reason", "REASON");
        Fault::new("the reason is empty").hint(typed.to_string())
    })?;
    let all = drafts::signatures(session, document).into_iter();
    let voided: Vec<&SignatureFile> = all.filter(|s| s.member.as_ref() == Some(member)).collect();
    if voided.is_empty() {
        let text = format!("{member} has no signature beside {}", document.path);
        return Err(Fault::refused(text).hint(format!("secpack status {}", document.path)));
    }
    let label = label(session, document);
    let message = format!("Withdraw the signature of {member} from {label}: {reason}");
    carry_out(session, &Change { document, text: None, voided, message }, yes)
}

fn carry_out(session: &Session, change: &Change<'_>, yes: bool) -> Result<Exit, Fault> {
    let document = change.document;
    let commit = kept_in(session, change)?;
    if let Some(new) = &change.text {
        drafts::show_changes(&committed_text(session, commit, &document.path)?, new);
    }
    announce(session, change);
    if !yes {
        terminal::must_be_attended(&terminal::typed().with(&["--yes"]).to_string())?;
        if !terminal::confirm("Do it?")? {
            return Err(Fault::refused("nothing was changed").hint(terminal::typed().to_string()));
        }
    }
    if let Some(new) = &change.text {
        secpack_signing::replace_file(&session.on_disk(&document.path), new.as_bytes())?;
        output::line(format!("revised: {}", document.path));
    }
    for signature in &change.voided {
        secpack_signing::remove(&session.on_disk(&signature.path))?;
        output::line(format!("removed: {}", signature.path));
    }
    output::line(format!(
        "the version before stays in {commit}: git show {commit}:{}",
        document.path
    ));
    if let Some(new) = &change.text {
        lint::report_draft(session, &document.id, &document.path, new.as_bytes());
    }
    let commit = commit_command(session, change)?;
    if is_to_be_incomplete(session, change)? {
        output::note(
            "readers find it incomplete from then on, which the hooks refuse; that this is meant \
             says --no-verify, to git push as well:",
        );
        output::hint(&commit.replacen("git commit -m ", "git commit --no-verify -m ", 1));
    } else {
        output::hint(&commit);
    }
    Ok(Exit::Good)
}

/// Whether a published text that was complete loses a signature and stays.
fn is_to_be_incomplete(session: &Session, change: &Change<'_>) -> Result<bool, Fault> {
    if change.text.is_some() || !drafts::has_published(session, change.document)? {
        return Ok(false);
    }
    let tally = super::canary::tally(session, &session.authority(), change.document)?;
    Ok(tally.is_met())
}

/// Whose signatures it costs, and who must sign again.
fn announce(session: &Session, change: &Change<'_>) {
    announce_cost(&change.voided);
    if change.text.is_some() {
        announce_again(session, change.document);
    }
}

/// Whose signatures a change costs.
fn announce_cost(voided: &[&SignatureFile]) {
    let names: Vec<String> = voided
        .iter()
        .map(|s| match &s.member {
            Some(member) => format!("{member} ({})", s.path),
            None => s.path.to_string(),
        })
        .collect();
    match names.is_empty() {
        true => output::note("nobody signed it, so this costs no signature"),
        false => output::note(&format!("this costs the signature of: {}", names.join(", "))),
    }
}

/// Lets a person say that signatures may go, who knows by then whose that costs.
///
/// # Errors
/// When they do not, or nobody can be asked.
pub fn may_void(
    session: &Session,
    document: &Document,
    arguments: &VoidArgs,
    question: &str,
) -> Result<(), Fault> {
    let here = drafts::signatures(session, document);
    match drafts::elsewhere(session, document)?.filter(|_| here.is_empty()) {
        Some(file) => {
            output::note(&format!("this costs the signatures on a branch, such as {file}"));
        }
        None => announce_cost(&here),
    }
    announce_again(session, document);
    if arguments.yes {
        return Ok(());
    }
    terminal::must_be_attended(&terminal::typed().with(&["--yes"]).to_string())?;
    match terminal::confirm(question)? {
        true => Ok(()),
        false => Err(Fault::refused("nothing was changed").hint(terminal::typed().to_string())),
    }
}

/// Who must sign a changed text again.
fn announce_again(session: &Session, document: &Document) {
    let day =
        drafts::text(session, document).ok().and_then(|text| Bulletin::parse(text).ok()?.date);
    let join = |members: &[MemberId]| {
        members.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let again = match session.pack.policy.need(&document.id, day) {
        Need::Each(members) => join(&members),
        Need::AtLeast { count, of } => format!("{count} of {}", join(&of)),
        Need::Group(group) => format!("one key of {group}"),
        Need::Nobody(_) => "nobody".to_owned(),
    };
    output::note(&format!("to sign again: {again}"));
}

/// The commit that has everything that will go.
fn kept_in(session: &Session, change: &Change<'_>) -> Result<ObjectId, Fault> {
    let document = change.document;
    if change.voided.iter().any(|signature| signature.path == document.path) {
        return Err(Fault::refused(format!(
            "{} carries its signatures inside: a new version is a new file",
            document.path
        ))
        .hint("secpack bulletin new"));
    }
    let head = session.repository.head()?;
    // A branch that readers clone gets nothing half signed; the event's keeps what is new.
    let event = session.pack.policy.event_branch(&document.id).filter(|_| change.text.is_some());
    let lost = |path: &PackPath| {
        let text = format!("{path}: no commit has it as it is here, so it would be lost");
        let beside = session.root().parent().map(|folder| folder.join(path.file_name()));
        Fault::refused(text).hint(match (&event, beside) {
            (Some(_), _) => format!("secpack event open {}", word(document.path.as_str().as_ref())),
            (None, Some(beside)) => {
                format!("mv -n {} {}", word(path.as_str().as_ref()), word(&beside))
            }
            (None, None) => "git status".to_owned(),
        })
    };
    let head = head.ok_or_else(|| lost(&document.path))?;
    if session.repository.blob_at(head, &document.path)?.is_none() {
        return Err(Fault::refused(format!(
            "{} is not committed: it is a draft, not a published text",
            document.path
        ))
        .hint(uncommitted(session, change)));
    }
    for commit in std::iter::once(head).chain(of_event(session, document)?) {
        if lacking(session, change, commit)?.is_none() {
            return Ok(commit);
        }
    }
    match lacking(session, change, head)? {
        Some(path) => Err(lost(path)),
        None => Ok(head),
    }
}

/// Where the branches of the document's event are, here and on remotes.
fn of_event(session: &Session, document: &Document) -> Result<Vec<ObjectId>, Fault> {
    let name = session.pack.policy.event_branch(&document.id);
    let all = session.repository.branch_list()?.into_iter();
    Ok(all.filter(|branch| Some(&branch.name) == name.as_ref()).map(|branch| branch.tip).collect())
}

/// A file that will go, and that a commit does not have as it is here.
fn lacking<'c>(
    session: &Session,
    change: &'c Change<'_>,
    commit: ObjectId,
) -> Result<Option<&'c PackPath>, Fault> {
    for signature in &change.voided {
        let here = session.pack.file(&signature.path).map(|file| file.id);
        if session.repository.blob_at(commit, &signature.path)? != here {
            return Ok(Some(&signature.path));
        }
    }
    Ok(None)
}

/// A draft is changed in place; a signature that no commit has simply goes.
fn uncommitted(session: &Session, change: &Change<'_>) -> String {
    let files = change.voided.iter().map(|file| shell_word(file.path.as_str()));
    let files = files.collect::<Vec<_>>().join(" ");
    let path = shell_word(change.document.path.as_str());
    let edit = format!("secpack {} edit {path}", drafts::command(session, change.document));
    match (files.is_empty(), &change.text) {
        (true, _) => edit,
        (false, None) => format!("rm {files}"),
        (false, Some(_)) => format!("{edit} --void-signatures"),
    }
}

fn committed_text(session: &Session, commit: ObjectId, path: &PackPath) -> Result<String, Fault> {
    let blob = session.repository.blob_at(commit, path)?;
    let content = blob.map(|blob| session.repository.read_blob(blob)).transpose()?;
    match content {
        Some(Content::Bytes(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Some(Content::Absent | Content::TooLarge(_)) | None => {
            Err(Fault::new(format!("{path}: its object is missing in {commit}"))
                .hint("git fsck --full"))
        }
    }
}

/// With the signatures that an earlier change took away and nobody committed: readers may look at
/// every commit.
fn commit_command(session: &Session, change: &Change<'_>) -> Result<String, Fault> {
    let repository = &session.repository;
    let mut paths: BTreeSet<PackPath> =
        change.voided.iter().map(|signature| signature.path.clone()).collect();
    if change.text.is_some() {
        paths.insert(change.document.path.clone());
        let head = repository.head()?.map(|head| repository.paths(head)).transpose()?;
        let committed = head.unwrap_or_default().into_iter().map(|(path, _)| path);
        paths.extend(committed.filter(|path| {
            let of = session.pack.policy.signature_place(path).map(|(of, _)| of);
            of.as_ref() == Some(&change.document.path) && session.pack.file(path).is_none()
        }));
    }
    // Git adds nothing of what is neither on disk nor staged: that is staged as gone already.
    let staged: BTreeSet<PackPath> =
        repository.staged(None)?.into_iter().map(|(path, _)| path).collect();
    let is_there = |path: &&PackPath| staged.contains(*path) || session.pack.file(path).is_some();
    let paths: Vec<String> =
        paths.iter().filter(is_there).map(|path| shell_word(path.as_str())).collect();
    let message = shell_word(&change.message);
    Ok(format!("git add -A -- {} && git commit -m {message}", paths.join(" ")))
}

/// Refuses what is no bulletin.
///
/// # Errors
/// Names the document.
pub fn must_be_bulletin(session: &Session, document: &Document) -> Result<(), Fault> {
    let series = session.pack.policy.find_series(&document.id.series);
    match series.is_some_and(|series| series.kind == SeriesKind::Bulletin) {
        true => Ok(()),
        false => Err(Fault::new(format!("{} is no bulletin", document.path))
            .adding("a canary that was published is issued anew by canary new --replaces")
            .hint(other_verb(session, document))),
    }
}

/// The same command for the kind of text that it is, where there is one.
fn other_verb(session: &Session, document: &Document) -> String {
    let series = session.pack.policy.find_series(&document.id.series);
    let is_canary = series.is_some_and(|series| series.kind == SeriesKind::Canary);
    let words = terminal::words();
    match is_canary && words.iter().any(|word| word == "edit" || word == "lint") {
        true => terminal::typed().instead("bulletin", "canary").to_string(),
        false => format!("secpack status {}", document.path),
    }
}

fn today(session: &Session) -> NaiveDate {
    session.now.date_naive()
}

fn label(session: &Session, document: &Document) -> String {
    session.pack.policy.label_of(&document.id)
}
