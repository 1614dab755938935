//! Signing on another machine: `secpack sign DOC --with request` writes what is asked, and
//! `secpack sign request FILE` answers it where the key is. The answer is a plain signature file,
//! which `secpack collect` takes like any other.

use crate::arguments::{Global, SignRequestArgs, SignerArgs};
use crate::fault::{look_at, look_into};
use crate::session::Session;
use crate::signers::{self, Approval};
use crate::typed::quoted;
use crate::{Exit, Fault, dead_keys, output, showing, terminal};
use chrono::{DateTime, Utc};
use secpack_git::Identity;
use secpack_openpgp::{Keyring, SheetError, Signer};
use secpack_pack::{Document, Fingerprint, MemberId};
use secpack_signing::{MAX_REQUEST, Request, RequestError, StoreError, write_new};
use secpack_tag::{TagPlan, TagRequest, TagRequestError};
use std::path::Path;

/// Writes the request for one document.
///
/// # Errors
/// When there is no one key to ask for, or the file cannot be written.
pub fn write(
    session: &Session,
    document: &Document,
    member: &MemberId,
    arguments: &SignerArgs,
) -> Result<(), Fault> {
    let policy = &session.pack.policy;
    let nowhere = || Fault::refused(format!("{} takes no signature file", document.path));
    if policy.is_clearsigned(document) {
        return Err(nowhere()
            .hint(terminal::typed().without("--with").with(&["--with", "agent"]).to_string()));
    }
    let key = signers::only_candidate(session, arguments, member)?;
    if let Some(dead) = dead_keys::of(session, arguments, member, &key) {
        return Err(Fault::refused(dead.why).hint(dead.hint));
    }
    let request = Request {
        pack: policy.name().to_owned(),
        label: policy.label_of(&document.id),
        document: document.path.clone(),
        member: member.clone(),
        certificate: certificate(session, &key)?,
        key,
        signature: policy
            .signature_path(document, member)
            .ok_or_else(|| nowhere().hint("secpack policy show"))?,
        text: document.bytes.as_deref().unwrap_or_default().to_vec(),
    };
    hand_out(session, arguments, &request.file_name(), &request.write())
}

/// Writes the request for a tag.
///
/// # Errors
/// When there is no one key to ask for, or the file cannot be written.
pub fn write_tag(
    session: &Session,
    plan: &TagPlan,
    tagger: &Identity,
    arguments: &SignerArgs,
) -> Result<Exit, Fault> {
    let key = signers::only_candidate(session, arguments, &plan.member)?;
    let certificate = certificate(session, &key)?;
    let name = session.pack.policy.name();
    let request = TagRequest::new(plan, name, (tagger, session.now), (key, certificate))
        .map_err(|error| tag_refusal(&error))?;
    hand_out(session, arguments, &request.file_name(), &request.write())?;
    Ok(Exit::Good)
}

fn certificate(session: &Session, key: &Fingerprint) -> Result<String, Fault> {
    session.gathered.keyring.export(key).ok_or_else(|| {
        Fault::new(format!("the certificate of {key} is not here")).hint("secpack keys list")
    })
}

/// Stores a request where the command line says, else beside the pack.
fn hand_out(
    session: &Session,
    arguments: &SignerArgs,
    name: &str,
    bytes: &[u8],
) -> Result<(), Fault> {
    let root = session.root();
    let folder = arguments.out.clone();
    let folder = folder.or_else(|| root.parent().map(Path::to_owned)).unwrap_or(root);
    let place = folder.join(name);
    store(&place, bytes)?;
    output::line(format!("request: {}", place.display()));
    let shown = quoted(&place.display().to_string());
    output::hint(&format!("secpack sign request {shown} --with agent"));
    Ok(())
}

fn store(place: &Path, bytes: &[u8]) -> Result<(), Fault> {
    write_new(place, bytes).map_err(|error| match &error {
        StoreError::Exists(_) => {
            Fault::from(error).hint(format!("rm {}", quoted(&place.display().to_string())))
        }
        StoreError::Io(..) => Fault::from(error),
    })
}

/// Answers a request; there is no pack around.
///
/// # Errors
/// When it is no request, nobody approves, or the signature is not good.
pub fn answer(global: &Global, arguments: &SignRequestArgs) -> Result<Exit, Fault> {
    let now = terminal::now(global.now);
    let bytes = read(&arguments.file)?;
    if TagRequest::is_one(&bytes) {
        return answer_tag(arguments, now, &bytes);
    }
    let request = Request::parse(&bytes).map_err(|error| refused(arguments, &error.to_string()))?;
    showing::whole(&String::from_utf8_lossy(&request.text));
    showing::request(&request);
    let digest = secpack_signing::digest(&request.text);
    let asked = Asked { whole: &digest, shortest: 16, question: "Sign this text?" };
    let mut signer = ready(arguments, &request.keyring(), &request.key, now, &asked)?;
    let signature = request.sign(&mut signer, now).map_err(|error| refusal(&error))?;
    bring_back(arguments, request.signature.file_name(), &signature)
}

