//! What comes next after keys or policy changed: who commits, who signs.

use super::places::Copy;
use crate::arguments::Global;
use crate::session::{POLICY_FILE, Session, parse_policy};
use crate::{Fault, fault::OrHint, output};
use secpack_pack::policy::Need;
use secpack_pack::{Content, PackPath, Policy};
use std::path::{Path, PathBuf};

/// Shows the policy as it is committed.
const COMMITTED: &str = "git show HEAD:secpack.toml";

/// Key files are signed by nobody, so they only have to be committed.
pub fn commit(copies: &[Copy], message: &str) {
    // What else is staged is not committed with them.
    let command = secpack_release::commit_by_git(copies.iter().map(|copy| &copy.path), message);
    command.iter().for_each(|command| output::hint(command));
}

/// The policy that is changed: the one that was named, else the pack's own.
pub fn policy_file(global: &Global, session: &Session) -> PathBuf {
    global.policy.clone().unwrap_or_else(|| session.root().join(POLICY_FILE))
}

/// Its text.
///
/// # Errors
/// Names the file.
pub fn policy_text(file: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(file).map_err(|e| Fault::at(file, e))
}

/// The policy before the one on disk: what is committed, else what lies there.
///
/// # Errors
/// When the repository cannot be read.
pub fn policy_before(session: &Session) -> Result<Policy, Fault> {
    let path: PackPath = POLICY_FILE.parse()?;
    let repository = &session.repository;
    let committed = match repository.head()? {
        Some(head) => repository.blob_at(head, &path)?,
        None => None,
    };
    let Some(committed) = committed else { return Ok(session.pack.policy.clone()) };
    let Content::Bytes(bytes) = repository.read_blob(committed)? else {
        return Ok(session.pack.policy.clone());
    };
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Fault::new(format!("{POLICY_FILE}: the committed one is not UTF-8")))
        .or_hint(COMMITTED)?;
    parse_policy(text, POLICY_FILE, COMMITTED)
}

/// Who must sign the new policy, by the policy before it.
///
/// # Errors
/// When a path cannot be read.
pub fn who_signs(session: &Session, before: &Policy) -> Result<Option<Need>, Fault> {
    let path: PackPath = POLICY_FILE.parse()?;
    let id = before.identify(&path);
    Ok(id.map(|id| before.need(&id, Some(session.now.date_naive()))))
}

/// Says who must sign the new policy before it counts, and what each of them types.
pub fn sign_policy(global: &Global, session: &Session, need: Option<&Need>, add: &str) {
    let of_pack = std::fs::canonicalize(session.root().join(POLICY_FILE)).ok();
    let is_own = |own: &&PathBuf| std::fs::canonicalize(own).ok() != of_pack;
    if let Some(own) = global.policy.as_ref().filter(is_own) {
        output::note(&format!("{} is your own; nobody signs it.", own.display()));
        return;
    }
    let sign = |member: &str| format!("secpack sign {POLICY_FILE} --as {member} --key FILE");
    match need {
        Some(Need::Each(members)) => {
            output::note("The new policy counts when each of these has signed it:");
            members.iter().for_each(|member| output::hint(&sign(member.as_str())));
        }
        Some(Need::AtLeast { count, of }) => {
            output::note(&format!("The new policy counts when {count} of these have signed it:"));
            of.iter().for_each(|member| output::hint(&sign(member.as_str())));
        }
        Some(Need::Group(_) | Need::Nobody(_)) | None => {
            output::note("The policy before asks for no member's signature on this one.");
        }
    }
    output::note("Then commit policy, signatures and keys together:");
    let gap = if add.is_empty() { "" } else { " " };
    output::hint(&format!("git add {add}{gap}{POLICY_FILE}* && git commit"));
}
