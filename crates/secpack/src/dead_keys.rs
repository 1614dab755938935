//! Keys that no new signature counts of: expired, revoked, not certified. Told before anybody is
//! asked to sign, with what helps.

use crate::arguments::SignerArgs;
use crate::session::Session;
use crate::terminal;
use crate::typed::quoted;
use secpack_pack::{Fingerprint, MemberId, Reason};
use std::path::Path;

/// What a clock is compared with is known to the person.
pub const CLOCK: &str = "date --utc";

/// Why a key signs nothing, and what to type.
pub struct Dead {
    /// In words.
    pub why: String,
    /// What helps.
    pub hint: String,
}

/// What is wrong with a key, by the pack.
pub fn of(
    session: &Session,
    arguments: &SignerArgs,
    member: &MemberId,
    key: &Fingerprint,
) -> Option<Dead> {
    let authority = session.authority();
    let info = session.gathered.keyring.info(key, &authority.policy)?;
    if info.created > session.now {
        let made = info.created.format("%F %R UTC");
        let why = format!(
            "the key {key} of {member} was made on {made}, and the clock says {}",
            session.now.format("%F %R UTC")
        );
        return Some(Dead { why, hint: CLOCK.to_owned() });
    }
    if let Some(revoked) = &info.revoked {
        let why = format!("the key {key} of {member} is revoked: {revoked}");
        let user = info.user_ids.first().map_or(member.as_str(), String::as_str);
        return Some(Dead { why, hint: new_key(session, member, user) });
    }
    if let Some(end) = info.expires.filter(|end| *end <= session.now) {
        let why = format!("the key {key} of {member} has expired on {}", end.format("%Y-%m-%d"));
        return Some(Dead { why, hint: extend(session, arguments, member, key) });
    }
    let verdict = authority.certified(key).err()?;
    let why = format!("the key {key} of {member} is {}: {}", verdict.reason, verdict.detail);
    let hint = match verdict.reason {
        Reason::UncertifiedKey => {
            let out = beside(session, &format!("{member}.request"));
            format!("secpack keys certify {member} --request --out {out}")
        }
        reason => format!("secpack explain {reason}"),
    };
    Some(Dead { why, hint })
}

/// The same of a member whose pinned keys are all dead.
pub fn of_member(session: &Session, arguments: &SignerArgs, member: &MemberId) -> Option<Dead> {
    let members = session.pack.policy.roster().members();
    let pinned = &members.iter().find(|known| &known.id == member)?.fingerprints;
    let mut dead: Vec<Option<Dead>> =
        pinned.iter().map(|key| of(session, arguments, member, key)).collect();
    if dead.iter().all(Option::is_some) { dead.pop().flatten() } else { None }
}

/// A key file is extended here; any other key where it is, by gpg, and taken in.
fn extend(
    session: &Session,
    arguments: &SignerArgs,
    member: &MemberId,
    key: &Fingerprint,
) -> String {
    if let Some(file) = &arguments.key {
        return extend_file(file);
    }
    let out = beside(session, &format!("{member}-extended.asc"));
    format!(
        "gpg --quick-set-expire {key} 2y && gpg --armor --output {out} --export {key} && \
         secpack keys extend --from {out}"
    )
}

/// Gives a key file a new end.
pub fn extend_file(file: &Path) -> String {
    let extend =
        format!("secpack keys extend --key {} --expires 2y", quoted(&file.display().to_string()));
    if terminal::is_in_repository() {
        return extend;
    }
    // On a machine without the pack its certificate is written, to be brought there.
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let out = file.with_file_name(format!("{stem}-extended.asc"));
    format!("{extend} --out {}", quoted(&out.display().to_string()))
}

/// Nothing makes a revoked key good again: another one takes its place.
fn new_key(session: &Session, member: &MemberId, user: &str) -> String {
    let year = session.now.format("%Y");
    let secret = beside(session, &format!("{member}-{year}.key"));
    let certificate = beside(session, &format!("{member}-{year}.asc"));
    let user = quoted(user);
    format!("secpack keys generate {user} --secret {secret} --certificate {certificate}")
}

/// A place outside of the pack.
fn beside(session: &Session, name: &str) -> String {
    let root = session.root();
    let folder = root.parent().unwrap_or(&root);
    quoted(&folder.join(name).display().to_string())
}
