//! `secpack keys revoke`: the end of a key, which nothing undoes.

use super::places::{self, Copy};
use super::{Failure, next, word};
use crate::arguments::{Global, RevokeArgs, RevokeReason};
use crate::session::Session;
use crate::{Exit, Fault, keys, output, passphrase, terminal};
use secpack_openpgp::{
    KeyError, Revocation, RevocationReason, read_revocation, revoke, secret_fingerprint, splice,
};
use secpack_pack::Fingerprint;
use secpack_signing::{Change, Readers, make_changes};
use std::path::Path;

pub fn run(global: &Global, arguments: &RevokeArgs) -> Result<Exit, Fault> {
    match (&arguments.key, arguments.reason, &arguments.from) {
        (Some(key), Some(reason), None) => with_key(global, arguments, key, theirs(reason)),
        (None, None, Some(from)) => with_file(global, arguments, from),
        _ => {
            Err(Fault::new("it is not said which key is revoked")
                .hint("secpack keys revoke --help"))
        }
    }
}

fn theirs(reason: RevokeReason) -> RevocationReason {
    match reason {
        RevokeReason::Compromised => RevocationReason::Compromised,
        RevokeReason::Superseded => RevocationReason::Superseded,
        RevokeReason::Retired => RevocationReason::Retired,
        RevokeReason::Unspecified => RevocationReason::Unspecified,
    }
}

fn with_key(
    global: &Global,
    arguments: &RevokeArgs,
    key: &Path,
    reason: RevocationReason,
) -> Result<Exit, Fault> {
    let text = &arguments.text;
    if secpack_pack::escape(text) != *text || text.len() > 500 {
        return Err(Fault::new("the text is one visible line of up to 500 bytes")
            .hint(terminal::typed().without("--yes").option("--text", "TEXT").to_string()));
    }
    let secret = keys::read(key)?;
    let primary = secret_fingerprint(&secret).map_err(|e| super::about(key, &e))?;
    let now = terminal::now(global.now);
    let make = || {
        let ask = |key: &Fingerprint| passphrase::ask(key).map_err(Failure::Asked);
        revoke::<Failure>(&secret, (reason, text), now, ask).map_err(|failure| failure.about(key))
    };
    if let Some(out) = &arguments.out {
        places::outside_packs(global, out)?;
        let revocation = make()?;
        let bytes = revocation.armored.into_bytes();
        make_changes(&[Change::New(out.clone(), bytes, Readers::Owner)])?;
        output::line(format!("wrote {}", out.display()));
        output::note("Nothing is revoked yet. Whoever has that file can revoke the key.");
        output::note(match reason.voids_the_past() {
            true => "It will void every signature that the key ever made:",
            false => "It will void every signature that the key makes from now on:",
        });
        output::note("To use it, in the pack:");
        output::hint(&format!("secpack keys revoke --from {}", word(out)));
        return Ok(Exit::Good);
    }
    let session = Session::open(global)?;
    let copies = places::copies(&session, &primary)?;
    let look = super::look_at(key);
    approve(&primary, reason.voids_the_past(), arguments, &look)?;
    let revocation = make()?;
    let mut changes = places::into_copies(&copies, &primary, &revocation.addition.packets)?;
    let new = splice(&secret, &primary, &revocation.addition.packets)
        .map_err(|error| Fault::inside(key, error))?;
    changes.push(Change::Replace(key.to_owned(), new));
    make_changes(&changes)?;
    output::line(format!("wrote {}", key.display()));
    done(&session, &copies, &revocation);
    Ok(Exit::Good)
}

/// Applies a revocation that was kept apart, or that stands outside of its certificate.
fn with_file(global: &Global, arguments: &RevokeArgs, from: &Path) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let bytes = keys::read(from)?;
    let revocation = read_revocation(&bytes, &session.gathered.keyring).map_err(|error| {
        let fault = match &error {
            KeyError::Certificate(_) => Fault::refused(format!("{}: {error}", from.display())),
            _ => super::about(from, &error),
        };
        let is_guarded = bytes.split(|b| *b == b'\n').any(|line| line.starts_with(b":-----BEGIN"));
        match is_guarded {
            true => fault.hint(format!("sed -i 's/^:-----BEGIN/-----BEGIN/' {}", word(from))),
            false => fault.hint("secpack keys list"),
        }
    })?;
    let primary = &revocation.addition.fingerprint;
    let copies = places::copies(&session, primary)?;
    let changes = places::into_copies(&copies, primary, &revocation.addition.packets)?;
    if changes.is_empty() {
        output::line(format!("known: {primary} is revoked so already"));
        return Ok(Exit::Good);
    }
    approve(primary, revocation.voids_the_past, arguments, "secpack keys list")?;
    make_changes(&changes)?;
    done(&session, &copies, &revocation);
    Ok(Exit::Good)
}

/// Nothing undoes it, so no hint has the digits: who types one has looked at the key.
fn approve(
    primary: &Fingerprint,
    past: bool,
    arguments: &RevokeArgs,
    look: &str,
) -> Result<(), Fault> {
    output::note(&format!("This revokes {}", primary.spaced()));
    output::note(match past {
        true => "  Every signature it ever made becomes void.",
        false => "  What it signed before stays good; what it signs from now on is void.",
    });
    output::note("  Nothing undoes it.");
    let typed = terminal::typed().without("--yes");
    let Some(given) = &arguments.yes else {
        terminal::must_be_attended(look).map_err(|fault| {
            fault.adding("a script says --yes and the first 16 digits of the key that is meant")
        })?;
        return match terminal::confirm("Revoke it?")? {
            true => Ok(()),
            false => Err(Fault::refused("nothing was revoked").hint(typed.to_string())),
        };
    };
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    if given.len() >= 16 && primary.as_str().starts_with(&given.to_ascii_uppercase()) {
        return Ok(());
    }
    Err(Fault::refused("--yes names another key, or fewer than 16 of its digits")
        .hint(typed.to_string()))
}

fn done(session: &Session, copies: &[Copy], revocation: &Revocation) {
    let primary = &revocation.addition.fingerprint;
    output::line(format!("revoked: {primary}"));
    copies.iter().for_each(|copy| output::line(format!("wrote {}", copy.path)));
    next::commit(copies, &format!("Revoke {primary}"));
    if let Some(member) = session.pack.policy.roster().owner_of(primary) {
        let id = &member.id;
        output::note(&format!("If {id} stays: a new key, certified by the root, then"));
        output::hint(&format!("secpack keys rotate {id} CERTIFICATE"));
        output::note(&format!("If {id} leaves:"));
        output::hint(&format!("secpack keys retire {id}"));
    }
    output::note("What is no longer good now:");
    output::hint("secpack verify");
}