fn answer_tag(
    arguments: &SignRequestArgs,
    now: DateTime<Utc>,
    bytes: &[u8],
) -> Result<Exit, Fault> {
    let not_one = |error: &TagRequestError| refused(arguments, &error.to_string());
    let request = TagRequest::parse(bytes).map_err(|error| not_one(&error))?;
    let (tagger, message) = request.inside().map_err(|error| not_one(&error))?;
    showing::tag_request(&request, &tagger, &message);
    let commit = request.commit.to_string();
    let asked = Asked { whole: &commit, shortest: 12, question: "Sign this tag?" };
    let mut signer = ready(arguments, &request.keyring(), &request.key, now, &asked)?;
    let tag = request.sign(&mut signer, now).map_err(|error| tag_refusal(&error))?;
    bring_back(arguments, &request.answer_name(), &tag)
}

/// What a person says with `--yes`: the beginning of a digest or of a commit's id.
struct Asked<'a> {
    whole: &'a str,
    shortest: usize,
    question: &'a str,
}

/// The signer of a request, after somebody approved.
fn ready(
    arguments: &SignRequestArgs,
    keyring: &Keyring,
    key: &Fingerprint,
    now: DateTime<Utc>,
    asked: &Asked<'_>,
) -> Result<Signer, Fault> {
    let Asked { whole, shortest, question } = asked;
    let typed = terminal::typed().without("--yes");
    let instead = typed.with(&["--yes", &whole[..*shortest]]).to_string();
    let approval = match &arguments.yes {
        None => Approval::Wanted,
        Some(given)
            if given.len() >= *shortest && whole.starts_with(&given.to_ascii_lowercase()) =>
        {
            Approval::Given
        }
        Some(_) => {
            return Err(
                Fault::refused("--yes names something else; nothing was signed").hint(instead)
            );
        }
    };
    let keys = std::slice::from_ref(key);
    let mut signer = signers::open_among(keyring, keys, &arguments.signer, now)?;
    // Nobody is asked for the passphrase of a key that will not do.
    if signer.primary() != key {
        let found = signer.primary();
        let why = format!("the request asks for the key {key}, not {found}");
        return Err(refused(arguments, &why));
    }
    signers::approve(&mut signer, &arguments.signer, approval, question, &instead)?;
    Ok(signer)
}

/// Stores an answer beside its request, or where the command line says.
fn bring_back(arguments: &SignRequestArgs, name: &str, bytes: &[u8]) -> Result<Exit, Fault> {
    let beside = arguments.file.parent().unwrap_or(Path::new(""));
    let folder = arguments.signer.out.as_deref().unwrap_or(beside);
    let place = folder.join(name);
    store(&place, bytes).map_err(|fault| match place.is_file() {
        // It may be an earlier answer that nobody brought back yet.
        true => {
            let shown = quoted(&place.display().to_string());
            fault
                .adding(&format!(
                    "if that is the answer already; in the pack: secpack collect {shown}"
                ))
                .hint(format!("gpg --list-packets {shown}"))
        }
        false => fault,
    })?;
    output::line(format!("signed: {}", place.display()));
    let shown = quoted(&place.display().to_string());
    output::note(&format!("bring it back; in the pack: secpack collect {shown}"));
    Ok(Exit::Good)
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let named = |e: std::io::Error| Fault::at(file, e);
    let size = std::fs::metadata(file).map_err(named)?.len();
    if size > MAX_REQUEST {
        return Err(Fault::refused(format!("{}: {size} bytes are too many", file.display()))
            .hint(look_at(file)));
    }
    std::fs::read(file).map_err(named)
}

/// A file that is no request, or asks for what is never signed.
fn refused(arguments: &SignRequestArgs, why: &str) -> Fault {
    let file = &arguments.file;
    Fault::refused(format!("{}: {why}", file.display())).hint(look_into(file))
}

fn refusal(error: &RequestError) -> Fault {
    match error {
        RequestError::Sheet(cause) => not_signed(cause),
        RequestError::Malformed(_) | RequestError::Guard(_) => {
            Fault::refused(error.to_string()).hint("secpack sign request --help")
        }
    }
}

fn tag_refusal(error: &TagRequestError) -> Fault {
    match error {
        TagRequestError::Sheet(cause) => not_signed(cause),
        TagRequestError::Malformed(_) => {
            Fault::refused(error.to_string()).hint("secpack sign request --help")
        }
    }
}

fn not_signed(error: &SheetError) -> Fault {
    match error {
        SheetError::Signer(cause) => Fault::new(error.to_string())
            .hint(signers::failed(cause).unwrap_or_else(|| terminal::typed().to_string())),
        SheetError::NotGood(verdict) => {
            Fault::refused(error.to_string()).hint(format!("secpack explain {}", verdict.reason))
        }
        SheetError::OtherKey { .. } => {
            Fault::refused(error.to_string()).hint("secpack sign request --help")
        }
    }
}
