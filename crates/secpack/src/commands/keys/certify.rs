//! `secpack keys certify`: with the root's key at hand, or by request and answer.

use super::places::{self, Copy};
use super::request::{self, Request};
use super::{Failure, about, next};
use crate::arguments::{CertifyArgs, Global};
use crate::fault::look_into;
use crate::session::Session;
use crate::{Exit, Fault, keys, output, passphrase, terminal};
use secpack_openpgp::{
    CertInfo, DatedPolicy, Keyring, NewsKind, certify, fingerprints_in, secret_fingerprint,
};
use secpack_pack::{Fingerprint, PackPath, shell_word};
use secpack_signing::{Change, make_changes, write_new};
use std::path::Path;

pub fn run(global: &Global, arguments: &CertifyArgs) -> Result<Exit, Fault> {
    match (&arguments.key, &arguments.out, arguments.answer) {
        (Some(key), Some(out), false) => with_key(global, arguments, key, out),
        (None, Some(out), false) => ask(global, arguments, out),
        _ => take(global, arguments),
    }
}

fn with_key(
    global: &Global,
    arguments: &CertifyArgs,
    key: &Path,
    out: &Path,
) -> Result<Exit, Fault> {
    let file = Path::new(&arguments.certificate);
    let certificate = keys::read(file)?;
    let root = keys::read(key)?;
    let subject = only_one(file, &certificate)?;
    let by = secret_fingerprint(&root).map_err(|e| about(key, &e))?;
    request::check(file, &certificate, &subject, &by)?;
    output::note(&format!("{} certifies", by.spaced()));
    output::note(&format!("  {}", subject.spaced()));
    let ask = |key: &Fingerprint| passphrase::ask(key).map_err(Failure::Asked);
    let certified = certify::<Failure>(&certificate, &root, terminal::now(global.now), ask);
    let certified = certified.map_err(|failure| failure.about(file))?;
    write_new(out, certified.as_bytes())?;
    output::line(format!("certified: {}", out.display()));
    Ok(Exit::Good)
}

/// The only certificate in a file.
fn only_one(file: &Path, bytes: &[u8]) -> Result<Fingerprint, Fault> {
    // What comes out is for everybody to read.
    if secpack_openpgp::secret_fingerprint(bytes).is_ok() {
        let text = format!("{} is a secret key; its certificate is certified", file.display());
        return Err(Fault::refused(text).hint(super::look_at(file)));
    }
    match fingerprints_in(bytes).as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            Err(Fault::new(format!("{} holds no certificate", file.display()))
                .hint(look_into(file)))
        }
        _ => Err(Fault::new(format!("{} holds more than one certificate", file.display()))
            .hint(super::look_at(file))),
    }
}

/// What is to be certified: of the pack, or in a file of its own.
struct Subject {
    info: CertInfo,
    armored: String,
    path: Option<PackPath>,
}

fn ask(global: &Global, arguments: &CertifyArgs, out: &Path) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let subject = subject(&session, &arguments.certificate)?;
    let named = arguments.root.as_ref();
    let (id, root) = places::root_for(&session, named, subject.path.as_ref())?;
    let request = Request {
        pack: session.pack.policy.name(),
        root: (&id, &root),
        info: &subject.info,
        made: session.now,
    };
    write_new(out, request::write(&request, &subject.armored).as_bytes())?;
    output::line(format!("request: {}", out.display()));
    output::note(&format!("  key:  {}", subject.info.fingerprint.spaced()));
    output::note(&format!("  root: {id} {}", root.spaced()));
    output::note("On the machine with that root's key:");
    output::hint(&format!(
        "secpack keys certify {} --key {id}.key --out ANSWER",
        shell_word(&file_name(out))
    ));
    Ok(Exit::Good)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A certificate file, else the newest key of a member, else a fingerprint of the pack.
