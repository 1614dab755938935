//! What a copy of a certificate that somebody brings has and ours has not: only what was asked for
//! is taken in.

use crate::splice::{self, Class, Component, Raw};
use crate::unlock::{one_block, one_cert};
use crate::{KeyError, Keyring, armor, repair};
use openpgp::Packet;
use openpgp::cert::Cert;
use openpgp::packet::{Key, Signature, UserID, key};
use openpgp::parse::Parse;
use openpgp::types::SignatureType;
use secpack_pack::Fingerprint;
use sequoia_openpgp as openpgp;

/// One thing that is new in a copy of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What it is.
    pub kind: NewsKind,
    /// The primary key, the component that it speaks of, and it, as packets for
    /// [`splice`](crate::splice).
    pub packets: Vec<u8>,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewsKind {
    /// A certification of a user id by the root.
    Certification,
    /// A self-signature of the owner over what is known already.
    SelfSignature,
    /// A revocation of the whole key by its owner.
    Revocation,
    /// Something else, in one line for people.
    Other(String),
}

/// What `theirs` has and `ours` has not. Both are key files; `theirs` holds one certificate.
///
/// # Errors
/// [`KeyError::Certificate`] when `theirs` is not one certificate, and [`KeyError::OtherKey`] when
/// it is that of another key.
pub fn news(
    ours: &[u8],
    theirs: &[u8],
    primary: &Fingerprint,
    root: Option<(&Keyring, &Fingerprint)>,
) -> Result<Vec<News>, KeyError> {
    let unusable = |text: &str| KeyError::Certificate(text.to_owned());
    let block = one_block(theirs)?;
    let cert = one_cert(block)?;
    let found = crate::unlock::fingerprint_of(&cert)?;
    if &found != primary {
        return Err(KeyError::OtherKey { wanted: primary.clone(), found });
    }
    let ours_data = data(ours);
    let known: Vec<Vec<Component<'_>>> =
        ours_data.iter().filter_map(|data| splice::certificates(data)).flatten().collect();
    let known: Vec<Component<'_>> =
        known.into_iter().filter(|c| splice::is_of(c, primary)).flatten().collect();
    let theirs = repair::data(block).ok_or_else(|| unusable("its armor is damaged"))?;
    let theirs = splice::certificates(&theirs).ok_or_else(|| unusable("it is damaged"))?;
    let root = root.and_then(|(keyring, root)| keyring.certs.get(root));
    let judge = Judge { cert: &cert, root };
    let mut found = Vec::new();
    for component in theirs.iter().flatten() {
        found.extend(judge.of_component(&known, component, &theirs[0][0].head));
    }
    Ok(found)
}

fn data(file: &[u8]) -> Vec<Vec<u8>> {
    armor::blocks(file).into_iter().filter_map(repair::data).collect()
}

struct Judge<'a> {
    cert: &'a Cert,
    root: Option<&'a Cert>,
}

impl Judge<'_> {
    fn of_component(
        &self,
        known: &[Component<'_>],
        component: &Component<'_>,
        primary: &Raw<'_>,
    ) -> Vec<News> {
        let other = |text: String| News { kind: NewsKind::Other(text), packets: Vec::new() };
        if matches!(component.head.tag, 5 | 7) {
            return vec![other("a secret key".to_owned())];
        }
        let same: Vec<&Component<'_>> = known.iter().filter(|k| k.is(component)).collect();
        if same.is_empty() {
            return vec![other(describe(component))];
        }
        let is_known =
            |raw: &&Raw<'_>| same.iter().all(|s| s.rest.iter().all(|r| r.body != raw.body));
        let head = (component.head.class() != Some(Class::Primary)).then_some(component.head.whole);
        let news = component.rest.iter().filter(is_known);
        news.map(|raw| News {
            kind: self.kind(component, raw),
            packets: [primary.whole, head.unwrap_or_default(), raw.whole].concat(),
        })
        .collect()
    }

    fn kind(&self, component: &Component<'_>, raw: &Raw<'_>) -> NewsKind {
        let place = describe(component);
        let Ok(Packet::Signature(signature)) = Packet::from_bytes(raw.whole) else {
            return NewsKind::Other(format!("a packet of type {} behind {place}", raw.tag));
        };
        let primary = self.cert.primary_key().key();
        if self.is_self_signature(&signature, component) {
            return NewsKind::SelfSignature;
        }
        if component.head.class() == Some(Class::Primary)
            && signature.verify_primary_key_revocation(primary, primary).is_ok()
        {
            return NewsKind::Revocation;
        }
        let by_root = self.root.is_some_and(|root| {
            let user = UserID::from(component.head.body);
            component.head.tag == 13
                && is_certification(&signature)
                && signature.verify_userid_binding(root.primary_key().key(), primary, &user).is_ok()
        });
        if by_root {
            return NewsKind::Certification;
        }
        NewsKind::Other(format!("a signature of type {} over {place}", signature.typ()))
    }

    fn is_self_signature(&self, signature: &Signature, component: &Component<'_>) -> bool {
        let primary = self.cert.primary_key().key();
        match component.head.class() {
            Some(Class::Primary) => signature.verify_direct_key(primary, primary).is_ok(),
            Some(Class::User) => {
                let user = UserID::from(component.head.body);
                component.head.tag == 13
                    && is_certification(signature)
                    && signature.verify_userid_binding(primary, primary, &user).is_ok()
            }
            Some(Class::Subkey) => subkey(component)
                .is_some_and(|key| signature.verify_subkey_binding(primary, primary, &key).is_ok()),
            None => false,
        }
    }
}

fn is_certification(signature: &Signature) -> bool {
    matches!(
        signature.typ(),
        SignatureType::GenericCertification
            | SignatureType::PersonaCertification
            | SignatureType::CasualCertification
            | SignatureType::PositiveCertification
    )
}

fn subkey(component: &Component<'_>) -> Option<Key<key::PublicParts, key::SubordinateRole>> {
    match Packet::from_bytes(component.head.whole).ok()? {
        Packet::PublicSubkey(key) => Some(key),
        _ => None,
    }
}

fn describe(component: &Component<'_>) -> String {
    match component.head.class() {
        Some(Class::Primary) => "the primary key".to_owned(),
        Some(Class::User) if component.head.tag == 13 => {
            let text = String::from_utf8_lossy(component.head.body);
            format!("the user id \"{}\"", secpack_pack::escape(&text))
        }
        Some(Class::User) => "a user attribute".to_owned(),
        Some(Class::Subkey) => "a subkey".to_owned(),
        None => "an unknown part".to_owned(),
    }
}
