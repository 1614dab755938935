//! Policies that accept more than any pack should: to see what a signature is, before somebody
//! decides what it counts.

use chrono::{DateTime, NaiveDate, Utc};
use secpack_openpgp::{DatedPolicy, Judged, Keyring, Over, Parsed, judge};
use secpack_pack::Policy;
use secpack_pack::policy::HashUse;
use std::sync::Arc;

/// Hashes that never count without a dated rule.
const WEAK: [&str; 4] = ["SHA1", "MD5", "RipeMD160", "SHA224"];

/// How far a lenient policy goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leniency {
    /// Weak self-signatures and certifications count up to this day.
    pub certificates: NaiveDate,
    /// Whether a self-signature that was refreshed since counts for older signatures.
    pub refreshed: &'static str,
}

impl Leniency {
    /// Accepts all that OpenPGP can make sense of.
    pub const ALL: Self = Self { certificates: NaiveDate::MAX, refreshed: "accept" };
    /// Takes no weak hash in certificates.
    pub const STRONG: Self = Self { certificates: NaiveDate::MIN, refreshed: "accept" };

    /// A policy with nothing in it but rules of validity.
    pub fn policy(self) -> Policy {
        let last = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day of the calendar");
        let first = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day of the calendar");
        let certificates = self.certificates.clamp(first, last);
        let rule = |algorithm: &str, uses: &str, until: NaiveDate| {
            format!(
                "[[hash]]\nalgorithm = \"{algorithm}\"\nuses = {uses}\nuntil = {until}\nreason = \"a look\"\n"
            )
        };
        let rules: String = WEAK
            .iter()
            .flat_map(|weak| {
                [
                    rule(weak, r#"["documents", "tags"]"#, last),
                    rule(weak, r#"["self-signatures", "certifications"]"#, certificates),
                ]
            })
            .collect();
        let text = format!(
            "schema = \"{}\"\nversion = 1\nname = \"a look\"\nseries = []\n\
             [validity]\nrefreshed_self_signatures = \"{}\"\n{rules}",
            secpack_pack::policy::SCHEMA,
            self.refreshed
        );
        Policy::parse(&text).expect("a policy made of constants")
    }
}

/// A signature and the bytes it is over, to be judged again under other policies.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub parsed: Parsed,
    pub bytes: Arc<[u8]>,
    pub used: HashUse,
}

impl Sample {
    pub fn judge(&self, keyring: &Keyring, policy: &Policy, now: DateTime<Utc>) -> Judged {
        let dated = DatedPolicy::new(policy, now);
        judge(keyring, &dated, &self.parsed, Over { bytes: &self.bytes, used: self.used })
    }
}
