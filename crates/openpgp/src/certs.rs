//! Certificates out of one block, after a look at how many parts it has.
//!
//! Sequoia keeps every user id and subkey of a certificate in memory while it reads it, at more than
//! a thousand bytes each. Whoever can write to a key file can put tens of thousands into it.

use openpgp::cert::{Cert, CertParser};
use openpgp::packet::Tag;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp as openpgp;

/// Most user ids, user attributes and subkeys that a block may hold, together. The largest of real
/// packs has fewer than a hundred.
const MAX_PARTS: usize = 1000;

/// Most user ids that are kept of those that the key never signed.
const MAX_OTHERS: usize = 10;

/// The certificates of a block, each read or with the reason why not. A block with too many parts
/// is one error.
pub(crate) fn read(block: &[u8]) -> Vec<openpgp::Result<Cert>> {
    if has_too_many_parts(block) {
        let text = format!("it has more than {MAX_PARTS} user ids and subkeys");
        return vec![Err(openpgp::anyhow::Error::msg(text))];
    }
    match CertParser::from_bytes(block) {
        Ok(certs) => certs.collect(),
        Err(error) => vec![Err(error)],
    }
}

/// The certificate with few of the user ids that its own key never signed. Anybody can put them
/// there, and they decide nothing; but merged block after block, the time for everything grows by
/// the square of their number. Some stay, so that whoever looks at the keys is told of them.
pub(crate) fn pruned(cert: Cert) -> Cert {
    let mut others = 0;
    let mut stays = |is_its_own: bool| {
        others += usize::from(!is_its_own);
        is_its_own || others <= MAX_OTHERS
    };
    let cert = cert.retain_userids(|user| {
        stays(user.self_signatures().next().or(user.self_revocations().next()).is_some())
    });
    cert.retain_user_attributes(|user| stays(user.self_signatures().next().is_some()))
}

/// What cannot be parsed any further is left to the parser of certificates, which says why.
fn has_too_many_parts(block: &[u8]) -> bool {
    let mut parts = 0;
    let mut next = PacketParser::from_bytes(block);
    while let Ok(PacketParserResult::Some(parser)) = next {
        parts += usize::from(is_part(parser.packet.tag()));
        if parts > MAX_PARTS {
            return true;
        }
        next = parser.next().map(|(_, rest)| rest);
    }
    false
}

fn is_part(tag: Tag) -> bool {
    [Tag::UserID, Tag::UserAttribute, Tag::PublicSubkey, Tag::SecretSubkey].contains(&tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use openpgp::Packet;
    use openpgp::cert::CertBuilder;
    use openpgp::packet::UserID;
    use openpgp::serialize::SerializeInto;

    #[test]
    fn parts_are_counted() {
        let (cert, _) = CertBuilder::general_purpose(Some("Ann")).generate().unwrap();
        let bytes = cert.to_vec().unwrap();
        let own = cert.userids().count() + cert.keys().subkeys().count();
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

    #[test]
    fn what_is_no_certificate_says_why() {
        assert!(read(b"").is_empty() || read(b"")[0].is_err());
        assert!(read(b"no certificate")[0].is_err());
    }
}
