//! Reading sealed drafts and the identities that open them.

use crate::arguments::IdentityArgs;
use crate::fault::{look_at, word};
use crate::session::Session;
use crate::{Fault, keys, passphrase, plugins, signers, terminal};
use secpack_embargo::{
    Identities, IdentityError, IdentityFile, Letter, LetterError, MAX_SEALED, OpenError, SUFFIX,
    SealedId, SecretString,
};
use secpack_openpgp::Authority;
use secpack_pack::SeriesId;
use secpack_pack::policy::Embargo;
use secpack_release::{EmbargoError, Lists, open_sealed};
use std::path::{Path, PathBuf};

/// What the policy says of embargoes.
///
/// # Errors
/// When it says nothing.
pub fn rules(session: &Session) -> Result<&Embargo, Fault> {
    session.pack.policy.embargo().ok_or_else(no_embargo)
}

fn no_embargo() -> Fault {
    Fault::new("the policy has no [embargo], so nothing says who may read a draft")
        .adding("docs/guides/embargo.md tells what goes into secpack.toml for that")
        .hint("secpack policy show")
}

/// Opens the identity files; passphrases are asked on the terminal.
///
/// # Errors
/// When none is named, or one cannot be used.
pub fn identities(arguments: &IdentityArgs) -> Result<Identities, Fault> {
    if arguments.identity.is_empty() {
        return Err(Fault::new("no identity is named, and without one nothing can be opened")
            .adding("--identity names the file of your age identity or ssh-ed25519 key:")
            .hint(other_identity()));
    }
    let plugins = plugins::named(&arguments.allow_plugin)?;
    let mut all = Identities::default();
    for path in &arguments.identity {
        let named = |error: IdentityError| unusable(path, &error);
        let file = IdentityFile::read(&keys::read(path)?, &plugins).map_err(named)?;
        all.add(match file {
            IdentityFile::Open(identities) => identities,
            IdentityFile::Locked(locked) => {
                let passphrase = SecretString::from(passphrase::ask_for_file(path)?);
                locked.unlock(passphrase, &plugins).map_err(named)?
            }
        });
    }
    Ok(all)
}

fn unusable(path: &Path, error: &IdentityError) -> Fault {
    let fault = Fault::new(format!("{}: {error}", path.display()));
    match error {
        IdentityError::Plugin(name) => {
            let named = terminal::typed().with(&["--allow-plugin", name.as_str()]);
            let text = format!("if you trust {}, say so:", name.program());
            fault.adding(&text).hint(named.to_string())
        }
        IdentityError::NotAnIdentity | IdentityError::SshKind => fault.hint(other_identity()),
        IdentityError::Passphrase => fault.hint(terminal::typed().to_string()),
    }
}

/// The bytes and the id of a sealed draft.
///
/// # Errors
/// Names the file.
pub fn sealed(path: &Path) -> Result<(Vec<u8>, SealedId), Fault> {
    let shown = path.display();
    let name = path.file_name().and_then(|name| name.to_str());
    let id = name.and_then(|name| name.strip_suffix(SUFFIX)).and_then(|id| id.parse().ok());
    let id = id.ok_or_else(|| {
        Fault::new(format!("{shown} is not called like a sealed draft"))
            .adding("it must have the name it was sealed with: 16 hex digits and .age")
            .hint(look_at(path))
    })?;
    let named = |e: std::io::Error| Fault::at(path, e);
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > MAX_SEALED as u64 {
        return Err(Fault::refused(format!(
            "{shown}: {size} bytes is too large for a sealed draft"
        ))
        .hint(look_at(path)));
    }
    Ok((std::fs::read(path).map_err(named)?, id))
}

/// Opens a sealed draft in memory; what is returned beside it tells how its readers differ from
/// those of the policy.
///
/// # Errors
/// Names the file and the reason.
pub fn letter(
    authority: &Authority<'_>,
    path: &Path,
    identities: &Identities,
    lists: Lists,
) -> Result<(Letter, Option<String>), Fault> {
    let (bytes, id) = sealed(path)?;
    open_sealed(authority, &bytes, &id, identities, lists).map_err(|error| refused(path, &error))
}

/// The refusal of a file, with what to type.
pub fn refused(path: &Path, error: &EmbargoError) -> Fault {
    let shown = secpack_pack::escape(&path.display().to_string());
    let fault = Fault::refused(format!("{shown}: {error}"));
    match error {
        EmbargoError::NoEmbargo => no_embargo(),
        EmbargoError::Readers(_) => fault
            .adding("if the policy is right, it is sealed again for its readers:")
            .hint(format!(
                "secpack embargo reseal {} --identity FILE --as MEMBER --key FILE",
                word(path)
            )),
        EmbargoError::Open(OpenError::NoIdentity) => fault
            .adding("another identity, or a reader who reseals it, may help:")
            .hint(other_identity()),
        EmbargoError::Open(OpenError::Plugin(_)) => {
            Fault::new(format!("{shown}: {error}")).hint(other_identity())
        }
        EmbargoError::Role(_) | EmbargoError::NotTheirKey(_) | EmbargoError::NotADocument(_) => {
            fault.hint("secpack policy show")
        }
        EmbargoError::Sign(cause) => {
            fault.hint(signers::failed(cause).unwrap_or_else(|| terminal::typed().to_string()))
        }
        EmbargoError::Seal(_) => fault.hint("secpack policy show"),
        EmbargoError::Open(OpenError::Letter(LetterError::OtherName(id))) if is_free(path, id) => {
            let own = word(&path.with_file_name(format!("{id}{SUFFIX}")));
            fault.adding("it gets its own name back:").hint(format!("mv {} {own}", word(path)))
        }
        EmbargoError::Author(_) | EmbargoError::Open(_) | EmbargoError::Letter(_) => fault
            .adding("whoever sealed it can tell whether this is their file, by its digest:")
            .hint(format!("sha256sum {}", word(path))),
    }
}

/// Whether nothing has the name that a sealed draft was renamed from.
fn is_free(path: &Path, id: &SealedId) -> bool {
    path.with_file_name(format!("{id}{SUFFIX}")).symlink_metadata().is_err()
}

fn other_identity() -> String {
    terminal::typed().without("--identity").with(&["--identity", "FILE"]).to_string()
}

/// Every sealed draft in a folder, sorted by name; none when there is no such folder.
///
/// # Errors
/// Names the folder.
pub fn sealed_in(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let named = |e: std::io::Error| Fault::at(folder, e);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(named(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(named)?.path();
        if path.extension().is_some_and(|e| SUFFIX.trim_start_matches('.') == e) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Numbers of a series that sealed drafts of the pack have taken: those that the identities open.
///
/// # Errors
/// When an identity or a sealed draft is refused.
pub fn reserved_numbers(
    session: &Session,
    series: &SeriesId,
    arguments: &IdentityArgs,
) -> Result<Vec<u32>, Fault> {
    if arguments.identity.is_empty() {
        return Ok(Vec::new());
    }
    let (authority, identities) = (session.authority(), identities(arguments)?);
    let mut taken = Vec::new();
    for path in sealed_in(&session.on_disk(&rules(session)?.folder))? {
        let (letter, _) = letter(&authority, &path, &identities, Lists::MayDiffer)?;
        let id = session.pack.policy.identify(&letter.document);
        taken.extend(id.filter(|id| &id.series == series).and_then(|id| id.number));
    }
    Ok(taken)
}
