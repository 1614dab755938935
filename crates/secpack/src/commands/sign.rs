//! `secpack sign`: show, ask, sign, store, and verify again from disk.

use super::requests;
use crate::arguments::{Global, SignArgs, SignCommand, With};
use crate::session::Session;
use crate::signers::{self, Approval};
use crate::{Exit, Fault, documents, fault::look_at, lint, output, showing, terminal, typed};
use secpack_openpgp::{Authority, Signer};
use secpack_pack::{Document, MemberId, PackPath, Reason, SignatureFile};
use secpack_release::event;
use secpack_signing::{GuardError, JudgedSignature, SignRefusal, judge_signature};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How much of a digest stands for the whole: 64 bits, which nobody finds a second text for while
/// a document waits to be signed.
const SHORTEST: usize = 16;

pub fn run(global: &Global, arguments: &SignArgs) -> Result<Exit, Fault> {
    if let Some(SignCommand::Request(request)) = &arguments.command {
        return requests::answer(global, request);
    }
    let session = Session::open(global)?;
    let authority = session.authority();
    let member = signers::member(&session, &arguments.signer)?;
    let mut signer: Option<Signer> = None;
    let mut seen: BTreeSet<&PackPath> = BTreeSet::new();
    for name in &arguments.documents {
        let document = documents::find(&session, name)?;
        if !seen.insert(&document.path) {
            continue;
        }
        may_sign(&session, document, member)?;
        let done = already_signed(&session, &authority, document, member);
        if arguments.dry_run || done.is_none() {
            lint::must_be_clean(&session, document)?;
            showing::document(&session, &authority, document, member)?;
            let digest = secpack_signing::digest(document.bytes.as_deref().unwrap_or_default());
            output::line(format!("{digest}  {}", document.path));
        }
        if let Some(done) = done {
            let label = label(&session, document);
            say_done(arguments, &format!("{label} is signed by {member} already: {}", done.path));
            warn_of_another_text(&session, document);
            continue;
        }
        if arguments.dry_run {
            continue;
        }
        if arguments.signer.with == Some(With::Request) {
            requests::write(&session, document, member, &arguments.signer)?;
            continue;
        }
        nothing_in_the_way(&session, &authority, document, member)?;
        if signer.is_none() {
            signer = Some(signers::open(&session, &arguments.signer, member)?);
        }
        if let Some(signer) = signer.as_mut() {
            approve(document, arguments, signer)?;
            sign_one(&session, &authority, document, member, signer)?;
        }
    }
    Ok(Exit::Good)
}

/// A dry run keeps its digests alone on stdout.
fn say_done(arguments: &SignArgs, text: &str) {
    if arguments.dry_run { output::note(text) } else { output::line(text) }
}

/// Refuses before anybody is asked to approve anything.
fn may_sign(session: &Session, document: &Document, member: &MemberId) -> Result<(), Fault> {
    let roster = session.pack.policy.roster();
    if !roster.may_sign(member, &document.id, Some(session.now.date_naive())) {
        let label = label(session, document);
        return Err(Fault::refused(format!(
            "{member} does not sign {label} (by the policy's roles)"
        ))
        .hint("secpack policy show"));
    }
    secpack_signing::refuse_git_payload(document.bytes.as_deref().unwrap_or_default()).map_err(
        |error| {
            let place = session.on_disk(&document.path);
            let look = match error {
                GuardError::Empty => look_at(&place),
                GuardError::GitPayload(_) => format!("head -n 3 {}", signers::shown(&place)),
            };
            Fault::refused(format!("{}: {error}", document.path)).hint(look)
        },
    )
}

/// A revision that waits for signatures lies on the branch of its event, not here.
fn warn_of_another_text(session: &Session, document: &Document) {
    let policy = &session.pack.policy;
    let drafts = event::drafts(&session.repository, policy).unwrap_or_default();
    let is_other = |one: &Document| one.path == document.path && one.bytes != document.bytes;
    let other = drafts.into_iter().find(|draft| is_other(&draft.document));
    let Some(branch) = other.and_then(|draft| policy.event_branch(&draft.document.id)) else {
        return;
    };
    output::warning(&format!("another text of {} waits for signatures:", document.path));
    output::hint(&format!("git checkout {}", secpack_pack::shell_word(&branch)));
}

