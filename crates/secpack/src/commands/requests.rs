//! Signing on another machine: `secpack sign DOC --with request` writes what is asked, and
//! `secpack sign request FILE` answers it where the key is. The answer is a plain signature file,
//! which `secpack collect` takes like any other.

use crate::arguments::{Global, SignRequestArgs, SignerArgs};
use crate::session::Session;
use crate::signers::{self, Approval};
use crate::typed::quoted;
use crate::{Exit, Fault, fault::OrHint, output, showing, terminal};
use secpack_openpgp::Signer;
use secpack_pack::{Document, MemberId};
use secpack_signing::{MAX_REQUEST, Request, RequestError, write_new};
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
    let certificate = session.gathered.keyring.export(&key);
    let request = Request {
        pack: policy.name().to_owned(),
        label: policy.label_of(&document.id),
        document: document.path.clone(),
        member: member.clone(),
        certificate: certificate.ok_or_else(|| {
            Fault::new(format!("the certificate of {key} is not here")).hint("secpack keys list")
        })?,
        key,
        signature: policy
            .signature_path(document, member)
            .ok_or_else(|| nowhere().hint("secpack policy show"))?,
        text: document.bytes.as_deref().unwrap_or_default().to_vec(),
    };
    let root = session.root();
    let folder = arguments.out.clone();
    let folder = folder.or_else(|| root.parent().map(Path::to_owned)).unwrap_or(root);
    let place = folder.join(request.file_name());
    store(&place, &request.write())?;
    output::line(format!("request: {}", place.display()));
    output::hint(&format!("secpack sign request {}", quoted(&place.display().to_string())));
    Ok(())
}

fn store(place: &Path, bytes: &[u8]) -> Result<(), Fault> {
    write_new(place, bytes).or_hint(format!("rm {}", quoted(&place.display().to_string())))
}

/// Answers a request; there is no pack around.
///
/// # Errors
/// When it is no request, nobody approves, or the signature is not good.
pub fn answer(global: &Global, arguments: &SignRequestArgs) -> Result<Exit, Fault> {
    let now = terminal::now(global.now);
    let file = &arguments.file;
    let request = read(file)?;
    showing::whole(&String::from_utf8_lossy(&request.text));
    showing::request(&request);
    let digest = secpack_signing::digest(&request.text);
    let instead = terminal::typed().without("--yes").with(&["--yes", &digest[..16]]).to_string();
    let approval = match &arguments.yes {
        None => Approval::Wanted,
        Some(given) if given.len() >= 16 && digest.starts_with(&given.to_ascii_lowercase()) => {
            Approval::Given
        }
        Some(_) => {
            return Err(Fault::refused("--yes names another text; it was not signed").hint(instead));
        }
    };
    let keyring = request.keyring();
    let keys = std::slice::from_ref(&request.key);
    let mut signer: Signer = signers::open_among(&keyring, keys, &arguments.signer, now)?;
    signers::approve(&mut signer, &arguments.signer, approval, "Sign this text?", &instead)?;
    let signature = request.sign(&mut signer, now).map_err(|error| refusal(&error))?;
    let beside = file.parent().unwrap_or(Path::new(""));
    let folder = arguments.signer.out.as_deref().unwrap_or(beside);
    let place = folder.join(request.signature.file_name());
    store(&place, &signature)?;
    output::line(format!("signed: {}", place.display()));
    output::note(&format!("bring it back; in the pack: secpack collect {}", place.display()));
    Ok(Exit::Good)
}

fn read(file: &Path) -> Result<Request, Fault> {
    let shown = quoted(&file.display().to_string());
    let named = |e: std::io::Error| {
        Fault::new(format!("{}: {e}", file.display())).hint("secpack sign request --help")
    };
    let size = std::fs::metadata(file).map_err(named)?.len();
    if size > MAX_REQUEST {
        return Err(Fault::refused(format!("{}: {size} bytes are too many", file.display()))
            .hint(format!("ls -l {shown}")));
    }
    let bytes = std::fs::read(file).map_err(named)?;
    Request::parse(&bytes).map_err(|error| {
        Fault::refused(format!("{}: {error}", file.display())).hint(format!("head -n 24 {shown}"))
    })
}

fn refusal(error: &RequestError) -> Fault {
    match error {
        RequestError::Signer(cause) => Fault::new(error.to_string())
            .hint(signers::failed(cause).unwrap_or_else(|| terminal::typed().to_string())),
        RequestError::NotGood(verdict) => {
            Fault::refused(error.to_string()).hint(format!("secpack explain {}", verdict.reason))
        }
        RequestError::Malformed(_) | RequestError::Guard(_) | RequestError::OtherKey { .. } => {
            Fault::refused(error.to_string()).hint("secpack sign request --help")
        }
    }
}
