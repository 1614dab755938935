//! `secpack sign`: show, ask, sign, store, and verify again from disk.

use crate::arguments::{Global, SignArgs};
use crate::session::Session;
use crate::{Exit, Fault, documents, keys, lint, output, terminal};
use secpack_openpgp::{Authority, Signer};
use secpack_pack::{Document, MemberId, Reason, SignatureFile};
use secpack_signing::{JudgedSignature, SignRefusal, judge_signature};
use std::sync::Arc;

pub fn run(global: &Global, arguments: &SignArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let member = keys::member(&arguments.signer)?;
    let mut signer: Option<Signer> = None;
    for name in &arguments.documents {
        let document = documents::find(&session, name)?;
        may_sign(&session, document, member)?;
        let done = already_signed(&session, &authority, document, member);
        if arguments.dry_run || done.is_none() {
            lint::must_be_clean(&session, document)?;
            show(&session, document, member)?;
        }
        if let Some(done) = done {
            let label = label(&session, document);
            say_done(arguments, &format!("{label} is signed by {member} already: {}", done.path));
            continue;
        }
        if arguments.dry_run {
            continue;
        }
        if signer.is_none() {
            signer = Some(keys::open_signer_of(&session, &arguments.signer, member)?);
        }
        approve(document, arguments)?;
        if let Some(signer) = signer.as_mut() {
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
    let names: Vec<&str> = roster.members().iter().map(|m| m.id.as_str()).collect();
    if !names.contains(&member.as_str()) {
        let fault = Fault::refused(format!("the policy has no member \"{member}\""));
        return Err(fault.hint(format!("--as takes one of: {}", names.join(", "))));
    }
    if roster.may_sign(member, &document.id, Some(session.now.date_naive())) {
        return Ok(());
    }
    let label = label(session, document);
    Err(Fault::refused(format!("{member} does not sign {label} (by the policy's roles)"))
        .hint("secpack policy show tells who signs what"))
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

/// What is about to be signed, in words and as the digest that two people can compare.
fn show(session: &Session, document: &Document, member: &MemberId) -> Result<(), Fault> {
    let bytes = document.bytes.as_deref().unwrap_or_default();
    let digest = secpack_signing::digest(bytes);
    output::note(&format!("{member} signs {}", label(session, document)));
    output::note(&format!("  file:    {} ({} bytes)", document.path, bytes.len()));
    if let Some(title) = lint::title(session, document) {
        output::note(&format!("  title:   {title}"));
    }
    output::note(&format!("  sha-256: {}", spaced(&digest)));
    output::line(format!("{digest}  {}", document.path));
    Ok(())
}

fn spaced(digest: &str) -> String {
    let groups: Vec<&str> = (0..digest.len()).step_by(8).map(|at| &digest[at..at + 8]).collect();
    groups.join(" ")
}

fn approve(document: &Document, arguments: &SignArgs) -> Result<(), Fault> {
    let digest = secpack_signing::digest(document.bytes.as_deref().unwrap_or_default());
    let given = &arguments.yes;
    if given.is_empty() {
        let instead = format!("read the text, then add --yes {}", &digest[..16]);
        return match terminal::confirm("Sign this text?", &instead)? {
            true => Ok(()),
            false => Err(Fault::refused("nothing was signed")),
        };
    }
    if given.iter().any(|g| g.len() >= 16 && digest.starts_with(&g.to_ascii_lowercase())) {
        return Ok(());
    }
    let path = &document.path;
    if given.iter().any(|given| given.len() < 16) {
        let fault = Fault::new("--yes wants 16 hex digits or more of the SHA-256");
        return Err(fault.hint(format!("secpack sign {path} --dry-run --as MEMBER shows it")));
    }
    Err(Fault::refused(format!("{path}: --yes names another text; it was not signed"))
        .hint(format!("read it again, then: --yes {}", &digest[..16])))
}

fn sign_one(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
    signer: &mut Signer,
) -> Result<(), Fault> {
    let signed = secpack_signing::sign(authority, document, member, signer, session.now);
    let signed = signed.map_err(refusal)?;
    let place = session.on_disk(&signed.path);
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

fn refusal(error: SignRefusal) -> Fault {
    let about_text = matches!(error, SignRefusal::Cleartext(..));
    let fault = Fault::refused(error.to_string());
    if about_text { fault } else { fault.hint("secpack policy show tells who signs what") }
}

/// A new file is written beside the document; an old signature is replaced only when it is the
/// member's own and no longer matches the text.
fn store(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    path: &secpack_pack::PackPath,
    place: &std::path::Path,
    bytes: &[u8],
) -> Result<(), Fault> {
    let old =
        session.pack.signatures.get(path).map(|old| judge_signature(authority, document, old));
    match old.map(|old| old.judged.verdict.reason) {
        None => Ok(secpack_signing::write_new(place, bytes)?),
        // A clearsigned series: the draft becomes the signed document, if it is still what was shown.
        Some(Reason::Missing) => {
            let there = std::fs::read(place).ok();
            if there.as_deref() != document.bytes.as_deref() {
                let text = format!("{path} changed on disk while it was signed");
                return Err(Fault::refused(text).hint("read it again and sign again"));
            }
            Ok(secpack_signing::replace_file(place, bytes)?)
        }
        Some(Reason::Bad) => {
            output::warning(&format!("{path} did not match the text any more and is replaced"));
            Ok(secpack_signing::replace_file(place, bytes)?)
        }
        Some(reason) => Err(Fault::refused(format!("{path} stands there already ({reason})"))
            .hint(format!("look at it, then remove it: rm {}", place.display()))),
    }
}

/// Reads document and signature back: what lies on disk is what counts.
fn verify_from_disk(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
    path: &secpack_pack::PackPath,
) -> Result<(), Fault> {
    let read = |path: &secpack_pack::PackPath| -> Result<Arc<[u8]>, Fault> {
        let place = session.on_disk(path);
        let bytes =
            std::fs::read(&place).map_err(|e| Fault::new(format!("{}: {e}", place.display())))?;
        Ok(Arc::from(bytes))
    };
    let text = read(&document.path)?;
    if Some(&text) != document.bytes.as_ref() {
        return Err(Fault::refused(format!(
            "{} changed on disk while it was signed",
            document.path
        ))
        .hint("read it again and sign again"));
    }
    let file = SignatureFile {
        document: document.path.clone(),
        member: Some(member.clone()),
        path: path.clone(),
        bytes: Some(read(path)?),
    };
    let verdict = judge_signature(authority, document, &file).judged.verdict;
    if verdict.is_good() {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "{path} was written, but what lies on disk is {}: {}",
        verdict.reason, verdict.detail
    )))
}
