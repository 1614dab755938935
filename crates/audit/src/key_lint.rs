//! Rules that look ahead at the keys of a pack: what is about to end, and what other programs or
//! later readers will stumble over. Whether signatures count is judged elsewhere.

mod certificates;
mod files;

use crate::Gathered;
use chrono::{DateTime, Utc};
use secpack_openpgp::{Authority, CertFacts, CertInfo, FileFacts, facts};
use secpack_pack::policy::Signers;
use secpack_pack::{Finding, Fingerprint, KeyFile, Level, Pack};

/// What every rule may ask.
struct KeyLint<'a> {
    pack: &'a Pack,
    /// Certificates as history knows them.
    gathered: &'a Gathered,
    authority: &'a Authority<'a>,
    now: DateTime<Utc>,
    days: u32,
    /// Certificates as the files on disk have them.
    certificates: Vec<CertFacts>,
}

/// One key file, read.
struct File<'a> {
    key_file: &'a KeyFile,
    bytes: &'a [u8],
    facts: FileFacts,
}

/// One certificate in one file.
struct Subject<'a> {
    lint: &'a KeyLint<'a>,
    file: &'a File<'a>,
    cert: &'a CertFacts,
}

/// A rule about a whole file, or about one certificate that is in use.
enum Rule {
    File(fn(&KeyLint<'_>, &File<'_>) -> Vec<Finding>),
    Certificate(fn(&Subject<'_>) -> Vec<Finding>),
}

/// Every rule with its name; each has a section in docs/verdicts.md.
const RULES: [(&str, Rule); 13] = [
    ("secret-key", Rule::File(files::secret_key)),
    ("no-certificate", Rule::File(files::no_certificate)),
    ("several-blocks", Rule::File(files::several_blocks)),
    ("bare-revocation", Rule::File(files::bare_revocation)),
    ("lost-certification", Rule::File(files::lost_certification)),
    ("weak-certification", Rule::Certificate(certificates::weak_certification)),
    ("weak-self-signature", Rule::Certificate(certificates::weak_self_signature)),
    ("weak-key", Rule::Certificate(certificates::weak_key)),
    ("no-back-signature", Rule::Certificate(certificates::no_back_signature)),
    ("user-id", Rule::Certificate(certificates::user_id)),
    ("user-id-taken", Rule::File(files::user_id_taken)),
    ("key-ends", Rule::Certificate(certificates::key_ends)),
    ("key-unusable", Rule::Certificate(certificates::key_unusable)),
];

/// How far the rules look ahead.
pub struct Outlook {
    /// The time taken for now.
    pub now: DateTime<Utc>,
    /// Keys that end within so many days are named.
    pub days: u32,
}

/// The names of all rules, in their order.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}

/// What the rules find in the key files of a pack, by path and then by rule.
pub fn key_lint(
    pack: &Pack,
    gathered: &Gathered,
    authority: &Authority<'_>,
    outlook: &Outlook,
) -> Vec<Finding> {
    let files: Vec<File<'_>> = pack.keys.values().filter_map(read).collect();
    let certificates = files.iter().flat_map(|file| file.facts.certificates.clone()).collect();
    let Outlook { now, days } = *outlook;
    KeyLint { pack, gathered, authority, now, days, certificates }.findings(&files)
}

impl KeyLint<'_> {
    fn findings(&self, files: &[File<'_>]) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        for (_, rule) in &RULES {
            found.extend(files.iter().flat_map(|file| self.apply(rule, file)));
        }
        found.sort_by(|a, b| (&a.path, &a.rule, &a.text).cmp(&(&b.path, &b.rule, &b.text)));
        found.dedup();
        for finding in &mut found {
            finding.accepted = self.pack.policy.accepts(&finding.id).is_some();
        }
        found
    }

    /// Every certificate of the files on disk.
    fn certificates(&self) -> impl Iterator<Item = &CertFacts> {
        self.certificates.iter()
    }

    /// The member or root whose key it is.
    fn owner(&self, key: &Fingerprint) -> Option<String> {
        let policy = &self.pack.policy;
        let root = policy.roots().iter().find(|root| &root.fingerprint == key);
        let member = policy.roster().owner_of(key).map(|member| member.id.to_string());
        member.or(root.map(|root| root.id.to_string()))
    }

    fn info(&self, key: &Fingerprint) -> Option<CertInfo> {
        self.gathered.keyring.info(key, &self.authority.policy)
    }

    fn is_revoked(&self, key: &Fingerprint) -> bool {
        self.info(key).is_some_and(|info| info.revoked.is_some())
    }

    fn ends(&self, key: &Fingerprint) -> Option<DateTime<Utc>> {
        self.info(key)?.expires
    }

    fn apply(&self, rule: &Rule, file: &File<'_>) -> Vec<Finding> {
        match rule {
            Rule::File(rule) => rule(self, file),
            Rule::Certificate(rule) => {
                let used = |cert: &&CertFacts| self.is_in_use(&cert.fingerprint);
                let certificates = file.facts.certificates.iter().filter(used);
                certificates.flat_map(|cert| rule(&Subject { lint: self, file, cert })).collect()
            }
        }
    }

    /// Keys of roots, of members who have a role today, and of groups that sign documents. What
    /// the others once signed is history, which no new certificate changes.
    fn is_in_use(&self, key: &Fingerprint) -> bool {
        let policy = &self.pack.policy;
        let today = self.now.date_naive();
        let is_root = policy.roots().iter().any(|root| &root.fingerprint == key);
        let signs = policy.roster().owner_of(key).is_some_and(|member| {
            let theirs = policy.roster().roles().iter().filter(|role| role.member == member.id);
            theirs.into_iter().any(|role| role.until.is_none_or(|until| today <= until))
        });
        let for_group = policy.requirements().iter().any(|r| match &r.signers {
            Signers::Group(group) => self.authority.is_in_group(key, group),
            Signers::All | Signers::Count(_) | Signers::Named(_) | Signers::Nobody => false,
        });
        is_root || signs || for_group
    }
}

fn read(key_file: &KeyFile) -> Option<File<'_>> {
    let bytes = key_file.bytes.as_deref()?;
    Some(File { key_file, bytes, facts: facts(bytes) })
}

/// A finding about a file; its id covers the file's bytes.
fn finding(rule: &str, level: Level, file: &File<'_>, text: String) -> Finding {
    let evidence: [&[u8]; 2] = [text.as_bytes(), file.bytes];
    Finding::new(rule, level, file.key_file.path.as_str(), &evidence, text.clone())
}