/// The signature by this member that is good already, if there is one. A stale one is removed by
/// nobody but its maker, who signs again.
fn already_signed(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
) -> Option<JudgedSignature> {
    session
        .pack
        .signatures_of(&document.path)
        .map(|file| judge_signature(authority, document, file))
        .find(|judged| judged.judged.verdict.is_good() && judged.member.as_ref() == Some(member))
}

fn label(session: &Session, document: &Document) -> String {
    session.pack.policy.label_of(&document.id)
}

fn approve(document: &Document, arguments: &SignArgs, signer: &mut Signer) -> Result<(), Fault> {
    let digest = secpack_signing::digest(document.bytes.as_deref().unwrap_or_default());
    let given = &arguments.yes;
    let names_it = |g: &String| g.len() >= SHORTEST && digest.starts_with(&g.to_ascii_lowercase());
    // One --yes belongs to each document, so those of the others stay.
    let others = given.iter().filter(|g| !names_it(g) && g.len() >= SHORTEST);
    let others = others.filter(|_| arguments.documents.len() > 1);
    let others: Vec<&str> = others.flat_map(|g| ["--yes", g.as_str()]).collect();
    let typed = terminal::typed().without("--yes").with(&others);
    let instead = typed.with(&["--yes", &digest[..SHORTEST]]).to_string();
    let path = &document.path;
    if let Some(short) = given.iter().find(|given| given.len() < SHORTEST) {
        return Err(Fault::new(format!(
            "--yes wants {SHORTEST} hex digits or more of the SHA-256, not \"{short}\""
        ))
        .hint(instead));
    }
    let approval = match given.as_slice() {
        [] => Approval::Wanted,
        given if given.iter().any(names_it) => Approval::Given,
        _ => {
            return Err(Fault::refused(format!(
                "{path}: --yes names another text; it was not signed. Read it again, then"
            ))
            .hint(instead));
        }
    };
    signers::approve(signer, &arguments.signer, approval, "Sign this text?", &instead)
}

fn sign_one(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
    signer: &mut Signer,
) -> Result<(), Fault> {
    let signed = secpack_signing::sign(authority, document, member, signer, session.now)
        .map_err(|error| refusal(&error))?;
    let place = session.on_disk(&signed.path);
    // A signer may take minutes; a signature over what is not there any more is not written.
    must_be_as_shown(session, document)?;
    store(session, authority, document, &signed.path, &place, &signed.bytes)?;
    if signed.path == document.path {
        let whole = Document { bytes: Some(Arc::from(signed.bytes)), ..document.clone() };
        verify_from_disk(session, authority, &whole, member, &signed.path)?;
    } else {
        verify_from_disk(session, authority, document, member, &signed.path)?;
    }
    output::line(format!("signed: {}", signed.path));
    Ok(())
}

/// What the signer could not do is not found out; what came back and is not good is refused.
fn refusal(error: &SignRefusal) -> Fault {
    let (fault, hint) = match error {
        SignRefusal::Signer(cause) => (Fault::new(error.to_string()), signers::failed(cause)),
        SignRefusal::NotGood(verdict) => {
            (Fault::refused(error.to_string()), Some(format!("secpack explain {}", verdict.reason)))
        }
        SignRefusal::Cleartext(path, _) => (
            Fault::refused(error.to_string()),
            Some(format!("cat -A {}", typed::quoted(path.as_str()))),
        ),
        SignRefusal::Missing(_)
        | SignRefusal::Guard(_, _)
        | SignRefusal::Role { .. }
        | SignRefusal::NotTheirKey { .. }
        | SignRefusal::NoPlace(_) => (Fault::refused(error.to_string()), None),
    };
    fault.hint(hint.unwrap_or_else(|| "secpack policy show".to_owned()))
}

