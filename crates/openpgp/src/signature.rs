//! What is a signature at all: exactly one packet, of the type asked for, written canonically.

use crate::armor::{self, ArmorError};
use openpgp::packet::signature::subpacket::SubpacketValue;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::serialize::MarshalInto;
use openpgp::types::SignatureType;
use openpgp::{Packet, packet::Signature};
use secpack_pack::{Reason, Verdict};
use sequoia_openpgp as openpgp;

/// The label of a detached signature.
pub(crate) const LABEL: &str = "PGP SIGNATURE";

/// Largest signature file that is looked at, in bytes; real ones are below 1 KiB.
const CAP: usize = 64 * 1024;

/// What the signature is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureKind {
    /// Exact bytes, type 0x00.
    Binary,
    /// Text with canonical line ends, type 0x01; only inside clearsigned documents.
    Text,
}

/// One parsed signature, and why it is not canonical if it is not.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub(crate) signature: Signature,
    pub(crate) not_canonical: Option<String>,
}

/// Parses an armored detached signature.
///
/// # Errors
/// A verdict `malformed` or `wrong-type`.
pub fn parse(armored: &[u8], kind: SignatureKind) -> Result<Parsed, Verdict> {
    if armored.len() > CAP {
        return Err(malformed(format!("{} bytes is too large for a signature", armored.len())));
    }
    let (bytes, problem) =
        armor::decode(armored, LABEL).map_err(|e: ArmorError| malformed(e.to_string()))?;
    let signature = only_packet(&bytes)?;
    check_type(&signature, kind)?;
    let problem = problem.map(|p| p.to_string()).or_else(|| packet_problem(&signature, &bytes));
    Ok(Parsed { signature, not_canonical: problem })
}

fn malformed(detail: impl Into<String>) -> Verdict {
    Verdict::new(Reason::Malformed, detail)
}

/// The one packet, which must be a signature of version 4 or 6.
fn only_packet(bytes: &[u8]) -> Result<Signature, Verdict> {
    let not_parsed = |_| malformed("the packet cannot be parsed");
    let first = PacketParser::from_bytes(bytes).map_err(not_parsed)?;
    let PacketParserResult::Some(parser) = first else {
        return Err(malformed("it holds no packet"));
    };
    let (packet, rest) = parser.next().map_err(not_parsed)?;
    if let PacketParserResult::Some(_) = rest {
        return Err(malformed("it holds more than one packet"));
    }
    match packet {
        Packet::Signature(signature) if matches!(signature.version(), 4 | 6) => Ok(signature),
        Packet::Signature(signature) => {
            Err(malformed(format!("it is a version {} signature", signature.version())))
        }
        other => Err(malformed(format!("it holds a {} packet, not a signature", other.tag()))),
    }
}

fn check_type(signature: &Signature, kind: SignatureKind) -> Result<(), Verdict> {
    let wanted = match kind {
        SignatureKind::Binary => SignatureType::Binary,
        SignatureKind::Text => SignatureType::Text,
    };
    if signature.typ() == wanted {
        return Ok(());
    }
    let code = u8::from(signature.typ());
    Err(Verdict::new(
        Reason::WrongType,
        format!("it is a signature of type 0x{code:02x}, not 0x{:02x}", u8::from(wanted)),
    ))
}

/// Parse, write again, compare: the body must come out the same, behind a minimal header.
fn packet_problem(signature: &Signature, bytes: &[u8]) -> Option<String> {
    let body = signature.to_vec().ok()?;
    let headers = [old_header(body.len()), new_header(body.len())];
    let written_so = |header: &Vec<u8>| {
        bytes.len() == header.len() + body.len()
            && bytes.starts_with(header)
            && bytes.ends_with(&body)
    };
    if !headers.iter().any(written_so) {
        return Some("the packet is not written the canonical way".to_owned());
    }
    unhashed_problem(signature)
}

/// Nothing signs the unhashed area: it may name the issuer, each way once, and nothing else.
fn unhashed_problem(signature: &Signature) -> Option<String> {
    let mut plain = Vec::new();
    let mut seen = Vec::new();
    for subpacket in signature.unhashed_area().iter() {
        let value = match subpacket.value() {
            SubpacketValue::Issuer(id) => id.as_bytes().to_vec(),
            SubpacketValue::IssuerFingerprint(fingerprint) => {
                [&[signature.version()], fingerprint.as_bytes()].concat()
            }
            _ => return Some(format!("an unsigned subpacket ({}) was added", subpacket.tag())),
        };
        if seen.contains(&subpacket.tag()) {
            return Some(format!("an unsigned subpacket ({}) was doubled", subpacket.tag()));
        }
        seen.push(subpacket.tag());
        plain.extend([value.len() as u8 + 1, u8::from(subpacket.tag())]);
        plain.extend(value);
    }
    let written = signature.unhashed_area().to_vec().ok()?;
    (written != plain).then(|| "the unsigned area is not written the canonical way".to_owned())
}

/// Old packet format with the shortest length, as GnuPG writes it (RFC 9580, section 4.2.2).
fn old_header(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short) => vec![0x88, short],
        Err(_) => vec![0x89, (length >> 8) as u8, length as u8],
    }
}

/// New packet format with the shortest length (RFC 9580, section 4.2.1).
fn new_header(length: usize) -> Vec<u8> {
    match length {
        0..=191 => vec![0xc2, length as u8],
        _ => vec![0xc2, ((length - 192) >> 8) as u8 + 192, (length - 192) as u8],
    }
}
