//! A request for a certification: what a person on an offline machine reads, and the certificate.
//!
//! The text stands before the armor, where every OpenPGP program passes over it. So the offline
//! machine needs this program or stock gpg, whichever it has.

use crate::Fault;
use chrono::{DateTime, Utc};
use secpack_openpgp::CertInfo;
use secpack_pack::{Fingerprint, RootId, escape};
use std::path::Path;

/// The first line of a request.
const SCHEMA: &str = "secpack/certify-request/1";

/// What a request asks for.
pub struct Request<'a> {
    /// The name of the pack.
    pub pack: &'a str,
    /// Who is asked.
    pub root: (&'a RootId, &'a Fingerprint),
    /// What is to be certified.
    pub info: &'a CertInfo,
    /// When it was asked.
    pub made: DateTime<Utc>,
}

/// The text of a request file.
pub fn write(request: &Request<'_>, certificate: &str) -> String {
    let (id, root) = request.root;
    let key = &request.info.fingerprint;
    let users: String =
        request.info.user_ids.iter().map(|user| format!("user id: {user}\n")).collect();
    format!(
        "{SCHEMA}\n\n\
         pack: {}\nroot: {id} {root}\nkey: {key}\n{users}made: {}\n\n\
         On the machine that has the key of {id}: compare the fingerprint of the key\n\n  {}\n\n\
         with one that its owner read to you. Then, with this file and a name for the answer:\n\n\
         \x20 secpack keys certify REQUEST --key {id}.key --out ANSWER\n\nor\n\n\
         \x20 gpg --import REQUEST\n\
         \x20 gpg --local-user {root} --quick-sign-key {key}\n\
         \x20 gpg --armor --export {key} > ANSWER\n\n\
         Back in the pack: secpack keys certify ANSWER --answer\n\n{certificate}",
        escape(request.pack),
        request.made.format("%Y-%m-%d"),
        key.spaced(),
    )
}

/// Refuses a request whose words and certificate disagree, or that asks another root. A file that
/// is no request says nothing and is not refused.
///
/// # Errors
/// Names the file.
pub fn check(
    file: &Path,
    bytes: &[u8],
    key: &Fingerprint,
    root: &Fingerprint,
) -> Result<(), Fault> {
    let text = String::from_utf8_lossy(bytes);
    if text.lines().next() != Some(SCHEMA) {
        return Ok(());
    }
    let words = |name: &str| {
        let mut lines = text.lines().take_while(|line| !line.starts_with("-----BEGIN"));
        let line = lines.find_map(|line| line.strip_prefix(name))?;
        line.rsplit(' ').next()?.parse::<Fingerprint>().ok()
    };
    let refused = |text: String| Fault::refused(format!("{}: {text}", file.display()));
    match (words("key:"), words("root:")) {
        (Some(named), Some(asked)) if named == *key && asked == *root => Ok(()),
        (Some(named), Some(_)) if named != *key => {
            Err(refused(format!("it speaks of {named} and holds {key}")).hint(super::head_of(file)))
        }
        (Some(_), Some(asked)) => {
            Err(refused(format!("it asks the root {asked}, not {root}")).hint(super::head_of(file)))
        }
        (None, _) | (_, None) => {
            Err(refused("it does not say which key and root it is about".to_owned())
                .hint(super::head_of(file)))
        }
    }
}