/// A new file is written beside the document; an old signature is replaced only when it is the
/// member's own and no longer matches the text.
fn store(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    path: &PackPath,
    place: &std::path::Path,
    bytes: &[u8],
) -> Result<(), Fault> {
    let old =
        session.pack.signatures.get(path).map(|old| judge_signature(authority, document, old));
    match old.map(|old| old.judged.verdict.reason) {
        None => Ok(secpack_signing::write_new(place, bytes)?),
        // A clearsigned series: the draft becomes the signed document.
        Some(Reason::Missing) => Ok(secpack_signing::replace_file(place, bytes)?),
        Some(Reason::Bad) => {
            output::warning(&format!("{path} did not match the text any more and is replaced"));
            Ok(secpack_signing::replace_file(place, bytes)?)
        }
        Some(reason) => Err(in_the_way(session, path, reason)?),
    }
}

/// Refuses before anybody is asked what [`store`] would refuse afterwards.
fn nothing_in_the_way(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
) -> Result<(), Fault> {
    let Some(path) = session.pack.policy.signature_path(document, member) else { return Ok(()) };
    let Some(old) = session.pack.signatures.get(&path) else { return Ok(()) };
    let judged = judge_signature(authority, document, old).judged;
    let reason = judged.verdict.reason;
    if matches!(reason, Reason::Missing | Reason::Bad) {
        return Ok(());
    }
    let place = session.on_disk(&path);
    let fault = in_the_way(session, &path, reason)?;
    // It may be a good one under another member's name, and the only one.
    let roster = session.pack.policy.roster();
    let owner = judged.primary.as_ref().and_then(|primary| roster.owner_of(primary));
    let theirs = owner.and_then(|owner| session.pack.policy.signature_path(document, &owner.id));
    let theirs = theirs.map(|path| session.on_disk(&path)).filter(|path| !path.exists());
    match theirs.filter(|_| reason == Reason::WrongMember) {
        Some(theirs) => {
            let (from, to) = (signers::shown(&place), signers::shown(&theirs));
            Err(fault.hint(format!("mv {from} {to}")))
        }
        None => Err(fault),
    }
}

/// What is no signature at all may go; what may be one, or is committed, is understood first.
fn in_the_way(session: &Session, path: &PackPath, reason: Reason) -> Result<Fault, Fault> {
    let head = session.repository.head()?;
    let committed = head.map(|head| session.repository.blob_at(head, path)).transpose()?.flatten();
    let is_none = matches!(
        reason,
        Reason::Malformed | Reason::NotCanonical | Reason::WrongType | Reason::WrongMember
    );
    let fault = Fault::refused(format!("{path} stands there already ({reason})"));
    let place = session.on_disk(path);
    if place.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return Ok(Fault::refused(format!("{path} is no regular file")).hint(look_at(&place)));
    }
    Ok(match committed.is_none() && is_none {
        true => fault.hint(format!("rm {}", signers::shown(&session.on_disk(path)))),
        false => fault.hint(format!("secpack explain {reason}")),
    })
}

fn read(session: &Session, path: &PackPath) -> Result<Arc<[u8]>, Fault> {
    let place = session.on_disk(path);
    let bytes = std::fs::read(&place)
        .map_err(|e| Fault::new(format!("{}: {e}", place.display())).hint("secpack status"))?;
    Ok(Arc::from(bytes))
}

/// What lies on disk must be what the member was shown.
fn must_be_as_shown(session: &Session, document: &Document) -> Result<(), Fault> {
    if Some(&read(session, &document.path)?) == document.bytes.as_ref() {
        return Ok(());
    }
    let text = format!("{} changed on disk while it was signed", document.path);
    Err(Fault::refused(text).hint(terminal::typed().without("--yes").to_string()))
}

/// Reads document and signature back: what lies on disk is what counts.
fn verify_from_disk(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
    path: &PackPath,
) -> Result<(), Fault> {
    must_be_as_shown(session, document)?;
    let file = SignatureFile {
        document: document.path.clone(),
        member: Some(member.clone()),
        path: path.clone(),
        bytes: Some(read(session, path)?),
    };
    let verdict = judge_signature(authority, document, &file).judged.verdict;
    if verdict.is_good() {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "{path} was written, but what lies on disk is {}: {}",
        verdict.reason, verdict.detail
    ))
    .hint(format!("secpack explain {}", verdict.reason)))
}
