//! `secpack keys extend`: a later end, in the secret key file and in the pack at once.

use super::generate::end;
use super::places::{self, Copy};
use super::{Failure, next, word};
use crate::arguments::{ExtendArgs, Global};
use crate::session::Session;
use crate::{Exit, Fault, keys, output, passphrase, terminal};
use chrono::{DateTime, Utc};
use secpack_openpgp::{
    Addition, Keyring, NewsKind, Term, certificate_of, extend, fingerprints_in, splice,
};
use secpack_pack::Fingerprint;
use secpack_signing::{Change, Readers, make_changes};
use std::path::Path;

pub fn run(global: &Global, arguments: &ExtendArgs) -> Result<Exit, Fault> {
    match (&arguments.key, arguments.expires, &arguments.from) {
        (Some(key), Some(expires), None) => {
            let now = terminal::now(global.now);
            let term = Term { made: now, until: end(expires, now)? };
            match &arguments.out {
                Some(out) => apart(key, term, out),
                None => in_pack(global, key, term),
            }
        }
        (None, None, Some(from)) => take(global, from),
        _ => {
            Err(Fault::new("it is not said which key ends when").hint("secpack keys extend --help"))
        }
    }
}

fn made(key: &Path, secret: &[u8], known: &Keyring, term: Term) -> Result<Addition, Fault> {
    let ask = |key: &Fingerprint| passphrase::ask(key).map_err(Failure::Asked);
    extend::<Failure>(secret, known, term, ask).map_err(|failure| failure.about(key))
}

/// The secret key file with the new self-signatures: signing looks there too.
fn in_secret(key: &Path, secret: &[u8], addition: &Addition) -> Result<Vec<u8>, Fault> {
    splice(secret, &addition.fingerprint, &addition.packets)
        .map_err(|error| Fault::inside(key, error))
}

/// Without a pack: the secret key file, and the certificate as a file of its own.
fn apart(key: &Path, term: Term, out: &Path) -> Result<Exit, Fault> {
    let secret = keys::read(key)?;
    let addition = made(key, &secret, &Keyring::default(), term)?;
    let new = in_secret(key, &secret, &addition)?;
    let certificate = certificate_of(&new).map_err(|e| super::about(key, &e))?;
    make_changes(&[
        Change::New(out.to_owned(), certificate.into_bytes(), Readers::Everybody),
        Change::Replace(key.to_owned(), new),
    ])?;
    say(&addition.fingerprint, term.until);
    output::line(format!("wrote {}", out.display()));
    output::note("In the pack:");
    output::hint(&format!("secpack keys extend --from {}", word(out)));
    Ok(Exit::Good)
}

fn in_pack(global: &Global, key: &Path, term: Term) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let secret = keys::read(key)?;
    let primary =
        secpack_openpgp::secret_fingerprint(&secret).map_err(|e| super::about(key, &e))?;
    let copies = places::copies(&session, &primary)?;
    if let Some(leak) = copies.iter().find(|copy| crate::fault::is_secret(&copy.bytes)) {
        let text = format!("{} holds a secret key, which must not be in the pack", leak.path);
        return Err(Fault::refused(text)
            .hint(secpack_release::out_of_pack(&session.repository, &leak.path)));
    }
    let addition = made(key, &secret, &session.gathered.keyring, term)?;
    let mut changes = places::into_copies(&copies, &primary, &addition.packets)?;
    changes.push(Change::Replace(key.to_owned(), in_secret(key, &secret, &addition)?));
    make_changes(&changes)?;
    say(&primary, term.until);
    done(&copies, &primary);
    Ok(Exit::Good)
}

fn say(primary: &Fingerprint, until: Option<DateTime<Utc>>) {
    let until =
        until.map_or("for ever".to_owned(), |until| format!("until {}", until.date_naive()));
    output::line(format!("extended: {primary} {until}"));
}

fn done(copies: &[Copy], primary: &Fingerprint) {
    copies.iter().for_each(|copy| output::line(format!("wrote {}", copy.path)));
    next::commit(copies, &format!("Extend {primary}"));
}

/// Takes in self-signatures that were made elsewhere, such as by gpg.
fn take(global: &Global, from: &Path) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let bytes = keys::read(from)?;
    if crate::fault::is_secret(&bytes) {
        let text = format!("{} is a secret key, and only its certificate is taken", from.display());
        return Err(Fault::refused(text)
            .adding("with the secret key at hand, both are extended:")
            .hint(format!("secpack keys extend --key {} --expires 2y", word(from))));
    }
    let key = match fingerprints_in(&bytes).as_slice() {
        [one] => one.clone(),
        _ => {
            return Err(Fault::new(format!("{} is not one certificate", from.display()))
                .hint(super::look_at(from)));
        }
    };
    let copies = places::copies(&session, &key)?;
    let kind = (&NewsKind::SelfSignature, "new self-signatures");
    let packets = places::only(&copies, (from, &bytes), kind, &key, None)?;
    if packets.is_empty() {
        output::line(format!("known: nothing in {} is new", from.display()));
        return Ok(Exit::Good);
    }
    make_changes(&places::into_copies(&copies, &key, &packets)?)?;
    let session = Session::open(global)?;
    let info = session.gathered.keyring.info(&key, &session.authority().policy);
    say(&key, info.and_then(|info| info.expires));
    done(&copies, &key);
    Ok(Exit::Good)
}
