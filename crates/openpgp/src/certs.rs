//! Certificates out of one block, after a look at how many parts it has.
//!
//! Sequoia keeps every user id and subkey of a certificate in memory while it reads it, at more than
//! a thousand bytes each. Whoever can write to a key file can put tens of thousands into it.

use openpgp::Packet;
use openpgp::cert::{Cert, CertParser};
use openpgp::packet::Tag;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp as openpgp;

/// Most keys, user ids and whatever else is no signature that a block may hold, together. The
/// largest of real packs has fewer than a hundred.
const MAX_PARTS: usize = 1000;

/// Most of them in all blocks of a file that were not read before.
pub(crate) const MAX_PARTS_OF_FILE: usize = 4000;

/// Most user ids and subkeys that are kept of those that the key never signed.
const MAX_OTHERS: usize = 10;

/// The certificates of a block, each read or with the reason why not. A block with too many parts
/// is one error.
pub(crate) fn read(block: &[u8]) -> Vec<openpgp::Result<Cert>> {
    if parts(block) > MAX_PARTS {
        let text = format!("it has more than {MAX_PARTS} keys, user ids and other parts");
        return vec![Err(openpgp::anyhow::Error::msg(text))];
    }
    match CertParser::from_bytes(block) {
        Ok(certs) => certs.collect(),
        Err(error) => vec![Err(error)],
    }
}

/// The certificate with few of the user ids and subkeys that its own key never signed, and without
/// parts of an unknown kind. Anybody can put them there, and they decide nothing; but merged block
/// after block, the time for everything grows by the square of their number. Some stay, so that
/// whoever looks at the keys is told of them.
pub(crate) fn pruned(cert: Cert) -> Cert {
    let cert = without_unknown(cert);
    let mut others = 0;
    let mut stays = |is_its_own: bool| {
        others += usize::from(!is_its_own);
        is_its_own || others <= MAX_OTHERS
    };
    let cert = cert.retain_userids(|user| {
        stays(user.self_signatures().next().or(user.self_revocations().next()).is_some())
    });
    let cert = cert.retain_user_attributes(|user| stays(user.self_signatures().next().is_some()));
    cert.retain_subkeys(|key| {
        stays(key.self_signatures().next().or(key.self_revocations().next()).is_some())
    })
}

/// Without the parts whose kind is not known, and without the signatures over them.
fn without_unknown(cert: Cert) -> Cert {
    if cert.unknowns().next().is_none() {
        return cert;
    }
    let mut is_over_unknown = false;
    let known = cert.clone().into_packets().filter(|packet| {
        match packet {
            Packet::Signature(_) => {}
            other => is_over_unknown = matches!(other, Packet::Unknown(_)),
        }
        !is_over_unknown
    });
    Cert::from_packets(known).unwrap_or(cert)
}

/// How many packets of a block are no signatures; one more than a block may hold is enough to know.
/// What cannot be parsed any further is left to the parser of certificates, which says why.
pub(crate) fn parts(block: &[u8]) -> usize {
    let mut parts = 0;
    let mut next = PacketParser::from_bytes(block);
    while let Ok(PacketParserResult::Some(parser)) = next {
        // Also one of a kind that is not known: it is kept in memory like any other.
        parts += usize::from(parser.packet.tag() != Tag::Signature);
        if parts > MAX_PARTS {
            break;
        }
        next = parser.next().map(|(_, rest)| rest);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use openpgp::cert::CertBuilder;
    use openpgp::packet::UserID;
    use openpgp::serialize::SerializeInto;

    #[test]
    fn parts_are_counted() {
        let (cert, _) = CertBuilder::general_purpose(Some("Ann")).generate().unwrap();
        let bytes = cert.to_vec().unwrap();
        let own = cert.userids().count() + cert.keys().count();
        let check = |more: usize, read_well: bool| {
            let ids = (0..more).map(|n| Packet::from(UserID::from(n.to_string())));
            let more: Vec<u8> = ids.flat_map(|id| id.to_vec().unwrap()).collect();
            let certs = read(&[bytes.clone(), more].concat());
            assert_eq!(certs.len(), 1);
            assert_eq!(certs[0].is_ok(), read_well);
        };
        check(0, true);
        check(MAX_PARTS - own, true);
        check(MAX_PARTS - own + 1, false);
    }

    #[test]
    fn few_user_ids_of_others_stay_and_all_of_the_key() {
        let own: Vec<String> = (0..20).map(|n| format!("Ann {n}")).collect();
        let builder = own.iter().fold(CertBuilder::new(), |b, name| b.add_userid(&**name));
        let (cert, _) = builder.generate().unwrap();
        let planted = (0..30).map(|n| Packet::from(UserID::from(format!("Eve {n}"))));
        let (flooded, _) = cert.clone().insert_packets(planted).unwrap();
        let left = pruned(flooded);
        assert_eq!(left.userids().count(), own.len() + MAX_OTHERS);
        let is_there =
            |name: &String| left.userids().any(|u| u.userid().value() == name.as_bytes());
        assert!(own.iter().all(is_there));
        assert_eq!(pruned(cert.clone()), cert);
    }

    /// A packet of a private kind (RFC 9580, 5.): tag 62, four octets.
    fn unknown(n: u32) -> Vec<u8> {
        [&[0xfe, 4][..], &n.to_be_bytes()].concat()
    }

    #[test]
    fn parts_of_an_unknown_kind_are_counted_and_go() {
        let (cert, _) = CertBuilder::general_purpose(Some("Ann")).generate().unwrap();
        let with = |count: u32| {
            let more: Vec<u8> = (0..count).flat_map(unknown).collect();
            read(&[cert.to_vec().unwrap(), more].concat()).remove(0)
        };
        assert!(with(1000).is_err());
        let flooded = with(50).unwrap();
        assert_eq!(flooded.unknowns().count(), 50);
        assert_eq!(pruned(flooded), cert);
    }

    #[test]
    fn few_subkeys_that_the_key_never_signed_stay() {
        let (cert, _) = CertBuilder::general_purpose(Some("Ann")).generate().unwrap();
        let own = cert.keys().subkeys().count();
        let planted = (0..30).map(|_| {
            let (other, _) = CertBuilder::new().generate().unwrap();
            let key = other.primary_key().key().clone().role_into_subordinate();
            Packet::from(key)
        });
        let (flooded, _) = cert.clone().insert_packets(planted).unwrap();
        assert_eq!(pruned(flooded).keys().subkeys().count(), own + MAX_OTHERS);
    }

    #[test]
    fn what_is_no_certificate_says_why() {
        assert!(read(b"").is_empty() || read(b"")[0].is_err());
        assert!(read(b"no certificate")[0].is_err());
    }
}