fn subject(session: &Session, name: &str) -> Result<Subject, Fault> {
    let policy = DatedPolicy::new(&session.pack.policy, session.now);
    let file = Path::new(name);
    if file.is_file() {
        let bytes = keys::read(file)?;
        let key = only_one(file, &bytes)?;
        let keyring = Keyring::gather([(name, bytes.as_slice())]);
        let info = keyring.info(&key, &policy);
        let subject = info.zip(keyring.export(&key));
        return subject.map(|(info, armored)| Subject { info, armored, path: None }).ok_or_else(
            || Fault::new(format!("{name}: it cannot be read")).hint(super::look_at(file)),
        );
    }
    let keyring = &session.gathered.keyring;
    let member = session.pack.policy.roster().named(name);
    let theirs = member.into_iter().flat_map(|member| &member.fingerprints);
    let alive = |info: &CertInfo| info.revoked.is_none();
    let newest = theirs.filter_map(|key| keyring.info(key, &policy)).filter(alive);
    let named = || name.parse().ok().and_then(|key| keyring.info(&key, &policy));
    let unknown = || {
        let shown = secpack_pack::escape(name);
        Fault::new(format!("{shown} is no file, no member and no fingerprint of the pack"))
            .hint("secpack keys list")
    };
    let info = newest.max_by_key(|info| info.created).or_else(named).ok_or_else(unknown)?;
    let copies = places::copies(session, &info.fingerprint)?;
    let armored = keyring.export(&info.fingerprint).ok_or_else(unknown)?;
    Ok(Subject { info, armored, path: copies.first().map(|copy| copy.path.clone()) })
}

/// Takes in an answer: certifications by the pinned root, and nothing else.
fn take(global: &Global, arguments: &CertifyArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let file = Path::new(&arguments.certificate);
    let bytes = keys::read(file)?;
    let key = only_one(file, &bytes)?;
    let copies = match &arguments.into {
        Some(into) => vec![outside(into, &key)?],
        None => places::copies(&session, &key)?,
    };
    let path = copies.first().map(|copy| &copy.path).filter(|_| arguments.into.is_none());
    let (id, root) = places::root_for(&session, arguments.root.as_ref(), path)?;
    let by = (&session.gathered.keyring, &root);
    let words = format!("certifications by {id}");
    let kind = (&NewsKind::Certification, words.as_str());
    let packets = places::only(&copies, (file, &bytes), kind, &key, Some(by))?;
    must_count(&session, file, &bytes, (&key, &root))?;
    if packets.is_empty() {
        output::line(format!("known: {id} certifies {key} already"));
        return Ok(Exit::Good);
    }
    let changes = places::into_copies(&copies, &key, &packets)?;
    make_changes(&changes)?;
    let written = changes.iter().filter_map(|change| match change {
        Change::Replace(path, _) => Some(path),
        Change::New(..) | Change::Remove(_) => None,
    });
    written.for_each(|path| output::line(format!("certified by {id}: {}", path.display())));
    if arguments.into.is_none() {
        next::commit(&copies, &format!("{id} certifies {key}"));
    }
    Ok(Exit::Good)
}

/// A certificate that is not in the pack yet.
fn outside(path: &Path, key: &Fingerprint) -> Result<Copy, Fault> {
    let bytes = keys::read(path)?;
    let found = only_one(path, &bytes)?;
    if found != *key {
        return Err(Fault::refused(format!("{} holds {found}, not {key}", path.display()))
            .adding("the request was made from another certificate")
            .hint(super::look_at(path)));
    }
    Ok(Copy { path: "-".parse()?, file: path.to_owned(), bytes })
}

/// Whether a reader would count it: not every certification that verifies is one that counts.
fn must_count(
    session: &Session,
    file: &Path,
    answer: &[u8],
    (key, root): (&Fingerprint, &Fingerprint),
) -> Result<(), Fault> {
    let root_cert = session.gathered.keyring.export(root).unwrap_or_default();
    let alone = Keyring::gather([("answer", answer), ("root", root_cert.as_bytes())]);
    let dated = DatedPolicy::new(&session.pack.policy, session.now);
    alone.certification(key, root, &dated).map(drop).map_err(|verdict| {
        Fault::refused(format!("{}: {}", file.display(), verdict.detail))
            .adding("it must be certified by that root, with SHA-256 or better, and exportable")
            .hint(format!("gpg --list-packets {}", super::word(file)))
    })
}
