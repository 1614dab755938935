//! What the reader brings from outside must be what the pack rests on.

use crate::report::AnchorReport;
use secpack_openpgp::Keyring;
use secpack_pack::{Finding, Fingerprint, Level, Policy};

pub(crate) fn report(policy: &Policy, anchor: &Fingerprint) -> AnchorReport {
    let root = policy.roots().iter().find(|root| &root.fingerprint == anchor);
    AnchorReport { fingerprint: anchor.clone(), root: root.map(|root| root.id.clone()) }
}

/// The anchor must be a root of the policy and a certificate of the pack.
pub(crate) fn findings(policy: &Policy, keyring: &Keyring, anchor: &AnchorReport) -> Vec<Finding> {
    let finding = |text: String| {
        Finding::new("anchor", Level::Error, "", &[anchor.fingerprint.as_str().as_bytes()], text)
            .with_help("compare the fingerprint with the one you got from elsewhere; do not trust this pack")
    };
    if anchor.root.is_none() {
        let known: Vec<String> = policy.roots().iter().map(|r| r.fingerprint.to_string()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return vec![finding(format!(
            "the anchor is not a root of this pack (its roots: {known})"
        ))];
    }
    if !keyring.contains(&anchor.fingerprint) {
        return vec![finding("the anchor's certificate is not in the pack".to_owned())];
    }
    Vec::new()
}
